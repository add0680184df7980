"""The theories that have axioms of their own."""

from __future__ import annotations

from hyperion_proofs.theories.records import CoreTheory

DATATYPES = CoreTheory("datatypes", ("cond", "and", "or", "xor", "not", "outcase", "listrec", "natrec"))
INTEGERS = CoreTheory("integers", ("int", "within"))
WORDS = CoreTheory("words", ("i8", "i16", "i32", "i64", "i128", "u8", "u16", "u32", "u64"))
REALS = CoreTheory("reals", ("real",))
