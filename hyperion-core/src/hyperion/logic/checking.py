"""The client of the checker: a child process that lives long and answers in milliseconds.

The child is started by file path, isolated (`-I`), so that nothing of this process can reach into its verdict.
"""

from __future__ import annotations

import atexit
import hashlib
import io
import json
import math
import os
import subprocess
import sys
import threading
from collections import OrderedDict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any  # JSON values

from hyperion._forking import survives_forks
from hyperion.errors import ProofError
from hyperion.folder_store import FolderStore
from hyperion.logic import effort, kept
from hyperion.logic.kernel import Theorem
from hyperion.logic.proof import MOST_BYTES, Proof, ProofFile, file_of, text_of
from hyperion.logic.terms import digest
from hyperion.stages import staged, tally

CHECKER = Path(__file__).with_name("checker.py")
RUN = """
import sys
from importlib.machinery import SourceFileLoader
del sys.argv[0]
code = SourceFileLoader("__main__", sys.argv[0]).get_code("__main__")
exec(code, {"__name__": "__main__", "__file__": sys.argv[0]})
"""
"""Runs the file as `python FILE` does, but compiled once: Python keeps that beside the file, as for any module."""
TIME_LIMIT = 30.0


@dataclass(frozen=True, slots=True)
class Checked:
    """What the checker concluded: `left = right` (digests) under so many hypotheses, and all that it rests on.

    `functions` says whether both sides are what functions denote; a lemma about something else is none of a program.
    `axiom_digests` has the hash of what each axiom says, by its name. `statement` is readable text that the checker
    made, the same in every process; it ends with the digests, so that different statements never read the same. `kept`
    says that an earlier process of this user had it checked (`hyperion.logic.kept`).
    """

    left: str
    right: str
    hypotheses: int
    functions: bool
    axioms: tuple[str, ...]
    definitions: tuple[str, ...]
    oracles: tuple[str, ...]
    steps: int
    statement: str
    axiom_digests: Mapping[str, str]
    kept: bool = False

    @property
    def theories(self) -> frozenset[str]:
        """The distributions whose own axioms it rests on."""
        return frozenset(name.partition(":")[0] for name in self.axioms if ":" in name)


class Checker:
    """One checker process, started when first asked; every method may be called from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None

    def ask(self, proof: bytes, time_limit: float, **request: object) -> dict[str, Any]:
        """The answer about a proof file under the terms of a request; raises ProofError when there is none."""
        header = {"size": len(proof), "seconds": time_limit + 1, **request}
        return self._ask(json.dumps(header).encode() + b"\n" + proof, hashlib.sha256(proof).hexdigest(), time_limit)

    def _ask(self, request: bytes, digest: str, time_limit: float) -> dict[str, Any]:
        if not self._lock.acquire(timeout=max(time_limit, 0.0)):
            raise ProofError("HY7002", f"the checker was busy with other proofs for {time_limit:.3g} seconds")
        try:
            # The process may have been killed since its last answer, or have one left that nobody waited for any more
            # after Ctrl-C: a new one is asked once.
            for _ in range(2):
                line = self._exchange(request, time_limit)
                answers = [json.loads(found) for found in (line or b"").splitlines()]
                if len(answers) == 1 and answers[0].get("proof") == digest:
                    return answers[0]
                self._end()
        finally:
            self._lock.release()
        raise ProofError("HY7003", "the checker process answered about another proof", notes=[f"started as {CHECKER}"])

    def close(self) -> None:
        with self._lock:
            self._end()

    def forget(self) -> None:
        """In the child of a fork: the process is the parent's, only the pipes' copies are closed."""
        child, self._child = self._child, None
        self._lock = threading.Lock()
        if child is not None:
            child.returncode = 0
            for pipe in (child.stdin, child.stdout):
                if pipe is not None:
                    pipe.close()

    def _exchange(self, request: bytes, time_limit: float) -> bytes | None:
        """The answer's line; None when a process that had answered before was gone."""
        fresh = self._child is None
        child = self._child = self._child or self._start()
        late = threading.Event()

        def stop() -> None:
            late.set()
            child.kill()

        timer = threading.Timer(time_limit, stop)
        timer.daemon = True
        try:
            timer.start()
        except RuntimeError as error:
            raise ProofError("HY7003", f"a thread cannot be started that ends the checker in time: {error}") from error
        line = b""
        try:
            line = _talk(child, request)
        except OSError:
            line = b""
        finally:
            timer.cancel()
            if not line.endswith(b"\n"):
                self._end()
        if line.endswith(b"\n"):
            return line
        if late.is_set():
            raise ProofError(
                "HY7002",
                f"checking took longer than {time_limit:.3g} seconds",
                hints=["a smaller proof, or a longer time_limit"],
            )
        if not fresh:
            return None
        raise ProofError("HY7003", "the checker process ended without an answer", notes=[f"started as {CHECKER}"])

    def _start(self) -> subprocess.Popen[bytes]:
        kept.checker()  # which text it is that runs, while that is on the disk
        command = [sys.executable or "", "-I", "-c", RUN, str(CHECKER), "--serve"]
        try:
            # A session of its own: Ctrl-C goes to every process of the terminal's group and is for this one alone to
            # handle. The child ends when its input does, however this process ends.
            return subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0, start_new_session=True
            )
        except OSError as error:
            raise ProofError("HY7003", f"the checker process cannot be started: {error}") from error

    def _end(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            child.kill()
            child.wait()
            for pipe in (child.stdin, child.stdout):
                if pipe is not None:
                    pipe.close()


def _talk(child: subprocess.Popen[bytes], request: bytes) -> bytes:
    assert isinstance(child.stdin, io.RawIOBase)
    assert isinstance(child.stdout, io.RawIOBase)
    rest = memoryview(request)
    while rest:
        rest = rest[child.stdin.write(rest) :]
    line = bytearray()
    while not line.endswith(b"\n"):
        chunk = child.stdout.read(1 << 16)
        if not chunk:
            break
        line += chunk
    return bytes(line)


_checker = Checker()
atexit.register(_checker.close)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_checker.forget)


