"""What the checker accepts and refuses, from hand-made proofs, damaged files and real proofs with one thing changed."""

from __future__ import annotations

import json
import random
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from hyperion.logic import checker, kernel, literals, proof, theory
from hyperion.logic import terms as t
from hyperion.logic.definitions import definitions
from hyperion.logic.kernel import RuleError, Theorem

THEORY = checker.Theory(theory.axiom_text())
BOOL, INT, REAL, F64, F32, INT_INT = 0, 1, 2, 3, 4, 5
TYPES: list[list[Any]] = [
    ["con", "bool"], ["con", "int"], ["con", "real"], ["con", "f64"], ["con", "f32"], ["con", "fun", 1, 1],
    ["con", "fun", 1, 5], ["var", "'a"], ["con", "list", 7], ["con", "outcome", 7],
]  # fmt: skip
INT_INT_INT, ALPHA, LIST, OUTCOME = 6, 7, 8, 9


def run(terms: list[Any], steps: list[Any], types: list[Any] | None = None) -> dict[str, Any]:
    """The checker's answer to a hand-made proof."""
    file = {"format": "hyperion-proof", "version": 1, "types": types or TYPES, "terms": terms, "steps": steps}
    return checker.answer(THEORY, json.dumps(file))


def refused(terms: list[Any], steps: list[Any], why: str, **more: Any) -> None:
    answer = run(terms, steps, **more)
    assert not answer["ok"]
    assert why in answer["error"]


def test_both_readers_of_the_axiom_file_agree() -> None:
    store = checker.Rules(THEORY, 1_000_000)
    core = {name: axiom for name, axiom in kernel.AXIOMS.items() if ":" not in name}
    assert THEORY.axioms.keys() == core.keys()
    assert THEORY.constants.keys() == {n for n in t.SIGNATURE if "@" not in n and ":" not in n}
    for name, (hypotheses, left, right) in core.items():
        said = store.axiom(name, theory.axiom_digest(name))
        assert (checker.digest(said.left), checker.digest(said.right)) == (t.digest(left), t.digest(right))
        expected = {(t.digest(a), t.digest(b)) for a, b in hypotheses}
        assert {(checker.digest(a), checker.digest(b)) for a, b in said.hypotheses} == expected


@pytest.mark.parametrize("name", definitions())
def test_the_definitions_are_accepted_as_they_are(name: str) -> None:
    th = definitions()[name]
    answer = checker.answer(THEORY, json.dumps(proof.export(th)))
    assert answer["ok"]
    assert (answer["left"], answer["right"]) == (t.digest(th.left), t.digest(th.right))
    assert answer["definitions"] == [th.left.name]


# x : int, y : int, 0, 1, f = \x. x
X, Y, ZERO, ONE, BOUND, IDENTITY, REDEX, TRUE, FALSE = range(9)
TERMS: list[list[Any]] = [
    ["V", "x", INT], ["V", "y", INT], ["K", INT, "0"], ["K", INT, "1"], ["B", 0, INT], ["L", INT, 4], ["A", 5, 3],
    ["C", "true", BOOL], ["C", "false", BOOL],
]  # fmt: skip


def test_a_hand_made_proof() -> None:
    answer = run(TERMS, [["beta", REDEX]])
    assert answer["statement"] == r"|- ((\x0. x0) 1) = 1"
    assert answer["hypotheses"] == 0
    assert not answer["axioms"]
    assert not answer["definitions"]


