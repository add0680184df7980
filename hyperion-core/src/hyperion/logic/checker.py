"""The proof checker. TRUSTED: what this file accepts with the files of `axioms/`, Hyperion believes, and nothing else.

It shares no code with the kernel: it reads a proof file, builds its own terms, applies every step again and reports the
statement that it reached itself, never one that was claimed. Standard library only; nothing recurses on the depth of a
term or walks a shared term twice. Stricter than the calculus needs: names are printable ASCII without spaces (no two
terms have one text to hash), types nest at most 100 deep in 20,000 characters, numbers have at most 4,096 bits.

    python checker.py FILE       checks one proof file, prints the answer as JSON; exit status 1 where it is refused
    python checker.py --serve    answers one JSON request per line: {"proof": {..}, "limits": {"steps": 9, "terms": 99}}
"""

from __future__ import annotations

import ast
import gc
import hashlib
import json
import math
import operator
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias, TypeVar

Json: TypeAlias = Any  # what a stranger wrote: every use checks it first
Number: TypeAlias = Any  # int, Fraction, or the (sign, magnitude) of a float
Key = TypeVar("Key")

LIMITS = {"types": 100_000, "terms": 5_000_000, "steps": 1_000_000}
MEMORY = 4 << 30
WORDS = {f"{s}{n}": (s == "i", n) for s, n in [*(("i", 8 << k) for k in range(5)), *(("u", 8 << k) for k in range(4))]}
FLOATS = {"f16": (5, 10), "f32": (8, 23), "f64": (11, 52)}  # bits of the exponent and of the fraction
BASE = ["bool", "int", "real", "bf16", "c64", "c128", *WORDS, *FLOATS]
ARITY = {"fun": 2, "list": 1, "outcome": 1} | {f"array{n}": 1 for n in range(2, 65)} | dict.fromkeys(BASE, 0)
NAME, TYPE_VARIABLE, LABEL = (re.compile(p) for p in (r"[!-~]{1,4000}", r"'[!-&*-~]{1,200}", r"[A-Za-z0-9_.-]{1,40}"))
EXTENSION = re.compile(r"ext:[A-Za-z0-9_.]{1,200}")  # a type without laws
# Parts of a term: d data, y type, t term, * terms.
TERMS = {"V": "dy", "B": "dy", "C": "dy", "K": "yd", "A": "tt", "L": "yt", "T": "*", "P": "dt"}
# Arguments of a rule: t term, v variable, # earlier step, * earlier steps, i number, s text, p and q pairs.
RULES = {
    "refl": "t", "sym": "#", "trans": "##", "app": "##", "abs": "v#", "beta": "t", "eta": "t", "tuple": "*",
    "proj": "i#", "projbeta": "t", "tupeta": "t", "inst": "p#", "insttype": "q#", "assume": "tt", "cut": "##",
    "boolcases": "t##", "listind": "vvtt##", "outcases": "tv###", "compute": "t", "define": "st", "axiom": "s",
}  # fmt: skip


class Refused(Exception):
    """The proof is not accepted; the message says why."""


def demand(condition: object, message: str) -> None:
    if not condition:
        raise Refused(message)


def has(value: Json, type_: type) -> bool:
    return type(value) is type_


def join(a: frozenset[Key], b: frozenset[Key]) -> frozenset[Key]:
    """The union; one of the two where that is the union already."""
    return a if a is b or b <= a else b if a <= b else a | b


class Type:
    """A type variable (`'a`) or a constructor with arguments; one object for each type of a proof."""

    __slots__ = ("args", "depth", "name", "text", "variables")

    def __init__(self, name: str, args: tuple[Type, ...]) -> None:
        self.name, self.args = name, args
        self.depth = 1 + max((a.depth for a in args), default=0)
        demand(self.depth <= 100 and sum(len(a.text) for a in args) < 20_000, "a type is too large")
        self.text = f"({' '.join([name, *(a.text for a in args)])})" if args else name
        self.variables = frozenset([name] if name[0] == "'" else []).union(*(a.variables for a in args))


class Term:
    """V name | B index | C name | K payload | A f x | L type body | T items | P index t, with `data` and `kids`.

    One object for each term of a proof, so that equal terms are identical. `free` holds the V terms inside, `variables`
    the names of the type variables, `loose` the (index, type) of the bound variables that no L inside binds.
    """

    __slots__ = ("data", "digest", "free", "kids", "loose", "tag", "type", "variables")
    free: frozenset[Term]
    loose: frozenset[tuple[int, Type]]
    data: Any  # text, a number, a type or nothing, by the tag

    def __init__(self, tag: str, data: object, type_: Type, kids: tuple[Term, ...]) -> None:
        self.tag, self.data, self.type, self.kids, self.digest = tag, data, type_, kids, ""
        self.free, self.variables = frozenset([self] if tag == "V" else []), type_.variables
        self.loose = frozenset([(self.data, type_)] if tag == "B" else [])
        for kid in kids:
            self.free, self.loose = join(self.free, kid.free), join(self.loose, kid.loose)
            self.variables = join(self.variables, kid.variables)
        if tag == "L" and self.loose:
            self.loose = frozenset((i - 1, t) for i, t in self.loose if i)


