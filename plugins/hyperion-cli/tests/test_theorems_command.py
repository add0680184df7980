"""`hyperion theorems`: the library, bundles, the audit, and why there is no theorem."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import hyperion as hp
from hyperion.logic.kernel import AXIOMS
from hyperion_cli.main import main

Hyperion = Callable[..., tuple[int, str, str]]

SOURCE = """
def text_hash(data):
    h = 0
    for x in data:
        h = h * 31 + x
    return h


def highest(data):
    best = 0
    for x in data:
        best = max(best, x)
    return best


def squares(data):
    s = 1
    for x in data:
        s = s * s + x
    return s
"""


@pytest.fixture
def hyperion(
    tmp_path: Path, own_default: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Hyperion:
    """Runs a command in a folder with a file of loops and an array, its library empty at first."""
    (tmp_path / "stored_loops.py").write_text(SOURCE)
    np.save(tmp_path / "xs.npy", np.array([1, 2, 3], dtype=np.int64))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HYPERION_HOME", str(tmp_path / "home"))

    def run(*words: object) -> tuple[int, str, str]:
        try:
            code = main([str(w) for w in words])
        except SystemExit as end:
            code = int(end.code or 0)
        streams = capsys.readouterr()
        return code, streams.out, streams.err

    return run


@pytest.fixture
def two(hyperion: Hyperion) -> list[str]:
    """The digests of two stored theorems."""
    assert hyperion("run", "stored_loops.py:text_hash", "xs.npy", "--overflow", "wrap")[:2] == (0, "1026\n")
    assert hyperion("run", "stored_loops.py:highest", "xs.npy")[:2] == (0, "3\n")
    return [t["digest"] for t in json.loads(hyperion("theorems", "list", "--json")[1])["theorems"]]


def test_an_empty_library(hyperion: Hyperion) -> None:
    code, out, _ = hyperion("theorems", "list")
    assert code == 0
    assert out.startswith("the library is empty")
    assert json.loads(hyperion("theorems", "--json", "list")[1]) == {"theorems": []}
    code, _, err = hyperion("theorems", "show", "00")
    assert code == 2
    assert "HY1222" in err
    assert "derive something first" in err


def test_list(hyperion: Hyperion, two: list[str]) -> None:
    code, out, _ = hyperion("theorems", "list")
    assert code == 0
    head, *lines = out.splitlines()
    assert head.split() == ["theorem", "about", "overflow", "cost", "strategy", "axioms"]
    assert [line.split()[0] for line in lines] == [digest[:12] for digest in two]
    assert {line.split()[1].partition("(")[0] for line in lines} == {"text_hash", "highest"}
    assert all(int(line.split()[-1]) > 5 for line in lines)


def test_the_forms_of_one_function_are_told_apart(hyperion: Hyperion) -> None:
    np.save("small.npy", np.array([1, 2, 3], dtype=np.int32))
    Path("sums.py").write_text("def total(xs):\n    s = 0\n    for x in xs:\n        s += x\n    return s\n")
    for mode in ("trap", "wrap"):
        assert hyperion("run", "sums.py:total", "small.npy", "--overflow", mode)[1] == "6\n"
    assert hyperion("run", "stored_loops.py:highest", "small.npy")[1] == "3\n"
    theorems = json.loads(hyperion("theorems", "list", "--json")[1])["theorems"]
    assert sorted(t["overflow"] for t in theorems) == ["", "trap", "wrap"]
    lines = hyperion("theorems", "list")[1].splitlines()[1:]
    assert sorted(line.split("  O(")[0].split()[-1] for line in lines) == ["-", "trap", "wrap"]
    for theorem in theorems:
        head = hyperion("theorems", "show", theorem["digest"])[1].splitlines()[0]
        assert head == theorem["signature"] + (theorem["overflow"] and f", overflow {theorem['overflow']}")


def test_show(hyperion: Hyperion, two: list[str]) -> None:
    code, out, _ = hyperion("theorems", "show", two[0][:10])
    assert code == 0
    lines = out.splitlines()
    assert "checked" in lines
    assert {"statement", "axioms", "proof"} <= set(lines)
    assert any(line.split() == ["cond.true", "definition"] for line in lines)
    assert "by cond.true" in hyperion("theorems", "show", two[0][:10], "--full")[1]
    found = json.loads(hyperion("theorems", "show", two[0], "--json")[1])
    assert (found["digest"], found["checked"]) == (two[0], True)
    assert {"id": "cond.true", "status": "definition"} in found["axioms"]
    assert {axiom["status"] for axiom in found["axioms"]} <= {"smt", "exhaustive", "definition", "tested"}
    assert len(found["proof"]) > 20


def test_a_digest_names_one_theorem(hyperion: Hyperion, two: list[str]) -> None:
    for digest, words in (("", "2 theorems of the library begin with ''"), ("zz", "no theorem of the library begins")):
        code, _, err = hyperion("theorems", "show", digest)
        assert code == 2
        assert words in err
    assert hyperion("theorems", "show", two[0][:9].upper())[0] == 0


def test_bundles(hyperion: Hyperion, two: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert hyperion("theorems", "export", "all.hyt")[:2] == (0, "2 theorems written to all.hyt\n")
    assert hyperion("theorems", "export", "one.hyt", two[1][:8])[:2] == (0, "1 theorem written to one.hyt\n")
    monkeypatch.setenv("HYPERION_HOME", str(tmp_path / "elsewhere"))
    hp.default_instance().close()  # the next one is there
    code, out, _ = hyperion("theorems", "check", "all.hyt")
    assert code == 0
    assert out.startswith("checked: 2 of 2 theorems hold\n")
    assert json.loads(hyperion("theorems", "list", "--json")[1]) == {"theorems": []}
    assert hyperion("theorems", "import", "one.hyt")[:2] == (0, "accepted 1 of 1\n")
    told = json.loads(hyperion("theorems", "import", "all.hyt", "--json")[1])
    assert told == {"accepted": 2, "total": 2, "refused": []}
    out = hyperion("explain", "stored_loops.py:highest", "xs.npy")[1]
    assert "theorem (checked, from the library)" in out


def test_what_cannot_be_kept_is_not_accepted(
    hyperion: Hyperion, two: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hyperion("theorems", "export", "one.hyt", two[0], two[0][:6])
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("HYPERION_HOME", str(tmp_path / "file"))
    hp.default_instance().close()  # the next one is there
    code, out, err = hyperion("theorems", "import", "one.hyt")
    assert code == 1
    assert out.startswith("accepted 0 of 1\n  refused record 1: it holds, but")
    assert err.startswith("warning: the theorem library ")
    assert err.count("\n") == 1


def test_a_bundle_with_a_false_theorem(hyperion: Hyperion, two: list[str]) -> None:
    from hyperion_library import bundle

    hyperion("theorems", "export", "all.hyt")
    good, other = bundle.read("all.hyt")
    Path("bad.hyt").write_bytes(bundle.pack([good, other[:100]]))
    for command in ("import", "check"):
        code, out, _ = hyperion("theorems", command, "bad.hyt")
        assert code == 1
        assert "1 of 2" in out
        assert "refused record 2: HY3004" in out
    Path("worse.hyt").write_bytes(Path("bad.hyt").read_bytes()[:-1])
    code, _, err = hyperion("theorems", "import", "worse.hyt")
    assert code == 1
    assert err.startswith("HY3023: worse.hyt is damaged")


@pytest.mark.parametrize("words", [["import", "none.hyt"], ["check", "none.hyt"], ["export", "no/folder/x.hyt"]])
def test_files_that_cannot_be(words: list[str], hyperion: Hyperion) -> None:
    code, out, err = hyperion("theorems", *words)
    assert (code, out) == (2, "")
    assert err.startswith("HY3014: ")
    assert json.loads(hyperion("theorems", *words, "--json")[1])["error"]["code"] == "HY3014"


def test_what_is_no_proof_file(hyperion: Hyperion) -> None:
    """It can be read, so the verdict is on what is in it: no proof."""
    for name in ("xs.npy", "stored_loops.py"):
        code, out, err = hyperion("theorems", "check", name)
        assert (code, out) == (1, "")
        assert err.startswith(f"HY7001: {name}: ")
        assert "codec" not in err
    assert "it is no proof file" in hyperion("theorems", "check", "xs.npy")[2]


def test_export_to_stdout(hyperion: Hyperion, two: list[str]) -> None:
    words = ["theorems", "export", "-", two[0], "--format", "smtlib"]
    code, out, err = hyperion(*words)
    assert (code, err) == (0, "")
    assert hyperion("theorems", "export", "one.smt2", *words[3:])[0] == 0
    assert out == Path("one.smt2").read_text()
    assert json.loads(hyperion(*words, "--json")[1])["text"] == out
    code, out, err = hyperion("theorems", "export", "-", two[0])
    assert (code, out) == (2, "")
    assert err.startswith("HY1211: ")
    assert not Path("-").exists()


def test_formats_of_plugins(hyperion: Hyperion, two: list[str]) -> None:
    assert hyperion("theorems", "export", "one.smt2", two[0], "--format", "smtlib")[0] == 0
    assert "(assert" in Path("one.smt2").read_text()
    for words, why in (((), "holds one theorem, not 2"), ((two[0], "--format", "verse"), "there is no format 'verse'")):
        code, _, err = hyperion("theorems", "export", "x", "--format", "smtlib", *words)
        assert code == 2
        assert err.startswith("HY1223: ")
        assert why in err
    code, _, err = hyperion("theorems", "export", "no/folder/x", two[0], "--format", "smtlib")
    assert code == 2
    assert "HY1211" in err


def test_audit_lists_every_axiom_once(hyperion: Hyperion) -> None:
    code, out, err = hyperion("theorems", "audit", "--json")
    assert err == ""
    axioms = json.loads(out)["axioms"]
    assert sorted(a["id"] for a in axioms) == sorted(AXIOMS)
    statuses = {a["status"] for a in axioms}
    assert {"smt", "definition"} <= statuses <= {"smt", "exhaustive", "definition", "tested", "unrecorded"}
    assert code == ("unrecorded" in statuses)
    assert hyperion("theorems", "audit")[1].splitlines()[-1].startswith(f"{len(axioms)} axioms: ")


def test_an_axiom_without_a_record_fails_the_audit(hyperion: Hyperion, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hp.default_instance(), "theories", dict)
    code, out, _ = hyperion("theorems", "audit", "--json")
    assert code == 1
    assert {a["status"] for a in json.loads(out)["axioms"]} == {"unrecorded"}


def test_why(hyperion: Hyperion) -> None:
    code, out, _ = hyperion("theorems", "why", "stored_loops.py:squares", "xs.npy")
    assert code == 0
    assert out.startswith("squares: no theorem\n")
    assert "parallel-reduction: the state goes through `mul`" in out
    assert hyperion("theorems", "why", "stored_loops.py:highest", "xs.npy")[1].startswith(
        "highest: a theorem by parallel-reduction\n"
    )
    assert ", from the library" in hyperion("theorems", "why", "stored_loops.py:highest", "xs.npy")[1]
    found = json.loads(hyperion("theorems", "why", "stored_loops.py:squares", "xs.npy", "--json")[1])
    assert (found["theorem"], found["function"]) == (None, "squares")


def test_why_names_the_way_out_of_a_subtracted_state(hyperion: Hyperion) -> None:
    Path("turns.py").write_text("def turns(xs):\n    s = 0\n    for x in xs:\n        s = x - s\n    return s\n")
    out = " ".join(hyperion("theorems", "why", "turns.py:turns", "xs.npy")[1].split())
    if "no theorem" in out:
        assert 'overflow="wrap"' in out
    out = hyperion("theorems", "why", "turns.py:turns", "xs.npy", "--overflow", "wrap")[1]
    assert out.startswith("turns: a theorem")


def test_why_without_arguments_says_what_it_assumes(hyperion: Hyperion) -> None:
    Path("kinds.py").write_text(
        "def dot(a, b, n, f: float, k=2):\n    s = f * k\n    for i in range(n):\n        s += f\n"
        "    for x, y in zip(a, b):\n        n += x * y\n    return n\n"
    )
    code, out, _ = hyperion("theorems", "why", "kinds.py:dot")
    assert (code, out.splitlines()[0]) == (
        0,
        "no arguments given; assumed a: int64 array, b: int64 array, n: int, f: float",
    )
    assert hyperion("theorems", "why", "stored_loops.py:squares")[1].splitlines()[1] == "squares: no theorem"
    assert json.loads(hyperion("theorems", "why", "stored_loops.py:squares", "--json")[1])["theorem"] is None


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "the following arguments are required: ACTION"),
        (["burn"], "invalid choice: 'burn'"),
        (["show"], "the following arguments are required: DIGEST"),
        (["import"], "the following arguments are required: PATH"),
        (["list", "--fast"], "unrecognized arguments: --fast"),
        (["audit", "all"], "usage: hyperion theorems audit [-h] [--json]"),
        (["audit", "all"], "unrecognized arguments: all"),
    ],
)
def test_wrong_use(words: list[str], message: str, hyperion: Hyperion) -> None:
    code, out, err = hyperion("theorems", *words)
    assert (code, out) == (2, "")
    assert message in err
