"""TRUSTED. The meaning of a function of the IR as a closed term of the logic.

A function denotes `\\p1. \\p2. .. outcome`. Total equations are substituted, so shared values stay shared terms; an
equation that may trap becomes a `bind` at its place, so order and strictness are kept. Machine integer operations are
the integer operation between toZ and ofZ. Several values travel as a tuple, one value bare.

With fp="reassoc" a function denotes over the reals: f16, f32 and f64 all become `real`, every float operation must
carry the attribute, and no IEEE law is available or needed.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import isfinite

from hyperion.errors import ProofError
from hyperion.ir.function import Equation, Function, Program, Region, Value, walk
from hyperion.ir.types import ArrayType, BoolType, FloatType, IntType, SpecType, Type
from hyperion.logic import literals
from hyperion.logic import terms as t
from hyperion.logic.definitions import apply
from hyperion.logic.kernel import FALSE, TRUE
from hyperion.logic.terms import Term, Ty


@dataclass(frozen=True, slots=True)
class Pure:
    """Values of a total equation or block."""

    values: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class Effect:
    """An outcome whose value is the tuple of results."""

    outcome: Term


def denote(function: Function, program: Program | None = None) -> Term:
    """The closed term that `function` denotes. Raises ProofError (HY7010) where the IR has no denotation."""
    return Denotation(function, program).function()


class Denotation:
    """Denotes the blocks of one function; strategies use it on the regions of a loop."""

    def __init__(self, function: Function, program: Program | None = None) -> None:
        self._function = function
        self._program = program
        self._fresh = itertools.count()
        self.real = any(e.attribute("fp") == "reassoc" for e in walk(function.equations))

    def function(self) -> Term:
        parameters = tuple(self.fresh(self.type(p.type)) for p in self._function.parameters)
        env = dict(zip((p.name for p in self._function.parameters), parameters, strict=True))
        block = self.block(self._function.equations, self._function.results, env)
        return t.lams(parameters, outcome(block))

    def fresh(self, ty: Ty) -> Term:
        return t.var(f"%{next(self._fresh)}", ty)

    def type(self, ty: Type) -> Ty:
        match ty:
            case ArrayType(element, (_,)):
                return t.list_of(self.type(element))
            case FloatType() if self.real:
                return t.REAL
            case BoolType() | IntType() | FloatType() | SpecType():
                return t.type_of(str(ty))
            case _:
                raise ProofError("HY7010", f"type {ty} has no denotation yet")

    def block(self, equations: Sequence[Equation], results: Sequence[Value], env: dict[str, Term]) -> Pure | Effect:
        """Denotes equations in order; `env` gains their values."""
        effects: list[tuple[Term, Term]] = []
        last: Term | None = None  # the tuple of the last effect's results: returning just that adds nothing
        for equation in equations:
            found = self.equation(equation, env)
            if isinstance(found, Effect):
                assert found.outcome.type.args is not None
                v = self.fresh(found.outcome.type.args[0])
                effects.append((found.outcome, v))
                found = Pure(untuple(v, len(equation.results)))
                last = tuple_of(found.values) if found.values else None
            env.update(zip((r.name for r in equation.results), found.values, strict=True))
        values = tuple(env[r.name] for r in results)
        if not effects:
            return Pure(values)
        if (value := tuple_of(values)) is last:
            rest = effects.pop()[0]
        else:
            rest = apply("ok", value)
        for o, v in reversed(effects):
            rest = apply("bind", o, t.lam(v, rest))
        return Effect(rest)

    def equation(self, equation: Equation, env: dict[str, Term]) -> Pure | Effect:
        operands = tuple(env[v.name] for v in equation.operands)
        match equation.op:
            case "if":
                return self._if(equation, operands[0], env)
            case "for":
                steps = range_of(operands)
                state = tuple_of(operands[3:])
                step = self.step(equation.regions[0], 1, env)
                loop = self._over(steps, lambda xs: apply("fold", step, state, xs))
                return Effect(loop)
            case "fold":
                xs, state = self._arrays(equation, operands)
                step = self.step(equation.regions[0], self._count(equation), env)
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
                from hyperion.logic.scalar import denote_scalar

                return denote_scalar(self, equation, operands)

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
        types = [self.type(v.type) for v in values]
        return t.BOOL if not types else types[0] if len(types) == 1 else t.type_of("prod", *types)

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

    @staticmethod
    def _count(equation: Equation) -> int:
        count = equation.attribute("arrays")
        assert isinstance(count, int)
        return count

    def _arrays(self, equation: Equation, operands: tuple[Term, ...]) -> tuple[Term, Term]:
        """The list that a fold runs over, an outcome where several arrays must have one length; and the state."""
        count = self._count(equation)
        arrays, state = operands[:count], tuple_of(operands[count:])
        if count == 1:
            return arrays[0], state
        elements = t.type_of("prod", *(element(a) for a in arrays))
        ty = t.fun(*(a.type for a in arrays), t.outcome_of(t.list_of(elements)))
        return t.app(t.const("op:zip", ty), *arrays), state

    def _over(self, xs: Term, loop: object) -> Term:
        """`loop(xs)`, under a bind where `xs` is itself an outcome."""
        assert callable(loop)
        if xs.type.name == "list":
            return loop(xs)
        assert xs.type.args is not None
        v = self.fresh(xs.type.args[0])
        return apply("bind", xs, t.lam(v, loop(v)))

    def _reduce(self, equation: Equation, operands: tuple[Term, ...], env: dict[str, Term]) -> Pure | Effect:
        xs, state = self._arrays(equation, operands)
        count = self._count(equation)
        lift_region, mul_region, act_region, *guard_region = equation.regions
        m = len(lift_region.results)
        lift = self.pure(lift_region, (count,), env)
        mul = self.pure(mul_region, (m, m), env)
        act = self.pure(act_region, (m, len(act_region.parameters) - m), env)
        guard = self.pure(guard_region[0], (count,), env) if guard_region else None
        name = f"op:cut/{equation.attribute('lanes')}/{equation.attribute('piece')}"

        def reduced(xs: Term) -> tuple[Term, ...]:
            cut = t.app(t.const(name, t.fun(xs.type, xs.type, t.BOOL)), xs)
            value = apply("preduce", cut, lift, mul, act, xs, state)
            held = () if guard is None else (apply("all", guard, xs),)
            return held + untuple(value, len(act_region.results))

        if xs.type.name == "list":
            return Pure(reduced(xs))
        return Effect(self._over(xs, lambda ys: apply("ok", tuple_of(reduced(ys)))))

    def _power(self, equation: Equation, operands: tuple[Term, ...], env: dict[str, Term]) -> Pure | Effect:
        steps, state = range_of(operands), tuple_of(operands[3:])
        lift_region, mul_region, act_region = equation.regions
        m = len(lift_region.results)
        lift = self.pure(lift_region, (), env)
        mul = self.pure(mul_region, (m, m), env)
        act = self.pure(act_region, (m, len(act_region.parameters) - m), env)
        return Effect(self._over(steps, lambda xs: apply("ok", apply("ppower", mul, act, xs, lift, state))))

    def _call(self, equation: Equation, operands: tuple[Term, ...]) -> Effect:
        callee = equation.attribute("callee")
        if self._program is None or not isinstance(callee, str):
            raise ProofError("HY7010", f"the call of {callee} has no denotation without its program")
        inner = Denotation(self._program.functions[callee], self._program)
        if inner.real != self.real:
            raise ProofError("HY7012", f"{callee} mixes IEEE floats with regrouped ones")
        return Effect(t.app(inner.function(), *operands))


def outcome(block: Pure | Effect) -> Term:
    return block.outcome if isinstance(block, Effect) else apply("ok", tuple_of(block.values))


def tuple_of(values: Sequence[Term]) -> Term:
    """Several values as one: the value itself for one, `true` for none."""
    return TRUE if not values else values[0] if len(values) == 1 else t.tup(*values)


def untuple(value: Term, count: int) -> tuple[Term, ...]:
    if count == 0:
        return ()
    if count == 1:
        return (value,)
    return value.items if value.kind == "T" else tuple(t.proj(i, value) for i in range(count))


def element(xs: Term) -> Ty:
    assert xs.type.args is not None
    return xs.type.args[0]


def range_of(operands: tuple[Term, ...]) -> Term:
    """Python's range as an outcome: step 0 traps. Its elements are opaque."""
    index = operands[0].type
    ty = t.fun(index, index, index, t.outcome_of(t.list_of(index)))
    return t.app(t.const("op:range", ty), *operands[:3])


def float_constant(denotation: Denotation, ty: FloatType, value: float) -> Term:
    if not denotation.real:
        return literals.float_lit(str(ty), value)
    if not isfinite(value):
        raise ProofError("HY7013", f'fp="reassoc" computes over the reals, which have no {value}')
    return literals.real_lit(Fraction(value))


def truth(value: bool) -> Term:
    return TRUE if value else FALSE
