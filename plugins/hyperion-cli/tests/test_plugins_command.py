"""`hyperion plugins` and `hyperion doctor`, also where much is broken: everything else keeps working."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

HEAD = "from hyperion.hookspecs import hookimpl\nHYPERION_API = (1, 0)\n"
FACTORIES = f"{HEAD}@hookimpl\ndef hyperion_interpreters():\n    return {{%s}}\n"
DEVICES = FACTORIES.replace("interpreters", "devices")
QUICK = FACTORIES % "'quick': object"
BROKEN: dict[str, str | None] = {
    "odd-entry": "",
    "stale": None,
    "no-library": "import ctypes; ctypes.CDLL('libnone.so.7')",
    "needs-more": "import a_module_that_is_missing",
    "old-api": "HYPERION_API = (0, 3)",
    "new-api": "HYPERION_API = (1, 99)",
    "leaves": "raise SystemExit(5)",
    "raises": f"{HEAD}@hookimpl\ndef hyperion_passes():\n    return 1 / 0\n",
    "misspelt": f"{HEAD}@hookimpl\ndef hyperion_pases():\n    return {{}}\n",
    "no-factory": FACTORIES % "'a': lambda: 1 / 0",
    "same-one": QUICK,
    "same-two": QUICK,
    "quick-one": QUICK,
    "quick-two": QUICK,
}
Hyperion = Callable[..., tuple[int, str, str]]
Put = Callable[..., None]


def test_much_is_broken_and_everything_else_keeps_working(put: Put, tmp_path: Path) -> None:
    for name, source in BROKEN.items():
        entry = {"odd-entry": "odd-entry = no module", "same-one": "same = broken_same_one"}.get(name, "")
        put(tmp_path, name, source, entry or ("same = broken_same_two" if name == "same-two" else ""))
    (tmp_path / "loops.py").write_text("def total(xs):\n    s = 0\n    for x in xs:\n        s += x\n    return s\n")
    (tmp_path / "xs.csv").write_text("x\n1\n2\n39\n")
    script = "import sys; from hyperion_cli.main import main; print([main(w.split()) for w in sys.argv[1:]])"
    words = ["plugins list", "run loops.py:total xs.csv:x", "plugins check raises no-factory quick-one", "doctor"]
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", script, *words],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    lines = done.stdout.splitlines()
    assert lines[-1] == "[0, 0, 1, 1]", done.stderr
    assert "42" in lines
    assert done.stderr.count("SystemExit: 5") == 1  # said by the loop's run, while `plugins` and `doctor` list it
    listed = {line.split()[0]: line for line in reversed(lines[: lines.index("42")])}
    for name, said in (
        ("odd-entry", "failed ValueError: its entry point names no module: 'no module'"),
        ("stale", "failed (a stale installation?); try: install stale again"),
        (
            "no-library",
            "unavailable libnone.so.7: cannot open shared object try: install the library libnone.so.7",
        ),
        ("needs-more", "unavailable No module named try: install needs-more with all that it needs"),
        ("old-api", "incompatible made for plugin API 0.3, this is 1.0; try: update old-api"),
        ("new-api", "incompatible made for plugin API 1.99, this is 1.0; try: update hyperion-core"),
        ("leaves", "failed SystemExit: 5"),
        ("misspelt", "failed unknown hook 'hyperion_pases'; did you mean hyperion_passes?"),
        ("same", "failed same-one 1.2 and same-two 1.2 both have a plugin 'same'; none of them is used"),
        ("raises", "failed hyperion_passes raised ZeroDivisionError: division by zero"),
        ("cpu", "active"),
    ):
        for part in said.split(" try: ")[0].split(" ", 1) + said.split(" try: ")[1:]:
            assert part in listed[name], listed[name]
    for said in (
        "hyperion_passes raised ZeroDivisionError: division by zero",
        "hyperion_interpreters:a: plugin 'no-factory' cannot make 'a': ZeroDivisionError: division by zero",
        "'quick' is registered by 'quick-one' (quick-one 1.2) and 'quick-two' (quick-two 1.2)",
        "plugins: plugin leaves is failed: SystemExit: 5",
    ):
        assert said in " ".join(" ".join(lines).split()), done.stdout


def test_a_plugin_is_shown_with_all_that_is_known(put: Put, here: Path, hyperion: Hyperion) -> None:
    put(here, "acme-bad", "1 / 0")
    code, out, _ = hyperion("plugins", "show", "cpu")
    assert code == 0
    for line in ("cpu: active", "plugin API    1.0", "registers     devices: cpu", "module        hyperion_cpu.plugin"):
        assert line in out
    code, out, _ = hyperion("plugins", "show", "acme-bad")
    assert code == 0
    assert "reason        ZeroDivisionError: division by zero" in out
    assert "--traceback shows where" in out
    assert 'broken_acme_bad.py", line 1' in hyperion("plugins", "show", "acme-bad", "--traceback")[1]
    (found,) = json.loads(hyperion("plugins", "show", "hyperion-cpu", "--json")[1])["plugins"]
    assert (found["registers"]["hyperion_devices"], found["state"], found["api"]) == (["cpu"], "active", "1.0")
    code, out, err = hyperion("plugins", "show", "cppu")
    assert (code, out) == (2, "")
    assert "HY1224: there is no plugin 'cppu'" in err
    assert "did you mean 'cpu'?" in err


CONTRADICTION = """
class Theory:
    name, theorems = "t", dict
    axioms = records = {}
    axiom_text = "(axiom acme:one () () (= (add 1 1) 3))"
