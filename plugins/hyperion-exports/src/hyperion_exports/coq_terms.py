"""Untrusted. Types and terms of the logic as text of Coq: simply typed terms go to terms of the same shape.

A type variable `'a` is a set `T_a` with a value `d_a`, because types of the logic are never empty; so every type has a
default, which stands for a variable that a step of a proof makes vanish.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from hyperion.errors import ProofError
from hyperion.logic import literals
from hyperion.logic import terms as t
from hyperion.logic.derived import arguments
from hyperion.logic.terms import Term, Ty

WORD: Final = re.compile(r"([iu])(8|16|32|64|128)\Z")
SIMPLE: Final[Mapping[str, str]] = {
    "true": "true", "false": "false", "and": "andb", "or": "orb", "xor": "xorb", "not": "negb", "add": "Z.add",
    "sub": "Z.sub", "mul": "Z.mul", "neg": "Z.opp", "abs": "Z.abs", "max": "Z.max", "min": "Z.min", "le": "Z.leb",
    "lt": "Z.ltb", "eq": "Z.eqb", "floordiv": "Z.div", "mod": "Z.modulo", "within": "within", "cond": "@cond",
    "ok": "@ok", "trap": "@trap", "diverge": "@diverge", "outcase": "@outcase", "nil": "@nil", "cons": "@cons",
    "listrec": "@listrec", "zero": "O", "suc": "S", "natrec": "@natrec", "pow2": "(Z.pow 2)", "radd": "Rplus",
    "rmul": "Rmult", "rsub": "Rminus", "rneg": "Ropp", "rdiv": "Rdiv", "rmax": "Rmax", "rmin": "Rmin", "rle": "rle",
    "rlt": "rlt", "toR": "IZR", "rexp": "Rtrigo_def.exp", "rlog": "Rpower.ln", "req": "req", "count": "count",
}  # fmt: skip
"""Constants by their name in Coq; those with @ take the instances of their type variables, in the order of names."""


WORDS: Final[Mapping[str, str]] = {"toZ": "toZ", "ofZ": "ofZ", "inr": "inr", "bit": "bit", "band": "band", "bor": "bor",
                                   "bxor": "bxor"}  # fmt: skip
"""Operations of words; their names in Coq are followed by whether the word is signed, and its width."""


@dataclass
class Globals:
    """What a file must declare before its first lemma: names of tuples, opaque types, operations, definitions."""

    tuples: set[int] = field(default_factory=set[int])
    types: dict[str, str] = field(default_factory=dict[str, str])
    parameters: dict[str, str] = field(default_factory=dict[str, str])
    definitions: dict[str, Term] = field(default_factory=dict[str, Term])
    reals: bool = False

    def opaque_type(self, name: str, arity: int) -> str:
        clean = f"type_{identifier(name)}"
        if arity:
            self.types[clean] = f"Parameter {clean} : Set -> Set.\nParameter {clean}_some : forall A : Set, {clean} A."
        else:
            self.types[clean] = f"Parameter {clean} : Set.\nParameter {clean}_some : {clean}."
        return clean


def identifier(name: str) -> str:
    """The letters of a name; other signs by their number."""
    return "".join(c if c.isascii() and (c.isalnum() or c == "_") else f"_{ord(c):x}_" for c in name)


@dataclass(frozen=True)
class Scope:
    """What the free variables and type variables of a term are called, where it is written.

    A variable that is not there is written as the default of its type, an unknown type variable as Z.
    """

    globals: Globals
    variables: Mapping[Term, str]
    types: Mapping[str, tuple[str, str]]

    def type(self, ty: Ty) -> str:
        args = ty.args
        if args is None:
            return self.types.get(ty.name, ("Z", "0"))[0]
        word = WORD.match(ty.name)
        match ty.name:
            case "bool":
                return "bool"
            case "int":
                return "Z"
            case "nat":
                return "nat"
            case "real":
                self.globals.reals = True
                return "R"
            case "fun":
                return f"({self.type(args[0])} -> {self.type(args[1])})"
            case "list" | "outcome":
                return f"({ty.name} {self.type(args[0])})"
            case "prod":
                self.globals.tuples.add(len(args))
                return f"(tuple{len(args)} {' '.join(map(self.type, args))})"
            case _ if word:
                return f"(word {'true' if word[1] == 'i' else 'false'} {word[2]})"
            case _:
                clean = self.globals.opaque_type(ty.name, len(args))
                return f"({clean} {self.type(args[0])})" if args else clean

    def default(self, ty: Ty) -> str:
        """A value of the type. The default of an instance is the instance of the default."""
        args = ty.args
        if args is None:
            return self.types.get(ty.name, ("Z", "0"))[1]
        word = WORD.match(ty.name)
        match ty.name:
            case "bool":
                return "false"
            case "int":
                return "0"
            case "nat":
                return "O"
            case "real":
                return "R0"
            case "fun":
                return f"(fun _ : {self.type(args[0])} => {self.default(args[1])})"
            case "list":
                return f"(@nil {self.type(args[0])})"
            case "outcome":
                return f"(@trap {self.type(args[0])})"
            case "prod":
                types, values = map(self.type, args), map(self.default, args)
                return f"(@Tuple{len(args)} {' '.join(types)} {' '.join(values)})"
            case _ if word:
                return f"(ofZ {'true' if word[1] == 'i' else 'false'} {word[2]} 0)"
            case _:
                clean = self.globals.opaque_type(ty.name, len(args))
                return f"({clean}_some {self.type(args[0])})" if args else f"{clean}_some"

    def term(self, x: Term, depth: int = 0) -> str:
        head, given = arguments(x)
        text = self._head(head, depth)
        return f"({text} {' '.join(self.term(a, depth) for a in given)})" if given else text

    def _head(self, x: Term, depth: int) -> str:
        match x.kind:
            case "V":
                return self.variables.get(x) or self.default(x.type)
            case "B":
                return f"b{depth - 1 - x.index}"
            case "K":
                return self._literal(x)
            case "L":
                return f"(fun b{depth} : {self.type(x.bound_type)} => {self.term(x.body, depth + 1)})"
            case "T":
                types, items = self._components(x.type), " ".join(self.term(i, depth) for i in x.items)
                return f"(@Tuple{len(x.items)} {types} {items})"
            case "P":
                count = len(x.body.type.args or ())
                types = self._components(x.body.type)
                return f"(@item{x.index}of{count} {types} {self.term(x.body, depth)})"
            case _:
                return self._constant(x)

    def _components(self, ty: Ty) -> str:
        self.globals.tuples.add(len(ty.args or ()))
        return " ".join(map(self.type, ty.args or ()))

    def _literal(self, x: Term) -> str:
        if x.type is t.INT:
            return f"({x.name})"
        if x.type is t.REAL:
            self.globals.reals = True
            value = literals.real_value(x)
            return f"(IZR ({value.numerator}) / IZR {value.denominator})%R"
        clean = self.type(x.type)
        self.globals.parameters[f"{clean}_bits"] = f"Parameter {clean}_bits : Z -> {clean}."
        return f"({clean}_bits {int(x.name, 16)})"

    def _constant(self, x: Term) -> str:
        self.globals.reals |= any(ty is t.REAL for ty in x.type.args or ())
        base, _, suffix = x.name.partition(".")
        word = WORD.match(suffix)
        if word and base in WORDS:
            return f"({WORDS[base]} {'true' if word[1] == 'i' else 'false'} {word[2]})"
        if x.name in SIMPLE:
            name = SIMPLE[x.name]
            if not name.startswith("@"):
                return name
            return f"({name} {' '.join(self.type(ty) for ty in self._instances(t.SIGNATURE[x.name], x.type))})"
        if x.name in self.globals.definitions:
            principal = self.globals.definitions[x.name].type
            types = [f" {self.type(ty)} {self.default(ty)}" for ty in self._instances(principal, x.type)]
            return f"({definition_name(x.name)}{''.join(types)})" if types else definition_name(x.name)
        # Any function of its type will do, so that nothing is assumed of it: not even that it has a value at each type.
        clean = f"op_{identifier(x.name)}"
        self.globals.parameters[clean] = f"Parameter {clean} : forall A : Set, A -> A."
        return f"({clean} {self.type(x.type)} {self.default(x.type)})"

    def _instances(self, principal: Ty, ty: Ty) -> list[Ty]:
        found: dict[str, Ty] = {}
        if not t.match_type(principal, ty, found):
            raise ProofError("HY7082", f"a constant of type {principal} is used at {ty}")
        return [found[name] for name in sorted(found)]


def definition_name(name: str) -> str:
    label, _, digest = name.partition("@")
    return f"{identifier(label)}_{digest[:12]}"


def type_names(names: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Of each type variable, the set and its value."""
    return {name: (f"T_{identifier(name[1:])}", f"d_{identifier(name[1:])}") for name in sorted(names)}


