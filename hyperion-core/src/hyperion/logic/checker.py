"""The proof checker. TRUSTED: what this file accepts with the files of `axioms/`, Hyperion believes, and nothing else.

It shares no code with the kernel: it reads a proof file (docs/reference/proof-format.md), builds its own terms, applies
every step again and reports the statement that it reached itself, never one that was claimed. Standard library only;
nothing recurses on the depth of a term or walks a shared term twice. Names are printable ASCII without spaces, so that
no two terms have one text to hash.

    python checker.py FILE [--seconds N] [--request JSON]    prints the answer as JSON; status 1: refused, 2: not read
    python checker.py --serve    answers requests, each a line of JSON and `size` bytes of proof; the rest is optional:
        {"size": 9, "limits": {"steps": 9}, "seconds": 9, "oracles": ["z3"], "theories": {"DISTRIBUTION": "TEXT"}}
"""

from __future__ import annotations

import ast
import gc
import hashlib
import json
import math
import operator
import re
import signal
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from fractions import Fraction
from functools import partial, reduce
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

Json: TypeAlias = Any  # what a stranger wrote: every use checks it first
Number: TypeAlias = Any  # int, Fraction, or the (sign, magnitude) of a float
Visit: TypeAlias = Callable[["Term", int], Any]  # what to do with a term below so many binders

LIMITS = {"bytes": 1 << 30, "types": 100_000, "terms": 5_000_000, "steps": 1_000_000}
LINE = 1 << 20
MEMORY = 4 << 30
WORDS = {f"{s}{n}": (s == "i", n) for s, n in [*(("i", 8 << k) for k in range(5)), *(("u", 8 << k) for k in range(4))]}
FLOATS = {"f16": (5, 10), "f32": (8, 23), "f64": (11, 52)}  # bits of the exponent and of the fraction
BASE = ["bool", "int", "real", "nat", "bf16", "c64", "c128", *WORDS, *FLOATS]
ARITY = {"fun": 2, "list": 1, "outcome": 1} | {f"array{n}": 1 for n in range(2, 65)} | dict.fromkeys(BASE, 0)
NAME, TYPE_VARIABLE, LABEL = (re.compile(p) for p in (r"[!-~]{1,4000}", r"'[!-&*-~]{1,200}", r"[A-Za-z0-9_.-]{1,40}"))
PLAIN = re.compile(r"(?!x[0-9])[A-Za-z_][A-Za-z0-9_]*")  # a name that reads like nothing else
EXTENSION = re.compile(r"ext:[A-Za-z0-9_.]{1,200}")  # a type without laws
OWNER = re.compile(r"(?!op$)[A-Za-z0-9][A-Za-z0-9_.-]{0,99}")  # a distribution; `op:` names are opaque constants
# Parts of an entry: i number, s text, y type, k term, t closed term, v variable, # earlier step; * one or more of k or
# of #; pairs: p of variable and term, q of type variable and type, h of terms.
TERMS = {"V": "sy", "B": "iy", "C": "sy", "K": "ys", "A": "kk", "L": "yk", "T": "*", "P": "ik"}
RULES = {
    "refl": "t", "sym": "#", "trans": "##", "app": "##", "abs": "v#", "beta": "t", "eta": "t", "tuple": "*",
    "proj": "i#", "projbeta": "t", "tupeta": "t", "inst": "p#", "insttype": "q#", "assume": "tt", "cut": "##",
    "boolcases": "t##", "listind": "vvtt##", "natind": "vtt##", "outcases": "tv###", "compute": "t", "define": "st",
    "axiom": "ss", "oracle": "shtt",
}  # fmt: skip
VERSION_1 = RULES | {"axiom": "s"}
KINDS = {"var": "type", "con": "type"} | dict.fromkeys(TERMS, "term") | dict.fromkeys(RULES, "step")
BASIS = ("axiom", "definition", "oracle")
PAIRS = {"p": "vt", "q": "sy", "h": "tt"}


class Refused(Exception):
    """The proof is not accepted; the message says why, `theory` the distribution whose axioms would be needed."""

    def __init__(self, message: str, theory: str = "") -> None:
        super().__init__(message)
        self.theory = theory


def demand(condition: object, message: str, theory: str = "") -> None:
    if not condition:
        raise Refused(message, theory)


def has(value: Json, type_: type) -> bool:
    return type(value) is type_