"""


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (HEAD, "it implements no hook"),
        (QUICK, "'quick' of plugin 'acme' is no Interpreter: it lacks name, run"),
        (
            FACTORIES % "'quick': type('Q', (), {'name': 'quick', 'run': lambda self: 0})",
            "run() cannot be called as run(program, arguments)",
        ),
        (FACTORIES.replace("interpreters", "theories") % "'u': Theory" + CONTRADICTION, "its name is 't'"),
        (
            FACTORIES.replace("interpreters", "theories") % "'t': Theory" + CONTRADICTION,
            "two different values are equal by acme:one",
        ),
    ],
)
def test_a_check_finds(put: Put, here: Path, hyperion: Hyperion, source: str, said: str) -> None:
    put(here, "acme", source)
    code, out, _ = hyperion("plugins", "check", "acme")
    assert code == 1
    assert said in " ".join(out.split()), out


def test_a_check_finds_what_takes_long_to_import(
    put: Put, here: Path, hyperion: Hyperion, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(here, "acme", QUICK)
    monkeypatch.setattr("hyperion.plugins.checking.SLOW", 0.0)
    assert "importing it takes 0.0 s, before anything of it is needed" in hyperion("plugins", "check", "acme")[1]


def test_our_own_plugins_pass_their_check(hyperion: Hyperion) -> None:
    code, out, _ = hyperion("plugins", "check", "cli", "cpu", "cluster")
    assert (code, out.count("fine")) == (0, 3)
    assert json.loads(hyperion("plugins", "check", "cpu", "--json")[1]) == {
        "plugins": [{"name": "cpu", "problems": []}]
    }


def test_no_name_of_a_plugin_reaches_the_terminal_as_it_is(put: Put, here: Path, hyperion: Hyperion) -> None:
    put(here, "acme", HEAD, entry="\x1b[31mred = broken_acme")
    for words in (["check", "acme"], ["show", "acme"], ["list"], ["why", "\x1b[31mred"]):
        _, out, err = hyperion("plugins", *words)
        assert "\x1b" not in out + err
        if words[0] != "why":
            assert "\\x1b[31mred" in out


def test_why(put: Put, here: Path, hyperion: Hyperion, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("quick-one", "quick-two", "acme-off"):
        put(here, name, QUICK)
    monkeypatch.setenv("HYPERION_DISABLE_PLUGINS", "acme-off")
    code, out, _ = hyperion("plugins", "why", "quick")
    assert code == 0
    assert "nobody decided between them" in out
    said = " ".join(out.split())
    assert "acme-off (acme-off 1.2, module broken_acme_off): disabled; switched off by HYPERION_DISABLE_PLUGINS" in said
    settings = tmp_path / "settings.toml"
    settings.write_text('[plugins.prefer]\n"hyperion_interpreters:quick" = "quick-two"\n')
    monkeypatch.setenv("HYPERION_CONFIG", str(settings))
    code, out, _ = hyperion("plugins", "why", "hyperion_interpreters:quick")
    assert f"`prefer` in {settings}:2 prefers quick-two" in " ".join(out.split())
    assert "  * quick-two" in out
    (answer,) = json.loads(hyperion("plugins", "why", "quick", "--json")[1])["names"]
    assert (answer["chosen"], answer["registered_by"]) == ("quick-two", ["quick-one", "quick-two"])
    code, out, _ = hyperion("plugins", "why", "quik")
    assert code == 1
    assert "did you mean quick?" in out
    assert "did you mean hyperion_devices:cpu?" in hyperion("plugins", "why", "hyperion_device:cpu")[2]


def test_why_says_what_the_metadata_of_idle_plugins_tell(
    put: Put, here: Path, hyperion: Hyperion, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(here, "acme", "1 / 0")
    about = here / "acme-1.2.dist-info" / "METADATA"
    about.write_text(about.read_text() + "Summary: drives \n anvils\n")
    monkeypatch.setenv("HYPERION_DISABLE_PLUGINS", "cpu")
    code, out, _ = hyperion("plugins", "why", "hyperion_devices:cpu")
    said = out[out.index("not active") :].splitlines()
    assert code == 1
    assert said[1].startswith("  cpu (hyperion-cpu 0.1.0, '")  # first, since it is the one
    assert "its distribution registers hyperion_devices:cpu" in " ".join(out.split())
    assert "acme (acme 1.2, 'drives anvils', module broken_acme): failed; ZeroDivisionError" in " ".join(out.split())
    code, out, _ = hyperion("plugins", "why", "acme", "--json")
    first = json.loads(out)["not_active"][0]
    assert (code, first["name"], first["near"], first["module"]) == (1, "acme", "it has that name", "broken_acme")


def test_a_broken_file_breaks_neither_plugins_nor_doctor(
    tmp_path: Path, hyperion: Hyperion, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = tmp_path / "settings.toml"
    settings.write_text("budgt = 3\n")
    monkeypatch.setenv("HYPERION_CONFIG", str(settings))
    code, out, err = hyperion("plugins")
    assert code == 0
    assert "cpu " in out
    assert "did you mean 'budget'?" in err
    code, out, _ = hyperion("doctor")
    assert code == 1
    assert f"configuration: {settings}:1:1: the configuration has no 'budgt'" in " ".join(out.split())
    code, out, err = hyperion("devices")
    assert (code, out) == (1, "")
    assert "HY1021: the configuration has no 'budgt'" in err
    settings.write_text("device = 'gpu:0'\n[plugins]\ndisable = ['z3']\n[pipelines]\n'a b' = 'dce'\n")
    monkeypatch.setenv("HYPERION_BUDGET", "long")
    code, out, _ = hyperion("plugins")
    assert code == 0
    assert f"switched off by `disable` in {settings}:3" in out
    said = " ".join(hyperion("doctor")[1].split())
    assert "HYPERION_BUDGET is a number of seconds, not 'long'" in said
    assert f"{settings} sets device, plugins.disable, pipelines.a b" in said
    assert "configuration: pipelines: " in said


def test_without_any_plugin_the_command_still_says_so(hyperion: Hyperion, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HYPERION_NO_PLUGINS", "1")
    code, out, _ = hyperion("plugins")
    assert code == 0
    assert "switched off by HYPERION_NO_PLUGINS, as all are; try: unset it" in out
    assert hyperion("doctor")[0] == 1
    code, _, err = hyperion("demo")
    assert code == 1
    assert "`hyperion plugins` and `hyperion doctor` work all the same" in err


def test_a_healthy_doctor(hyperion: Hyperion, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("HYPERION_") and name != "HYPERION_CONFIG"]:
        if name not in ("HYPERION_HOME", "HYPERION_BUDGET"):
            monkeypatch.delenv(name)
    code, out, _ = hyperion("doctor", "--json")
    found = json.loads(out)
    assert (code, found["healthy"], found["problems"]) == (0, True, [])
    assert found["versions"]["plugin API"] == "1.0"
    assert found["home"]["folder"] == os.environ["HYPERION_HOME"]
    assert found["llvm"]["LLVM"][0].isdigit()
    assert found["environment"]["HYPERION_BUDGET"].startswith("'60' (seconds")
    assert "cpu:0" in found["devices"]
    assert hyperion("doctor")[1].startswith("nothing is wrong\n")


def test_an_unhealthy_doctor(put: Put, here: Path, hyperion: Hyperion, monkeypatch: pytest.MonkeyPatch) -> None:
    put(here, "acme", HEAD, entry="acme = broken_acme")
    put(here / "old", "acme", HEAD, version="1.0")
    requires = here / "acme-1.2.dist-info" / "METADATA"
    requires.write_text(requires.read_text() + "Requires-Dist: hyperion-core==0.0.7\n")
    monkeypatch.setattr(sys, "path", [*sys.path, str(here / "old")])
    home = here / "home"
    home.mkdir(mode=0o777)
    home.chmod(0o777)
    monkeypatch.setenv("HYPERION_HOME", str(home))
    monkeypatch.setenv("HYPERION_DISABLE_PLUGIN", "z3")
    monkeypatch.setenv("HYPERION_DISABLE_PLUGINS", "z33")
    monkeypatch.setenv("HYPERION_NUM_THREADS", "100000")
    code, out, _ = hyperion("doctor")
    said = " ".join(out.split())
    assert code == 1
    for problem in (
        f"versions: acme is installed more than once: in {here} and {here / 'old'}",
        "versions: acme 1.2 needs hyperion-core 0.0.7, this is 0.1.0",
        f"home: others may write {home}",
        "environment: nobody reads HYPERION_DISABLE_PLUGIN try: did you mean HYPERION_DISABLE_PLUGINS?",
        "configuration: HYPERION_DISABLE_PLUGINS names 'z33', which is not installed; did you mean 'z3'?",
        "processors: HYPERION_NUM_THREADS is 100000, more than the",
    ):
        assert problem in said, out


@pytest.mark.parametrize(("device", "why"), [("gpu:0", "there is no device 'gpu:0'"), ("cpu:9/9999", "too few for")])
def test_doctor_says_where_the_configured_device_is_not_here(
    device: str, why: str, tmp_path: Path, hyperion: Hyperion, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "settings.toml").write_text(f"device = '{device}'\n")
    monkeypatch.setenv("HYPERION_CONFIG", str(tmp_path / "settings.toml"))
    code, out, _ = hyperion("doctor")
    assert code == 1
    assert f"devices: `device` of the configuration is '{device}': " in out
    assert why in " ".join(out.split())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("pipeline = 'cse,dec'", "`pipeline` of the configuration is 'cse,dec': there is no pass 'dec'"),
        ("pipeline = 'cse,('", "`pipeline` of the configuration is 'cse,(': "),
        (
            "pipeline = 'mine'\n[pipelines]\nmine = 'inlin'",
            "the pipeline 'mine' of the configuration is 'inlin': there is no",
        ),
    ],
)
def test_doctor_reads_the_pipelines(
    text: str, said: str, tmp_path: Path, hyperion: Hyperion, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "settings.toml").write_text(text)
    monkeypatch.setenv("HYPERION_CONFIG", str(tmp_path / "settings.toml"))
    code, out, _ = hyperion("doctor")
    assert code == 1
    assert f"configuration: {said}" in " ".join(out.split())
    if "dec" in text:
        assert "try: did you mean 'dce'?" in out


def test_what_a_plugin_writes_is_no_part_of_the_document(put: Put, tmp_path: Path) -> None:
    writes = "import os, sys\nprint('one', flush=True)\nos.write(1, b'two\\n')\nsys.stdout.close()\nprint('three')\n"
    put(tmp_path, "acme", writes + HEAD)
    done = subprocess.run(
        [sys.executable, "-m", "hyperion_cli.main", "plugins", "list", "--json"],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert [p["state"] for p in json.loads(done.stdout)["plugins"] if p["name"] == "acme"] == ["active"]
    assert done.stderr.split() == ["one", "two", "three"]


COMMANDS = (
    HEAD
    + """
