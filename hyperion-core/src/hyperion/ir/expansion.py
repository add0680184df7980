"""Plugins' ops that are defined by an expansion, and the functions of core ops that they stand for.

rewrite:  %z = dist.norm %x, %y     -->   the equations of the expansion, with %x and %y for its parameters
"""

from __future__ import annotations

from dataclasses import replace

from hyperion.errors import HyperionError, PluginError, TypeCheckError
from hyperion.ir.function import Equation, Function, Program, walk
from hyperion.ir.inline import Inliner, TooLarge
from hyperion.ir.registry import CORE, Registry, lookup
from hyperion.ir.type_rules import Use, listing
from hyperion.ir.verifier import verify_function

MOST_EQUATIONS = 100_000
"""A program that would grow past this is refused."""


def expand(program: Program) -> Program:
    """The program with every op that has an expansion replaced by it; the program itself where it has none.

    Raises `PluginError` (HY1016) for an expansion that is not what the op promises, `TypeCheckError` (HY6027) for a
    program that grows too large.
    """
    expansions = {name for name, op in program.registry.ops.items() if op.expansion is not None}
    if not any(e.op in expansions for f in program.functions.values() for e in walk(f.equations)):
        return program
    known: dict[object, Function] = {}

    def callee(e: Equation) -> Function | None:
        if e.op not in expansions:
            return None
        key = e.op, tuple(v.type for v in e.operands), e.attributes, tuple(v.type for v in e.results)
        if key not in known:
            known[key] = expansion_of(e, program.registry)
        return known[key]

    inliner = Inliner(program, callee, MOST_EQUATIONS)
    try:
        functions = {name: inliner.function(f) for name, f in program.functions.items()}
    except TooLarge:
        raise TypeCheckError(
            "HY6027",
            f"with its plugins' ops expanded the program has more than {MOST_EQUATIONS} equations",
            hints=("put repeated parts in a loop",),
        ) from None
    return replace(program, functions=functions)


def expansion_of(equation: Equation, registry: Registry) -> Function:
    """The function of core ops that one use of an op with an expansion stands for: the operands are its parameters.

    Raises `PluginError` (HY1016) where it has other types, uses other ops or is not valid.
    """
    definition = lookup(equation.op, registry)
    assert definition.expansion is not None
    operands, results = (tuple(v.type for v in side) for side in (equation.operands, equation.results))
    function = definition.expansion(Use(equation.op, operands, dict(equation.attributes), results, ()))
    given = tuple(v.type for v in function.parameters), tuple(v.type for v in function.results)
    if given != (operands, results):
        forms = " -> ".join(map(listing, given)), " -> ".join(map(listing, (operands, results)))
        raise _broken(definition.owner, equation.op, f"is {forms[0]}, expected {forms[1]}")
    foreign = next((e.op for e in walk(function.equations) if e.op not in CORE.ops or e.op == "call"), None)
    if foreign is not None:
        raise _broken(definition.owner, equation.op, f"uses {foreign}, which is no op of the core")
    errors = verify_function(function)
    if errors:
        raise _broken(definition.owner, equation.op, f"is not valid: {errors[0].message}", errors[0])
    return function


def _broken(owner: str, op: str, what: str, cause: HyperionError | None = None) -> PluginError:
    error = PluginError("HY1016", f"the expansion of {op} of {owner!r} {what}")
    error.__cause__ = cause
    return error