class Sequent(NamedTuple):
    """hypotheses |- left = right, with the names of the axioms and of the definitions that it rests on."""

    hypotheses: frozenset[tuple[Term, Term]]
    left: Term
    right: Term
    axioms: frozenset[str] = frozenset()
    definitions: frozenset[str] = frozenset()


class Store:
    """The types and terms of one proof; every term is made, and so typed, by `make`."""

    def __init__(self, theory: Theory, limit: int) -> None:
        self.theory, self.limit = theory, limit
        self.types: dict[tuple[str, tuple[Type, ...]], Type] = {}
        self.terms: dict[tuple[object, ...], Term] = {}

    def type(self, name: str, *args: Type) -> Type:
        found = self.types.get((name, args))
        if found is None:
            arity = 0 if EXTENSION.fullmatch(name) else ARITY.get(name)
            known = len(args) >= 2 if name == "prod" else arity == len(args)
            demand(known or (not args and TYPE_VARIABLE.fullmatch(name)), f"no type {name[:40]!r} of {len(args)} types")
            found = self.types[name, args] = Type(name, args)
        return found

    def function(self, *types: Type) -> Type:
        result = types[-1]
        for argument in reversed(types[:-1]):
            result = self.type("fun", argument, result)
        return result

    def make(self, tag: str, data: Any = None, kids: tuple[Term, ...] = (), type_: Type | None = None) -> Term:
        """The one term of this shape; leaves come with their type, for all others it is inferred."""
        first = kids[0].type if kids else None
        if tag == "A" and first:
            demand(first.name == "fun", f"a term of type {first.text} is applied")
            demand(first.args[0] is kids[1].type, f"{first.args[0].text} expected, {kids[1].type.text} found")
            type_ = first.args[1]
        elif tag == "L" and first:
            demand(all(t is data for i, t in kids[0].loose if i == 0), "a bound variable and its binder differ in type")
            type_ = self.type("fun", data, first)
        elif tag == "T":
            type_ = self.type("prod", *(k.type for k in kids))
        elif first:
            demand(type(data) is int and first.name == "prod" and 0 <= data < len(first.args), "no such component")
            type_ = first.args[data]
        else:
            demand(type(data) is (int if tag == "B" else str), f"bad name, index or payload of {tag}")
        assert type_ is not None
        key = (tag, data, type_, *kids)
        found = self.terms.get(key)
        if found is None:
            if not kids:
                self._check_leaf(tag, data, type_)
            demand(len(self.terms) < self.limit, f"more than {self.limit} terms")
            found = self.terms[key] = Term(tag, data, type_, kids)
        return found

    def _check_leaf(self, tag: str, data: Any, type_: Type) -> None:
        demand(0 <= data < 1 << 20 if tag == "B" else NAME.fullmatch(data), f"bad name, index or payload of {tag}")
        if tag == "K":
            check_literal(type_.text, data)
        elif tag == "C" and not (data.startswith("op:") or "@" in data):
            demand(data in self.theory.constants, f"unknown constant {data[:80]}")
            demand(match_type(self.principal(data), type_, {}), f"{data} has no instance of type {type_.text}")

    def principal(self, name: str) -> Type:
        return self.theory.read_type(self, self.theory.constants[name])

    def const(self, name: str, *types: Type) -> Term:
        return self.make("C", name, (), self.function(*types))

    def apply(self, function: Term, *arguments: Term) -> Term:
        for argument in arguments:
            function = self.make("A", None, (function, argument))
        return function

    def retype(self, type_: Type, table: dict[str, Type]) -> Type:
        if type_.variables.isdisjoint(table):
            return type_
        return self.type(type_.name, *(self.retype(a, table) for a in type_.args)) if type_.args else table[type_.name]

    def rebuild(
        self,
        equations: Sequence[tuple[Term, Term]],
        stays: Callable[[Term, int], bool],
        leaf: Callable[[Term, int], Term],
        binder: Callable[[Type], Type] = lambda t: t,
        count: bool = False,
    ) -> list[tuple[Term, Term]]:
        """The equations with `leaf(t, depth)` for those leaves that do not stay; `count` counts the binders above."""
        done: dict[tuple[Term, int], Term] = {}
        stack = [(side, 0) for equation in equations for side in equation]
        while stack:
            key = term, depth = stack[-1]
            if key not in done:
                below = depth + 1 if count and term.tag == "L" else depth
                if stays(term, depth):
                    done[key] = term
                elif not term.kids:
                    done[key] = leaf(term, depth)
                elif missing := [(k, below) for k in term.kids if (k, below) not in done]:
                    stack += missing
                    continue
                else:
                    data = binder(term.data) if term.tag == "L" else term.data
                    done[key] = self.make(term.tag, data, tuple(done[k, below] for k in term.kids))
            stack.pop()
        return [(done[left, 0], done[right, 0]) for left, right in equations]

    def abstract(self, v: Term, left: Term, right: Term) -> tuple[Term, Term]:
        """L v. left and L v. right"""
        bound: Callable[[Term, int], Term] = lambda _, depth: self.make("B", depth, (), v.type)  # noqa: E731
        ((left, right),) = self.rebuild([(left, right)], lambda t, _: v not in t.free, bound, count=True)
        return self.make("L", v.type, (left,)), self.make("L", v.type, (right,))

    def replace(self, equations: Sequence[tuple[Term, Term]], table: dict[Term, Term]) -> list[tuple[Term, Term]]:
        """Terms without loose bound variables for free variables, all at once."""
        return self.rebuild(equations, lambda t, _: t.free.isdisjoint(table), lambda t, _: table[t])


