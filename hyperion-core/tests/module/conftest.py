"""The sample module, as bytes, and an Instance without plugins that reads it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import hyperion as hp
from hyperion.testing.module_samples import sample_module


@pytest.fixture(scope="session")
def sample() -> bytes:
    return sample_module().to_bytes()


@pytest.fixture(scope="session")
def reader() -> Iterator[hp.Instance]:
    with hp.Instance(plugins=[]) as instance:
        yield instance
