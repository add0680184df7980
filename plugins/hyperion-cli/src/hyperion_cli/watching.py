"""`--log FILE` and `--metrics FILE`, which every command takes: what it logs, and what it counted."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Generator, Iterable
from contextlib import ExitStack, contextmanager, suppress
from functools import reduce
from operator import add
from pathlib import Path

import hyperion as hp
from hyperion.diagnostics import shown
from hyperion.errors import PluginError
from hyperion.log import LEVELS, JsonLines, to_json_lines
from hyperion.metrics import Metrics, gathered
from hyperion_cli.errors import print_error
from hyperion_cli.output import WRITABLE, UsageError

LOG, LOG_LEVEL = "HYPERION_LOG", "HYPERION_LOG_LEVEL"


_OPTIONS = {
    "--log": ("FILE", f"write logs there as JSON lines; - is stderr; or {LOG}"),
    "--log-level": ("LEVEL", f"from which level on; INFO if not given; or {LOG_LEVEL}"),
    "--metrics": ("FILE", "write there what all Instances counted, as OpenMetrics, or as .json"),
}


def add_watching_arguments(parser: argparse.ArgumentParser, default: str | None = None) -> None:
    """With a `default` of `argparse.SUPPRESS` what stands before the command counts where nothing stands after it."""
    for option, (word, text) in _OPTIONS.items():
        parser.add_argument(option, metavar=word, help=text, default=default)


@contextmanager
def watched(arguments: argparse.Namespace) -> Generator[None]:
    """Logs the body, and writes at its end, however it ends, what the default Instance counted and all that were made
    meanwhile, as by the user's own file. Raises `UsageError` (HY1044) for files that cannot be written, and for a level
    that is none.
    """
    with ExitStack() as stack:
        where = arguments.log or os.environ.get(LOG)
        if where:
            stack.enter_context(_logged(where, arguments.log_level or os.environ.get(LOG_LEVEL) or "INFO"))
        if arguments.metrics:
            _check_folder(arguments.metrics)
            stack.enter_context(_counted(arguments.metrics))
        yield


@contextmanager
def _counted(path: str) -> Generator[None]:
    with gathered() as counting:
        try:
            yield
        except BaseException:
            try:
                _save(counting, path)
            except hp.HyperionError as error:  # beside what went wrong before
                print_error(error)
            raise
        _save(counting, path)


@contextmanager
def _logged(where: str, level: str) -> Generator[None]:
    lines = _lines(where, level)
    try:
        with lines:
            yield
    finally:
        if lines.lost:
            print(f"warning: {shown(where)} has not all of the log: it could not be written", file=sys.stderr)


def _lines(where: str, level: str) -> JsonLines:
    try:
        return to_json_lines(sys.stderr if where == "-" else where, level)
    except PluginError as error:
        raise UsageError(error.code, error.message, hints=[f"--log-level is one of {', '.join(LEVELS)}"]) from error
    except OSError as error:
        raise _unwritable(where, error) from error


def _save(counting: Iterable[Metrics], path: str) -> None:
    with suppress(PluginError):  # there is none where the configuration cannot be read
        counting = dict.fromkeys([hp.default_instance().observer.metrics, *counting])
    found = reduce(add, [metrics.snapshot() for metrics in counting], Metrics().snapshot())
    text = json.dumps(found.json(), indent=1) + "\n" if path.endswith(".json") else found.openmetrics()
    try:
        Path(path).write_text(text, encoding="utf-8")
    except OSError as error:
        raise _unwritable(path, error) from error


def _check_folder(path: str) -> None:
    """Sooner than after the work."""
    if not Path(path).resolve().parent.is_dir():
        raise _unwritable(path, FileNotFoundError(2, "there is no such folder"))


def _unwritable(path: str, error: OSError) -> UsageError:
    return UsageError("HY1044", f"{path!r} cannot be written: {error.strerror or error}", hints=[WRITABLE])
