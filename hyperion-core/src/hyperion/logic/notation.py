"""Untrusted. Terms as people write them: infix arithmetic, names of constants, and short names for what is long or
occurs twice.

    int(x), i64(z), z in i64    the integer of a word, the word of an integer, whether there is one
    v <- o; rest                run rest on the value of the outcome o
    t1 = ..                     a name for a term; its line stands before the first line that speaks of it

Every line stays short, because what does not fit in one gets a name and lines of its own.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from typing import Final

from hyperion.logic import literals
from hyperion.logic.named_terms import Line, NamedTerms, Node, Rope
from hyperion.logic.terms import INT, REAL, Term

WIDTH: Final = 88
_SHARED: Final = 16  # a term of at most so many characters is repeated
_INLINE: Final = 44  # a longer function, or sequence, has lines of its own
_WORD: Final = 40  # of a longer name the rest is its hash
_DEEPEST: Final = 24  # blocks inside are indented no further

_LOOSE, _OR, _AND, _NOT, _COMPARE, _LIST, _BITS, _SUM, _PRODUCT, _UNARY, _ATOM = range(11)
_INFIX: Final[dict[str, tuple[str, int]]] = {
    "or": ("or", _OR), "xor": ("xor", _OR), "and": ("and", _AND),
    "le": ("<=", _COMPARE), "lt": ("<", _COMPARE), "eq": ("==", _COMPARE),
    "fle": ("<=", _COMPARE), "flt": ("<", _COMPARE), "feq": ("==", _COMPARE),
    "rle": ("<=", _COMPARE), "rlt": ("<", _COMPARE), "req": ("==", _COMPARE),
    "cons": ("::", _LIST),
    "add": ("+", _SUM), "sub": ("-", _SUM), "radd": ("+", _SUM), "rsub": ("-", _SUM),
    "fadd": ("+", _SUM), "fsub": ("-", _SUM),
    "mul": ("*", _PRODUCT), "rmul": ("*", _PRODUCT), "fmul": ("*", _PRODUCT), "fdiv": ("/", _PRODUCT),
    "rdiv": ("/", _PRODUCT),
    "floordiv": ("//", _PRODUCT), "mod": ("%", _PRODUCT),
}  # fmt: skip
_BITWISE: Final = {"band": "&", "bor": "|", "bxor": "^"}
_PREFIX: Final = {
    "neg": ("-", _UNARY, _ATOM),
    "rneg": ("-", _UNARY, _ATOM),
    "fneg": ("-", _UNARY, _ATOM),
    "not": ("not ", _NOT, _NOT),
}


class Notation:
    """Texts of terms. A name is given once and kept: a term that has one is called so from then on."""

    def __init__(self) -> None:
        self._graph = NamedTerms()
        self._written = 0
        self._names = 0
        self._blocks: dict[int, Rope] = {}
        self._outside: Rope = []
        self._words: dict[str, str] = {}
        self._owners: dict[str, str] = {}
        self._needed: set[int] = set()

    @property
    def constants(self) -> list[str]:
        """The constants met so far, by full name, in order."""
        return list(self._words)

    def texts(self, *terms: Term) -> list[str]:
        """The terms, together about a line; `names` says what the names mean that are in them."""
        roots = [self._node(x) for x in terms]
        for node in roots:
            if not node.text:
                self._name(node)
        self._fit(roots, 0)
        return [node.text for node in roots]

    def define(self, label: str, x: Term) -> list[str]:
        """The lines that say that `label` is `x`."""
        lines: Rope = []
        self._define(label, self._node(x), lines)
        return [*self.names(), *flat(lines)]

    def names(self) -> Iterator[str]:
        """The lines of the names that were given since the last call."""
        rope, self._outside = self._outside, []
        return flat(rope)

    def _node(self, x: Term) -> Node:
        root = self._graph.node(x)
        root.uses += 1
        for node in self._graph.nodes[self._written :]:
            self._write(node)
        self._written = len(self._graph.nodes)
        return root

    # ---- one node, after its children

    def _write(self, node: Node) -> None:
        match node.form:
            case "function":
                self._function(node)
            case "call" if _is_sequence(node):
                self._sequence(node)
            case "call" | "apply" | "tuple" | "item":
                for child in node.children:
                    if not child.text:
                        self._name(child)
                self._fit(node.children, 12)
                node.text, node.strength = self._composed(node)
            case _:
                node.text, node.strength = self._leaf(node), _ATOM
        if node.uses > 1 and not 0 < len(node.text) <= _SHARED:
            self._name(node)

    def _fit(self, nodes: Sequence[Node], room: int) -> None:
        """Gives names to the longest until all fit in a line."""
        total = room + sum(len(n.text) + 2 for n in nodes)
        for node in sorted(nodes, key=lambda n: len(n.text), reverse=True):
            if total <= WIDTH or len(node.text) <= _SHARED:
                return
            total -= len(node.text)
            self._name(node)
            total += len(node.text)

    def _name(self, node: Node) -> None:
        """Gives the node a name, which is defined where the innermost binder is that it needs."""
        self._names += 1
        name = f"t{self._names}"
        inside = self._blocks.setdefault(node.needs.bit_length() - 1, []) if node.needs else self._outside
        self._define(name, node, inside)
        node.text, node.strength, node.lines = name, _ATOM, None

    def _define(self, name: str, node: Node, into: Rope) -> None:
        if node.lines is None:
            into.append(f"{name} = {node.text}")
            return
        if node.form == "function":
            name = f"{name}({', '.join(map(self._parameter, node.parameters))})"
        if len(node.lines) == 1 and isinstance(node.lines[0], str) and len(name) + len(node.lines[0]) < WIDTH:
            into.append(f"{name} = {node.lines[0]}")
        else:
            into += [f"{name} =", (2, node.lines)]

    def _parameter(self, binder: int) -> str:
        return f"{self._bound(binder)}: {_cut(self._graph.binders[binder][1].text)}"

    def _bound(self, binder: int) -> str:
        return self._graph.binders[binder][0] if binder in self._needed else "_"

    def _function(self, node: Node) -> None:
        """`lines` of a function are its body; `text`, where it is short enough to be an argument, is all of it."""
        (body,), (binder,) = node.children, node.parameters
        inner: Rope | None = body.lines
        if body.form == "function" and inner is not None and body.uses == 1:
            node.parameters = body.parameters
            node.parameters.appendleft(binder)
        elif body.form == "function" or inner is None:
            inner = list[Line]([body.text])
        names = self._blocks.pop(binder, None)
        if names is not None:
            names.append((0, inner))
        lines = names or inner
        node.lines, last = lines, _only(lines)
        if last is not None:
            parameters = " ".join(map(self._bound, node.parameters))
            node.text, node.strength = f"\\{parameters}. {last}", _LOOSE

    def _sequence(self, node: Node) -> None:
        outcome, rest = node.children
        if not outcome.text:
            self._name(outcome)
        assert rest.lines is not None
        first = f"{self._bound(rest.parameters[0])} <- {outcome.text}"
        last = _only(rest.lines)
        if last is not None and len(first) + len(last) <= _INLINE:
            node.text, node.strength = f"{first}; {last}", _LOOSE
        node.lines = [first, (0, rest.lines)]

    # ---- texts

    def _leaf(self, node: Node) -> str:
        match node.form:
            case "bound":
                self._needed.add(int(node.label))
                return self._bound(int(node.label))
            case "literal":
                return _literal(node)
            case "constant":
                return "[]" if node.label == "nil" else self.word(node.label)
            case _:
                return f"{node.label}'" if _NAME.match(node.label) else node.label

    def _composed(self, node: Node) -> tuple[str, int]:
        if node.form == "tuple":
            return f"({_listed(node.children)})", _ATOM
        if node.form == "item":
            return f"{_at(node.children[0], _ATOM)}.{node.label}", _ATOM
        if node.form == "apply":
            return f"{_at(node.children[0], _ATOM)}({_listed(node.children[1:])})", _ATOM
        plain = "@" not in node.label and not node.label.startswith("op:")
        operation, _, word = node.label.partition(".") if plain else ("", "", "")
        match operation, node.children:
            case "cons", (a, b) if b.text.startswith("[") and b.strength == _ATOM:
                return f"[{a.text}{', ' if b.text != '[]' else ''}{b.text[1:]}", _ATOM
            case _, (a, b) if operation in _INFIX:
                sign, strength = _INFIX[operation]
                right = strength if operation == "cons" else strength + 1
                left = strength + 1 if operation in ("cons", "le", "lt", "eq", "fle", "flt", "feq") else strength
                return f"{_at(a, left)} {sign}{word and '.'}{word} {_at(b, right)}", strength
            case _, (a,) if operation in _PREFIX:
                sign, strength, least = _PREFIX[operation]
                return f"{sign}{_at(a, least)}", strength
            case _, (a, b) if operation in _BITWISE:
                return f"{_at(a, _SUM)} {_BITWISE[operation]} {_at(b, _SUM)}", _BITS
            case "pow2", (a,):
                return f"2**{_at(a, _ATOM)}", _UNARY
            case "abs", (a,):
                return f"|{a.text}|", _ATOM
            case "toZ", (a,):
                return f"int({a.text})", _ATOM
            case "ofZ", (a,):
                return f"{word}({a.text})", _ATOM
            case "inr", (a,):
                return f"{_at(a, _LIST)} in {word}", _COMPARE
            case "cond", (c, a, b):
                return f"{_at(a, _OR)} if {_at(c, _OR)} else {_at(b, _LOOSE)}", _LOOSE
            case _:
                return f"{self.word(node.label)}({_listed(node.children)})", _ATOM

    def word(self, name: str) -> str:
        """A constant as it is shown: two constants never look alike."""
        if name not in self._words:
            word = _cut(name.removeprefix("op:").partition("@")[0] if "@" in name else name.removeprefix("op:"))
            while self._owners.setdefault(word, name) != name:
                word += "'"
            self._words[name] = word
        return self._words[name]


_NAME: Final = re.compile(r"t\d+'*\Z")


def flat(rope: Rope) -> Iterator[str]:
    """The lines of a rope."""
    stack: list[tuple[int, Iterator[Line]]] = [(0, iter(rope))]
    while stack:
        indent, items = stack[-1]
        for item in items:
            if isinstance(item, str):
                yield " " * indent + item
            else:
                stack.append((min(indent + item[0], _DEEPEST), iter(item[1])))
                break
        else:
            stack.pop()


def _is_sequence(node: Node) -> bool:
    if not node.label.startswith("bind@") or len(node.children) != 2:
        return False
    rest = node.children[1]
    return rest.form == "function" and rest.lines is not None


def _only(lines: Rope) -> str | None:
    """The line that is alone and short."""
    return lines[0] if len(lines) == 1 and isinstance(lines[0], str) and len(lines[0]) <= _INLINE else None


def _at(node: Node, least: int) -> str:
    """The text of an operand, in brackets where it binds less than `least`."""
    return node.text if node.strength >= least else f"({node.text})"


def _listed(nodes: Sequence[Node]) -> str:
    return ", ".join(node.text for node in nodes)


def _literal(node: Node) -> str:
    if node.type is INT or node.type is REAL:
        text = _cut(node.label.removesuffix("/1"))
        return f"({text})" if text.startswith("-") or "/" in text else text
    return repr(literals.float_value(literals.literal(node.type, node.label)))


def _cut(text: str) -> str:
    """Long words end with a hash, so that different ones stay different."""
    return text if len(text) <= _WORD else f"{text[:_WORD]}..{hashlib.sha256(text.encode()).hexdigest()[:8]}"
