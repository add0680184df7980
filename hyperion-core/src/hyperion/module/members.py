"""The functions of a program, each as a program of its own."""

from __future__ import annotations

from dataclasses import replace

from hyperion.ir.function import Program, walk


def with_entry(program: Program, entry: str) -> Program:
    """The program whose entry is that function, with the functions that it reaches, in their order."""
    reached = {entry}
    waiting = [entry]
    while waiting:
        function = program.functions[waiting.pop()]
        callees = {str(e.attribute("callee")) for e in walk(function.equations) if e.op == "call"}
        new = callees & program.functions.keys() - reached
        reached |= new
        waiting += new
    functions = {name: f for name, f in program.functions.items() if name in reached}
    return replace(program, functions=functions, entry=entry)
