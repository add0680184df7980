"""The denotation of a function says what the function does: in shape and, when it is run, as the interpreter does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hyperion.errors import HyperionError, ProofError
from hyperion.ir.function import Program
from hyperion.ir.ops import evaluate, pieces
from hyperion.ir.parser import parse_program
from hyperion.ir.scalars import Trap
from hyperion.ir.types import ArrayType, BoolType, FloatType, IntType, Type, scalar_types
from hyperion.logic import literals
from hyperion.logic import terms as t
from hyperion.logic.definitions import apply, definitions
from hyperion.logic.denote import denote
from hyperion.logic.terms import Term
from hyperion.testing.random_programs import random_program
from hyperion_interp.interpreter import interpret

Any_ = Any  # a value of the logic as a Python value; functions are curried callables
TRAPS = {"HY5101", "HY5102", "HY5103", "HY5104", "HY5105"}
TRAP, DIVERGE = ("trap",), ("diverge",)


def program(text: str) -> Program:
    return parse_program(text)


def meaning(text: str) -> Term:
    return denote(program(text).main, program(text))


def opened(text: str) -> Term:
    """What the function denotes, without its parameters."""
    x = meaning(text)
    while x.kind == "L":
        x = x.body
    return x


def head(x: Term) -> str:
    while x.kind == "A":
        x = x.function
    return x.name.partition("@")[0] if x.kind == "C" else ""


def heads(x: Term) -> list[str]:
    return [head(u) for u in t.subterms(x) if u.kind in "AC"]


# ---- running a denotation


class Machine:
    """Runs terms: every constant has its meaning in Python, defined ones run by their definition."""

    def __init__(self) -> None:
        self._defined = {th.left.name: th.right for th in definitions().values()}

    def run(self, x: Term, *arguments: Any_) -> Any_:
        value = self.value(x, _Scope())
        for a in arguments:
            value = value(a)
        return value

    def value(self, x: Term, scope: _Scope) -> Any_:
        if not x.loose:
            scope = scope.outermost
        if x not in scope.memo:
            scope.memo[x] = self._value(x, scope)
        return scope.memo[x]

    def _value(self, x: Term, scope: _Scope) -> Any_:
        match x.kind:
            case "B":
                return scope.at(x.index)
            case "K":
                return literals.int_value(x) if x.type is t.INT else literals.float_value(x)
            case "L":
                return lambda a: self.value(x.body, _Scope(a, scope))
            case "A" if head(x) == "cond" and x.function.kind == "A" and x.function.function.kind == "A":
                test, chosen = x.function.function.argument, x.function.argument
                return self.value(chosen if self.value(test, scope) else x.argument, scope)
            case "A":
                return self.value(x.function, scope)(self.value(x.argument, scope))
            case "T":
                return tuple(self.value(i, scope) for i in x.items)
            case "P":
                return self.value(x.body, scope)[x.index]
            case _:
                return self._constant(x)

    def _constant(self, x: Term) -> Any_:
        if x.name in self._defined:
            body = self._defined[x.name]
            found: dict[str, t.Ty] = {}
            assert t.match_type(body.type, x.type, found)
            return self.value(body, _Scope())
        name = x.name.removeprefix("op:")
        if name in CONSTANTS:
            return CONSTANTS[name]
        if name.startswith("cut/"):
            _, lanes, piece = name.split("/")
            return _curried(2, lambda xs, rest: _starts(len(xs), len(rest), int(lanes), int(piece)))
        return operation(name, x.type)


class _Scope:
    def __init__(self, value: Any_ = None, outer: _Scope | None = None) -> None:
        self._value = value
        self._outer = outer
        self.outermost: _Scope = outer.outermost if outer else self
        self.memo: dict[Term, Any_] = {}

    def at(self, index: int) -> Any_:
        scope = self
        for _ in range(index):
            assert scope._outer is not None
            scope = scope._outer
        return scope._value


def _curried(count: int, function: Callable[..., Any_], *given: Any_) -> Any_:
    if len(given) == count:
        return function(*given)
    return lambda a: _curried(count, function, *given, a)


def _starts(n: int, rest: int, lanes: int, piece: int) -> bool:
    return n - rest in [start for start, _ in pieces(n, lanes, piece)]


def _outcase(o: Any_, ok: Any_, trap: Any_, diverge: Any_) -> Any_:
    return ok(o[1]) if o[0] == "ok" else trap if o == TRAP else diverge


def _listrec(nil: Any_, cons: Any_, xs: tuple[Any_, ...]) -> Any_:
    result = nil
    for i in reversed(range(len(xs))):
        result = cons(xs[i])(xs[i + 1 :])(result)
    return result


def _range(lo: int, hi: int, step: int) -> Any_:
    return ("ok", tuple(range(lo, hi, step))) if step else TRAP


def _zip(*arrays: tuple[Any_, ...]) -> Any_:
    return ("ok", tuple(zip(*arrays, strict=True))) if len(set(map(len, arrays))) == 1 else TRAP


def _get(xs: tuple[Any_, ...], i: int) -> Any_:
    return ("ok", xs[i]) if 0 <= i < len(xs) else TRAP


def _update(xs: tuple[Any_, ...], i: int, v: Any_) -> Any_:
    return ("ok", (*xs[:i], v, *xs[i + 1 :])) if 0 <= i < len(xs) else TRAP


CONSTANTS: dict[str, Any_] = {
    "true": True, "false": False, "trap": TRAP, "diverge": DIVERGE, "nil": (),
    "cond": _curried(3, lambda c, a, b: a if c else b),
    "ok": lambda a: ("ok", a),
    "outcase": _curried(4, _outcase),
    "cons": _curried(2, lambda x, xs: (x, *xs)),
    "listrec": _curried(3, _listrec),
    "range": _curried(3, _range),
    "zip": _curried(2, _zip),
    "get": _curried(2, _get),
    "update": _curried(3, _update),
    "fill": _curried(2, lambda n, v: ("ok", (v,) * n) if n >= 0 else TRAP),
}  # fmt: skip
LOGIC: dict[str, Any_] = {
    "and": _curried(2, lambda p, q: p and q),
    "or": _curried(2, lambda p, q: p or q),
    "xor": _curried(2, lambda p, q: p != q),
    "not": lambda p: not p,
}
INTEGERS: dict[str, tuple[int, Callable[..., Any_]]] = {
    "add": (2, lambda a, b: a + b), "sub": (2, lambda a, b: a - b), "mul": (2, lambda a, b: a * b),
    "neg": (1, lambda a: -a), "abs": (1, abs), "max": (2, max), "min": (2, min),
    "floordiv": (2, lambda a, b: a // b if b else 0), "mod": (2, lambda a, b: a % b if b else a),
    "le": (2, lambda a, b: a <= b), "lt": (2, lambda a, b: a < b), "eq": (2, lambda a, b: a == b),
}  # fmt: skip
FLOATS = {"fadd": "add", "fsub": "sub", "fmul": "mul", "fdiv": "div", "fsqrt": "sqrt", "flt": "lt", "fle": "le",
          "feq": "eq", "neg": "neg", "abs": "abs"}  # fmt: skip


def operation(name: str, ty: t.Ty) -> Any_:
    """A scalar operation: on integers by what its name says, otherwise by the op table."""
    types: list[t.Ty] = []
    while ty.name == "fun":
        assert ty.args is not None
        types.append(ty.args[0])
        ty = ty.args[1]
    if name in INTEGERS and types[0] is t.INT:
        return _curried(*INTEGERS[name])
    if name in LOGIC and types[0] is t.BOOL:
        return LOGIC[name]
    stem, _, word = name.partition(".")
    if stem in ("toZ", "ofZ", "inr"):
        kind = scalar_types()[word]
        assert isinstance(kind, IntType)
        return {"toZ": lambda x: x, "ofZ": kind.wrap, "inr": kind.contains}[stem]
    op = name.rsplit(".", 2)[0] if stem == "cast" else FLOATS.get(stem, name) if word in ("f16", "f32", "f64") else name
    result = ty.args[0] if ty.args else ty
    kinds = [scalar_types()[x.text] for x in types]

    def run(*values: Any_) -> Any_:
        try:
            value = evaluate(op, values, kinds, scalar_types()[result.text])
        except Trap:
            return TRAP
        return ("ok", value) if ty.name == "outcome" else value

    return _curried(len(types), run)


def interpreted(source: Program, arguments: Sequence[object]) -> Any_:
    try:
        results = interpret(source, list(arguments))
    except HyperionError as error:
        if error.code not in TRAPS:
            raise
        return TRAP
    values = tuple(tuple(r) if isinstance(r, list) else r for r in results)
    return ("ok", values[0] if len(values) == 1 else values)


def assert_denotes_what_it_does(source: Program, arguments: Sequence[object]) -> None:
    values = [tuple(a) if isinstance(a, list) else a for a in arguments]
    assert repr(Machine().run(denote(source.main, source), *values)) == repr(interpreted(source, arguments))


def argument(random: Random, kind: Type) -> object:
    match kind:
        case ArrayType(element, (size,)):
            return [argument(random, element) for _ in range({"n": 3, "m": 2}.get(str(size), 0))]
        case BoolType():
            return random.random() < 0.5
        case FloatType():
            return random.choice((0.0, -0.0, 1.0, -2.5, float("inf"), float("nan")))
        case IntType():
            near = [v for v in (-7, -1, 0, 1, 2, 63, kind.minimum, kind.maximum) if kind.contains(v)]
            return random.choice(near)
        case _:
            raise AssertionError(kind)


@given(st.integers(0, 2**32))
@settings(max_examples=250, deadline=None)
def test_random_programs_denote_what_the_interpreter_computes(seed: int) -> None:
    random = Random(seed)
    source = random_program(random, size=random.randrange(1, 20))
    for _ in range(3):
        assert_denotes_what_it_does(source, [argument(random, p.type) for p in source.main.parameters])


EDGES: dict[str, list[object]] = {
    "i8": [-128, -127, -1, 0, 1, 7, 9, 127],
    "u8": [0, 1, 7, 9, 127, 128, 255],
    "bool": [False, True],
    "f32": [0.0, -0.0, 1.5, -3.0, float("inf"), float("-inf"), float("nan"), 3.4028234663852886e38, 2.0**-149],
}
BINARY = {
    "i8": [f"{op}.{mode}" for op in ("add", "sub", "mul", "floordiv", "mod", "shl") for mode in ("wrap", "trap", "sat")]
    + ["max", "min", "and", "or", "xor", "shr", "eq", "ne", "lt", "le", "gt", "ge"],
    "bool": ["and", "or", "xor", "eq", "ne"],
    "f32": ["add", "sub", "mul", "div", "div.trap", "eq", "ne", "lt", "le", "gt", "ge"],
}
BINARY["u8"] = BINARY["i8"]
COMPARISONS = ("eq", "ne", "lt", "le", "gt", "ge")


@pytest.mark.parametrize(("kind", "op"), [(kind, op) for kind, ops in BINARY.items() for op in ops])
def test_a_binary_operation_at_the_edges(kind: str, op: str) -> None:
    result = "bool" if op in COMPARISONS else kind
    source = program(f"func @f(%a: {kind}, %b: {kind}) -> {result} {{ %c = {op} %a, %b : {result} return %c }}")
    for a in EDGES[kind]:
        for b in EDGES[kind]:
            assert_denotes_what_it_does(source, [a, b])


UNARY = [(kind, f"{op}.{mode}") for kind in ("i8", "u8") for op in ("neg", "abs") for mode in ("wrap", "trap", "sat")]
UNARY += [("i8", "not"), ("u8", "not"), ("bool", "not"), ("f32", "neg"), ("f32", "abs"), ("f32", "sqrt")]


@pytest.mark.parametrize(("kind", "op"), UNARY)
def test_a_unary_operation_at_the_edges(kind: str, op: str) -> None:
    source = program(f"func @f(%a: {kind}) -> {kind} {{ %c = {op} %a : {kind} return %c }}")
    for a in EDGES[kind]:
        assert_denotes_what_it_does(source, [a])


CASTS = [
    ("cast", "i8", "i64"), ("cast", "u8", "i16"), ("cast", "bool", "i8"), ("cast", "bool", "u8"),
    ("cast", "f32", "f64"),
    ("cast.wrap", "i8", "u8"), ("cast.wrap", "u8", "i8"), ("cast.wrap", "i8", "u64"), ("cast.trap", "i8", "u8"),
    ("cast.trap", "u8", "i8"), ("cast.round", "i8", "f32"), ("cast.round", "f32", "f16"), ("cast.exact", "u8", "f16"),
    ("cast.truncate", "f32", "i8"), ("cast.truncate", "f32", "u8"),
]  # fmt: skip


@pytest.mark.parametrize(("op", "kind", "result"), CASTS)
def test_a_cast_at_the_edges(op: str, kind: str, result: str) -> None:
    source = program(f"func @f(%a: {kind}) -> {result} {{ %c = {op} %a : {result} return %c }}")
    for a in EDGES[kind]:
        assert_denotes_what_it_does(source, [a])


REDUCE = """
func @f(%xs: i64[n], %s: i64, %t: i64) -> (bool, i64, i64) {
  %ok, %a, %b = par.reduce (%xs), (%s, %t) {lanes = 2, piece = 3} {
    ^(%x: i64):
      yield %x, %x
  } {
    ^(%p: i64, %q: i64, %u: i64, %v: i64):
      %pu = sub.wrap %p, %u : i64
      %qv = mul.wrap %q, %v : i64
      yield %pu, %qv
  } {
    ^(%p2: i64, %q2: i64, %s2: i64, %t2: i64):
      %s3 = sub.wrap %p2, %s2 : i64
      %t3 = add.wrap %q2, %t2 : i64
      yield %s3, %t3
  } {
    ^(%y: i64):
      %zero = const 0 : i64
      %pos = lt %zero, %y : bool
      yield %pos
  }
  return %ok, %a, %b
}"""


@pytest.mark.parametrize("n", [0, 1, 2, 3, 6, 7, 13, 38, 39, 45])
def test_a_parallel_reduction_of_a_summary_without_laws(n: int) -> None:
    """The pieces show: a regrouped difference is another number."""
    random = Random(n)
    assert_denotes_what_it_does(program(REDUCE), [[random.randint(-1, 9) for _ in range(n)], 5, -3])


POWER = """
func @f(%lo: i64, %hi: i64, %by: i64, %c: i64, %s: i64) -> i64 {
  %r = par.power %lo, %hi, %by, (%s) {
    yield %c, %c
  } {
    ^(%p: i64, %q: i64, %u: i64, %v: i64):
      %pu = mul.wrap %p, %u : i64
      %qv = sub.wrap %q, %v : i64
      yield %pu, %qv
  } {
    ^(%p2: i64, %q2: i64, %s2: i64):
      %m = mul.wrap %p2, %s2 : i64
      %k = add.wrap %m, %q2 : i64
      yield %k
  }
  return %r
}"""


@pytest.mark.parametrize("limits", [(0, n, 1) for n in (-2, 0, 1, 2, 3, 4, 5, 11, 64)] + [(9, -2, -3), (0, 5, 0)])
def test_a_power_of_a_summary_without_laws(limits: tuple[int, int, int]) -> None:
    assert_denotes_what_it_does(program(POWER), [*limits, 3, 7])


# ---- shape


def test_total_equations_are_substituted_and_unused_ones_vanish() -> None:
    text = "func @f(%x: i64) -> i64 { %one = const 1 : i64 %y = add.wrap %x, %one : i64 DEAD return %y }"
    assert meaning(text.replace("DEAD", "%z = mul.wrap %y, %y : i64")) is meaning(text.replace("DEAD", ""))
    assert head(opened(text.replace("DEAD", ""))) == "ok"


def test_a_trap_is_kept_where_its_result_is_not_used() -> None:
    text = "func @f(%x: i64) -> i64 { %y = add.trap %x, %x : i64 return %x }"
    x = opened(text)
    assert head(x) == "bind"
    assert head(x.argument.body) == "ok"
    assert_denotes_what_it_does(program(text), [2**62])


def test_the_result_of_the_last_trapping_equation_is_returned_as_it_is() -> None:
    assert head(opened("func @f(%x: i64) -> i64 { %y = add.trap %x, %x : i64 return %y }")) == "cond"


def test_traps_are_in_order() -> None:
    first, second = "%a = add.trap %x, %y : i64", "%b = mul.trap %x, %y : i64"
    template = "func @f(%x: i64, %y: i64) -> (i64, i64) {{ {} {} return %a, %b }}"
    x, y = meaning(template.format(first, second)), meaning(template.format(second, first))
    assert x is not y
    assert head(x.body.body) == head(y.body.body) == "bind"


def test_names_do_not_matter() -> None:
    text = "func @f(%x: i64[n]) -> i64 { %l = len %x : i64 return %l }"
    assert meaning(text) is meaning(text.replace("%x", "%longer").replace("[n]", "[k]").replace("@f", "@g"))


def test_a_branch_is_lazy_where_a_side_may_trap() -> None:
    text = """
