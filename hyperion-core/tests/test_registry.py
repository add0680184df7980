"""Ops and types of third parties: registered, typed, computed and proved about as their definition says, or refused."""

from __future__ import annotations

import random as stdlib_random
from collections.abc import Callable
from dataclasses import replace
from types import ModuleType

import numpy as np
import pytest

import hyperion as hp
from hyperion.errors import CodegenError, PluginError, TrapOverflowError, TypeCheckError
from hyperion.ir import Builder, Function, Program, parse_program, print_program, verify
from hyperion.ir.expansion import expand
from hyperion.ir.function import walk
from hyperion.ir.op_table import OpDef
from hyperion.ir.ops import CORE, evaluate, infer, is_scalar_op, is_total, lookup
from hyperion.ir.registry import Registry
from hyperion.ir.scalars import Trap
from hyperion.ir.type_rules import Use, is_machine_integer, uniform
from hyperion.ir.types import BOOL, F64, I8, I64, ArrayType, ExtensionType, IntType
from hyperion.logic.denote import denote
from hyperion.logic.terms import digest
from hyperion_interp.interpreter import interpret

PAIR = uniform(2, is_machine_integer, "machine integers")


def gcd(values: tuple[int, ...], types: object, result: IntType) -> int:
    x, y = values
    while y:
        x, y = y, x % y
    if not result.contains(abs(x)):
        raise Trap("overflow")
    return abs(x)


def clamp(use: Use) -> Function:
    b = Builder("clamp")
    x, low, high = (b.parameter(n, t) for n, t in zip("xlh", use.operands, strict=True))
    return b.build([b.op("min", b.op("max", x, low), high)])


def total(use: Use) -> Function:
    b = Builder("total")
    xs = b.parameter("xs", use.operands[0])
    with b.region(("x", I64), ("s", I64)) as body:
        body.yields(b.op("add.trap", *body.parameters))
    return b.build(b.fold([xs], [b.const(0, I64)], body))


TRIPLE = uniform(3, is_machine_integer, "machine integers")
GCD = OpDef("nt.gcd", "T, T -> T", "The greatest common divisor.", PAIR, ("overflow",), gcd)
CLAMP = OpDef("nt.clamp", "T, T, T -> T", "Clamped.", TRIPLE, expansion=clamp)
TOTAL = OpDef("nt.total", "i64[n] -> i64", "The sum.", lambda use: (I64,), expansion=total)
REGISTRY = CORE.extended("number-theory", [GCD, CLAMP, TOTAL], [ExtensionType("nt.ideal")], "1.2")


def made(registry: Registry = REGISTRY) -> Program:
    """clamp(x, 0, y), total(xs), clamp(y, x, x)"""
    b = Builder("f", registry)
    x, y, xs = b.parameter("x", I64), b.parameter("y", I64), b.parameter("xs", ArrayType(I64, ("n",)))
    clamped = b.op("nt.clamp", x, b.const(0, I64), y)
    results = [clamped, b.op("nt.total", xs), b.op("nt.clamp", y, x, x)]
    return Program({"f": b.build(results)}, "f", registry)


def test_a_registry_adds_and_leaves_the_core_alone() -> None:
    assert set(REGISTRY.ops) - set(CORE.ops) == {"nt.gcd", "nt.clamp", "nt.total"}
    assert set(REGISTRY.types) - set(CORE.types) == {"nt.ideal"}
    assert REGISTRY.owners == dict.fromkeys(("nt.gcd", "nt.clamp", "nt.total", "nt.ideal"), "number-theory")
    found = lookup("nt.gcd", REGISTRY)
    assert (found.owner, found.version, found.denotation) == ("number-theory", "1.2", "uninterpreted")
    assert lookup("nt.clamp", REGISTRY).denotation == "expansion"
    with pytest.raises(TypeCheckError, match="HY6010"):
        infer("nt.gcd", (I64, I64))


