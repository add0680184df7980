"""HY2xxx: buffers, views and arguments."""

from __future__ import annotations

CODES = {
    "HY2001": "A view would reach outside its buffer.",
    "HY2002": "The host cannot reach the memory of this buffer; copy it to the host first.",
    "HY2003": "Elements of this type cannot lie in a buffer.",
    "HY2004": "A buffer cannot have a negative size.",
    "HY2005": "The array is not contiguous in memory; make a contiguous copy.",
    "HY2006": "The object does not offer its memory through the buffer protocol.",
    "HY2101": "An argument does not fit the parameter of the interpreted function, or sizes disagree.",
}
