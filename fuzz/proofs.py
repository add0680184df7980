"""Damages real proofs, by rule and by term, and asks whether anything false or unproved is ever accepted.

    nice -n 15 uv run python fuzz/proofs.py [--mutants N] [--whole N] [--seed N] [--keep FOLDER]

Each mutant must be refused by the checker, or be a proof: the kernel, which shares no code with the checker, applies
its steps again and reaches the same statement, z3 finds no counterexample where the statement is first order, and
random values do not refute it where it can be run. Anything else is a defect: the mutant is kept, the exit status is 1.
`--whole` mutants are of whole derived proofs: whether `evidence.judge` calls a program proved by one.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections import Counter
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from random import Random
from typing import Any

import hyperion as hp
from hyperion.errors import ProofError
from hyperion.evidence import judge
from hyperion.logic import checker, kernel, literals, proof, theory
from hyperion.logic import terms as t
from hyperion.logic.definitions import apply, definitions
from hyperion.logic.derived import beta_spine, use
from hyperion.logic.kernel import Theorem
from hyperion.logic.proof import ProofFile
from hyperion.logic.replay import replayed
from hyperion.testing.derived_loops import LOOPS, derivation
from hyperion.testing.proof_instances import Instances, NoValues
from hyperion.testing.proof_mutations import Mutant, Mutator, Sample
from hyperion_exports.smtlib import denial, script_of

THEORY = checker.Theory(theory.axiom_text())
MOST_STEPS = 60  # of a sample


def by_hand() -> list[Theorem]:
    """Short proofs with the rules that derived ones seldom use."""
    a, x, o = t.var("a", t.INT), t.var("x", t.type_of("f64")), t.var("o", t.outcome_of(t.INT))
    f, p = t.var("f", t.fun(t.INT, t.INT)), t.var("p", t.type_of("prod", t.INT, t.BOOL))
    halves = [literals.float_lit("f64", v) for v in (0.5, -0.0)]
    add = t.const("fadd.f64", t.SIGNATURE["fadd.f64"])
    forms = [t.app(t.const("ok", t.fun(t.INT, o.type)), a), t.const("trap", o.type), t.const("diverge", o.type)]
    there_and_back = [kernel.trans(kernel.assume(o, form), kernel.sym(kernel.assume(o, form))) for form in forms]
    real, one = t.var("r", t.REAL), literals.real_lit(literals.Fraction(1, 2))
    n, suc = t.var("n", t.type_of("nat")), t.const("suc", t.SIGNATURE["suc"])
    nought = kernel.refl(t.const("zero", n.type))
    return [
        rebuilt_list(),
        kernel.nat_induction(n, n, n, nought, kernel.app(kernel.refl(suc), kernel.assume(n, n))),
        kernel.abs_(a, kernel.inst({a: apply("add", a, a)}, kernel.axiom("int.add.comm"))),
        kernel.eta(t.lam(a, t.app(f, a))),
        kernel.trans(kernel.eta(t.lam(a, t.app(f, a))), kernel.refl(f)),
        kernel.tupeta(p),
        kernel.projbeta(t.proj(1, t.tup(a, p))),
        kernel.outcome_cases(o, a, *there_and_back),
        kernel.trans(kernel.compute(t.app(add, *halves)), kernel.sym(kernel.compute(t.app(add, *halves)))),
        kernel.app(kernel.abs_(x, kernel.refl(x)), kernel.refl(halves[1])),
        kernel.inst({t.var("a", t.REAL): one, t.var("b", t.REAL): real}, kernel.axiom("real.rmul.comm")),
        kernel.cut(kernel.assume(a, literals.int_lit(3)), kernel.assume(a, literals.int_lit(3))),
    ]


def rebuilt_list() -> Theorem:
    """listrec nil (\\x ys r. cons x r) xs = xs, by induction."""
    ty = t.list_of(t.INT)
    x, xs, ys, r = t.var("x", t.INT), t.var("xs", ty), t.var("ys", ty), t.var("r", ty)
    nil, cons = t.const("nil", ty), t.const("cons", t.fun(t.INT, ty, ty))
    step = t.lams((x, ys, r), t.app(cons, x, r))
    rebuilt = apply("listrec", nil, step, xs)
    base = use("listrec.nil", t.substitute(rebuilt, {xs: nil}))
    once = use("listrec.cons", t.substitute(rebuilt, {xs: t.app(cons, x, xs)}))
    assert base
    assert once
    grown = kernel.app(kernel.refl(t.app(cons, x)), kernel.assume(rebuilt, xs))
    longer = kernel.trans(kernel.trans(once, beta_spine(once.right)), grown)
    return kernel.list_induction(x, xs, rebuilt, xs, base, longer)


def samples(theorems: list[Theorem], random: Random, count: int = 90) -> list[Sample]:
    """Parts of the derived proofs, of at most MOST_STEPS steps, with all rules among them."""
    small: dict[str, list[Theorem]] = {}
    for theorem in theorems:
        sizes: dict[int, int] = {}
        for th in proof.steps(theorem):
            sizes[id(th)] = 1 + sum(sizes[id(p)] for p in th.premises)  # counts what is shared twice: a bound
            if 3 < sizes[id(th)] < MOST_STEPS:
                small.setdefault(th.rule, []).append(th)
    chosen = [th for group in small.values() for th in random.sample(group, min(len(group), count // len(small) + 1))]
    chosen += [*by_hand(), *definitions().values()]
    return [Sample(proof.export(th)) for th in chosen]


class Campaign:
    """Counts mutants by what was aimed at, what was changed, and what came of it."""

    def __init__(self, keep: Path, seed: int) -> None:
        self.keep = keep
        self.aims, self.kinds, self.fates = Counter[tuple[str, str]](), Counter[tuple[str, str]](), Counter[str]()
        self.reasons = Counter[str]()
        self.defects = 0
        self.slowest = 0.0
        self._random = Random(seed)
        self._instances = Instances(Random(seed))

    def try_(self, mutant: Mutant, sample_statements: set[tuple[str, str]]) -> None:
        text = mutant.text(self._random.choice([1, 2]))
        start = time.perf_counter()
        answer = checker.answer(THEORY, text)
        self.slowest = max(self.slowest, time.perf_counter() - start)
        fate = "refused"
        if answer["ok"]:
            fate = self.judged(text, answer, (str(answer["left"]), str(answer["right"])) in sample_statements)
        else:
            self.reasons[str(answer["error"]).rpartition("): ")[2][:40]] += 1
            if "malformed" in str(answer["error"]):
                fate = "DEFECT no clear refusal"
        if fate.startswith("DEFECT"):
            self.defect(mutant, text, fate)
        self.fates[fate] += 1
        outcome = "refused" if fate == "refused" else "accepted"
        self.aims[mutant.aim, outcome] += 1
        self.kinds[mutant.kind, outcome] += 1

    def judged(self, text: str, answer: dict[str, Any], known: bool) -> str:
        try:
            th = replayed(ProofFile(text.encode()))
        except ProofError as error:
            return f"DEFECT only the checker accepts: {error.message}"
        shown = (t.digest(th.left), t.digest(th.right), len(th.hypotheses), sorted(th.axioms))
        if shown != (answer["left"], answer["right"], answer["hypotheses"], sorted(answer["axioms"])):
            return "DEFECT kernel and checker conclude differently"
        if known and not th.hypotheses:
            return "proved the statement of a sample"
        verdict = refuted_by_z3(th) if th.left is not th.right else False
        if verdict is None:
            try:
                verdict = self._instances.refutes(th)
            except NoValues:
                return "another statement, kernel agrees"
            if not verdict:
                return "another statement, kernel agrees, random values too"
        return "DEFECT a false statement" if verdict else "another statement, kernel agrees, z3 too (or x = x)"

    def defect(self, mutant: Mutant, text: str, what: str) -> None:
        self.defects += 1
        path = self.keep / f"defect-{self.defects}.json"
        path.write_text(text, encoding="utf-8")
        print(f"{what} ({mutant.aim}, {mutant.kind})\n  kept as {path}", file=sys.stderr)

    def report(self, seconds: float) -> None:
        print(f"{sum(self.fates.values()):,} mutants in {seconds:.0f} s, slowest {self.slowest:.2f} s")
        for fate, count in self.fates.most_common():
            print(f"  {count:7,}  {fate}")
        for title, table in (("aim", self.aims), ("change", self.kinds)):
            print(f"\n{title:32} {'refused':>8} {'accepted':>8}")
            for name in sorted({name for name, _ in table}):
                print(f"{name:32} {table[name, 'refused']:8,} {table[name, 'accepted']:8,}")
        print("\nmost frequent refusals: " + "; ".join(f"{r} {n:,}" for r, n in self.reasons.most_common(12)))


@cache
def have_z3() -> bool:
    return find_spec("z3") is not None


def refuted_by_z3(th: Theorem) -> bool | None:
    """Whether z3 has a counterexample; None where the statement is not first order, or z3 does not know."""
    if not have_z3():
        return None
    said = denial(
        "statement",
        th.hypotheses,
        th.left,
        th.right,
        {d.left.name: d.right for d in proof.steps(th) if d.rule == "define"},
    )
    if said.left_out:
        return None
    import z3

    context = z3.Context()
    text = z3.Z3_eval_smtlib2_string(context.ref(), "(set-option :timeout 300)\n" + script_of([said], ""))
    return {"sat": True, "unsat": False}.get(text.split()[-1])


def whole(instance: hp.Instance, derived: list[Any], count: int, random: Random) -> tuple[int, int]:
    """Mutants of whole proofs before the gate: how many it lets pass, and how many of those it must not."""
    mutator = Mutator([Sample(proof.file_of(d.theorem).value()) for d in derived], random)
    passed = wrong = 0
    for _ in range(count):
        mutant = mutator.make()
        for d in derived:
            verdict = judge(d.source, d.chosen, ProofFile(mutant.text(2).encode()), instance.policy, time_limit=60.0)
            if verdict.checked:
                passed += 1
                wrong += (verdict.left, verdict.right) != (d.verdict.left, d.verdict.right)
    return passed, wrong


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mutants", type=int, default=20_000)
    parser.add_argument("--whole", type=int, default=100, help="mutants of whole proofs, before the gate")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--keep", type=Path, default=Path(tempfile.gettempdir()))
    arguments = parser.parse_args()
    random, instance = Random(arguments.seed), hp.Instance()
    derived = [derivation(name, instance) for name in LOOPS if name != "prefix"]
    pool = samples([replayed(proof.file_of(d.theorem)) for d in derived], random)
    statements = {s.statement for s in pool}
    mutator, campaign = Mutator(pool, random), Campaign(arguments.keep, arguments.seed)
    missing = set(checker.RULES) - set(mutator.rules) - {"oracle"}  # whose word is never asked here
    print(f"{len(pool)} samples; no sample has the rules {sorted(missing)}" if missing else f"{len(pool)} samples")
    start = time.perf_counter()
    for _ in range(arguments.mutants):
        campaign.try_(mutator.make(), statements)
    campaign.report(time.perf_counter() - start)
    start = time.perf_counter()
    passed, wrong = whole(instance, derived, arguments.whole, random)
    took = time.perf_counter() - start
    print(
        f"\n{arguments.whole} mutants of whole proofs before the gate in {took:.0f} s: {passed} passed, {wrong} wrongly"
    )
    print(json.dumps({"mutants": arguments.mutants + arguments.whole, "defects": campaign.defects + wrong}))
    return 1 if campaign.defects or wrong else 0


if __name__ == "__main__":
    sys.exit(main())
