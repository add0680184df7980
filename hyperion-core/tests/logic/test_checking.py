"""The checker's process as a client sees it: verdicts, tampered theorems, threads, time limits, crashes and forks."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from hyperion.errors import ProofError
from hyperion.logic import checking, kernel, literals, proof, theory
from hyperion.logic import terms as t
from hyperion.logic.checking import Checker, check, check_file
from hyperion.logic.kernel import RuleError, Theorem
from hyperion.testing.apart import at_once, no_threads, right_in_child

assert theory.axiom_text()
X, ZERO, ONE = t.var("x", t.INT), literals.int_lit(0), literals.int_lit(1)
ADD = t.const("add", t.SIGNATURE["add"])


def long_theorem(steps: int) -> Theorem:
    """x = n + .. + (1 + (0 + x)) turned around; 5 steps for each number."""
    th, swap = kernel.refl(X), kernel.axiom("int.add.comm")
    a, b = t.var("a", t.INT), t.var("b", t.INT)
    for i in range(steps // 5):
        head = kernel.refl(t.app(ADD, literals.int_lit(i)))
        th = kernel.trans(kernel.app(head, th), kernel.inst({a: literals.int_lit(i), b: th.right}, swap))
    return th


def test_a_theorem_is_checked() -> None:
    th = kernel.inst({t.var("a", t.INT): ONE}, kernel.axiom("int.add.zero"))
    checked = check(th)
    assert (checked.left, checked.right) == (t.digest(th.left), t.digest(th.right))
    assert checked.axioms == ("int.add.zero",)
    assert checked.hypotheses == 0
    assert not checked.functions
    assert checked.oracles == checked.definitions == ()
    assert checked.statement == "|- (add 0 1) = 1"
    assert checked.axiom_digests == {"int.add.zero": theory.axiom_digest("int.add.zero")}


def test_the_checker_is_asked_once_about_a_proof(monkeypatch: pytest.MonkeyPatch) -> None:
    """However it comes: as this theorem, as one with the same derivation, as its file."""
    asked: list[bytes] = []
    ask = checking._checker.ask
    monkeypatch.setattr(
        checking._checker, "ask", lambda file, limit, **more: (asked.append(file), ask(file, limit, **more))[1]
    )
    x = t.var("asked", t.INT)
    th = kernel.sym(kernel.refl(x))
    assert check(th) is check(th) is check(proof.file_of(th)) is check(kernel.sym(kernel.refl(x)))
    assert len(asked) == 1
    check(kernel.refl(t.var("asked_too", t.INT)))
    assert len(asked) == 2


def test_what_the_checker_said_before_does_not_excuse_a_changed_theorem() -> None:
    th = kernel.refl(X)
    check(th)
    object.__setattr__(th, "right", ONE)
    with pytest.raises(ProofError, match="HY7004"):
        check(th)


@pytest.mark.parametrize("text", [b"{", b"\xff", b"[" * 100_000, b'{"format": 1}\n{"format": 2}'])
def test_a_proof_file_that_is_no_json(text: bytes) -> None:
    """A text that were taken for two requests would have two answers, the second of which somebody else would get."""
    with pytest.raises(ProofError, match="HY7001"):
        check(proof.ProofFile(text))
    assert check(kernel.refl(X)).left == t.digest(X)


def test_a_proof_file_has_one_text() -> None:
    """Substitutions come from sets, whose order is that of addresses."""
    a, b = t.var("a", t.INT), t.var("b", t.INT)
    one = kernel.inst({a: ZERO, b: ONE}, kernel.axiom("int.add.comm"))
    other = kernel.inst({b: ONE, a: ZERO}, kernel.axiom("int.add.comm"))
    assert proof.file_of(one).text == proof.file_of(other).text
    assert check(proof.file_of(one)).left == t.digest(one.left)


def test_ten_thousand_steps_are_far_from_the_time_limit() -> None:
    """0.3 s on a quiet machine."""
    assert check(proof.export(long_theorem(10_010)), time_limit=15.0).steps >= 8_000


def test_a_proof_file(tmp_path: Path) -> None:
    path = tmp_path / "proof.json"
    path.write_text(json.dumps(proof.export(kernel.refl(X))), encoding="utf-8")
    assert check_file(path).left == t.digest(X)
    path.write_text("{", encoding="utf-8")
    with pytest.raises(ProofError, match=r"proof\.json: the checker refuses"):
        check_file(path)


def code_of(proof_or_theorem: Any, **more: Any) -> str:
    with pytest.raises(ProofError) as caught:
        check(proof_or_theorem, **more)
    return caught.value.code


def forged(**fields: object) -> Theorem:
    """A theorem object with its fields set by hand."""
    th = Theorem.__new__(Theorem)
    honest: dict[str, object] = {name: getattr(kernel.refl(X), name) for name in Theorem.__slots__}
    for name, value in (honest | fields).items():
        object.__setattr__(th, name, value)
    return th


def test_a_theorem_has_no_public_constructor() -> None:
    with pytest.raises(RuleError, match="made by rules only"):
        Theorem(object(), "refl", (X,), (), frozenset(), ZERO, ONE)
    with pytest.raises(AttributeError, match="cannot assign"):
        kernel.refl(X).left = ONE  # type: ignore[misc] - the attempt is the test


def test_a_theorem_that_claims_more_than_its_proof_is_refused() -> None:
    assert code_of(forged(left=ZERO, right=ONE)) == "HY7004"


def test_a_theorem_that_drops_a_hypothesis_is_refused() -> None:
    honest = kernel.assume(ZERO, ONE)
    fields = {name: getattr(honest, name) for name in Theorem.__slots__} | {"hypotheses": frozenset[Any]()}
    assert code_of(forged(**fields)) == "HY7004"


def test_a_forged_premise_is_refused() -> None:
    false = forged(left=ZERO, right=ONE)
    assert code_of(kernel.sym(false)) == "HY7004"
    assert code_of(forged(rule="trans", arguments=(), premises=(false, false), left=ZERO, right=ONE)) == "HY7004"


@pytest.mark.parametrize(
    "fields",
    [
        {"rule": "axiom", "arguments": ("zero.is.one",)},
        {"rule": "compute", "arguments": (X,)},
        {"rule": "define", "arguments": ("d", X)},
        {"rule": "oracle", "arguments": ("z3",)},
        {"rule": "insttype", "arguments": ((("int", t.BOOL),),), "premises": (kernel.refl(X),)},
        {"rule": "inst", "arguments": (((ZERO, ONE),),), "premises": (kernel.refl(ZERO),)},
    ],
)
def test_a_forged_step_is_refused(fields: dict[str, object]) -> None:
    assert code_of(forged(left=ZERO, right=ONE, **fields)) == "HY7001"


def test_a_changed_axiom_in_this_process_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(kernel._axioms, "zero.is.one", (frozenset(), ZERO, ONE))
    assert code_of(kernel.axiom("zero.is.one")) == "HY7001"
    monkeypatch.setitem(kernel._axioms, "int.add.zero", (frozenset(), ZERO, ONE))
    changed = kernel.axiom("int.add.zero")
    with pytest.raises(ProofError, match="means another axiom"):
        check(changed)
    file = proof.export(changed)  # version 1 says no more of an axiom than its name
    assert check(file).right == check(proof.export(kernel.refl(t.var("a", t.INT)))).left


def test_floats_and_truth_values_are_not_confused() -> None:
    plus, minus = literals.float_lit("f64", 0.0), literals.float_lit("f64", -0.0)
    assert plus is not minus
    assert check(kernel.refl(plus)).left != check(kernel.refl(minus)).left
    with pytest.raises(RuleError):
        kernel.trans(kernel.refl(plus), kernel.refl(minus))
    file = proof.export(kernel.proj(1, kernel.refl(t.tup(ZERO, ONE))))
    assert file["steps"][1] == ["proj", 1, 0]
    file["steps"][1][1] = True
    assert code_of(file) == "HY7001"


def test_what_is_no_json_is_refused() -> None:
    assert code_of({"format": {1, 2}}) == "HY7001"
    assert code_of({}) == "HY7001"


def test_many_threads_share_one_process() -> None:
    theorems = [kernel.compute(t.app(ADD, literals.int_lit(n), ONE)) for n in range(24)]
    failures: list[int] = []

    def ask(n: int) -> None:
        if check(theorems[n]).right != t.digest(literals.int_lit(n + 1)):
            failures.append(n)

    at_once(ask, 24)
    assert not failures


def test_a_slow_proof_is_stopped_and_the_next_one_is_checked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """However long this process waits for its turn, the answer is not there before the time is over."""
    slow = tmp_path / "slow.py"
    slow.write_text("import time\ntime.sleep(600)\n", encoding="utf-8")
    checker, file = Checker(), proof.file_of(long_theorem(100)).text
    with monkeypatch.context() as patch:
        patch.setattr(checking, "CHECKER", slow)
        with pytest.raises(ProofError) as caught:
            checker.ask(file, 0.01)
    assert caught.value.code == "HY7002"
    assert checker.ask(file, 30)["ok"]
    checker.close()


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="no process can be stopped on this system")
def test_a_proof_that_takes_longer_than_its_limit_is_stopped_while_it_is_checked() -> None:
    checker = Checker()
    assert checker.ask(proof.file_of(kernel.refl(X)).text, 30)["ok"]
    child = checker._child
    assert child is not None
    child.send_signal(signal.SIGSTOP)  # so that it does not end, whatever the speed of this machine
    with pytest.raises(ProofError) as caught:
        checker.ask(proof.file_of(long_theorem(1000)).text, 0.05)
    assert caught.value.code == "HY7002"
    assert child.poll() is not None
    assert checker.ask(proof.file_of(kernel.refl(X)).text, 30)["ok"]
    checker.close()


def test_limits_reach_the_checker() -> None:
    assert code_of(long_theorem(100), limits={"steps": 3}) == "HY7001"


def test_an_answer_that_nobody_waited_for_is_not_taken_for_the_next_one() -> None:
    """As Ctrl-C leaves one behind, in the middle of an exchange."""
    checker = Checker()
    first, second = (proof.file_of(kernel.refl(t.var(name, t.INT))).text for name in ("left", "right"))
    own = checker.ask(second, 10)
    child = checker._child
    assert child is not None
    assert child.stdin is not None
    child.stdin.write(json.dumps({"size": len(first), "seconds": 10}).encode() + b"\n" + first)
    assert checker.ask(second, 10) == own
    assert checker.ask(first, 10)["left"] == t.digest(t.var("left", t.INT))
    checker.close()


def test_a_killed_process_is_replaced() -> None:
    checker = Checker()
    file = proof.file_of(kernel.refl(X)).text
    assert checker.ask(file, 30)["ok"]
    child = checker._child
    assert child is not None
    child.kill()
    child.wait(30)
    assert checker.ask(file, 30)["ok"]
    checker.close()
    checker.close()
    assert checker._child is None


def test_a_checker_that_does_not_start_is_an_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    checker = Checker()
    monkeypatch.setattr(checking, "CHECKER", tmp_path / "missing.py")
    with pytest.raises(ProofError) as caught:
        checker.ask(b"{}", 30)
    assert caught.value.code == "HY7003"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork on this system")
def test_a_forked_process_starts_its_own_checker() -> None:
    check(kernel.refl(X))

    def checks() -> bool:
        right = check(kernel.refl(ONE)).left == t.digest(ONE)
        checking._checker.close()
        return right

    assert right_in_child(checks)
    assert check(kernel.refl(X)).left == t.digest(X)


@pytest.mark.skipif(not hasattr(os, "killpg"), reason="process groups of POSIX")
def test_an_interruption_of_the_process_group_is_not_the_checkers() -> None:
    code = """
