"""HY9xxx: defects of Hyperion itself."""

from __future__ import annotations

CODES = {
    "HY9001": "A derived version trapped where its source does not. This is a defect; please report it.",
    "HY9002": "Arguments converted for a compiled function do not fit it. This is a defect; please report it.",
    "HY9101": "The interpreter read or wrote outside an array with an op that does not check, such as get.unchecked. No "
    "theorem allows that, so whatever put the op there is wrong; please report it.",
    "HY9102": "The interpreter met arrays of different shapes where the types say that they are equal. This is a defect; "
    "please report the function.",
}