def digest(root: Term) -> str:
    """The Merkle hash: sha256 of the tag, data, type of a leaf, and the hashes of the parts."""
    stack = [root]
    while stack:
        term = stack[-1]
        if missing := [k for k in term.kids if not k.digest]:
            stack += missing
            continue
        words = [term.type.text, term.data] if term.tag == "K" else [term.data, term.type.text]
        if term.kids:
            words = [] if term.data is None else [term.data.text if term.tag == "L" else term.data]
        text = " ".join([term.tag, *map(str, words), *(k.digest for k in term.kids)])
        stack.pop().digest = hashlib.sha256(text.encode()).hexdigest()
    return root.digest


def show(root: Term, budget: int = 4000) -> str:
    """Readable text, cut at about `budget` characters: written out, a shared term may be exponentially long."""
    text = ""
    stack: list[tuple[str | Term, int]] = [(root, 0)]
    while stack and len(text) < budget:
        item, depth = stack.pop()
        parts: list[str | Term] = []
        if isinstance(item, str):
            text += item
        elif item.tag == "A":
            while item.tag == "A":
                parts, item = [" ", item.kids[1], *parts], item.kids[0]
            parts = ["(", item, *parts, ")"]
        elif item.tag == "L":
            parts, depth = [f"(\\x{depth}. ", item.kids[0], ")"], depth + 1
        elif item.kids:
            parts = [part for k in item.kids for part in (", ", k)][1:]
            parts = ["(", *parts, ")"] if item.tag == "T" else [*parts, f".{item.data}"]
        else:
            text += f"x{depth - 1 - item.data}" if item.tag == "B" else re.sub("@[0-9a-f]{64}$", "", item.data)
        stack += [(part, depth) for part in reversed(parts)]
    return text + ("..." if stack else "")


