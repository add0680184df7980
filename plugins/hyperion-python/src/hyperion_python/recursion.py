"""Functions that call themselves: the body becomes the region of a `recurse`.

    def f(xs, n):                       func @f(%xs, %n) {
        if n == 0:                        %r = recurse %n {
            return 0                        ^(%n.1):
        return f(xs, n - 1) + xs[n - 1]       .. self %m .. get %xs, ..
                                              yield %v
                                          }
                                          return %r

A parameter that every such call hands on as it is stays outside: so arrays may be read. What the function returns is
guessed, from its annotation or as int, until the body agrees with the guess.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from hyperion.errors import TypeCheckError
from hyperion.interfaces.frontend import CompileOptions
from hyperion.ir.function import Equation, Function, Region, Value, walk
from hyperion.ir.types import BOOL, F64, I64, ArrayType, Type, is_scalar
from hyperion_python.context import Context
from hyperion_python.convert import coerce, type_name
from hyperion_python.emitter import close
from hyperion_python.operands import Literal, Operand, Reference
from hyperion_python.refusals import refuse
from hyperion_python.source import SourceFunction, identity_of
from hyperion_python.targets import unwrapped

_ANNOTATED: Final = {"int": I64, "float": F64, "bool": BOOL}

Types = tuple[Type, ...]


class OtherResults(Exception):
    """The body returns other types than were guessed."""

    def __init__(self, found: Types) -> None:
        super().__init__(found)
        self.found = found


@dataclass(frozen=True, slots=True)
class Itself:
    """What calls of the function by itself take and give: the positions of the arguments that they hand to `self`, of
    how many, with their types; the defaults of the last ones."""

    positions: tuple[int, ...]
    count: int
    types: Types
    defaults: tuple[Literal | None, ...]
    results: Types


def self_calls(source: SourceFunction, local: set[str]) -> list[ast.Call]:
    """The calls in the body of a function that are calls of the function itself."""
    return [
        node
        for statement in source.node.body
        for node in ast.walk(statement)
        if isinstance(node, ast.Call) and _is_itself(source, node.func, local)
    ]


def _is_itself(source: SourceFunction, node: ast.expr, local: set[str]) -> bool:
    base = node
    while isinstance(base, ast.Attribute):
        base = base.value
    if not isinstance(base, ast.Name) or base.id in local:
        return False
    return calls_itself(source, source.namespace.resolve(node))


def calls_itself(source: SourceFunction, target: object) -> bool:
    """Whether what is called is the function, plain, compiled or with a cache."""
    function, _ = unwrapped(target, CompileOptions())
    return function is not None and identity_of(function) == source.identity


def by_guesses(source: SourceFunction, attempt: Callable[[Types], Function]) -> Function:
    """The first lowering whose results are of the types that it was told. Raises what the first one raised."""
    guesses = list(_guesses(source))
    tried: list[Types] = []
    first: TypeCheckError | None = None
    while guesses:
        guess = guesses.pop(0)
        if guess in tried:
            continue
        tried.append(guess)
        try:
            return attempt(guess)
        except OtherResults as other:
            guesses.insert(0, other.found)
        except TypeCheckError as error:
            first = first or error
    if first is not None:
        raise first
    refuse("HY6114", f"what {source.name} returns depends on what it returns", source.header_span(),
           hint="say it in the header: def f(n: int) -> int")  # fmt: skip


def _guesses(source: SourceFunction) -> Iterator[Types]:
    returns = source.node.returns
    if isinstance(returns, ast.Name) and returns.id in _ANNOTATED:
        yield (_ANNOTATED[returns.id],)
    values = (n.value for s in source.node.body for n in ast.walk(s) if isinstance(n, ast.Return))
    count = next((len(v.elts) for v in values if isinstance(v, ast.Tuple)), 1)
    for kind in (I64, F64, BOOL):
        yield (kind,) * count


def lower_recursion(
    cx: Context,
    parameters: Sequence[ast.arg],
    defaults: Sequence[Literal | None],
    calls: Sequence[ast.Call],
    results: Types,
    lower_body: Callable[[], Sequence[Value]],
) -> tuple[Value, ...]:
    """Emits the recursion; `lower_body` lowers the body of the function in the environment as it then stands."""
    names = [p.arg for p in parameters]
    changing = _changing(cx, names, calls)
    initial = [_initial(cx, names[i], parameters[i]) for i in changing]
    kinds = tuple(v.type for v in initial)
    inner = tuple(Value(cx.emitter.fresh(names[i]), kind) for i, kind in zip(changing, kinds, strict=True))
    cx.itself = Itself(tuple(changing), len(names), kinds, tuple(defaults), results)
    block = cx.emitter.child()
    with cx.branch(block) as environment:
        environment.update(zip((names[i] for i in changing), inner, strict=True))
        yields = tuple(lower_body())
    for value in yields:
        if not is_scalar(value.type):
            cx.refuse("HY6114", f"{cx.source.name} calls itself and returns an array", cx.source.node,
                      hint="return numbers, or write it as a loop that fills the array")  # fmt: skip
    found = tuple(v.type for v in yields)
    if found != results:
        raise OtherResults(found)
    region = close(block, yields, inner)
    attributes = [("memo", True)] if most_calls(region.equations) > 1 else []
    return cx.emitter.equation("recurse", initial, found, attributes=attributes, regions=(region,))


def lower_self_call(cx: Context, node: ast.Call, lower: Callable[[ast.expr], Operand]) -> tuple[Value, ...]:
    """A call of the function by itself."""
    itself = cx.itself
    assert isinstance(itself, Itself)
    if node.keywords:
        cx.refuse("HY6114", f"keyword arguments of {cx.source.name} are not taken", node.keywords[0].value,
                  hint="pass them by position")  # fmt: skip
    given: list[Operand] = [lower(x) for x in node.args]
    places: list[ast.AST] = [*node.args]
    for default in itself.defaults[len(given) :]:
        if default is None:
            break
        given.append(default)
        places.append(node)
    if len(given) != itself.count:
        message = f"{cx.source.name} takes {itself.count} arguments, {len(node.args)} given"
        cx.refuse("HY6113", message, node, hint="pass every argument")
    operands = [
        _argument(cx, given[i], kind, places[i]) for i, kind in zip(itself.positions, itself.types, strict=True)
    ]
    return cx.emitter.equation("self", operands, itself.results)


def _argument(cx: Context, operand: Operand, kind: Type, node: ast.AST) -> Value:
    if isinstance(operand, Value | Literal):
        return coerce(cx, operand, kind, node)
    cx.refuse("HY6114", f"{cx.source.name} calls itself with {type_name(operand)}", node, hint="pass numbers")


def _changing(cx: Context, names: Sequence[str], calls: Sequence[ast.Call]) -> list[int]:
    """The positions of the parameters that some call changes; one at least. A name that is bound again, if only by a
    comprehension, may stand for something else in a call."""
    bound = {n.id for n in ast.walk(cx.source.node) if isinstance(n, ast.Name) and not isinstance(n.ctx, ast.Load)}
    fixed = set(names) - bound

    def handed_on(position: int) -> bool:
        name = names[position]
        return name in fixed and all(
            len(c.args) > position and isinstance(a := c.args[position], ast.Name) and a.id == name for c in calls
        )

    changing = [i for i in range(len(names)) if not handed_on(i)]
    scalars = [i for i, n in enumerate(names) if not isinstance(cx.environment[n], Reference)]
    return changing or scalars[:1]


def _initial(cx: Context, name: str, node: ast.arg) -> Value:
    binding = cx.environment[name]
    if isinstance(binding, Literal):
        return coerce(cx, binding, binding.type, node)
    if not isinstance(binding, Value) or isinstance(binding.type, ArrayType):
        cx.refuse("HY6114", f"{name} is another array in a call of {cx.source.name} by itself", node,
                  hint="hand on the array as it is, and positions in it that change")  # fmt: skip
    return binding


def most_calls(equations: Sequence[Equation]) -> int:
    """How many calls of itself one run of the body makes at most; a call in a loop counts twice."""
    total = 0
    for e in equations:
        if e.op == "self":
            total += 1
        elif e.op == "if":
            total += max(most_calls(r.equations) for r in e.regions)
        elif any(_calls_itself(r) for r in e.regions) and e.op != "recurse":
            total += 2
    return total


def _calls_itself(region: Region) -> bool:
    return any(e.op == "self" for e in walk(region.equations))