class _Answers:
    """What the checker said of the last few proofs: by the digest of their text, and for theorems, which are immutable,
    by the identity of the object."""

    MOST = 32

    def __init__(self) -> None:
        self._lock = survives_forks(threading.Lock())
        self._digests: OrderedDict[int, tuple[Theorem, str]] = OrderedDict()
        self._known: OrderedDict[str, tuple[Checked, Mapping[str, int]]] = OrderedDict()

    def digest(self, proof: Proof) -> str:
        """The digest of the proof's text, where it is known without writing the proof; else the empty text."""
        if isinstance(proof, ProofFile):
            return proof.digest
        with self._lock:
            return self._digests.get(id(proof), (proof, ""))[1]

    def get(self, digest: str, oracles: Collection[str], limits: Mapping[str, int]) -> Checked | None:
        """What was said under no wider terms than these."""
        with self._lock:
            found = self._known.get(digest)
        if found is None:
            return None
        checked, kept = found
        within = all(kept.get(name, math.inf) <= limit for name, limit in limits.items())
        return checked if within and set(checked.oracles) <= set(oracles) else None

    def put(self, proof: Proof, digest: str, checked: Checked, limits: Mapping[str, int]) -> None:
        with self._lock:
            self._known[digest] = checked, dict(limits)
            if isinstance(proof, Theorem):  # held, so that its identity is not given again
                self._digests[id(proof)] = proof, digest
            for table in (self._known, self._digests):
                while len(table) > self.MOST:
                    table.popitem(last=False)


_answers = _Answers()


@staged("check")
def check(
    proof: Proof | Mapping[str, Any],
    *,
    time_limit: float = TIME_LIMIT,
    limits: Mapping[str, int] | None = None,
    oracles: Collection[str] = (),
    store: FolderStore | None = None,
) -> Checked:
    """Have a theorem, a proof file or its JSON value checked in the checker's process, unless it lately was. Steps of
    oracles are accepted from those that `oracles` names. The search around it may leave less time than `time_limit`.
    With `store` what an earlier process was told about the same proof file counts too, where no `limits` are set.

    Raises ProofError: HY7001 where the checker refuses, HY7002 after `time_limit` seconds, HY7003 where there is no
    process, HY7004 where a theorem says something else than its own proof.
    """
    if not isinstance(proof, Theorem | ProofFile):
        proof = _file_of_value(proof)
    key = _answers.digest(proof)
    limits = limits or {}
    checked = _answers.get(key, oracles, limits)
    if checked is None and store is not None and isinstance(proof, ProofFile) and not limits:
        checked = _kept(proof, store)
    if checked is None:
        file = file_of(proof)
        key = key or file.digest
        checked = _answers.get(key, oracles, limits) or _ask(file, _seconds(time_limit), limits, oracles)
        _answers.put(proof, key, checked, limits)
    if isinstance(proof, Theorem):
        _compare(proof, checked)
    return checked


