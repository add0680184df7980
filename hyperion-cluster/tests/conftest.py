"""What the executor's tests share."""

from __future__ import annotations

from collections.abc import Generator

import pytest

import hyperion as hp
from hyperion.interfaces.executor import Executor


@pytest.fixture(scope="module")
def instance() -> Generator[hp.Instance]:
    with hp.Instance() as made:
        yield made


@pytest.fixture
def executor(instance: hp.Instance) -> Generator[Executor]:
    with instance.executor(["cpu:0"]) as made:
        yield made
