"""What the checker said is kept for later processes: found for the very same proof, checker and axioms, or not."""

from __future__ import annotations

import json
import os
import shutil
from hashlib import sha256
from pathlib import Path

import pytest

from hyperion.errors import ProofError
from hyperion.evidence import judge
from hyperion.folder_store import MAGIC, FolderStore
from hyperion.ir.parser import parse_program
from hyperion.logic import checking, kept, kernel
from hyperion.logic import terms as t
from hyperion.logic.denote import denote
from hyperion.logic.proof import ProofFile, line_of
from hyperion.policy import Policy

pytestmark = pytest.mark.skipif(not hasattr(os, "geteuid"), reason="files have no owners here")

SAME = parse_program("func @f(%x: i64) -> i64 { %y = add.wrap %x, %x : i64 return %y }")
OTHER = parse_program("func @f(%x: i64) -> i64 { %y = mul.wrap %x, %x : i64 return %y }")
PROOF = ProofFile(line_of(kernel.refl(denote(SAME.main))))
SWAPPED = ProofFile(line_of(kernel.axiom("int.add.comm")))


class Asked(Exception):
    """The checker would be asked."""


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FolderStore:
    """Holds what an earlier process was told about `PROOF`; this process knows nothing, and has no checker."""
    made = FolderStore(tmp_path / "verdicts")
    monkeypatch.setattr(checking, "_answers", checking._Answers())
    checking.check_and_keep(PROOF, made)
    forget(monkeypatch)
    return made


def forget(monkeypatch: pytest.MonkeyPatch) -> None:
    def ask(*given: object) -> None:
        raise Asked

    monkeypatch.setattr(checking, "_answers", checking._Answers())
    monkeypatch.setattr(checking, "_ask", ask)


def file_of(store: FolderStore) -> Path:
    (path,) = store.folder.iterdir()
    return path


def forged(store: FolderStore, **changes: object) -> None:
    """The file with another answer and the hash of that, which only this user can write."""
    head, _, answer = file_of(store).read_bytes()[len(MAGIC) + 32 :].partition(b"\n")
    body = head + b"\n" + json.dumps({**json.loads(answer), **changes}).encode()
    file_of(store).write_bytes(MAGIC + sha256(body).digest() + body)


def test_a_verdict_comes_back_and_says_where_it_is_from(store: FolderStore, monkeypatch: pytest.MonkeyPatch) -> None:
    found = checking.check(PROOF, store=store)
    assert found.kept
    assert judge(SAME, SAME, PROOF, Policy(verdicts=store)).kept
    monkeypatch.undo()
    real = checking.check(PROOF)
    assert not real.kept
    assert {**vars_of(found), "kept": False} == vars_of(real)


def vars_of(checked: checking.Checked) -> dict[str, object]:
    return {name: getattr(checked, name) for name in checking.Checked.__dataclass_fields__}


def test_without_a_store_or_under_limits_or_for_a_theorem_the_checker_is_asked(store: FolderStore) -> None:
    for ask in (
        lambda: checking.check(PROOF),
        lambda: judge(SAME, SAME, PROOF, Policy()),
        lambda: checking.check(PROOF, store=store, limits={"steps": 10}),
        lambda: checking.check(kernel.refl(denote(SAME.main)), store=store),
    ):
        with pytest.raises(Asked):
            ask()


def test_it_is_about_these_bytes_alone(store: FolderStore, monkeypatch: pytest.MonkeyPatch) -> None:
    for other in (SWAPPED, ProofFile(PROOF.text + b" "), ProofFile(PROOF.text[:-1])):
        with pytest.raises(Asked):
            checking.check(other, store=store)
    monkeypatch.undo()
    monkeypatch.setattr(checking, "_answers", checking._Answers())
    mine = file_of(store)
    checking.check_and_keep(SWAPPED, store)
    (other,) = (path for path in store.folder.iterdir() if path != mine)
    forget(monkeypatch)
    shutil.copy(other, mine)  # the entry of one under the name of another
    with pytest.raises(Asked):
        checking.check(PROOF, store=store)


