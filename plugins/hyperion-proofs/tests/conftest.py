"""What proofs are tested against: the numbers that terms of the logic stand for, and loops in small pieces."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

import hyperion as hp
from hyperion.logic.terms import Term
from hyperion.testing.numbers import Number, number
from hyperion_proofs import reduction


@pytest.fixture(scope="session")
def numeric() -> Callable[[Term, Mapping[Term, Number]], Number]:
    return number


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[hp.Instance]:
    """Pieces of three elements on two lanes: even short lists are cut often."""
    home: Path = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reduction, "LANES", 2)
        patch.setattr(reduction, "PIECE", 3)
        patch.setattr(reduction, "SINGLE", 1)
        with hp.Instance(config={"home": str(home), "prefer": "proven"}) as made:
            yield made