STEPS_REFUSED: dict[str, tuple[list[Any], str]] = {
    "abs over a hypothesis' variable": ([["assume", X, ZERO], ["abs", X, 0]], "step 1 (abs): x is free"),
    "trans of unrelated facts": ([["refl", X], ["refl", Y], ["trans", 0, 1]], "the middle terms differ"),
    "cut of what is no hypothesis": ([["refl", X], ["assume", X, Y], ["cut", 0, 1]], "no hypothesis"),
    "cut of a reversed hypothesis": ([["assume", Y, X], ["assume", X, Y], ["cut", 0, 1]], "no hypothesis"),
    "assuming across types": ([["assume", X, TRUE]], "differ in type"),
    "instantiating a constant": ([["refl", ZERO], ["inst", [[ZERO, ONE]], 0]], "not a variable"),
    "instantiating at another type": ([["refl", X], ["inst", [[X, TRUE]], 0]], "of its type"),
    "instantiating with a loose bound": ([["refl", X], ["inst", [[X, BOUND]], 0]], "loose"),
    "instantiating twice": ([["refl", X], ["inst", [[X, ZERO], [X, ONE]], 0]], "twice"),
    "instantiating a base type": ([["refl", X], ["insttype", [["int", BOOL]], 0]], "type variables"),
    "a loose bound": ([["refl", BOUND]], "loose"),
    "a forward step": ([["sym", 1], ["refl", X]], "no earlier entry"),
    "its own step": ([["sym", 0]], "no earlier entry"),
    "a negative step": ([["refl", X], ["sym", -1]], "no earlier entry"),
    "a truth value as a step": ([["refl", X], ["refl", Y], ["sym", True]], "no earlier entry"),
    "a float as a step": ([["refl", X], ["sym", 0.0]], "no earlier entry"),
    "text as a step": ([["refl", X], ["sym", "0"]], "no earlier entry"),
    "an unknown rule": ([["believe", X, Y]], "neither an entry"),
    "a method as a rule": ([["make", X, Y]], "neither an entry"),
    "a missing argument": ([["assume", X]], "2 arguments expected"),
    "an argument too many": ([["refl", X, Y]], "1 arguments expected"),
    "an unknown axiom": ([["axiom", "int.zero.is.one"]], "unknown axiom"),
    "an axiom by number": ([["axiom", 3]], "wrong kind"),
    "no steps": ([], "without steps"),
    "beta of a variable": ([["beta", X]], "not an applied"),
    "eta of the identity": ([["eta", IDENTITY]], "not of the form"),
    "a definition with a free variable": ([["define", "d", X]], "free variable"),
    "a definition with a bad label": ([["define", "a b", ONE]], "bad label"),
    "cases that conclude differently": ([["refl", X], ["refl", Y], ["boolcases", TRUE, 0, 1]], "differently"),
    "cases of an integer": ([["refl", X], ["boolcases", X, 0, 0]], "not a bool"),
    "computing with a variable": ([["compute", X]], "no operation"),
    "a component of an integer": ([["refl", X], ["proj", 0, 0]], "no such component"),
    "applying an integer": ([["refl", X], ["refl", Y], ["app", 0, 1]], "is applied"),
}


@pytest.mark.parametrize("case", STEPS_REFUSED)
def test_a_wrong_step_is_refused_by_name(case: str) -> None:
    steps, why = STEPS_REFUSED[case]
    refused(TERMS, steps, why)


TERMS_REFUSED: dict[str, tuple[Any, str]] = {
    "a forward term": (["A", 5, 99], "no earlier entry"),
    "an ill-typed application": (["A", 5, 7], "int expected, bool found"),
    "a binder of another type": (["L", BOOL, 4], "differ in type"),
    "a literal with a sign": (["K", INT, "+1"], "no int literal"),
    "a literal with a zero": (["K", INT, "01"], "no canonical int literal"),
    "minus zero": (["K", INT, "-0"], "no canonical int literal"),
    "a literal as a number": (["K", INT, 1], "bad name"),
    "a literal as a truth value": (["K", INT, True], "bad name"),
    "a huge integer": (["K", INT, "9" * 3000], "4096 bits"),
    "a gigantic integer": (["K", INT, "9" * 100_000], "bad name"),
    "a literal of bool": (["K", BOOL, "1"], "no literals of type bool"),
    "a fraction not in lowest terms": (["K", REAL, "2/4"], "no canonical real literal"),
    "a fraction over zero": (["K", REAL, "1/0"], "no real literal"),
    "a decimal": (["K", REAL, "1e999999999"], "real literal"),
    "a NaN with another payload": (["K", F64, "7ff8000000000001"], "no canonical f64 literal"),
    "a negative NaN": (["K", F64, "fff8000000000000"], "no canonical f64 literal"),
    "a float in capitals": (["K", F64, "3FF0000000000000"], "no f64 literal"),
    "a float too short": (["K", F64, "0"], "no canonical f64 literal"),
    "a float too long": (["K", F32, "3ff0000000000000"], "no canonical f32 literal"),
    "an unknown constant": (["C", "nought", INT], "unknown constant"),
    "a constant of another type": (["C", "true", INT], "no instance of type int"),
    "a polymorphic constant of another shape": (["C", "nil", INT], "no instance of type int"),
    "a name with a space": (["V", "x int", INT], "bad name"),
    "a name beyond ASCII": (["V", "x\u00e9", INT], "bad name"),
    "an empty name": (["V", "", INT], "bad name"),
    "a bound variable below zero": (["B", -1, INT], "bad name"),
    "a bound variable by text": (["B", "0", INT], "bad name"),
    "a tuple of one": (["T", 0], "2 arguments expected"),
    "a component by truth value": (["P", True, 0], "bad name"),
    "an unknown kind": (["Z", 0, 0], "neither an entry"),
    "a kind that is no text": ([["A"], 0, 0], "neither an entry"),
    "no list": ("A", "neither an entry"),
}