def type_binders(types: Mapping[str, tuple[str, str]]) -> str:
    return "".join(f" ({a} : Set) ({value} : {a})" for a, value in types.values())


def tuples(counts: Iterable[int]) -> Iterator[str]:
    """Tuples of each size: records whose components and pairing are inverse by computation."""
    for n in sorted(counts):
        names = [f"A{i}" for i in range(n)]
        fields = "; ".join(f"item{i}of{n} : {a}" for i, a in enumerate(names))
        yield f"Record tuple{n} ({' '.join(names)} : Set) : Set := Tuple{n} {{ {fields} }}."
        pairs = " ".join(f"(x{i} y{i} : {a}) (e{i} : x{i} = y{i})" for i, a in enumerate(names))
        left, right = (" ".join(f"{side}{i}" for i in range(n)) for side in "xy")
        of = f"@Tuple{n} {' '.join(names)}"
        matched, refl = ", ".join(f"e{i}" for i in range(n)), ", ".join(["eq_refl"] * n)
        yield (
            f"Definition same_tuple{n} ({' '.join(names)} : Set) {pairs} : {of} {left} = {of} {right} :=\n"
            f"  match {matched} with {refl} => eq_refl end."
        )
        implicit = " ".join(f"{{x{i} y{i}}} e{i}" for i in range(n))
        yield f"Arguments same_tuple{n} {{{' '.join(names)}}} {implicit}."
