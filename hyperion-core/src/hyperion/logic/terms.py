"""TRUSTED. Types and terms of the logic: a simply typed lambda calculus with tuples, locally nameless and hash-consed.

    type ::= 'a | (con type ...)                       con: bool int real i8 .. f64, fun/2 prod/n list/1 outcome/1
    term ::= Var name type      free variable          | App f x
           | Bound i type       de Bruijn index        | Lam type body
           | Const name type                           | Tuple items      (at least two)
           | Lit type payload                          | Proj index t

Equal terms are the same object, so `is` decides alpha-equality. Literals are interned by type and text, never by
Python equality: 0.0 and -0.0, or 1 and True, are different terms.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from typing import Final, Literal, TypeAlias


class TermError(Exception):
    """A term or type is ill-formed."""


class Ty:
    """A type: a variable (`args` is None) or a constructor with its arguments. Interned."""

    __slots__ = ("args", "name", "text", "variables")
    name: str
    args: tuple[Ty, ...] | None
    text: str
    variables: frozenset[str]

    def __setattr__(self, *_: object) -> None:
        raise AttributeError("types are immutable")

    def __repr__(self) -> str:
        return self.text


_TYPES: dict[str, Ty] = {}
_ARITY: Final = {"fun": 2, "list": 1, "outcome": 1} | dict.fromkeys(
    ["bool", "int", "real", "i8", "i16", "i32", "i64", "i128", "u8", "u16", "u32", "u64", "f16", "f32", "f64"], 0
)


def _intern_type(name: str, args: tuple[Ty, ...] | None) -> Ty:
    text = name if not args else f"({name} {' '.join(a.text for a in args)})"
    found = _TYPES.get(text)
    if found is None:
        found = object.__new__(Ty)
        put = object.__setattr__
        put(found, "name", name)
        put(found, "args", args)
        put(found, "text", text)
        names = frozenset((name,)) if args is None else frozenset[str]().union(*(a.variables for a in args))
        put(found, "variables", names)
        _TYPES[text] = found
    return found


def type_variable(name: str) -> Ty:
    if not (name.startswith("'") and name[1:].isidentifier()):
        raise TermError(f"{name!r} is not the name of a type variable")
    return _intern_type(name, None)


def type_of(name: str, *args: Ty) -> Ty:
    """The constructor `name` applied to `args`."""
    if (len(args) < 2) if name == "prod" else _ARITY.get(name) != len(args):
        raise TermError(f"no type constructor {name} of {len(args)} arguments")
    return _intern_type(name, args)


BOOL, INT, REAL = (type_of(n) for n in ("bool", "int", "real"))


def fun(*types: Ty) -> Ty:
    """`fun(a, b, c)` is the type of functions from a and b to c."""
    result = types[-1]
    for t in reversed(types[:-1]):
        result = type_of("fun", t, result)
    return result


def list_of(element: Ty) -> Ty:
    return type_of("list", element)


def outcome_of(value: Ty) -> Ty:
    return type_of("outcome", value)


Kind: TypeAlias = Literal["V", "B", "C", "K", "A", "L", "T", "P"]


class Term:
    """A term. `kind` selects the meaning of `a` and `b`:

    V, C, K: a = name or payload          B: a = index             A: a = function, b = argument
    L: a = type of the variable, b = body      T: a = items            P: a = index, b = tuple
    `free` are the free variables, `loose` the number of enclosing binders that the term needs.
    """

    __slots__ = ("_digest", "a", "b", "free", "kind", "loose", "type")
    kind: Kind
    a: object
    b: object
    type: Ty
    free: frozenset[Term]
    loose: int
    _digest: str

    def __setattr__(self, *_: object) -> None:
        raise AttributeError("terms are immutable")

    def __repr__(self) -> str:
        return f"<term {digest(self)[:12]} : {self.type}>"

    @property
    def name(self) -> str:
        assert isinstance(self.a, str)
        return self.a

    @property
    def index(self) -> int:
        assert isinstance(self.a, int)
        return self.a

    @property
    def function(self) -> Term:
        assert self.kind == "A" and isinstance(self.a, Term)
        return self.a

    @property
    def argument(self) -> Term:
        assert self.kind == "A" and isinstance(self.b, Term)
        return self.b

    @property
    def bound_type(self) -> Ty:
        assert isinstance(self.a, Ty)
        return self.a

    @property
    def body(self) -> Term:
        """Of an abstraction, what is below the binder; of a projection, the tuple."""
        assert isinstance(self.b, Term)
        return self.b

    @property
    def items(self) -> tuple[Term, ...]:
        assert isinstance(self.a, tuple)
        return self.a  # pyright: ignore[reportUnknownVariableType]  # kind T holds a tuple of terms

    def children(self) -> tuple[Term, ...]:
        if self.kind == "A":
            return (self.function, self.argument)
        if self.kind in "LP":
            return (self.body,)
        return self.items if self.kind == "T" else ()


_TERMS: dict[tuple[object, ...], Term] = {}
_NONE: Final[frozenset[Term]] = frozenset()


def _make(kind: Kind, a: object, b: object, ty: Ty, children: tuple[Term, ...], loose: int) -> Term:
    key = (kind, a, b, ty)
    found = _TERMS.get(key)
    if found is None:
        found = object.__new__(Term)
        put = object.__setattr__
        put(found, "kind", kind)
        put(found, "a", a)
        put(found, "b", b)
        put(found, "type", ty)
        put(found, "loose", loose)
        if kind == "V":
            put(found, "free", frozenset((found,)))
        else:
            sets = [c.free for c in children if c.free]
            put(found, "free", sets[0] if len(sets) == 1 else _NONE.union(*sets))
        put(found, "_digest", "")
        found = _TERMS.setdefault(key, found)
    return found


def var(name: str, ty: Ty) -> Term:
    return _make("V", name, None, ty, (), 0)


def bound(index: int, ty: Ty) -> Term:
    if index < 0:
        raise TermError("a de Bruijn index is not negative")
    return _make("B", index, None, ty, (), index + 1)


def payload_literal(ty: Ty, payload: str) -> Term:
    """A literal by its canonical text; `hyperion.logic.literals` makes the text."""
    return _make("K", payload, None, ty, (), 0)


SIGNATURE: Final[dict[str, Ty]] = {}
"""Principal types of the constants; filled once from the axiom file."""


def const(name: str, ty: Ty) -> Term:
    """A constant at an instance of its principal type. `op:` names are opaque and `label@digest` names definitions."""
    if not name or any(c.isspace() for c in name):
        raise TermError(f"{name!r} is not the name of a constant")
    if "@" not in name and not name.startswith("op:"):
        principal = SIGNATURE.get(name)
        if principal is None:
            raise TermError(f"unknown constant {name}")
        if principal is not ty and not match_type(principal, ty, {}):
            raise TermError(f"constant {name} has type {principal}, which does not match {ty}")
    return _make("C", name, None, ty, (), 0)


def app(function: Term, *arguments: Term) -> Term:
    for x in arguments:
        ty = function.type
        if ty.name != "fun" or ty.args is None or ty.args[0] is not x.type:
            raise TermError(f"a function of type {ty} cannot take an argument of type {x.type}")
        function = _make("A", function, x, ty.args[1], (function, x), max(function.loose, x.loose))
    return function


def tup(*items: Term) -> Term:
    if len(items) < 2:
        raise TermError("a tuple has at least two items")
    ty = type_of("prod", *(t.type for t in items))
    return _make("T", items, None, ty, items, max(t.loose for t in items))


def proj(index: int, t: Term) -> Term:
    if t.type.name != "prod" or not t.type.args or not 0 <= index < len(t.type.args):
        raise TermError(f"no item {index} in type {t.type}")
    return _make("P", index, t, t.type.args[index], (t,), t.loose)


def binder(ty: Ty, body: Term) -> Term:
    """The abstraction whose body is `body`, in which Bound 0 is its variable and must have type `ty`."""
    _check_bound(body, ty)
    return _make("L", ty, body, fun(ty, body.type), (body,), max(body.loose - 1, 0))


def _check_bound(body: Term, ty: Ty) -> None:
    """Every occurrence of the binder's variable in `body` carries the type `ty`."""
    seen: set[tuple[Term, int]] = set()
    stack = [(body, 0)]
    while stack:
        t, depth = stack.pop()
        if t.loose <= depth or (t, depth) in seen:
            continue
        seen.add((t, depth))
        if t.kind == "B" and t.index == depth and t.type is not ty:
            raise TermError(f"bound variable of type {t.type} under a binder of type {ty}")
        inner = depth + 1 if t.kind == "L" else depth
        stack.extend((c, inner) for c in t.children())


