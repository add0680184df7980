"""Untrusted. Theorems from proof files: every step is done again by the kernel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final  # Any: JSON values

from hyperion.errors import ProofError
from hyperion.logic import kernel, literals
from hyperion.logic import terms as t
from hyperion.logic.kernel import RuleError, Theorem
from hyperion.logic.proof import Proof
from hyperion.logic.terms import Term, TermError, Ty

_KINDS: Final = {
    "refl": "t", "sym": "#", "trans": "##", "app": "##", "abs": "t#", "beta": "t", "eta": "t", "tuple": "*",
    "proj": "i#", "projbeta": "t", "tupeta": "t", "inst": "p#", "insttype": "q#", "assume": "tt", "cut": "##",
    "boolcases": "t##", "outcases": "tt###", "listind": "tttt##", "natind": "ttt##", "define": "it", "axiom": "i",
    "oracle": "ihtt", "compute": "t",
}  # fmt: skip
"""Of each rule its arguments: t a term, # an earlier step, i itself; of pairs h two terms, p a variable and a term, q a
name and a type."""
_NAMES: Final = {
    "abs": "abs_", "tuple": "tuple_", "insttype": "inst_type", "boolcases": "bool_cases", "outcases": "outcome_cases",
    "listind": "list_induction", "natind": "nat_induction",
}  # fmt: skip
"""What the kernel calls a rule where it is not the rule's name in the file."""


def replayed(proof: Proof) -> Theorem:
    """The theorem of a proof. Raises ProofError (HY7001) where it is none."""
    if isinstance(proof, Theorem):
        return proof
    try:
        return _Replay(proof.value()).theorem()
    except (RuleError, TermError, LookupError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise ProofError("HY7001", f"the proof cannot be replayed: {error}") from error


class _Replay:
    """The types, terms and steps of a proof file so far. `_loose` are the types of the loose bound variables."""

    def __init__(self, file: Mapping[str, Any]) -> None:
        self._types: list[Ty] = []
        self._terms: list[Term] = []
        self._loose: list[Mapping[int, Ty]] = []
        self._steps: list[Theorem] = []
        for _, name, *arguments in file["types"]:
            self._types.append(
                t.type_of(name, *map(self._type, arguments)) if name[:1] != "'" else t.type_variable(name)
            )
        for entry in file["terms"]:
            self._read_term(*entry)
        for rule, *arguments in file["steps"]:
            self._read_step(rule, arguments)

    def theorem(self) -> Theorem:
        return self._steps[-1]

    def _type(self, index: int) -> Ty:
        return self._types[_natural(index)]

    def _term(self, index: int) -> Term:
        return self._terms[_natural(index)]

    def _step(self, index: int) -> Theorem:
        return self._steps[_natural(index)]

    def _read_term(self, kind: str, *entry: Any) -> None:
        first = 1 if kind in "LP" else 0
        inner = [] if kind in "VBCK" else [self._loose[_natural(i)] for i in entry[first:]]
        loose: dict[int, Ty] = {}
        for index, ty in (pair for types in inner for pair in types.items()):
            if loose.setdefault(index, ty) is not ty:
                raise TermError(f"bound variable {index} has two types")
        match kind, entry:
            case "V", (name, ty):
                x = t.var(name, self._type(ty))
            case "C", (name, ty):
                x = t.const(name, self._type(ty))
            case "K", (ty, payload):
                x = literals.literal(self._type(ty), payload)
            case "B", (index, ty):
                x, loose = t.bound(index, self._type(ty)), {index: self._type(ty)}
            case "L", (ty, body):
                if loose.get(0, self._type(ty)) is not self._type(ty):
                    raise TermError("a bound variable has not the type of its binder")
                loose = {index - 1: bound for index, bound in loose.items() if index}
                x = t._abstraction(self._type(ty), self._term(body))  # pyright: ignore[reportPrivateUsage]  types compared here
            case "P", (index, whole):
                x = t.proj(index, self._term(whole))
            case "T", _:
                x = t.tup(*map(self._term, entry))
            case "A", (function, argument):
                x = t.app(self._term(function), self._term(argument))
            case _:
                raise TermError(f"no term {kind}")
        self._terms.append(x)
        self._loose.append(loose)

    def _read_step(self, rule: str, entry: Sequence[Any]) -> None:
        kinds = "#" * len(entry) if _KINDS[rule] == "*" else _KINDS[rule]
        arguments = [self._argument(kind, value) for kind, value in zip(kinds, entry, strict=True)]
        apply: Any = getattr(kernel, _NAMES.get(rule, rule))  # the rules take different arguments
        self._steps.append(apply(*arguments))

    def _argument(self, kind: str, value: Any) -> Any:
        match kind:
            case "t":
                return self._term(value)
            case "#":
                return self._step(value)
            case "h":
                return [(self._term(left), self._term(right)) for left, right in value]
            case "p":
                return {self._term(variable): self._term(x) for variable, x in value}
            case "q":
                return {str(name): self._type(ty) for name, ty in value}
            case _:
                return value


def _natural(index: int) -> int:
    """No entry from the end, as a negative index would give."""
    if index < 0:
        raise IndexError(f"{index} is no earlier entry")
    return index
