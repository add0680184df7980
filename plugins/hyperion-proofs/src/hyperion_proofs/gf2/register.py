"""Untrusted. Steps of shift registers: the state becomes A s ^ B x, where A repeats a shift S that moves one bit.

A cyclic checksum that takes a byte does `S` eight times; every other register does it once. The bits below the width w
are met one after the other from a single one on:  e, S e, S (S e), ..  are 2**order[0], 2**order[1], .. So the state is
a sum of these, and what k steps make of it is a sum of A**k e, S (A**k e), ..
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from hyperion.ir.types import IntType, scalar_types
from hyperion.logic import literals
from hyperion.logic import terms as t
from hyperion.logic.definitions import apply
from hyperion.logic.derived import arguments, head
from hyperion.logic.terms import Term
from hyperion_proofs.gf2.words import WIDTH, WORDS, both, literal, operation, xor
from hyperion_proofs.templates import NotLinear

_ALL = (1 << WIDTH) - 1


@dataclass(frozen=True)
class Register:
    """A step of a word `state` with `inputs`, variables for words that are made of the element: `whole` is the new
    state, which is `layer` done `count` times to `base`. Bits are met in this `order`, all those below the width."""

    state: Term
    inputs: Mapping[Term, Term]
    whole: Term
    layer: Term
    count: int
    base: Term
    order: tuple[int, ...]

    @property
    def word(self) -> str:
        return self.state.type.name

    @property
    def width(self) -> int:
        return len(self.order)

    @property
    def mask(self) -> int:
        return (1 << self.width) - 1

    def shifted(self, x: Term) -> Term:
        """The layer at a word."""
        return replaced(self.layer, {self.state: x})

    def advanced(self, x: Term) -> Term:
        """All layers at a word."""
        for _ in range(self.count):
            x = self.shifted(x)
        return x

    def stepped(self, state: Term, inputs: Mapping[Term, Term]) -> Term:
        """The new state."""
        return replaced(self.whole, {self.state: state} | dict(inputs))

    def combined(self, c: Term, s: Term) -> Term:
        """What as many steps make of s as made c of the first bit, without their inputs."""
        powers = [c]
        for _ in self.order[1:]:
            powers.append(self.shifted(powers[-1]))
        total: Term | None = None
        for n, power in sorted(zip(self.order, powers, strict=True), key=lambda pair: pair[0]):
            part = selected(s, n, power)
            total = part if total is None else xor(total, part)
        assert total is not None
        return total

    @property
    def first(self) -> Term:
        """The bit that is met first."""
        return literal(self.word, 1 << self.order[0])

    def inside(self, x: Term) -> Term:
        """The test that a word has no bit beyond the width."""
        name = f"toZ.{self.word}"
        return apply("eq", apply(name, both(x, literal(self.word, self.mask))), apply(name, x))


def selected(s: Term, n: int, word: Term) -> Term:
    """The word where bit n of s is set, else 0."""
    name = s.type.name
    test = apply("eq", apply(f"toZ.{name}", both(s, literal(name, 1 << n))), literals.int_lit(0))
    return apply(f"ofZ.{name}", apply("cond", test, literals.int_lit(0), apply(f"toZ.{name}", word)))


def replaced(x: Term, mapping: Mapping[Term, Term]) -> Term:
    return t.transform(x, lambda u, _: mapping.get(u), lambda u, _: u.kind == "K")


def registers(new: Term, state: Term, element: Term, least: int) -> Iterator[Register]:
    """What the step may be, of words that are at least this wide. Raises NotLinear where it is nothing of the kind."""
    if state.type.name not in WORDS:
        raise NotLinear(f"shifts of {state.type.name} have no laws")
    z = t.var("register", state.type)
    whole = _wrapped_choices(replaced(new, {state: z}))
    inputs = _inputs(whole, element)
    whole = replaced(whole, {original: y for y, original in inputs.items()})
    if whole.free - {z} - inputs.keys():
        raise NotLinear("bits of the state are combined with what is no word of the element, or comes from outside")
    for layers in _layers(whole, z):
        yield from _in_order(z, inputs, whole, layers, least)
    without = replaced(whole, {y: literal(z.type.name, 0) for y in inputs})
    yield from _in_order(z, inputs, whole, (without, 1, whole), least)


def _wrapped_choices(e: Term) -> Term:
    """With the integers that are shifted, where they are chosen or an element's, as integers of words."""
    word, known = e.type.name, dict[Term, Term]()

    def go(u: Term) -> Term:
        if u not in known:
            known[u] = again(u)
        return known[u]

    def again(u: Term) -> Term:
        if u.kind != "A":
            return u
        function, args = arguments(u)
        parts = [go(a) for a in args]
        narrow = operation(parts[0]) == "toZ" and parts[0].argument.type is not e.type
        if operation(u) in ("mul", "floordiv") and (narrow or operation(parts[0]) == "cond"):
            parts[0] = apply(f"toZ.{word}", apply(f"ofZ.{word}", parts[0]))
        return t.app(function, *parts)

    return go(e)