@pytest.mark.parametrize("case", TERMS_REFUSED)
def test_a_wrong_term_is_refused(case: str) -> None:
    term, why = TERMS_REFUSED[case]
    refused([*TERMS, term], [["refl", X]], why)


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        (["con", "fun", 0], "no type"),
        (["con", "prod", 0], "no type"),
        (["con", "natural"], "no type"),
        (["con", "'a"], "no such kind of type"),
        (["var", "int"], "no such kind of type"),
        (["var", "'a b"], "no type"),
        (["con", "list", 99], "no earlier entry"),
        (["con", 3], "no such kind of type"),
    ],
)
def test_a_wrong_type_is_refused(entry: list[Any], why: str) -> None:
    refused(TERMS, [["refl", X]], why, types=[*TYPES, entry])


def test_a_type_of_exponential_text_is_refused() -> None:
    doubling = [["con", "prod", len(TYPES) + i - 1, len(TYPES) + i - 1] for i in range(60)]
    refused(TERMS, [["refl", X]], "too large", types=[*TYPES, *doubling])


def test_a_definition_may_not_hide_a_type_variable() -> None:
    """Else `c : int` would equal two different integers."""
    alpha = [["con", "fun", LIST, INT], ["con", "fun", ALPHA, INT]]
    terms = [["V", "n", ALPHA], ["K", INT, "0"], ["L", ALPHA, 1], ["C", "op:choose", 11], ["A", 3, 2]]
    types = [*TYPES, alpha[1], ["con", "fun", 10, INT]]
    refused(terms, [["define", "hidden", 4]], "type variable", types=types)


def test_zero_and_minus_zero_stay_apart() -> None:
    terms = [["K", F64, "0000000000000000"], ["K", F64, "8000000000000000"]]
    refused(terms, [["refl", 0], ["refl", 1], ["trans", 0, 1]], "the middle terms differ")
    assert run(terms, [["refl", 0]])["left"] != run(terms, [["refl", 1]])["left"]


def test_deep_terms_need_no_stack_and_shared_ones_no_time() -> None:
    deep = [*TERMS[:4], ["C", "add", INT_INT_INT], ["A", 4, 2], *(["A", 5, i + 5] for i in range(30_000))]
    deep[6] = ["A", 5, 0]
    answer = run(deep, [["refl", 6 + 15_000], ["inst", [[X, ONE]], 0], ["abs", X, 0]])
    assert answer["ok"]
    assert len(answer["statement"]) < 20_000
    shared: list[Any] = [["V", "x", INT], ["C", "add", INT_INT_INT]]
    for _ in range(500):
        shared += [["A", 1, len(shared) - 1 if len(shared) > 2 else 0]]
        shared += [["A", len(shared) - 1, shared[-1][2]]]
    assert run(shared, [["refl", len(shared) - 1], ["abs", 0, 0]])["ok"]