def join(a: frozenset[Any], b: frozenset[Any]) -> frozenset[Any]:
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
    the names of the type variables, `loose` the (index, type) of the bound variables that no L inside binds. Parts have
    smaller `serial` numbers than what they are part of.
    """

    __slots__ = ("data", "digest", "free", "kids", "loose", "serial", "tag", "type", "variables")
    free: frozenset[Term]
    loose: frozenset[tuple[int, Type]]
    data: Any  # text, a number, a type or nothing, by the tag

    def __init__(self, tag: str, data: object, type_: Type, kids: tuple[Term, ...], serial: int) -> None:
        self.tag, self.data, self.type, self.kids, self.serial, self.digest = tag, data, type_, kids, serial, ""
        self.free, self.variables = frozenset([self] if tag == "V" else []), type_.variables
        self.loose = frozenset([(self.data, type_)] if tag == "B" else [])
        for kid in kids:
            self.free, self.loose = join(self.free, kid.free), join(self.loose, kid.loose)
            self.variables = join(self.variables, kid.variables)
        if tag == "L" and self.loose:
            self.loose = frozenset((i - 1, t) for i, t in self.loose if i)


class Sequent(NamedTuple):
    """hypotheses |- left = right, and what that rests on: ("axiom", name), ("definition", name), ("oracle", label)."""

    hypotheses: frozenset[tuple[Term, Term]]
    left: Term
    right: Term
    basis: frozenset[tuple[str, str]] = frozenset()

    def without(self, left: Term, right: Term) -> Sequent:
        return self._replace(hypotheses=self.hypotheses - {(left, right)})

    def lacks(self, v: Term) -> None:
        found = any(v in left.free or v in right.free for left, right in self.hypotheses)
        demand(not found, f"{v.data} is free where it must not")

    def changed(self, change: Callable[[list[Term]], list[Term]]) -> Sequent:
        """With all sides changed."""
        sides = change([side for equation in (*self.hypotheses, (self.left, self.right)) for side in equation])
        *hypotheses, (left, right) = zip(sides[::2], sides[1::2], strict=True)
        return Sequent(frozenset(hypotheses), left, right, self.basis)


class Store:
    """The types and terms of one proof; every term is made, and so typed, by `make`."""

    def __init__(self, theory: Theory, limit: int, oracles: Iterable[str] = ()) -> None:
        self.theory, self.limit, self.oracles = theory, limit, frozenset(oracles)
        self.axioms: dict[str, tuple[Sequent, str]] = {}
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
        return reduce(lambda result, argument: self.type("fun", argument, result), reversed(types))

    def make(self, tag: str, kids: tuple[Term, ...] = (), data: Any = None, type_: Type | None = None) -> Term:
        """The one term of this shape; leaves come with their type, for all others it is inferred. `data` is of the type
        that the tag wants: equal data are one, so a truth value must not come here for a number."""
        key = (tag, data, type_, kids)
        found = self.terms.get(key)
        if found is None:
            demand(len(self.terms) < self.limit, f"more than {self.limit} terms")
            actual = self._check_leaf(tag, data, type_) if type_ else self._infer_type(tag, data, kids)
            found = self.terms[key] = Term(tag, data, actual, kids, len(self.terms))
        return found

    def _infer_type(self, tag: str, data: Any, kids: tuple[Term, ...]) -> Type:
        first = kids[0].type
        if tag == "A":
            demand(first.name == "fun", f"a term of type {first.text} is applied")
            demand(first.args[0] is kids[1].type, f"{first.args[0].text} expected, {kids[1].type.text} found")
            return first.args[1]
        if tag == "L":
            demand(all(t is data for i, t in kids[0].loose if i == 0), "a bound variable and its binder differ in type")
            return self.type("fun", data, first)
        if tag == "T":
            return self.type("prod", *(k.type for k in kids))
        demand(first.name == "prod" and 0 <= data < len(first.args), "no such component")
        return first.args[int(data)]

    def _check_leaf(self, tag: str, data: Any, type_: Type) -> Type:
        demand(0 <= data < 1 << 20 if tag == "B" else NAME.fullmatch(data), f"bad name, index or payload of {tag}")
        if tag == "K":
            check_literal(type_.text, data)
        elif tag == "C" and not (data.startswith("op:") or "@" in data):
            demand(data in self.theory.constants, f"unknown constant {data[:80]}", data.rpartition(":")[0])
            principal = self.theory.read_type(self, self.theory.constants[data])
            demand(match_type(principal, type_, {}), f"{data} has no instance of type {type_.text}")
        return type_

    def const(self, name: str, *types: Type) -> Term:
        return self.make("C", (), name, self.function(*types))

    def apply(self, function: Term, *arguments: Term) -> Term:
        return reduce(lambda f, x: self.make("A", (f, x)), arguments, function)

    def retype(self, type_: Type, table: dict[str, Type]) -> Type:
        if type_.variables.isdisjoint(table):
            return type_
        return self.type(type_.name, *(self.retype(a, table) for a in type_.args)) if type_.args else table[type_.name]

    def rebuild(
        self,
        roots: Iterable[Term],
        stays: Visit,
        leaf: Visit,
        count: int = 0,
        binder: Callable[[Type], Type] = lambda t: t,
    ) -> list[Term]:
        """The terms with `leaf(t, depth)` for those leaves that do not stay; depth grows by `count` at each binder."""
        roots = list(roots)
        todo, changing, done = [(t, 0) for t in roots], set[tuple[Term, int]](), dict[tuple[Term, int], Term]()
        while todo:
            key = term, depth = todo.pop()
            if key not in changing and not stays(term, depth):
                changing.add(key)
                below = depth + count if term.tag == "L" else depth
                todo += [(k, below) for k in term.kids]
        for key in sorted(changing, key=lambda key: key[0].serial):
            term, depth = key
            if term.kids:
                below = depth + count if term.tag == "L" else depth
                kids = tuple([done.get((k, below), k) for k in term.kids])
                done[key] = self.make(term.tag, kids, binder(term.data) if term.tag == "L" else term.data)
            else:
                done[key] = leaf(term, depth)
        return [done.get((t, 0), t) for t in roots]

    def abstract(self, v: Term, *bodies: Term) -> list[Term]:
        """L v. body, for each"""
        leaf: Visit = lambda _, depth: self.make("B", (), depth, v.type)  # noqa: E731
        inside = self.rebuild(bodies, lambda t, _: v not in t.free, leaf, count=1)
        return [self.make("L", (t,), v.type) for t in inside]

    def replace(self, terms: Iterable[Term], table: dict[Term, Term]) -> list[Term]:
        """Terms without loose bound variables for free variables, all at once."""
        return self.rebuild(terms, lambda t, _: t.free.isdisjoint(table), lambda t, _: table[t])


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


def digest_of(a: Sequent) -> str:
    """sha256 over the digests of all sides: hypotheses in order, then the conclusion."""
    pairs = [*sorted((digest(x), digest(y)) for x, y in a.hypotheses), (digest(a.left), digest(a.right))]
    return hashlib.sha256(" ".join(side for pair in pairs for side in pair).encode()).hexdigest()


def show(root: Term, budget: int, constants: dict[str, Any]) -> tuple[str, bool]:
    """Readable text, cut at about `budget` characters (written out, a shared term may be exponentially long); whether
    it says all: types are left out, so what is no constant of one type must be an int."""
    text, exact = "", True
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
            parts, exact = [f"(\\x{depth}. ", item.kids[0], ")"], exact and item.data.text == "int"
            depth += 1
        elif item.kids:
            parts = [part for k in item.kids for part in (", ", k)][1:]
            parts = ["(", *parts, ")"] if item.tag == "T" else [*parts, f".{item.data}"]
        elif item.tag == "B":
            text += f"x{depth - 1 - item.data}"
        else:
            text += re.sub("@[0-9a-f]{64}$", "", item.data)
            one = '"' not in str(constants.get(item.data, '"')) and ":" not in item.data  # type variables stand in "
            fine = item.tag == "K" or (PLAIN.fullmatch(item.data) and item.data not in constants)
            exact = exact and bool(one if item.tag == "C" else fine and item.type.text == "int")
        stack += [(part, depth) for part in reversed(parts)]
    return text + ("..." if stack else ""), exact and not stack


def statement(a: Sequent, constants: dict[str, Any]) -> str:
    """Readable text. Where it does not say all, it ends with the digests of both sides, and of the whole if there are
    hypotheses: no two statements read the same."""
    pairs = [*a.hypotheses, (a.left, a.right)]
    texts = [[show(side, 4000 if pair is pairs[-1] else 400, constants) for side in pair] for pair in pairs]
    *before, claim = (f"{left} = {right}" for (left, _), (right, _) in texts)
    before = sorted(before)[:20] + ([f"{len(before) - 20} more"] if len(before) > 20 else [])
    exact = len(before) <= 20 and all(exact for pair in texts for _, exact in pair)
    digests = [digest(a.left), digest(a.right), *([digest_of(a)] if before else [])]
    return f"{', '.join(before)} |- {claim}".strip() + ("" if exact else f" [{' '.join(digests)}]")


class Theory:
    """The axiom files, or those of `base` and what a distribution, the owner, adds: principal types of constants, and
    axioms, elaborated when a proof uses them. The names of what it adds begin with its own and a colon."""

    def __init__(self, text: str, base: Theory | None = None, owner: str = "") -> None:
        self.constants: dict[str, Any] = dict(base.constants) if base else {}  # S-expressions: text and lists
        self.axioms: dict[str, Any] = dict(base.axioms) if base else {}
        demand(base is None or OWNER.fullmatch(owner), f"{owner[:99]!r} is no name of a distribution")
        atoms = {"(": "[", ")": "],"}
        text = re.sub(r"[()]|[^\s()]+", lambda m: atoms.get(m[0], f"{m[0]!r},"), re.sub(";.*", "", text))
        forms = ast.literal_eval(f"[{text}]")
        while forms:
            kind, name, *rest = forms.pop()
            if kind == "for":  # (for W (i8 i16 ..) FORM ..): its forms with the text $W replaced in every atom
                forms += [put(form, f"${name}", value) for value in rest[0] for form in rest[1:]]
                continue
            table, value = {"const": (self.constants, rest[0]), "axiom": (self.axioms, rest)}[kind]
            demand(
                name.rpartition(":")[0] == owner and "@" not in name, f"{name!r} is no name of {owner or 'the core'}"
            )
            demand(table.setdefault(name, value) is value, f"{name} is there twice")

    def read_type(self, store: Store, form: Any) -> Type:
        if isinstance(form, str):
            return store.type(form)
        types = [self.read_type(store, f) for f in form[1:]]
        return store.function(*types) if form[0] == "fun" else store.type(form[0], *types)

    def axiom(self, store: Store, name: str) -> Sequent:
        demand(name in self.axioms, f"unknown axiom {name[:80]!r}", name.rpartition(":")[0])
        binders, hypotheses, conclusion = self.axioms[name]
        scope = {x: store.make("V", (), x, self.read_type(store, type_)) for x, type_ in binders}
        pairs = [(self.term(store, scope, e[1]), self.term(store, scope, e[2])) for e in [*hypotheses, conclusion]]
        demand(all(left.type is right.type for left, right in pairs), f"two types in the axiom {name}")
        return Sequent(frozenset(pairs[:-1]), *pairs[-1], frozenset([("axiom", name)]))

    def term(self, store: Store, scope: dict[str, Term], form: Any) -> Term:
        match form:
            case str() if form in scope:
                return scope[form]
            case str() if re.fullmatch("-?[0-9]+", form):
                return store.make("K", (), form, store.type("int"))
            case ["real", payload]:
                return store.make("K", (), payload, store.type("real"))
            case ["float", type_, number]:
                value = int(number.startswith("-")), Fraction(number.removeprefix("-"))
                return store.make("K", (), write_number(type_, value), store.type(type_))
            case ["the", name, type_]:
                return store.make("C", (), name, self.read_type(store, type_))
            case ["fn", [name, type_], body]:
                v = store.make("V", (), name, self.read_type(store, type_))
                return store.abstract(v, self.term(store, scope | {name: v}, body))[0]
            case ["tuple", *items]:
                return store.make("T", tuple(self.term(store, scope, i) for i in items))
            case ["proj", index, of]:
                return store.make("P", (self.term(store, scope, of),), int(index))
            case [head, *rest] if not isinstance(head, str) or head in scope:
                return store.apply(*(self.term(store, scope, f) for f in [head, *rest]))
            case _:
                name, *rest = [form] if isinstance(form, str) else form
                return self._instance(store, name, [self.term(store, scope, f) for f in rest])

    def _instance(self, store: Store, name: str, arguments: list[Term]) -> Term:
        """The constant at the type that its arguments determine, applied to them."""
        table: dict[str, Type] = {}
        rest = principal = self.read_type(store, self.constants[name])
        for argument in arguments:
            fits = rest.name == "fun" and match_type(rest.args[0], argument.type, table)
            demand(fits, f"axiom file: bad argument of {name}")
            rest = rest.args[1]
        demand(principal.variables <= table.keys(), f"axiom file: `the` is missing for {name}")
        return store.apply(store.const(name, store.retype(principal, table)), *arguments)


def put(form: Any, name: str, value: str) -> Any:
    return form.replace(name, value) if isinstance(form, str) else [put(f, name, value) for f in form]


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
    shape = {"int": "-?[0-9]+", "real": "-?[0-9]+/[1-9][0-9]*"}.get(type_, "[0-9a-f]+")
    demand(re.fullmatch(shape, payload), f"{payload[:40]} is no {type_} literal")
    value = read_number(type_, payload)
    demand(write_number(type_, value) == payload, f"{payload[:40]} is no canonical {type_} literal")
    small = type_ in FLOATS or max(value.numerator.bit_length(), value.denominator.bit_length()) <= 4096
    demand(small, "a number has more than 4096 bits")


def root(x: Number) -> Fraction:
    """The square root to 60 bits and more; the last bit keeps an inexact one off every tie."""
    square = (x.numerator * x.denominator) << 128
    near = math.isqrt(square)
    return Fraction(2 * near + (near * near != square), x.denominator << 65)


def ieee(name: str, a: Number, b: Number = (0, 0)) -> Number:
    """IEEE 754, exactly and before rounding; Python's own arithmetic only ever meets an infinity or a NaN."""
    (sign, x), (other, y) = a, b
    if name[1:] in COMPARE:
        return COMPARE[name[1:]](-x if sign else x, -y if other else y)
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


