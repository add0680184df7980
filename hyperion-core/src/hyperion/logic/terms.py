"""TRUSTED. Types and terms of the logic: a simply typed lambda calculus with tuples, locally nameless and hash-consed.

    type ::= 'a | (con type ...)    con: bool int real nat i8 .. c128 ext:NAME fun/2 prod/n list/1 array2/1 .. outcome/1
    term ::= Var name type      free variable          | App f x
           | Bound i type       de Bruijn index        | Lam type body
           | Const name type                           | Tuple items      (at least two)
           | Lit type payload                          | Proj index t

Equal terms are the same object, so `is` decides alpha-equality. Literals are interned by type and text, never by
Python equality: 0.0 and -0.0, or 1 and True, are different terms.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import reduce
from threading import RLock
from typing import Final, Literal, TypeAlias, TypeVar
from weakref import WeakValueDictionary

Item = TypeVar("Item")
LOCK: Final = RLock()


class TermError(Exception):
    """A term or type is ill-formed."""


@dataclass(frozen=True, slots=True, eq=False, repr=False, weakref_slot=True)
class Ty:
    """A type: a variable (`args` is None) or a constructor with its arguments. Interned."""

    name: str
    args: tuple[Ty, ...] | None
    text: str
    variables: frozenset[str]

    def __repr__(self) -> str:
        return self.text


def union(sets: Iterable[frozenset[Item]]) -> frozenset[Item]:
    """Their union: one of them where that is it, so that equal sets share memory."""
    result = frozenset[Item]()
    for s in sets:
        if s is not result and not s <= result:
            result = s if result <= s else result | s
    return result


_TYPES: WeakValueDictionary[str, Ty] = WeakValueDictionary()
MOST_AXES: Final = 64
_BASE: Final = "bool int real nat i8 i16 i32 i64 i128 u8 u16 u32 u64 f16 bf16 f32 f64 c64 c128"
_ARITY: Final = (
    {"fun": 2, "list": 1, "outcome": 1}
    | {f"array{rank}": 1 for rank in range(2, MOST_AXES + 1)}
    | dict.fromkeys(_BASE.split(), 0)
)
_EXTENSION: Final = re.compile(r"ext:[A-Za-z0-9_.]{1,200}\Z")  # a type that a plugin registers, without laws


def _intern_type(name: str, args: tuple[Ty, ...] | None) -> Ty:
    text = name if not args else f"({name} {' '.join(a.text for a in args)})"
    found = _TYPES.get(text)
    if found is None:
        variables = frozenset((name,)) if args is None else union([a.variables for a in args])
        with LOCK:
            found = _TYPES.setdefault(text, Ty(name, args, text, variables))
    return found


def type_variable(name: str) -> Ty:
    if not (name.startswith("'") and name[1:].isidentifier()):
        raise TermError(f"{name!r} is not the name of a type variable")
    return _intern_type(name, None)


def type_of(name: str, *args: Ty) -> Ty:
    """The constructor `name` applied to `args`; short, as for the checker: shared parts are written out."""
    arity = 0 if _EXTENSION.match(name) else _ARITY.get(name)
    if ((len(args) < 2) if name == "prod" else arity != len(args)) or sum(len(a.text) for a in args) >= 20_000:
        raise TermError(f"no type constructor {name} of {len(args)} arguments, or too large a type")
    return _intern_type(name, args)


BOOL, INT, REAL, NAT = (type_of(n) for n in ("bool", "int", "real", "nat"))


def fun(*types: Ty) -> Ty:
    """`fun(a, b, c)` is the type of functions from a and b to c."""
    return reduce(lambda result, argument: type_of("fun", argument, result), reversed(types))


def domain(function: Ty) -> Ty:
    assert function.name == "fun"
    assert function.args is not None
    return function.args[0]


def list_of(element: Ty) -> Ty:
    return type_of("list", element)


def outcome_of(value: Ty) -> Ty:
    return type_of("outcome", value)


Leaf: TypeAlias = "Callable[[Term, int], Term | None]"
Kind: TypeAlias = Literal["V", "B", "C", "K", "A", "L", "T", "P"]


@dataclass(frozen=True, slots=True, eq=False, repr=False, weakref_slot=True)
class Term:
    """A term. By its kind it has

        V C  name              B  index                  L  bound_type, body     T  items
        K    name (payload)    A  function, argument     P  index, body (the tuple)

    `free` are the free variables, `loose` the number of enclosing binders that the term needs.
    """

    kind: Kind
    type: Ty
    name: str
    index: int
    _children: tuple[Term, ...]
    loose: int
    free: frozenset[Term] = frozenset()
    memo: str = ""  # of `digest`

    def children(self) -> tuple[Term, ...]:
        return self._children

    @property
    def function(self) -> Term:
        assert self.kind == "A"
        return self._children[0]

    @property
    def argument(self) -> Term:
        assert self.kind == "A"
        return self._children[1]

    @property
    def bound_type(self) -> Ty:
        assert self.kind == "L"
        return domain(self.type)

    @property
    def body(self) -> Term:
        assert self.kind in "LP"
        return self._children[0]

    @property
    def items(self) -> tuple[Term, ...]:
        assert self.kind == "T"
        return self._children


# Weak: a term lives as long as somebody holds it. Locked: two terms of one shape would not be equal.
_TERMS: WeakValueDictionary[tuple[object, ...], Term] = WeakValueDictionary()


def _make(kind: Kind, ty: Ty, loose: int, name: str = "", index: int = 0, children: tuple[Term, ...] = ()) -> Term:
    key = (kind, ty, name, index, children)
    found = _TERMS.get(key)
    if found is None:
        new = Term(kind, ty, name, index, children, loose, union([c.free for c in children]))
        if kind == "V":
            object.__setattr__(new, "free", frozenset((new,)))
        with LOCK:
            found = _TERMS.setdefault(key, new)
    return found


def var(name: str, ty: Ty) -> Term:
    return _make("V", ty, 0, name)


def bound(index: int, ty: Ty) -> Term:
    if type(index) is not int or index < 0:  # True equals 1, and would become the 1 of all terms
        raise TermError("a de Bruijn index is not negative")
    return _make("B", ty, index + 1, index=index)


def payload_literal(ty: Ty, payload: str) -> Term:
    """A literal by its canonical text; `hyperion.logic.literals` makes the text."""
    return _make("K", ty, 0, payload)


SIGNATURE: Final[dict[str, Ty]] = {}
"""Principal types of the constants; filled once from the axiom file."""


def const(name: str, ty: Ty) -> Term:
    """A constant at an instance of its principal type. `op:` names are opaque and `label@digest` names definitions."""
    if not name or any(c.isspace() for c in name):
        raise TermError(f"{name!r} is not the name of a constant")
    if "@" not in name and not name.startswith("op:"):
        principal = SIGNATURE.get(name)
        if principal is not ty and (principal is None or not match_type(principal, ty, {})):
            raise TermError(f"no constant {name} of type {ty}" + (f", only of type {principal}" if principal else ""))
    return _make("C", ty, 0, name)


def app(function: Term, *arguments: Term) -> Term:
    for x in arguments:
        ty = function.type
        if ty.name != "fun" or ty.args is None or ty.args[0] is not x.type:
            raise TermError(f"a function of type {ty} cannot take an argument of type {x.type}")
        function = _make("A", ty.args[1], max(function.loose, x.loose), children=(function, x))
    return function


def tup(*items: Term) -> Term:
    if len(items) < 2:
        raise TermError("a tuple has at least two items")
    ty = type_of("prod", *(t.type for t in items))
    return _make("T", ty, max(t.loose for t in items), children=items)


def proj(index: int, t: Term) -> Term:
    if t.type.name != "prod" or not t.type.args or type(index) is not int or not 0 <= index < len(t.type.args):
        raise TermError(f"no item {index} in type {t.type}")
    return _make("P", t.type.args[index], t.loose, index=index, children=(t,))


def _abstraction(ty: Ty, body: Term) -> Term:
    """Only `lam` makes new abstractions: so a bound variable always has the type of its binder."""
    return _make("L", fun(ty, body.type), max(body.loose - 1, 0), children=(body,))


def transform(t: Term, leaf: Leaf, skip: Callable[[Term, int], bool], types: Mapping[str, Ty] = {}) -> Term:
    """Rebuild `t` bottom-up without recursion. `leaf(u, depth)` may replace any sub-term below `depth` binders;
    sub-terms for which `skip` holds stay as they are; the types of binders are instantiated by `types`."""
    done: dict[tuple[Term, int], Term] = {}
    stack: list[tuple[Term, int, bool]] = [(t, 0, False)]
    while stack:
        u, depth, ready = stack.pop()
        if (u, depth) in done:
            continue
        replaced = u if skip(u, depth) else None if ready else leaf(u, depth)
        inner = depth + 1 if u.kind == "L" else depth
        if replaced is not None:
            done[u, depth] = replaced
        elif ready or not u.children():
            done[u, depth] = _rebuild(u, tuple(done[c, inner] for c in u.children()), types)
        else:
            stack.append((u, depth, True))
            stack.extend((c, inner, False) for c in u.children())
    return done[t, 0]


def _rebuild(t: Term, children: tuple[Term, ...], types: Mapping[str, Ty]) -> Term:
    if t.kind == "L":
        return _abstraction(instantiate_type(t.bound_type, types), *children)
    make = {"A": app, "T": tup}.get(t.kind)
    return make(*children) if make else proj(t.index, *children) if t.kind == "P" else t


def lam(variable: Term, body: Term) -> Term:
    """Abstract the free `variable` in a `body` without loose bound variables."""
    if variable.kind != "V" or body.loose:
        raise TermError("lam takes a free variable and a term without loose bound variables")
    put: Leaf = lambda u, depth: bound(depth, u.type) if u is variable else None  # noqa: E731
    return _abstraction(variable.type, transform(body, put, lambda u, _: variable not in u.free))


def lams(variables: tuple[Term, ...], body: Term) -> Term:
    return reduce(lambda inside, v: lam(v, inside), reversed(variables), body)


def open_binder(abstraction: Term, x: Term) -> Term:
    """The body of `abstraction` with `x`, which has no loose bound variable, for its variable."""
    if abstraction.kind != "L" or x.type is not abstraction.bound_type or x.loose:
        raise TermError("open_binder takes an abstraction and an argument of its type")
    put: Leaf = lambda u, depth: x if u.kind == "B" and u.index == depth else None  # noqa: E731
    return transform(abstraction.body, put, lambda u, depth: u.loose <= depth)


def substitute(t: Term, mapping: Mapping[Term, Term]) -> Term:
    """Simultaneous substitution for free variables; values have no loose bound variables, so nothing is captured."""
    put: Leaf = lambda u, _: mapping.get(u) if u.kind == "V" else None  # noqa: E731
    return transform(t, put, lambda u, _: u.free.isdisjoint(mapping))


def instantiate_type(ty: Ty, mapping: Mapping[str, Ty]) -> Ty:
    if ty.args is None:
        return mapping.get(ty.name, ty)
    if not ty.args or ty.variables.isdisjoint(mapping):
        return ty
    return type_of(ty.name, *(instantiate_type(a, mapping) for a in ty.args))


def instantiate_types(t: Term, mapping: Mapping[str, Ty]) -> Term:
    """Replace type variables everywhere in `t`."""

    def leaf(u: Term, _: int) -> Term | None:
        ty = instantiate_type(u.type, mapping)
        make = {"V": var, "C": const}.get(u.kind)
        return make(u.name, ty) if make else bound(u.index, ty) if u.kind == "B" else None

    return transform(t, leaf, lambda u, _: False, mapping)


def match_type(pattern: Ty, ty: Ty, found: dict[str, Ty]) -> bool:
    """One-way matching: extend `found` so that `pattern` instantiates to `ty`."""
    if pattern.args is None:
        return found.setdefault(pattern.name, ty) is ty
    if ty.args is None or pattern.name != ty.name or len(pattern.args) != len(ty.args):
        return False
    return all(match_type(p, q, found) for p, q in zip(pattern.args, ty.args, strict=True))


def subterms(t: Term) -> Iterator[Term]:
    """Every distinct sub-term, children before parents."""
    seen: set[Term] = set()
    stack = [(t, False)]
    while stack:
        u, ready = stack.pop()
        if ready:
            yield u
        elif u not in seen:
            seen.add(u)
            stack.append((u, True))
            stack.extend((c, False) for c in u.children())


def type_variables(t: Term) -> frozenset[str]:
    """The type variables that occur anywhere in `t`."""
    return union([u.type.variables for u in subterms(t)])


def digest(t: Term) -> str:
    """The canonical sha256 of a term: a Merkle hash over its structure, the same in every process."""
    if not t.memo:
        for u in subterms(t):
            text = " ".join([u.kind, *_label(u), *(c.memo for c in u.children())])
            object.__setattr__(u, "memo", u.memo or hashlib.sha256(text.encode()).hexdigest())
    return t.memo


def _label(t: Term) -> tuple[str, ...]:
    if t.kind in "VCK":
        return (t.type.text, t.name) if t.kind == "K" else (t.name, t.type.text)
    if t.kind in "BP":
        return (str(t.index), t.type.text)[: 2 if t.kind == "B" else 1]
    return (t.bound_type.text,) if t.kind == "L" else ()
