"""par.windows: products of all windows of w neighbours in two passes, whatever w is.

The windows that start in one run of w places have one place in common, the first behind the run. From there to the
front, each element is put before the product of those behind it, which is what a window has of its own run; then from
there to the back, each is added to the product of those before it, and that is joined to what is there (van Herk 1992;
Gil and Werman 1993). Runs depend on each other in nothing, and are shared out among threads.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hyperion.ir.function import Equation, Region, Value
from hyperion.ir.types import Type
from hyperion_llvm.counting import plain
from hyperion_llvm.lowering import Lowering
from hyperion_llvm.reduce import free_scalars
from hyperion_llvm.sharing import WORTH_THREADS, read_job, run_tasks, written_job
from hyperion_llvm.sources import Array, Field, Source, element_at, fields, handed, load_element, store_element
from hyperion_llvm.taken import TOOK_PARALLEL, note
from hyperion_llvm.text import element_of, scalar_type

TASK = 1 << 14
"""How many windows a thread takes at once, at least: as many runs as that makes."""


def parallel_windows(lowering: Lowering, equation: Equation) -> None:
    *operands, width = equation.operands
    sources = [lowering.source(x) for x in operands]
    lift, multiply = equation.regions
    w, module = lowering.writer, lowering.module
    asked = lowering.scalar(width)
    wide = w.set(f"call i64 @llvm.smax.i64(i64 {asked}, i64 1)", "width")
    length = sources[0].length
    beyond = w.set(f"sub i64 {length}, {wide}")
    count = w.set(f"call i64 @llvm.smax.i64(i64 {w.set(f'add i64 {beyond}, 1')}, i64 0)", "windows")
    made = tuple(element_of(r.type) for r in equation.results)
    # A run of windows is as long as each window, so the last may write behind the windows that there are.
    outputs = [Array(lowering.allocate(kind, length), count, owned=True) for kind in made]
    captured = tuple(free_scalars([lift, multiply]))
    runs = w.set(f"add i64 {w.set(f'udiv i64 {TASK}, {wide}')}, 1")
    span = w.set(f"mul i64 {runs}, {wide}", "span")
    job = _Job(tuple(element_of(x.type) for x in operands), tuple(sources), made, captured, lift, multiply)
    given = [field for each in job.fields for field in each] + [("ptr", a.data) for a in outputs]
    given += [("i64", x) for x in (wide, count, span)] + [(scalar_type(v.type), lowering.scalar(v)) for v in captured]
    place = written_job(w, given)
    name = f"hyperion.windows.{len(module.functions)}"
    module.functions.append("\n".join(_Runs(lowering, job).function(name)))
    module.uses_pool = True
    some, on = w.fresh("some"), w.fresh("on")
    w.branch(w.set(f"icmp ne i64 {count}, 0", "c"), some, on)
    w.start(some)
    note(lowering, TOOK_PARALLEL)
    w.jump(on)
    w.start(on)
    most = w.set(f"add i64 {count}, {w.set(f'sub i64 {span}, 1')}")
    tasks = w.set(f"udiv i64 {most}, {span}", "tasks")
    _run(lowering, name, place, tasks, length)
    for result, array in zip(equation.results, outputs, strict=True):
        lowering.bind(result, array)


def _run(lowering: Lowering, name: str, job: str, tasks: str, length: str) -> None:
    w = lowering.writer
    many = w.set(f"icmp uge i64 {length}, {WORTH_THREADS}", "c")
    worth = w.set(f"and i1 {many}, {w.set(f'icmp uge i64 {tasks}, 2', 'c')}", "c")
    run_tasks(lowering, name, job, tasks, worth)
    if lowering.loops:
        lowering.charge(length)


@dataclass(frozen=True, slots=True)
class _Job:
    """What every task is told: of each source, the arrays made, the width, how many windows there are and go into a
    task, and the outer scalars that lift and mul read."""

    elements: tuple[Type, ...]
    sources: tuple[Source, ...]
    made: tuple[Type, ...]
    captured: tuple[Value, ...]
    lift: Region
    multiply: Region

    @property
    def fields(self) -> list[list[Field]]:
        return [fields(x, t) for x, t in zip(self.sources, self.elements, strict=True)]

    @property
    def kinds(self) -> list[str]:
        kinds = [kind for each in self.fields for kind, _ in each] + ["ptr"] * len(self.made) + ["i64"] * 3
        return kinds + [scalar_type(v.type) for v in self.captured]


class _Runs:
    """Writes the function that makes the windows of one task."""

    def __init__(self, outer: Lowering, job: _Job) -> None:
        self.job = job
        self.lowering = Lowering(outer.module, outer.function, {})
        self.lowering.ranges = outer.ranges
        self.writer = self.lowering.writer
        self.kinds = [scalar_type(t) for t in job.made]

    def function(self, name: str) -> list[str]:
        w, job = self.writer, self.job
        loaded = read_job(w, job.kinds)
        self.sources: list[Source] = []
        for source, given in zip(job.sources, job.fields, strict=True):
            self.sources.append(handed(source, loaded[: len(given)]))
            del loaded[: len(given)]
        self.outputs, loaded = loaded[: len(job.made)], loaded[len(job.made) :]
        self.width, self.count, span, *captured = loaded
        self.lowering.values.update({v.name: x for v, x in zip(job.captured, captured, strict=True)})
        first = w.set(f"mul i64 %index, {span}", "first")
        end = self._least(w.set(f"add i64 {first}, {span}"), self.count)
        runs = w.set(f"add i64 {w.set(f'sub i64 {end}, {first}')}, {w.set(f'sub i64 {self.width}, 1')}")
        plain(w, "0", w.set(f"udiv i64 {runs}, {self.width}", "runs"), lambda i: self._windows(first, i))
        header = f"define internal void @{name}(i64 %index, ptr noalias readonly %job) noinline #0 {{"
        return [header, *w.body(), "  ret void", "}"]

    def _least(self, a: str, b: str) -> str:
        return self.writer.set(f"call i64 @llvm.umin.i64(i64 {a}, i64 {b})")

    def _windows(self, first: str, run: str) -> None:
        w = self.writer
        start = w.set(f"add i64 {first}, {w.set(f'mul i64 {run}, {self.width}')}", "start")
        middle = w.set(f"add i64 {start}, {self.width}", "middle")
        self._to_the_front(start, middle)
        self._to_the_back(start, middle, self._least(middle, self.count))

    def _to_the_front(self, start: str, middle: str) -> None:
        """Writes, for each place of the run, the product from there to the middle."""
        w = self.writer
        last = w.set(f"sub i64 {middle}, 1", "last")
        slots = self._slots(self._lifted(last))
        self._write(last, self._held(slots))

        def one(distance: str) -> None:
            place = w.set(f"sub i64 {last}, {distance}")
            product = self._product(self._held(slots), self._lifted(place))
            self._keep(slots, product)
            self._write(place, product)

        plain(w, "1", w.set(f"sub i64 {middle}, {start}"), one)

    def _to_the_back(self, start: str, middle: str, end: str) -> None:
        """Joins, to what lies at each place but the first, the product from the middle to the window's end."""
        w = self.writer
        second = w.set(f"add i64 {start}, 1", "second")
        some, on = w.fresh("some"), w.fresh("on")
        w.branch(w.set(f"icmp ult i64 {second}, {end}", "c"), some, on)
        w.start(some)
        slots = self._slots(self._lifted(middle))
        self._join(second, self._held(slots))

        def one(place: str) -> None:
            ahead = w.set(f"add i64 {place}, {w.set(f'sub i64 {self.width}, 1')}")
            product = self._product(self._lifted(ahead), self._held(slots))
            self._keep(slots, product)
            self._join(place, product)

        plain(w, w.set(f"add i64 {second}, 1"), end, one)
        w.jump(on)
        w.start(on)

    def _lifted(self, index: str) -> list[str]:
        pairs = zip(self.job.elements, self.sources, strict=True)
        return self.lowering.total(self.job.lift, [element_at(self.writer, t, x, index) for t, x in pairs])

    def _product(self, later: Sequence[str], earlier: Sequence[str]) -> list[str]:
        return self.lowering.total(self.job.multiply, [*later, *earlier])

    def _join(self, place: str, later: Sequence[str]) -> None:
        earlier = [
            load_element(self.writer, t, data, place) for t, data in zip(self.job.made, self.outputs, strict=True)
        ]
        self._write(place, self._product(later, earlier))

    def _write(self, place: str, values: Sequence[str]) -> None:
        for kind, value, data in zip(self.job.made, values, self.outputs, strict=True):
            store_element(self.writer, kind, value, data, place)

    def _slots(self, values: Sequence[str]) -> list[str]:
        return [self.writer.variable(k, v, "r") for k, v in zip(self.kinds, values, strict=True)]

    def _held(self, slots: Sequence[str]) -> list[str]:
        return [self.writer.load(k, s, "r") for k, s in zip(self.kinds, slots, strict=True)]

    def _keep(self, slots: Sequence[str], values: Sequence[str]) -> None:
        for kind, slot, value in zip(self.kinds, slots, values, strict=True):
            self.writer.store(kind, value, slot)