def test_scalar_ops_type_and_compute() -> None:
    assert infer("nt.gcd", (I8, I8), registry=REGISTRY) == (I8,)
    assert evaluate("nt.gcd", (12, -18), (I8, I8), I8, REGISTRY) == 6
    assert is_scalar_op("nt.gcd", REGISTRY)
    with pytest.raises(Trap, match="overflow"):
        evaluate("nt.gcd", (-128, -128), (I8, I8), I8, REGISTRY)
    with pytest.raises(TypeCheckError, match=r"operand 2 of nt\.gcd is f64"):
        infer("nt.gcd", (I64, F64), registry=REGISTRY)


def test_totality_is_that_of_the_definition() -> None:
    use = replace(made().main.equations[1], op="nt.gcd")
    assert not is_total(use, REGISTRY)
    assert is_total(use, CORE.extended("x", [replace(GCD, traps=())]))


def test_expansions_become_core_ops_and_keep_their_meaning() -> None:
    program = made()
    expanded = expand(program)
    verify(expanded)
    assert {e.op for e in walk(expanded.main.equations)} <= set(CORE.ops)
    assert interpret(expanded, [9, 4, [1, 2, 3]]) == (4, 6, 9)
    assert expand(expanded) is expanded
    assert [v.name for v in expanded.main.parameters] == ["x", "y", "xs"]


def refused(*ops: OpDef, code: str = "HY1015", says: str = "", types: tuple[ExtensionType, ...] = ()) -> None:
    with pytest.raises(PluginError, match=says) as caught:
        REGISTRY.extended("other", ops, types)
    assert caught.value.code == code
    assert "other" in caught.value.message


def test_what_is_refused() -> None:
    refused(GCD, code="HY1003", says=r"'nt\.gcd' is registered by 'number-theory' and 'other'")
    refused(types=(ExtensionType("nt.ideal"),), code="HY1003", says="number-theory")
    refused(replace(GCD, name="gcd"), says="prefix")
    refused(replace(GCD, name="a."), says="prefix")
    refused(replace(GCD, name="a.b c"), says="prefix")
    refused(replace(GCD, name="add.gcd"), says="the prefix add of the core")
    refused(replace(GCD, name="a.b", deterministic=False), says="not deterministic")
    refused(replace(GCD, name="a.b", evaluate=None), says="either `evaluate` or `expansion`")
    refused(replace(GCD, name="a.b", expansion=clamp), says="either `evaluate` or `expansion`")
    refused(replace(CLAMP, name="a.b", traps=("value",)), says="traps beside its expansion")
    refused(replace(GCD, name="a.b", regions=("body",)), says="regions")
    refused(replace(GCD, name="a.b", inert=("speed",)), says="no attribute speed")
    refused(replace(GCD, name="a.b"), types=(ExtensionType("a.b"),), says="twice")


def broken(op: OpDef, says: str) -> None:
    registry = CORE.extended("buggy", [op])

    def use() -> None:
        infer(op.name, (I8, I8), registry=registry)
        evaluate(op.name, (1, 2), (I8, I8), I8, registry)

    with pytest.raises(PluginError, match=says) as caught:
        use()
    assert caught.value.code == "HY1016"
    assert "buggy" in caught.value.message


def test_a_strangers_mistakes_stay_its_own() -> None:
    broken(replace(GCD, rule=lambda use: 1 / 0), "type rule raised ZeroDivisionError")
    broken(replace(GCD, rule=lambda use: [I8]), "expected a tuple of types")
    broken(replace(GCD, rule=lambda use: ("i8",)), "no type")
    broken(replace(GCD, evaluate=lambda *_: {}["x"]), "meaning raised KeyError")
    broken(replace(GCD, evaluate=lambda *_: 1000), "gave 1000, which is no i8")
    broken(replace(GCD, evaluate=lambda *_: True), "gave True")

    def trap(*_: object) -> int:
        raise Trap("index")

    broken(replace(GCD, evaluate=trap), "traps with 'index', which the op does not list")