def in_range(word: str, value: int) -> bool:
    return wrap(word, value) == value


def floordiv(a: int, b: int) -> int:
    return a // b if b else 0


def mod(a: int, b: int) -> int:
    return a % b if b else a


Function: TypeAlias = Callable[..., Any]  # of literals' values
INTEGER: dict[str, Function] = {"add": operator.add, "sub": operator.sub, "mul": operator.mul, "neg": operator.neg}
MORE: dict[str, Function] = {"max": max, "min": min, "abs": abs, "floordiv": floordiv, "mod": mod}
COMPARE: dict[str, Function] = {"le": operator.le, "lt": operator.lt, "eq": operator.eq}


FLOAT = [*(f"f{name}" for name in COMPARE), "fadd", "fsub", "fmul", "fdiv", "fsqrt"]
# Of each constant that computes: the type and number of its literals, the type of the result, the function.
OPERATIONS: dict[str, tuple[str, int, str, Function]] = {
    **{name: ("int", 1 if name in ("neg", "abs") else 2, "int", f) for name, f in (INTEGER | MORE).items()},
    **{name: ("int", 2, "bool", function) for name, function in COMPARE.items()},
    **{f"r{name}": ("real", 1 if name == "neg" else 2, "real", function) for name, function in INTEGER.items()},
    **{f"toZ.{word}": ("int", 1, "int", partial(wrap, word)) for word in WORDS},
    **{f"inr.{word}": ("int", 1, "bool", partial(in_range, word)) for word in WORDS},
    **{
        f"{name}.{kind}": (kind, 2 - (name == "fsqrt"), "bool" if name[1:] in COMPARE else kind, partial(ieee, name))
        for name in FLOAT
        for kind in FLOATS
    },
}


