"""What becomes of the records of a bundle: each is decoded, verified and checked again, within limits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from time import monotonic

from hyperion.errors import HyperionError, ModuleError, TypeCheckError
from hyperion.evidence import first_unjustified, judge
from hyperion.interfaces.theorem_library import StoredTheorem
from hyperion.ir.function import Program, walk
from hyperion.ir.registry import Registry
from hyperion.ir.verifier import verify
from hyperion.library.keys import key_of, theorem_digest
from hyperion.logic.terms import TermError
from hyperion.policy import Policy
from hyperion_library import record


@dataclass(frozen=True, slots=True)
class Budget:
    """Limits on one import. `seconds` is for all records, `seconds_each` for checking one; `equations` bounds a
    function, `terms` what the checker may build for one proof."""

    seconds: float = 300.0
    seconds_each: float = 15.0
    equations: int = 8_000
    terms: int = 1_000_000


DEFAULT = Budget()


@dataclass(frozen=True, slots=True)
class Refused:
    """A record that is not taken: its number from 1 on, and why."""

    number: int
    reason: str

    def __str__(self) -> str:
        return f"record {self.number}: {self.reason}"


def admitted(
    records: Iterable[bytes], registry: Registry, policy: Policy, budget: Budget
) -> Iterator[StoredTheorem | Refused]:
    """Each theorem that the checker accepts, and for each other record why not."""
    end = monotonic() + budget.seconds
    for number, data in enumerate(records, 1):
        left = end - monotonic()
        if left <= 0:
            yield Refused(number, f"the {budget.seconds:g} seconds for this bundle are over")
            continue
        try:
            yield _checked(data, registry, policy, replace(budget, seconds_each=min(left, budget.seconds_each)))
        except (TermError, RecursionError) as error:
            yield Refused(number, str(error) or type(error).__name__)
        except HyperionError as error:
            yield Refused(number, f"{error.code}: {error.message}")


def _checked(data: bytes, registry: Registry, policy: Policy, budget: Budget) -> StoredTheorem:
    theorem = record.decode(data, registry, "?")
    for program in (theorem.source, theorem.chosen):
        _verify(program, budget)
    if first_unjustified(theorem.source) is not None:
        raise ModuleError("HY3024", "its source holds operations that need a theorem themselves")
    verdict = judge(
        theorem.source,
        theorem.chosen,
        theorem.proof,
        policy,
        time_limit=budget.seconds_each,
        limits={"terms": budget.terms},
    )
    if not verdict.checked:
        raise ModuleError("HY3024", verdict.reason)
    return replace(theorem, digest=theorem_digest(key_of(theorem.source), theorem.chosen))


def _verify(program: Program, budget: Budget) -> None:
    count = sum(1 for f in program.functions.values() for _ in walk(f.equations))
    if count > budget.equations:
        raise ModuleError("HY3007", f"{count:,} equations, more than the limit of {budget.equations:,}")
    try:
        verify(program)
    except TypeCheckError as error:
        raise ModuleError("HY3024", f"its IR is not valid: {error.message}") from error
