"""A file with which a failing pass can be run again: IR text, with everything else in comments at its top.

    // hyperion reproducer 1
    // error: "HY4003"
    // message: "pass 'careless' on 'f' gives no theorem, ..."
    // pipeline: "careless,dce"
    // verify_each: true
    // unproved_passes: []
    // oracles: []
    // versions: ["hyperion-core 0.1.0", "python 3.11.7", "passes hyperion-passes 0.1.0"]

    func @f(%x: i64) -> i64 {

`hyperion passes --reproduce FILE` and `Instance.reproduce` run it; whatever reads IR text reads the file too.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, cast

from hyperion.errors import PassError
from hyperion.ir.function import Program
from hyperion.ir.parser import parse_program
from hyperion.ir.printer import print_program
from hyperion.ir.registry import CORE, Registry
from hyperion.policy import Policy

_FIRST: Final = "// hyperion reproducer 1"
_FIELDS: Final[Mapping[str, type]] = {
    "error": str,
    "message": str,
    "pipeline": str,
    "verify_each": bool,
    "unproved_passes": list,
    "oracles": list,
    "versions": list,
}


@dataclass(frozen=True, slots=True)
class Reproducer:
    """What failed: the error, the program before the pass that failed, and the pipeline from that pass on.

    Options stand there with their defaults. What is left of a `fixpoint` or `repeat` around the pass follows it; a
    `try` around it is left out, so that the failure is seen.
    """

    program: Program
    pipeline: str
    error: str
    message: str
    verify_each: bool = True
    unproved_passes: tuple[str, ...] = ()
    oracles: tuple[str, ...] = ()
    versions: tuple[str, ...] = ()

    @property
    def policy(self) -> Policy:
        return Policy(frozenset(self.oracles), frozenset(self.unproved_passes), self.verify_each)

    def __str__(self) -> str:
        lines = [f"// {name}: {json.dumps(getattr(self, name))}" for name in _FIELDS]
        return "\n".join([_FIRST, *lines, "", print_program(self.program)])

    def write(self, folder: Path) -> Path:
        """Writes the file into a folder, which is made where it is missing, and returns its path."""
        text = str(self)
        words = (self.error, self.pipeline.split(",")[0].split("{")[0], self.program.entry)
        name = re.sub(r"[^\w.-]", "_", "-".join(words))
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{name[:100]}-{sha256(text.encode()).hexdigest()[:8]}.hir"
        path.write_text(text, encoding="utf-8")
        return path


def read_reproducer(path: Path, registry: Registry = CORE) -> Reproducer:
    """Reads a file that `Reproducer.write` made.

    Raises `PassError`: HY4030 where it cannot be read or is no reproducer; `TypeCheckError` for IR that does not
    parse.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise PassError("HY4030", f"the reproducer {str(path)!r} cannot be read: {why}") from error
    lines = text.splitlines()
    if not lines or lines[0] != _FIRST:
        hints = ["reproducers are written where HYPERION_REPRODUCERS names a folder"]
        raise PassError("HY4030", f"{str(path)!r} is no reproducer: its first line is not {_FIRST!r}", hints=hints)
    found: dict[str, Any] = {}  # Any: each value is compared with the type of its field
    for name, kind in _FIELDS.items():
        found[name] = _field(path, lines, name, kind)
    return Reproducer(parse_program(text, str(path), registry), **found)


def _field(path: Path, lines: list[str], name: str, kind: type) -> object:
    head = f"// {name}: "
    line = next((line for line in lines if line.startswith(head)), None)
    wrong = PassError("HY4030", f"the reproducer {str(path)!r} has no good line `{head}...`")
    if line is None:
        raise wrong
    try:
        value: object = json.loads(line.removeprefix(head))
    except ValueError:
        raise wrong from None
    if not isinstance(value, kind):
        raise wrong
    if isinstance(value, list):
        items = cast("list[object]", value)
        if not all(isinstance(item, str) for item in items):
            raise wrong
        return tuple(items)
    return value


@dataclass(frozen=True, slots=True)
class Reproducing:
    """Writes a reproducer for every pass that fails, where a folder for them is named."""

    folder: Path | None
    policy: Policy
    verify_each: bool
    versions: Callable[[], tuple[str, ...]]

    def __call__(self, error: PassError, program: Program, text: str) -> str:
        """A note for the error: where its reproducer lies, or why there is none."""
        if self.folder is None:
            return ""
        try:
            path = Reproducer(
                program,
                text,
                error.code,
                error.message,
                self.verify_each,
                tuple(sorted(self.policy.unproved_passes)),
                tuple(sorted(self.policy.oracles)),
                self.versions(),
            ).write(self.folder)
        except Exception as failure:  # the error itself matters more
            return f"its reproducer could not be written: {type(failure).__name__}: {failure}"
        return f"reproducer: {path} (`hyperion passes --reproduce {path}`)"
