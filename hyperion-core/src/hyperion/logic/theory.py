"""TRUSTED. Reads the files of `axioms/`, the frozen list of constants and axioms, and installs it in the kernel.

    (const NAME TYPE)
    (axiom NAME ((x TYPE) ..) ((= hyp hyp) ..) (= left right))    holds for all values of its variables
    (for W (i8 ..) FORM ..)                                        repeats its forms with the text $W replaced
    ; a comment

A term is a variable, a literal 3, (real 1/2) or (float f32 -0), a constant, (the NAME TYPE) where its arguments do not
tell its type, (f x y), (fn (x TYPE) b), (tuple a b) or (proj 0 p). The files are read in the order of their names, here
and by the checker, each with its own reader. `axioms/records.json` has a record of how each axiom was validated.

A distribution may bring axioms of its own in the same language, which `admit` makes known. All their names begin with
the distribution's and a colon. They count only where policy names the distribution (docs/adr/0012).
"""

from __future__ import annotations

import hashlib
import re
import threading
from collections.abc import Iterator, Mapping
from fractions import Fraction
from pathlib import Path
from types import MappingProxyType
from typing import Final, TypeAlias

from hyperion._forking import survives_forks
from hyperion.errors import ProofError
from hyperion.logic import kernel, literals
from hyperion.logic import terms as t
from hyperion.logic.kernel import Equation, Hypotheses, Sequent
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
            if not stack:
                raise TermError("a parenthesis is closed that was not opened")
            stack[-1].append(done)
        else:
            stack[-1].append(match[1])
    if len(stack) != 1:
        raise TermError("a parenthesis is not closed")
    return stack[0]


def expand(form: Sexp) -> Iterator[list[Sexp]]:
    """The forms that `(for ..)` stands for."""
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
            yield from expand(_replace(inner, f"${name}", choice))


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
        if form not in t.SIGNATURE:
            raise TermError(f"unknown constant {form}")
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


def load(text: str, owner: str = "") -> dict[str, Sequent]:
    """Declares the constants of `text` and returns its axioms; with an `owner`, all their names must be its own."""
    axioms: dict[str, Sequent] = {}
    for top in read(text):
        try:
            for form in expand(top):
                _declare(form, owner, axioms)
        except TermError as error:
            raise TermError(f"{error}, in {_written(top)}") from error
        except Exception as error:  # S-expressions of any shape
            raise TermError(f"there is no such form: {_written(top)}") from error
    return axioms


def _declare(form: Sexp, owner: str, axioms: dict[str, Sequent]) -> None:
    match form:
        case ["const" | "axiom", str(name), *_] if not _is_of(owner, name):
            raise TermError(f"{name} is no name of {owner or 'the core'}")
        case ["const", str(name), ty]:
            known = t.SIGNATURE.get(name)
            if known is not None and (owner or known is not read_type(ty)):
                raise TermError(f"the constant {name} is there already")
            t.SIGNATURE[name] = read_type(ty)
        case ["axiom", str(name), list(binders), list(hyps), equation]:
            scope = {str(b[0]): t.var(str(b[0]), read_type(b[1])) for b in binders}
            left, right = _equation(equation, scope)
            equations = [_equation(h, scope) for h in hyps]
            if name in axioms or any(a.type is not b.type for a, b in [*equations, (left, right)]):
                raise TermError(f"the axiom {name} is there twice, or its sides differ in type")
            axioms[name] = (frozenset(equations), left, right)
        case _:
            raise ValueError("no form")


def _written(form: Sexp) -> str:
    text = form if isinstance(form, str) else f"({' '.join(map(_written, form))})"
    return text if len(text) <= 200 else f"{text[:200]} .."


def _is_of(owner: str, name: str) -> bool:
    return name.rpartition(":")[0] == owner and "@" not in name


def statement_digest(hypotheses: Hypotheses, left: Term, right: Term) -> str:
    """sha256 over the digests of all sides: hypotheses in their order, then the conclusion."""
    pairs = [*sorted((t.digest(a), t.digest(b)) for a, b in hypotheses), (t.digest(left), t.digest(right))]
    return hashlib.sha256(" ".join(side for pair in pairs for side in pair).encode()).hexdigest()


def axiom_digest(name: str) -> str:
    """The hash of what the axiom says. Raises KeyError for an axiom that is not in force."""
    return statement_digest(*kernel.AXIOMS[name])


def axiom_text() -> str:
    """The files of `axioms/`, one after the other."""
    found = sorted(Path(__file__).with_name("axioms").glob("*.txt"))
    return "\n".join(f.read_text(encoding="utf-8") for f in found)


kernel.install_axioms(load(axiom_text()))
survives_forks(t.LOCK)

_admitted: dict[str, str] = {}
ADMITTED: Final[Mapping[str, str]] = MappingProxyType(_admitted)
"""The texts of the distributions whose axioms this process knows. That it knows them does not make them count."""

_lock = survives_forks(threading.Lock())
_OWNER = re.compile(r"(?!op\Z)[A-Za-z0-9][A-Za-z0-9_.-]{0,99}\Z")


def admit(distribution: str, text: str) -> tuple[str, ...]:
    """Makes the axioms of a distribution known to the kernel, for good, and returns their names.

    Raises ProofError (HY7006) for a text that cannot be read, that names what is not the distribution's own, or that
    differs from what was admitted before; then nothing is changed.
    """
    with _lock:
        if _admitted.get(distribution, text) != text:
            raise _inadmissible(distribution, "another text of it is known to this process")
        if distribution not in _admitted:
            _install(distribution, text)
        return tuple(name for name in kernel.AXIOMS if _is_of(distribution, name))


def _install(distribution: str, text: str) -> None:
    before = set(t.SIGNATURE)
    try:
        if not _OWNER.match(distribution):
            raise TermError("that is no name of a distribution")
        kernel.install_axioms(load(text, distribution), distribution)
    except Exception as error:
        for name in t.SIGNATURE.keys() - before:
            if _is_of(distribution, name):
                del t.SIGNATURE[name]
        raise _inadmissible(distribution, str(error)) from error
    _admitted[distribution] = text


def _inadmissible(distribution: str, why: str) -> ProofError:
    return ProofError(
        "HY7006",
        f"the theory of {distribution!r} is not admitted: {why}",
        hints=[
            f"its names begin with {distribution + ':'!r}; each names one thing, the core's are taken",
            "forms are (const NAME TYPE) and (axiom NAME ((x TYPE) ..) ((= hyp hyp) ..) (= left right))",
        ],
    )


def opt_in(distribution: str) -> str:
    """How a user switches the axioms of a distribution on."""
    return f"to believe its axioms: hp.Instance(config={{'theories': ['{distribution}']}})"
