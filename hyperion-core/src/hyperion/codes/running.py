"""HY5xxx: devices, executors and traps."""

from __future__ import annotations

CODES = {
    "HY5001": "A device has no memory left for this buffer.",
    "HY5002": "An executor was used after it was closed.",
    "HY5003": "HYPERION_NUM_THREADS is no positive number.",
    "HY5004": "The compiler's run-time library has no 128-bit division on this system.",
    "HY5101": "A step of the function left the range of its machine integer, as the plain loop does at 64 bits. "
    'hp.jit(overflow="wrap") and "sat" choose another meaning.',
    "HY5102": "A step of the function divided by zero.",
    "HY5103": "A step of the function read or wrote outside an array.",
    "HY5104": "A step of the function met a value that Python refuses too, such as a negative shift count.",
    "HY5105": "A step of the function met an integer that no float of the type equals.",
    "HY5106": "The interpreter's limit of iterations was reached.",
    "HY5107": "The function is nested or called too deeply for the interpreter.",
    "HY5108": "The function asks the interpreter for an array that is too large.",
    "HY5109": "A function makes an array that does not fit in memory. Make it smaller, or work in pieces.",
}