class Theory:
    """The axiom file: principal types of constants and the axioms, elaborated when a proof uses them."""

    def __init__(self, text: str) -> None:
        self.constants: dict[str, Any] = {}  # S-expressions: text and lists
        self.axioms: dict[str, Any] = {}
        atoms = {"(": "[", ")": "],"}
        text = re.sub(r"[()]|[^\s()]+", lambda m: atoms.get(m[0], f"{m[0]!r},"), re.sub(";.*", "", text))
        for kind, name, *rest in self._expand(ast.literal_eval(f"[{text}]")):
            table = {"const": self.constants, "axiom": self.axioms}[kind]
            demand(table.setdefault(name, rest) is rest, f"axiom file: {name} twice")
        self.constants = {name: type_ for name, (type_,) in self.constants.items()}

    def _expand(self, forms: list[Any]) -> Iterator[Any]:
        """(for W (i8 i16 ..) FORM ..) repeats its forms with the text $W replaced in every atom."""

        def put(form: Any, name: str, value: str) -> Any:
            return form.replace(name, value) if isinstance(form, str) else [put(f, name, value) for f in form]

        for form in forms:
            if form[0] != "for":
                yield form
            else:
                for value in form[2]:
                    yield from self._expand(put(form[3:], f"${form[1]}", value))

    def read_type(self, store: Store, form: Any) -> Type:
        if isinstance(form, str):
            return store.type(form)
        types = [self.read_type(store, f) for f in form[1:]]
        return store.function(*types) if form[0] == "fun" else store.type(form[0], *types)

    def axiom(self, store: Store, name: str) -> Sequent:
        demand(name in self.axioms, f"unknown axiom {name[:80]!r}")
        binders, hypotheses, conclusion = self.axioms[name]
        scope = {x: store.make("V", x, (), self.read_type(store, type_)) for x, type_ in binders}
        pairs = [(self.term(store, scope, e[1]), self.term(store, scope, e[2])) for e in [*hypotheses, conclusion]]
        demand(all(left.type is right.type for left, right in pairs), f"axiom file: two types in {name}")
        return Sequent(frozenset(pairs[:-1]), *pairs[-1], frozenset([name]))

    def term(self, store: Store, scope: dict[str, Term], form: Any) -> Term:
        match form:
            case str() if form in scope:
                return scope[form]
            case str() if re.fullmatch("-?[0-9]+", form):
                return store.make("K", form, (), store.type("int"))
            case ["real", payload]:
                return store.make("K", payload, (), store.type("real"))
            case ["float", type_, number]:
                value = int(number.startswith("-")), Fraction(number.removeprefix("-"))
                return store.make("K", write_number(type_, value), (), store.type(type_))
            case ["the", name, type_]:
                return store.make("C", name, (), self.read_type(store, type_))
            case ["fn", [name, type_], body]:
                v = store.make("V", name, (), self.read_type(store, type_))
                return store.abstract(v, inside := self.term(store, scope | {name: v}, body), inside)[0]
            case ["tuple", *items]:
                return store.make("T", None, tuple(self.term(store, scope, i) for i in items))
            case ["proj", index, of]:
                return store.make("P", int(index), (self.term(store, scope, of),))
            case [head, *rest] if not isinstance(head, str) or head in scope:
                return store.apply(*(self.term(store, scope, f) for f in [head, *rest]))
            case _:
                name, *rest = [form] if isinstance(form, str) else form
                return self._instance(store, name, [self.term(store, scope, f) for f in rest])

    def _instance(self, store: Store, name: str, arguments: list[Term]) -> Term:
        """The constant at the type that its arguments determine, applied to them."""
        table: dict[str, Type] = {}
        rest = principal = store.principal(name)
        for argument in arguments:
            fits = rest.name == "fun" and match_type(rest.args[0], argument.type, table)
            demand(fits, f"axiom file: bad argument of {name}")
            rest = rest.args[1]
        demand(principal.variables <= table.keys(), f"axiom file: `the` is missing for {name}")
        return store.apply(store.const(name, store.retype(principal, table)), *arguments)


def match_type(pattern: Type, type_: Type, table: dict[str, Type]) -> bool:
    """Whether `type_` is an instance of `pattern`; `table` takes the type variables."""
    if pattern.name[0] == "'":
        return table.setdefault(pattern.name, type_) is type_
    same = pattern.name == type_.name and len(pattern.args) == len(type_.args)
    return same and all(match_type(p, t, table) for p, t in zip(pattern.args, type_.args, strict=True))


def read_number(type_: str, payload: str) -> Number:
    if type_ not in FLOATS:
        return int(payload) if type_ == "int" else Fraction(payload)
    exponent_bits, bits = FLOATS[type_]
    whole, bias = int(payload, 16), (1 << (exponent_bits - 1)) - 1
    sign, exponent, fraction = whole >> (exponent_bits + bits) & 1, whole >> bits & 2 * bias + 1, whole % (1 << bits)
    if exponent == 2 * bias + 1:
        return sign, math.nan if fraction else math.inf
    return sign, (fraction + (exponent > 0) * (1 << bits)) * Fraction(2) ** (max(exponent, 1) - bias - bits)


def write_number(type_: str, value: Number) -> str:
    """The one payload of a number; a float is rounded to the nearest, ties to even."""
    if type_ not in FLOATS:
        return str(value) if type_ == "int" else f"{value.numerator}/{value.denominator}"
    (exponent_bits, bits), (sign, magnitude) = FLOATS[type_], value
    bias = (1 << (exponent_bits - 1)) - 1
    whole = infinity = (2 * bias + 1) << bits
    if magnitude == 0:
        whole = 0
    elif magnitude != magnitude:
        sign, whole = 0, infinity | 1 << (bits - 1)
    elif magnitude != math.inf:
        exponent = magnitude.numerator.bit_length() - magnitude.denominator.bit_length()
        exponent = max(exponent - (magnitude < Fraction(2) ** exponent), 1 - bias)
        # A subnormal, or a carry into the next exponent, comes out right by itself.
        whole = min(((exponent + bias - 1) << bits) + round(magnitude / Fraction(2) ** (exponent - bits)), infinity)
    return f"{sign << (exponent_bits + bits) | whole:0{(1 + exponent_bits + bits) // 4}x}"


