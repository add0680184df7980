"""Whether a function is valid IR. Every error is reported, with its place, the reason and what to try."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from hyperion.errors import Span, TypeCheckError
from hyperion.ir import printer
from hyperion.ir.diagnostics import MAX_DEPTH, Diagnostic, collected
from hyperion.ir.function import Equation, Function, Program, Region, Value, values_of, walk
from hyperion.ir.lexer import NAME, SIZE
from hyperion.ir.ops import OPS, infer, is_total, region_type
from hyperion.ir.places import printed_places
from hyperion.ir.type_rules import Types, listing
from hyperion.ir.types import ArrayType, TupleType, Type, scalar_types

__all__ = ["Diagnostic", "verify", "verify_function"]


def verify(program: Program) -> None:
    """Raises `TypeCheckError` (HY6xxx) that lists every error of the program."""
    errors = [error for f in program.functions.values() for error in verify_function(f, program)]
    errors += _program_errors(program)
    if errors:
        raise collected(errors)


def verify_function(function: Function, program: Program | None = None) -> list[Diagnostic]:
    """The errors of one function; calls are compared with `program` where it is given."""
    deep = _too_deep(function)
    if deep is not None:
        return [deep]
    return _Verifier(function, program).errors()


def _too_deep(function: Function) -> Diagnostic | None:
    level: list[Equation] = list(function.equations)
    for _ in range(MAX_DEPTH + 1):
        level = [inner for equation in level for region in equation.regions for inner in region.equations]
        if not level:
            return None
    return TypeCheckError(
        "HY6003",
        f"@{function.name} is nested deeper than {MAX_DEPTH} levels",
        function.span,
        hints=("move the inner part to a function",),
    )


class _Verifier:
    def __init__(self, function: Function, program: Program | None) -> None:
        self._function = function
        self._program = program
        self._found: list[Diagnostic] = []
        self._spans: dict[int, Span] = {}
        self._made_by_calls: dict[int, frozenset[str]] = {}  # size names, by the identity of the call

    def errors(self) -> list[Diagnostic]:
        function = self._function
        self._names()
        scope = {v.name: v for v in function.parameters}
        self._equations(function.equations, scope)
        self._visible(function.results, scope, None, "returned")
        self._sizes(function.equations, set(_sizes_of(function.parameters)))
        return self._found

    def _report(self, equation: Equation | None, code: str, message: str, hints: Iterable[str] = ()) -> None:
        self._found.append(TypeCheckError(code, message, self._span(equation), self._place(), tuple(hints)))

    def _place(self) -> tuple[str, ...]:
        return (f"in @{self._function.name}",)

    def _span(self, equation: Equation | None) -> Span | None:
        """The span in the source, or in the printed function where the IR was built."""
        if equation is None:
            return self._function.span
        if equation.span is not None:
            return equation.span
        if not self._spans:
            self._spans = printed_places(self._function)
        return self._spans.get(id(equation))

    def _names(self) -> None:
        owners = {id(v): e for e in walk(self._function.equations) for v in _defined(e)}
        seen: set[str] = set()
        if not NAME.fullmatch(self._function.name):
            self._report(None, "HY6005", f"@{self._function.name} is not a name", ("use letters, digits, _ . $",))
        for value in values_of(self._function):
            if not NAME.fullmatch(value.name):
                message = f"%{value.name} is not a name"
                self._report(owners.get(id(value)), "HY6005", message, ("use letters, digits, _ . $",))
            if value.name in seen:
                message = f"%{value.name} is defined twice in @{self._function.name}"
                self._report(owners.get(id(value)), "HY6004", message, ("give one of them another name",))
            if not _writable(value.type):
                message = f"%{value.name} has the type {value.type}, which the IR does not have"
                self._report(owners.get(id(value)), "HY6024", message, (f"types: {', '.join(_SCALARS)}",))
            seen.add(value.name)

    def _equations(self, equations: tuple[Equation, ...], scope: dict[str, Value]) -> None:
        for equation in equations:
            visible = self._visible(equation.operands, scope, equation, "used")
            for region in equation.regions:
                self._region(region, scope, equation)
            if visible:
                self._typed(equation)
            scope.update((v.name, v) for v in equation.results)

    def _region(self, region: Region, scope: dict[str, Value], owner: Equation) -> None:
        inner = {**scope, **{v.name: v for v in region.parameters}}
        self._equations(region.equations, inner)
        self._visible(region.results, inner, owner, "yielded")

    def _visible(self, values: Iterable[Value], scope: dict[str, Value], equation: Equation | None, verb: str) -> bool:
        before = len(self._found)
        for value in values:
            known = scope.get(value.name)
            if known is None:
                hint = "define it before, or yield it from the region that defines it"
                self._report(equation, "HY6002", f"%{value.name} is {verb} where it is not visible", (hint,))
            elif known.type != value.type:
                message = f"%{value.name} is {verb} as {value.type} but defined as {known.type}"
                self._report(equation, "HY6012", message, ("use the value that the definition made",))
        return len(self._found) == before

    def _typed(self, equation: Equation) -> None:
        given = tuple(v.type for v in equation.results)
        regions = tuple(region_type(r) for r in equation.regions)
        try:
            types = tuple(v.type for v in equation.operands)
            expected = infer(equation.op, types, equation.attributes, given, regions)
            if given != expected:
                raise TypeCheckError(
                    "HY6013",
                    f"{equation.op} gives {listing(expected)}, declared {listing(given)}",
                    hints=(f"write `: {printer.types_text(expected)}`",),
                )
            if len(dict(equation.attributes)) != len(equation.attributes):
                raise TypeCheckError("HY6014", f"an attribute of {equation.op} is given twice")
            self._parallel(equation)
            if equation.op == "call" and self._program is not None:
                self._made_by_calls[id(equation)] = _check_call(equation, self._program)
        except TypeCheckError as error:
            notes = (*error.notes, *self._place())
            self._found.append(TypeCheckError(error.code, error.message, self._span(equation), notes, error.hints))

    def _parallel(self, equation: Equation) -> None:
        if not equation.op.startswith("par."):
            return
        for name, region in zip(OPS[equation.op].regions, equation.regions, strict=False):
            for inner in region.equations:
                definition = OPS.get(inner.op)
                if definition is None:
                    continue
                if not is_total(inner) or definition.is_control:
                    self._report(
                        inner,
                        "HY6020",
                        f"{inner.op} may not stand in the {name} region of {equation.op}",
                        ("keep to scalar ops that neither trap nor branch, such as add.wrap and select",),
                    )

    def _sizes(self, equations: tuple[Equation, ...], known: set[str]) -> None:
        """A size name stands for one number: a parameter, a `fill` or a call introduces it, once on every path."""
        for equation in equations:
            for name in sorted(self._new_sizes(equation) & known):
                self._report(equation, "HY6021", f"the size name {name} is in use", ("choose another name",))
            before = frozenset(known)
            for region in equation.regions:
                seen = set(before) if equation.op == "if" else known
                self._sizes(region.equations, seen)
                known |= seen
            known |= _sizes_of(equation.results)

    def _new_sizes(self, equation: Equation) -> frozenset[str]:
        if equation.op == "fill":
            return _sizes_of(equation.results)
        return self._made_by_calls.get(id(equation), frozenset())


_SCALARS = scalar_types()


def _writable(kind: Type, depth: int = 0) -> bool:
    """Whether the text form can write the type."""
    match kind:
        case TupleType():
            return depth < MAX_DEPTH and all(_writable(element, depth + 1) for element in kind.elements)
        case ArrayType():
            scalar = _SCALARS.get(str(kind.element)) == kind.element
            return scalar and kind.shape != () and all(map(_is_size, kind.shape))
        case _:
            return _SCALARS.get(str(kind)) == kind


def _is_size(size: int | str) -> bool:
    return size >= 0 if isinstance(size, int) else SIZE.fullmatch(size) is not None


def _defined(equation: Equation) -> Iterator[Value]:
    yield from equation.results
    for region in equation.regions:
        yield from region.parameters


def _sizes_of(values: Iterable[Value]) -> frozenset[str]:
    shapes = (v.type.shape for v in values if isinstance(v.type, ArrayType))
    return frozenset(size for shape in shapes for size in shape if isinstance(size, str))


def _check_call(equation: Equation, program: Program) -> frozenset[str]:
    """Compares a call with its callee; gives the names for the sizes that the callee makes."""
    name = str(equation.attribute("callee"))
    callee = program.functions.get(name)
    if callee is None:
        known = ", ".join(f"@{other}" for other in program.functions)
        raise TypeCheckError("HY6018", f"there is no function @{name}", hints=(f"functions: {known}",))
    sizes: dict[str, int | str] = {}
    given = tuple(v.type for v in equation.operands)
    wanted = tuple(v.type for v in callee.parameters)
    if not _match(wanted, given, sizes):
        raise TypeCheckError("HY6018", f"@{callee.name} takes {listing(wanted)}, {listing(given)} given")
    bound = sizes.keys() & _sizes_of(callee.parameters)
    results = tuple(v.type for v in equation.results)
    promised = tuple(v.type for v in callee.results)
    if not _match(promised, results, sizes):
        raise TypeCheckError("HY6018", f"@{callee.name} returns {listing(promised)}, declared {listing(results)}")
    made = [size for size_name, size in sizes.items() if size_name not in bound]
    if len({*map(str, made)}) != len(made) or not all(isinstance(size, str) for size in made):
        raise TypeCheckError("HY6021", f"the arrays that @{callee.name} makes need a size name each")
    return frozenset(map(str, made))


def _match(wanted: Types, given: Types, sizes: dict[str, int | str]) -> bool:
    """Whether `given` is `wanted` with its size names replaced; the replacement is added to `sizes`."""
    return len(wanted) == len(given) and all(map(lambda w, g: _matches(w, g, sizes), wanted, given))


def _matches(wanted: Type, given: Type, sizes: dict[str, int | str]) -> bool:
    if not isinstance(wanted, ArrayType) or not isinstance(given, ArrayType):
        return wanted == given
    if wanted.element != given.element or len(wanted.shape) != len(given.shape):
        return False
    pairs = zip(wanted.shape, given.shape, strict=True)
    return all((sizes.setdefault(w, g) if isinstance(w, str) else w) == g for w, g in pairs)


def _program_errors(program: Program) -> Iterator[Diagnostic]:
    if program.entry not in program.functions:
        yield TypeCheckError("HY6018", f"the entry @{program.entry} is not in the program")
    for name, function in program.functions.items():
        if name != function.name:
            yield TypeCheckError("HY6004", f"@{function.name} is listed as @{name}", function.span)
    circle = _circle(program)
    if circle:
        path = " -> ".join(f"@{name}" for name in circle)
        yield TypeCheckError(
            "HY6019",
            f"functions call each other in a circle: {path}",
            program.functions[circle[0]].span,
            hints=("write the recursion as a loop",),
        )


def _circle(program: Program) -> list[str]:
    """The names along a circle of calls, or nothing; without recursion, since a chain may be long."""
    calls = {
        name: [str(e.attribute("callee")) for e in walk(f.equations) if e.op == "call"]
        for name, f in program.functions.items()
        if _too_deep(f) is None
    }
    done: set[str] = set()
    for start in calls:
        path: list[str] = []
        on_path: set[str] = set()
        work: list[tuple[str, bool]] = [(start, True)]
        while work:
            name, entering = work.pop()
            if not entering:
                on_path.discard(name)
                done.add(path.pop())
                continue
            if name in on_path:
                return [*path[path.index(name) :], name]
            if name in done or name not in calls:
                continue
            path.append(name)
            on_path.add(name)
            work.append((name, False))
            work += [(callee, True) for callee in calls[name]]
    return []
