"""What a loop of the gallery is: a plain Python function, the data that it takes, its options, and where it should get.

What is asserted of each loop stands in `expected.txt`, one truth for each loop and type of element: `parallel`,
`scan` (parallel, with an array as result), `logarithmic`, `closed`, `sequential` or `untaken` (the frontend refuses
it), the last two with words of the reason. `target` here is what the loop can become, or `sequential` where there is
no other form.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any, Literal, TypeAlias  # Any: arguments of every type

Target: TypeAlias = Literal["parallel", "scan", "logarithmic", "closed", "sequential"]

DOMAINS = ("finance", "text", "signals", "dynamic", "moments", "numbers", "bits", "events", "variants")
MODULES = (*DOMAINS, "variants_sums", "variants_floats", "variants_searches")  # a long domain has several
EXPECTED = Path(__file__).with_name("expected.txt")
PAGE = Path(__file__).resolve().parents[2] / "docs/reference/gallery.md"


@dataclass(frozen=True)
class Whole:
    """An array of integers; random ones are from `low` to `high`, adversarial ones have the limits of the type too."""

    low: int = -100
    high: int = 100
    extreme: bool = True  # whether the limits of the type are among the inputs


@dataclass(frozen=True)
class Letters:
    """Bytes from an alphabet, as uint8."""

    alphabet: bytes


@dataclass(frozen=True)
class Real:
    """An array of floats; random ones are from `low` to `high`, adversarial ones have NaN, infinities and -0.0 too."""

    low: float = -10.0
    high: float = 10.0


@dataclass(frozen=True)
class Count:
    """A number of steps."""

    most: int = 2000


@dataclass(frozen=True)
class Given:
    """A scalar, one of a few values."""

    values: Sequence[int | float]


Argument: TypeAlias = Whole | Letters | Real | Count | Given
ARRAYS = (Whole, Letters, Real)


@dataclass(frozen=True)
class Loop:
    domain: str
    function: Callable[..., Any]
    arguments: tuple[Argument, ...]
    target: Target
    dtypes: tuple[str, ...]
    overflow: Literal["trap", "wrap", "sat"]
    fp: Literal["ieee", "reassoc"]

    @property
    def name(self) -> str:
        return f"{self.domain}/{self.function.__name__}"

    @property
    def ids(self) -> list[str]:
        """The loop with each type of element that it is tested with."""
        return [f"{self.name} {dtype}".strip() for dtype in self.dtypes]


@dataclass
class Domain:
    """The loops of one domain, in the order in which they are written."""

    name: str
    loops: list[Loop] = field(default_factory=list[Loop])

    def loop(
        self,
        *arguments: Argument,
        target: Target = "parallel",
        dtypes: str = "",
        overflow: Literal["trap", "wrap", "sat"] = "trap",
        fp: Literal["ieee", "reassoc"] = "ieee",
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Takes a function into the gallery. `dtypes` are those of its arrays, separated by spaces."""

        def take(function: Callable[..., Any]) -> Callable[..., Any]:
            types = tuple(dtypes.split()) or (_usual(arguments),)
            self.loops.append(Loop(self.name, function, arguments, target, types, overflow, fp))
            return function

        return take


def _usual(arguments: Sequence[Argument]) -> str:
    for argument in arguments:
        match argument:
            case Whole():
                return "int64"
            case Letters():
                return "uint8"
            case Real():
                return "float64"
            case _:
                pass
    return ""


def loops() -> list[Loop]:
    """The whole gallery."""
    return [loop for name in MODULES for loop in import_module(f"domains.{name}").HERE.loops]


def expected() -> dict[str, tuple[str, str]]:
    """By loop and type: what it is, and a word of the reason where that is a refusal."""
    found: dict[str, tuple[str, str]] = {}
    for line in EXPECTED.read_text(encoding="utf-8").splitlines():
        name, _, rest = line.partition(": ")
        kind, _, word = rest.partition(", ")
        found[name] = kind, word
    return found
