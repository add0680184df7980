"""What a pipeline consists of: passes, and combinators around them.

node ::= pass | Fixpoint body | Repeat body | Try body
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, Generic, TypeAlias, TypeVar, cast

from hyperion.errors import PassError
from hyperion.interfaces.compiler_pass import CompilerPass

T = TypeVar("T", covariant=True)

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
"""The name of a pass, an option, a combinator or a pipeline."""


@dataclass(frozen=True, slots=True)
class Fixpoint(Generic[T]):
    """Runs its body until nothing changes, `max` times at most; the outcome says so if that was not enough."""

    body: tuple[T, ...] = field(metadata={"option": False})
    max: int = 8

    def __post_init__(self) -> None:
        if self.max < 1:
            raise ValueError(f"max counts rounds, so it is at least 1, not {self.max}")


@dataclass(frozen=True, slots=True)
class Repeat(Generic[T]):
    """Runs its body `n` times, whether it changes anything or not."""

    body: tuple[T, ...] = field(metadata={"option": False})
    n: int = 2

    def __post_init__(self) -> None:
        if self.n < 0:
            raise ValueError(f"n counts rounds, so it is not negative: {self.n}")


@dataclass(frozen=True, slots=True)
class Try(Generic[T]):
    """Runs its body; where a pass of it fails, the program goes on as it was before the body."""

    body: tuple[T, ...] = field(metadata={"option": False})


Combinator: TypeAlias = "Fixpoint[T] | Repeat[T] | Try[T]"
Node: TypeAlias = "CompilerPass | Fixpoint[Node] | Repeat[Node] | Try[Node]"

COMBINATORS: Final[Mapping[str, type[Fixpoint[Node]] | type[Repeat[Node]] | type[Try[Node]]]] = {
    "fixpoint": Fixpoint,
    "repeat": Repeat,
    "try": Try,
}
WORDS: Final = {kind: word for word, kind in COMBINATORS.items()}


def passes_of(nodes: Iterable[Node]) -> Iterator[CompilerPass]:
    """Every pass, in the order of the text."""
    for node in nodes:
        if isinstance(node, (Fixpoint, Repeat, Try)):
            yield from passes_of(node.body)
        else:
            yield node


def checked_pass(thing: object) -> CompilerPass:
    """The thing itself where it is a pass that the text form can name. Raises `PassError` (HY4021)."""
    if not isinstance(thing, CompilerPass) or isinstance(thing, type):
        hints = ["a pass has a name and run(program, context); give an object, not its class"]
        raise PassError("HY4021", f"{thing!r:.80} is no pass", hints=hints)
    name = cast(object, thing.name)  # as a stranger's class has it
    if not isinstance(name, str) or not NAME.fullmatch(name) or name in COMBINATORS:
        taken = "is the name of a combinator" if name in COMBINATORS else "is no name that a pipeline's text can hold"
        hints = ["letters, digits, `_`, `-` and `.`, not a digit first: loop-fusion"]
        raise PassError("HY4021", f"the name {name!r} of a {type(thing).__name__} {taken}", hints=hints)
    return thing
