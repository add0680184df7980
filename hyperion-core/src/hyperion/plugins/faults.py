"""What is wrong with a plugin that raised, and what to do about it."""

from __future__ import annotations

import re
import traceback
from collections.abc import Callable
from dataclasses import replace
from opcode import opmap
from types import ModuleType
from typing import NamedTuple

from hyperion.errors import HyperionError
from hyperion.plugins.status import PluginStatus, Source, State, status_of

PASSED_ON = (KeyboardInterrupt, MemoryError, GeneratorExit)
"""What no plugin is blamed for, unless a line of its own raises it. Whatever else it raises, `SystemExit` too, stays
with that plugin."""

LONGEST = 300
"""Characters of an error's text that are shown; a traceback has all of it."""

_LIBRARY = (  # not compiled before it is needed
    r"(?P<linux>\S+?): cannot open shared object file"
    r"|Library not loaded: (?P<mac>\S+)"
    r"|DLL load failed while importing (?P<windows>\w+)"
    r"|Could not find module '(?P<dll>[^']+)'"
)
_NEWER = r"version [`'](?P<symbol>[\w.]+)' not found"
_DAMAGED = r"file too short|invalid ELF header|wrong ELF class|undefined symbol|not a mach-o file|is not a valid Win32"


def goes_through(error: BaseException, module: str) -> bool:
    """Whether the error is no fault of the plugin that has this module: a Ctrl-C that came while its code ran, or
    memory that ran out there. One that a `raise` of the plugin's own package raised is its fault."""
    return isinstance(error, PASSED_ON) and not _raised_by(error, module.partition(".")[0])


def _raised_by(error: BaseException, package: str) -> bool:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return False
    owner = str(trace.tb_frame.f_globals.get("__name__", "")).partition(".")[0]
    return owner == package and trace.tb_frame.f_code.co_code[trace.tb_lasti] == opmap["RAISE_VARARGS"]


class Fault(NamedTuple):
    """The state that a plugin gets, why, and what to do."""

    state: State
    reason: str
    remedy: str
    traceback: str = ""

    def of(self, source: Source) -> PluginStatus:
        return replace(status_of(source, self.state, self.reason, self.remedy), traceback=self.traceback)


def text(error: BaseException) -> str:
    """The error in one line."""
    if isinstance(error, HyperionError):
        return error.message
    lines = [line for line in _said(error).splitlines() if line.strip()]
    first = lines[0] if lines else ""
    shown = first if len(first) <= LONGEST else f"{first[:LONGEST]} .."
    return f"{type(error).__name__}: {shown}" if shown else type(error).__name__


def _said(error: BaseException) -> str:
    """Its text; an error of a plugin's own may fail to have one."""
    return _made_by(error, str)


def represented(thing: object) -> str:
    """What a plugin made, for a message."""
    return _made_by(thing, repr)[:60]


def _made_by(thing: object, how: Callable[[object], str]) -> str:
    try:
        return how(thing)
    except PASSED_ON:
        raise
    except BaseException as error:
        return f"<its text raised {type(error).__name__}>"


def fault_at_import(error: BaseException, source: Source) -> Fault:
    """Why the module of a plugin cannot be imported."""
    module = source.__name__ if isinstance(source, ModuleType) else source.module
    owner = "" if isinstance(source, ModuleType) else source.distribution
    missing = error.name if isinstance(error, ModuleNotFoundError) else None
    if missing and missing.partition(".")[0] == module.partition(".")[0]:
        remedy = f"install {owner or 'it'} again, or remove what is left of it: pip uninstall {owner or module}"
        said = text(error)
        if owner:
            said += f"; its entry point names {module}"
            remedy += ", or correct the entry point"
        return Fault("failed", f"{said} (a stale installation?)", remedy, _frames(error))
    return fault(error, owner)


def fault(error: BaseException, owner: str) -> Fault:
    """Why code of the distribution `owner` raised."""
    state, remedy = _judged(error, owner or "the plugin")
    return Fault(state, text(error), remedy, _frames(error))


def _judged(error: BaseException, owner: str) -> tuple[State, str]:
    if isinstance(error, ModuleNotFoundError):
        package = (error.name or "").partition(".")[0] or "what it needs"
        return "unavailable", f"install {owner} with all that it needs, or the package that has {package}"
    if isinstance(error, HyperionError):
        return "unavailable", "; ".join(error.hints) or "see the reason"
    if isinstance(error, (OSError, ImportError)):
        library, newer = re.search(_LIBRARY, _said(error)), re.search(_NEWER, _said(error))
        if library:
            name = next(group for group in library.groups() if group)
            return "unavailable", f"install the library {name}, or put its folder where libraries are looked for"
        if newer:
            return "unavailable", f"install a build of {owner} for this system: it wants {newer['symbol']}"
        if re.search(_DAMAGED, _said(error)):
            how = "the file is damaged, or of another system, Python or library"
            return "unavailable", f"install {owner} again, in a build for this system and Python: {how}"
    return "failed", f"update {owner}, report it to its authors, or switch it off"


def _frames(error: BaseException) -> str:
    return "".join(traceback.format_exception(error))
