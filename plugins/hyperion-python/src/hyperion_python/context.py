"""What lowering one function needs to know: where equations go, what names are bound to, what the user granted."""

from __future__ import annotations

import ast
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import contextmanager
from typing import NoReturn

from hyperion.errors import Span
from hyperion.interfaces.frontend import CompileOptions
from hyperion.ir.function import Function, Value
from hyperion.ir.types import ArrayType, Type
from hyperion_python.emitter import Block, Emitter
from hyperion_python.liveness import Names
from hyperion_python.namespace import MISSING
from hyperion_python.operands import ArrayRef, Environment, Literal, MatrixRef, Operand, Poison, Reference
from hyperion_python.refusals import refuse
from hyperion_python.source import SourceFunction

BlockLowering = Callable[["Context", Sequence[ast.stmt], Names], None]
CallLowering = Callable[[object, Sequence[Type], Span, CompileOptions], Function]


class Context:
    """The state of lowering one function."""

    def __init__(
        self,
        source: SourceFunction,
        options: CompileOptions,
        local: set[str],
        lower_callee: CallLowering,
        lower_block: BlockLowering,
    ) -> None:
        self.source = source
        self.options = options
        self.local = local  # names that the function assigns anywhere: Python's rule for what is local
        self.lower_callee = lower_callee
        self.lower_block = lower_block
        self.emitter = Emitter(source.header_span())
        self.environment: Environment = {}
        self.elements: dict[tuple[str, str, int], Value] = {}  # (array, index, distance) -> the element of a fold
        self.copies = 0  # how often a tail of the function was written again for a branch
        self.itself: object = None  # what `recursion` knows of a function that calls itself
        self._arrays = 0
        self.loops = 0
        self.reductions = 0
        self.changing: Names = frozenset()  # the names that the loops around assign

    def span(self, node: ast.AST) -> Span:
        return self.source.span(node)

    def refuse(self, code: str, message: str, node: ast.AST, *, note: str = "", hint: str = "") -> NoReturn:
        refuse(code, message, self.span(node), note=note, hint=hint)

    @contextmanager
    def branch(self, block: Block) -> Generator[Environment, None, None]:
        """Lowers into `block` with a copy of the environment, which the caller compares afterwards."""
        before = self.environment
        self.environment = dict(before)
        try:
            with self.emitter.inside(block):
                yield self.environment
        finally:
            self.environment = before

    @contextmanager
    def turn(self, stores: Iterable[str]) -> Generator[None, None, None]:
        """Lowers a turn of a loop that assigns these names."""
        before, self.changing = self.changing, self.changing | frozenset(stores)
        try:
            yield
        finally:
            self.changing = before

    def new_array(self, contents: Value, *, owned: bool) -> ArrayRef:
        self._arrays += 1
        reference = ArrayRef(f"[{self._arrays}]", owned)
        self.environment[reference.key] = contents
        return reference

    def new_reference(self, contents: Value, *, owned: bool) -> Reference:
        """Of an array of one or two dimensions."""
        reference = self.new_array(contents, owned=owned)
        return MatrixRef(reference.key, owned) if len(array_type(contents).shape) == 2 else reference

    def contents(self, reference: Reference) -> Value:
        value = self.environment[reference.key]
        assert isinstance(value, Value)
        return value

    def fresh_size(self) -> str:
        return self.emitter.fresh("size").replace(".", "_")

    def resolve(self, node: ast.expr) -> object:
        """The object that a global name, or an attribute of a module, stands for; MISSING where there is none."""
        base = node
        while isinstance(base, ast.Attribute):
            base = base.value
        if isinstance(base, ast.Name) and base.id in self.local:
            return MISSING
        return self.source.namespace.resolve(node)

    def read(self, name: ast.Name) -> Value | Literal | Reference:
        """What a local name is bound to. Refuses a name that may be unassigned."""
        binding = self.environment.get(name.id)
        if binding is None:
            self.refuse(
                "HY6105",
                f"{name.id} is read before it is assigned",
                name,
                note=f"{name.id} is local to {self.source.name}, because the function assigns it",
                hint=f"assign {name.id} before this line",
            )
        if isinstance(binding, Poison):
            self.refuse(binding.code, f"{name.id} {binding.reason}", name, hint=binding.hint)
        return binding


LowerExpression = Callable[[Context, ast.expr], Operand]


def array_type(value: Value) -> ArrayType:
    assert isinstance(value.type, ArrayType)
    return value.type
