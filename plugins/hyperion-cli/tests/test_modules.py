"""`hyperion compile`, `inspect` and `run` of module files and IR text."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from random import Random

import numpy as np
import pytest

import hyperion as hp
from hyperion.testing.module_files import draft_of, put, raw_of
from hyperion_cli.commands.compile import read_signature
from hyperion_cli.main import main
from hyperion_cli.output import UsageError, size

LOOPS = """
import hyperion as hp

print("imported")

def total(xs):
    s = 0
    for x in xs:
        s += x
    return s

@hp.jit(overflow="wrap")
def wrapping(n):
    return n + n

def scale(x, y):
    return x * y + 1.5
"""

TWO = """
func @total(%xs: i64[n]) -> i64 {
  %zero = const 0 : i64
  %sum = fold (%xs), (%zero) {
    ^(%x: i64, %s: i64):
      %t = add.trap %s, %x : i64
      yield %t
  }
  return %sum
}
func @pick(%b: bool, %x: f64, %n: i8) -> (f64, i8) {
  return %x, %n
}
"""

Hyperion = Callable[..., tuple[int, str, str]]


@pytest.fixture
def hyperion(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Hyperion:
    Path(tmp_path, "loops.py").write_text(LOOPS)
    Path(tmp_path, "two.hir").write_text(TWO)
    np.save(tmp_path / "xs.npy", np.array([1, 2, 3], dtype=np.int64))
    monkeypatch.chdir(tmp_path)

    def run(*words: object) -> tuple[int, str, str]:
        try:
            code = main([str(w) for w in words])
        except SystemExit as end:
            code = int(str(end.code))
        out, err = capfd.readouterr()
        return code, out, err

    return run


def test_a_python_function_is_compiled_inspected_and_run(hyperion: Hyperion) -> None:
    code, out, err = hyperion("compile", "loops.py:total", "xs.npy", "-o", "m.hym")
    assert (code, err) == (0, "")
    assert out.splitlines()[1].startswith("m.hym: ")
    assert "total(xs: i64[n0]) -> i64\n    O(n) as written, O(n/p) as compiled; theorem checked" in out
    code, out, err = hyperion("inspect", "m.hym")
    assert (code, err) == (0, "")
    for part in ("format 1.0", "made by hyperion-core 0", "needs hyperion-core: ", "PRF ", "intact", "theorem checked"):
        assert part in out
    assert "imported" not in out  # the module does not need its source
    assert hyperion("run", "m.hym:total", "xs.npy") == (0, "6\n", "")
    assert hyperion("run", "m.hym", "xs.npy") == (0, "6\n", "")
    code, out, _ = hyperion("explain", "m.hym:total", "xs.npy", "--proof", "p.json")
    assert "theorem (checked)" in out
    assert hyperion("theorems", "check", "p.json")[1].startswith("checked")


def test_a_target_is_chosen_by_name(hyperion: Hyperion) -> None:
    """Reductions of axes are nothing that the CPU target compiles; nothing else takes its place unasked."""
    Path("rows.hir").write_text(
        """func @rows(%xs: i64[n, m]) -> i64[n] {
          %sums = reduce %xs {axes = [1], monoid = "add.wrap"} : i64[n]
          return %sums
        }"""
    )
    np.save("grid.npy", np.arange(6).reshape(2, 3))
    code, _, err = hyperion("run", "rows.hir", "grid.npy")
    assert code == 1
    assert "HY8001: the op reduce cannot be compiled" in err
    assert "note: by the target 'cpu'" in err
    assert 'target="reference"' in err
    assert hyperion("run", "rows.hir", "grid.npy", "--target", "reference") == (0, "[ 3 12]\n", "")
    assert hyperion("compile", "rows.hir", "-o", "rows.hym", "--target", "reference")[0] == 0
    assert hyperion("run", "rows.hym", "grid.npy") == (0, "[ 3 12]\n", "")
    assert hyperion("run", "loops.py:total", "xs.npy", "--target", "reference")[:2] == (0, "imported\n6\n")
    assert "did you mean 'cpu'" in hyperion("run", "two.hir:total", "xs.npy", "--target", "cpuu")[2]


def test_ir_text_is_compiled_as_a_whole(hyperion: Hyperion) -> None:
    code, out, _ = hyperion("compile", "two.hir", "-o", "two.hym", "--code")
    assert code == 0
    assert "two.hym: " in out
    assert ", 2 functions" in out
    assert hyperion("run", "two.hym:total", "xs.npy")[1] == "6\n"
    assert hyperion("run", "two.hym:pick", "true", "3", "-7")[1] == "(3.0, -7)\n"
    assert hyperion("run", "two.hir:pick", "false", "1.5", "7")[1] == "(1.5, 7)\n"
    assert hyperion("run", "two.hir", "xs.npy")[1] == "6\n"
    assert "object code for cpu" in hyperion("inspect", "two.hym")[1]


def test_one_function_is_checked_where_one_is_run(hyperion: Hyperion) -> None:
    """The proof of `total` is damaged, and `pick` runs; what looks at all functions says so."""
    hyperion("compile", "two.hir", "-o", "two.hym")
    draft = draft_of(Path("two.hym").read_bytes())
    proofs = next(part for part in draft.parts if part.kind == b"PRF\0")
    put(proofs, raw_of(proofs).replace(b'"steps":[', b'"steps":[["sym",0],', 1), Random(1))
    Path("bad.hym").write_bytes(draft.seal())
    assert hyperion("run", "bad.hym:pick", "true", "3", "-7") == (0, "(3.0, -7)\n", "")
    for words in (("run", "bad.hym:total", "xs.npy"), ("explain", "bad.hym:total"), ("inspect", "bad.hym")):
        code, out, err = hyperion(*words)
        assert code == 1
        assert "HY3011: the proof of 'total' is rejected" in out + err


def test_an_error_in_a_loaded_module_points_at_the_source(hyperion: Hyperion) -> None:
    hyperion("compile", "two.hir", "-o", "two.hym")
    Path("two.hir").unlink()
    np.save("huge.npy", np.array([2**62, 2**62], dtype=np.int64))
    code, _, err = hyperion("run", "two.hym:total", "huge.npy")
    assert code == 1
    assert "HY5101" in err
    assert "two.hir:6:7\n          %t = add.trap %s, %x : i64" in err


def test_the_types_may_be_a_signature(hyperion: Hyperion) -> None:
    assert hyperion("compile", "loops.py:scale", "-o", "s.hym", "--signature", "i64, f64")[0] == 0
    assert hyperion("run", "s.hym", "3", "2")[1] == "7.5\n"
    hyperion("compile", "loops.py:wrapping", "-o", "w.hym", "--signature", "i64")
    assert hyperion("run", "w.hym", 2**62)[1] == f"{-(2**63)}\n"
    hyperion("compile", "loops.py:wrapping", "-o", "w.hym", "1", "--overflow", "sat")
    assert hyperion("run", "w.hym", 2**62)[1] == f"{2**63 - 1}\n"


def test_signatures() -> None:
    assert [str(t) for t in read_signature("i64[n, 3], f64")] == ["i64[n, 3]", "f64"]
    assert read_signature("") == ()
    for bad in ("i64,", "f6", "i64)) -> () { return } func @g(", "i64 f64"):
        with pytest.raises(UsageError, match="HY1217"):
            read_signature(bad)


def test_json(hyperion: Hyperion) -> None:
    code, out, err = hyperion("compile", "loops.py:total", "xs.npy", "-o", "m.hym", "--json")
    found = json.loads(out)
    assert (code, err) == (0, "imported\n")
    assert (found["module"], found["bytes"]) == ("m.hym", Path("m.hym").stat().st_size)
    assert [(f["signature"], f["checked"]) for f in found["functions"]] == [("total(xs: i64[n0]) -> i64", True)]
    found = json.loads(hyperion("inspect", "m.hym", "--json")[1])
    assert found["error"] is None
    assert [s["kind"] for s in found["sections"]] == ["META", "IR", "SPAN", "THM", "PRF"]
    assert found["functions"][0]["checked"] is True
    assert found["meta"]["entry"] == "total"


def test_the_same_file_in_every_process(hyperion: Hyperion, tmp_path: Path) -> None:
    files: list[bytes] = []
    for seed in ("1", "2"):
        command = [sys.executable, "-m", "hyperion_cli.main", "compile", "loops.py:total", "xs.npy", "-o", "m.hym"]
        subprocess.run(command, env={**os.environ, "PYTHONHASHSEED": seed}, check=True, timeout=120)
        files.append(Path("m.hym").read_bytes())
    assert files[0] == files[1]
    assert hp.default_instance().load(files[0]).to_bytes() == files[0]


def test_a_damaged_file_is_inspected_as_far_as_it_goes(hyperion: Hyperion) -> None:
    hyperion("compile", "two.hir", "-o", "two.hym")
    data = Path("two.hym").read_bytes()
    Path("bad.hym").write_bytes(data[:-1] + b"!")
    code, out, err = hyperion("inspect", "bad.hym")
    assert code == 1
    assert out.count("intact") == 4
    assert out.count("DAMAGED") == 1
    assert "functions, of which nothing is known for sure: total, pick" in out
    assert "HY3006: bad.hym: section PRF does not fit its hash" in err
    found = json.loads(hyperion("inspect", "bad.hym", "--json")[1])
    assert (found["functions"], found["error"]["code"]) == (None, "HY3006")
    Path("bad.hym").write_bytes(data[:100])
    code, out, err = hyperion("inspect", "bad.hym")
    assert (code, out) == (1, "bad.hym: 100 B\n")
    assert "HY3004" in err


def test_a_rejected_proof_is_shown(hyperion: Hyperion) -> None:
    hyperion("compile", "two.hir", "-o", "two.hym")
    draft = draft_of(Path("two.hym").read_bytes())
    part = next(p for p in draft.parts if p.kind == b"PRF\0")
    proof = json.loads(raw_of(part))
    proof["steps"].append(["axiom", "everything.is.true"])
    put(part, json.dumps(proof, separators=(",", ":")).encode() + b"\n", Random(1))
    Path("two.hym").write_bytes(draft.seal())
    code, out, err = hyperion("inspect", "two.hym")
    assert code == 1
    assert "proof REJECTED: HY7001" in out
    assert "HY3011: the proof of 'total' is rejected" in err
    code, out, err = hyperion("run", "two.hym:total", "xs.npy")
    assert (code, out) == (1, "")
    assert "HY3011" in err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["run", "none.hym:f"], "HY1202: there is no file 'none.hym'"),
        (["run", "two.hir:totl", "xs.npy"], "did you mean 'total'?"),
        (["run", "two.hir:total"], "HY1210: total takes 1 arguments, 0 given\n  try: total(xs: i64[n]) -> i64"),
        (["run", "two.hir:total", "3"], "HY1215: argument xs is i64[n]; '3' is an integer"),
        (["run", "two.hir:pick", "1", "1", "1"], "argument b is bool; '1' is an integer\n  try: true or false"),
        (["run", "two.hir:pick", "true", "true", "1"], "argument x is f64; 'true' is a bool"),
        (
            ["run", "two.hir:pick", "true", "1", "300"],
            "argument n is i8; '300' is an integer\n  try: an integer from -128",
        ),
        (["run", "two.hir:pick", "true", "1", "1.5"], "argument n is i8; '1.5' is a float"),
        (["run", "two.hir:total", "half.npy"], "HY1215: argument xs is i64[n]; 'half.npy' is an array of float64"),
        (["run", "two.hir:total", "flat.npy"], "is an array of int64 with shape (2, 2)"),
        (["run", "two.hir:total", "nothing.npy"], "HY1205: argument xs: 'nothing.npy' is no number and no file"),
        (["run", "two.hir:total", "xs.npy", "--overflow", "wrap"], "HY1216: --overflow is for Python files"),
        (["compile", "two.hir", "5", "-o", "m.hym"], "HY1216: two.hir says its types itself"),
        (["compile", "loops.py:total", "xs.npy", "--signature", "i64", "-o", "m.hym"], "HY1216"),
        (["compile", "loops.py", "-o", "m.hym"], "HY1201: 'loops.py' does not name what to compile"),
        (["compile", "none.py:f", "-o", "m.hym"], "HY1202"),
        (["compile", "none.hir", "-o", "m.hym"], "HY1202: the file 'none.hir' cannot be read: No such file"),
        (["compile", "two.hir", "-o", "none/m.hym"], "HY3014: none/m.hym cannot be written: No such file or directory"),
        (["inspect", "none.hym"], "HY3014: none.hym cannot be read: No such file or directory"),
        (["inspect", "."], "HY3014: . cannot be read: it is no regular file"),
        (["compile", "two.hir"], "the following arguments are required: -o/--output"),
    ],
)
def test_wrong_use_says_what_to_do(words: list[str], message: str, hyperion: Hyperion) -> None:
    np.save("half.npy", np.array([1.5, 2.0]))
    np.save("flat.npy", np.ones((2, 2), dtype=np.int64))
    code, _, err = hyperion(*words)
    assert code == 2
    assert message in err


def test_arrays_are_converted_where_nothing_is_lost(hyperion: Hyperion) -> None:
    for values in (np.array([1, 2, 3], dtype=np.int8), np.array([1.0, 2.0, 3.0])):
        np.save("other.npy", values)
        assert hyperion("run", "two.hir:total", "other.npy")[1] == "6\n"


def test_files_that_are_no_modules(hyperion: Hyperion) -> None:
    Path("m.hym").write_bytes(b"not a module")
    for words in (("run", "m.hym:f"), ("inspect", "m.hym")):
        code, _, err = hyperion(*words)
        assert code == 1
        assert "HY3002: " in err


def test_an_error_in_ir_text_has_its_place(hyperion: Hyperion) -> None:
    Path("bad.hir").write_text("func @f(%x: i64) -> i64 {\n  return %y\n}\n")
    for words in (("compile", "bad.hir", "-o", "m.hym"), ("run", "bad.hir:f", "1")):
        code, _, err = hyperion(*words)
        assert code == 1
        assert "bad.hir:2:10" in err
    assert not Path("m.hym").exists()


def test_texts_of_a_stranger_do_not_move_the_cursor(hyperion: Hyperion) -> None:
    hyperion("compile", "two.hir", "-o", "two.hym")
    draft = draft_of(Path("two.hym").read_bytes())
    meta = draft.parts[0]
    value = json.loads(raw_of(meta))
    value["pipeline"] = "\x1b[2Jcse"
    put(meta, json.dumps(value, sort_keys=True, separators=(",", ":")).encode(), Random(1))
    Path("two.hym").write_bytes(draft.seal())
    code, out, err = hyperion("inspect", "two.hym")
    assert code == 1
    assert "\x1b" not in out + err
    assert "HY3012" in err


def test_sizes() -> None:
    assert [size(n) for n in (0, 1023, 1024, 1536, 3 << 20, 5 << 30)] == [
        "0 B",
        "1023 B",
        "1 KiB",
        "1.5 KiB",
        "3 MiB",
        "5 GiB",
    ]
