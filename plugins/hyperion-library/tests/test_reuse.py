"""What was derived once is looked up: the same meaning under other names, and loops of the same shape."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import hyperion as hp
from hyperion.driver import Derivation
from hyperion.evidence import UNPROVED, judge
from hyperion.interfaces.event import Event
from hyperion.interfaces.strategy import Refusal
from hyperion.ir.function import Program
from hyperion.logic import checking
from hyperion.logic.denote import denote
from hyperion.logic.replay import replayed
from hyperion_interp.reference import ReferenceInterpreter

Fresh = Callable[..., hp.Instance]
Derive = Callable[..., Derivation]
XS = np.array([3, -1, 40, 11, 10, -7, 5], dtype=np.int64)


def total(xs):  # type: ignore[no-untyped-def]  what a user writes
    s = 0
    for x in xs:
        s += x
    return s


def renamed(values):  # type: ignore[no-untyped-def]  what a user writes
    accumulated = 0
    for value in values:
        accumulated += value
    return accumulated


def hash_31(xs):  # type: ignore[no-untyped-def]  what a user writes
    h = 0
    for x in xs:
        h = h * 31 + x
    return h


def hash_37(letters):  # type: ignore[no-untyped-def]  what a user writes
    h = 0
    for letter in letters:
        h = h * 37 + letter
    return h


def above_10(xs):  # type: ignore[no-untyped-def]  what a user writes
    count = 0
    for x in xs:
        if x > 10:
            count += 1
    return count


def above_2(xs):  # type: ignore[no-untyped-def]  what a user writes
    count = 0
    for x in xs:
        if x > 2:
            count += 1
    return count


def float_total(xs):  # type: ignore[no-untyped-def]  what a user writes
    s = 0.0
    for x in xs:
        s += x
    return s


def discounted_half(xs):  # type: ignore[no-untyped-def]  what a user writes
    s = 0.0
    for x in xs:
        s = s * 0.5 + x
    return s


def discounted_quarter(xs):  # type: ignore[no-untyped-def]  what a user writes
    s = 0.0
    for x in xs:
        s = s * 0.25 + x
    return s


def drawdown_50(xs):  # type: ignore[no-untyped-def]  what a user writes
    peak = 50
    worst = 0
    for x in xs:
        peak = max(peak, x)
        worst = max(worst, peak - x)
    return worst


def drawdown_75(xs):  # type: ignore[no-untyped-def]  what a user writes
    peak = 75
    worst = 0
    for x in xs:
        peak = max(peak, x)
        worst = max(worst, peak - x)
    return worst


def drawdown_too_high(xs):  # type: ignore[no-untyped-def]  what a user writes
    peak = 9223372036854775000
    worst = 0
    for x in xs:
        peak = max(peak, x)
        worst = max(worst, peak - x)
    return worst


def squares(xs):  # type: ignore[no-untyped-def]  what a user writes
    s = 1
    for x in xs:
        s = s * s + x
    return s


def run(program: Program, *arguments: object) -> object:
    return ReferenceInterpreter().run(program, arguments)


def holds(found: Derivation, instance: hp.Instance) -> bool:
    """Whether the checker says, asked anew, that what was chosen equals the source."""
    return judge(found.source, found.chosen, found.theorem, instance.policy).checked


def test_a_second_instance_recalls_what_the_first_derived(fresh: Fresh, derived: Derive) -> None:
    cold, warm = fresh(), fresh()
    first, second = derived(cold, total), derived(warm, total)
    assert (first.recalled, second.recalled) == ("", "exact")
    assert second.verdict.checked
    assert second.chosen == first.chosen
    assert (second.parallel, second.chosen_cost, second.candidates, second.refusals) == (
        first.parallel,
        first.chosen_cost,
        first.candidates,
        first.refusals,
    )
    assert holds(second, warm)
    assert "theorem (checked, from the library)" in str(second.explanation())
    assert second.explanation().json()["recalled"] == "exact"


def test_spans_are_those_of_the_function_at_hand(fresh: Fresh, derived: Derive) -> None:
    first, second = derived(fresh(), total), derived(fresh(), total)
    assert [e.span for e in second.chosen.main.equations] == [e.span for e in first.chosen.main.equations]
    assert any(e.span for e in second.chosen.main.equations)
    other = derived(fresh(), renamed)
    lines = {e.span.line for e in other.chosen.main.equations if e.span}
    assert lines <= set(range(renamed.__code__.co_firstlineno, renamed.__code__.co_firstlineno + 6))


def test_other_names_are_the_same_theorem(fresh: Fresh, derived: Derive) -> None:
    derived(fresh(), total)
    instance = fresh()
    found = derived(instance, renamed)
    assert found.recalled == "exact"
    assert found.chosen.entry == "renamed"
    assert [p.name for p in found.chosen.main.parameters] == ["values"]
    assert len(instance.theorems) == 1
    assert run(found.chosen, XS) == run(found.source, XS)


@pytest.mark.parametrize(
    ("arguments", "options"),
    [((np.arange(5, dtype=np.int32),), {}), ((XS,), {"overflow": "wrap"}), ((XS,), {"overflow": "sat"})],
)
def test_other_types_and_modes_are_other_theorems(
    arguments: tuple[Any, ...], options: dict[str, Any], fresh: Fresh, derived: Derive
) -> None:
    derived(fresh(), total)
    assert derived(fresh(), total, *arguments, **options).recalled == ""


def test_regrouped_floats_are_never_given_to_strict_users(fresh: Fresh, derived: Derive) -> None:
    xs = np.ones(4)
    assert derived(fresh(), float_total, xs, fp="reassoc").theorem is not None
    assert len(fresh().theorems) == 1
    strict = derived(fresh(), float_total, xs)
    assert (strict.recalled, strict.theorem) == ("", None)
    assert derived(fresh(), float_total, xs, fp="reassoc").recalled == "exact"


@pytest.mark.parametrize(
    ("known", "asked", "options", "how"),
    [
        (hash_31, hash_37, {"overflow": "wrap"}, "37 for 31"),
        (above_10, above_2, {}, "2 for 10"),
        (drawdown_50, drawdown_75, {}, "75 for 50"),
    ],
)
def test_a_loop_of_the_same_shape_is_an_instance(
    known: Any, asked: Any, options: dict[str, Any], how: str, fresh: Fresh, derived: Derive
) -> None:
    heard: list[Event] = []
    with (cold := fresh()).listening(heard.append):
        derived(cold, known, **options)
    assert "strategy.begin" in {e.kind for e in heard}
    heard.clear()
    with (instance := fresh()).listening(heard.append):
        found = derived(instance, asked, **options)
    assert "strategy.begin" not in {e.kind for e in heard}
    assert found.recalled == f"as for a loop of the same shape: {how}"
    assert found.parallel
    assert found.verdict.checked
    assert holds(found, instance)
    assert run(found.chosen, XS) == run(found.source, XS)
    assert derived(fresh(), asked, **options).recalled == "exact"


def test_float_literals_are_holes_too(fresh: Fresh, derived: Derive) -> None:
    xs = np.array([1.0, 2.0, 3.0])
    derived(fresh(), discounted_half, xs, fp="reassoc")
    instance = fresh()
    found = derived(instance, discounted_quarter, xs, fp="reassoc")
    assert found.recalled == "as for a loop of the same shape"
    assert holds(found, instance)
    assert run(found.source, xs) == run(found.chosen, xs) == (1 / 16 + 2 / 4 + 3,)


def test_a_literal_for_which_the_proof_goes_another_way(fresh: Fresh, derived: Derive) -> None:
    """Whatever is found for a start at the end of the range, a theorem about 50 is not taken to speak of it blindly."""
    derived(fresh(), drawdown_50)
    instance = fresh()
    found = derived(instance, drawdown_too_high)
    assert found.theorem is None or holds(found, instance)
    for xs in (XS, np.array([-9223372036854775808], dtype=np.int64), XS[:0]):
        assert outcome(found.chosen, xs) == outcome(found.source, xs)


def outcome(program: Program, *arguments: object) -> object:
    try:
        return run(program, *arguments)
    except hp.HyperionError as error:
        return error.code


def test_an_instance_denotes_what_its_theorem_says(fresh: Fresh, derived: Derive) -> None:
    """Outside truth: the kernel's theorem against the denotations of both programs, made from the IR alone."""
    derived(fresh(), hash_31, overflow="wrap")
    found = derived(fresh(), hash_37, overflow="wrap")
    assert found.theorem is not None
    theorem = replayed(found.theorem)
    assert not theorem.hypotheses
    assert (theorem.left, theorem.right) == (
        denote(found.source.main, found.source),
        denote(found.chosen.main, found.chosen),
    )


