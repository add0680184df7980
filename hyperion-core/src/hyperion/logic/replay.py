"""Untrusted. Theorems from proof files: every step is done again by the kernel."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeAlias, TypeVar  # Any: JSON values

from hyperion.errors import ProofError
from hyperion.logic import kernel, literals
from hyperion.logic import terms as t
from hyperion.logic.effort import checkpoint
from hyperion.logic.kernel import RuleError, Theorem
from hyperion.logic.proof import Proof
from hyperion.logic.terms import Term, TermError, Ty
from hyperion.logic.theory import axiom_text as axiom_text  # whose module installs the axioms

Json: TypeAlias = Any
Entry = TypeVar("Entry", Ty, Term, Theorem)

RULES: Final[Mapping[str, tuple[str, Callable[..., Theorem]]]] = {
    "refl": ("t", kernel.refl),
    "sym": ("#", kernel.sym),
    "trans": ("##", kernel.trans),
    "app": ("##", kernel.app),
    "abs": ("t#", kernel.abs_),
    "beta": ("t", kernel.beta),
    "eta": ("t", kernel.eta),
    "tuple": ("*", kernel.tuple_),
    "proj": ("i#", kernel.proj),
    "projbeta": ("t", kernel.projbeta),
    "tupeta": ("t", kernel.tupeta),
    "inst": ("p#", kernel.inst),
    "insttype": ("q#", kernel.inst_type),
    "assume": ("tt", kernel.assume),
    "cut": ("##", kernel.cut),
    "boolcases": ("t##", kernel.bool_cases),
    "outcases": ("tt###", kernel.outcome_cases),
    "listind": ("tttt##", kernel.list_induction),
    "natind": ("ttt##", kernel.nat_induction),
    "define": ("st", kernel.define),
    "axiom": ("s", kernel.axiom),
    "oracle": ("shtt", kernel.oracle),
    "compute": ("t", kernel.compute),
}
"""Of each rule: its arguments (t term, # earlier step, * earlier steps, i number, s text, p and q substitutions,
h hypotheses), and itself."""


def replayed(proof: Proof) -> Theorem:
    """The theorem of a proof. Raises ProofError (HY7001) where it is none; the message names the entry."""
    if isinstance(proof, Theorem):
        return proof
    replay = Replay()
    try:
        replay.run(proof.value())
        return replay.theorem
    except (
        RuleError,
        TermError,
        LookupError,
        TypeError,
        ValueError,
        AttributeError,
        ArithmeticError,
        RecursionError,
    ) as error:
        raise ProofError("HY7001", f"the proof cannot be replayed, {replay.at}: {error}") from error


class Replay:
    """The types, terms and steps of one proof file, as far as it was read; `at` says how far. A subclass may have other
    literals and other inferences. A search's time limit (`hyperion.logic.effort`) holds here too."""

    def __init__(self) -> None:
        self.types: list[Ty] = []
        self.terms: list[Term] = []
        self.steps: list[Theorem] = []
        self.at = "the text"
        self._loose: list[Mapping[int, Ty]] = []  # of each term, the types of its loose bound variables

    @property
    def theorem(self) -> Theorem:
        return self.steps[-1]

    def run(self, value: Mapping[str, Json]) -> None:
        """Reads a whole file. Raises what the first entry that is not right raises: RuleError, TermError, or
        an error of Python's where the file has not the form of a proof."""
        for table, read in (("types", self._read_type), ("terms", self._read_term), ("steps", self._read_step)):
            for i, entry in enumerate(value[table]):
                self.at = f"{table[:-1]} {i}"
                read(*entry)

    def literal(self, ty: Ty, payload: str) -> Term:
        return literals.literal(ty, payload)

    def infer(self, rule: str, arguments: Sequence[Any]) -> Theorem:
        """What the rule gives for its arguments, which `RULES` tells apart."""
        return RULES[rule][1](*arguments)

    def _read_type(self, tag: str, name: str, *args: Json) -> None:
        match tag, *args:
            case ("var",):
                self.types.append(t.type_variable(name))
            case "con", *_:
                self.types.append(t.type_of(name, *(_at(self.types, a) for a in args)))
            case _:
                raise TermError(f"no kind of type is called {str(tag)[:20]!r}")

    def _read_term(self, tag: str, *args: Json) -> None:
        term = self._term(tag, *args)
        first = 1 if tag in ("L", "P") else 0
        parts: list[int] = [] if tag in ("V", "B", "C", "K") else [*args[first:]]  # `_term` found them
        inner = [self._loose[i] for i in parts]
        loose: dict[int, Ty] = {term.index: term.type} if tag == "B" else {}
        for index, ty in (pair for types in inner for pair in types.items()):
            if loose.setdefault(index, ty) is not ty:
                raise TermError(f"bound variable {index} has two types")
        if tag == "L":
            if loose.pop(0, term.bound_type) is not term.bound_type:
                raise TermError("a bound variable and its binder differ in type")
            loose = {index - 1: ty for index, ty in loose.items()}
        self.terms.append(term)
        self._loose.append(loose)

    def _term(self, tag: str, *args: Json) -> Term:
        match tag, *args:
            case "V", name, ty:
                return t.var(_text(name), _at(self.types, ty))
            case "B", index, ty:
                return t.bound(_whole(index), _at(self.types, ty))
            case "C", name, ty:
                return t.const(_text(name), _at(self.types, ty))
            case "K", ty, payload:
                return self.literal(_at(self.types, ty), _text(payload))
            case "A", function, argument:
                return t.app(_at(self.terms, function), _at(self.terms, argument))
            case "L", ty, body:
                return t._abstraction(_at(self.types, ty), _at(self.terms, body))  # pyright: ignore[reportPrivateUsage]  `_read_term` compares the types
            case "T", *items:
                return t.tup(*(_at(self.terms, i) for i in items))
            case "P", index, of:
                return t.proj(_whole(index), _at(self.terms, of))
            case _:
                raise TermError(f"no kind of term is called {str(tag)[:20]!r}")

    def _read_step(self, rule: str, *args: Json) -> None:
        checkpoint()
        kinds = RULES[rule][0]
        kinds = "#" * len(args) if kinds == "*" else kinds
        self.steps.append(self.infer(rule, [self._argument(k, a) for k, a in zip(kinds, args, strict=True)]))

    def _argument(self, kind: str, value: Json) -> Any:  # as RULES says
        match kind:
            case "#":
                return _at(self.steps, value)
            case "t":
                return _at(self.terms, value)
            case "p":
                return {_at(self.terms, v): _at(self.terms, x) for v, x in value}
            case "q":
                return {str(name): _at(self.types, ty) for name, ty in value}
            case "h":
                return [(_at(self.terms, a), _at(self.terms, b)) for a, b in value]
            case "i":
                return _whole(value)
            case _:
                return _text(value)


def _at(items: Sequence[Entry], index: Json) -> Entry:
    if type(index) is not int or not 0 <= index < len(items):
        raise IndexError(f"{str(index)[:20]} is no earlier entry")
    return items[index]


def _whole(value: Json) -> int:
    """A number, not a truth value that equals one."""
    if type(value) is not int:
        raise TypeError(f"{str(value)[:20]} is no number")
    return value


def _text(value: Json) -> str:
    if type(value) is not str:
        raise TypeError(f"{str(value)[:20]} is no text")
    return value
