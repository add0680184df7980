"""Mermaid flowcharts, which GitHub and many wikis draw.

The language: mermaid.js.org/syntax/flowchart.html. Labels are quoted, and every character but letters, digits and a few
signs is written as its entity code, so that no text can end a label, begin a comment or be taken for Markdown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from hyperion.ir.function import Function, Program
from hyperion.ir.pictures.graph import Cluster, Graph, Node, Shape, graph_of

_BRACKETS: Mapping[Shape, tuple[str, str]] = {
    "parameters": ("(", ")"),
    "step": ("[", "]"),
    "control": ("[[", "]]"),
    "results": ("(", ")"),
}
_PLAIN = frozenset(" .,:=()-+")


def mermaid(what: Program | Function) -> str:
    """The program or function as a Mermaid flowchart: regions are subgraphs, an edge carries the value that flows."""
    return "".join(f"{line}\n" for line in _graph(graph_of(what)))


def _graph(graph: Graph) -> Iterator[str]:
    yield "flowchart TD"
    for cluster in graph.functions:
        yield from _cluster(cluster, "  ")
    for edge in graph.edges:
        arrow = "-.->" if edge.is_call else "-->"
        yield f"  {edge.start} {arrow}|{_quoted([edge.label])}| {edge.stop}"


def _cluster(cluster: Cluster, indent: str) -> Iterator[str]:
    yield f"{indent}subgraph {cluster.ident} [{_quoted([cluster.title])}]"
    for item in cluster.items:
        if isinstance(item, Node):
            opening, closing = _BRACKETS[item.shape]
            yield f"{indent}  {item.ident}{opening}{_quoted(item.lines)}{closing}"
        else:
            yield from _cluster(item, f"{indent}  ")
    yield f"{indent}end"


def _quoted(lines: Sequence[str]) -> str:
    return '"' + "<br>".join("".join(map(_escaped, line)) for line in lines) + '"'


def _escaped(character: str) -> str:
    plain = (character.isascii() and character.isalnum()) or character in _PLAIN
    return character if plain else f"#{ord(character)};"