def infer(left: Term, right: Term, *premises: Sequent) -> Sequent:
    """left = right, with all that the premises rest on."""
    hypotheses, _, _, basis = premises[0]
    for p in premises[1:]:
        hypotheses, basis = join(hypotheses, p.hypotheses), join(basis, p.basis)
    return Sequent(hypotheses, left, right, basis)


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
        return infer(self.make("A", (a.left, b.left)), self.make("A", (a.right, b.right)), a, b)

    # A |- l = r  ==>  A |- L v. l = L v. r            v not free in A
    def abs(self, v: Term, a: Sequent) -> Sequent:
        a.lacks(v)
        left, right = self.abstract(v, a.left, a.right)
        return infer(left, right, a)

    # |- (L v. b) x = b[x/v]
    def beta(self, t: Term) -> Sequent:
        demand(t.tag == "A" and t.kids[0].tag == "L", "not an applied abstraction")
        (body,), x = t.kids[0].kids, t.kids[1]
        stays: Visit = lambda s, depth: (depth, x.type) not in s.loose  # noqa: E731
        (result,) = self.rebuild([body], stays, lambda _, depth: x, count=1)
        return Sequent(frozenset(), t, result)

    # |- (L v. f v) = f            v not free in f
    def eta(self, t: Term) -> Sequent:
        demand(t.tag == "L" and t.kids[0].tag == "A", "not of the form L v. f v")
        f, x = t.kids[0].kids
        demand(x.tag == "B" and x.data == 0 and not f.loose, "not of the form L v. f v with f free of v")
        return Sequent(frozenset(), t, f)

    # A |- x = y,  B |- z = w, ..  ==>  A u B .. |- (x, z, ..) = (y, w, ..)
    def tuple(self, *parts: Sequent) -> Sequent:
        left, right = (self.make("T", side) for side in zip(*((p.left, p.right) for p in parts), strict=True))
        return infer(left, right, *parts)

    # A |- l = r  ==>  A |- l.i = r.i
    def proj(self, i: int, a: Sequent) -> Sequent:
        return infer(self.make("P", (a.left,), i), self.make("P", (a.right,), i), a)

    # |- (t0, t1, ..).i = ti
    def projbeta(self, t: Term) -> Sequent:
        demand(t.tag == "P" and t.kids[0].tag == "T", "not a component of a tuple")
        return Sequent(frozenset(), t, t.kids[0].kids[t.data])

    # |- (t.0, t.1, ..) = t
    def tupeta(self, t: Term) -> Sequent:
        demand(t.type.name == "prod", "not of a product type")
        items = [self.make("P", (t,), i) for i in range(len(t.type.args))]
        return Sequent(frozenset(), self.make("T", (*items,)), t)

    # A |- c  ==>  A[t/v, ..] |- c[t/v, ..]            all at once
    def inst(self, pairs: list[tuple[Term, Term]], a: Sequent) -> Sequent:
        demand(all(v.tag == "V" and v.type is t.type for v, t in pairs), "not a variable and a term of its type")
        demand(len(dict(pairs)) == len(pairs), "a variable twice")
        return a.changed(lambda sides: self.replace(sides, dict(pairs)))

    # A |- c  ==>  A[T/'a, ..] |- c[T/'a, ..]            type variables only, all at once, everywhere
    def insttype(self, pairs: list[tuple[str, Type]], a: Sequent) -> Sequent:
        table, distinct = dict(pairs), len(dict(pairs)) == len(pairs)
        demand(distinct and all(TYPE_VARIABLE.fullmatch(n) for n in table), "no distinct type variables")
        stays: Visit = lambda t, _: t.variables.isdisjoint(table)  # noqa: E731
        leaf: Visit = lambda t, _: self.make(t.tag, (), t.data, self.retype(t.type, table))  # noqa: E731
        return a.changed(lambda sides: self.rebuild(sides, stays, leaf, 0, lambda type_: self.retype(type_, table)))

    # l = r |- l = r
    def assume(self, left: Term, right: Term) -> Sequent:
        demand(left.type is right.type, "the sides differ in type")
        return Sequent(frozenset([(left, right)]), left, right)

    # A |- l = r,  B |- c  ==>  A u (B - {l = r}) |- c            l = r in B
    def cut(self, a: Sequent, b: Sequent) -> Sequent:
        demand((a.left, a.right) in b.hypotheses, "the first conclusion is no hypothesis of the second")
        return infer(b.left, b.right, a, b.without(a.left, a.right))

    # A |- c,  B |- c  ==>  (A - {t = true}) u (B - {t = false}) |- c
    def boolcases(self, t: Term, a: Sequent, b: Sequent) -> Sequent:
        demand(t.type is self.type("bool"), "not a bool")
        return self.cases(t, (a, self.const("true", t.type)), (b, self.const("false", t.type)))

    def cases(self, t: Term, *cases: tuple[Sequent, Term]) -> Sequent:
        left, right = cases[0][0].left, cases[0][0].right
        demand(all((a.left, a.right) == (left, right) for a, _ in cases), "the cases conclude differently")
        return infer(left, right, *(a.without(t, value) for a, value in cases))

    # A |- (l = r)[nil/xs],  B |- (l = r)[cons x xs/xs]  ==>  A u (B - {l = r}) |- l = r
    #                                            x, xs not free in A, B - {l = r}; x not free in l, r
    def listind(self, x: Term, xs: Term, left: Term, right: Term, base: Sequent, step: Sequent) -> Sequent:
        demand(xs.type is self.type("list", x.type), "the types do not fit")
        cons = self.apply(self.const("cons", x.type, xs.type, xs.type), x, xs)
        result = self.induction(xs, (left, right), (base, self.const("nil", xs.type)), (step, cons))
        result.lacks(x)
        demand(x not in left.free | right.free, f"{x.data} is free where it must not")
        return result

    # A |- (l = r)[zero/n],  B |- (l = r)[suc n/n]  ==>  A u (B - {l = r}) |- l = r            n not free in A, B - ..
    def natind(self, n: Term, left: Term, right: Term, base: Sequent, step: Sequent) -> Sequent:
        demand(n.type is self.type("nat"), "the types do not fit")
        suc = self.apply(self.const("suc", n.type, n.type), n)
        return self.induction(n, (left, right), (base, self.const("zero", n.type)), (step, suc))

    def induction(self, v: Term, claim: tuple[Term, Term], *cases: tuple[Sequent, Term]) -> Sequent:
        for case, value in cases:
            demand(self.replace(claim, {v: value}) == [case.left, case.right], "a case concludes otherwise")
        result = infer(*claim, cases[0][0], cases[1][0].without(*claim))
        result.lacks(v)
        return result

    # A |- c,  B |- c,  C |- c  ==>  (A - {o = ok v}) u (B - {o = trap}) u (C - {o = diverge}) |- c
    #                                            v not free in o, c and what remains of A, B, C
    def outcases(self, o: Term, v: Term, a: Sequent, b: Sequent, c: Sequent) -> Sequent:
        demand(o.type is self.type("outcome", v.type), "the types do not fit")
        ok = self.apply(self.const("ok", v.type, o.type), v)
        result = self.cases(o, (a, ok), (b, self.const("trap", o.type)), (c, self.const("diverge", o.type)))
        result.lacks(v)
        demand(v not in o.free | a.left.free | a.right.free, f"{v.data} is free where it must not")
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
        literal = all(k.tag == "K" and k.type.text == source for k in literals)
        demand(literal and len(literals) == count, "not on literals")
        value = operation(*(read_number(source, k.data) for k in literals))
        if target == "bool":
            result = self.const("true" if value else "false", self.type("bool"))
        else:
            result = self.make("K", (), write_number(target, value), self.type(target))
        expected = self.const(head.data, *(a.type for a in arguments), result.type)
        demand(head is expected, "the operation has another type")
        return Sequent(frozenset(), t, result)

    # |- label@digest(t) = t            t closed, with no type variable that its own type lacks
    def define(self, label: str, t: Term) -> Sequent:
        demand(LABEL.fullmatch(label), "bad label")
        demand(not t.free, "a definition has a free variable")
        demand(t.variables <= t.type.variables, "a definition has a type variable that its type lacks")
        name = f"{label}@{digest(t)}"
        return Sequent(frozenset(), self.const(name, t.type), t, frozenset([("definition", name)]))

    # A |- c            as the axiom file says, which must be what the proof means by that name
    def axiom(self, name: str, content: str | None = None) -> Sequent:
        if name not in self.axioms:
            said = self.theory.axiom(self, name)
            self.axioms[name] = said, digest_of(said)
        said, known = self.axioms[name]
        demand(content in (None, known), f"the proof means another axiom by the name {name[:80]}")
        return said

    # A |- l = r            on the word of an oracle that the request lets speak
    def oracle(self, label: str, hypotheses: list[tuple[Term, Term]], left: Term, right: Term) -> Sequent:
        demand(label in self.oracles, f"the oracle {label[:40]!r} is not believed")
        demand(all(a.type is b.type for a, b in [*hypotheses, (left, right)]), "the sides differ in type")
        return Sequent(frozenset(hypotheses), left, right, frozenset([("oracle", label)]))


