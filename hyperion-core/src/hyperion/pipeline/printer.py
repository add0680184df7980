"""The text form of nodes, canonical: no spaces, options sorted by name."""

from __future__ import annotations

from collections.abc import Iterable

from hyperion.pipeline.nodes import WORDS, Fixpoint, Node, Repeat, Try
from hyperion.pipeline.options import settings_text


def pipeline_text(nodes: Iterable[Node], defaults: bool = False) -> str:
    """`canonicalize,fixpoint{max=4}(cse,dce)`. Options at their default are left out, unless `defaults` asks for
    them: such a text means the same where a later version has other defaults."""
    return ",".join(node_text(node, defaults) for node in nodes)


def node_text(node: Node, defaults: bool = False) -> str:
    """One node as text."""
    if isinstance(node, (Fixpoint, Repeat, Try)):
        return f"{head_text(node, defaults)}({pipeline_text(node.body, defaults)})"
    return head_text(node, defaults)


def head_text(node: Node, defaults: bool = False) -> str:
    """One node without its body: `fixpoint{max=4}`, `cse`."""
    word = WORDS[type(node)] if isinstance(node, (Fixpoint, Repeat, Try)) else node.name
    return f"{word}{settings_text(node, defaults)}"