def check_literal(type_: str, payload: str) -> None:
    """Canonical text only: one value, one payload (0.0 and -0.0 are two values, every NaN is one)."""
    demand(type_ in ("int", "real", *FLOATS), f"there are no literals of type {type_}")
    try:
        shape = {"int": "-?[0-9]+", "real": "-?[0-9]+/[0-9]+"}.get(type_, "[0-9a-f]+")
        demand(re.fullmatch(shape, payload), f"{payload[:40]} is no {type_} literal")
        value = read_number(type_, payload)
    except (ValueError, ZeroDivisionError):
        raise Refused(f"{payload[:40]} is no {type_} literal") from None
    demand(write_number(type_, value) == payload, f"{payload[:40]} is no canonical {type_} literal")
    small = type_ in FLOATS or max(value.numerator.bit_length(), value.denominator.bit_length()) <= 4096
    demand(small, "a number has more than 4096 bits")


def root(x: Number) -> Fraction:
    """The square root to 60 bits and more; the last bit keeps an inexact one off every tie."""
    square = (x.numerator * x.denominator) << 128
    near = math.isqrt(square)
    return Fraction(2 * near + (near * near != square), x.denominator << 65)


def float_operation(name: str, a: Number, b: Number = (0, 0)) -> Number:
    """IEEE 754, exactly and before rounding; Python's own arithmetic only ever meets an infinity or a NaN."""
    (sign, x), (other, y) = a, b
    if name in ("flt", "fle", "feq"):
        compare = {"flt": operator.lt, "fle": operator.le, "feq": operator.eq}[name]
        return compare(-x if sign else x, -y if other else y)
    special = type(x) is float or type(y) is float
    x, y = (float(x), float(y)) if special else (x, y)
    if name == "fsqrt":
        return sign, math.nan if sign and x != 0 else x if special else root(x)
    if name == "fmul":
        return sign ^ other, x * y
    if name == "fdiv":
        return sign ^ other, x / y if y != 0 else math.nan if x == 0 or x != x else math.inf
    other ^= name == "fsub"
    total = (-x if sign else x) + (-y if other else y)
    return sign & other if total == 0 else int(total < 0), abs(total)


def wrap(word: str, value: int) -> int:
    signed, bits = WORDS[word]
    low = -(1 << (bits - 1)) if signed else 0
    return (value - low) % (1 << bits) + low


def floordiv(a: int, b: int) -> int:
    return a // b if b else 0


def mod(a: int, b: int) -> int:
    return a % b if b else a


def in_range(word: str, value: int) -> bool:
    return wrap(word, value) == value


Function: TypeAlias = Callable[..., Any]  # of literals' values
INTEGER: dict[str, Function] = {"add": operator.add, "sub": operator.sub, "mul": operator.mul, "neg": operator.neg}
MORE: dict[str, Function] = {"max": max, "min": min, "abs": abs, "floordiv": floordiv, "mod": mod}
COMPARE: dict[str, Function] = {"le": operator.le, "lt": operator.lt, "eq": operator.eq}


def operations() -> Iterator[tuple[str, tuple[str, int, str, Function]]]:
    """Of each constant that computes: the type and number of its literals, the type of the result, the function."""
    for name, function in (INTEGER | MORE).items():
        yield name, ("int", 1 if name in ("neg", "abs") else 2, "int", function)
    for name, function in COMPARE.items():
        yield name, ("int", 2, "bool", function)
    for name, function in INTEGER.items():
        yield f"r{name}", ("real", 1 if name == "neg" else 2, "real", function)
    for word in WORDS:
        yield f"toZ.{word}", ("int", 1, "int", partial(wrap, word))
        yield f"inr.{word}", ("int", 1, "bool", partial(in_range, word))
    for kind in FLOATS:
        for name in ("fadd", "fsub", "fmul", "fdiv", "fsqrt", "flt", "fle", "feq"):
            target = "bool" if name in ("flt", "fle", "feq") else kind
            yield f"{name}.{kind}", (kind, 1 if name == "fsqrt" else 2, target, partial(float_operation, name))


OPERATIONS = dict(operations())


def infer(left: Term, right: Term, *premises: Sequent) -> Sequent:
    """left = right, with all that the premises rest on."""
    hypotheses, _, _, axioms, definitions = premises[0]
    for p in premises[1:]:
        hypotheses, axioms = join(hypotheses, p.hypotheses), join(axioms, p.axioms)
        definitions = join(definitions, p.definitions)
    return Sequent(hypotheses, left, right, axioms, definitions)


def less(a: Sequent, left: Term, right: Term) -> Sequent:
    return a._replace(hypotheses=a.hypotheses - {(left, right)})


def absent(v: Term, hypotheses: frozenset[tuple[Term, Term]]) -> None:
    demand(
        not any(v in left.free or v in right.free for left, right in hypotheses), f"{v.data} is free where it must not"
    )


