"""TRUSTED. The meaning of a function of the IR as a closed term of the logic.

A function denotes `\\p1. \\p2. .. outcome`. Total equations are substituted, so shared values stay shared terms; an
equation that may trap becomes a `bind` at its place, so order and strictness are kept. The op table says by the words
of `OpDef.denotation` what an operation denotes.

With fp="reassoc" a function denotes over the reals: f16, bf16, f32 and f64 all become `real`, every float + - * and
negation must carry the attribute, and no IEEE law is available or needed.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from hyperion._forking import survives_forks
from hyperion.errors import PluginError, ProofError, TypeCheckError
from hyperion.ir.expansion import expand
from hyperion.ir.function import Equation, Function, Program, Region, Value, values_of, walk
from hyperion.ir.op_table import OpDef
from hyperion.ir.ops import traps_of
from hyperion.ir.registry import CORE
from hyperion.ir.types import I64, ArrayType, Type
from hyperion.logic import terms as t
from hyperion.logic.arrays import ARRAYS, made_sizes, product
from hyperion.logic.definitions import apply
from hyperion.logic.denoted import NO_FUNCTIONS, Denoted
from hyperion.logic.literals import int_lit
from hyperion.logic.loops import columns, halves, range_of, returning, scanned, together, zipped
from hyperion.logic.meaning import (
    Effect,
    Pure,
    argument_type,
    attempted,
    denote_type,
    formats,
    keyed,
    opaque,
    outcome,
    rank,
    tuple_of,
    tuple_type,
    untuple,
)
from hyperion.logic.scalar import SCALAR, Operation, to_integer
from hyperion.logic.sequences import functions, sequence
from hyperion.logic.terms import Term, TermError, Ty

_MOST_CALLS = 64
DEEPEST = 1 << 64
"""How many calls of a recursion may be open: one for each value of a word that gets smaller."""
_SELF = "%self"  # of the innermost recursion; no value has this name
_WORDS = {**SCALAR, **ARRAYS}
_CUTS = ("arrays", "lanes", "piece")
_CONTRACTED = ("left", "right", "batch_left", "batch_right")
_CONTROL_READS = {
    "fold": ("arrays",),
    "map": ("arrays",),
    "scan": ("arrays",),
    "call": ("callee",),
    "par.reduce": (*_CUTS, "growing"),
    "par.scan": _CUTS,
    "par.windows": ("arrays",),
}  # the attributes that a meaning by definition reads


@dataclass(frozen=True, slots=True)
class _Meaning:
    """A callee, denoted."""

    term: Term
    real: bool
    formats: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Calls:
    """Callees denoted so far, how deep calls nest, and the parts counted, which all of them share."""

    known: dict[str, _Meaning]
    depth: int
    parts: Iterator[int] = field(default_factory=lambda: itertools.count(1))


_lately = Denoted()
survives_forks(_lately.lock)


def denote(function: Function, program: Program | None = None) -> Term:
    """The closed term that `function` denotes, where plugins' ops that have an expansion are what it says.

    Raises ProofError (HY7010) where the IR has no denotation.
    """
    if program is not None:
        known = {**program.functions, function.name: function}
        program = expanded(replace(program, functions=known, entry=function.name))
        function = program.main
    registry, others = (program.registry, program.functions) if program is not None else (CORE, NO_FUNCTIONS)
    term = _lately.get(function, registry, others)
    if term is None:
        calls = _Calls({}, 0)
        try:
            term = Denotation(function, program, calls).function()
        except TermError as error:
            raise ProofError("HY7010", f"{function.name} has no denotation: {error}", function.span) from error
        _lately.put(function, registry, others, calls.known, term)
    return term


def expanded(program: Program) -> Program:
    """The program with the expansions of plugins' ops in their place. Raises ProofError (HY7010) where that fails."""
    try:
        return expand(program)
    except (PluginError, TypeCheckError) as error:
        raise ProofError("HY7010", f"{program.entry} has no denotation: {error.message}", error.span) from error


