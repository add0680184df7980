"""Graphviz DOT.

The language: "The DOT Language", graphviz.org/doc/info/lang.html. A quoted string escapes `"` as `\\"`; in a label a
backslash begins an escape of its own, so it is doubled.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from hyperion.ir.function import Function, Program
from hyperion.ir.pictures.graph import Cluster, Graph, Node, Shape, graph_of

_STYLES: Mapping[Shape, str] = {
    "parameters": 'shape=box, style="rounded,filled", fillcolor="#e3ecfb"',
    "step": 'shape=box, style=filled, fillcolor="#ffffff"',
    "control": 'shape=box, style=filled, fillcolor="#f6e7cf"',
    "results": 'shape=box, style="rounded,filled", fillcolor="#e0f0e4"',
}
_FONT = 'fontname="monospace", fontsize=10'


def dot(what: Program | Function) -> str:
    """The program or function as a DOT graph: regions are clusters, an edge carries the value that flows."""
    return "".join(f"{line}\n" for line in _graph(graph_of(what)))


def _graph(graph: Graph) -> Iterator[str]:
    yield "digraph hyperion {"
    yield f"  graph [{_FONT}, compound=true, ranksep=0.3, nodesep=0.25];"
    yield f"  node [{_FONT}, margin=0.08, height=0.3];"
    yield f'  edge [{_FONT}, color="#555555", fontcolor="#555555", arrowsize=0.6];'
    for cluster in graph.functions:
        yield from _cluster(cluster, "  ")
    for edge in graph.edges:
        style = "style=dashed, constraint=false" if edge.is_call else f"label={_quoted([edge.label])}"
        yield f"  {edge.start} -> {edge.stop} [{style}];"
    yield "}"


def _cluster(cluster: Cluster, indent: str) -> Iterator[str]:
    yield f"{indent}subgraph cluster_{cluster.ident} {{"
    colour = "#333333" if cluster.is_function else "#999999"
    yield f'{indent}  label={_quoted([cluster.title])}; labeljust=l; color="{colour}"; style=rounded;'
    for item in cluster.items:
        if isinstance(item, Node):
            yield f"{indent}  {item.ident} [label={_quoted(item.lines)}, {_STYLES[item.shape]}];"
        else:
            yield from _cluster(item, f"{indent}  ")
    yield f"{indent}}}"


def _quoted(lines: list[str] | tuple[str, ...]) -> str:
    """Lines as one quoted label; several are set to the left."""
    escaped = [line.replace("\\", "\\\\").replace('"', '\\"') for line in lines]
    return '"' + (escaped[0] if len(escaped) == 1 else "".join(f"{line}\\l" for line in escaped)) + '"'
