"""The equations of a function that is defined by recursion over a list or a natural number, as rewrite rules that
fold it again."""

from __future__ import annotations

from hyperion.errors import ProofError
from hyperion.logic import kernel as k
from hyperion.logic import terms as t
from hyperion.logic.derived import arguments, chain
from hyperion.logic.kernel import Theorem
from hyperion.logic.terms import Term
from hyperion_tactics import matching
from hyperion_tactics.conversions import lambda_normal
from hyperion_tactics.lemmas import law
from hyperion_tactics.rewriting import unfolded

_CASES = {"listrec": ("listrec.nil", "listrec.cons"), "natrec": ("natrec.zero", "natrec.suc")}


def equations(definition: Theorem) -> tuple[Theorem, Theorem]:
    r"""From |- f = \a .. \xs \b ... listrec n c xs b ..: |- f a .. nil b .. = .. and |- f a .. (cons x xs) b .. = ..,
    the second with f a .. xs for the recursive call. From natrec the same for zero and suc.

    Raises ProofError (HY7042) for a definition of another form, or where n or c needs what comes after the list.
    """
    names, body = _opened(definition.right)
    head, args = arguments(body)
    if head.kind != "C" or head.name not in _CASES or len(args) < 3 or args[2] not in names:
        raise _other(definition, "it is no recursion over one of its arguments")
    xs, extra = args[2], args[3:]
    needed = args[0].free | args[1].free
    if not (set(extra) <= set(names) and len(set(extra)) == len(extra)) or xs in needed or needed & set(extra):
        raise _other(definition, "the cases of the recursion need arguments that change in it")
    first, last = _CASES[head.name]
    base, step, inner = _constructed(xs)
    again = _again(definition, names, xs, inner, extra)
    applied = t.app(definition.left, *names)
    of_base, of_step = (t.substitute(applied, {xs: value}) for value in (base, step))
    return _case(definition, of_base, first, None), _case(definition, of_step, last, again)


def _constructed(xs: Term) -> tuple[Term, Term, Term]:
    """The first value, the next one, and what that one is made from."""
    if xs.type is t.NAT:
        m = matching.fresh(t.NAT, "m")
        return t.const("zero", t.NAT), t.app(t.const("suc", t.fun(t.NAT, t.NAT)), m), m
    assert xs.type.args is not None
    x, ys = matching.fresh(xs.type.args[0], "x"), matching.fresh(xs.type, "xs")
    cons = t.app(t.const("cons", t.fun(x.type, xs.type, xs.type)), x, ys)
    return t.const("nil", xs.type), cons, ys


def _other(definition: Theorem, reason: str) -> ProofError:
    name = definition.left.name.partition("@")[0]
    return ProofError("HY7042", f"{name} has no recursion equations: {reason}", hints=["unfold it where it is needed"])


def _opened(abstraction: Term) -> tuple[list[Term], Term]:
    names: list[Term] = []
    body = abstraction
    while body.kind == "L":
        v = matching.fresh(body.bound_type, "abcdefgh"[len(names) % 8])
        names.append(v)
        body = t.open_binder(body, v)
    while body.kind == "A" and body.function.kind == "L":
        body = t.open_binder(body.function, body.argument)
    return names, body


def _again(definition: Theorem, names: list[Term], xs: Term, ys: Term, extra: list[Term]) -> Theorem:
    """|- listrec n c ys = f a .. ys, by eta where more arguments follow."""
    call = t.app(definition.left, *(ys if v is xs else v for v in names))
    opened = _unfolded(definition, call)
    th = k.sym(opened)
    for v in reversed(extra):
        th = k.abs_(v, th)
        th = chain(k.sym(k.eta(th.left)), th)  # the right side stays \v. f a v ys where the list is last
    return th


def _unfolded(definition: Theorem, x: Term) -> Theorem:
    """|- f a .. = listrec n c xs .., beta-reduced at the head alone."""
    th = unfolded(definition, x)
    assert th is not None
    while th.right.kind == "A" and (redex := _head_redex(th.right)) is not None:
        th = k.trans(th, redex)
    return th


def _head_redex(x: Term) -> Theorem | None:
    head, args = arguments(x)
    if head.kind != "L":
        return None
    th = k.beta(t.app(head, args[0]))
    for a in args[1:]:
        th = k.app(th, k.refl(a))
    return th


def _case(definition: Theorem, x: Term, name: str, again: Theorem | None) -> Theorem:
    opened = _unfolded(definition, x)
    head, args = arguments(opened.right)
    step = law(name, t.app(head, *args[:3]))
    if again is not None:
        step = k.trans(step, k.app(k.refl(step.right.function), again))
    for a in args[3:]:
        step = k.app(step, k.refl(a))
    return chain(opened, step, lambda_normal(step.right))
