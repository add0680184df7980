"""Runs reproducers again."""

from __future__ import annotations

import platform
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from hyperion import __version__
from hyperion.errors import PassError, StoppedError
from hyperion.ir.registry import Registry
from hyperion.pipeline.catalogue import Catalogue
from hyperion.pipeline.pipeline import OptimizerPipeline
from hyperion.pipeline.reproducer import read_reproducer

if TYPE_CHECKING:
    from hyperion.plugins import PluginStatus


def versions_with(plugins: Iterable[PluginStatus]) -> tuple[str, ...]:
    """The core, Python and the active ones of the plugins, as a reproducer records them."""
    active = (p for p in plugins if p.state == "active")
    lines = (" ".join(part for part in (p.name, p.distribution, p.version) if part) for p in active)
    return (f"hyperion-core {__version__}", f"python {platform.python_version()}", *lines)


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