class Replay:
    """One proof file: its types, terms and steps are read in the order of the file, each from earlier ones."""

    def __init__(self, theory: Theory, limits: dict[str, int], oracles: Iterable[str] = ()) -> None:
        self.rules, self.limits, self.signatures = Rules(theory, limits["terms"], oracles), limits, VERSION_1
        self.types, self.terms, self.steps = list[Type](), list[Term](), list[Sequent]()
        self.tables: dict[str, list[Any]] = {"type": self.types, "term": self.terms, "step": self.steps}
        self.named: dict[str, list[Any]] = {**dict.fromkeys("ktv", self.terms), "#": self.steps, "y": self.types}
        self.apply = {rule: getattr(self.rules, rule) for rule in RULES}

    def read_type(self, tag: Json, name: Json = None, *args: Json) -> None:
        demand(has(name, str) and tag == ("var" if name[:1] == "'" else "con"), "no such kind of type")
        self.types.append(self.rules.type(name, *(self.argument("y", a) for a in args)))

    def read_term(self, tag: Json, *args: Json) -> None:
        parts = self.arguments(TERMS, "k", tag, args)
        data = [p for p in parts if type(p) is not Term]
        self.terms.append(self.rules.make(tag, tuple(parts[len(data) :]), *(data[::-1] if tag == "K" else data)))

    def read_step(self, rule: Json, *args: Json) -> None:
        parts = self.arguments(self.signatures, "#", rule, args)
        self.steps.append(self.apply[rule](*parts))

    def arguments(self, signatures: dict[str, str], many: str, tag: Json, args: tuple[Json, ...]) -> list[Any]:
        kinds = signatures.get(tag, "")
        kinds = many * max(2, len(args)) if kinds == "*" else kinds
        if len(kinds) != len(args):
            raise Refused(f"{len(kinds)} arguments expected")
        return list(map(self.argument, kinds, args))

    def argument(self, kind: str, value: Json) -> Any:
        table = self.named.get(kind)
        if table is not None:
            if type(value) is not int or not 0 <= value < len(table):
                raise Refused(f"{str(value)[:20]} is no earlier entry")
            found = table[value]
            if kind in "tv":
                demand(not found.loose, "a bound variable is loose")
                demand(kind == "t" or found.tag == "V", "not a variable")
            return found
        if kind in "is":
            demand(type(value) is (int if kind == "i" else str), "bad name, index or payload: of the wrong kind")
            return value
        demand(has(value, list) and all(has(p, list) and len(p) == 2 for p in value), "no list of pairs")
        return [tuple(map(self.argument, PAIRS[kind], pair)) for pair in value]

    def run(self, text: Iterator[bytes]) -> dict[str, object]:
        first = next(text, b"")
        if first.lstrip()[:1] == b"{":
            proof: Json = json.loads(b"".join([first, *text]))
            known = (proof.get("format"), proof.get("version")) == ("hyperion-proof", 1)
            demand(known, "not a hyperion-proof of version 1")
            tables: list[Json] = [proof.get(kind) for kind in ("types", "terms", "steps")]
            demand(all(has(table, list) for table in tables), "no list of types, terms or steps")
            source = chain(*tables, [["end", *map(len, tables)]])
        else:
            self.signatures, source = RULES, rows(chain([first], text))
            demand(next(source, None) == ["hyperion-proof", 2], "not a hyperion-proof of version 1 or 2")
        readers = {
            tag: (k, self.tables[k], self.limits[f"{k}s"], getattr(self, f"read_{k}")) for tag, k in KINDS.items()
        }
        for entry in source:
            found = readers.get(entry[0]) if has(entry, list) and entry and has(entry[0], str) else None
            if found is None:
                last = entry == ["end", *map(len, self.tables.values())] and next(source, None) is None
                demand(last, f"{str(entry)[:40]} is neither an entry nor the end")
                return self.conclusion()
            kind, table, limit, read = found
            try:
                if len(table) >= limit:
                    raise Refused(f"no more than {limit} {kind}s are allowed")
                read(*entry)
            except Refused as error:
                raise Refused(f"{kind} {len(table)} ({entry[0]}): {error}", error.theory) from None
        raise Refused("the proof has no end")

    def conclusion(self) -> dict[str, object]:
        demand(self.steps, "a proof without steps")
        hypotheses, left, right, basis = self.steps[-1]
        end = left.type
        while end.name == "fun":
            end = end.args[1]
        axioms, definitions, oracles = (sorted(n for k, n in basis if k == kind) for kind in BASIS)
        return {
            "ok": True, "left": digest(left), "right": digest(right), "hypotheses": len(hypotheses),
            "functions": end.name == "outcome" and not left.free | right.free,
            "axioms": {name: self.rules.axioms[name][1] for name in axioms},
            "definitions": definitions, "oracles": oracles, "steps": len(self.steps),
            "statement": statement(self.steps[-1], self.rules.theory.constants),
        }  # fmt: skip


