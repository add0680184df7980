"""HY4xxx: passes and pipelines."""

from __future__ import annotations

CODES = {
    "HY4001": "A compiler pass raised an exception. The function was compiled without it.",
    "HY4002": "A compiler pass made invalid IR. The function was compiled without it.",
    "HY4003": "A compiler pass gave no valid evidence that its result means the same. The function was compiled "
    "without it.",
    "HY4004": "The run of a pipeline was cancelled by the event that it was given.",
    "HY4005": "The run of a pipeline did not end within its time.",
    "HY4006": "A pass counted something that is no integer.",
}
