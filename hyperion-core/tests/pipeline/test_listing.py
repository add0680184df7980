"""The one line that describes a pass."""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace

import hyperion as hp
from hyperion.pipeline import Fixpoint
from hyperion.pipeline.listing import options_text, summary_of


@dataclass(frozen=True)
class Silent:
    count: int = 1


def test_the_first_sentence_of_the_class_or_of_its_module(toys: SimpleNamespace) -> None:
    assert summary_of(toys.LiteralsFirst()) == "Moves literals to the front: the same term"
    assert summary_of(Silent) == "The one line that describes a pass"
    assert summary_of(Fixpoint).startswith("Runs its body until nothing changes")


def test_options(toys: SimpleNamespace) -> None:
    assert options_text(toys.Turn) == ""
    assert options_text(Silent) == "count: int = 1"


def test_who_registers_a_pass(toy: hp.Instance) -> None:
    assert toy.pass_owner("turn").name == "tiny"
