"""What the frontend does not take, and how it says so."""

from __future__ import annotations

from typing import Final, NoReturn

from hyperion.errors import Span, TypeCheckError

CODES: Final = {
    "HY6101": "the source of a Python function cannot be read",
    "HY6102": "the source file of a Python function changed after the function was loaded",
    "HY6103": "a Python statement is not taken",
    "HY6104": "a Python expression is not taken",
    "HY6105": "a Python variable may be read before it is assigned",
    "HY6106": "the operands of a Python operation have types that do not mix",
    "HY6107": "a Python variable has different types on different ways through the function",
    "HY6108": "a call is not taken",
    "HY6109": "an array is used in a way that is not taken",
    "HY6110": "a return is not taken, or is missing",
    "HY6111": "a number does not fit its type",
    "HY6112": "the header of a Python function is not taken",
    "HY6113": "the arguments do not fit the parameters",
    "HY6114": "a Python function calls itself in a way that is not taken",
    "HY6115": "a global name is not a number or a function",
    "HY6120": "an argument has a type that is not taken",
    "HY6121": "an array argument has a shape or element type that is not taken",
    "HY6122": "an integer argument is outside the range of its parameter",
}
"""Every code that this frontend raises, with its meaning in a few words."""


def refuse(code: str, message: str, span: Span | None, *, note: str = "", hint: str = "") -> NoReturn:
    """Raises the TypeCheckError for what is not taken."""
    raise TypeCheckError(code, message, span, (note,) if note else (), (hint,) if hint else ())
