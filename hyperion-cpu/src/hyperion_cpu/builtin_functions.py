"""Builtin functions of Python whose code is compiled here."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any

METH_FASTCALL = 0x80


class _MethodDefinition(ctypes.Structure):
    _fields_ = (
        ("name", ctypes.c_char_p),
        ("function", ctypes.c_void_p),
        ("flags", ctypes.c_int),
        ("doc", ctypes.c_char_p),
    )


# A builtin reads its definition even while it is deallocated, so definitions are never freed.
_definitions: dict[tuple[str, int], _MethodDefinition] = {}

_new_builtin = ctypes.pythonapi.PyCFunction_NewEx
_new_builtin.restype = ctypes.py_object
_new_builtin.argtypes = [ctypes.c_void_p, ctypes.py_object, ctypes.c_void_p]


def builtin(name: str, address: int, own: object = None) -> Callable[..., Any]:  # Any: its code checks arguments
    """A builtin over the METH_FASTCALL function at `address`, which gets `own` as its self."""
    definition = _definitions.get((name, address))
    if definition is None:
        text = f"{name}, compiled by Hyperion".encode()
        definition = _MethodDefinition(name.encode(), address, METH_FASTCALL, text)
        definition = _definitions.setdefault((name, address), definition)
    return _new_builtin(ctypes.addressof(definition), own, None)
