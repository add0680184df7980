"""The configuration of an Instance: what the call says, the environment, and files."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, cast

from hyperion._nearest import nearest
from hyperion.errors import PluginError
from hyperion.folder_store import FolderStore
from hyperion.plugins.rules import PluginRules, of_a_file, of_the_call, of_the_environment
from hyperion.policy import Policy
from hyperion.settings import SettingsFile, file_paths, read_file, read_files


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
    plugins: PluginRules = field(default=PluginRules())  # of the environment and of files; given as a table


IN_OWN_FILES = ("home", "recheck")
"""Which machine code and verdicts are believed: no project's file decides it (docs/adr/0019)."""
IN_CODE_ONLY = ("oracles", "theories", "unproved_passes")
"""What counts as proof: no file decides it (docs/adr/0019)."""
_TYPES: Mapping[str, type] = {f.name: type(cast(object, f.default)) for f in fields(Config) if f.name != "plugins"}


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


def read_config(given: Mapping[str, object], files: Sequence[SettingsFile] | None = None) -> Config:
    """The configuration from a mapping, the environment, and the files that count here where none are given; the first
    of these that has a key decides.

    Raises `PluginError`: HY1007 for keys and values that it does not have, HY1020 for a file that cannot be read,
    HY1021 and HY1022 for what is wrong in one, HY1023 for a key that files cannot have.
    """
    files = read_files() if files is None else files
    rules = of_the_environment()
    values: dict[str, Any] = {}  # Any: each value is compared with the type of its field
    for file in reversed(files):
        values.update(of_file(file))
    values.update(_of_the_environment())
    for key, value in given.items():
        if key == "plugins":
            rules = of_the_call(value).before(rules)
        else:
            values[key] = _checked(key, value, _refused)
    if given.get("home") == "":
        values["home"] = os.environ.get("HYPERION_HOME", "")
    return Config(**values, plugins=_with_files(rules, files))


def _with_files(rules: PluginRules, files: Iterable[SettingsFile]) -> PluginRules:
    for file in files:
        rules = rules.before(of_a_file(file))
    return rules


def read_what_can_be_read() -> tuple[Config, list[SettingsFile], list[PluginError]]:
    """The configuration without the files and variables that have mistakes, the files that count, and the mistakes: for
    those who look for what is wrong."""
    files: list[SettingsFile] = []
    mistakes: list[PluginError] = []
    for path in file_paths():
        try:
            file = read_file(path)
            if file is not None:
                of_file(file)
                of_a_file(file)
                files.append(file)
        except PluginError as error:
            mistakes.append(error)
    try:
        return read_config({}, files), files, mistakes
    except PluginError as error:
        values: dict[str, Any] = {}  # Any: as above
        for file in reversed(files):
            values.update(of_file(file))
        values["home"] = os.environ.get("HYPERION_HOME") or values.get("home", "")
        return Config(**values, plugins=_with_files(of_the_environment(), files)), files, [*mistakes, error]


def of_file(file: SettingsFile) -> dict[str, object]:
    """The keys of a file but `plugins`. Raises `PluginError` as `read_config`."""

    def refused(key: str, message: str, hints: list[str]) -> PluginError:
        return file.error("HY1022" if key in _TYPES else "HY1021", message, key, hints=hints)

    values: dict[str, object] = {}
    for key, value in file.values.items():
        if key == "plugins":
            continue
        if key in IN_CODE_ONLY:
            hints = [f'write it where the Instance is made: hp.Instance(config={{"{key}": ...}})']
            raise file.error("HY1023", f"{key!r} says what counts as proof, which no file does", key, hints=hints)
        if key in IN_OWN_FILES and file.met:
            hints = [f"write it in your own file, or set HYPERION_{key.upper()}"]
            message = f"{key!r} says which machine code and verdicts are believed, which no project's file does"
            raise file.error("HY1023", message, key, hints=hints)
        values[key] = _checked(key, value, refused)
        if key in ("home", "reproducers") and values[key]:
            folder = os.path.dirname(file.path)
            values[key] = os.path.join(folder, os.path.expanduser(str(values[key])))
    return values


Refuse = Callable[[str, str, list[str]], PluginError]


def _refused(key: str, message: str, hints: list[str]) -> PluginError:
    return PluginError("HY1007", message, hints=hints)


def _checked(key: str, value: object, refused: Refuse) -> object:
    """The value of a key as the type of its field."""
    if key not in _TYPES:
        hints = [f"did you mean {near!r}?" for near in nearest(key, _TYPES)]
        hints.append(f"known are: {', '.join(_TYPES)}")
        if key == "tool":
            hints.append("[tool.hyperion] is for pyproject.toml; elsewhere the keys stand without it")
        raise refused(key, f"the configuration has no {key!r}", hints)
    wanted = _TYPES[key]
    if key == "pipelines":
        value = _texts(value, refused)
    if wanted is str and isinstance(value, os.PathLike):
        value = os.fspath(cast("os.PathLike[str]", value))
    if wanted is tuple and isinstance(value, (list, set, frozenset)):
        value = tuple(cast(Iterable[object], value))
    if wanted is float and isinstance(value, int) and not isinstance(value, bool):
        with suppress(OverflowError):
            value = float(value)
    negative = isinstance(value, float) and not value >= 0  # which NaN is too
    if not isinstance(value, wanted) or negative:
        raise refused(key, f"the configuration's {key!r} is a {wanted.__name__}, not {value!r}", [])
    if key == "prefer" and value not in ("fastest", "proven"):
        raise refused(key, f"the configuration's 'prefer' is 'fastest' or 'proven', not {value!r}", [])
    return value


def _of_the_environment() -> dict[str, object]:
    found: dict[str, object] = {}
    if os.environ.get("HYPERION_HOME"):
        found["home"] = os.environ["HYPERION_HOME"]
    if os.environ.get("HYPERION_REPRODUCERS"):
        found["reproducers"] = os.environ["HYPERION_REPRODUCERS"]
    if os.environ.get("HYPERION_BUDGET"):
        found["budget"] = _budget(os.environ["HYPERION_BUDGET"])
    if "HYPERION_RECHECK" in os.environ:
        found["recheck"] = os.environ["HYPERION_RECHECK"] not in ("", "0")
    if os.environ.get("HYPERION_PREFER"):
        found["prefer"] = _checked("prefer", os.environ["HYPERION_PREFER"], _refused)
    return found


def _budget(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not seconds >= 0:
        raise PluginError("HY1007", f"HYPERION_BUDGET is a number of seconds, not {text!r}")
    return seconds


def _texts(value: object, refused: Refuse) -> object:
    """Texts by name as pairs; what is no mapping of texts is refused as a value of the wrong type."""
    if not isinstance(value, Mapping):
        return value
    pairs = tuple(cast("Mapping[object, object]", value).items())
    if not all(isinstance(part, str) for pair in pairs for part in pair):
        raise refused("pipelines", "the configuration's 'pipelines' maps names to texts", [])
    return pairs