def test_no_flipped_bit_is_believed(store: FolderStore) -> None:
    whole = file_of(store).read_bytes()
    for place in range(0, len(whole), max(1, len(whole) // 41)):
        file_of(store).write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        with pytest.raises(Asked):
            checking.check(PROOF, store=store)
    file_of(store).write_bytes(whole)
    assert checking.check(PROOF, store=store).kept


@pytest.mark.parametrize("name", ["checker.py", "axioms/integers.txt"])
def test_another_checker_or_other_axioms_know_nothing_of_it(
    store: FolderStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    shutil.copytree(kept.CHECKER.parent, tmp_path / "logic", ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(kept, "CHECKER", tmp_path / "logic" / "checker.py")
    kept.checker.cache_clear()
    try:
        assert checking.check(PROOF, store=store).kept  # a copy of the same
        with (tmp_path / "logic" / name).open("a") as file:
            file.write("\n")
        kept.checker.cache_clear()
        with pytest.raises(Asked):
            checking.check(PROOF, store=store)
    finally:
        kept.checker.cache_clear()


def test_a_checker_that_was_changed_since_it_started_keeps_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = FolderStore(tmp_path / "verdicts")
    shutil.copytree(kept.CHECKER.parent, tmp_path / "logic", ignore=shutil.ignore_patterns("__pycache__"))
    for module in (kept, checking):
        monkeypatch.setattr(module, "CHECKER", tmp_path / "logic" / "checker.py")
    monkeypatch.setattr(checking, "_answers", checking._Answers())
    mine = checking.Checker()
    monkeypatch.setattr(checking, "_checker", mine)
    kept.checker.cache_clear()
    try:
        checking.check(PROOF)
        with (tmp_path / "logic" / "checker.py").open("a") as file:
            file.write("# it accepts less now\n")
        checking.check_and_keep(PROOF, store)
        kept.checker.cache_clear()  # as a new process
        assert kept.find(store, PROOF.digest, {}) is None
        assert not store.folder.exists()
    finally:
        kept.checker.cache_clear()
        mine.close()


def test_other_theories_know_nothing_of_it(store: FolderStore) -> None:
    assert kept.find(store, PROOF.digest, {}) is not None
    assert kept.find(store, PROOF.digest, {"theirs": "(const theirs:c int)"}) is None


def test_a_forged_statement_is_not_what_the_functions_denote(store: FolderStore) -> None:
    """Who can write the file can write this process' program as well; the statement is compared all the same."""
    assert not judge(SAME, OTHER, PROOF, Policy(verdicts=store)).checked
    forged(store, hypotheses=1)
    assert "1 hypotheses" in judge(SAME, SAME, PROOF, Policy(verdicts=store)).reason
    forged(store, hypotheses=0, right="0" * 64)
    assert not judge(SAME, SAME, PROOF, Policy(verdicts=store)).checked


@pytest.mark.parametrize(
    "changes", [{"ok": False}, {"oracles": ["z3"]}, {"proof": "0" * 64}, {"proof": None}, {"axioms": 1}]
)
def test_an_answer_of_another_kind_is_none(store: FolderStore, changes: dict[str, object]) -> None:
    forged(store, **changes)
    with pytest.raises(Asked):
        checking.check(PROOF, store=store, oracles=["z3"])


def test_refusals_and_what_rests_on_oracles_are_never_kept(tmp_path: Path) -> None:
    store = FolderStore(tmp_path / "verdicts")
    said = ProofFile(line_of(kernel.oracle("z3", [], t.const("true", t.BOOL), t.const("false", t.BOOL))))
    assert checking.check(said, oracles=["z3"]).oracles == ("z3",)
    for proof in (said, ProofFile(b"{}"), ProofFile(PROOF.text[:-1])):
        with pytest.raises(ProofError, match="HY7001"):
            checking.check_and_keep(proof, store)
    answer = {"ok": True, "oracles": ["z3"]}
    kept.keep(store, said.digest, {}, answer)
    kept.keep(store, said.digest, {}, {**answer, "ok": False, "oracles": []})
    assert not store.folder.exists()
