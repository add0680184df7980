"""What arrays, indices and loops over them denote."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from hyperion.evidence import Policy, judge
from hyperion.ir.function import Program
from hyperion.ir.parser import parse_program
from hyperion.logic import kernel as k
from hyperion.logic import literals
from hyperion.logic import terms as t
from hyperion.logic.definitions import apply
from hyperion.logic.denote import denote
from hyperion.logic.derived import as_sized, beta_spine, composed, is_sized
from hyperion.logic.kernel import Theorem
from hyperion.logic.sized import LARGEST, sized
from hyperion.logic.terms import Term
from hyperion.testing.denotation import Machine, heads, meaning, opened
from hyperion.testing.opaque_ops import TRAP, UNDEFINED, Grid
from hyperion_passes.derived import both
from hyperion_passes.index_lemmas import fold_indices
from hyperion_passes.list_lemmas import joined
from hyperion_passes.order_lemmas import same_where

Denotes = Callable[[Program, Sequence[object]], None]

LOOP = """
func @f(%xs: i64[n], %ys: i64[m], %s: i64) -> (i64, i64[n]) {
  %zero = const 0 : i64
  %one = const 1 : i64
  %two = const 2 : i64
  %n = len %xs : i64
  %m = len %ys : i64
  %r, %zs = for %LO, %HI, %BY, (%s, %xs) {
    ^(%i: i64, %t: i64, %ws: i64[n]):
      %x = get %ws, %i : i64
      %u = mul.wrap %t, %x : i64
      %v = sub.wrap %u, %i : i64
      %vs = update %ws, %i, %v : i64[n]
      yield %v, %vs
  }
  return %r, %zs
}"""


def loop(low: str, high: str, by: str) -> str:
    return LOOP.replace("LO", low).replace("HI", high).replace("BY", by)


@pytest.mark.parametrize("n", range(6))
def test_a_loop_over_the_indices_of_an_array(denotes: Denotes, n: int) -> None:
    text = loop("zero", "n", "one")
    assert "indices" in heads(opened(text))
    assert "range" not in heads(opened(text))
    for m in (0, 2, 9):
        denotes(parse_program(text), [list(range(3, 3 + n)), [7] * m, 5])
        denotes(parse_program(loop("zero", "m", "one")), [list(range(3, 3 + n)), [7] * m, 5])


@pytest.mark.parametrize(
    ("low", "high", "by"),
    [("one", "n", "one"), ("zero", "n", "two"), ("n", "zero", "one"), ("zero", "s", "one"),
     ("zero", "n", "zero")],
)  # fmt: skip
def test_every_other_range(denotes: Denotes, low: str, high: str, by: str) -> None:
    text = loop(low, high, by)
    assert "range" in heads(opened(text))
    assert "indices" not in heads(opened(text))
    for n in (0, 1, 2, 3):
        denotes(parse_program(text), [list(range(n)), [], 2])


def test_the_size_of_an_axis_is_no_length() -> None:
    text = loop("zero", "n", "one").replace("%n = len %xs", "%n = dim %zs0 {axis = 1}")
    assert "range" in heads(opened(text.replace("%s: i64)", "%s: i64, %zs0: i64[p, n])")))


ELEMENT = """
func @f(%a: TYPE, INDICES, %v: f32) -> (f32, TYPE) {
  %x = get %a, NAMES : f32
  %b = update %a, NAMES, %v : TYPE
  return %x, %b
}"""


def element(rank: int) -> str:
    names = [f"%i{k}" for k in range(rank)]
    kind = f"f32[{', '.join('nmpq'[:rank])}]"
    text = ELEMENT.replace("TYPE", kind).replace("NAMES", ", ".join(names))
    return text.replace("INDICES", ", ".join(f"{i}: i64" for i in names))


EDGES = (-(1 << 63), -1, 0, 1, 2, (1 << 63) - 1)


def test_elements_of_a_list_at_the_edges(denotes: Denotes) -> None:
    for n in range(4):
        for i in EDGES:
            denotes(parse_program(element(1)), [[float(x) for x in range(n)], i, -0.0])


@pytest.mark.parametrize("shape", [(0, 2), (2, 0), (0, 0), (1, 2), (2, 2), (2, 1, 2), (0, 1, 0)])
def test_elements_of_arrays_of_more_dimensions_at_the_edges(denotes: Denotes, shape: tuple[int, ...]) -> None:
    count = 1
    for size in shape:
        count *= size
    array = Grid(shape, tuple(float(x) for x in range(count)))
    for i in EDGES:
        for j in EDGES:
            denotes(parse_program(element(len(shape))), [array, i, j, *[0] * (len(shape) - 2), 1.5])


@pytest.mark.parametrize("rank", [1, 2])
def test_an_unchecked_access_is_the_checked_one_inside_and_undefined_outside(rank: int) -> None:
    checked, free = meaning(element(rank)), meaning(element(rank).replace(" %a, ", ".unchecked %a, "))
    assert "op:undefined" in heads(free)
    assert "op:undefined" not in heads(checked)
    machine = Machine(lambda *_: [])
    array: object = (1.0, 2.0) if rank == 1 else Grid((2, 1), (1.0, 2.0))
    for i in EDGES:
        arguments = (array, i, *[0] * (rank - 1), 5.0)
        expected = machine.run(checked, *arguments)
        assert machine.run(free, *arguments) == (expected if expected != TRAP else UNDEFINED)


def test_a_list_of_lists_is_no_array_of_two_dimensions() -> None:
    """An empty one has an inner size too: reading it tells 0 x 3 from 0 x 2."""
    text = "func @f(%a: f32[n, m]) -> i64 { %d = dim %a {axis = 1} : i64 return %d }"
    machine = Machine(lambda *_: [])
    assert machine.run(meaning(text), Grid((0, 3), ())) != machine.run(meaning(text), Grid((0, 2), ()))


TWO = """
func @f(%a: f32[n, m], %b: f32[n, m]) -> OUT {
  LINES
  return %r
}"""


def two(out: str, *lines: str) -> Term:
    return meaning(TWO.replace("OUT", out).replace("LINES", "\n  ".join(lines)))


def test_operations_on_arrays_are_told_apart_by_everything() -> None:
    counts = "%k = dim %a {axis = 0} : i64"
    variants = [
        *(("f32[m, n]", f"%r = transpose %a {{permutation = [1, 0]}} : {t_}") for t_ in ("f32[m, n]",)),
        *(("f32[n, m]", f"%r = reverse %a {{axes = {axes}}} : f32[n, m]") for axes in ("[]", "[0]", "[1]", "[0, 1]")),
        *(
            ("f32[p, q]", counts, f"%r = slice %a, %k, %k, %k, %k {{steps = {steps}}} : f32[p, q]")
            for steps in ("[1, 1]", "[1, 2]", "[2, 1]")
        ),
        *(
            (kind, counts, f"%r = slice %a, %k, %k, %k, %k : {kind}")
            for kind in ("f32[p, q]", "f32[p, 2]", "f32[2, q]", "f32[2, 3]", "f32[3, 2]")
        ),
        *((kind, counts, f"%r = reshape %a, %k, %k : {kind}") for kind in ("f32[p, q]", "f32[1, 6]", "f32[6, 1]")),
        *(
            ("f32[m]", f'%r = reduce %a {{axes = [0], monoid = "{monoid}"}} : f32[m]')
            for monoid in ("add", "mul", "maximum", "maxnum")
        ),
        *(
            ("f32[n, m]", f"%r, %r2 = sort %a, %b {{axis = {axis}, descending = {down}}}")
            for axis in (0, 1)
            for down in ("false", "true")
        ),
        *(
            (kind, f"%r = concat %a, %b {{axis = {axis}}} : {kind}")
            for axis, kind in ((0, "f32[k, m]"), (1, "f32[n, k]"), (0, "f32[4, m]"), (0, "f32[5, m]"))
        ),
    ]
    assert len({two(*v) for v in variants}) == len(variants)


def test_new_size_names_do_not_matter() -> None:
    text = "func @f(%n: i64, %v: f32) -> f32[p] { %r = fill %n, %v : f32[p] return %r }"
    assert meaning(text) is meaning(text.replace("[p]", "[q]"))
    assert meaning(text) is not meaning(text.replace("[p]", "[3]"))
    assert meaning(text.replace("[p]", "[3]")) is not meaning(text.replace("[p]", "[4]"))


def test_sizes_that_are_facts_about_operands_do_not_matter() -> None:
    """So a function that is inlined where sizes are known keeps its meaning."""
    text = "func @f(%a: f32[n, m]) -> f32[n, m] { %r = reverse %a {axes = [0]} : f32[n, m] return %r }"
    assert meaning(text) is meaning(text.replace("[n, m]", "[2, 3]"))


def test_arrays_of_one_value_each_are_told_apart_by_their_shape() -> None:
    text = "func @f(%x: f32, %y: f32) -> f32[1, 2] { %r = array %x, %y : f32[1, 2] return %r }"
    assert meaning(text) is not meaning(text.replace("[1, 2]", "[2, 1]"))
    empty = "func @f() -> f32[0, 2] { %r = array : f32[0, 2] return %r }"
    assert meaning(empty) is not meaning(empty.replace("[0, 2]", "[0, 3]"))
    assert meaning(empty) is not meaning(empty.replace("[0, 2]", "[2, 0]"))


def test_maps_and_scans_of_several_arrays(denotes: Denotes) -> None:
    text = """
