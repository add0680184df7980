"""Which plugins are on: the call before the environment before the project's file before the user's, each named."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

import hyperion as hp
from hyperion import settings
from hyperion.errors import PluginError
from hyperion.plugins import PluginStatus
from hyperion.plugins.versions import requirement, version_key

Install = Callable[..., None]
Make = Callable[..., ModuleType]

PLUGIN = "from hyperion.hookspecs import hookimpl\nHYPERION_API = (1, 0)\n"


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Writes a project's file, found from a folder below it, and a user's."""
    (tmp_path / "project" / "src").mkdir(parents=True)
    (tmp_path / "user" / "hyperion").mkdir(parents=True)
    monkeypatch.delenv("HYPERION_CONFIG")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "user"))
    monkeypatch.chdir(tmp_path / "project" / "src")

    def write(project: str = "", user: str = "", name: str = "hyperion.toml") -> None:
        for path, text in (
            (tmp_path / "project" / name, project),
            (tmp_path / "user" / "hyperion" / "config.toml", user),
        ):
            path.unlink(missing_ok=True)
            if text:
                path.write_text(text)

    return write


def status(name: str, **choice: object) -> PluginStatus:
    with hp.Instance(**choice) as instance:  # type: ignore[arg-type]
        return next(p for p in instance.plugins if p.name == name)