def rebuild(t: Term, children: tuple[Term, ...]) -> Term:
    """`t` with its children replaced; binders keep the type of their variable."""
    if t.kind == "A":
        return app(children[0], children[1])
    if t.kind == "L":
        body = children[0]
        return _make("L", t.a, body, fun(t.bound_type, body.type), (body,), max(body.loose - 1, 0))
    if t.kind == "T":
        return tup(*children)
    return proj(t.index, children[0]) if t.kind == "P" else t


def transform(t: Term, leaf: Callable[[Term, int], Term | None], skip: Callable[[Term, int], bool]) -> Term:
    """Rebuild `t` bottom-up without recursion. `leaf(u, depth)` may replace any sub-term below `depth` binders;
    sub-terms for which `skip` holds stay as they are."""
    done: dict[tuple[Term, int], Term] = {}
    stack: list[tuple[Term, int, bool]] = [(t, 0, False)]
    while stack:
        u, depth, ready = stack.pop()
        key = (u, depth)
        if key in done:
            continue
        if skip(u, depth):
            done[key] = u
            continue
        if not ready:
            replaced = leaf(u, depth)
            if replaced is not None:
                done[key] = replaced
                continue
        inner = depth + 1 if u.kind == "L" else depth
        children = u.children()
        if ready or not children:
            done[key] = rebuild(u, tuple(done[c, inner] for c in children)) if children else u
            continue
        stack.append((u, depth, True))
        stack.extend((c, inner, False) for c in children)
    return done[t, 0]


