"""HY9xxx: defects of Hyperion itself."""

from __future__ import annotations

from hyperion.diagnostics.code import Code

_REPORT = "Please report the function and its arguments."

CODES = {
    "HY9001": Code(
        "A derived version trapped where its source does not, or a builder was used in a way that its types forbid.",
        cause="This is a defect of Hyperion, or of code that builds IR by hand.",
        remedy=_REPORT,
        example="""
            from hyperion.ir.builder import Builder
            from hyperion.ir.types import I64

            builder = Builder("f")
            with builder.region(("x", I64)) as region:
                pass
            region.region  # without `yields`
        """,
    ),
    "HY9002": Code(
        "Arguments converted for a compiled function do not fit it.",
        cause="This is a defect of Hyperion.",
        remedy=_REPORT,
        example="hp.jit(f)(x)  # should not happen",
        runs=False,
    ),
    "HY9101": Code(
        "An operation without a bounds check met an index outside of its array.",
        cause="`get.unchecked` and `update.unchecked` mean nothing there; only a theorem may put them into a function, "
        "and none can have put this one there.",
        remedy="Write `get` or `update`, which trap; report it if you did not write the operation yourself.",
        example="""
            from hyperion.ir.parser import parse_program
            from hyperion_interp.interpreter import interpret

            text = "func @f(%xs: i64[n], %i: i64) -> i64 { %x = get.unchecked %xs, %i return %x }"
            interpret(parse_program(text), [[1, 2, 3], 7])
        """,
    ),
    "HY9102": Code(
        "Arrays that the type rule calls equal in size are not.",
        cause="This is a defect of Hyperion.",
        remedy=_REPORT,
        example="interpret(program, arguments)  # should not happen",
        runs=False,
    ),
}
