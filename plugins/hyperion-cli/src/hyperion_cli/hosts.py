"""The plugins as the command sees them, also where the configuration has mistakes."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Generator
from contextlib import contextmanager, redirect_stdout, suppress
from typing import NamedTuple, TextIO, cast

from hyperion import log
from hyperion.config import Config, read_what_can_be_read
from hyperion.errors import PluginError
from hyperion.plugins import INTERFACES, PluginHost, PluginStatus
from hyperion.settings import SettingsFile


class Found(NamedTuple):
    """The plugins, and what of the configuration could be read; `mistakes` says what could not."""

    host: PluginHost
    config: Config
    files: list[SettingsFile]
    mistakes: list[PluginError]


@contextmanager
def installed() -> Generator[Found]:
    """The installed plugins in a host of their own. What they print meanwhile goes to stderr; their states say what the
    log would."""
    config, files, mistakes = read_what_can_be_read()
    with stdout_for_results(), _quiet():
        host = PluginHost(rules=config.plugins)
        try:
            yield Found(host, config, files, mistakes)
        finally:
            with suppress(ExceptionGroup):  # what a plugin does when it is closed is nothing that anybody asked for
                host.close()


@contextmanager
def stdout_for_results() -> Generator[None]:
    """What plugins print in the body goes to stderr, also what their libraries write by themselves."""
    with redirect_stdout(cast("TextIO", _Beside())), _descriptor_aside():
        yield


class _Beside:
    """stderr, which nobody closes who thinks that this is stdout."""

    def close(self) -> None:
        pass

    def __getattr__(self, name: str) -> object:
        return getattr(sys.stderr, name)


@contextmanager
def _descriptor_aside() -> Generator[None]:
    """The same for descriptor 1, where both are open."""
    try:
        kept = os.dup(1)
        os.dup2(2, 1)
    except OSError:
        yield
        return
    try:
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)


def asked(host: PluginHost) -> tuple[PluginStatus, ...]:
    """Every plugin with its state, once it was asked what it registers: that goes wrong too."""
    for hook in INTERFACES:
        host.names(hook)
    return host.statuses()


@contextmanager
def _quiet() -> Generator[None]:
    logger = log.logger("plugins")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(level)
