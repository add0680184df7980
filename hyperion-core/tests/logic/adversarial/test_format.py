"""Version 2 of the proof format: lines out of order, false ends, false digests, oracles, and compressed bombs."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Callable
from typing import Any

import pytest

from hyperion.errors import ProofError
from hyperion.evidence import judge
from hyperion.ir.parser import parse_program
from hyperion.logic import checker, kernel, literals, theory
from hyperion.logic import terms as t
from hyperion.logic.checking import check
from hyperion.logic.denote import denote
from hyperion.logic.proof import ProofFile, file_of
from hyperion.policy import Policy

THEORY = checker.Theory(theory.axiom_text())
ZERO, ONE = literals.int_lit(0), literals.int_lit(1)
HEADER = ["hyperion-proof", 2]
GOOD: list[Any] = [HEADER, ["con", "int"], ["K", 0, "1"], ["refl", 0], ["sym", 0], ["end", 1, 1, 2]]
DIGEST = theory.axiom_digest("int.add.comm")


def text(lines: list[Any]) -> bytes:
    return "".join(json.dumps(line) + "\n" for line in lines).encode()


def without(i: int) -> list[Any]:
    return GOOD[:i] + GOOD[i + 1 :]


def test_the_file_that_the_others_damage() -> None:
    assert checker.answer(THEORY, text(GOOD))["ok"]


END = ["end", 0, 0, 1]
DAMAGED: dict[str, bytes] = {
    "no header": text(without(0)),
    "no end": text(without(5)),
    "an entry less": text(without(1)),
    "a wrong count": text([*GOOD[:5], ["end", 1, 1, 3]]),
    "counts exchanged": text([*GOOD[:5], ["end", 2, 1, 1]]),
    "counts as text": text([*GOOD[:5], ["end", "1", "1", "2"]]),
    "no counts": text([*GOOD[:5], ["end"]]),
    "two ends": text([*GOOD, GOOD[5]]),
    "more after the end": text([*GOOD, ["refl", 0]]),
    "an end in between": text([*GOOD[:4], ["end", 1, 1, 1], *GOOD[4:]]),
    "two headers": text([HEADER, *GOOD]),
    "another format": text([["hyperion-module", 2], *GOOD[1:]]),
    "version 3": text([["hyperion-proof", 3], *GOOD[1:]]),
    "version 1 in lines": text([["hyperion-proof", 1], *GOOD[1:]]),
    "version 2.0 as text": text([["hyperion-proof", "2"]]),
    "a step before its term": text([GOOD[0], GOOD[1], GOOD[3], GOOD[2], *GOOD[4:]]),
    "a term before its type": text([GOOD[0], GOOD[2], GOOD[1], *GOOD[3:]]),
    "a step before its premise": text([*GOOD[:3], ["sym", 1], ["refl", 0], GOOD[5]]),
    "two entries in a line": text(GOOD[:1]) + b'["con","int"], ["K",0,"1"]\n' + text(GOOD[3:]),
    "an entry over two lines": text(GOOD).replace(b'["sym", 0]', b'["sym",\n0]'),
    "an empty line": text(GOOD[:3]) + b"\n",
    "the last line without an end": text(GOOD)[:-1],
    "half a line": text(GOOD)[:-5],
    "nothing": b"",
    "a line feed": b"\n",
    "an object": b'{"format": "hyperion-proof", "version": 2}',
    "a number": text([*GOOD[:3], 3]),
    "an empty entry": text([*GOOD[:3], []]),
    "a nested tag": text([*GOOD[:3], [["refl"], 0]]),
    "no steps": text([*GOOD[:3], ["end", 1, 1, 0]]),
    "a NaN": text(GOOD).replace(b'"1"', b"NaN"),
    "a long line": text([*GOOD[:3], ["refl", *[0] * 700_000]]),
    "UTF-16": text(GOOD).decode().encode("utf-16"),
    "half of zlib": zlib.compress(text(GOOD))[:-4],
    "more after zlib": zlib.compress(text(GOOD)) + b"x",
    "two zlib streams": zlib.compress(text(GOOD[:3])) + zlib.compress(text(GOOD[3:])),
    "raw bytes of zlib": b"\x78\x9c" * 50,
    "two gzip members": gzip.compress(text(GOOD[:3])) + gzip.compress(text(GOOD[3:])),
    "a gzip header": b"\x1f\x8b",
    "zlib of zlib": zlib.compress(zlib.compress(text(GOOD))),
    "gzip of zlib": gzip.compress(zlib.compress(text(GOOD))),
    "no digest": text([HEADER, ["axiom", "int.add.comm"], END]),
    "another axiom's digest": text([HEADER, ["axiom", "int.mul.comm", DIGEST], END]),
    "a digest in capitals": text([HEADER, ["axiom", "int.add.comm", DIGEST.upper()], END]),
    "a digest cut short": text([HEADER, ["axiom", "int.add.comm", DIGEST[:32]], END]),
    "an empty digest": text([HEADER, ["axiom", "int.add.comm", ""], END]),
    "no digest but null": text([HEADER, ["axiom", "int.add.comm", None], END]),
    "the digest of a side": text([HEADER, ["axiom", "int.add.comm", t.digest(kernel.AXIOMS["int.add.comm"][1])], END]),
}


@pytest.mark.parametrize("what", DAMAGED)
def test_a_damaged_file_is_refused(what: str) -> None:
    said = checker.answer(THEORY, DAMAGED[what])
    assert not said["ok"]
    assert said["error"]
    with pytest.raises(ProofError):
        check(ProofFile(DAMAGED[what]))
    assert check(ProofFile(text(GOOD))).statement.startswith("|- 1 = 1")


@pytest.mark.parametrize("pack", [zlib.compress, gzip.compress])
def test_a_small_file_of_much_text_is_stopped(pack: Callable[[bytes], bytes]) -> None:
    """64 MiB of spaces in 64 KiB, and 256 MiB packed twice: no more is unpacked than the request allows."""
    bomb = pack(text(GOOD) + b" " * (64 << 20))
    said = checker.answer(THEORY, bomb, {"limits": {"bytes": 1 << 20}})
    assert not said["ok"]
    with pytest.raises(ProofError, match="HY7001"):
        ProofFile.unpack(bomb, limit=1 << 20)
    nested = pack(pack(b"\0" * (256 << 20)))
    assert not checker.answer(THEORY, nested)["ok"]


def oracle(label: object, hypotheses: object = (), left: int = 0, right: int = 1) -> bytes:
    entries = [HEADER, ["con", "int"], ["K", 0, "0"], ["K", 0, "1"], ["con", "bool"], ["C", "true", 1]]
    return text([*entries, ["oracle", label, hypotheses, left, right], ["end", 2, 3, 1]])


@pytest.mark.parametrize(
    "request_", [{}, {"oracles": []}, {"oracles": ["z3:other"]}, {"oracles": [""]}, {"oracles": "z"}]
)
def test_an_oracle_speaks_only_where_the_request_lets_it(request_: dict[str, Any]) -> None:
    assert not checker.answer(THEORY, oracle("z3", []), request_)["ok"]
    assert checker.answer(THEORY, oracle("z3", []), {"oracles": ["z3"]})["oracles"] == ["z3"]


@pytest.mark.parametrize(
    ("label", "hypotheses", "left", "right"),
    [("Z3", [], 0, 1), ("z3 ", [], 0, 1), ("", [], 0, 1), (None, [], 0, 1), (0, [], 0, 1), (["z3"], [], 0, 1),
     ("z3", [[0]], 0, 1), ("z3", [[0, 2]], 0, 1), ("z3", 0, 0, 1), ("z3", [[0, 9]], 0, 1), ("z3", [], 0, 2)],
)  # fmt: skip
def test_an_oracle_is_named_exactly_and_well_typed(label: Any, hypotheses: Any, left: int, right: int) -> None:
    assert not checker.answer(THEORY, oracle(label, hypotheses, left, right), {"oracles": ["z3"]})["ok"]


def test_an_oracle_marks_all_that_follows_from_it() -> None:
    th = kernel.oracle("z3", [], ZERO, ONE)
    laundered = kernel.sym(kernel.proj(0, kernel.tuple_(kernel.trans(th, kernel.refl(ONE)), kernel.refl(ZERO))))
    cut = kernel.cut(th, kernel.assume(ZERO, ONE))
    for thing in (th, laundered, cut, kernel.inst({}, cut)):
        assert thing.oracles == {"z3"}
        assert checker.answer(THEORY, file_of(thing).text, {"oracles": ["z3"]})["oracles"] == ["z3"]
        with pytest.raises(ProofError):
            check(thing)


def test_the_judge_believes_no_oracle_that_policy_does_not_name() -> None:
    source, target = (parse_program(f"func @f(%x: i64) -> i64 {{ %c = const {n} : i64 return %c }}") for n in (0, 1))
    th = kernel.oracle("z3", [], denote(source.main), denote(target.main))
    for policy in (Policy(), Policy(oracles=frozenset(["other"]))):
        assert not judge(source, target, th, policy).checked
    assert judge(source, target, th, Policy(oracles=frozenset(["z3"]))).oracles == ("z3",)


NAT = t.type_of("nat")
N, M = t.var("n", NAT), t.var("m", NAT)
NOUGHT, SUC = t.const("zero", NAT), t.const("suc", t.fun(NAT, NAT))
NEXT, P = t.app(SUC, N), t.var("p", t.fun(NAT, t.INT))
NATURALS: dict[str, list[list[Any]]] = {
    "the step is assumed": [["assume", t.app(P, NOUGHT), ONE], ["assume", t.app(P, NEXT), ONE],
                            ["natind", N, t.app(P, N), ONE, 0, 1]],
    "cases exchanged": [["refl", NOUGHT], ["refl", NEXT], ["natind", N, N, N, 1, 0]],
    "the base twice": [["refl", NOUGHT], ["natind", N, N, N, 0, 0]],
    "a step for another": [["refl", NOUGHT], ["refl", t.app(SUC, M)], ["natind", N, N, N, 0, 1]],
    "a step of two": [["refl", NOUGHT], ["refl", t.app(SUC, NEXT)], ["natind", N, N, N, 0, 1]],
    "no variable": [["refl", NOUGHT], ["refl", NEXT], ["natind", NOUGHT, N, N, 0, 1]],
    "an integer": [["refl", ZERO], ["refl", ONE], ["natind", t.var("i", t.INT), ZERO, ZERO, 0, 1]],
    "a hypothesis of the base that holds the number": [["assume", N, NOUGHT], ["refl", NOUGHT], ["tuple", 1, 0],
                                                       ["proj", 0, 2], ["refl", NEXT], ["natind", N, N, N, 3, 4]],
    "sides of different types": [["refl", NOUGHT], ["refl", NEXT], ["natind", N, N, ONE, 0, 1]],
}  # fmt: skip


@pytest.mark.parametrize("what", NATURALS)
def test_a_wrong_induction_over_naturals_is_refused(what: str, attack: Callable[..., Any]) -> None:
    assert attack([["refl", NOUGHT], ["refl", NEXT], ["natind", N, N, N, 0, 1]]).agreed == (t.digest(N), t.digest(N), 0)
    assert attack(NATURALS[what]).agreed is None