def check_and_keep(proof: ProofFile, store: FolderStore) -> None:
    """Keeps for later processes what the checker says of the proof in this one. Raises as `check` does."""
    kept.keep(store, proof.digest, _theories(), _answer(check(proof)))


def _kept(proof: ProofFile, store: FolderStore) -> Checked | None:
    answer = kept.find(store, proof.digest, _theories())
    try:
        found = None if answer is None else replace(_read(answer), kept=True)
    except (KeyError, TypeError):  # an answer in another form is none
        found = None
    tally("cache_misses" if found is None else "cache_hits", cache="verdicts")
    return found


def _theories() -> Mapping[str, str]:
    """The texts of the theories that this process knows; none where nobody needed the module of them."""
    theory = sys.modules.get("hyperion.logic.theory")
    return {} if theory is None else theory.ADMITTED


def _seconds(time_limit: float) -> float:
    left = effort.remaining()
    if left <= 0:
        raise ProofError("HY7002", "no time was left to check the proof")
    return min(time_limit, left)


def _file_of_value(value: Mapping[str, Any]) -> ProofFile:
    try:
        return ProofFile(text_of(value))
    except (TypeError, ValueError, RecursionError) as error:
        raise ProofError("HY7001", f"the checker refuses the proof: it is no JSON value: {error}") from error


def _ask(file: ProofFile, time_limit: float, limits: Mapping[str, int], oracles: Collection[str]) -> Checked:
    answer = _checker.ask(
        file.text, time_limit, limits=dict(limits), oracles=sorted(oracles), theories=dict(_theories())
    )
    if answer.get("ok"):
        return _read(answer)
    owner = answer.get("theory")
    if owner:
        from hyperion.logic import theory  # on use: stored proofs are looked up without it

        raise ProofError("HY7005", f"the proof needs the theory of {owner}, which is off", hints=[theory.opt_in(owner)])
    raise ProofError("HY7001", f"the checker refuses the proof: {answer.get('error')}")


def check_file(
    path: str | Path, *, time_limit: float = TIME_LIMIT, oracles: Collection[str] = (), limit: int = MOST_BYTES
) -> Checked:
    """Have a proof file checked, compressed or not, of at most `limit` bytes of text.

    Raises as `check` does, and OSError where the file cannot be read.
    """
    try:
        return check(ProofFile.unpack(Path(path).read_bytes(), limit), time_limit=time_limit, oracles=oracles)
    except ProofError as error:
        raise ProofError(error.code, f"{path}: {error.message}", notes=error.notes, hints=error.hints) from None


def _read(answer: dict[str, Any]) -> Checked:
    return Checked(
        left=answer["left"],
        right=answer["right"],
        hypotheses=answer["hypotheses"],
        functions=answer["functions"],
        axioms=tuple(answer["axioms"]),
        definitions=tuple(answer["definitions"]),
        oracles=tuple(answer["oracles"]),
        steps=answer["steps"],
        statement=answer["statement"],
        axiom_digests=answer["axioms"],
    )


def _answer(checked: Checked) -> dict[str, Any]:
    """What `_read` reads."""
    fields = ("left", "right", "hypotheses", "functions", "definitions", "oracles", "steps", "statement")
    return {"ok": True, "axioms": dict(checked.axiom_digests), **{name: getattr(checked, name) for name in fields}}


def _compare(theorem: Theorem, checked: Checked) -> None:
    """The checker's conclusion is what counts; a theorem that claims another one was tampered with."""
    claimed = (digest(theorem.left), digest(theorem.right), len(theorem.hypotheses))
    if claimed != (checked.left, checked.right, checked.hypotheses):
        raise ProofError(
            "HY7004", "the theorem claims what its proof does not show", notes=[f"shown: {checked.statement}"]
        )
