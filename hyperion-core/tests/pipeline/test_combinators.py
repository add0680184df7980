"""fixpoint, repeat and try."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

import hyperion as hp
from hyperion.errors import PassError
from hyperion.pipeline import Outcome

LITERALS = "func @f(%x: i64) -> i64 { %a = const 1 : i64  %b = const 2 : i64  %c = const 3 : i64  return %x }"


def names(outcome: Outcome) -> list[str]:
    return [s.name for s in outcome.steps]


def test_a_fixpoint_ends_with_the_round_that_changes_nothing(toy: hp.Instance, toys: SimpleNamespace) -> None:
    outcome = toy.pipeline("fixpoint(grow{most=3})").run(toys.TEXT)
    assert [s.changed for s in outcome.steps] == [True, True, True, False]
    assert outcome.notes == ()
    assert outcome.theorem is None
    assert outcome.checked


def test_a_fixpoint_that_does_not_converge_says_so(toy: hp.Instance, toys: SimpleNamespace) -> None:
    outcome = toy.pipeline("fixpoint{max=3}(turn,grow)").run(toys.TEXT)
    assert names(outcome) == ["turn", "grow"] * 3
    assert outcome.notes == (
        "fixpoint{max=3}(turn,grow) on 'f' did not converge in 3 rounds; the last one changed it by turn, grow",
    )


def test_a_fixpoint_that_goes_round_ends_at_once(toy: hp.Instance) -> None:
    outcome = toy.pipeline("fixpoint{max=99}(turn)").run(LITERALS)
    assert len(outcome.steps) == 3
    assert outcome.notes == (
        "fixpoint{max=99}(turn) on 'f' goes round in circles after 3 rounds; the last one changed it by turn",
    )


def test_an_empty_fixpoint_converges(toy: hp.Instance, toys: SimpleNamespace) -> None:
    assert toy.pipeline("fixpoint(),repeat(),try()").run(toys.TEXT).steps == ()


def test_repeat_counts(toy: hp.Instance, toys: SimpleNamespace) -> None:
    assert names(toy.pipeline("repeat{n=3}(grow,turn)").run(toys.TEXT)) == ["grow", "turn"] * 3
    assert names(toy.pipeline("repeat{n=0}(grow)").run(toys.TEXT)) == []
    assert names(toy.pipeline("repeat(repeat(grow))").run(toys.TEXT)) == ["grow"] * 4


def test_try_undoes_its_whole_body(toy: hp.Instance, toys: SimpleNamespace) -> None:
    outcome = toy.pipeline("grow{most=1},try(grow,literals-first,fails),turn").run(toys.TEXT)
    assert names(outcome) == ["grow", "turn"]
    assert str(outcome) == str(toy.pipeline("grow{most=1},turn").run(toys.TEXT))
    (note,) = outcome.notes
    assert note.startswith(
        "try(grow,literals-first,fails) was undone: HY4001: pass 'fails' on 'f' failed: RuntimeError"
    )


def test_try_keeps_what_succeeds(toy: hp.Instance, toys: SimpleNamespace) -> None:
    outcome = toy.pipeline("try(grow{most=1})").run(toys.TEXT)
    assert outcome.changed
    assert outcome.notes == ()


def test_the_inner_try_is_undone_alone(toy: hp.Instance, toys: SimpleNamespace) -> None:
    assert names(toy.pipeline("try(grow,try(turn,fails),literals-first)").run(toys.TEXT)) == ["grow", "literals-first"]


def test_outside_a_try_a_failure_is_raised_or_refused(toy: hp.Instance, toys: SimpleNamespace) -> None:
    made = toy.pipeline("fixpoint{max=4}(grow{most=2},fails,try(turn,fails))")
    with pytest.raises(PassError, match="HY4001"):
        made.run(toys.TEXT)
    refused: list[PassError] = []
    outcome = made.run(toys.TEXT, refused.append)
    assert names(outcome) == ["grow"] * 3
    assert [e.code for e in refused] == ["HY4001", "HY4001"]  # once for each place, not for each round
    assert outcome.notes == ()


def test_positions_say_where_a_pass_stands(toy: hp.Instance, toys: SimpleNamespace) -> None:
    outcome = toy.pipeline("turn,repeat(grow,try(turn)),turn").run(toys.TEXT)
    assert [s.position for s in outcome.steps] == [(0,), (1, 0), (1, 1, 0), (1, 0), (1, 1, 0), (2,)]
