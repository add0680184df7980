"""HY8xxx: code generation."""

from __future__ import annotations

CODES = {
    "HY8001": "Code generation has no lowering for this operation.",
    "HY8002": "A value has a type that this machine has no form for.",
    "HY8003": "A mathematical integer may leave 128 bits, so it has no machine form.",
    "HY8004": "An operation that may trap or branch stands in a region that must be total.",
    "HY8005": "A called function is not part of the program.",
    "HY8006": "A parallel reduction has a lane or piece count that is not possible.",
    "HY8010": "LLVM refuses the code that was made. This is a defect; please report the function.",
    "HY8011": "The machine code that was made does not load.",
    "HY8012": "The code generation target gives no machine code that a module file could keep.",
}