def lam(variable: Term, body: Term) -> Term:
    """Abstract the free `variable` in a closed-binder `body`."""
    if variable.kind != "V" or body.loose:
        raise TermError("lam takes a free variable and a term without loose bound variables")
    if variable not in body.free:
        return binder(variable.type, body)
    inside = transform(
        body,
        lambda u, depth: bound(depth, u.type) if u is variable else None,
        lambda u, _: variable not in u.free,
    )
    return rebuild(_make("L", variable.type, body, fun(variable.type, body.type), (body,), 0), (inside,))


def lams(variables: tuple[Term, ...], body: Term) -> Term:
    for v in reversed(variables):
        body = lam(v, body)
    return body


def open_binder(abstraction: Term, x: Term) -> Term:
    """The body of `abstraction` with `x`, which has no loose bound variable, for its variable."""
    if abstraction.kind != "L" or x.type is not abstraction.bound_type or x.loose:
        raise TermError("open_binder takes an abstraction and an argument of its type")
    return transform(
        abstraction.body,
        lambda u, depth: x if u.kind == "B" and u.index == depth else None,
        lambda u, depth: u.loose <= depth,
    )


def substitute(t: Term, mapping: Mapping[Term, Term]) -> Term:
    """Simultaneous substitution for free variables; values have no loose bound variables, so nothing is captured."""
    keys = mapping.keys()
    if t.free.isdisjoint(keys):
        return t
    return transform(t, lambda u, _: mapping.get(u) if u.kind == "V" else None, lambda u, _: u.free.isdisjoint(keys))


def instantiate_type(ty: Ty, mapping: Mapping[str, Ty]) -> Ty:
    if ty.args is None:
        return mapping.get(ty.name, ty)
    if not ty.args or ty.variables.isdisjoint(mapping):
        return ty
    return type_of(ty.name, *(instantiate_type(a, mapping) for a in ty.args))


def instantiate_types(t: Term, mapping: Mapping[str, Ty]) -> Term:
    """Replace type variables everywhere in `t`."""
    memo: dict[Term, Term] = {}
    stack = [t]
    while stack:
        u = stack[-1]
        if u in memo:
            stack.pop()
            continue
        pending = [c for c in u.children() if c not in memo]
        if pending:
            stack.extend(pending)
            continue
        stack.pop()
        children = tuple(memo[c] for c in u.children())
        ty = instantiate_type(u.type, mapping)
        if u.kind in "VB":
            memo[u] = var(u.name, ty) if u.kind == "V" else bound(u.index, ty)
        elif u.kind == "C":
            memo[u] = const(u.name, ty)
        elif u.kind == "L":
            head = instantiate_type(u.bound_type, mapping)
            memo[u] = _make("L", head, children[0], ty, children, u.loose)
        else:
            memo[u] = rebuild(u, children)
    return memo[t]


def match_type(pattern: Ty, ty: Ty, found: dict[str, Ty]) -> bool:
    """One-way matching: extend `found` so that `pattern` instantiates to `ty`."""
    if pattern.args is None:
        return found.setdefault(pattern.name, ty) is ty
    if pattern is ty and not pattern.variables:
        return True
    if ty.args is None or pattern.name != ty.name or len(pattern.args) != len(ty.args):
        return False
    return all(match_type(p, q, found) for p, q in zip(pattern.args, ty.args, strict=True))


def type_variables(t: Term) -> frozenset[str]:
    """The type variables that occur anywhere in `t`."""
    names: set[str] = set()
    for u in subterms(t):
        names |= u.type.variables
    return frozenset(names)


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


def digest(t: Term) -> str:
    """The canonical sha256 of a term: a Merkle hash over its structure, the same in every process."""
    if not t._digest:  # pyright: ignore[reportPrivateUsage]  # memo slot of this module
        for u in subterms(t):
            if not u._digest:  # pyright: ignore[reportPrivateUsage]
                parts = " ".join(digest(c) for c in u.children())
                if u.kind in "VCK":
                    text = f"{u.kind} {u.a} {u.type}" if u.kind != "K" else f"K {u.type} {u.a}"
                elif u.kind == "B":
                    text = f"B {u.a} {u.type}"
                elif u.kind == "L":
                    text = f"L {u.a} {parts}"
                else:
                    text = f"P {u.a} {parts}" if u.kind == "P" else f"{u.kind} {parts}"
                object.__setattr__(u, "_digest", hashlib.sha256(text.encode()).hexdigest())
    return t._digest  # pyright: ignore[reportPrivateUsage]
