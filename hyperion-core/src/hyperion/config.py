"""The configuration of an Instance."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, cast

from hyperion.errors import PluginError
from hyperion.folder_store import FolderStore
from hyperion.policy import Policy


@dataclass(frozen=True, slots=True)
class Config:
    """What `Instance(config={...})` takes."""

    home: str = ""  # caches and the theorem library; HYPERION_HOME, or a folder of the user's cache
    target: str = "cpu"  # the code generation target that is used where none is named
    device: str = "cpu:0"  # the device of clusters and executors where none is named
    pipeline: str = "default"  # the text of the pipeline that compiling runs
    pipelines: tuple[tuple[str, str], ...] = ()  # texts of pipelines by name; given as a dict
    unproved_passes: tuple[str, ...] = ()  # passes that may change functions without evidence; their output is marked
    verify_each: bool = True  # verify the IR after each pass, not only after the last
    reproducers: str = ""  # the folder that gets a file for each pass that fails; HYPERION_REPRODUCERS, or none
    derive: bool = True  # look for proven equivalents at all
    budget: float = 5.0  # seconds for looking and checking, for one function; HYPERION_BUDGET where that is set
    prefer: str = "fastest"  # or "proven": also where the loop as written is predicted to be faster; HYPERION_PREFER
    library: bool = True  # look for them in the theorem library first, and keep them there
    code: bool = True  # keep machine code that was made, and take it from there
    recheck: bool = False  # have stored proofs checked in every process, whatever verdicts are kept; HYPERION_RECHECK
    oracles: tuple[str, ...] = field(default=())  # oracle labels that are believed in proofs
    theories: tuple[str, ...] = field(default=())  # distributions whose own axioms are believed in proofs


def home_of(config: Config) -> Path:
    """The folder of caches and the theorem library. Raises RuntimeError for the home of nobody."""
    if config.home:
        return Path(config.home).expanduser()
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "hyperion"


def policy_of(config: Config) -> Policy:
    """What the configuration lets count as proof."""
    return Policy(
        frozenset(config.oracles),
        frozenset(config.unproved_passes),
        verify_each=config.verify_each,
        theories=frozenset(config.theories),
        verdicts=None if config.recheck else _verdicts(config),
    )


def _verdicts(config: Config) -> FolderStore | None:
    try:
        return FolderStore(home_of(config) / "verdicts")
    except RuntimeError:
        return None


def checked_pipelines(config: Config) -> Mapping[str, str]:
    """The configuration's pipelines by name. Raises `PassError` for a name that no pipeline can have."""
    if not config.pipelines:
        return {}
    from hyperion.pipeline.catalogue import checked_names

    return checked_names(dict(config.pipelines))


def read_config(given: Mapping[str, object]) -> Config:
    """The configuration from a mapping. Raises `PluginError` (HY1007) for keys and values that it does not have."""
    from difflib import get_close_matches  # on use: what is right needs no suggestions

    known: dict[str, type] = {f.name: type(cast(object, f.default)) for f in fields(Config)}
    values: dict[str, Any] = {}  # Any: each value is compared with the type of its field
    for key, value in given.items():
        if key not in known:
            hints = [f"did you mean {near!r}?" for near in get_close_matches(key, known, n=1)]
            hints.append(f"known are: {', '.join(known)}")
            raise PluginError("HY1007", f"the configuration has no {key!r}", hints=hints)
        wanted = known[key]
        if key == "pipelines":
            value = _texts(value)
        if wanted is str and isinstance(value, os.PathLike):
            value = os.fspath(cast("os.PathLike[str]", value))
        if wanted is tuple and isinstance(value, (list, set, frozenset)):
            value = tuple(cast(Iterable[object], value))
        if wanted is float and isinstance(value, int) and not isinstance(value, bool):
            value = float(value)
        negative = isinstance(value, float) and not value >= 0  # which NaN is too
        if not isinstance(value, wanted) or negative:
            raise PluginError("HY1007", f"the configuration's {key!r} is a {wanted.__name__}, not {value!r}")
        values[key] = value
    if not values.get("home"):
        values["home"] = os.environ.get("HYPERION_HOME", "")
    if "budget" not in values and os.environ.get("HYPERION_BUDGET"):
        values["budget"] = _budget(os.environ["HYPERION_BUDGET"])
    values.setdefault("recheck", os.environ.get("HYPERION_RECHECK", "0") not in ("", "0"))
    prefer = values.setdefault("prefer", os.environ.get("HYPERION_PREFER") or "fastest")
    if prefer not in ("fastest", "proven"):
        raise PluginError("HY1007", f"the configuration's 'prefer' is 'fastest' or 'proven', not {prefer!r}")
    return Config(**values)


def _budget(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not seconds >= 0:
        raise PluginError("HY1007", f"HYPERION_BUDGET is a number of seconds, not {text!r}")
    return seconds


def _texts(value: object) -> object:
    """Texts by name as pairs; what is no mapping of texts is refused as a value of the wrong type."""
    if not isinstance(value, Mapping):
        return value
    pairs = tuple(cast("Mapping[object, object]", value).items())
    if not all(isinstance(part, str) for pair in pairs for part in pair):
        raise PluginError("HY1007", "the configuration's 'pipelines' maps names to texts")
    return pairs
