"""The executable meaning of the IR: one equation after the other, exact at every width.

Slow and plain on purpose: everything else is tested against it.
"""

from __future__ import annotations

from collections.abc import Sequence

from hyperion.ir.function import Program
from hyperion.ir.places import located
from hyperion.ir.scalars import Number
from hyperion.ir.verifier import verify
from hyperion.tokens import current
from hyperion_interp import arguments as conversion
from hyperion_interp.block import MOST_ELEMENTS, Code, Machine
from hyperion_interp.translation import Translator


class Interpreter:
    """Runs one program any number of times.

    Raises `TypeCheckError` for a program that is not valid. `fuel` bounds how often the regions of all loops of a run
    may run together; past it a run ends with HY5106. An array of more than `most_elements` ends it with HY5108.
    """

    def __init__(self, program: Program, fuel: int | None = None, most_elements: int = MOST_ELEMENTS) -> None:
        verify(program)
        self._program = located(program)
        self._fuel = fuel
        self._most_elements = most_elements
        self._translator = Translator(program.registry)
        self._codes: dict[str, Code] = {}

    def run(self, arguments: Sequence[object]) -> tuple[object, ...]:
        """The results of the entry function.

        The token that is current (`hyperion.tokens`) is looked at between the runs of regions. Raises the
        `Trap...Error` of the first equation that traps, with its place and the calls that led there;
        `BufferError_` (HY2101) for arguments that do not fit.
        """
        results = zip(self._program.main.results, self.values(arguments), strict=True)
        return tuple(conversion.result(v.type, found) for v, found in results)

    def values(self, arguments: Sequence[object]) -> Sequence[Number]:
        """The results as the interpreter has them: arrays as `PersistentArray`. Raises as `run` does."""
        program = self._program
        values = conversion.values_of_arguments(program.main, arguments, self._most_elements)
        machine = Machine(self._code, self._fuel, self._most_elements, current())
        return machine.call(self._code(program.entry), values)

    def _code(self, name: str) -> Code:
        code = self._codes.get(name)
        if code is None:
            code = self._codes[name] = self._translator.function(self._program.functions[name])
        return code


def interpret(
    program: Program, arguments: Sequence[object], fuel: int | None = None, most_elements: int = MOST_ELEMENTS
) -> tuple[object, ...]:
    """The results of the program's entry on Python or NumPy values.

    An array is given as nested lists or a NumPy array, and comes back as lists, one level for each axis: the columns of
    no rows are not told. A tuple is a Python tuple, a complex number a Python complex. A NumPy array of uint16 that is
    given for bf16 holds bit patterns; bf16 comes back as floats.

    >>> from hyperion.ir.parser import parse_program
    >>> text = "func @inc(%x: i8) -> i8 { %one = const 1 : i8 %y = add.sat %x, %one : i8 return %y }"
    >>> interpret(parse_program(text), [127])
    (127,)
    """
    return Interpreter(program, fuel, most_elements).run(arguments)
