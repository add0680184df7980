"""What the executor's tests share."""

from __future__ import annotations

from collections.abc import Generator

import pytest

import hyperion as hp
from hyperion.interfaces.executor import Executor
from hyperion.testing.written_functions import WrittenDevice


@pytest.fixture(scope="module")
def instance() -> Generator[hp.Instance]:
    with hp.Instance() as made:
        yield made


@pytest.fixture
def executor(instance: hp.Instance) -> Generator[Executor]:
    with instance.executor([WrittenDevice()]) as made:
        yield made
