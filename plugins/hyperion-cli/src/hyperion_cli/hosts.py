"""The plugins as the command sees them, also where the configuration has mistakes."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager, suppress
from typing import NamedTuple

from hyperion.config import Config, read_what_can_be_read
from hyperion.errors import PluginError
from hyperion.plugins import PluginHost
from hyperion.settings import SettingsFile


class Found(NamedTuple):
    """The plugins, and what of the configuration could be read; `mistakes` says what could not."""

    host: PluginHost
    config: Config
    files: list[SettingsFile]
    mistakes: list[PluginError]


@contextmanager
def installed() -> Generator[Found]:
    """The installed plugins in a host of their own."""
    config, files, mistakes = read_what_can_be_read()
    host = PluginHost(rules=config.plugins)
    try:
        yield Found(host, config, files, mistakes)
    finally:
        with suppress(ExceptionGroup):  # what a plugin does when it is closed is nothing that the command was asked for
            host.close()
