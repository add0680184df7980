"""The theories of the core, with the record of how each axiom was validated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hyperion_proofs.validate import recorded

_RECORDS = {"smt": "z3 unsat", "definition": "defining equation of a recursor"}


@dataclass(frozen=True)
class RecordedTheory:
    """The axioms whose names start with one of `prefixes`."""

    name: str
    prefixes: tuple[str, ...]

    @property
    def axioms(self) -> Mapping[str, str]:
        every = recorded()
        return {a: _RECORDS.get(s, s) for a, s in every.items() if a.partition(".")[0] in self.prefixes}


DATATYPES = RecordedTheory("datatypes", ("cond", "and", "or", "xor", "not", "outcase", "listrec", "natrec"))
INTEGERS = RecordedTheory("integers", ("int", "within"))
WORDS = RecordedTheory("words", ("i8", "i16", "i32", "i64", "i128", "u8", "u16", "u32", "u64"))
REALS = RecordedTheory("reals", ("real",))
