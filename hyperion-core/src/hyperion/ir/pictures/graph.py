"""A program as nodes in nested clusters and edges between them, for every kind of picture.

A function is a cluster with a node for its parameters, one for each equation and one for what it returns. An equation
with regions is a cluster of its node and a cluster for each region. An edge goes from where a value is defined to where
it is used.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from hyperion.diagnostics.layout import shown
from hyperion.ir import printer
from hyperion.ir.function import Equation, Function, Program, Region, Value
from hyperion.ir.registry import CORE, Registry

Shape = Literal["parameters", "step", "control", "results"]

_LONGEST_LINE = 60  # characters


@dataclass(frozen=True, slots=True)
class Node:
    """A box with lines of text; `ident` is made of letters and digits."""

    ident: str
    shape: Shape
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Edge:
    """From a definition to a use, or from a call to what is called."""

    start: str
    stop: str
    label: str
    is_call: bool = False


@dataclass(slots=True)
class Cluster:
    """Nodes and clusters that stand together."""

    ident: str
    title: str
    is_function: bool = False
    items: list[Node | Cluster] = field(default_factory=list["Node | Cluster"])


@dataclass(slots=True)
class Graph:
    functions: list[Cluster] = field(default_factory=list[Cluster])
    edges: list[Edge] = field(default_factory=list[Edge])


def graph_of(what: Program | Function) -> Graph:
    """The graph of one function, or of all functions of a program, the entry first."""
    if isinstance(what, Function):
        return _Drawer([what], CORE).graph()
    others = [f for name, f in what.functions.items() if name != what.entry]
    return _Drawer([what.main, *others], what.registry).graph()


class _Drawer:
    def __init__(self, functions: list[Function], registry: Registry) -> None:
        self._functions = functions
        self._registry = registry
        self._graph = Graph()
        self._count = 0
        self._homes: dict[str, str] = {}  # the node that defines a value of the function that is drawn
        self._entries: dict[str, str] = {}  # the first node of a function
        self._calls: list[tuple[str, str]] = []  # node and callee

    def graph(self) -> Graph:
        for function in self._functions:
            self._graph.functions.append(self._function(function))
        for node, callee in self._calls:
            if callee in self._entries:
                self._graph.edges.append(Edge(node, self._entries[callee], "calls", is_call=True))
        return self._graph

    def _ident(self, stem: str) -> str:
        self._count += 1
        return f"{stem}{self._count}"

    def _function(self, function: Function) -> Cluster:
        self._homes = {}
        cluster = Cluster(self._ident("f"), _cut(f"@{function.name}"), is_function=True)
        self._entries[function.name] = self._parameters(cluster, function.parameters, always=True)
        self._equations(cluster, function.equations)
        self._results(cluster, "return", function.results)
        return cluster

    def _add(self, cluster: Cluster, shape: Shape, lines: list[str]) -> str:
        node = Node(self._ident("n"), shape, tuple(map(_cut, lines)))
        cluster.items.append(node)
        return node.ident

    def _parameters(self, cluster: Cluster, parameters: tuple[Value, ...], always: bool = False) -> str:
        if not parameters and not always:
            return ""
        node = self._add(cluster, "parameters", [_typed(v) for v in parameters] or ["no parameters"])
        self._homes.update((v.name, node) for v in parameters)
        return node

    def _results(self, cluster: Cluster, word: str, values: tuple[Value, ...]) -> None:
        node = self._add(cluster, "results", [f"{word} {', '.join(map(str, values))}".rstrip()])
        self._uses(values, node)

    def _uses(self, values: tuple[Value, ...], node: str) -> None:
        for value in dict.fromkeys(values):
            home = self._homes.get(value.name)
            if home is not None:
                self._graph.edges.append(Edge(home, node, _cut(str(value))))

    def _equations(self, cluster: Cluster, equations: tuple[Equation, ...]) -> None:
        for equation in equations:
            if equation.regions:
                inner = Cluster(self._ident("e"), _cut(equation.op))
                cluster.items.append(inner)
                self._equation(inner, equation)
            else:
                self._equation(cluster, equation)

    def _equation(self, cluster: Cluster, equation: Equation) -> None:
        node = self._add(cluster, "control" if equation.regions else "step", _lines(equation))
        self._uses(equation.operands, node)
        if equation.op == "call":
            self._calls.append((node, str(equation.attribute("callee"))))
        definition = self._registry.ops.get(equation.op)
        names = definition.regions if definition is not None else ()
        for number, region in enumerate(equation.regions):
            title = names[number] if number < len(names) else f"region {number}"
            self._region(cluster, _cut(title), region)
        self._homes.update((v.name, node) for v in equation.results)

    def _region(self, cluster: Cluster, title: str, region: Region) -> None:
        inner = Cluster(self._ident("r"), title)
        cluster.items.append(inner)
        self._parameters(inner, region.parameters)
        self._equations(inner, region.equations)
        self._results(inner, "yield", region.results)


def _lines(equation: Equation) -> list[str]:
    return [printer.head(equation, typed=False), *(_typed(v) for v in equation.results)]


def _typed(value: Value) -> str:
    return f"{value}: {value.type}"


def _cut(line: str) -> str:
    """A line as it is shown: printable, and not too long."""
    text = shown(line)
    return text if len(text) <= _LONGEST_LINE else f"{text[: _LONGEST_LINE - 1]}…"
