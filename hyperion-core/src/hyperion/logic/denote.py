"""TRUSTED. The meaning of a function of the IR as a closed term of the logic.

A function denotes `\\p1. \\p2. .. outcome`. Total equations are substituted, so shared values stay shared terms; an
equation that may trap becomes a `bind` at its place, so order and strictness are kept.

With fp="reassoc" a function denotes over the reals: f16, f32 and f64 all become `real`, every float + - * and negation
must carry the attribute, and no IEEE law is available or needed.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from hyperion.errors import ProofError
from hyperion.ir.function import Equation, Function, Program, Region, Value, values_of, walk
from hyperion.ir.types import ArrayType, FloatType, Type
from hyperion.logic import terms as t
from hyperion.logic.definitions import apply
from hyperion.logic.meaning import Effect, Pure, argument_type, denote_type, outcome, tuple_of, tuple_type, untuple
from hyperion.logic.scalar import denote_scalar
from hyperion.logic.terms import Term, Ty

_MOST_CALLS = 64


@dataclass(frozen=True, slots=True)
class _Calls:
    """Callees denoted so far, and how deep calls nest."""

    known: dict[str, tuple[Term, bool, frozenset[str]]]
    depth: int


def denote(function: Function, program: Program | None = None) -> Term:
    """The closed term that `function` denotes. Raises ProofError (HY7010) where the IR has no denotation."""
    return Denotation(function, program).function()


class Denotation:
    """Denotes the blocks of one function; strategies use it on the regions of a loop."""

    def __init__(self, function: Function, program: Program | None = None, calls: _Calls | None = None) -> None:
        self._function = function
        self._program = program
        self._calls = calls or _Calls({}, 0)
        self._fresh = itertools.count()
        self.real = any(e.attribute("fp") == "reassoc" for e in walk(function.equations))
        self.formats = float_formats(function) if self.real else frozenset[str]()
        if len(self.formats) > 1:  # one real number would stand for values of two formats
            raise ProofError("HY7012", f"over the reals {function.name} mixes {' and '.join(sorted(self.formats))}")

    def function(self) -> Term:
        parameters = tuple(self.fresh(self.type(p.type)) for p in self._function.parameters)
        env = dict(zip((p.name for p in self._function.parameters), parameters, strict=True))
        block = self.block(self._function.equations, self._function.results, env)
        return t.lams(parameters, outcome(block))

    def fresh(self, ty: Ty) -> Term:
        return t.var(f"%{next(self._fresh)}", ty)

    def type(self, ty: Type) -> Ty:
        return denote_type(ty, self.real)

    def block(self, equations: Sequence[Equation], results: Sequence[Value], env: dict[str, Term]) -> Pure | Effect:
        """Denotes equations in order; `env` gains their values."""
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
        if not effects:
            return Pure(values)
        value = tuple_of(values)
        rest = effects.pop()[0] if value is last else apply("ok", value)
        for o, v in reversed(effects):
            rest = apply("bind", o, t.lam(v, rest))
        return Effect(rest)

    def equation(self, equation: Equation, env: dict[str, Term]) -> Pure | Effect:
        operands = tuple(env[v.name] for v in equation.operands)
        match equation.op:
            case "if":
                return self._if(equation, operands[0], env)
            case "for":
                steps, state = range_of(operands), tuple_of(operands[3:])
                step = self.step(equation.regions[0], 1, env)
                return Effect(self._over(steps, lambda xs: apply("fold", step, state, xs)))
            case "fold":
                count = array_count(equation)
                xs, state = zipped(operands[:count]), tuple_of(operands[count:])
                step = self.step(equation.regions[0], count, env)
                return Effect(self._over(xs, lambda xs: apply("fold", step, state, xs)))
            case "while":
                return Effect(self._while(equation, operands, env))
            case "par.reduce":
                return self._reduce(equation, operands, env)
            case "par.power":
                return self._power(equation, operands, env)
            case "call":
                return self._call(equation, operands)
            case _:
                return denote_scalar(equation, operands, self.real)

    def region(self, region: Region, parameters: tuple[Term, ...], env: dict[str, Term]) -> Pure | Effect:
        inner = env | dict(zip((p.name for p in region.parameters), parameters, strict=True))
        return self.block(region.equations, region.results, inner)

    def pure(self, region: Region, split: Sequence[int], env: dict[str, Term]) -> Term:
        """A total region as a curried function; `split` says how many parameters go into each argument."""
        groups: list[tuple[Value, ...]] = []
        rest = region.parameters
        for n in split:
            groups.append(rest[:n])
            rest = rest[n:]
        arguments = tuple(self.fresh(self._tuple_type(g)) for g in groups)
        parameters = tuple(v for a, g in zip(arguments, groups, strict=True) for v in untuple(a, len(g)))
        block = self.region(region, parameters, env)
        if isinstance(block, Effect):
            raise ProofError("HY7011", "a region of a parallel operation may not trap")
        return t.lams(arguments, tuple_of(block.values))

    def step(self, region: Region, elements: int, env: dict[str, Term]) -> Term:
        """A loop body `^(x.., s..)` as `\\s. \\x. outcome`."""
        xs, carried = region.parameters[:elements], region.parameters[elements:]
        x, s = self.fresh(self._tuple_type(xs)), self.fresh(self._tuple_type(carried))
        block = self.region(region, untuple(x, len(xs)) + untuple(s, len(carried)), env)
        return t.lams((s, x), outcome(block))

    def _tuple_type(self, values: Sequence[Value]) -> Ty:
        return tuple_type([self.type(v.type) for v in values])

    def _if(self, equation: Equation, condition: Term, env: dict[str, Term]) -> Pure | Effect:
        then, other = (self.region(r, (), env) for r in equation.regions)
        if isinstance(then, Pure) and isinstance(other, Pure):
            pairs = zip(then.values, other.values, strict=True)
            return Pure(tuple(apply("cond", condition, a, b) for a, b in pairs))
        return Effect(apply("cond", condition, outcome(then), outcome(other)))

    def _while(self, equation: Equation, operands: tuple[Term, ...], env: dict[str, Term]) -> Term:
        state = tuple_of(operands)
        test, body = (self._state_function(r, env) for r in equation.regions)
        ty = t.fun(test.type, body.type, state.type, t.outcome_of(state.type))
        return t.app(t.const("op:while", ty), test, body, state)

    def _state_function(self, region: Region, env: dict[str, Term]) -> Term:
        s = self.fresh(self._tuple_type(region.parameters))
        return t.lam(s, outcome(self.region(region, untuple(s, len(region.parameters)), env)))

    def _over(self, xs: Term, loop: Callable[[Term], Term]) -> Term:
        """`loop(xs)`, under a bind where `xs` is itself an outcome."""
        if xs.type.name == "list":
            return loop(xs)
        v = self.fresh(argument_type(xs.type))
        return apply("bind", xs, t.lam(v, loop(v)))

    def _summary(self, equation: Equation, lifted: tuple[int, ...], env: dict[str, Term]) -> tuple[Term, ...]:
        """The regions lift, mul and act as functions; `lifted` says how many parameters each argument of lift has."""
        lift, mul, act = equation.regions[:3]
        m = len(lift.results)
        splits = (lifted, (m, m), (m, len(act.parameters) - m))
        return tuple(self.pure(r, split, env) for r, split in zip((lift, mul, act), splits, strict=True))

    def _reduce(self, equation: Equation, operands: tuple[Term, ...], env: dict[str, Term]) -> Pure | Effect:
        count = array_count(equation)
        xs, state = zipped(operands[:count]), tuple_of(operands[count:])
        lift, mul, act = self._summary(equation, (count,), env)
        guards = [self.pure(guard, (count,), env) for guard in equation.regions[3:]]
        results = len(equation.results) - len(guards)
        name = f"op:cut/{equation.attribute('lanes')}/{equation.attribute('piece')}"

        def reduced(xs: Term) -> tuple[Term, ...]:
            cut = t.app(t.const(name, t.fun(xs.type, xs.type, t.BOOL)), xs)
            value = apply("preduce", cut, lift, mul, act, xs, state)
            return (*(apply("all", guard, xs) for guard in guards), *untuple(value, results))

        if xs.type.name == "list":
            return Pure(reduced(xs))
        return Effect(self._over(xs, lambda ys: apply("ok", tuple_of(reduced(ys)))))

    def _power(self, equation: Equation, operands: tuple[Term, ...], env: dict[str, Term]) -> Effect:
        steps, state = range_of(operands), tuple_of(operands[3:])
        lift, mul, act = self._summary(equation, (), env)
        return Effect(self._over(steps, lambda xs: apply("ok", apply("ppower", mul, act, xs, lift, state))))

    def _call(self, equation: Equation, operands: tuple[Term, ...]) -> Effect:
        callee = equation.attribute("callee")
        if self._program is None or not isinstance(callee, str):
            raise ProofError("HY7010", f"the call of {callee} has no denotation without its program")
        known = self._calls.known
        if callee not in known:
            if self._calls.depth >= _MOST_CALLS:
                raise ProofError("HY7010", f"calls nest more than {_MOST_CALLS} deep")
            inner = Denotation(self._program.functions[callee], self._program, _Calls(known, self._calls.depth + 1))
            known[callee] = inner.function(), inner.real, inner.formats
        meaning, real, formats = known[callee]
        if real != self.real or formats != self.formats:
            raise ProofError("HY7012", f"{callee} mixes IEEE floats with regrouped ones, or float formats")
        return Effect(t.app(meaning, *operands))


def float_formats(function: Function) -> frozenset[str]:
    """The float types of the function's values and of the elements of its arrays."""
    types = (v.type.element if isinstance(v.type, ArrayType) else v.type for v in values_of(function))
    return frozenset(str(ty) for ty in types if isinstance(ty, FloatType))


def array_count(equation: Equation) -> int:
    count = equation.attribute("arrays")
    assert isinstance(count, int)
    return count


def zipped(arrays: tuple[Term, ...]) -> Term:
    """The list that a loop over `arrays` runs over; an outcome where several must have one length, which is opaque."""
    if len(arrays) == 1:
        return arrays[0]
    elements = t.type_of("prod", *(argument_type(a.type) for a in arrays))
    ty = t.fun(*(a.type for a in arrays), t.outcome_of(t.list_of(elements)))
    return t.app(t.const("op:zip", ty), *arrays)


def range_of(operands: tuple[Term, ...]) -> Term:
    """Python's range as an outcome: step 0 traps. Its elements are opaque."""
    index = operands[0].type
    ty = t.fun(index, index, index, t.outcome_of(t.list_of(index)))
    return t.app(t.const("op:range", ty), *operands[:3])
