"""Untrusted. Reads the rows of a proof file and applies its steps again, for an exporter to walk over."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias, TypeVar  # Any: JSON values

from hyperion.errors import ProofError
from hyperion.logic import kernel, literals
from hyperion.logic import terms as t
from hyperion.logic.kernel import RuleError, Theorem
from hyperion.logic.proof import ProofFile
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
    "listind": ("tttt##", kernel.list_induction),
    "natind": ("ttt##", kernel.nat_induction),
    "oracle": ("shtt", kernel.oracle),
    "outcases": ("tt###", kernel.outcome_cases),
    "compute": ("t", kernel.compute),
    "define": ("st", kernel.define),
    "axiom": ("s", kernel.axiom),
}
"""Of each rule: its arguments (t term, # earlier step, * earlier steps, i number, s text, p and q substitutions,
h hypotheses), and itself."""


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


class _Rows:
    def __init__(self) -> None:
        self.types: list[Ty] = []
        self.terms: list[Term] = []
        self.steps: list[Theorem] = []

    def read(self, table: str, entry: Json) -> None:
        match table:
            case "types":
                self.types.append(self._type(*entry))
            case "terms":
                self.terms.append(self._term(*entry))
            case _:
                self.steps.append(self._step(*entry))

    def _type(self, tag: str, name: str, *args: Json) -> Ty:
        match tag, *args:
            case ("var",):
                return t.type_variable(name)
            case "con", *_:
                return t.type_of(name, *(_at(self.types, a) for a in args))
            case _:
                raise TermError(f"no kind of type is called {str(tag)[:20]!r}")

    def _term(self, tag: str, *args: Json) -> Term:
        match tag, *args:
            case "V", name, ty:
                return t.var(_text(name), _at(self.types, ty))
            case "B", index, ty:
                return t.bound(_whole(index), _at(self.types, ty))
            case "C", name, ty:
                return t.const(_text(name), _at(self.types, ty))
            case "K", ty, payload:
                return literals.literal(_at(self.types, ty), _text(payload))
            case "A", function, argument:
                return t.app(_at(self.terms, function), _at(self.terms, argument))
            case "L", ty, body:
                return _binder(_at(self.types, ty), _at(self.terms, body))
            case "T", *items:
                return t.tup(*(_at(self.terms, i) for i in items))
            case "P", index, of:
                return t.proj(_whole(index), _at(self.terms, of))
            case _:
                raise TermError(f"no kind of term is called {tag!r}")

    def _step(self, rule: str, *args: Json) -> Theorem:
        kinds, apply = RULES[rule]
        kinds = "#" * len(args) if kinds == "*" else kinds
        return apply(*(self._argument(k, a) for k, a in zip(kinds, args, strict=True)))

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


def _binder(ty: Ty, body: Term) -> Term:
    """The abstraction over a body whose bound variables are loose already, as rows have them."""
    if body.loose and any(u.type is not ty for u in _bound_by_next(body)):
        raise TermError("a bound variable and its binder differ in type")
    place = t.var("body", body.type)
    frame = t.lam(t.var("x", ty), place)
    return t.transform(frame, lambda u, _: body if u is place else None, lambda _, __: False)


def _bound_by_next(body: Term) -> Iterator[Term]:
    """The occurrences of the variable that the next binder around `body` binds."""
    seen: set[tuple[Term, int]] = set()
    stack = [(body, 0)]
    while stack:
        u, depth = stack.pop()
        if (u, depth) in seen or u.loose <= depth:
            continue
        seen.add((u, depth))
        if u.kind == "B" and u.index == depth:
            yield u
        stack += [(c, depth + (u.kind == "L")) for c in u.children()]


def replay(proof: ProofFile) -> Theorem:
    """The theorem of a proof file, derived again by the kernel. Raises ProofError (HY7081) where that fails."""
    rows = _Rows()
    where = "the text"
    try:
        value = proof.value()
        for table in ("types", "terms", "steps"):
            for i, entry in enumerate(value[table]):
                where = f"{table[:-1]} {i}"
                rows.read(table, entry)
        return rows.steps[-1]
    except (
        RuleError,
        TermError,
        ValueError,
        TypeError,
        KeyError,
        IndexError,
        ArithmeticError,
        RecursionError,
    ) as error:
        raise ProofError(
            "HY7081",
            f"the proof cannot be exported, {where} is not right: {type(error).__name__}: {error}",
            hints=["`hyperion theorems check` says whether the checker accepts it"],
        ) from error
