"""Untrusted. Terms of the logic as SMT-LIB 2.6 text, first order.

A truth value is a Bool, an int an Int, a real a Real; a machine word is the Int that it stands for. `ofZ z` is
z - 2**w * q for a constant q of which its range is said: division with remainder, so that q exists and is unique (every
file that uses it has both as obligations). Lists, outcomes and tuples are datatypes, a type variable is a sort of which
nothing is known, a variable function a function of which nothing is known.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from hyperion.errors import ProofError
from hyperion.ir.types import IntType
from hyperion.logic import literals
from hyperion.logic import terms as t
from hyperion.logic.derived import arguments
from hyperion.logic.terms import Term, Ty

SIMPLE: Final[Mapping[str, str]] = {
    "true": "true", "false": "false", "and": "(and {} {})", "or": "(or {} {})", "xor": "(xor {} {})", "not": "(not {})",
    "cond": "(ite {} {} {})", "add": "(+ {} {})", "sub": "(- {} {})", "mul": "(* {} {})", "neg": "(- {})",
    "abs": "(abs {})", "max": "(ite (>= {0} {1}) {0} {1})", "min": "(ite (<= {0} {1}) {0} {1})", "le": "(<= {} {})",
    "lt": "(< {} {})", "eq": "(= {} {})", "within": "(<= (abs {1}) {0})", "radd": "(+ {} {})", "rsub": "(- {} {})",
    "toR": "(to_real {})",
    "rmul": "(* {} {})", "rneg": "(- {})", "rdiv": "(/ {} {})", "rmax": "(ite (>= {0} {1}) {0} {1})",
    "rmin": "(ite (<= {0} {1}) {0} {1})", "rle": "(<= {} {})", "rlt": "(< {} {})", "req": "(= {} {})",
    # SMT-LIB divides so that the remainder is not negative, which is the floor for a positive divisor.
    "floordiv": "(ite (= {1} 0) 0 (ite (> {1} 0) (div {0} {1}) (div (- {0}) (- {1}))))",
    "mod": "(ite (= {1} 0) {0} (ite (> {1} 0) (mod {0} {1}) (- (mod (- {0}) (- {1})))))",
    "ok": "(ok {})", "cons": "(cons {} {})", "zero": "zero", "suc": "(suc {})",
}  # fmt: skip
"""Constants that are written with their arguments in place."""

DATATYPES: Final[Mapping[str, str]] = {
    "list": "(declare-datatypes ((list 1)) ((par (A) ((nil) (cons (head A) (tail (list A)))))))",
    "nat": "(declare-datatypes ((nat 0)) (((zero) (suc (pred nat)))))",
    "outcome": "(declare-datatypes ((outcome 1)) ((par (A) ((ok (value A)) (trap) (diverge)))))",
}
FLOATS: Final[Mapping[str, str]] = {"f16": "5 11", "f32": "8 24", "f64": "11 53"}
FLOAT: Final[Mapping[str, str]] = {
    "fadd": "(fp.add RNE {} {})", "fsub": "(fp.sub RNE {} {})", "fmul": "(fp.mul RNE {} {})",
    "fdiv": "(fp.div RNE {} {})", "fsqrt": "(fp.sqrt RNE {})", "fneg": "(fp.neg {})", "flt": "(fp.lt {} {})",
    "fle": "(fp.leq {} {})", "feq": "(fp.eq {} {})",
    # Of two zeros the maximum is +0 and the minimum -0, which SMT-LIB leaves open for fp.max and fp.min.
    "fmaximum": "(ite (fp.isNaN {0}) {0} (ite (fp.isNaN {1}) {1} " + (most := "(ite (fp.lt {0} {1}) {1} "
        "(ite (fp.lt {1} {0}) {0} (ite (fp.isNegative {0}) {1} {0})))") + "))",
    "fminimum": "(ite (fp.isNaN {0}) {0} (ite (fp.isNaN {1}) {1} " + (least := "(ite (fp.lt {0} {1}) {0} "
        "(ite (fp.lt {1} {0}) {1} (ite (fp.isNegative {0}) {0} {1})))") + "))",
    "fmaxnum": "(ite (fp.isNaN {0}) {1} (ite (fp.isNaN {1}) {0} " + most + "))",
    "fminnum": "(ite (fp.isNaN {0}) {1} (ite (fp.isNaN {1}) {0} " + least + "))",
}  # fmt: skip
SORTS: Final[Mapping[str, str]] = {
    "nat": "nat",
    "bool": "Bool",
    "int": "Int",
    "real": "Real",
    "list": "list",
    "outcome": "outcome",
}
RESERVED: Final = frozenset(
    {"ok", "trap", "diverge", "nil", "cons", "head", "tail", "value", "true", "false", "zero", "suc", "pred"}
)


_INSIDE: Final = ("(head l)", "(tail l)", "(pred l)")  # of what a recursion goes over


class NotFirstOrder(ProofError):
    """The term has no first-order form; HY7082."""

    def __init__(self, what: str) -> None:
        super().__init__("HY7082", f"SMT-LIB cannot say {what}", hints=["the export for Coq has functions and loops"])


def word(name: str) -> IntType | None:
    """The machine word that a type of the logic is; None for other types."""
    sign, width = name[:1], name[1:]
    return IntType(int(width), sign == "i") if sign in ("i", "u") and width.isdigit() else None


def number(value: int) -> str:
    return str(value) if value >= 0 else f"(- {-value})"


class Script:
    """Declarations and assertions of one obligation, grown while terms are written.

    definitions: right sides of the constants that the proof defines, by name.
    """

    def __init__(self, definitions: Mapping[str, Term]) -> None:
        self.lines: list[str] = []
        self.datatypes: dict[str, str] = {}
        self.words: set[IntType] = set()
        self._definitions = definitions
        self._names: dict[object, str] = {}
        self._used: set[str] = set()
        self._text: dict[Term, str] = {}
        self._fresh: dict[Term, str] = {}

    def sort(self, ty: Ty) -> str:
        if ty.args is None:
            if ty not in self._names:
                self._names[ty] = self._new(ty.name)
                self.lines.append(f"(declare-sort {self._names[ty]} 0)")
            return self._names[ty]
        if word(ty.name):
            return "Int"
        if ty.name == "prod":
            name = f"tuple{len(ty.args)}"
            parameters = [f"T{i}" for i in range(len(ty.args))]
            fields = " ".join(f"(item{i}of{len(ty.args)} {p})" for i, p in enumerate(parameters))
            declared = f"((par ({' '.join(parameters)}) ((of{len(ty.args)} {fields}))))"
            self.datatypes[name] = f"(declare-datatypes (({name} {len(ty.args)})) {declared})"
        elif ty.name in FLOATS:
            name = f"(_ FloatingPoint {FLOATS[ty.name]})"
        elif ty.name in SORTS:
            name = SORTS[ty.name]
            if ty.name in DATATYPES:
                self.datatypes[name] = DATATYPES[ty.name]
        else:
            raise NotFirstOrder(f"a value of type {ty}")
        return f"({name} {' '.join(map(self.sort, ty.args))})" if ty.args else name

    def equation(self, left: Term, right: Term) -> str:
        return f"(= {self.term(left)} {self.term(right)})"

    def term(self, x: Term) -> str:
        """The text of a term without loose bound variables; a term that occurs twice is written once and named."""
        if x not in self._text:
            text = self._write(x)
            if len(text) > 60:
                name = self._new("t")
                self.lines.append(f"(define-fun {name} () {self.sort(x.type)} {text})")
                text = name
            self._text[x] = text
            self._in_range(x, text)
        return self._text[x]

    def _in_range(self, x: Term, text: str) -> None:
        """A word that is in something, or comes out of something, of which no range is said yet."""
        kind, (head, given) = word(x.type.name), arguments(x)
        if kind is None or any(part in text for part in _INSIDE):
            return
        if head.kind == "P" or head in self._fresh or (given and head.kind == "V"):
            self.lines.append(f"(assert (<= {number(kind.minimum)} {text} {number(kind.maximum)}))")

    def _new(self, name: str) -> str:
        clean = "".join(c if c.isalnum() or c in "_.'-@:" else f"${ord(c):x}" for c in name)
        number = 0
        while (full := f"|{clean}{f' {number}' if number else ''}|") in self._used or (
            clean in RESERVED and not number
        ):
            number += 1
        self._used.add(full)
        return full

    def _variable(self, x: Term) -> str:
        if x not in self._names:
            sources, result = list[Ty](), x.type
            while result.name == "fun":
                sources.append(t.domain(result))
                assert result.args is not None
                result = result.args[1]
            sorts, target = [self.sort(s) for s in sources], self.sort(result)
            self._names[x] = name = self._new(x.name)
            self.lines.append(f"(declare-fun {name} ({' '.join(sorts)}) {target})")
            if (kind := word(x.type.name)) is not None:
                self.lines.append(f"(assert (<= {number(kind.minimum)} {name} {number(kind.maximum)}))")
        return self._names[x]

    def _write(self, x: Term) -> str:
        head, given = arguments(x)
        if head.kind == "L" and given:
            return self.term(t.app(t.open_binder(head, given[0]), *given[1:]))
        if head.kind == "C" and head.name in self._definitions:
            return self.term(t.app(self._unfolded(head), *given))
        if x.type.name == "fun":
            raise NotFirstOrder(f"a function as a value, of type {x.type}")
        match head.kind:
            case "V" if head in self._fresh:
                return self._fresh[head]
            case "V":
                name, texts = self._variable(head), [self.term(a) for a in given]
                return f"({name} {' '.join(texts)})" if texts else name
            case "K":
                return self._literal(head)
            case "T":
                self.sort(head.type)
                return f"(of{len(head.items)} {' '.join(map(self.term, head.items))})"
            case "P" if head.body.kind == "T":
                return self.term(t.app(head.body.items[head.index], *given))
            case "P" if not given:
                inside = self.term(head.body)
                return f"(item{head.index}of{len(head.body.type.args or ())} {inside})"
            case "C":
                return self._constant(head, given)
            case _:
                raise NotFirstOrder(f"a term of kind {head.kind} here")

    def _unfolded(self, constant: Term) -> Term:
        body, types = self._definitions[constant.name], dict[str, Ty]()
        t.match_type(body.type, constant.type, types)
        return t.instantiate_types(body, types)

    def _literal(self, x: Term) -> str:
        if x.type is t.INT:
            return number(literals.int_value(x))
        if x.type is t.REAL:
            value = literals.real_value(x)
            text = f"(/ {abs(value.numerator)}.0 {value.denominator}.0)"
            return f"(- {text})" if value < 0 else text
        if x.type.name in FLOATS:
            return f"((_ to_fp {FLOATS[x.type.name]}) #x{x.name})"
        raise NotFirstOrder(f"a literal of type {x.type}")

    def _constant(self, head: Term, given: Sequence[Term]) -> str:
        base, _, suffix = head.name.partition(".")
        kind = word(suffix)
        if kind is not None and base in ("toZ", "ofZ", "inr"):
            return self._word(base, kind, self.term(given[0]))
        if head.name in ("trap", "diverge", "nil"):
            return f"(as {head.name} {self.sort(head.type)})"
        special: dict[str, Callable[[Sequence[Term]], str]] = {
            "outcase": self._outcase,
            "listrec": self._listrec,
            "natrec": self._natrec,
        }
        if head.name in special and len(given) == len(_sources(t.SIGNATURE[head.name])):
            return special[head.name](given)
        if suffix in FLOATS and base in FLOAT:
            return FLOAT[base].format(*map(self.term, given))
        if head.name not in SIMPLE:
            raise NotFirstOrder(f"what {head.name} means")
        if head.name in ("ok", "cons", "zero", "suc"):
            self.sort(t.app(head, *given).type)
        return SIMPLE[head.name].format(*map(self.term, given))

    def _word(self, base: str, kind: IntType, inside: str) -> str:
        if base == "toZ":
            return inside
        if base == "inr":
            return f"(<= {number(kind.minimum)} {inside} {number(kind.maximum)})"
        self.words.add(kind)
        quotient = self._new("q")
        wrapped = f"(- {inside} (* {2**kind.width} {quotient}))"
        self.lines.append(f"(declare-fun {quotient} () Int)")
        self.lines.append(f"(assert (<= {number(kind.minimum)} {wrapped} {number(kind.maximum)}))")
        return wrapped

    def _said(self, text: str, ty: Ty) -> Term:
        """A term that stands for a text."""
        v = t.var(f"said {len(self._fresh)}", ty)
        self._fresh[v] = text
        return v

    def _outcase(self, given: Sequence[Term]) -> str:
        o, f, u, v = given
        text = self.term(o)
        value = self.term(t.app(f, self._said(f"(value {text})", t.domain(f.type))))
        # Not `(_ is ok)`, which z3 finds ambiguous where there are outcomes of two types.
        trap, diverge = (f"(= {text} (as {name} {self.sort(o.type)}))" for name in ("trap", "diverge"))
        return f"(ite {trap} {self.term(u)} (ite {diverge} {self.term(v)} {value}))"

    def _listrec(self, given: Sequence[Term]) -> str:
        n, c, xs = given
        key = ("listrec", n, c)
        if key not in self._names:
            if any(v in self._fresh for v in n.free | c.free):
                raise NotFirstOrder("a recursion inside of another")
            lists, result = self.sort(xs.type), self.sort(n.type)
            self._names[key] = name = self._new("listrec")
            x, rest = self._said("(head l)", t.domain(c.type)), self._said("(tail l)", xs.type)
            step = self._recursion_step(t.app(c, x, rest, self._said(f"({name} (tail l))", n.type)))
            nil = self.term(n)
            self.lines.append(
                f"(define-fun-rec {name} ((l {lists})) {result} (ite (= l (as nil {lists})) {nil} {step}))"
            )
        return f"({self._names[key]} {self.term(xs)})"

    def _natrec(self, given: Sequence[Term]) -> str:
        z, s, n = given
        key = ("natrec", z, s)
        if key not in self._names:
            if any(v in self._fresh for v in z.free | s.free):
                raise NotFirstOrder("a recursion inside of another")
            naturals, result = self.sort(n.type), self.sort(z.type)
            self._names[key] = name = self._new("natrec")
            smaller = self._said("(pred l)", n.type)
            step = self._recursion_step(t.app(s, smaller, self._said(f"({name} (pred l))", z.type)))
            base = self.term(z)
            self.lines.append(f"(define-fun-rec {name} ((l {naturals})) {result} (ite (= l zero) {base} {step}))")
        return f"({self._names[key]} {self.term(n)})"

    def _recursion_step(self, x: Term) -> str:
        """A text with the list that is recursed over in it, so that no part of it may become a constant."""
        before = len(self.lines)
        text = self.term(x)
        if any(part in line for line in self.lines[before:] for part in _INSIDE):
            raise NotFirstOrder("a recursion whose step is that large")
        return text


def _sources(ty: Ty) -> list[Ty]:
    found: list[Ty] = []
    while ty.name == "fun":
        assert ty.args is not None
        found.append(ty.args[0])
        ty = ty.args[1]
    return found
