"""TRUSTED. The terms of the functions that were denoted lately, so that one function is denoted once.

Why no other term can be returned than the one that `denote` would compute anew:

- What a function denotes depends on the function, on the functions that it calls, directly or not, and on the rows of
  the op table of the ops in them; on nothing else. Plugins' expansions are in their place before.
- All of these are compared by identity, at every question. The entry holds them, so no other object has their identity.
- An object that is the same is unchanged. Rows are frozen, and the mappings of a registry are proxies of dictionaries
  that it alone holds. Of functions only those are kept that consist of nothing but the frozen dataclasses of the IR,
  tuples, strings and numbers, each of exactly that class: a function with a list or a dictionary inside, or an object
  of a subclass, is denoted every time. A program's dictionary of functions may change: it is read anew.

Equality would not do: an attribute 1 equals 1.0 and true, and 0.0 equals -0.0.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import cast

from hyperion.ir.function import Equation, Function, Region, Value, walk
from hyperion.ir.op_table import OpDef
from hyperion.ir.registry import Registry
from hyperion.ir.types import (
    ArrayType,
    BoolType,
    ComplexType,
    ExtensionType,
    FloatType,
    IntType,
    SpecType,
    TupleType,
)
from hyperion.logic.terms import Term

NO_FUNCTIONS: Mapping[str, Function] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class _Entry:
    """A term and all that it depends on."""

    function: Function
    callees: tuple[tuple[str, Function], ...]
    rows: tuple[tuple[str, OpDef | None], ...]
    term: Term


class Denoted:
    """The terms of the last functions; every method may be called from any thread."""

    def __init__(self, most: int = 256) -> None:
        self._most = most
        self.lock = threading.Lock()
        self._entries: OrderedDict[int, _Entry] = OrderedDict()

    def get(
        self, function: Function, registry: Registry, functions: Mapping[str, Function] = NO_FUNCTIONS
    ) -> Term | None:
        """The term of `function`, whose ops are those of `registry`, and which may call `functions`."""
        with self.lock:
            entry = self._entries.get(id(function))
        if (
            entry is None
            or entry.function is not function
            or any(functions.get(name) is not callee for name, callee in entry.callees)
            or any(registry.ops.get(name) is not row for name, row in entry.rows)
        ):
            return None
        return entry.term

    def put(
        self,
        function: Function,
        registry: Registry,
        functions: Mapping[str, Function],
        called: Collection[str],
        term: Term,
    ) -> None:
        """Keeps the term of `function`, which was computed from exactly this; `called` are the names it calls."""
        callees = tuple((name, functions[name]) for name in called)
        every = (function, *(f for _, f in callees))
        if all(map(_is_immutable, every)):
            ops = dict.fromkeys(e.op for f in every for e in walk(f.equations))
            entry = _Entry(function, callees, tuple((op, registry.ops.get(op)) for op in ops), term)
            with self.lock:
                self._entries[id(function)] = entry
                while len(self._entries) > self._most:
                    self._entries.popitem(last=False)


_ATOMS = frozenset((str, int, float, bool, BoolType, IntType, FloatType, ComplexType, ExtensionType, SpecType))


def _is_immutable(function: Function) -> bool:
    """Whether nothing that the function consists of can change."""
    stack: list[object] = [function]
    while stack:
        x = stack.pop()
        if type(x) not in _ATOMS:
            parts = _parts(x)
            if parts is None:
                return False
            stack.extend(parts)
    return True


def _parts(x: object) -> tuple[object, ...] | None:
    """What an immutable object consists of, as far as it takes part in the meaning; None for any other object."""
    kind = type(x)
    if kind is tuple:
        return cast("tuple[object, ...]", x)
    if kind is Value:
        assert isinstance(x, Value)
        return x.name, x.type
    if kind is Equation:
        assert isinstance(x, Equation)
        return x.results, x.op, x.operands, x.attributes, x.regions
    if kind is Region:
        assert isinstance(x, Region)
        return x.parameters, x.equations, x.results
    if kind is Function:
        assert isinstance(x, Function)
        return x.name, x.parameters, x.equations, x.results
    if kind is ArrayType:
        assert isinstance(x, ArrayType)
        return x.element, x.shape
    if kind is TupleType:
        assert isinstance(x, TupleType)
        return (x.elements,)
    return None