import os, signal
from hyperion.logic import kernel, checking, terms as t
signal.signal(signal.SIGINT, lambda *_: print("interrupted", flush=True))
th = kernel.refl(t.var("x", t.INT))
checking.check(th)
child = checking._checker._child
os.killpg(0, signal.SIGINT)
print(checking.check(kernel.refl(th.left)).left == t.digest(th.left), checking._checker._child is child)
"""
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, start_new_session=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "interrupted\nTrue True\n", "")


def test_an_oracles_word_counts_where_it_is_asked_for() -> None:
    th = kernel.sym(kernel.oracle("solver", [], ZERO, ONE))
    assert th.oracles == {"solver"}
    assert code_of(th) == "HY7001"
    assert check(th, oracles=["solver"]).oracles == ("solver",)
    assert code_of(th, oracles=["another"]) == "HY7001"
    assert code_of(th) == "HY7001"


def test_a_checker_that_nobody_would_end_in_time_is_not_asked() -> None:
    checker, file = Checker(), proof.file_of(kernel.refl(X)).text
    with no_threads(), pytest.raises(ProofError, match="can't start new thread") as caught:
        checker.ask(file, 30)
    assert caught.value.code == "HY7003"
    assert checker.ask(file, 30)["ok"]
    checker.close()


@pytest.mark.parametrize("executable", ["", None])
def test_a_python_that_does_not_know_where_it_is(monkeypatch: pytest.MonkeyPatch, executable: str | None) -> None:
    monkeypatch.setattr(sys, "executable", executable)
    with pytest.raises(ProofError, match="the checker process cannot be started") as caught:
        Checker().ask(b"{}", 30)
    assert caught.value.code == "HY7003"
