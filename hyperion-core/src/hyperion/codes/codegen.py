"""HY8xxx: code generation."""

from __future__ import annotations

from hyperion.diagnostics.code import Code

CODES = {
    "HY8001": Code(
        "Code generation has no lowering for this operation.",
        cause="The target does not know the operation: it is a plugin's, or new in the IR.",
        remedy="Interpret the function, or use a target plugin that has the lowering.",
        example="""
            import hyperion as hp
            from dataclasses import replace
            from hyperion.ir.parser import parse_program
            from hyperion.ir.registry import CORE

            triple = replace(CORE.ops["neg.wrap"], name="mine.triple", evaluate=lambda values, types, result: 3)
            text = "func @f(%x: i64) -> i64 { %y = mine.triple %x : i64 return %y }"
            with hp.Instance() as instance:
                program = parse_program(text, registry=CORE.extended("my-plugin", [triple]))
                instance.compile_program(program)
        """,
    ),
    "HY8002": Code(
        "A value has a type that this machine has no form for.",
        cause="Parameters and results are machine scalars and arrays of them, of one or two dimensions.",
        remedy="Use a machine type, or interpret the function.",
        example="""
            import hyperion as hp

            with hp.Instance() as instance:
                instance.compile("func @f(%x: int) -> int { return %x }", frontend="ir")
        """,
    ),
    "HY8003": Code(
        "A mathematical integer may leave 128 bits, so it has no machine form.",
        cause="Inside a function, integers of any size are computed in 128 bits where their range fits; here it may "
        "not.",
        remedy="Use machine integers, or reduce with `%` before the numbers grow.",
        example='''
            import hyperion as hp

            text = """
            func @f(%x: i64) -> bool {
              %a = cast %x : int
              %b = mul %a, %a : int
              %c = mul %b, %b : int
              %d = lt %a, %c
              return %d
            }
            """
            with hp.Instance() as instance:
                instance.compile(text, frontend="ir")
        ''',
    ),
    "HY8004": Code(
        "An operation that may trap or branch stands in a region that must be total.",
        cause="The regions of parallel operations run on vectors, which cannot stop half way.",
        remedy="Keep to operations that cannot trap, such as `add.wrap` and `select`.",
        example="write_module(program, host())  # of a par.reduce with add.trap, which the verifier refuses first",
        runs=False,
    ),
    "HY8005": Code(
        "A called function is not part of the program, or calls itself.",
        cause="A program holds every function that its entry reaches.",
        remedy="Add the function to the program; write recursion as a loop.",
        example="""
            from hyperion.ir.parser import parse_program
            from hyperion_llvm import host, write_module

            write_module(parse_program("func @f(%x: i64) -> i64 { %y = call @g(%x) : i64 return %y }"), host())
        """,
    ),
    "HY8006": Code(
        "A parallel reduction has a lane or piece count that is not possible.",
        cause="Lanes and pieces are constants of the operation; their product is bounded by what a block can hold.",
        remedy="Take fewer lanes, or smaller pieces.",
        example="write_module(program, host())  # of a par.reduce with a million lanes",
        runs=False,
    ),
    "HY8010": Code(
        "LLVM refuses the code that was made.",
        cause="This is a defect of Hyperion.",
        remedy="Please report the function.",
        example="hp.jit(f)(1)  # should not happen",
        runs=False,
    ),
    "HY8011": Code(
        "The machine code that was made does not load.",
        cause="A symbol that it needs is missing on this system; the notes name it.",
        remedy="Please report it with the notes and the system.",
        example="hp.jit(f)(1)  # on a system that lacks a library",
        runs=False,
    ),
    "HY8012": Code(
        "The code generation target gives no machine code that a module file could keep.",
        cause="A target may compile for this process alone; `native` is optional in its interface.",
        remedy="Save the module without `code=True`: it is compiled again where it is loaded.",
        example="module.save(path, code=True)  # of a target without `native`",
        runs=False,
    ),
    "HY8013": Code(
        "The target makes no code that could be read.",
        cause="The target `reference` interprets programs one operation after the other.",
        remedy="Lower for another target, such as `cpu`.",
        example="""
            import hyperion as hp

            with hp.Instance() as instance:
                module = instance.compile("func @f(%x: i64) -> i64 { return %x }", frontend="ir", target="reference")
                module["f"].lower()
        """,
    ),
}
