"""Proof files: what is written is read with the same answer; what is cut, damaged, blown up or slow is refused."""

from __future__ import annotations

import gzip
import json
import os
import random
import subprocess
import sys
import zlib
from pathlib import Path
from typing import Any

import pytest

from hyperion.errors import ProofError
from hyperion.logic import checker, kernel, literals, theory
from hyperion.logic import terms as t
from hyperion.logic.checking import check, check_file
from hyperion.logic.definitions import apply, definitions
from hyperion.logic.derived import use
from hyperion.logic.kernel import Theorem
from hyperion.logic.proof import ProofFile, export, file_of, line_of, text_of

THEORY = checker.Theory(theory.axiom_text())
X = t.var("x", t.INT)


def long_theorem(additions: int) -> Theorem:
    """n + .. + (1 + (0 + x)) turned around; four steps for each number."""
    th, a, b = kernel.refl(X), t.var("a", t.INT), t.var("b", t.INT)
    add = t.const("add", t.SIGNATURE["add"])
    for i in range(additions):
        turned = kernel.inst({a: literals.int_lit(i), b: th.right}, kernel.axiom("int.add.comm"))
        th = kernel.trans(kernel.app(kernel.refl(t.app(add, literals.int_lit(i))), th), turned)
    return th


def induction() -> Theorem:
    """length (map f xs) = length xs, with definitions, an induction, types and an oracle on the way."""
    n, step = t.var("n", t.NAT), t.lams((t.var("m", t.NAT), t.var("r", t.NAT)), apply("suc", t.var("r", t.NAT)))
    copy = apply("natrec", t.const("zero", t.NAT), step)
    base, up = (
        use(f"natrec.{case}", t.app(copy, x))
        for case, x in (("zero", t.const("zero", t.NAT)), ("suc", apply("suc", n)))
    )
    assert base is not None
    assert up is not None
    for _ in range(2):
        up = kernel.trans(
            up,
            kernel.app(kernel.beta(up.right.function), kernel.refl(up.right.argument))
            if up.right.function.kind == "A"
            else kernel.beta(up.right),
        )
    up = kernel.trans(up, kernel.app(kernel.refl(t.const("suc", t.SIGNATURE["suc"])), kernel.assume(t.app(copy, n), n)))
    th = kernel.nat_induction(n, t.app(copy, n), n, base, up)
    word = kernel.oracle("solver", [(X, X)], apply("add", X, X), X)
    length = kernel.inst_type({"'x": t.INT}, definitions()["length"])
    return kernel.tuple_(th, word, length, kernel.compute(apply("add", literals.int_lit(2), literals.int_lit(3))))


SAMPLES = [induction(), long_theorem(20), kernel.axiom("cond.true"), *list(definitions().values())[:4]]


def answer(text: str | bytes, **request: Any) -> dict[str, Any]:
    return checker.answer(THEORY, text, {"oracles": ["solver"], **request})


@pytest.mark.parametrize("th", SAMPLES)
def test_both_versions_and_every_packing_have_one_answer(th: Theorem, monkeypatch: pytest.MonkeyPatch) -> None:
    file = file_of(th)
    said = answer(file.text)
    assert said["ok"], said
    assert (said["left"], said["right"], said["hypotheses"]) == (
        t.digest(th.left),
        t.digest(th.right),
        len(th.hypotheses),
    )
    assert set(said["axioms"]) == th.axioms
    assert set(said["oracles"]) == th.oracles
    for text in (file.packed(), gzip.compress(file.text), text_of(export(th)), text_of(file.value()), line_of(file)):
        assert answer(text) == said
    assert text_of(file.value()) == line_of(th)
    monkeypatch.setattr(checker, "LINE", 1000)  # pieces end anywhere
    assert answer(file.text) == answer(file.packed()) == said


def test_what_says_the_same_is_proved_once() -> None:
    th = kernel.refl(X)
    for _ in range(50):
        th = kernel.trans(th, kernel.refl(X))
    twice = kernel.tuple_(kernel.sym(th), kernel.sym(th))
    assert file_of(twice).text.count(b'["sym"') == 0
    other = kernel.axiom("int.add.comm")
    assert file_of(kernel.tuple_(kernel.sym(other), kernel.sym(other))).text.count(b'["sym"') == 1
    same = kernel.refl(apply("add", X, X))
    again = kernel.trans(kernel.sym(kernel.refl(same.left)), kernel.refl(same.left))
    assert answer(file_of(again).text)["steps"] == 1
    last_is_an_earlier_one = kernel.cut(kernel.refl(X), kernel.assume(X, X))
    assert answer(file_of(last_is_an_earlier_one).text)["hypotheses"] == 0