def test_no_equivalent_is_made_up_for_a_loop_without_one(fresh: Fresh, derived: Derive) -> None:
    for _ in range(2):
        found = derived(fresh(), squares)
        assert (found.recalled, found.theorem, found.verdict) == ("", None, UNPROVED)
        assert any(isinstance(r, Refusal) for r in found.refusals)
    assert len(fresh().theorems) == 0


def test_what_other_strategies_found_competes_once(fresh: Fresh, derived: Derive) -> None:
    derived(fresh(), total)
    other = fresh(config={"pipeline": "canonicalize"})
    assert derived(other, total).recalled == ""  # the search is as good
    assert derived(fresh(config={"pipeline": "canonicalize"}), total).recalled == "exact"


def test_a_theorem_that_the_strategies_do_not_find_is_used(
    fresh: Fresh, derived: Derive, make_strategy: Callable[..., Any]
) -> None:
    derived(fresh(), total)
    blind = fresh(plugins=["auto", make_strategy()], disable=["proofs"])
    found = derived(blind, total)
    assert (found.recalled, found.parallel, found.verdict.checked) == ("exact", True, True)


@pytest.mark.parametrize(
    "settings", [{"config": {"library": False}}, {"config": {"derive": False}}, {"disable": ["library"]}]
)
def test_it_can_be_switched_off(settings: dict[str, Any], home: Path, fresh: Fresh, derived: Derive) -> None:
    for _ in range(2):
        assert derived(fresh(**settings), total).recalled == ""
    assert not home.exists()