print("hello")
class Command:
    name, help = "plugins", "another one"
    def configure(self, parser): pass
    def run(self, arguments): return 7
@hookimpl
def hyperion_cli_commands():
    return {"plugins": Command, "devices": Command}
"""
)


def test_two_commands_of_one_name_leave_the_others_alone(put: Put, here: Path, hyperion: Hyperion) -> None:
    put(here, "acme", COMMANDS)
    code, out, err = hyperion("plugins", "--json")
    assert (code, [p["state"] for p in json.loads(out)["plugins"] if p["name"] == "acme"]) == (0, ["active"])
    assert err.startswith("hello\n")  # what a plugin prints is no part of the document
    code, out, err = hyperion("explain", "HY1001")
    assert (code, out.splitlines()[0]) == (0, "HY1001: A plugin was asked for by name and is not installed.")
    assert "HY1003: 'devices' is registered by 'acme' (acme 1.2) and 'cli'" in err
    code, out, err = hyperion("devices", "--json")
    assert (code, json.loads(out)["error"]["code"]) == (1, "HY1003")
    assert "[plugins.prefer]" in json.loads(out)["error"]["hints"][0]


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (FACTORIES % "1: 2", "plugin acme is failed: hyperion_interpreters registers 1 as 2"),
        (DEVICES % "'acme': lambda: 1 / 0", "plugin 'acme' cannot make 'acme'"),
        (DEVICES % "'cpu': object", "'cpu' is registered by 'acme' (acme 1.2) and"),
        (
            f"{HEAD}from hyperion.ir.op_table import OpDef\n@hookimpl\ndef hyperion_ops():\n"
            "    return {'bare': lambda: OpDef('bare', 'T -> T', '', lambda use: (), evaluate=min)}\n",
            "plugin acme is failed: 'bare' of 'acme' has no prefix",
        ),
    ],
)
def test_the_doctor_says_what_a_plugin_does_wrong_when_it_is_used(
    put: Put, here: Path, hyperion: Hyperion, source: str, said: str
) -> None:
    put(here, "acme", source)
    code, out, _ = hyperion("doctor")
    assert code == 1
    assert said in " ".join(out.split())
    assert "\\x0a" not in out


def test_a_check_shows_where_a_factory_raised(put: Put, here: Path, hyperion: Hyperion) -> None:
    put(here, "acme", FACTORIES % "'a': lambda: 1 / 0")
    code, out, _ = hyperion("plugins", "check", "acme", "--traceback")
    assert code == 1
    assert 'broken_acme.py", line 5, in <lambda>' in out


UNCONFIGURED = COMMANDS.replace("(self, parser): pass", "(self, parser): parser.add_argument('--json')")


def test_a_command_that_cannot_be_configured_leaves_the_others_alone(put: Put, here: Path, hyperion: Hyperion) -> None:
    put(here, "acme", UNCONFIGURED.replace('"plugins": Command, "devices"', '"mine"').replace('"plugins"', '"mine"'))
    said = " ".join(hyperion("plugins", "check", "acme")[1].split())
    assert "looking at it raised ArgumentError: argument --json: conflicting" in said
    code, out, _ = hyperion("explain", "HY1001")
    assert (code, out.splitlines()[0]) == (0, "HY1001: A plugin was asked for by name and is not installed.")
    code, out, err = hyperion("mine", "more")
    assert (code, out) == (1, "")
    assert "HY1005: the command 'mine' cannot be used: its `configure` raised ArgumentError: argument --json" in err
    assert "hyperion plugins why hyperion_cli_commands:mine" in err