func @f(%xs: i64[n], %ys: i64[n], %zs: i64[n], %s: i64) -> (i64[n], i64[n], i64, i64, i64[n]) {
  %a, %b = map (%xs, %ys, %zs) {
    ^(%x: i64, %y: i64, %z: i64):
      %u = sub.MODE %x, %y : i64
      %v = mul.MODE %u, %z : i64
      yield %v, %y
  }
  %t, %w, %c = scan (%a, %b, %xs), (%s, %s) {
    ^(%x2: i64, %y2: i64, %z2: i64, %s2: i64, %s3: i64):
      %u2 = sub.MODE %s2, %x2 : i64
      %v2 = mul.MODE %s3, %z2 : i64
      yield %u2, %v2, %y2
  }
  return %a, %b, %t, %w, %c
}"""
    for mode in ("wrap", "trap", "sat"):
        for n in range(4):
            xs = [list(range(k, k + n)) for k in (1, 5, -2)]
            denotes(parse_program(text.replace("MODE", mode)), [*xs, 7])
    denotes(parse_program(text.replace("MODE", "trap")), [[1, 1 << 62], [3, -(1 << 62)], [0, 9], 1])


# ---- arrays that exist


GET_SUM = """
func @f(%xs: i64[n], %s: i64) -> i64 {
  %zero = const 0 : i64
  %one = const 1 : i64
  %n = len %xs : i64
  %r = for %zero, %n, %one, (%s) {
    ^(%i: i64, %t: i64):
      %x = get %xs, %i : i64
      %u = add.trap %t, %x : i64
      yield %u
  }
  return %r
}"""
FOLD_SUM = """
func @f(%xs: i64[n], %s: i64) -> i64 {
  %r = fold (%xs), (%s) {
    ^(%x: i64, %t: i64):
      %u = add.trap %t, %x : i64
      yield %u
  }
  return %r
}"""


def sized_sum() -> Theorem:
    """|- sized (the loop over indices) = sized (the loop over elements)"""
    source, target = meaning(GET_SUM), meaning(FOLD_SUM)
    word = t.type_of("i64")
    xs, s = t.var("xs", t.list_of(word)), t.var("s", word)
    wrapper = sized(source.type)
    assert wrapper is not None
    left, right = (k.beta(t.app(wrapper, f)) for f in (source, target))
    first, last = (beta_spine(t.app(f, xs, s)) for f in (source, target))
    lemma = k.inst_type({"'s": word, "'x": word}, fold_indices())
    by_name = {"xs": xs, "s": s, "g": last.right.function.function.argument, "d": t.const("trap", t.outcome_of(word))}
    lemma = k.inst({v: by_name[v.name] for v in lemma.left.free | lemma.right.free}, lemma)
    equal = both(first, joined(first.right, lemma.left), lemma, k.sym(last))
    condition = apply("le", apply("length", xs), LARGEST)
    same = same_where(condition, equal, t.const("trap", equal.left.type))
    return both(left, k.abs_(xs, k.abs_(s, same)), k.sym(right))


def test_a_loop_over_indices_is_a_loop_over_the_elements_of_arrays_that_exist() -> None:
    th = sized_sum()
    assert not th.hypotheses
    assert is_sized(th)
    source, target = parse_program(GET_SUM), parse_program(FOLD_SUM)
    assert judge(source, target, th, Policy()).checked
    assert not judge(target, source, th, Policy()).checked
    assert not judge(source, source, th, Policy()).checked
    assert not judge(parse_program(GET_SUM.replace("add.trap", "add.sat")), target, th, Policy()).checked


def test_the_condition_is_needed() -> None:
    """With words of 8 bits the lists are short enough to see: the index wraps, the elements go on."""
    word, xs = t.type_of("i8"), t.var("xs", t.list_of(t.INT))
    s, i, x = t.var("s", t.INT), t.var("i", word), t.var("x", t.INT)
    got = apply("get", t.const("trap", t.outcome_of(t.INT)), xs, apply("toZ.i8", i))
    indices = apply("indices", t.const("ofZ.i8", t.fun(t.INT, word)), xs)
    zero = literals.int_lit(0)
    by_index = apply("fold", t.lams((s, i), got), zero, indices)
    by_element = apply("fold", t.lams((s, x), apply("ok", x)), zero, xs)
    machine = Machine(lambda *_: [])
    for n in (127, 128, 129):
        values = tuple(range(n))
        found = machine.run(t.lam(xs, by_index), values)
        assert (found == machine.run(t.lam(xs, by_element), values)) == (n <= 128)


def test_no_induction_on_arrays_of_more_dimensions() -> None:
    x, xs = t.var("x", t.INT), t.var("xs", t.type_of("array2", t.INT))
    with pytest.raises(k.RuleError):
        k.list_induction(x, xs, xs, xs, k.refl(xs), k.refl(xs))


def test_theorems_about_arrays_that_exist_go_with_others() -> None:
    th = sized_sum()
    same = k.refl(denote(parse_program(FOLD_SUM).main))
    for whole in (composed([th, same]), composed([k.sym(same), k.sym(th), th])):
        assert whole is not None
        assert is_sized(whole)
    assert composed([]) is None
    assert composed([same, same]) is not None
    assert as_sized(th) is th


def test_a_function_without_arrays_has_no_such_statement() -> None:
    assert sized(meaning("func @f(%x: i64) -> i64 { return %x }").type) is None
    assert sized(t.BOOL) is None


def test_the_condition_speaks_of_every_array() -> None:
    text = "func @f(%a: f32[n], %t: (f32[m], i8), %b: f32[n, p]) -> i8 { %x = item %t {index = 1} : i8 return %x }"
    wrapper = sized(meaning(text).type)
    assert wrapper is not None
    assert sum(u.kind == "P" for u in t.subterms(wrapper)) >= 3  # of the tuple, and the sizes of the matrix
    small: tuple[object, ...] = ((1.0,), ((2.0,), 3), Grid((1, 1), (0.0,)))
    run_it = Machine(lambda *_: [])
    assert run_it.run(t.app(wrapper, meaning(text)), *small) == ("ok", 3)