LINES = file_of(kernel.tuple_(kernel.refl(X), kernel.refl(X))).text.splitlines(keepends=True)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (b"", "version 1 or 2"),
        (b"".join(LINES[1:]), "version 1 or 2"),
        (b'["hyperion-proof",3]\n' + b"".join(LINES[1:]), "version 1 or 2"),
        (b'["hyperion-proof",true]\n' + b"".join(LINES[1:]), "version 1 or 2"),
        (b"".join(LINES[:-1]), "has no end"),
        (b"".join(LINES).rstrip(), "the last line has no end"),
        (b"".join(LINES) + b"\n", "malformed"),
        (b"".join(LINES) + LINES[-1], "nor the end"),
        (b"".join([*LINES, LINES[1]]), "nor the end"),
        (b"".join([*LINES[:-1], b'["end",1,1,3]\n']), "nor the end"),
        (b"".join([*LINES[:-1], b'["end",1,1]\n']), "nor the end"),
        (b"".join([*LINES[:-1], b"[]\n", LINES[-1]]), "nor the end"),
        (b"".join([*LINES[:-1], b"null\n", LINES[-1]]), "nor the end"),
        (b"".join([*LINES[:-1], b'["sym"]\n', LINES[-1]]), "1 arguments expected"),
        (b"".join([*LINES[:-1], b'["var"]\n', LINES[-1]]), "no such kind of type"),
        (b"".join(LINES).replace(b"]\n[", b"],[", 1), "not one entry on each line"),
        (b"".join(LINES).replace(b'["tuple",', b'["tuple"\n,'), "malformed"),
        (LINES[0] + LINES[-1], "nor the end"),
        (LINES[0] + b'["end",0,0,0]\n', "without steps"),
        (b"\xff\xfe" + b"".join(LINES), "malformed"),
        (b"[" * 100_000 + b"\n", "malformed"),
        (LINES[0] + b'["V","x",0]\n' * 3 + LINES[-1], "no earlier entry"),
    ],
)  # fmt: skip
def test_a_text_that_is_cut_or_longer_is_refused(text: bytes, why: str) -> None:
    said = answer(text)
    assert not said["ok"]
    assert why in said["error"]


@pytest.mark.parametrize("step", [b'["axiom","cond.true"]', b'["axiom","cond.true",""]', b'["axiom","cond.true","0"]',
                                  b'["axiom","cond.true",0]', b'["axiom","cond.true",null]'])  # fmt: skip
def test_an_axiom_needs_its_digest(step: bytes) -> None:
    assert not answer(LINES[0] + step + b'\n["end",0,0,1]\n')["ok"]