class Denotation:
    """Denotes the blocks of one function; strategies use it on the regions of a loop."""

    def __init__(self, function: Function, program: Program | None = None, calls: _Calls | None = None) -> None:
        self._function = function
        self._program = program
        self._registry = program.registry if program is not None else CORE
        self._calls = calls or _Calls({}, 0)
        self._fresh = itertools.count()
        self.real = any(e.attribute("fp") == "reassoc" for e in walk(function.equations))
        self.formats = float_formats(function)
        if self.real and len(self.formats) > 1:  # one real number would stand for values of two formats
            raise ProofError("HY7012", f"over the reals {function.name} mixes {' and '.join(sorted(self.formats))}")

    def function(self) -> Term:
        parameters = tuple(self.fresh(self.type(p.type)) for p in self._function.parameters)
        env = dict(zip((p.name for p in self._function.parameters), parameters, strict=True))
        effects, rest = self._sequence(self._function.equations, self._function.results, env)
        return sequence(parameters, effects, outcome(rest), self._calls.parts)

    def fresh(self, ty: Ty) -> Term:
        return t.var(f"%{next(self._fresh)}", ty)

    def type(self, ty: Type) -> Ty:
        return denote_type(ty, self.real)

    def block(self, equations: Sequence[Equation], results: Sequence[Value], env: dict[str, Term]) -> Pure | Effect:
        """Denotes equations in order; `env` gains their values."""
        effects, rest = self._sequence(equations, results, env)
        return Effect(sequence((), effects, outcome(rest), self._calls.parts)) if effects else rest

    def _sequence(
        self, equations: Sequence[Equation], results: Sequence[Value], env: dict[str, Term]
    ) -> tuple[list[tuple[Term, Term]], Pure | Effect]:
        """The outcomes of equations, each with the variable that is its value afterwards, and what they end in."""
        effects: list[tuple[Term, Term]] = []
        last: Term | None = None  # the tuple of the last effect's results: returning just that adds nothing
        for equation in equations:
            found = self.equation(equation, env)
            if isinstance(found, Effect):
                v = self.fresh(argument_type(found.outcome.type))
                effects.append((found.outcome, v))
                found = Pure(untuple(v, len(equation.results)))
                last = tuple_of(found.values) if found.values else None
            env.update(zip((r.name for r in equation.results), found.values, strict=True))
        values = tuple(env[r.name] for r in results)
        if effects and tuple_of(values) is last:
            return effects, Effect(effects.pop()[0])
        return effects, Pure(values)

    def equation(self, equation: Equation, env: dict[str, Term]) -> Pure | Effect:
        """The meaning of one equation by the first alternative of its op's row that fits the types."""
        operands = tuple(env[v.name] for v in equation.operands)
        definition = self._registry.ops.get(equation.op)
        for alternative in definition.denotation.split(" | ") if definition is not None else ():
            assert definition is not None
            word, *more = alternative.split()
            match word:
                case "control":
                    found, reads = self._control(equation, operands, env), _CONTROL_READS.get(equation.op, ())
                case "product":
                    found, reads = self._product(equation, operands, env), _CONTRACTED
                case "opaque" | "uninterpreted":
                    return self._opaque(equation, definition, operands, env)
                case _ if word in _WORDS:
                    meaning, reads = _WORDS[word]
                    found = meaning(Operation(equation, operands, self.real), more)
                case _:
                    break
            if found is not None:
                _nothing_ignored(equation, definition, reads)
                return found
        kind = equation.operands[0].type if equation.operands else ""
        raise ProofError("HY7010", f"{f'{equation.op} {kind}'.strip()} has no denotation", equation.span)

    def _control(self, equation: Equation, operands: tuple[Term, ...], env: dict[str, Term]) -> Pure | Effect | None:
        match equation.op:
            case "if":
                return self._if(equation, operands[0], env)
            case "attempt":
                return self._attempt(equation, operands, env)
            case "for":
                steps, state = range_of(operands), tuple_of(operands[3:])
                step = self.step(equation.regions[0], 1, env)
                return Effect(self._over(steps, lambda xs: apply("fold", step, state, xs)))
            case "fold":
                count = array_count(equation)
                xs, state = self._elements(equation, operands[:count]), tuple_of(operands[count:])
                step = self.step(equation.regions[0], count, env)
                return Effect(self._over(xs, lambda xs: apply("fold", step, state, xs)))
            case "while":
                return Effect(self._while(equation, operands, env))
            case "map":
                return self._map(equation, operands, env)
            case "scan":
                return self._scan(equation, operands, env)
            case "par.reduce":
                return self._reduce(equation, operands, env)
            case "par.scan":
                return self._scan_in_pieces(equation, operands, env)
            case "par.windows":
                return self._windows(equation, operands, env)
            case "par.power":
                return self._power(equation, operands, env)
            case "call":
                return self._call(equation, operands)
            case "recurse":
                return Effect(self._recursion(equation.regions[0], tuple_of(operands), env))
            case "self":
                return self._itself(equation, tuple_of(operands), env)
            case _:
                return None

    # ---- regions as functions

    def _functions(self, parameters: Sequence[Term], body: Term) -> Term:
        return functions(parameters, body, self._calls.parts)

    def region(self, region: Region, parameters: tuple[Term, ...], env: dict[str, Term]) -> Pure | Effect:
        inner = env | dict(zip((p.name for p in region.parameters), parameters, strict=True))
        return self.block(region.equations, region.results, inner)

    def pure(self, region: Region, split: Sequence[int], env: dict[str, Term]) -> Term:
        """A total region as a curried function; `split` says how many parameters go into each argument."""
        arguments, block = self._split(region, split, env)
        return self._functions(arguments, tuple_of(_total(block).values))

    def _split(
        self, region: Region, split: Sequence[int], env: dict[str, Term]
    ) -> tuple[tuple[Term, ...], Pure | Effect]:
        """The arguments of a region whose parameters go into them as `split` says, and what it does with them."""
        groups: list[tuple[Value, ...]] = []
        rest = region.parameters
        for n in split:
            groups.append(rest[:n])
            rest = rest[n:]
        arguments = tuple(self.fresh(self._tuple_type(g)) for g in groups)
        parameters = tuple(v for a, g in zip(arguments, groups, strict=True) for v in untuple(a, len(g)))
        return arguments, self.region(region, parameters, env)

    def step(self, region: Region, elements: int, env: dict[str, Term]) -> Term:
        """A loop body `^(x.., s..)` as `\\s. \\x. outcome`."""
        (x, s), block = self._split(region, (elements, len(region.parameters) - elements), env)
        return self._functions((s, x), outcome(block))

    def scan_step(self, region: Region, elements: int, env: dict[str, Term], total: bool) -> Term:
        """A scan's body as `\\s. \\x. (next states, elements)`, or its outcome."""
        states = len(region.parameters) - elements
        (x, s), block = self._split(region, (elements, states), env)
        block = _total(block) if total else block
        if isinstance(block, Pure):
            pair = halves(block.values, states)
            return self._functions((s, x), pair if total else apply("ok", pair))
        if states == 1 and len(region.results) == 2:
            return self._functions((s, x), block.outcome)
        v = self.fresh(argument_type(block.outcome.type))
        pair = halves(untuple(v, len(region.results)), states)
        return self._functions((s, x), returning(block.outcome, v, pair))

    def _tuple_type(self, values: Sequence[Value]) -> Ty:
        return tuple_type([self.type(v.type) for v in values])

    # ---- control

    def _if(self, equation: Equation, condition: Term, env: dict[str, Term]) -> Pure | Effect:
        then, other = (self.region(r, (), env) for r in equation.regions)
        if isinstance(then, Pure) and isinstance(other, Pure):
            pairs = zip(then.values, other.values, strict=True)
            return Pure(tuple(apply("cond", condition, a, b) for a, b in pairs))
        return Effect(apply("cond", condition, outcome(then), outcome(other)))

    def _attempt(self, equation: Equation, operands: tuple[Term, ...], env: dict[str, Term]) -> Pure:
        (region,) = equation.regions
        for inner in walk(region.equations):  # what runs for ever, or ends with the stack, cannot be told from outside
            definition = self._registry.ops[inner.op]
            if definition.diverges or "recursion" in definition.traps:
                raise ProofError("HY7010", f"{inner.op} in an attempt has no denotation: it may not end", inner.span)
            if definition.unchecked:  # an outcome that is told from outside no longer says that it is not reached
                raise ProofError("HY7010", f"{inner.op} in an attempt has no denotation: it is unchecked", inner.span)
        return attempted(self.region(region, (), env), operands)

    def _while(self, equation: Equation, operands: tuple[Term, ...], env: dict[str, Term]) -> Term:
        state = tuple_of(operands)
        test, body = (self._state_function(r, env) for r in equation.regions)
        return opaque("while", (test, body, state), t.outcome_of(state.type))

    def _state_function(self, region: Region, env: dict[str, Term]) -> Term:
        (s,), block = self._split(region, (len(region.parameters),), env)
        return self._functions((s,), outcome(block))

    # ---- recursion

    def _recursion(self, region: Region, argument: Term, env: dict[str, Term]) -> Term:
        fuel = apply("count", int_lit(DEEPEST))
        return apply("recursion", self.functional(region, env), fuel, argument)

    def functional(self, region: Region, env: dict[str, Term]) -> Term:
        """The body of a recursion as `\\self. \\a. outcome`."""
        result = t.outcome_of(self._tuple_type(region.results))
        itself = self.fresh(t.fun(self._tuple_type(region.parameters), result))
        (a,), block = self._split(region, (len(region.parameters),), env | {_SELF: itself})
        return self._functions((itself, a), outcome(block))

    def _itself(self, equation: Equation, argument: Term, env: dict[str, Term]) -> Effect:
        if _SELF not in env:
            raise ProofError("HY7010", "self has no denotation outside of a recursion", equation.span)
        return Effect(t.app(env[_SELF], argument))

    def _elements(self, equation: Equation, arrays: tuple[Term, ...]) -> Term:
        """The list that a loop runs over; an outcome where the types do not say that its arrays have one length."""
        shapes = [v.type.shape for v in equation.operands[: len(arrays)] if isinstance(v.type, ArrayType)]
        return zipped(arrays, [shape != shapes[0] for shape in shapes])

    def _over(self, xs: Term, loop: Callable[[Term], Term]) -> Term:
        """`loop(xs)`, under a bind where `xs` is itself an outcome."""
        if xs.type.name == "list":
            return loop(xs)
        v = self.fresh(argument_type(xs.type))
        return apply("bind", xs, self._functions((v,), loop(v)))

    def _map(self, equation: Equation, arrays: tuple[Term, ...], env: dict[str, Term]) -> Pure | Effect:
        if arrays[0].type.name != "list":
            return self._opaque(equation, self._registry.ops[equation.op], arrays, env)
        (region,), xs, count = equation.regions, together(arrays), len(equation.results)
        (x,), block = self._split(region, (len(arrays),), env)
        if isinstance(block, Pure):
            return Pure(tuple(apply("map", self._functions((x,), value), xs) for value in block.values))
        mapped = apply("traverse", self._functions((x,), block.outcome), xs)
        if count == 1:
            return Effect(mapped)
        v = self.fresh(argument_type(mapped.type))
        return Effect(returning(mapped, v, tuple_of(columns(v, count))))

    def _scan(self, equation: Equation, operands: tuple[Term, ...], env: dict[str, Term]) -> Effect:
        count = array_count(equation)
        xs, state = together(operands[:count]), tuple_of(operands[count:])
        states, made = len(operands) - count, len(equation.results) - len(operands) + count
        value = apply("scan", self.scan_step(equation.regions[0], count, env, total=False), state, xs)
        if states == made == 1:
            return Effect(value)
        v = self.fresh(argument_type(value.type))
        return Effect(returning(value, v, tuple_of(scanned(v, states, made))))

    def _product(self, equation: Equation, operands: tuple[Term, ...], env: dict[str, Term]) -> Pure | Effect | None:
        """A contraction of the columns of a matrix with the rows of another, where its regions are total."""
        axes = tuple(equation.attribute(side, ()) for side in _CONTRACTED)
        blocks = [self._split(r, (1, 1), env) for r in equation.regions]
        matrices = (rank(operands[0].type), rank(operands[1].type), axes) == (2, 2, ((1,), (0,), (), ()))
        if not matrices or any(isinstance(block, Effect) for _, block in blocks):
            return None
        regions = [self._functions(parameters, tuple_of(_total(block).values)) for parameters, block in blocks]
        return product(regions, operands, bool(traps_of(equation, self._registry)))

    # ---- parallel forms

    def summary(self, regions: Sequence[Region], lifted: tuple[int, ...], env: dict[str, Term]) -> tuple[Term, ...]:
        """The regions lift, mul and act as functions; `lifted` says how many parameters each argument of lift has."""
        act = regions[2]
        m = len(regions[0].results)
        states = len(act.parameters) - m
        return (*self.product(regions[:2], lifted, env), self.pure(act, (m, states), env))

    def product(self, regions: Sequence[Region], lifted: tuple[int, ...], env: dict[str, Term]) -> tuple[Term, Term]:
        """The regions lift and mul as functions."""
        lift, mul = regions
        m = len(lift.results)
        return self.pure(lift, lifted, env), self.pure(mul, (m, m), env)

    def _reduce(self, equation: Equation, operands: tuple[Term, ...], env: dict[str, Term]) -> Pure | Effect:
        count = array_count(equation)
        xs, state = self._elements(equation, operands[:count]), tuple_of(operands[count:])
        lift, mul, act = self.summary(equation.regions[:3], (count,), env)
        guards = [self.pure(guard, (count,), env) for guard in equation.regions[3:]]
        results = len(equation.results) - len(guards)

        def reduced(xs: Term) -> tuple[Term, ...]:
            value = apply("preduce", _cut(equation, xs), lift, mul, act, xs, state)
            return (*(apply("all", guard, xs) for guard in guards), *untuple(value, results))

        if xs.type.name == "list":
            return Pure(reduced(xs))
        return Effect(self._over(xs, lambda ys: apply("ok", tuple_of(reduced(ys)))))

    def _scan_in_pieces(self, equation: Equation, operands: tuple[Term, ...], env: dict[str, Term]) -> Pure:
        count = array_count(equation)
        xs, state = together(operands[:count]), tuple_of(operands[count:])
        step = self.scan_step(equation.regions[0], count, env, total=True)
        summary = self.summary(equation.regions[1:], (count,), env)
        value = apply("pscan", _cut(equation, xs), step, *summary, xs, state)
        states = len(operands) - count
        return Pure(scanned(value, states, len(equation.results) - states))

    def _windows(self, equation: Equation, operands: tuple[Term, ...], env: dict[str, Term]) -> Pure:
        count = array_count(equation)
        xs, word = together(operands[:count]), operands[count]
        lift, mul = self.product(equation.regions, (count,), env)
        width = apply("max", int_lit(1), to_integer(I64, word))
        split = t.app(t.const("op:split", t.fun(xs.type, t.INT, xs.type, xs.type, t.BOOL)), xs, width)
        return Pure(columns(apply("windows", split, lift, mul, width, xs), len(equation.results)))

    def _power(self, equation: Equation, operands: tuple[Term, ...], env: dict[str, Term]) -> Effect:
        steps, state = range_of(operands), tuple_of(operands[3:])
        lift, mul, act = self.summary(equation.regions, (), env)
        return Effect(self._over(steps, lambda xs: apply("ok", apply("ppower", mul, act, xs, lift, state))))

    # ---- calls, and what has no definition

    def _call(self, equation: Equation, operands: tuple[Term, ...]) -> Effect:
        callee = equation.attribute("callee")
        if self._program is None or not isinstance(callee, str):
            raise ProofError("HY7010", f"the call of {callee} has no denotation without its program", equation.span)
        known = self._calls.known
        if callee not in known:
            if self._calls.depth >= _MOST_CALLS:
                raise ProofError("HY7010", f"calls nest more than {_MOST_CALLS} deep", equation.span)
            function = self._program.functions.get(callee)
            if function is None:
                raise ProofError("HY7010", f"there is no function {callee} to call", equation.span)
            inner = Denotation(function, self._program, replace(self._calls, depth=self._calls.depth + 1))
            known[callee] = _Meaning(inner.function(), inner.real, inner.formats)
        found = known[callee]
        mixes = (found.real, found.formats) != (self.real, self.formats)
        if (found.real or self.real) and mixes and found.formats:
            message = f"{callee} mixes IEEE floats with regrouped ones, or float formats"
            raise ProofError("HY7012", message, equation.span)
        return Effect(t.app(found.term, *operands))

    def _opaque(
        self, equation: Equation, definition: OpDef, operands: tuple[Term, ...], env: dict[str, Term]
    ) -> Pure | Effect:
        """A constant of its own, applied to the regions and operands; its name holds what their types do not show."""
        blocks = [self._split(r, (1,) * len(r.parameters), env) for r in equation.regions]
        strict = any(isinstance(block, Effect) for _, block in blocks)
        regions = [
            self._functions(parameters, outcome(block) if strict else tuple_of(_total(block).values))
            for parameters, block in blocks
        ]
        attributes = {name: value for name, value in equation.attributes if name not in definition.inert}
        floats = self.real and any(formats(v.type) for v in (*equation.operands, *equation.results))
        name = equation.op + (".real" if floats else "")
        name = keyed(name, attributes, *made_sizes(equation, definition.makes_sizes), *_origin(definition))
        result = self._tuple_type(equation.results)
        if strict or traps_of(equation, self._registry) or definition.diverges:
            return Effect(opaque(name, (*regions, *operands), t.outcome_of(result)))
        return Pure(untuple(opaque(name, (*regions, *operands), result), len(equation.results)))


