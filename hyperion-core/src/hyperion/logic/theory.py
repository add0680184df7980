"""TRUSTED. Reads the files of `axioms/`, the frozen list of constants and axioms, and installs it in the kernel.

    (const NAME TYPE)
    (axiom NAME ((x TYPE) ..) ((= hyp hyp) ..) (= left right))    holds for all values of its variables
    (for W (i8 ..) FORM ..)                                        repeats its forms with the text $W replaced
    ; a comment

A term is a variable, a literal 3, (real 1/2) or (float f32 -0), a constant, (the NAME TYPE) where its arguments do not
tell its type, (f x y), (fn (x TYPE) b), (tuple a b) or (proj 0 p). The files are read in the order of their names, here
and by the checker, each with its own reader. `axioms/records.json` has a record of how each axiom was validated.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from importlib.resources import files
from typing import TypeAlias

from hyperion.logic import kernel, literals
from hyperion.logic import terms as t
from hyperion.logic.kernel import Equation, Sequent
from hyperion.logic.terms import Term, TermError, Ty

Sexp: TypeAlias = "str | list[Sexp]"

ALIASES: dict[str, str] = {}
"""Short names of defined constants, for `read_term`."""

_TOKEN = re.compile(r"\s*(?:;[^\n]*\n\s*)*([()]|[^\s()]+)?")


def read(text: str) -> list[Sexp]:
    """The S-expressions of `text`."""
    stack: list[list[Sexp]] = [[]]
    position = 0
    while (match := _TOKEN.match(text, position)) and match[1]:
        position = match.end()
        if match[1] == "(":
            stack.append([])
        elif match[1] == ")":
            done = stack.pop()
            stack[-1].append(done)
        else:
            stack[-1].append(match[1])
    if len(stack) != 1:
        raise TermError("unbalanced parentheses in the axiom file")
    return stack[0]


def _expand(form: Sexp) -> Iterator[list[Sexp]]:
    assert isinstance(form, list)
    if form[0] != "for":
        yield form
        return
    _, name, choices, *body = form
    assert isinstance(name, str)
    assert isinstance(choices, list)
    for choice in choices:
        assert isinstance(choice, str)
        for inner in body:
            yield from _expand(_replace(inner, f"${name}", choice))


def _replace(form: Sexp, old: str, new: str) -> Sexp:
    return form.replace(old, new) if isinstance(form, str) else [_replace(f, old, new) for f in form]


def read_type(form: Sexp) -> Ty:
    if isinstance(form, str):
        return t.type_variable(form) if form.startswith("'") else t.type_of(form)
    name, *arguments = form
    assert isinstance(name, str)
    types = [read_type(a) for a in arguments]
    return t.fun(*types) if name == "fun" else t.type_of(name, *types)


def read_term(form: Sexp, scope: dict[str, Term]) -> Term:
    """A term whose constants take their instances from their arguments."""
    if isinstance(form, str):
        if form in scope:
            return scope[form]
        if re.fullmatch(r"-?\d+", form):
            return literals.int_lit(int(form))
        return t.const(form, t.SIGNATURE[form])
    head, *rest = form
    match head:
        case "real":
            return literals.real_lit(Fraction(str(rest[0])))
        case "float":
            kind, number = str(rest[0]), str(rest[1])
            magnitude = float(Fraction(number.removeprefix("-")))
            return literals.float_lit(kind, -magnitude if number.startswith("-") else magnitude)
        case "the":
            return t.const(str(rest[0]), read_type(rest[1]))
        case "tuple":
            return t.tup(*(read_term(r, scope) for r in rest))
        case "proj":
            return t.proj(int(str(rest[0])), read_term(rest[1], scope))
        case "fn":
            binding, body = rest
            assert isinstance(binding, list)
            v = t.var(str(binding[0]), read_type(binding[1]))
            return t.lam(v, read_term(body, scope | {v.name: v}))
        case _:
            arguments = [read_term(r, scope) for r in rest]
            if not isinstance(head, str) or head in scope:
                return t.app(read_term(head, scope), *arguments)
            return apply_const(ALIASES.get(head, head), *arguments)


def apply_const(name: str, *arguments: Term) -> Term:
    """The constant `name` applied to `arguments`, at the instance that their types determine."""
    principal = t.SIGNATURE.get(name)
    if principal is None:
        raise TermError(f"unknown constant {name}")
    found: dict[str, Ty] = {}
    ty = principal
    for a in arguments:
        if ty.name != "fun" or ty.args is None or not t.match_type(ty.args[0], a.type, found):
            raise TermError(f"{name} of type {principal} cannot take an argument of type {a.type}")
        ty = ty.args[1]
    if not principal.variables <= found.keys():
        raise TermError(f"the type of {name} is not determined by its arguments")
    return t.app(t.const(name, t.instantiate_type(principal, found)), *arguments)


def _equation(form: Sexp, scope: dict[str, Term]) -> Equation:
    sign, left, right = form
    assert sign == "="
    return read_term(left, scope), read_term(right, scope)


def load(text: str) -> dict[str, Sequent]:
    """Declares the constants of `text` and returns its axioms."""
    axioms: dict[str, Sequent] = {}
    for top in read(text):
        for form in _expand(top):
            match form:
                case ["const", str(name), ty]:
                    t.SIGNATURE.setdefault(name, read_type(ty))
                case ["axiom", str(name), list(binders), list(hyps), equation]:
                    scope = {str(b[0]): t.var(str(b[0]), read_type(b[1])) for b in binders}
                    left, right = _equation(equation, scope)
                    axioms[name] = (frozenset(_equation(h, scope) for h in hyps), left, right)
                case _:
                    raise TermError(f"cannot read the axiom file at {form!r}")
    return axioms


def axiom_text() -> str:
    found = sorted((files("hyperion.logic") / "axioms").iterdir(), key=lambda f: f.name)
    return "\n".join(f.read_text(encoding="utf-8") for f in found if f.name.endswith(".txt"))


kernel.install_axioms(load(axiom_text()))