def test_packed_texts_are_bounded_and_whole() -> None:
    text = file_of(long_theorem(50)).text
    for packed in (zlib.compress(text), gzip.compress(text)):
        assert answer(packed)["ok"]
        for damaged in (packed[:-1], packed[: len(packed) // 2], packed + b"\0", packed + packed, packed[:2]):
            assert not answer(damaged)["ok"]
            with pytest.raises(ProofError, match="damaged"):
                ProofFile.unpack(damaged)
        assert ProofFile.unpack(packed).digest == ProofFile(text).digest
        assert "more than 999 bytes" in answer(packed, limits={"bytes": 999})["error"]
        with pytest.raises(ProofError, match="more than 999 bytes"):
            ProofFile.unpack(packed, 999)
    bomb = zlib.compress(LINES[0] + b'["con","int"]\n' * 3_000_000, 9)
    assert len(bomb) < 1_000_000
    assert "more than 1000000 bytes" in answer(bomb, limits={"bytes": 1_000_000})["error"]
    assert "no more than 9 types" in answer(bomb, limits={"types": 9})["error"]
    one_line = zlib.compress(b"[" + b" " * 50_000_000, 9)
    assert "a line is too long" in answer(one_line)["error"]


def test_damaged_lines_show_nothing_new() -> None:
    """Exchanged, doubled, dropped and changed lines: refused, or the same statement, or another one that is said."""
    rng, th = random.Random(4), SAMPLES[0]
    lines = file_of(th).text.decode().splitlines(keepends=True)
    claimed = (t.digest(th.left), t.digest(th.right))
    refused = 0
    for _ in range(600):
        changed = list(lines)
        i, j = rng.randrange(len(lines)), rng.randrange(len(lines))
        match rng.randrange(5):
            case 0:
                changed[i], changed[j] = changed[j], changed[i]
            case 1:
                changed[i:i] = [changed[j]]
            case 2:
                del changed[i]
            case 3:
                row = json.loads(changed[i])
                place = rng.randrange(1, len(row))
                row[place] = rng.choice([rng.randrange(40), True, -1, "0", None, [], row[-1]])
                changed[i] = json.dumps(row) + "\n"
            case _:
                at = rng.randrange(len(changed[i]))
                changed[i] = changed[i][:at] + chr(rng.randrange(32, 127)) + changed[i][at + 1 :]
        said = answer("".join(changed))
        refused += not said["ok"]
        if said["ok"] and (said["left"], said["right"]) == claimed:
            assert said["hypotheses"] == len(th.hypotheses)
            assert set(said["oracles"]) == th.oracles
    assert refused > 400


def test_statements_differ_where_their_texts_would_not() -> None:
    """Types are left out, definitions go by their labels, long texts are cut; the digests tell them apart."""
    one, other = (kernel.define("same", literals.int_lit(n)) for n in (1, 2))
    deep = [X, X]
    for i in range(2000):
        deep = [apply("add", literals.int_lit(7 + (i == 1999) * k), d) for k, d in enumerate(deep)]
    pairs = [
        (kernel.refl(t.const("nil", t.list_of(t.INT))), kernel.refl(t.const("nil", t.list_of(t.BOOL)))),
        (kernel.refl(X), kernel.refl(t.var("x", t.BOOL))),
        (kernel.refl(one.left), kernel.refl(other.left)),
        (kernel.refl(apply("neg", deep[0])), kernel.refl(apply("neg", deep[1]))),
        (kernel.assume(X, X), kernel.refl(X)),
        (kernel.refl(t.lam(X, X)), kernel.refl(t.lam(t.var("x", t.BOOL), t.var("x", t.BOOL)))),
        (kernel.refl(t.lam(X, t.var("x0", t.INT))), kernel.refl(t.lam(X, X))),
        (kernel.refl(t.var("add", t.INT)), kernel.refl(t.const("add", t.SIGNATURE["add"]))),
        (kernel.refl(literals.float_bits("f16", "3000")), kernel.refl(literals.int_lit(3000))),
        (kernel.refl(t.var("x,y", t.INT)), kernel.refl(t.tup(X, X))),
        (kernel.assume(X, literals.int_lit(0)), kernel.refl(X)),
        (long_hypotheses(30), long_hypotheses(31)),
    ]
    for a, b in pairs:
        first, second = check(a), check(b)
        assert first.statement != second.statement
        assert len(first.statement) < 40_000


def test_a_statement_that_says_all_has_no_digests() -> None:
    add = kernel.sym(kernel.axiom("int.add.comm"))
    assert check(add).statement == "|- (add b a) = (add a b)"
    assert check(kernel.assume(X, literals.int_lit(0))).statement == "x = 0 |- x = 0"
    for th in (definitions()["fold"], kernel.axiom("cond.true"), long_theorem(600)):
        checked = check(th)
        assert checked.statement.endswith(f" [{checked.left} {checked.right}]")


def long_hypotheses(n: int) -> Theorem:
    th = kernel.refl(X)
    for i in range(n):
        th = kernel.trans(th, kernel.cut(kernel.assume(literals.int_lit(0), literals.int_lit(i + 1)), weakened(i + 1)))
    return th


def weakened(i: int) -> Theorem:
    """0 = i |- x = x"""
    both = kernel.tuple_(kernel.refl(X), kernel.assume(literals.int_lit(0), literals.int_lit(i)))
    first = kernel.proj(0, both)
    return kernel.trans(kernel.trans(kernel.sym(kernel.projbeta(first.left)), first), kernel.projbeta(first.right))


def test_a_statement_reads_the_same_in_every_process() -> None:
    code = """
from hyperion.logic import kernel as k, terms as t, literals
from hyperion.logic.checking import check
from hyperion.logic.definitions import apply, definitions
a, b, x = (t.var(n, t.INT) for n in "abx")
th = k.inst({b: x, a: literals.int_lit(3)}, k.axiom("int.le.drop"))
word = k.oracle("s", [(a, b), (b, x), (x, a)], a, x)
print(check(k.tuple_(th, definitions()["fold"], word), oracles=["s"]).statement)
"""
    said = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
            timeout=120,
        ).stdout
        for seed in ("1", "2", "77")
    }
    assert len(said) == 1
    assert b"|- (" in said.pop()


