"""Runs reproducers again."""

from __future__ import annotations

from pathlib import Path

from hyperion.errors import PassError, StoppedError
from hyperion.ir.registry import Registry
from hyperion.pipeline.catalogue import Catalogue
from hyperion.pipeline.pipeline import OptimizerPipeline
from hyperion.pipeline.reproducer import read_reproducer


def reproduced(path: Path, registry: Registry, catalogue: Catalogue) -> PassError | None:
    """The error that the reproducer at `path` ends with now, or None where the pass no longer fails. Raises as
    `Instance.reproduce` does."""
    found = read_reproducer(path, registry)
    with OptimizerPipeline(catalogue.nodes(found.pipeline), found.policy) as pipeline:
        try:
            pipeline.run(found.program)
        except StoppedError:
            raise
        except PassError as error:
            return error
    return None