def bad_expansion(expansion: Callable[[Use], object], says: str) -> None:
    registry = CORE.extended("buggy", [replace(CLAMP, expansion=expansion)])
    b = Builder("f", registry)
    x = b.parameter("x", I64)
    program = Program({"f": b.build([b.op("nt.clamp", x, x, x)])}, "f", registry)
    with pytest.raises(PluginError, match=says) as caught:
        expand(program)
    assert caught.value.code == "HY1016"


def test_an_expansion_must_be_what_the_op_promises() -> None:
    def identity(use: Use) -> Function:
        b = Builder("g")
        return b.build([b.parameter("x", use.operands[0])])

    def untyped(use: Use) -> Function:
        found = clamp(use)
        return replace(found, results=(replace(found.results[0], name="nowhere"),))

    def circular(use: Use) -> Function:
        found = clamp(use)
        return replace(found, equations=(replace(found.equations[0], op="nt.clamp"), *found.equations[1:]))

    bad_expansion(identity, r"is \(i64\) -> \(i64\), expected \(i64, i64, i64\)")
    bad_expansion(untyped, "is not valid: %nowhere")
    bad_expansion(circular, r"uses nt\.clamp")
    bad_expansion(lambda use: "x + y", "gave no function")
    bad_expansion(lambda use: 1 / 0, "expansion raised ZeroDivisionError")


# Through an Instance

Make = Callable[..., ModuleType]


def test_an_instance_composes_what_plugins_register(make_plugin: Make) -> None:
    one = make_plugin("one", hyperion_ops=lambda: {"nt.clamp": lambda: CLAMP, "nt.gcd": lambda: GCD})
    two = make_plugin("two", hyperion_types=lambda: {"nt.ideal": lambda: ExtensionType("nt.ideal")})
    with hp.Instance(plugins=[one, two]) as instance:
        assert instance.registry.owners == {"nt.clamp": "one", "nt.gcd": "one", "nt.ideal": "two"}
        assert instance.registry is instance.registry
        assert instance.registry.types["nt.ideal"] == ExtensionType("nt.ideal")
    with hp.Instance(plugins=[]) as instance:
        assert instance.registry == CORE


def test_two_owners_of_one_name_are_named(make_plugin: Make) -> None:
    one, two = (make_plugin(name, hyperion_ops=lambda: {"nt.gcd": lambda: GCD}) for name in ("one", "two"))
    with (
        hp.Instance(plugins=[one, two]) as instance,
        pytest.raises(PluginError, match=r"'nt\.gcd' is registered by 'one' and 'two'") as caught,
    ):
        _ = instance.registry
    assert caught.value.code == "HY1003"


@pytest.mark.parametrize(
    ("op", "says"),
    [
        (replace(GCD, deterministic=False), "not deterministic"),
        (replace(GCD, name="nt.other"), "registers 'nt.gcd', and its factory made 'nt.other'"),
        (None, "is no OpDef"),
    ],
    ids=["random", "another name", "nothing"],
)
def test_a_plugin_that_registers_nonsense_fails_alone(op: OpDef | None, says: str, make_plugin: Make) -> None:
    bad = make_plugin("bad", hyperion_ops=lambda: {"nt.gcd": lambda: op})
    good = make_plugin("good", hyperion_ops=lambda: {"nt.clamp": lambda: CLAMP})
    with hp.Instance(plugins=[bad, good]) as instance:
        assert set(instance.registry.ops) - set(CORE.ops) == {"nt.clamp"}
        states = {p.name: p for p in instance.plugins}
        assert (states["bad"].state, states["good"].state) == ("failed", "active")
        assert says in f"{states['bad'].reason} {states['bad'].remedy}"