class Rules(Store):
    """The rules, premises ==> conclusion; A, B, C are sets of hypotheses, c is an equation."""

    # |- t = t
    def refl(self, t: Term) -> Sequent:
        return Sequent(frozenset(), t, t)

    # A |- l = r  ==>  A |- r = l
    def sym(self, a: Sequent) -> Sequent:
        return infer(a.right, a.left, a)

    # A |- x = y,  B |- y = z  ==>  A u B |- x = z
    def trans(self, a: Sequent, b: Sequent) -> Sequent:
        demand(a.right is b.left, "the middle terms differ")
        return infer(a.left, b.right, a, b)

    # A |- f = g,  B |- x = y  ==>  A u B |- f x = g y
    def app(self, a: Sequent, b: Sequent) -> Sequent:
        return infer(self.apply(a.left, b.left), self.apply(a.right, b.right), a, b)

    # A |- l = r  ==>  A |- L v. l = L v. r            v not free in A
    def abs(self, v: Term, a: Sequent) -> Sequent:
        absent(v, a.hypotheses)
        return infer(*self.abstract(v, a.left, a.right), a)

    # |- (L v. b) x = b[x/v]
    def beta(self, t: Term) -> Sequent:
        demand(t.tag == "A" and t.kids[0].tag == "L", "not an applied abstraction")
        (body,), x = t.kids[0].kids, t.kids[1]
        put: Callable[[Term, int], Term] = lambda _, depth: x  # noqa: E731
        pair = self.rebuild([(body, body)], lambda s, depth: (depth, x.type) not in s.loose, put, count=True)
        return Sequent(frozenset(), t, pair[0][0])

    # |- (L v. f v) = f            v not free in f
    def eta(self, t: Term) -> Sequent:
        demand(t.tag == "L" and t.kids[0].tag == "A", "not of the form L v. f v")
        f, x = t.kids[0].kids
        demand(x.tag == "B" and x.data == 0 and not f.loose, "not of the form L v. f v with f free of v")
        return Sequent(frozenset(), t, f)

    # A |- x = y,  B |- z = w, ..  ==>  A u B .. |- (x, z, ..) = (y, w, ..)
    def tuple(self, *parts: Sequent) -> Sequent:
        left, right = (self.make("T", None, side) for side in zip(*((p.left, p.right) for p in parts), strict=True))
        return infer(left, right, *parts)

    # A |- l = r  ==>  A |- l.i = r.i
    def proj(self, i: int, a: Sequent) -> Sequent:
        return infer(self.make("P", i, (a.left,)), self.make("P", i, (a.right,)), a)

    # |- (t0, t1, ..).i = ti
    def projbeta(self, t: Term) -> Sequent:
        demand(t.tag == "P" and t.kids[0].tag == "T", "not a component of a tuple")
        return Sequent(frozenset(), t, t.kids[0].kids[t.data])

    # |- (t.0, t.1, ..) = t
    def tupeta(self, t: Term) -> Sequent:
        demand(t.type.name == "prod", "not of a product type")
        items = [self.make("P", i, (t,)) for i in range(len(t.type.args))]
        return Sequent(frozenset(), self.make("T", None, (*items,)), t)

    # A |- c  ==>  A[t/v, ..] |- c[t/v, ..]            all at once
    def inst(self, pairs: list[tuple[Term, Term]], a: Sequent) -> Sequent:
        demand(all(v.tag == "V" and v.type is t.type for v, t in pairs), "not a variable and a term of its type")
        demand(len(dict(pairs)) == len(pairs), "a variable twice")
        *hypotheses, (left, right) = self.replace([*a.hypotheses, (a.left, a.right)], dict(pairs))
        return Sequent(frozenset(hypotheses), left, right, a.axioms, a.definitions)

    # A |- c  ==>  A[T/'a, ..] |- c[T/'a, ..]            type variables only, all at once, everywhere
    def insttype(self, pairs: list[tuple[str, Type]], a: Sequent) -> Sequent:
        table = dict(pairs)
        demand(
            len(table) == len(pairs) and all(TYPE_VARIABLE.fullmatch(n) for n in table), "no distinct type variables"
        )
        *hypotheses, (left, right) = self.rebuild(
            [*a.hypotheses, (a.left, a.right)],
            lambda t, _: t.variables.isdisjoint(table),
            lambda t, _: self.make(t.tag, t.data, (), self.retype(t.type, table)),
            lambda type_: self.retype(type_, table),
        )
        return Sequent(frozenset(hypotheses), left, right, a.axioms, a.definitions)

    # l = r |- l = r
    def assume(self, left: Term, right: Term) -> Sequent:
        demand(left.type is right.type, "the sides differ in type")
        return Sequent(frozenset([(left, right)]), left, right)

    # A |- l = r,  B |- c  ==>  A u (B - {l = r}) |- c            l = r in B
    def cut(self, a: Sequent, b: Sequent) -> Sequent:
        demand((a.left, a.right) in b.hypotheses, "the first conclusion is no hypothesis of the second")
        return infer(b.left, b.right, a, less(b, a.left, a.right))

    # A |- c,  B |- c  ==>  (A - {t = true}) u (B - {t = false}) |- c
    def boolcases(self, t: Term, a: Sequent, b: Sequent) -> Sequent:
        demand(t.type is self.type("bool"), "not a bool")
        demand((a.left, a.right) == (b.left, b.right), "the cases conclude differently")
        return infer(a.left, a.right, *(less(x, t, self.const(n, t.type)) for x, n in ((a, "true"), (b, "false"))))

    # A |- (l = r)[nil/xs],  B |- (l = r)[cons x xs/xs]  ==>  A u (B - {l = r}) |- l = r
    #                                            x, xs not free in A, B - {l = r}; x not free in l, r
    def listind(self, x: Term, xs: Term, left: Term, right: Term, base: Sequent, step: Sequent) -> Sequent:
        demand(xs.type is self.type("list", x.type) and left.type is right.type, "the types do not fit")
        cons = self.apply(self.const("cons", x.type, xs.type, xs.type), x, xs)
        for case, value in (base, self.const("nil", xs.type)), (step, cons):
            demand(
                self.replace([(left, right)], {xs: value}) == [(case.left, case.right)], "a case concludes otherwise"
            )
        result = infer(left, right, base, less(step, left, right))
        absent(x, result.hypotheses | {(left, right)})
        absent(xs, result.hypotheses)
        return result

    # A |- c,  B |- c,  C |- c  ==>  (A - {o = ok v}) u (B - {o = trap}) u (C - {o = diverge}) |- c
    #                                            v not free in o, c and what remains of A, B, C
    def outcases(self, o: Term, v: Term, a: Sequent, b: Sequent, c: Sequent) -> Sequent:
        demand(o.type is self.type("outcome", v.type), "the types do not fit")
        demand((a.left, a.right) == (b.left, b.right) == (c.left, c.right), "the cases conclude differently")
        values = [
            self.apply(self.const("ok", v.type, o.type), v),
            self.const("trap", o.type),
            self.const("diverge", o.type),
        ]
        result = infer(a.left, a.right, *(less(s, o, value) for s, value in zip((a, b, c), values, strict=True)))
        absent(v, result.hypotheses | {(o, o), (a.left, a.right)})
        return result

    # |- t = value            t an operation on literals, or toZ.W (ofZ.W literal)
    def compute(self, t: Term) -> Sequent:
        head, arguments = t, list[Term]()
        while head.tag == "A" and len(arguments) < 2:
            head, arguments = head.kids[0], [head.kids[1], *arguments]
        demand(head.tag == "C" and head.data in OPERATIONS, "no operation that computes")
        source, count, target, operation = OPERATIONS[head.data]
        literals, word = arguments, head.data.removeprefix("toZ.")
        if word in WORDS:
            into = self.const(f"ofZ.{word}", self.type("int"), self.type(word))
            literals = [a.kids[1] for a in arguments if a.tag == "A" and a.kids[0] is into]
        demand(
            len(literals) == count and all(k.tag == "K" and k.type.text == source for k in literals), "not on literals"
        )
        value = operation(*(read_number(source, k.data) for k in literals))
        if target == "bool":
            result = self.const("true" if value else "false", self.type("bool"))
        else:
            result = self.make("K", write_number(target, value), (), self.type(target))
        demand(
            head is self.const(head.data, *(a.type for a in arguments), result.type), "the operation has another type"
        )
        return Sequent(frozenset(), t, result)

    # |- label@digest(t) = t            t closed, with no type variable that its own type lacks
    def define(self, label: str, t: Term) -> Sequent:
        demand(LABEL.fullmatch(label), "bad label")
        demand(not t.free, "a definition has a free variable")
        demand(t.variables <= t.type.variables, "a definition has a type variable that its type lacks")
        name = f"{label}@{digest(t)}"
        return Sequent(frozenset(), self.const(name, t.type), t, definitions=frozenset([name]))

    # A |- c            as the axiom file says
    def axiom(self, name: str) -> Sequent:
        return self.theory.axiom(self, name)


