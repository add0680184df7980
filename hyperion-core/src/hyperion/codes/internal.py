"""HY9xxx: defects of Hyperion itself."""

from __future__ import annotations

CODES = {
    "HY9001": "A derived version trapped where its source does not. This is a defect; please report it.",
    "HY9002": "Arguments converted for a compiled function do not fit it. This is a defect; please report it.",
}