def _nothing_ignored(equation: Equation, definition: OpDef, reads: Iterable[str]) -> None:
    """Every attribute changes what an op denotes, unless its row says that it does not."""
    for name, _ in equation.attributes:
        if name not in reads and name not in definition.inert:
            raise ProofError("HY7010", f"{equation.op} with the attribute {name} has no denotation", equation.span)


def _origin(definition: OpDef) -> tuple[str, ...]:
    return (definition.owner, definition.version) if definition.owner else ()


def _cut(equation: Equation, xs: Term) -> Term:
    """Where a parallel form cuts the list xs."""
    name = f"op:cut/{equation.attribute('lanes')}/{equation.attribute('piece')}"
    growing = equation.attribute("growing")
    name += f"/{growing}" if growing else ""
    return t.app(t.const(name, t.fun(xs.type, xs.type, t.BOOL)), xs)


def _total(block: Pure | Effect) -> Pure:
    if isinstance(block, Effect):
        raise ProofError("HY7011", "a region of a parallel operation may not trap")
    return block


def float_formats(function: Function) -> frozenset[str]:
    """The float types of the function's values and of what they hold."""
    return frozenset[str]().union(*(formats(v.type) for v in values_of(function)))


def array_count(equation: Equation) -> int:
    count = equation.attribute("arrays")
    assert isinstance(count, int)
    return count