class Replay:
    """One proof file: its types and terms are made, then its steps applied."""

    def __init__(self, theory: Theory, limits: dict[str, int]) -> None:
        self.rules, self.limits = Rules(theory, limits["terms"]), limits
        self.types, self.terms, self.steps = list[Type](), list[Term](), list[Sequent]()

    def pick(self, items: list[Key], index: Json) -> Key:
        demand(type(index) is int and 0 <= index < len(items), f"{str(index)[:20]} is no earlier entry")
        return items[index]

    def read_type(self, tag: Json, name: Json, *args: Json) -> None:
        demand(has(name, str) and tag == ("var" if name[:1] == "'" else "con"), "no such kind of type")
        self.types.append(self.rules.type(name, *(self.pick(self.types, a) for a in args)))

    def read_term(self, tag: Json, *args: Json) -> None:
        kinds = TERMS.get(tag, "") if has(tag, str) else ""
        kinds = "t" * max(2, len(args)) if kinds == "*" else kinds
        demand(len(kinds) == len(args) > 0, "no such kind of term")
        data, type_, kids = None, None, list[Term]()
        for kind, value in zip(kinds, args, strict=True):
            if kind == "t":
                kids.append(self.pick(self.terms, value))
            elif kind == "y":
                type_ = self.pick(self.types, value)
            else:
                data = value
        self.terms.append(self.rules.make(tag, type_ if tag == "L" else data, (*kids,), type_))

    def read_step(self, rule: Json, *args: Json) -> None:
        demand(has(rule, str) and rule in RULES, "no such rule")
        kinds = "#" * max(2, len(args)) if RULES[rule] == "*" else RULES[rule]
        demand(len(kinds) == len(args), f"{len(kinds)} arguments expected")
        self.steps.append(getattr(self.rules, rule)(*map(self.argument, kinds, args)))

    def argument(self, kind: str, value: Json) -> object:
        if kind == "#":
            return self.pick(self.steps, value)
        if kind in "tv":
            term = self.pick(self.terms, value)
            demand(not term.loose, "a bound variable is loose")
            demand(kind == "t" or term.tag == "V", "not a variable")
            return term
        if kind in "is":
            demand(type(value) is (int if kind == "i" else str), "an argument of the wrong kind")
            return value
        demand(has(value, list) and all(has(p, list) and len(p) == 2 for p in value), "no list of pairs")
        if kind == "p":
            return [(self.argument("v", v), self.argument("t", t)) for v, t in value]
        return [(self.argument("s", name), self.pick(self.types, index)) for name, index in value]

    def run(self, proof: Json) -> dict[str, object]:
        known = has(proof, dict) and proof.get("format") == "hyperion-proof" and proof.get("version") == 1
        demand(known, "not a hyperion-proof of version 1")
        for name, read in ("types", self.read_type), ("terms", self.read_term), ("steps", self.read_step):
            entries: Json = proof.get(name)
            demand(has(entries, list) and len(entries) <= self.limits[name], f"no list of few enough {name}")
            for i, entry in enumerate(entries):
                demand(has(entry, list) and len(entry) > 1, f"{name[:-1]} {i}: a list expected")
                try:
                    read(*entry)
                except Refused as error:
                    raise Refused(f"{name[:-1]} {i} ({str(entry[0])[:20]}): {error}") from None
        demand(self.steps, "a proof without steps")
        hypotheses, left, right, axioms, definitions = self.steps[-1]
        before = sorted(f"{show(a, 400)} = {show(b, 400)}" for a, b in hypotheses)
        return {
            "ok": True,
            "left": digest(left),
            "right": digest(right),
            "hypotheses": len(hypotheses),
            "functions": are_functions(left, right),
            "axioms": sorted(axioms),
            "definitions": sorted(definitions),
            "steps": len(self.steps),
            "statement": f"{', '.join(before)} |- {show(left)} = {show(right)}".strip(),
        }


