"""Logging through the standard library: named loggers, structured fields, no handler of our own."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from hyperion.stages import identifiers

ROOT = "hyperion"
logging.getLogger(ROOT).addHandler(logging.NullHandler())


def logger(name: str = "") -> logging.Logger:
    """The logger `hyperion` or `hyperion.<name>`."""
    return logging.getLogger(f"{ROOT}.{name}" if name else ROOT)


def write(log: logging.Logger, level: int, message: str, fields: Mapping[str, object]) -> None:
    """Logs `message`; handlers find `fields`, and the instance, function and correlation of the work that is going on,
    as the record's attribute `hyperion`."""
    if log.isEnabledFor(level):
        log.log(level, "%s", message, extra={"hyperion": {**identifiers(), **fields}})