def test_without_the_plugin_theorems_live_as_long_as_the_instance(fresh: Fresh, derived: Derive) -> None:
    instance = fresh(disable=["library"])
    assert derived(instance, total).recalled == ""
    assert derived(instance, renamed).recalled == "exact"
    (theorem,) = instance.theorems
    assert theorem.digest in instance.theorems
    assert str(theorem).startswith("|- ")


def test_the_statement_is_the_same_in_every_process(home: Path, fresh: Fresh, derived: Derive, tmp_path: Path) -> None:
    derived(fresh(), total)
    (theorem,) = fresh().theorems
    program = "import hyperion as hp\nfor t in hp.Instance().theorems: print(t.digest, str(t), t.axioms, t.oracles)"
    told = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            timeout=120,
        ).stdout
        for seed in ("1", "2")
    }
    assert told == {f"{theorem.digest} {theorem} {theorem.axioms} {theorem.oracles}\n"}
    assert "total" not in str(theorem)


def test_jit_keeps_its_theorems_in_the_library_of_the_default_instance(home: Path, tmp_path: Path) -> None:
    (tmp_path / "sums.py").write_text(
        "import numpy as np\nimport hyperion as hp\n\n\n@hp.jit\ndef total(xs):\n    s = 0\n    for x in xs:\n"
        "        s += x\n    return s\n\n\nxs = np.arange(9)\n"
        "print(total(xs), total.explain(xs).recalled or 'derived')\n"
        "print(*hp.default_instance().theorems)\n"
    )
    told = [
        subprocess.run(
            [sys.executable, str(tmp_path / "sums.py")], capture_output=True, text=True, check=True, timeout=120
        ).stdout.splitlines()
        for _ in range(2)
    ]
    assert [lines[0] for lines in told] == ["36 derived", "36 exact"]
    assert told[0][1] == told[1][1]
    assert told[0][1].startswith("|- ")


def test_a_theorem_that_is_false_is_dropped_and_derived_anew(
    home: Path, fresh: Fresh, derived: Derive, tamper: Callable[[], None], caplog: pytest.LogCaptureFixture
) -> None:
    derived(fresh(), total)
    tamper()
    instance = fresh()
    with caplog.at_level(logging.WARNING, "hyperion.library"):
        found = derived(instance, total)
    assert (found.recalled, found.verdict.checked) == ("", True)
    assert "is dropped" in caplog.text
    assert derived(fresh(), total).recalled == "exact"


def test_a_verdict_that_was_kept_is_believed_unless_all_is_to_be_checked_again(
    fresh: Fresh, derived: Derive, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nobody(*given: object) -> None:
        raise AssertionError("the checker is asked")

    monkeypatch.setattr(checking, "_answers", checking._Answers())  # as in a new process
    assert not derived(fresh(), total).verdict.kept
    with monkeypatch.context() as patch:
        patch.setattr(checking, "_answers", checking._Answers())
        patch.setattr(checking, "_ask", nobody)
        found = derived(fresh(), renamed)
        assert (found.recalled, found.verdict.checked, found.verdict.kept) == ("exact", True, True)
        assert "theorem (checked by an earlier process, from the library)" in str(found.explanation())
        assert found.explanation().json()["kept"] is True
    monkeypatch.setattr(checking, "_answers", checking._Answers())
    again = derived(fresh(config={"recheck": True}), total)
    assert (again.recalled, again.verdict.checked, again.verdict.kept) == ("exact", True, False)
    monkeypatch.setenv("HYPERION_RECHECK", "1")
    assert fresh().policy.verdicts is None
