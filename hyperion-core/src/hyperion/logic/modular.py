"""Untrusted. Equality of machine words modulo 2**width: inner reductions vanish under +, - and *.

A normal form is `ofZ e` with a polynomial e in ring normal form whose literals are values of the word.
"""

from __future__ import annotations

from hyperion.logic import kernel as k
from hyperion.logic.definitions import apply
from hyperion.logic.derived import head, join, use
from hyperion.logic.kernel import Theorem
from hyperion.logic.ring import INTEGERS
from hyperion.logic.terms import Term


def normal(x: Term) -> Theorem | None:
    """For x = ofZ e: |- ofZ e = its normal form; None where x is in normal form."""
    word = head(x).removeprefix("ofZ.")
    th: Theorem | None = None
    while True:  # collected coefficients may leave the word's range again
        y = th.right if th else x
        reduced = _strip(word, y)
        y = reduced.right if reduced else y
        changed = join(reduced, _inside(y, INTEGERS.normal(y.argument)))
        if changed is None:
            return th
        th = join(th, changed)


def equal(a: Term, b: Term) -> Theorem | None:
    na, nb = normal(a) or k.refl(a), normal(b) or k.refl(b)
    return k.trans(na, k.sym(nb)) if na.right is nb.right else None


def _inside(x: Term, th: Theorem | None) -> Theorem | None:
    return None if th is None else k.app(k.refl(x.function), th)


def _strip(word: str, x: Term) -> Theorem | None:
    """|- ofZ e = ofZ e' without reductions inside e', its literals reduced."""
    e = x.argument
    name = head(e)
    if e.kind == "K":
        value = k.compute(apply(f"toZ.{word}", x))
        if value.right is e:
            return None
        same = use(f"{word}.of.to", apply(f"ofZ.{word}", value.left))
        assert same is not None
        return k.trans(k.sym(same), k.app(k.refl(x.function), value))
    match name:
        case "add" | "mul":
            first = _strip_left(word, name, x)
            y = first.right if first else x
            flipped = _inside(y, INTEGERS.commute(name, y.argument))
            assert flipped is not None
            second = _strip_left(word, name, flipped.right)
            return first if second is None else join(join(first, flipped), second)
        case "sub" | "neg":
            th = _inside(x, INTEGERS.law(f"{name}.def", e))
            assert th is not None
            return join(th, _strip(word, th.right))
        case _ if name == f"toZ.{word}" and head(e.argument) == f"ofZ.{word}":
            th = use(f"{word}.of.to", x)
            assert th is not None
            return join(th, _strip(word, th.right))
        case _:
            return None


def _strip_left(word: str, name: str, x: Term) -> Theorem | None:
    """Strip the first operand of ofZ (a op b)."""
    a, b = x.argument.function.argument, x.argument.argument
    stripped = _strip(word, apply(f"ofZ.{word}", a))
    if stripped is None:
        return None

    def around(y: Term) -> Term:
        return apply(f"ofZ.{word}", apply(name, apply(f"toZ.{word}", y), b))

    law = use(f"{word}.of.{name}", around(stripped.left))
    after = use(f"{word}.of.{name}", around(stripped.right))
    assert law is not None
    assert after is not None
    to_z = law.left.argument.function.argument.function
    op = law.left.argument.function.function
    lifted = k.app(k.app(k.refl(op), k.app(k.refl(to_z), stripped)), k.refl(b))
    middle = k.app(k.refl(x.function), lifted)
    return k.trans(k.trans(k.sym(law), middle), after)
