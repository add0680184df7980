"""What an error code means: an entry of the catalogue."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Code:
    """`meaning` and `cause` are sentences, `remedy` says what to try.

    `example` is Python, IR text that begins with `func @`, or commands that begin with `$`; it ends in this error, and
    the tests run it unless `runs` says that it cannot be had at will. A `retired` code is raised no longer.
    """

    meaning: str
    cause: str = ""
    remedy: str = ""
    example: str = ""
    runs: bool = True
    retired: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "example", textwrap.dedent(self.example).strip("\n"))
