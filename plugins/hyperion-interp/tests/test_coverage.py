"""No op without a meaning, and none without an example of its values and of each of its traps."""

from __future__ import annotations

from hyperion.ir.function import walk
from hyperion.ir.ops import OPS
from hyperion.ir.traps import TRAPS
from hyperion.testing import ARRAY_EXAMPLES, EXAMPLES, SCALAR_EXAMPLES, Example
from hyperion.testing.programs import attempt
from hyperion_interp.interpreter import interpret
from hyperion_interp.meanings import MEANINGS

EVERY = (*EXAMPLES, *SCALAR_EXAMPLES, *ARRAY_EXAMPLES)


def equations(example: Example) -> set[str]:
    return {e.op for f in example.program.functions.values() for e in walk(f.equations)}


def trapping_op(example: Example) -> str:
    """The op whose equation the example traps in."""
    program = example.program
    error = attempt(lambda: interpret(program, example.arguments))
    (found,) = [e.op for f in program.functions.values() for e in walk(f.equations) if e.span == error.span]
    return found


def test_every_op_has_a_meaning() -> None:
    assert {name for name, op in OPS.items() if op.evaluate is None} == set(MEANINGS)


def test_every_op_has_an_example_of_its_values() -> None:
    covered = set().union(*(equations(example) for example in EVERY if example.trap is None))
    assert set(OPS) - covered == set()


def test_every_trap_of_every_op_has_an_example() -> None:
    kinds = {error: kind for kind, (_, error, _) in TRAPS.items()}
    shown = {(trapping_op(e), kinds[e.trap]) for e in EVERY if e.trap is not None}
    listed = {(name, kind) for name, op in OPS.items() if name != "call" for kind in op.traps}
    missing = sorted(listed - shown)
    assert missing == [], missing
