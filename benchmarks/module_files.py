"""What saving and loading module files costs, and how each grows: of files that are mostly code, IR, or proofs.

    uv run python benchmarks/module_files.py [--rounds 7] [--only load]

benchmarks/compiler.py explains the columns; the checker's process is in the median alone. "load again" is after the
same bytes were loaded in this process, "first use" that of one function of a file just opened with `check="first-use"`.
"""

from __future__ import annotations

import argparse
import itertools
import random
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

import hyperion as hp
from compiler import Measure, machine, run, table
from hyperion.errors import Span
from hyperion.interfaces.codegen import NativeCode
from hyperion.ir.function import Equation, Function, Program, Region, Value
from hyperion.ir.types import I64, ArrayType
from hyperion.ir.verifier import verify
from hyperion.module.bulk import without_collections
from hyperion.module.function import ModuleFunction
from hyperion.module.ir_reader import read_programs
from hyperion.module.ir_writer import write_programs
from hyperion.module.limits import Limits
from hyperion.module.loading import Check
from hyperion.module.module import Module
from hyperion.module.span_writer import SpanWriter
from hyperion.module.stored_code import stored_code
from hyperion.testing.module_samples import sample_module

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


def module_files(folder: Path) -> Iterator[Measure]:
    """Saving and loading: modules that are mostly code, mostly IR, and mostly proofs, of several sizes each."""
    instance = hp.Instance(plugins=[])
    small = program_of(20, spans=True)
    for size in (MIB // 16, MIB // 4, MIB, 4 * MIB):
        path, module = folder / f"code-{size}.hym", module_of(small, size)
        module.save(path)
        yield Measure("code, save", size, "bytes", lambda m=module, p=path: m.save(p))
        yield Measure("code, load", size, "bytes", lambda p=path: instance.load(p))
        yield Measure("code, load for first use", size, "bytes", lambda p=path: instance.load(p, check="first-use"))
        yield Measure("code, save and load", size, "bytes", lambda m=module, p=path: (m.save(p), instance.load(p)))
    for size in (4_000, 16_000, 64_000):
        for spans in (False, True):
            yield from _ir_works(instance, folder, program_of(size, spans), size, spans)
    whole = hp.Instance()
    for count in (1, 4, 16):
        yield from _proof_works(whole, count)


def _ir_works(instance: hp.Instance, folder: Path, program: Program, size: int, spans: bool) -> Iterator[Measure]:
    kind = "IR with places" if spans else "IR"
    path, module = folder / f"ir-{size}-{spans}.hym", module_of(program)
    module.save(path)
    again = instance.load(path, check="first-use")

    def save_and_load() -> None:
        again.save(path)
        instance.load(path, check="first-use")

    def measure(name: str, work: Callable[[], object]) -> Measure:
        return Measure(f"{kind}, {name}", size, "equations", work)

    yield measure("save", lambda: module.save(path))
    yield measure("load", lambda: instance.load(path))
    yield measure("load for first use", lambda: instance.load(path, check="first-use"))
    yield measure("first use", lambda: instance.load(path, check="first-use")["f"].derivation)
    yield measure("save as loaded and load for first use", save_and_load)
    if not spans:
        data = write_programs([program], SpanWriter("none")).data
        yield measure("write the section", lambda: write_programs([program], SpanWriter("none")))
        yield measure("read the section", lambda: _read(data))
        yield measure("verify", lambda: verify(program))
        print(f"{size:,} equations are {len(data):,} bytes of IR, {path.stat().st_size:,} in a file", file=sys.stderr)


LOOP = """
func @segment{0}(%xs: i64[n]) -> i64 {{
  %c = const {0} : i64
  %zero = const 0 : i64
  %here, %best = fold (%xs), (%c, %zero) {{
    ^(%x: i64, %h: i64, %b: i64):
      %h1 = add.trap %h, %x : i64
      %h2 = max %h1, %zero : i64
      %b1 = max %b, %h2 : i64
      yield %h2, %b1
  }}
  return %best
}}
"""


_loads = itertools.count()


def _proof_works(instance: hp.Instance, count: int) -> Iterator[Measure]:
    """A module of so many loops, each with a proof of its own."""
    module = instance.compile("".join(LOOP.format(i + 1) for i in range(count)), frontend="ir")
    assert all(function.explain().checked for function in module.values())
    data = module.to_bytes()
    print(f"{count} proved loops are {len(data):,} bytes", file=sys.stderr)

    def anew(check: Check) -> Module:
        limits = Limits(proof_terms=2_000_000 - next(_loads))  # what was said under wider limits does not count then
        return instance.load(data, check=check, limits=limits)

    def measure(name: str, work: Callable[[], object]) -> Measure:
        return Measure(f"proofs, {name}", count, "functions", work)

    yield measure("load", lambda: anew("now"))
    yield measure("load again", lambda: instance.load(data))
    yield measure("load for first use", lambda: anew("first-use"))
    yield measure("first use of one", lambda: anew("first-use").entry.derivation)


def _read(data: bytes) -> object:
    with without_collections():
        return read_programs(data)


def main() -> None:
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--rounds", type=int, default=7)
    options.add_argument("--only", default="", help="what has this in its name")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        measures = [m for m in module_files(Path(folder)) if chosen.only in m.name]
        run(measures, chosen.rounds)
    print(f"{machine()}; medians of {chosen.rounds} rounds.\n\n{table(measures, [])}")


if __name__ == "__main__":
    main()