def test_limits_are_kept() -> None:
    for limits, why in (
        ({"steps": 2}, "no more than 2 steps"),
        ({"terms": 3}, "no more than 3 terms"),
        ({"steps": -1}, "bad limits"),
        ({"memory": 1}, "bad limits"),
    ):
        file = {"format": "hyperion-proof", "version": 1, "types": TYPES, "terms": TERMS, "steps": [["refl", X]] * 3}
        answer = checker.answer(THEORY, json.dumps(file), {"limits": limits})
        assert why in str(answer["error"])


@pytest.mark.parametrize(
    "text",
    ["", "{", "null", "[]", "3", '{"proof": 3}', '{"format": "hyperion-proof"}', "[" * 100_000, '{"a":NaN}',
     '{"format": "hyperion-proof", "version": 1, "types": 1, "terms": [], "steps": []}',
     '{"format": "hyperion-proof", "version": 2, "types": [], "terms": [], "steps": []}',
     "\\ud800", "\ud800", "1" * 10_000],
)  # fmt: skip
def test_malformed_files_get_a_clear_answer(text: str) -> None:
    answer = checker.answer(THEORY, text)
    assert not answer["ok"]
    assert answer["error"]


@pytest.mark.parametrize(
    "request_",
    [{"limits": 3}, {"limits": {"steps": "9"}}, {"seconds": "soon"}, {"oracles": 3}, {"oracles": [{}]}, [1], 7,
     {"theories": {"acme": 3}}, {"theories": {"acme": "(const"}}, {"theories": {"acme": "(axiom)"}}, {"theories": []}],
)  # fmt: skip
def test_malformed_requests_get_a_clear_answer(request_: Any) -> None:
    answer = checker.answer(THEORY, json.dumps(proof.export(kernel.axiom("cond.true"))), request_)
    assert not answer["ok"]
    assert answer["error"]