def rows(pieces: Iterable[bytes]) -> Iterator[Json]:
    """The JSON values of a text with one on every line."""
    rest = b""
    for piece in pieces:
        *lines, rest = (rest + piece).split(b"\n")
        demand(len(rest) <= LINE, "a line is too long")
        found: Json = json.loads(b"[" + b",".join(lines) + b"]")
        demand(len(found) == len(lines), "not one entry on each line")
        yield from found
    demand(not rest, "the last line has no end")


def unpacked(data: bytes, limit: int) -> Iterator[bytes]:
    """The text, piece by piece, of data that may be a zlib or gzip stream; no more than `limit` bytes of it."""
    decoder, total = zlib.decompressobj(zlib.MAX_WBITS | 32) if data[:1] in (b"\x78", b"\x1f") else None, 0
    for start in range(0, len(data), LINE):
        chunk = data[start : start + LINE]
        while chunk:
            try:
                piece, chunk = (decoder.decompress(chunk, LINE), decoder.unconsumed_tail) if decoder else (chunk, b"")
            except zlib.error as error:
                raise Refused(f"damaged: {error}") from None
            total += len(piece)
            demand(total <= limit, f"more than {limit} bytes")
            yield piece
    demand(not decoder or (decoder.eof and not decoder.unused_data), "the compressed text has no end, or more after it")


