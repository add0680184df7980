"""What every operation and every type of a plugin must do."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial

from hyperion.errors import HyperionError
from hyperion.ir.builder import Builder
from hyperion.ir.builder import program as program_of
from hyperion.ir.function import Program
from hyperion.ir.op_table import OpDef
from hyperion.ir.parser import parse_program
from hyperion.ir.printer import print_program
from hyperion.ir.registry import CORE, Registry
from hyperion.ir.scalars import Trap
from hyperion.ir.types import I64, ArrayType, BoolType, ExtensionType, FloatType, IntType, Type
from hyperion.ir.verifier import verify
from hyperion.logic.denote import denote
from hyperion.logic.terms import digest
from hyperion.testing.programs import attempt


class TypeConformance:
    """Subclass with `make`."""

    def make(self) -> ExtensionType:
        raise NotImplementedError

    def test_the_registry_takes_it(self) -> None:
        found = self.make()
        assert isinstance(found, ExtensionType)
        assert CORE.extended("conformance", types=[found]).types[found.name] == found

    def test_it_is_printed_and_parsed_again(self) -> None:
        found = self.make()
        registry = CORE.extended("conformance", types=[found])
        for ty in (found, ArrayType(found, ("n",))):
            builder = Builder("same", registry)
            program = program_of(builder.build([builder.parameter("x", ty)]), registry=registry)
            text = print_program(program)
            assert print_program(parse_program(text, registry=registry)) == text


class OpConformance:
    """Subclass with `make` and `uses`, the types of operands that the op takes; `types` are those of its own plugin."""

    types: Sequence[ExtensionType] = ()
    attributes: dict[str, object] = {}  # noqa: RUF012  read only
    uses: Sequence[Sequence[Type]] = ()

    def make(self) -> OpDef:
        raise NotImplementedError

    def registry(self) -> Registry:
        return CORE.extended("conformance", [self.make()], self.types)

    def test_the_registry_takes_it(self) -> None:
        op = self.make()
        assert isinstance(op, OpDef)
        assert self.registry().ops[op.name].signature == op.signature
        assert self.uses, "say which types it takes"

    def test_a_use_is_verified_printed_and_parsed_again(self) -> None:
        for types in self.uses:
            program = self._program(types)
            verify(program)
            text = print_program(program)
            assert print_program(parse_program(text, registry=self.registry())) == text

    def test_it_means_the_same_twice(self) -> None:
        for types in self.uses:
            first, second = (denote(self._program(types).main, self._program(types)) for _ in range(2))
            assert digest(first) == digest(second)

    def test_its_meaning_gives_values_of_its_type(self) -> None:
        """Or ends in a trap that it lists; for equal operands the same. An `expansion` is verified where it is used."""
        evaluate = self.registry().ops[self.make().name].evaluate
        for types in map(tuple, self.uses):
            result = self._program(types).main.results[0].type
            for turn in range(len(_SAMPLES)):
                values = tuple(_sample(ty, turn + place) for place, ty in enumerate(types))
                if evaluate is None or None in values:
                    continue
                meaning = partial(evaluate, values, types, result)
                first, second = attempt(meaning), attempt(meaning)
                assert not isinstance(first, Exception) or isinstance(first, Trap), f"of {values}: {first}"
                assert repr(first) == repr(second), f"of {values}: {first}, then {second}"

    def test_operands_that_it_does_not_take_are_refused(self) -> None:
        for types in ((), (ArrayType(I64, ("n",)),) * (len(self.uses[0]) + 1)):
            error = attempt(lambda t=types: self._program(t))
            assert isinstance(error, HyperionError), f"it takes {types}"

    def _program(self, types: Sequence[Type]) -> Program:
        registry = self.registry()
        builder = Builder("use", registry)
        operands = [builder.parameter(f"x{i}", ty) for i, ty in enumerate(types)]
        result = builder.op(self.make().name, *operands, **self.attributes)
        return program_of(builder.build([result]), registry=registry)


_SAMPLES = (0, 1, -1, 3, 1 << 200, -1 << 200)


def _sample(ty: Type, turn: int) -> object:
    """A value of the type, an integer at its ends too; None where only the plugin knows values."""
    number = _SAMPLES[turn % len(_SAMPLES)]
    match ty:
        case BoolType():
            return number > 0
        case IntType():
            return min(max(number, ty.minimum), ty.maximum)
        case FloatType():
            return (0.0, 1.5, -0.0, -2.0, math.inf, math.nan)[turn % len(_SAMPLES)]
        case _:
            return None