def test_the_first_that_mentions_a_plugin_decides(
    install: Install, files: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    install("one", PLUGIN)
    files(user='[plugins]\ndisable = ["one"]\n')
    found = status("one")
    assert (found.state, found.remedy) == (
        "disabled",
        f"take it out of {found.reason.removeprefix('switched off by ')}",
    )
    assert found.reason.endswith("/user/hyperion/config.toml:2")
    files(project='[plugins]\nallow = ["one", "two"]\n', user='[plugins]\ndisable = ["one"]\n')
    assert status("one").state == "active"
    found = status("cpu")
    assert (found.state, found.reason) == ("disabled", f"not among {found.remedy.partition(' to ')[2]}")
    assert found.reason.endswith("`allow` in " + str(Path.cwd().parent / "hyperion.toml") + ":2")
    assert "not installed; `allow` in " in status("two").reason
    monkeypatch.setenv("HYPERION_PLUGINS", "cpu")
    assert status("one").reason == "not among HYPERION_PLUGINS"
    assert status("one", plugins=["one"]).state == "active"
    monkeypatch.setenv("HYPERION_NO_PLUGINS", "1")
    assert status("cpu").reason == "switched off by HYPERION_NO_PLUGINS, as all are"
    assert status("one", plugins=["one"]).state == "active"
    monkeypatch.setenv("HYPERION_DISABLE_PLUGINS", "one")
    assert status("one", plugins=["one"]).reason == "switched off by HYPERION_DISABLE_PLUGINS"
    assert status("one", plugins=["one"], disable=["one"]).reason == "switched off by the call's disable"
    assert status("cpu", plugins=["auto", "cpu"]).state == "active"


def test_a_distribution_is_blocked_by_its_version(install: Install, files: Callable[..., None]) -> None:
    install("one", PLUGIN)
    for wanted, blocked in (("test-one<1.3", True), ("Test_One", True), ("test-one>=1.3", False), ("one", False)):
        files(user=f'[plugins]\nblock = ["{wanted}"]\n')
        found = status("one", plugins=["one"])
        assert (found.state == "disabled") is blocked
        assert not blocked or found.reason.startswith(f"test-one 1.2 is blocked: '{wanted}' in `block` in /")


@pytest.mark.parametrize(
    "ordered", ["1.0.dev1 1.0a1.dev2 1.0a1 1.0b2 1.0rc1 1.0 1.0.post1 1.0.1 1.9 1.10 2 1!0.1", "1 1.0.0.1 1.1"]
)
def test_the_order_of_versions(ordered: str) -> None:
    keys = [version_key(version) for version in ordered.split()]
    assert None not in keys
    assert keys == sorted(keys)  # type: ignore[type-var]
    assert len(set(keys)) == len(keys)


def test_requirements() -> None:
    for text, version, holds in (
        ("a", "1", True),
        ("a == 1.0", "1.0.0", True),
        ("a!=1", "1", False),
        ("a>=1,<2", "2", False),
        ("a>1, <=2", "2", True),
        ("a<1", "a new one", True),  # no version: nobody knows better
        ("b", "1", False),
    ):
        found = requirement(text)
        assert found is not None
        assert found.matches("A", version) is holds, text
    for text in ("", "a<", "a 1", "a~=1", "<1", "a<1,"):
        assert requirement(text) is None, text


def test_a_preference_decides_between_two_owners(make_plugin: Make, files: Callable[..., None]) -> None:
    plugins = [make_plugin(name, hyperion_frontends=lambda: {"x": object}) for name in ("one", "two", "three")]
    files(project='[plugins.prefer]\n"hyperion_frontends:x" = "two"\n')
    with hp.Instance(plugins=plugins) as instance:
        assert instance._host.owner("hyperion_frontends", "x") == "two"
        assert instance._host.claims("hyperion_frontends", "x") == ("one", "two", "three")
    prefer = {"plugins": {"prefer": {"hyperion_frontends:x": "one"}}}
    with hp.Instance(plugins=plugins, config=prefer) as instance:
        assert instance._host.owner("hyperion_frontends", "x") == "one"
    files(project='[plugins.prefer]\n"hyperion_frontends:x" = "four"\n')
    with hp.Instance(plugins=plugins[:2]) as instance, pytest.raises(PluginError) as caught:
        instance.frontend("x")
    assert caught.value.message == "'x' is registered by 'one' and 'two' through hyperion_frontends"
    assert caught.value.notes[0].endswith("hyperion.toml:2 names 'four', which is neither")
    assert caught.value.hints[0].endswith('below [plugins.prefer]: "hyperion_frontends:x" = "one"')


def test_other_keys_follow_the_same_order(
    files: Callable[..., None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HYPERION_BUDGET", "HYPERION_PREFER", "HYPERION_HOME"):
        monkeypatch.delenv(name)
    project = '[tool.hyperion]\nbudget = 3\nreproducers = ""\n'
    user = "budget = 4\nverify_each = false\nreproducers = 'there'\nhome = 'here'\n"
    files(project, user, "pyproject.toml")
    config = hp.Instance(plugins=[]).config
    assert (config.budget, config.verify_each, config.prefer) == (3.0, False, "fastest")
    assert config.home == str(tmp_path / "user" / "hyperion" / "here")
    assert config.reproducers == ""
    monkeypatch.setenv("HYPERION_REPRODUCERS", "elsewhere")
    assert hp.Instance(plugins=[]).config.reproducers == "elsewhere"
    monkeypatch.setenv("HYPERION_BUDGET", "2")
    assert hp.Instance(plugins=[]).config.budget == 2.0
    assert hp.Instance(plugins=[], config={"budget": 1}).config.budget == 1.0
    monkeypatch.setenv("HYPERION_CONFIG", "")
    assert hp.Instance(plugins=[]).config.verify_each is True


@pytest.mark.parametrize(
    ("text", "code", "message"),
    [
        ("budget = ", "HY1020", "cannot be read: Invalid value (at end of document)"),
        ("budget 2", "HY1020", "hyperion.toml:1:8\n    budget 2"),
        (f"budget = {'[' * 3000}", "HY1020", "cannot be read: it is nested too deeply"),
        (f"{'a.' * 3000}a = 1", "HY1020", "cannot be read: it is nested too deeply"),
        (f"budget = 0x{'f' * 5000}", "HY1020", "cannot be read: an integer in it does not fit 64 bits"),
        ("[tool.hyperion]", "HY1021", "[tool.hyperion] is for pyproject.toml"),
        ("budgt = 2", "HY1021", "did you mean 'budget'?"),
        ("budget = 'long'", "HY1022", "'budget' is a float, not 'long'"),
        ("budget = -1", "HY1022", "'budget' is a float, not -1.0"),
        ("prefer = 'best'", "HY1022", "is 'fastest' or 'proven'"),
        ("pipelines = {a = 1}", "HY1022", "maps names to texts"),
        ("theories = ['mine']", "HY1023", "what counts as proof"),
        ("home = 'here'", "HY1023", "'home' says which machine code and verdicts are believed"),
        ("recheck = false", "HY1023", "set HYPERION_RECHECK"),
        ("plugins = 1", "HY1022", "`plugins` is a table"),
        ("[plugins]\ndisabled = []", "HY1021", "did you mean 'disable'?"),
        ("[plugins]\ndisable = 'z3'", "HY1022", "plugins.disable is a list of texts, not 'z3'"),
        ("[plugins]\nblock = ['z3<']", "HY1022", "'z3<' names no versions"),
        ("[plugins]\nprefer = ['z3']", "HY1022", "is a table of plugins"),
        ("[plugins.prefer]\n'hyperion_device:x' = 'y'", "HY1021", "did you mean hyperion_devices:x?"),
        ("[plugins.prefer]\n'hyperion_devices:x' = 1", "HY1022", "names a plugin, not 1"),
    ],
)
def test_a_mistake_in_a_file_is_shown_in_its_line(
    text: str, code: str, message: str, files: Callable[..., None]
) -> None:
    files(text)
    with pytest.raises(PluginError) as caught:
        hp.Instance()
    assert caught.value.code == code
    assert message in str(caught.value)
    if code != "HY1020" and "tool" not in text:
        assert f"hyperion.toml:{len(text.splitlines())}:1" in str(caught.value)


def test_a_named_file_that_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HYPERION_CONFIG", "/none/such.toml")
    with pytest.raises(PluginError, match=r"HY1020: /none/such.toml cannot be read: No such file"):
        hp.Instance()


def test_other_files_cost_no_reading_of_toml(
    files: Callable[..., None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files('[project]\nname = "hyperion-thing"\n', name="pyproject.toml")
    monkeypatch.setattr(settings, "read_file", None)  # calling it would fail
    assert settings.read_files() == ()


def test_rules_about_what_is_not_installed(install: Install, files: Callable[..., None]) -> None:
    install("one", PLUGIN)
    files('[plugins]\ndisable = ["onee"]\n')
    with hp.Instance(plugins=["one"]) as instance:
        (said,) = instance._host.rules.unknown(["one", "two"])
    assert said.endswith("hyperion.toml:2 names 'onee', which is not installed; did you mean 'one'?")


def test_a_file_that_another_user_left_does_not_count(
    files: Callable[..., None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files("budget = 3\n")
    path = tmp_path / "project" / "hyperion.toml"
    assert settings.file_paths() == [str(path)]
    path.chmod(0o666)
    assert (settings.file_paths(), settings.ignored_path()) == ([], str(path))
    path.chmod(0o600)
    stat = os.stat
    monkeypatch.setattr(os, "geteuid", lambda: 12345)
    monkeypatch.setattr(os, "stat", lambda p: stat(p) if p == os.curdir else Owned(stat(p), 54321))
    assert (settings.file_paths(), settings.ignored_path()) == ([], str(path))
    monkeypatch.setattr(os, "stat", lambda p: Owned(stat(p), 54321))  # who made the current folder, too
    assert settings.ignored_path() == ""


class Owned:
    """What `os.stat` says of a file that another user owns."""

    def __init__(self, found: os.stat_result, owner: int) -> None:
        self.st_mode, self.st_uid = found.st_mode, owner


def test_a_misspelt_name_is_said(install: Install, caplog: pytest.LogCaptureFixture) -> None:
    install("one", PLUGIN)
    hp.Instance(plugins=["one"], disable=["onee", "other"]).close()
    said = "the call's disable names 'onee', which is not installed; did you mean 'one'?"
    assert [record.message for record in caplog.records] == [said]


def test_one_name_is_a_list_of_one(install: Install) -> None:
    install("one", PLUGIN)
    assert status("one", disable="one").state == "disabled"


def test_what_is_neither_a_name_nor_a_module() -> None:
    with pytest.raises(PluginError, match="HY1001: a plugin is a module or a name, not 7"):
        hp.Instance(plugins=[7])  # type: ignore[list-item]


def test_a_mark_at_the_beginning_of_a_file_is_no_mistake(files: Callable[..., None], tmp_path: Path) -> None:
    files("#")
    (tmp_path / "project" / "hyperion.toml").write_bytes(b"\xef\xbb\xbfverify_each = false\r\n")
    assert hp.Instance(plugins=[]).config.verify_each is False


def test_a_module_that_is_given_and_allowed_is_one_plugin(
    files: Callable[..., None], make_plugin: Callable[..., ModuleType]
) -> None:
    files("[plugins]\nallow = ['given']")
    module = make_plugin("given", hyperion_tactics=lambda: {"x": lambda: 1 / 0})
    with hp.Instance(plugins=["auto", module]) as instance:
        assert [(p.name, p.state) for p in instance.plugins if p.name == "given"] == [("given", "active")]
        instance.tactics()
        assert [(p.name, p.state) for p in instance.plugins if p.name == "given"] == [("given", "failed")]
