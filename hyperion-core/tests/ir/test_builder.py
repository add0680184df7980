"""Loops and parallel forms made with the builder: valid, printable, and run by the interpreter."""

from __future__ import annotations

from hyperion.ir import Builder, Function, Program, parse_program, verify
from hyperion.ir.printer import print_program
from hyperion.ir.types import BOOL, I64, ArrayType
from hyperion_interp.interpreter import interpret


def ran(function: Function, *arguments: object) -> tuple[object, ...]:
    program = Program({function.name: function}, function.name)
    verify(program)
    assert parse_program(print_program(program)).main == function
    return interpret(program, arguments)


def test_a_while_loop() -> None:
    b = Builder("halvings")
    n = b.parameter("n", I64)
    zero, one = b.const(0, I64), b.const(1, I64)
    with b.region(("x", I64), ("k", I64)) as test:
        test.yields(b.op("gt", test.parameters[0], one, type=BOOL))
    with b.region(("x", I64), ("k", I64)) as body:
        half = b.op("shr", body.parameters[0], one)
        body.yields(half, b.op("add.trap", body.parameters[1], one))
    _, count = b.while_((n, zero), test, body)
    assert ran(b.build((count,)), 1000) == (9,)


def test_a_parallel_reduction() -> None:
    b = Builder("total")
    xs, start = b.parameter("xs", ArrayType(I64, ("n",))), b.parameter("start", I64)
    with b.region(("x", I64)) as lift:
        lift.yields(lift.parameters[0])
    with b.region(("a", I64), ("b", I64)) as mul:
        mul.yields(b.op("add.wrap", *mul.parameters))
    with b.region(("m", I64), ("s", I64)) as act:
        act.yields(b.op("add.wrap", *act.parameters))
    results = b.par_reduce((xs,), (start,), (lift, mul, act), lanes=4, piece=8)
    assert ran(b.build(results), list(range(100)), 5) == (4955,)


def test_a_parallel_power() -> None:
    b = Builder("tripled")
    n = b.parameter("n", I64)
    zero, one = b.const(0, I64), b.const(1, I64)
    with b.region() as lift:
        lift.yields(b.const(3, I64))
    with b.region(("a", I64), ("b", I64)) as mul:
        mul.yields(b.op("mul.wrap", *mul.parameters))
    with b.region(("m", I64), ("s", I64)) as act:
        act.yields(b.op("mul.wrap", *act.parameters))
    results = b.par_power((zero, n, one), (one,), (lift, mul, act))
    assert ran(b.build(results), 7) == (3**7,)
