"""The key of a program in a theorem library: equal for programs that mean the same, whatever their names.

It covers the denoted term, the types of parameters and results with sizes named by their order, and the float formats
computed in. Functions that denote over the reals (`fp="reassoc"`) denote other terms than those that do not, so neither
finds the other's theorems.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from hashlib import sha256

from hyperion.evidence import meaning
from hyperion.ir.function import Program, Value
from hyperion.ir.types import ArrayType, TupleType, Type, size_names
from hyperion.logic.denote import expanded, float_formats
from hyperion.logic.terms import Term, digest


def key_of(program: Program) -> str:
    """The key. Raises `ProofError` or `TermError` where the program has no denotation."""
    program = expanded(program)
    return _key(program, meaning(program.main, program))


def key_of_term(program: Program, term: Term) -> str:
    """The key of an expanded program whose denotation is known."""
    return _key(program, digest(term))


def theorem_digest(key: str, chosen: Program) -> str:
    """The name of the theorem that a program with this key equals `chosen`."""
    return sha256(f"{key} {key_of(chosen)}".encode()).hexdigest()


def _key(program: Program, term: str) -> str:
    main = program.main
    parts = [term, *interface(program), *sorted(float_formats(main))]
    return sha256(json.dumps(parts).encode()).hexdigest()


def interface(program: Program) -> list[str]:
    """The types of parameters and results, their sizes named by the order in which they come."""
    main = program.main
    sizes = numbered_sizes([*main.parameters, *main.results])
    kinds = [resized(v.type, sizes) for v in (*main.parameters, *main.results)]
    return [f"{len(main.parameters)} parameters", *map(str, kinds)]


def numbered_sizes(values: Iterable[Value]) -> dict[str, str]:
    found: dict[str, str] = {}
    for value in values:
        for name in size_names(value.type):
            found.setdefault(name, f"_{len(found)}")
    return found


def resized(kind: Type, sizes: Mapping[str, str]) -> Type:
    """The type with other names for its symbolic sizes."""
    match kind:
        case ArrayType(element, shape):
            return ArrayType(element, tuple(sizes.get(d, d) if isinstance(d, str) else d for d in shape))
        case TupleType(elements):
            return TupleType(tuple(resized(e, sizes) for e in elements))
        case _:
            return kind