def test_the_command_line(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.json", tmp_path / "bad.json"
    good.write_text(json.dumps(proof.export(kernel.axiom("cond.true"))), encoding="utf-8")
    bad.write_text("{}", encoding="utf-8")
    for file, status in ((good, 0), (bad, 1)):
        command = [sys.executable, "-I", checker.__file__, str(file)]
        done = subprocess.run(command, capture_output=True, check=False, timeout=120)
        assert done.returncode == status
        assert json.loads(done.stdout)["ok"] is (status == 0)


def sample_proof() -> Theorem:
    """fold f s nil = ok s and more: a proof of a few hundred steps with induction, cases and axioms."""
    x, xs = t.var("x", t.INT), t.var("xs", t.list_of(t.INT))
    a, b = t.var("a", t.INT), t.var("b", t.INT)
    add = t.const("add", t.SIGNATURE["add"])
    th = kernel.refl(x)
    for i in range(30):
        swap = kernel.inst({a: literals.int_lit(i), b: th.right}, kernel.axiom("int.add.comm"))
        th = kernel.trans(kernel.app(kernel.refl(t.app(add, literals.int_lit(i))), th), swap)
    summed = kernel.abs_(x, th)
    applied = kernel.app(summed, kernel.refl(literals.int_lit(7)))
    th = kernel.trans(kernel.sym(kernel.beta(applied.left)), kernel.trans(applied, kernel.beta(applied.right)))
    length = kernel.inst_type({"'x": t.INT}, definitions()["length"])
    both = kernel.tuple_(kernel.app(length, kernel.refl(xs)), th)
    p = t.var("p", t.BOOL)
    cases = kernel.bool_cases(p, kernel.proj(1, both), kernel.proj(1, both))
    return kernel.tuple_(both, cases, kernel.compute(t.app(add, literals.int_lit(2), literals.int_lit(3))))


def mutate(rng: random.Random, file: dict[str, Any]) -> None:
    """Change one number, name or entry somewhere."""
    table = file[rng.choice(["types", "terms", "steps", "steps", "terms"])]
    entry = rng.choice(table)
    position = rng.randrange(len(entry))
    value = entry[position]
    if isinstance(value, list) and value:
        entry, position = rng.choice(value), rng.randrange(2)
        value = entry[position]
    if isinstance(value, int):
        entry[position] = rng.choice([value + 1, value - 1, rng.randrange(200), True, None, str(value)])
    elif rng.random() < 0.5:
        entry[position] = rng.choice(["x", "add", "mul", "int", "true", "false", "'a", "0", "1", "A", "sym", "trans"])
    else:
        other = rng.randrange(len(table))
        table[other], table[table.index(entry)] = entry, table[other]


def test_thousands_of_mutations_prove_nothing_new() -> None:
    """Each is refused, or concludes something else and says so, or still shows the same true statement."""
    th = sample_proof()
    file = proof.export(th)
    claimed = (t.digest(th.left), t.digest(th.right))
    assert checker.answer(THEORY, json.dumps(file))["ok"]
    text, rng, refusals, same = json.dumps(file), random.Random(1), 0, 0
    file = json.loads(text)
    for _ in range(800):
        changed = json.loads(text)
        mutate(rng, changed)
        answer = checker.answer(THEORY, json.dumps(changed))
        refusals += not answer["ok"]
        if answer["ok"] and (answer["left"], answer["right"]) == claimed and changed != file:
            same += 1
            assert answer["hypotheses"] == 0
            assert set(answer["axioms"]) <= set(kernel.AXIOMS)
        assert "malformed" not in answer.get("error", "")
    assert refusals > 480
    assert same < 160


SPECIAL = [0.0, 1.0, 1.5, 5e-324, 2.2250738585072014e-308, 1.7976931348623157e308, float("inf"), float("nan"), 1 / 3]


def _floats(rng: random.Random, kind: str) -> float:
    code = {"f16": "<e", "f32": "<f", "f64": "<d"}[kind]
    if rng.random() < 0.3:
        value = rng.choice(SPECIAL) * rng.choice([1, -1])
        try:
            return struct.unpack(code, struct.pack(code, value))[0]
        except OverflowError:
            return float("inf")
    return struct.unpack(code, rng.randbytes(struct.calcsize(code)))[0]


@pytest.mark.parametrize("kind", ["f16", "f32", "f64"])
def test_exact_and_native_float_arithmetic_agree(kind: str) -> None:
    """The checker rounds exact fractions; the kernel uses the machine's floats."""
    rng, store = random.Random(2), checker.Rules(THEORY, 1_000_000)
    for _ in range(1500):
        name = f"{rng.choice(['fadd', 'fsub', 'fmul', 'fdiv', 'fsqrt', 'flt', 'fle', 'feq'])}.{kind}"
        operands = [literals.float_lit(kind, _floats(rng, kind)) for _ in range(1 if name.startswith("fsqrt") else 2)]
        if rng.random() < 0.2:
            operands = [operands[0]] * len(operands)
        th = kernel.compute(t.app(t.const(name, t.SIGNATURE[name]), *operands))
        type_ = store.type(kind)
        encoded = [store.make("K", (), x.name, type_) for x in operands]
        head = store.const(name, *[type_] * len(operands), store.type(th.right.type.text))
        said = store.compute(store.apply(head, *encoded))
        assert said.right.data == th.right.name, (name, [x.name for x in operands])


def test_integer_arithmetic_agrees_and_has_a_limit() -> None:
    rng, store = random.Random(3), checker.Rules(THEORY, 1_000_000)
    int_, bool_ = store.type("int"), store.type("bool")
    for _ in range(2000):
        name = rng.choice(["add", "sub", "mul", "neg", "abs", "max", "min", "floordiv", "mod", "le", "lt", "eq"])
        values = [
            rng.choice([0, 1, -1, 1 << 4095, rng.randrange(-99, 99)]) for _ in range(1 + (name not in ("neg", "abs")))
        ]
        target = bool_ if name in ("le", "lt", "eq") else int_
        term = store.apply(
            store.const(name, *[int_] * len(values), target), *(store.make("K", (), str(v), int_) for v in values)
        )
        twin = t.app(t.const(name, t.SIGNATURE[name]), *map(literals.int_lit, values))
        try:
            expected = kernel.compute(twin)
        except RuleError:
            with pytest.raises(checker.Refused):
                store.compute(term)
        else:
            assert checker.digest(store.compute(term).right) == t.digest(expected.right)