@pytest.mark.skipif(not hasattr(__import__("signal"), "setitimer"), reason="timers of POSIX")
def test_processor_time_is_bounded(tmp_path: Path) -> None:
    file = tmp_path / "long.hyp"
    file.write_bytes(file_of(long_theorem(8_000)).packed())
    command = [sys.executable, "-I", checker.__file__, str(file)]
    late = subprocess.run([*command, "--seconds", "0.05"], capture_output=True, check=False, timeout=120)
    assert late.returncode == 1
    assert "more processor time" in json.loads(late.stdout)["error"]
    header = json.dumps({"size": file.stat().st_size, "seconds": 0.05}).encode()
    after = file_of(kernel.refl(X)).text
    last = json.dumps({"size": len(after), "seconds": 60}).encode()
    served = subprocess.run(
        [sys.executable, "-I", checker.__file__, "--serve"],
        input=b"\n".join([header, file.read_bytes() + last, after]),
        capture_output=True,
        check=True,
        timeout=120,
    )
    first, second = map(json.loads, served.stdout.splitlines())
    assert "more processor time" in first["error"]
    assert second["ok"]


def test_files_are_checked_packed_or_not(tmp_path: Path) -> None:
    file = file_of(kernel.refl(X))
    path = tmp_path / "p.hyp"
    for data in (file.text, file.packed(), gzip.compress(file.text), line_of(file)):
        path.write_bytes(data)
        assert check_file(path).left == t.digest(X)
        command = [sys.executable, "-I", checker.__file__, str(path), "--seconds", "60"]
        assert json.loads(subprocess.run(command, capture_output=True, check=True, timeout=120).stdout)[
            "left"
        ] == t.digest(X)
    path.write_bytes(file.packed()[:-3])
    with pytest.raises(ProofError, match=r"p\.hyp: the proof file is damaged"):
        check_file(path)
    with pytest.raises(ProofError, match="more than 3 bytes"):
        check_file(path, limit=3)


@pytest.mark.parametrize("words", [["none.hyp"], ["none.hyp", "--seconds"], [__file__, "--fast", "1"], ["."]])
def test_the_checker_alone_answers_what_it_cannot_read_with_a_line(words: list[str], tmp_path: Path) -> None:
    command = [sys.executable, "-I", checker.__file__, *words]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120)
    assert (done.returncode, done.stderr, done.stdout.count("\n")) == (2, "", 1)
    answer = json.loads(done.stdout)
    assert not answer["ok"]
    assert answer["error"].startswith("nothing is checked: ")


@pytest.mark.parametrize(("words", "status"), [(["--help"], 0), ([], 2)])
def test_the_checker_alone_says_how_it_is_used(words: list[str], status: int) -> None:
    done = subprocess.run(
        [sys.executable, "-I", checker.__file__, *words], capture_output=True, text=True, check=False, timeout=120
    )
    assert (done.returncode, done.stderr) == (status, "")
    assert "python checker.py FILE" in done.stdout


def test_a_checker_keeps_nothing_of_a_proof(tmp_path: Path) -> None:
    file = tmp_path / "p.hyp"
    file.write_bytes(file_of(long_theorem(100)).text)
    code = """
import gc, sys
from pathlib import Path
from hyperion.logic import checker
axioms = sorted(Path(checker.__file__).with_name("axioms").glob("*.txt"))
theory = checker.Theory("\\n".join(p.read_text() for p in axioms))
text, kept = Path(sys.argv[1]).read_bytes(), set()
for proof in (text, text, text[:-20], text):
    answer = checker.answer(theory, proof)
    gc.collect()
    kept.add(sum(isinstance(o, (checker.Term, checker.Type, checker.Sequent)) for o in gc.get_objects()))
print(kept, answer["ok"])
"""
    done = subprocess.run(
        [sys.executable, "-c", code, str(file)], capture_output=True, text=True, check=False, timeout=120
    )
    assert (done.stdout, done.stderr) == ("{0} True\n", "")