def are_functions(left: Term, right: Term) -> bool:
    """Whether both sides are what functions denote: closed, and of a type that ends in an outcome."""
    end = left.type
    while end.name == "fun":
        end = end.args[1]
    return end.name == "outcome" and not left.free | right.free


def answer(theory: Theory, text: str | bytes, serve: bool = False) -> dict[str, object]:
    """What the checker says to one proof or request; never raises on what it is given."""
    try:
        request: Json = json.loads(text)
        limits = dict(LIMITS)
        if serve:
            demand(has(request, dict) and has(request.get("limits", {}), dict), "no request")
            for name, value in request.get("limits", {}).items():
                demand(name in limits and type(value) is int and value > 0, "bad limits")
                limits[name] = min(limits[name], value)
            request = request.get("proof")
        return Replay(theory, limits).run(request)
    except Refused as error:
        return {"ok": False, "error": str(error)}
    except (MemoryError, RecursionError, ValueError, TypeError) as error:
        return {"ok": False, "error": f"malformed or too large: {type(error).__name__} {str(error)[:200]}"}


def main(arguments: list[str]) -> int:
    with suppress(ImportError, ValueError, OSError):  # Windows has no limits; a lower one is in force already.
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, resource.getrlimit(resource.RLIMIT_AS)[1]))
    files = sorted(Path(__file__).with_name("axioms").glob("*.txt"))
    theory = Theory("\n".join(f.read_text(encoding="utf-8") for f in files))
    if arguments != ["--serve"]:
        result = answer(theory, Path(arguments[0]).read_bytes())
        sys.stdout.write(json.dumps(result) + "\n")
        return 0 if result["ok"] else 1
    gc.disable()  # A proof is all alive until its answer.
    for line in sys.stdin.buffer:
        sys.stdout.write(json.dumps(answer(theory, line, serve=True)) + "\n")
        sys.stdout.flush()
        gc.collect()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
