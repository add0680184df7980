"""HY603x and HY61xx: what the frontends refuse. The other HY6xxx are in `hyperion.ir.codes`."""

from __future__ import annotations

CODES = {
    "HY6030": "IR source is given as text.",
    "HY6031": "A Python function is compiled for types: give example arguments or a signature.",
    "HY6032": 'An option has a value that does not exist: overflow is "trap", "wrap" or "sat", fp "ieee" or "reassoc".',
    "HY6033": "hp.jit takes functions that are written with def.",
    "HY6101": "The source of a Python function cannot be read: it was typed at a prompt, or made by exec.",
    "HY6102": "The source file of a Python function changed after the function was loaded. Import it again.",
    "HY6103": "A Python statement that the frontend does not take.",
    "HY6104": "A Python expression that the frontend does not take.",
    "HY6105": "A Python variable may be read before it is assigned.",
    "HY6106": "The operands of a Python operation have types that do not mix.",
    "HY6107": "A Python variable has different types on different ways through the function.",
    "HY6108": "A call that the frontend does not take.",
    "HY6109": "An array is used in a way that the frontend does not take.",
    "HY6110": "A return that the frontend does not take, or a return that is missing.",
    "HY6111": "A number does not fit its type.",
    "HY6112": "The header of a Python function is not taken.",
    "HY6113": "The arguments do not fit the parameters.",
    "HY6114": "A Python function calls itself; recursion is not taken.",
    "HY6115": "A global name is neither a number nor a function.",
    "HY6120": "An argument has a type that is not taken.",
    "HY6121": "An array argument has a shape or an element type that is not taken.",
    "HY6122": "An integer argument does not fit 64 bits.",
}
