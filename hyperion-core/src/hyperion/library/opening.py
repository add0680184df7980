"""The theorem library of an Instance, and the name of what its derivations search with."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from hyperion import __version__
from hyperion.errors import RAISED, HyperionError, PluginError
from hyperion.interfaces.theorem_library import TheoremLibraries, TheoremLibrary
from hyperion.library.in_process import InProcessLibrary

if TYPE_CHECKING:
    from hyperion.config import Config
    from hyperion.ir.registry import Registry
    from hyperion.plugins import PluginHost
    from hyperion.policy import Policy


def opened(
    host: PluginHost, config: Config, home: Callable[[], Path], registry: Registry, policy: Policy
) -> TheoremLibrary:
    """The library of the first plugin that keeps theorems in `home` and does not fail; one in memory where there is
    none. Raises `PluginError` (HY1017) where the configuration switches it off."""
    if not config.library:
        hints = ["leave `library` out of config, or make it true"]
        raise PluginError("HY1017", "the theorem library is switched off", hints=hints)
    found: dict[str, TheoremLibraries] = host.all("hyperion_libraries")
    for name, libraries in found.items():
        try:
            return libraries.open(home, registry, policy)
        except HyperionError:
            raise
        except RAISED as error:  # what it kept is the loss of a chance, and its plugin says so
            host.failed("hyperion_libraries", name, error)
    return InProcessLibrary()


def searchers(host: PluginHost, config: Config) -> str:
    """What a derivation is made by: strategies and the pipeline, with the versions of the plugins that have them."""
    strategies = host.names("hyperion_strategies")
    asked = [("hyperion_strategies", name) for name in strategies]
    asked += [("hyperion_passes", name) for name in host.names("hyperion_passes")]
    plugins = [f"{plugin.name} {plugin.version}" for plugin in host.owners(asked)]
    pipelines = [f"{name}={text}" for name, text in config.pipelines]
    return "; ".join([f"hyperion-core {__version__}", *plugins, *strategies, *pipelines, config.pipeline])
