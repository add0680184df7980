"""Module files whose form is right and whose IR is not what it was: for what stands behind the reader."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from random import Random

from hyperion.errors import ModuleError
from hyperion.ir.function import Attribute, Equation, Function, Program, Region, Value, values_of, walk
from hyperion.ir.registry import CORE
from hyperion.ir.types import ArrayType, TupleType, Type, scalar_types
from hyperion.module import container
from hyperion.module.contents import Contents, StoredFunction, sections
from hyperion.module.reading import open_module
from hyperion.module.source import Memory

_SCALARS = list(scalar_types().values())
_OPS = sorted(CORE.ops)
_ODD: tuple[Attribute, ...] = (0, -1, 1 << 64, True, 2.5, "", "add.wrap", "reassoc", (), (0,), (9, -1))


def other_program(data: bytes, random: Random) -> bytes | None:
    """The file with its programs changed or exchanged; None where it cannot be read or written then."""
    try:
        contents = open_module(Memory(data)).contents
        changed = _contents(contents, random)
        return b"".join(container.pieces(sections(changed, random.choice(("none", "zlib")))))
    except (ModuleError, KeyError):
        return None


def _contents(contents: Contents, random: Random) -> Contents:
    functions = list(contents.functions)
    at = random.randrange(len(functions))
    old = functions[at]
    match random.randrange(4):
        case 0:
            new = replace(old, source=old.chosen, chosen=old.source)
        case 1:
            other = random.choice(functions)
            new = replace(old, chosen=_renamed(other.chosen, old.name))
        case 2:
            source = changed_program(old.source, random)
            new = replace(old, source=source, chosen=source if random.random() < 0.5 else old.chosen)
        case _:
            new = replace(old, chosen=changed_program(old.chosen, random))
    functions[at] = _kept(old, new)
    return replace(contents, functions=tuple(functions), code=())


def _kept(old: StoredFunction, new: StoredFunction) -> StoredFunction:
    """One object where both programs are one, as the file has it."""
    same = new.chosen == new.source and old.chosen is old.source
    return replace(new, chosen=new.source) if same else new


def _renamed(program: Program, name: str) -> Program:
    functions = {(name if n == program.entry else n): f for n, f in program.functions.items()}
    functions[name] = functions[name].renamed(name)
    return replace(program, functions=functions, entry=name)


def changed_program(program: Program, random: Random) -> Program:
    """One or two changes somewhere in a function: what it gives is rarely valid."""
    name = random.choice(list(program.functions))
    function = program.functions[name]
    for _ in range(random.choice((1, 1, 2))):
        function = _function(function, random)
    return replace(program, functions={**program.functions, name: function})


def _function(function: Function, random: Random) -> Function:
    equations = list(walk(function.equations))
    values = list(values_of(function))
    if not equations or not values or random.random() < 0.15:
        results = tuple(random.choice(values) for _ in range(random.randrange(3))) if values else ()
        return replace(function, results=results)
    target = random.choice(equations)
    changed = _equation(target, values, random)
    return replace(function, equations=_rebuilt(function.equations, target, changed))


def _rebuilt(equations: tuple[Equation, ...], old: Equation, new: tuple[Equation, ...]) -> tuple[Equation, ...]:
    found: list[Equation] = []
    for equation in equations:
        if equation is old:
            found += new
            continue
        regions = tuple(replace(r, equations=_rebuilt(r.equations, old, new)) for r in equation.regions)
        found.append(replace(equation, regions=regions))
    return tuple(found)


def _equation(old: Equation, values: list[Value], random: Random) -> tuple[Equation, ...]:
    """What stands in the place of one equation."""
    choices: list[Callable[[], tuple[Equation, ...]]] = [
        lambda: (replace(old, op=random.choice(_OPS)),),
        lambda: (replace(old, operands=tuple(random.sample(old.operands, len(old.operands)))),),
        lambda: (replace(old, operands=tuple(random.choice(values) for _ in old.operands)),),
        lambda: (replace(old, operands=(*old.operands, random.choice(values))[random.randrange(2) :]),),
        lambda: (replace(old, results=tuple(replace(v, type=_type(v.type, random)) for v in old.results)),),
        lambda: (replace(old, attributes=_attributes(old.attributes, random)),),
        lambda: (replace(old, attributes=(*old.attributes, ("value", random.choice(_ODD)))),),
        lambda: (replace(old, regions=old.regions[::-1]),),
        lambda: (replace(old, regions=(*old.regions, Region((), (), ()))[random.randrange(2) :]),),
        lambda: (),
        lambda: (old, replace(old, results=tuple(replace(v, name=f"{v.name}.again") for v in old.results))),
    ]
    return random.choice(choices)()


def _attributes(old: tuple[tuple[str, Attribute], ...], random: Random) -> tuple[tuple[str, Attribute], ...]:
    return tuple((name, random.choice(_ODD) if random.random() < 0.6 else value) for name, value in old)


def _type(old: Type, random: Random) -> Type:
    scalar = random.choice(_SCALARS)
    choices: list[Type] = [scalar, ArrayType(scalar, ("n0",)), ArrayType(scalar, (3, "m")), TupleType((old, scalar))]
    return random.choice(choices)
