"""What saving and loading module files costs: the container, the IR in it, and how each grows.

    uv run python benchmarks/module_files.py [--rounds 7] [--only load]

Every measure is taken once in each round, in an order that changes; a figure is the median of the rounds. `processor`
is the time of the processor, which other programs disturb less than the clock. `growth` is how many times as long one
byte or equation takes as at the size before. `works` is for benchmarks/compiler.py.
"""

from __future__ import annotations

import argparse
import os
import platform
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

import hyperion as hp
from hyperion.errors import Span
from hyperion.interfaces.codegen import NativeCode
from hyperion.ir.function import Equation, Function, Program, Region, Value
from hyperion.ir.types import I64, ArrayType
from hyperion.ir.verifier import verify
from hyperion.module.bulk import without_collections
from hyperion.module.function import ModuleFunction
from hyperion.module.ir_reader import read_programs
from hyperion.module.ir_writer import write_programs
from hyperion.module.module import Module
from hyperion.module.span_writer import SpanWriter
from hyperion.module.stored_code import stored_code
from hyperion.testing.module_samples import sample_module

Work = tuple[str, int, str, Callable[[], object]]  # what, of which size, in which unit, and the work itself
MIB = 1 << 20


def program_of(equations: int, spans: bool) -> Program:
    """One function of so many equations: nine additions, then a loop over an array, and so on."""
    xs, zero = Value("xs", ArrayType(I64, ("n",))), Value("zero", I64)
    found = [Equation((zero,), "const", (), (("value", 0),), (), _span(1, spans))]
    last, count = zero, 1
    while count < equations:
        value = Value(f"v{count}", I64)
        if count % 11 < 9:
            found.append(Equation((value,), "add.wrap", (last, zero), (), (), _span(count, spans)))
            count += 1
        else:
            element, state, step = (Value(f"{name}{count}", I64) for name in ("x", "s", "t"))
            inner = Equation((step,), "add.wrap", (state, element), (), (), _span(count + 1, spans))
            body = Region((element, state), (inner,), (step,))
            found.append(Equation((value,), "fold", (xs, last), (("arrays", 1),), (body,), _span(count, spans)))
            count += 2
        last = value
    return Program({"f": Function("f", (xs,), tuple(found), (last,), _span(1, spans))}, "f")


def _span(line: int, spans: bool) -> Span | None:
    return Span("f.hir", line, 3, line, 40, f"  %v{line} = add.wrap %v{line - 1}, %zero : i64") if spans else None


def module_of(program: Program, code: int = 0) -> Module:
    """A module of one function without a theorem, and so many bytes of machine code."""
    derivation = replace(sample_module()["kinds"].derivation, source=program, chosen=program, refusals=())
    native = {"f": NativeCode("object", "this machine", random.Random(1).randbytes(code))} if code else {}
    stored = [stored_code("cpu", native)] if code else []
    return Module({"f": ModuleFunction.deferred(derivation, _no_target)}, code=stored)


def _no_target() -> NoReturn:
    raise AssertionError("nothing is compiled here")


def works(folder: Path) -> Iterator[Work]:
    """Saving and loading, of a module with code of several sizes, of one with IR of several sizes, and of a proof."""
    instance = hp.Instance(plugins=[])
    small = program_of(20, spans=True)
    for size in (MIB // 16, MIB // 4, MIB, 4 * MIB):
        path, module = folder / f"code-{size}.hym", module_of(small, size)
        module.save(path)
        yield "module with code, save", size, "bytes", lambda m=module, p=path: m.save(p)
        yield "module with code, load", size, "bytes", lambda p=path: instance.load(p)
        yield "module with code, save and load", size, "bytes", lambda m=module, p=path: (m.save(p), instance.load(p))
    for size in (4_000, 16_000, 64_000):
        for spans in (False, True):
            yield from _ir_works(instance, folder, program_of(size, spans), size, spans)
    proven = Module({"total": sample_module()["total"]})
    data = proven.to_bytes()
    yield "module with a small proof, load", len(data), "bytes", lambda: instance.load(data)


def _ir_works(instance: hp.Instance, folder: Path, program: Program, size: int, spans: bool) -> Iterator[Work]:
    kind = "IR with places" if spans else "IR"
    path, module = folder / f"ir-{size}-{spans}.hym", module_of(program)
    module.save(path)
    yield f"{kind}, save", size, "equations", lambda: module.save(path)
    yield f"{kind}, load", size, "equations", lambda: instance.load(path)
    if not spans:
        data = write_programs([program], SpanWriter("none")).data
        yield f"{kind}, write the section", size, "equations", lambda: write_programs([program], SpanWriter("none"))
        yield f"{kind}, read the section", size, "equations", lambda: _read(data)
        yield f"{kind}, verify", size, "equations", lambda: verify(program)
        print(f"{size:,} equations are {len(data):,} bytes of IR, {path.stat().st_size:,} in a file", file=sys.stderr)


def _read(data: bytes) -> object:
    with without_collections():
        return read_programs(data)


def measured(found: list[Work], rounds: int) -> list[str]:
    """A table of the medians."""
    wall: dict[int, list[float]] = {i: [] for i in range(len(found))}
    processor: dict[int, list[float]] = {i: [] for i in range(len(found))}
    order = list(range(len(found)))
    for _ in range(rounds + 1):
        random.shuffle(order)
        for i in order:
            clock, used = time.perf_counter(), time.process_time()
            found[i][3]()
            wall[i].append(time.perf_counter() - clock)
            processor[i].append(time.process_time() - used)
    lines = ["| what | size | median | processor | growth |", "|---|---:|---:|---:|---:|"]
    before: dict[str, float] = {}
    for i in sorted(range(len(found)), key=lambda i: found[i][:2]):
        name, size, unit, _ = found[i]
        median, used = statistics.median(wall[i][1:]), statistics.median(processor[i][1:])
        growth = f"{used / size / before[name]:.2f}" if name in before else ""
        before[name] = used / size
        lines.append(f"| {name} | {size:,} {unit} | {median * 1e3:.2f} ms | {used * 1e3:.2f} ms | {growth} |")
    return lines


def main() -> None:
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--rounds", type=int, default=7)
    options.add_argument("--only", default="", help="what has this in its name")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = [work for work in works(Path(folder)) if chosen.only in work[0]]
        lines = measured(found, chosen.rounds)
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    print(
        f"Python {platform.python_version()}, {os.cpu_count()} processors{load}; medians of {chosen.rounds} rounds.\n"
    )
    print("\n".join(lines))


if __name__ == "__main__":
    main()
