"""What a user set up: the home, configuration files, and environment variables."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path

from hyperion.config import checked_pipelines, home_of
from hyperion.environment import FOR_TESTS, VARIABLES
from hyperion.errors import HyperionError
from hyperion.pipeline import Catalogue
from hyperion.settings import ignored_path
from hyperion_cli.commands.doctor.findings import Findings
from hyperion_cli.hosts import Found
from hyperion_cli.output import size


def home(found: Found, findings: Findings) -> None:
    folder = home_of(found.config)
    findings.fact("folder", folder)
    if not folder.exists():
        findings.fact("state", "not made yet")
        existing = next((parent for parent in folder.parents if parent.exists()), folder.parent)
        if not os.access(existing, os.W_OK | os.X_OK):
            findings.problem(f"{folder} cannot be made", "name a folder of your own: HYPERION_HOME=~/hyperion")
        return
    try:
        with tempfile.TemporaryFile(dir=folder):
            findings.fact("state", "can be written")
    except OSError as error:
        remedy = "make it yours, or name another folder: HYPERION_HOME=~/hyperion"
        findings.problem(f"{folder} cannot be written ({error.strerror}): nothing is kept between processes", remedy)
    if os.name == "posix" and folder.is_dir():
        for inner in (folder, folder / "code", folder / "verdicts"):
            if inner.is_dir() and inner.stat().st_mode & (stat.S_IWGRP | stat.S_IWOTH):
                what = f"others may write {inner}, so machine code that is kept there is not believed"
                findings.problem(what, f"chmod go-w {inner}")
    for name, count in sorted(_sizes(folder).items()):
        findings.fact(name, size(count))


def _sizes(folder: Path) -> dict[str, int]:
    """Bytes below each entry of the folder, as far as they can be read."""
    found: dict[str, int] = {}
    for place, _, names in os.walk(folder):
        below = Path(place).relative_to(folder).parts
        for name in names:
            try:
                count = os.lstat(os.path.join(place, name)).st_size
            except OSError:
                continue
            top = below[0] if below else name
            found[top] = found.get(top, 0) + count
    return found


def configuration(found: Found, findings: Findings) -> None:
    for file in found.files:
        keys = [k for key, value in file.values.items() for k in _keys(key, value)]
        findings.fact(file.path, f"sets {', '.join(keys)}" if keys else "sets nothing")
    if not found.files and not found.mistakes:
        findings.fact("files", "none")
    _pipelines(found, findings)
    ignored = ignored_path()
    if ignored:
        what = f"{ignored} does not count: it belongs to another user, or all may write it"
        findings.problem(what, "make it yours, or name it: HYPERION_CONFIG")
    for mistake in found.mistakes:
        place = f"{mistake.span}: " if mistake.span else ""
        findings.problem(f"{place}{mistake.message}", _remedy(mistake))
    installed = {status.name for status in found.host.statuses() if status.module}
    for said in found.host.rules.unknown(installed):
        findings.problem(said, "repair the name, or take it out")


def _pipelines(found: Found, findings: Findings) -> None:
    """Whether the texts of the pipelines stand for passes that there are."""
    host = found.host
    try:
        named = checked_pipelines(found.config)
    except HyperionError as error:
        findings.problem(f"pipelines: {error.message}", _remedy(error))
        named = {}
    catalogue = Catalogue(lambda: host.names("hyperion_passes"), lambda name: host.get("hyperion_passes", name), named)
    texts = {"`pipeline`": found.config.pipeline, **{f"the pipeline {name!r}": text for name, text in named.items()}}
    for what, text in texts.items():
        try:
            catalogue.nodes(text)
        except HyperionError as error:
            findings.problem(f"{what} of the configuration is {text!r}: {error.message}", _remedy(error))


def _remedy(error: HyperionError) -> str:
    return "; ".join(error.hints) or f"hyperion explain {error.code}"


def _keys(key: str, value: object) -> list[str]:
    return [f"{key}.{k}" for k in value] if isinstance(value, Mapping) else [key]  # pyright: ignore[reportUnknownVariableType] - any table


def environment(found: Found, findings: Findings) -> None:
    for name in sorted(name for name in os.environ if name.startswith("HYPERION_")):
        findings.fact(name, f"{os.environ[name]!r}" + (f" ({VARIABLES[name]})" if name in VARIABLES else ""))
        near = get_close_matches(name, VARIABLES, n=1, cutoff=0.8)
        if name not in VARIABLES and name not in FOR_TESTS and near:
            findings.problem(f"nobody reads {name}", f"did you mean {near[0]}?")