def late(*_: object) -> None:
    raise Refused("it takes more processor time than is allowed")


def answer(theory: Theory, proof: str | bytes, request: Json = None) -> dict[str, object]:
    """What the checker says to a proof, by what the request allows; never raises on what it is given."""
    try:
        limits, asked = dict(LIMITS), dict[str, Json](request or {})
        if asked.get("seconds") and hasattr(signal, "setitimer"):
            signal.signal(signal.SIGPROF, late)
            signal.setitimer(signal.ITIMER_PROF, asked["seconds"])
        for name, value in asked.get("limits", {}).items():
            demand(name in limits and has(value, int) and value > 0, "bad limits")
            limits[name] = min(limits[name], value)
        for owner, text in asked.get("theories", {}).items():
            theory = Theory(text, theory, owner)
        text = unpacked(proof if isinstance(proof, bytes) else proof.encode(), limits["bytes"])
        return Replay(theory, limits, asked.get("oracles", ())).run(text)
    except Refused as error:
        return {"ok": False, "error": str(error), **({"theory": error.theory} if error.theory else {})}
    except (MemoryError, RecursionError, LookupError, SyntaxError, ValueError, TypeError, AttributeError) as error:
        return {"ok": False, "error": f"malformed or too large: {type(error).__name__} {str(error)[:200]}"}
    finally:
        if hasattr(signal, "setitimer"):
            signal.setitimer(signal.ITIMER_PROF, 0)