def test_a_random_number_takes_its_seed() -> None:
    draw = OpDef(
        "dice.roll",
        "i64 -> i64",
        "A roll that the seed decides.",
        uniform(1, is_machine_integer, "machine integers"),
        evaluate=lambda values, types, result: stdlib_random.Random(values[0]).randint(1, 6),
    )
    registry = CORE.extended("dice", [draw])
    rolls = {evaluate("dice.roll", (seed,), (I64,), I64, registry) for seed in range(50)}
    assert rolls == set(range(1, 7))
    with pytest.raises(PluginError) as caught:
        CORE.extended("dice", [replace(draw, deterministic=False)])
    assert caught.value.hints == ("take the seed or the state as an operand",)


def test_extension_values_are_copied_and_chosen_but_not_compared() -> None:
    ideal = ExtensionType("nt.ideal")
    assert infer("select", (BOOL, ideal, ideal)) == (ideal,)
    for op in ("eq", "lt"):
        with pytest.raises(TypeCheckError, match=op):
            infer(op, (ideal, ideal))


TEXT = """func @f(%x: i64, %xs: i64[n]) -> (i64, i64) {
  %zero = const 0 : i64
  %top = const 100 : i64
  %c = nt.clamp %x, %zero, %top : i64
  %t = nt.total %xs : i64
  return %c, %t
}
"""


def registering(make_plugin: Make) -> ModuleType:
    return make_plugin("one", hyperion_ops=lambda: {op.name: (lambda op=op: op) for op in (CLAMP, GCD, TOTAL)})


def test_text_with_plugins_ops_is_read_and_printed(make_plugin: Make) -> None:
    with hp.Instance(plugins=[registering(make_plugin)]) as instance:
        program = instance.program(TEXT, frontend="ir")
    verify(program)
    assert print_program(program) == TEXT
    assert program.registry.ops["nt.gcd"].owner == "one"
    with pytest.raises(TypeCheckError, match="HY6010"):
        verify(parse_program(TEXT))


def test_the_interpreter_runs_plugins_ops() -> None:
    text = TEXT.replace("%t = nt.total %xs : i64", "%n = len %xs : i64\n  %t = nt.gcd %x, %n : i64")
    program = parse_program(text, registry=REGISTRY)
    assert interpret(program, [12, [0] * 8]) == (12, 4)
    with pytest.raises(TrapOverflowError) as caught:
        interpret(program, [I64.minimum, []])
    assert caught.value.span is not None
    assert caught.value.span.line == 6


def test_an_expansion_is_compiled_and_an_unknown_meaning_is_refused() -> None:
    with hp.Instance() as instance:
        module = instance.compile_program(parse_program(TEXT, registry=REGISTRY))
        assert module(123, np.arange(5)) == (100, 10)
        text = "func @g(%x: i64) -> i64 {\n  %y = nt.gcd %x, %x : i64\n  return %y\n}\n"
        with pytest.raises(CodegenError, match=r"the op nt\.gcd cannot be compiled") as caught:
            instance.compile_program(parse_program(text, registry=REGISTRY))
        assert caught.value.code == "HY8001"


def term(text: str, registry: Registry = REGISTRY) -> str:
    program = parse_program(f"func @f(%x: i64, %y: i64) -> i64 {{ {text} return %z }}", registry=registry)
    return digest(denote(program.main, program))


def test_the_logic_sees_what_an_expansion_says() -> None:
    clamped = term("%z = nt.clamp %x, %y, %y : i64")
    assert clamped == term("%m = max %x, %y : i64 %z = min %m, %y : i64")
    assert clamped != term("%m = min %x, %y : i64 %z = max %m, %y : i64")


def test_the_logic_keeps_unknown_meanings_apart() -> None:
    gcd = term("%z = nt.gcd %x, %y : i64")
    assert gcd != term("%z = nt.gcd %y, %x : i64")
    others = [
        CORE.extended("number-theory", [GCD], version="1.3"),
        CORE.extended("another", [GCD], version="1.2"),
        CORE.extended("number-theory", [replace(GCD, version="0")], version="1.2"),
    ]
    terms = [term("%z = nt.gcd %x, %y : i64", registry) for registry in others]
    assert len({gcd, *terms}) == 4