def _inputs(e: Term, element: Term) -> dict[Term, Term]:
    """Variables for the words in e that are an element's."""
    found: dict[Term, Term] = {}
    for u in t.subterms(e):
        if element not in u.free or u.type.name not in WORDS:
            continue
        is_word = u.kind in "VP" or (operation(u) == "ofZ" and operation(u.argument) == "toZ")
        if is_word and u not in found.values():
            found[t.var(f"input.{len(found)}", u.type)] = u
    return found


def _layers(whole: Term, z: Term) -> list[tuple[Term, int, Term]]:
    """What the whole is again and again from the outside, how often, and what is left: a layer may have several waists.
    First what covers most."""
    waists = [whole]
    while (inner := _waist(waists[-1], z)) is not None:
        waists.append(inner)
    found: list[tuple[Term, int, Term]] = []
    for period in range(1, min(4, len(waists) - 1) + 1):
        layers = [replaced(a, {b: z}) for a, b in zip(waists, waists[period:], strict=False)][::period]
        count = next((i for i, layer in enumerate(layers) if layer is not layers[0]), len(layers))
        found.append((layers[0], count, waists[count * period]))
    return sorted(found, key=lambda each: waists.index(each[2]), reverse=True)


def _waist(e: Term, z: Term) -> Term | None:
    """The largest word inside through which all that e says of its variables goes."""
    for u in reversed(list(t.subterms(e))):
        inside = u is not e and u is not z and u.type is z.type and z in u.free and u.free == e.free
        if inside and not replaced(e, {u: literal(z.type.name, 0)}).free:
            return u
    return None


def _in_order(
    z: Term, inputs: Mapping[Term, Term], whole: Term, layers: tuple[Term, int, Term], least: int
) -> Iterator[Register]:
    layer, count, base = layers
    images = [run(layer, {z: 1 << n}) for n in range(WIDTH)]
    nothing = dict.fromkeys((z, *inputs), 0)
    for y, original in inputs.items():
        bits = _width(original)
        least = max([least, *(run(whole, nothing | {y: 1 << n}).bit_length() for n in range(bits))])
    for width in range(max(least, 2), WIDTH):
        if all(image >> width == 0 for image in images[:width]):
            order = _path(images[:width])
            if order is not None:
                yield Register(z, inputs, whole, layer, count, base, order)
                return


def _width(original: Term) -> int:
    """How many bits an input can have."""
    if operation(original) == "ofZ":
        kind = scalar_types()[head(original.argument)[4:]]
        assert isinstance(kind, IntType)
        return kind.width
    return WIDTH


def _path(images: Sequence[int]) -> tuple[int, ...] | None:
    """All bits in the order in which one becomes the next."""
    next_ = {n: image.bit_length() - 1 for n, image in enumerate(images) if image.bit_count() == 1}
    starts = set(range(len(images))) - set(next_.values())
    path = [min(starts, default=0)]
    while path[-1] in next_ and next_[path[-1]] not in path:
        path.append(next_[path[-1]])
    return tuple(path) if len(path) == len(images) else None


def run(x: Term, values: Mapping[Term, int]) -> int:
    """What a word is where its variables have these values, without its sign. Raises NotLinear for other operations."""
    known: dict[Term, int] = {v: _wrapped(value, v) for v, value in values.items()}

    def go(u: Term) -> int:
        if u not in known:
            known[u] = _computed(u, go)
        return known[u]

    for u in t.subterms(x):
        if u.kind in "AK" and (u.type is t.INT or u.type is t.BOOL or u.type is x.type):
            go(u)
    return go(x) & _ALL


def _wrapped(value: int, x: Term) -> int:
    kind = scalar_types()[x.type.name]
    assert isinstance(kind, IntType)
    return kind.wrap(value)


def _computed(u: Term, go: Callable[[Term], int]) -> int:
    if u.kind == "K":
        return literals.int_value(u)
    name, args = operation(u), arguments(u)[1]
    if name == "cond":
        return go(args[1] if go(args[0]) else args[2])
    values = [go(a) for a in args]
    match name:
        case "toZ":
            return values[0]
        case "ofZ":
            return _wrapped(values[0], u)
        case "band":
            return values[0] & values[1]
        case "bor":
            return values[0] | values[1]
        case "bxor":
            return values[0] ^ values[1]
        case "floordiv" if values[1]:
            return values[0] // values[1]
        case "mul":
            return values[0] * values[1]
        case "add":
            return values[0] + values[1]
        case "sub":
            return values[0] - values[1]
        case "neg":
            return -values[0]
        case "eq" | "lt" | "le":
            return {"eq": values[0] == values[1], "lt": values[0] < values[1], "le": values[0] <= values[1]}[name]
        case _:
            raise NotLinear(f"the bits of the state go through `{name or 'a value'}`")