func @f(%c: bool, %x: i64) -> i64 {
  %y = if %c {
    %z = SIDE %x, %x : i64
    yield %z
  } {
    yield %x
  }
  return %y
}"""
    assert head(opened(text.replace("SIDE", "add.wrap")).argument) == "cond"  # ok (cond c z x)
    trapping = opened(text.replace("SIDE", "add.trap"))
    assert head(trapping) == "cond"
    assert trapping.type is t.outcome_of(t.type_of("i64"))
    assert_denotes_what_it_does(program(text.replace("SIDE", "add.trap")), [False, 2**62])


def test_several_values_travel_as_a_tuple() -> None:
    x = opened("func @f(%x: i64, %y: bool) -> (i64, bool) { return %x, %y }")
    assert x.argument.kind == "T"
    assert opened("func @f(%x: i64) -> i64 { return %x }").argument.kind == "B"


def test_a_loop_is_a_fold_over_its_array_or_range() -> None:
    body = "^(%x: i64, %s: i64): %y = add.trap %s, %x : i64 yield %y"
    fold = opened(f"func @f(%xs: i64[n], %s0: i64) -> i64 {{ %r = fold (%xs), (%s0) {{ {body} }} return %r }}")
    assert head(fold) == "fold"
    counted = opened(
        "func @f(%n: i64, %s0: i64) -> i64 { %one = const 1 : i64 "
        f"%r = for %s0, %n, %one, (%s0) {{ {body} }} return %r }}"
    )
    assert head(counted) == "bind"
    assert head(counted.function.argument) == "op:range"
    assert "fold" in heads(counted)


WHILE = """
func @f(%x: i64) -> i64 {
  %r = while (%x) {
    ^(%s: i64):
      %zero = const 0 : i64
      %go = lt %zero, %s : bool
      yield %go
  } {
    ^(%t: i64):
      %one = const 1 : i64
      %u = sub.trap %t, %one : i64
      yield %u
  }
  return %r
}"""


def test_a_while_loop_is_opaque() -> None:
    x = opened(WHILE)
    assert head(x) == "op:while"
    assert x is not opened(WHILE.replace("const 1", "const 2"))


CALLS = """
func @f(%x: i64) -> i64 {
  %y = call @g(%x) : i64
  %z = call @g(%y) : i64
  return %z
}
func @g(%a: i64) -> i64 {
  %b = add.trap %a, %a : i64
  return %b
}"""


def test_a_call_is_the_function_that_it_calls() -> None:
    source = program(CALLS)
    for x in (3, 2**61, 2**62):
        assert_denotes_what_it_does(source, [x])
    with pytest.raises(ProofError) as error:
        denote(source.main)
    assert error.value.code == "HY7010"


def test_another_callee_is_another_meaning() -> None:
    assert meaning(CALLS) is not meaning(CALLS.replace("add.trap %a", "mul.trap %a"))


@pytest.mark.parametrize("op", ["add.trap", "sub.wrap", "max"])
@pytest.mark.parametrize("other", ["add.wrap", "add.sat", "min"])
def test_other_operations_are_other_terms(op: str, other: str) -> None:
    text = "func @f(%x: i8, %y: i8) -> i8 { %z = OP %x, %y : i8 return %z }"
    assert meaning(text.replace("OP", op)) is not meaning(text.replace("OP", other))


def test_widths_and_signs_are_told_apart() -> None:
    text = "func @f(%x: T, %y: T) -> T { %z = add.wrap %x, %y : T return %z }"
    assert len({meaning(text.replace("T", kind)) for kind in ("i8", "u8", "i64", "u64")}) == 4


def test_the_zeros_are_told_apart() -> None:
    text = "func @f() -> f64 { %z = const ZERO : f64 return %z }"
    assert meaning(text.replace("ZERO", "0x0.0p+0")) is not meaning(text.replace("ZERO", "-0x0.0p+0"))


def test_pieces_are_part_of_the_meaning() -> None:
    assert meaning(REDUCE) is not meaning(REDUCE.replace("piece = 3", "piece = 4"))
    assert meaning(REDUCE) is not meaning(REDUCE.replace("lanes = 2", "lanes = 3"))


def test_a_region_of_a_parallel_operation_may_not_trap() -> None:
    with pytest.raises(ProofError) as error:
        meaning(REDUCE.replace("sub.wrap %p, %u", "sub.trap %p, %u"))
    assert error.value.code == "HY7011"


def test_an_unknown_operation_has_no_denotation() -> None:
    source = program("func @f(%x: i64, %y: i64) -> i64 { %z = add.wrap %x, %y : i64 return %z }").main
    for op in ("add.odd", "add", "cond", "length", "max.wrap", "shl", "cast.odd", "fold.x", "sqrt"):
        (e,) = source.equations
        changed = type(source)(source.name, source.parameters, (_with_op(e, op),), source.results)
        with pytest.raises(ProofError) as error:
            denote(changed)
        assert error.value.code == "HY7010"


def _with_op(e: Any, op: str) -> Any:
    return type(e)(e.results, op, e.operands, e.attributes, e.regions)


# ---- over the reals


REGROUPED = """
func @f(%x: f64, %y: f64) -> f64 {
  %a = add %x, %y {fp = "reassoc"} : f64
  LINE
  return %b
}"""


def test_regrouped_floats_are_reals() -> None:
    text = REGROUPED.replace("LINE", '%b = mul %a, %x {fp = "reassoc"} : f64')
    assert meaning(text).type is t.fun(t.REAL, t.REAL, t.outcome_of(t.REAL))
    assert opened(text).argument is apply(
        "rmul", apply("radd", t.bound(1, t.REAL), t.bound(0, t.REAL)), t.bound(1, t.REAL)
    )


@pytest.mark.parametrize("op", ["add", "sub", "mul"])
def test_strict_and_regrouped_arithmetic_do_not_mix(op: str) -> None:
    with pytest.raises(ProofError) as error:
        meaning(REGROUPED.replace("LINE", f"%b = {op} %a, %x : f64"))
    assert error.value.code == "HY7012"


def test_strict_and_regrouped_functions_do_not_call_each_other() -> None:
    callee = "func @g(%c: f64) -> f64 { %d = add %c, %c : f64 return %d }"
    with pytest.raises(ProofError) as error:
        meaning(REGROUPED.replace("LINE", "%b = call @g(%a) : f64") + callee)
    assert error.value.code == "HY7012"


@pytest.mark.parametrize("value", ["nan", "inf", "-inf"])
def test_the_reals_have_no_infinity(value: str) -> None:
    with pytest.raises(ProofError) as error:
        meaning(REGROUPED.replace("LINE", f'%c = const {value} : f64 %b = add %a, %c {{fp = "reassoc"}} : f64'))
    assert error.value.code == "HY7013"


def test_comparison_and_division_over_the_reals_have_no_laws() -> None:
    x = opened(REGROUPED.replace("LINE", '%b = div %a, %x {fp = "reassoc"} : f64'))
    assert "op:div.real" in heads(x)
    assert not any(name.startswith("fdiv") for name in heads(x))


@pytest.mark.parametrize(("op", "source"), [("cast.round", "f64"), ("cast.exact", "i64"), ("cast.round", "i64")])
def test_two_float_formats_over_the_reals_are_refused(op: str, source: str) -> None:
    """f16, f32 and f64 all denote real numbers there; a value of one would stand for a value of the other."""
    text = f"""
func @f(%x: {source}, %r: f64) -> bool {{
  %s = add %r, %r {{fp = "reassoc"}} : f64
  %y = {op} %x : f32
  %z = lt %y, %y : bool
  return %z
}}"""
    with pytest.raises(ProofError, match="HY7012"):
        meaning(text)
