"""The sample module, as bytes, and an Instance without plugins that reads it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

import hyperion as hp
from hyperion.cost import LINEAR
from hyperion.interfaces.strategy import Candidate
from hyperion.ir.parser import parse_program
from hyperion.logic import kernel
from hyperion.logic.denote import denote
from hyperion.module import Module
from hyperion.testing.module_samples import TOTAL, sample_module

SUM = parse_program(TOTAL, "total.hir")
RENAMED = parse_program(TOTAL.replace("%sum", "%all"), "total.hir")


@pytest.fixture(scope="session")
def sample() -> bytes:
    return sample_module().to_bytes()


@pytest.fixture(scope="session")
def reader() -> Iterator[hp.Instance]:
    with hp.Instance(plugins=[]) as instance:
        yield instance


@dataclass
class Renames:
    """A strategy that proves a function with other names equal."""

    name: str = "rename"

    def derive(self, function: Any) -> Any:
        if function == SUM.main:
            theorem = kernel.refl(denote(SUM.main))
            yield Candidate("rename", RENAMED.main, theorem, LINEAR, False, "the same loop")


@pytest.fixture
def module(instance: hp.Instance, tiny: Any) -> Module:
    tiny.strategies["rename"] = Renames
    return instance.compile(TOTAL, frontend="ir", filename="total.hir")
