"""What there is to say about a pass in one line."""

from __future__ import annotations

import inspect
import sys

from hyperion.pipeline.nodes import Combinator, Node
from hyperion.pipeline.options import options_of


def summary_of(thing: Node | type[Combinator[Node]]) -> str:
    """The first sentence of its documentation: that of its class, else of the module it is from; empty for none."""
    kind = thing if isinstance(thing, type) else type(thing)
    own = inspect.cleandoc(kind.__doc__ or "")
    if not own or own.startswith(f"{kind.__name__}("):  # a dataclass without documentation gets its signature
        own = inspect.cleandoc(getattr(sys.modules.get(kind.__module__), "__doc__", None) or "")
    paragraph = " ".join(own.split("\n\n")[0].split())
    return paragraph.partition(". ")[0].rstrip(".")


def options_text(kind: type) -> str:
    """All options with their types and defaults: `max: int = 8`."""
    return ", ".join(map(str, options_of(kind).values()))