def main(arguments: list[str]) -> int:
    if not arguments or {"-h", "--help"} & {*arguments}:
        sys.stdout.write(str(__doc__))
        return 0 if arguments else 2
    with suppress(ImportError, ValueError, OSError):  # Windows has no limits; a lower one is in force already.
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, resource.getrlimit(resource.RLIMIT_AS)[1]))
    files = sorted(Path(__file__).with_name("axioms").glob("*.txt"))
    theory = Theory("\n".join(f.read_text(encoding="utf-8") for f in files))
    gc.disable()  # A proof is all alive until its answer.
    gc.freeze()
    if arguments != ["--serve"]:
        try:
            options = {"--request": "{}", "--seconds": "0"} | dict(zip(arguments[1::2], arguments[2::2], strict=True))
            demand(len(options) == 2, "unknown options")
            request = json.loads(options["--request"]) | {"seconds": float(options["--seconds"])}
            result, status = answer(theory, Path(arguments[0]).read_bytes(), request), 1
        except (OSError, ValueError, TypeError, Refused) as error:
            result, status = {"ok": False, "error": f"nothing is checked: {error}"}, 2
        sys.stdout.write(json.dumps(result) + "\n")
        return 0 if result["ok"] else status
    while header := sys.stdin.buffer.readline():
        proof = sys.stdin.buffer.read((request := json.loads(header))["size"])
        result = answer(theory, proof, request) | {"proof": hashlib.sha256(proof).hexdigest()}
        sys.stdout.write(json.dumps(result) + "\n")
        sys.stdout.flush()
        gc.collect()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
