"""contract of two matrices: rows of the result in blocks, which threads share.

Each element is summed over the shared axis in ascending order, so neither blocks nor threads change a bit. Within a
block of rows the right matrix is taken in panels of columns, and a few of its rows at a time, so that what is read
again stays in the caches and the innermost loop runs along a row of all three matrices. A right matrix of one column is
a sum for each row.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from hyperion.errors import CodegenError
from hyperion.ir.function import Equation, Region, Value
from hyperion.ir.ops import is_total
from hyperion.ir.types import ArrayType, Type
from hyperion_llvm.counting import batches, plain
from hyperion_llvm.lowering import Lowering
from hyperion_llvm.matrices import room
from hyperion_llvm.reduce import free_scalars
from hyperion_llvm.sharing import field_place, read_job, run_tasks, written_job
from hyperion_llvm.sources import load_element, store_element
from hyperion_llvm.text import Writer, entry_of, scalar_type

ROWS = 4
"""Of the result in one block."""
PANEL = 512
"""Columns of the right matrix that are worked on together."""
DEPTH = 4
"""Rows of the right matrix that are added in one pass along a row of the result."""
WORTH_THREADS = 1 << 15
"""Multiplications below which one thread does all of it."""
BATCH = 1 << 26
"""Multiplications of one thread between two looks at pending signals, where these are more than a block has."""
SHARED = 64
"""Threads among which such a batch can be shared."""


@dataclass(frozen=True, slots=True)
class _Job:
    """The record that every block of rows reads."""

    elements: tuple[Type, Type, Type]
    multiply: Region
    add: Region
    captured: tuple[Value, ...]

    @property
    def fields(self) -> list[str]:
        """The three matrices, rows, the shared size, columns, the first row, the initial value, captured scalars."""
        kinds = ["ptr"] * 3 + ["i64"] * 4 + [scalar_type(self.elements[2])]
        return kinds + [scalar_type(v.type) for v in self.captured]


FIRST_ROW = 6


def contract(lowering: Lowering, equation: Equation) -> None:
    left, right, initial = equation.operands
    multiply, add = equation.regions
    _check(equation)
    w = lowering.writer
    a, b = lowering.array(left), lowering.array(right)
    (rows, shared), (other, columns) = a.shape, b.shape
    if shared != other:
        lowering.trap_if(equation)(w.set(f"icmp ne i64 {shared}, {other}", "c"), "value")
    elements = entry_of(left.type), entry_of(right.type), entry_of(equation.result.type)
    made = room(lowering, elements[2], (rows, columns))
    shape = _Job(elements, multiply, add, tuple(free_scalars(equation.regions)))
    given = [a.data, b.data, made.data, rows, shared, columns, "0", lowering.scalar(initial)]
    given += [lowering.scalar(v) for v in shape.captured]
    job = written_job(w, list(zip(shape.fields, given, strict=True)))
    name = _block_of(lowering, shape)
    lowering.module.uses_pool = True
    _run(lowering, shape, name, job, (rows, shared, columns))
    lowering.bind(equation.result, made)


def _block_of(lowering: Lowering, shape: _Job) -> str:
    """The name of the function that computes a block; one for all products with the same regions."""
    key = None if shape.captured else (shape.elements, *map(_pictured, (shape.multiply, shape.add)))
    name = lowering.module.shared.get(key) if key is not None else None
    if name is None:
        name = f"hyperion.contract.{len(lowering.module.functions)}"
        lowering.module.functions.append("\n".join(_Block(lowering, shape).function(name)))
        lowering.module.shared[key or name] = name
    return name


def _pictured(region: Region) -> object:
    """A region without the names of its values."""
    made = [v for e in region.equations for v in e.results]
    places = {v.name: k for k, v in enumerate((*region.parameters, *made))}
    steps = tuple(
        (e.op, tuple(places[v.name] for v in e.operands), e.attributes, tuple(v.type for v in e.results))
        for e in region.equations
    )
    results = tuple(places[v.name] for v in region.results)
    return tuple(v.type for v in region.parameters), steps, results


def _check(equation: Equation) -> None:
    axes = [equation.attribute(side, ()) for side in ("left", "right", "batch_left", "batch_right")]
    kinds = [v.type for v in equation.operands[:2]]
    matrices = all(isinstance(kind, ArrayType) and len(kind.shape) == 2 for kind in kinds)
    if not matrices or axes != [(1,), (0,), (), ()]:
        hints = ["contract the columns of a matrix with the rows of another"]
        raise CodegenError("HY8002", "this contraction cannot be compiled", equation.span, hints=hints)
    if not all(is_total(e) for region in equation.regions for e in region.equations):
        hints = ["write it as a loop, or with operations that wrap"]
        raise CodegenError("HY8004", "the regions of a contraction may not trap", equation.span, hints=hints)


def _run(lowering: Lowering, shape: _Job, name: str, job: str, sizes: tuple[str, str, str]) -> None:
    """The blocks in batches, each on all threads where it is worth it; signals are looked at between batches."""
    w = lowering.writer
    rows, shared, columns = sizes
    block = _at_least_one(w, w.set(f"mul i64 {w.set(f'mul i64 {shared}, {columns}')}, {ROWS}"))
    blocks = w.set(f"udiv i64 {w.set(f'add i64 {rows}, {ROWS - 1}')}, {ROWS}", "blocks")
    fitting = _at_least_one(w, w.set(f"udiv i64 {BATCH}, {block}"))
    worth = w.set(f"udiv i64 {WORTH_THREADS}, {block}")

    def run(start: str, batch: str) -> None:
        w.store("i64", w.set(f"mul i64 {start}, {ROWS}"), field_place(w, shape.fields, job, FIRST_ROW))
        several = w.set(f"icmp ugt i64 {batch}, 1", "c")
        heavy = w.set(f"icmp ugt i64 {batch}, {worth}", "c")
        run_tasks(lowering, f"{name}.block", job, batch, w.set(f"and i1 {several}, {heavy}", "c"))
        lowering.charge(w.set(f"udiv i64 {w.set(f'mul i64 {batch}, {block}')}, 64"))

    batches(w, blocks, w.set(f"mul i64 {fitting}, {SHARED}"), run)


def _at_least_one(w: Writer, x: str) -> str:
    return w.set(f"call i64 @llvm.umax.i64(i64 {x}, i64 1)")


class _Block:
    """Writes the function that computes one block of rows."""

    def __init__(self, outer: Lowering, shape: _Job) -> None:
        self.shape = shape
        self.lowering = Lowering(outer.module, outer.function, {})
        self.lowering.ranges = outer.ranges
        self.writer = w = self.lowering.writer
        values = read_job(w, shape.fields)
        self.left, self.right, self.made, self.rows, self.shared, self.columns, self.first, self.initial = values[:8]
        self.lowering.values.update(zip((v.name for v in shape.captured), values[8:], strict=True))

    def function(self, name: str) -> list[str]:
        w = self.writer
        start = w.set(f"add i64 {self.first}, {w.set(f'mul i64 %index, {ROWS}')}", "start")
        stop = _least(w, w.set(f"add i64 {start}, {ROWS}"), self.rows)
        column, panels, out = w.fresh("column"), w.fresh("panels"), w.fresh("out")
        w.branch(w.set(f"icmp eq i64 {self.columns}, 1", "c"), column, panels)
        w.start(column)
        plain(w, start, stop, self._sum)
        w.jump(out)
        w.start(panels)
        self._in_panels(lambda low, high: self._panel(start, stop, low, high))
        w.jump(out)
        w.start(out)
        header = f"define internal void @{name}.block(i64 %index, ptr noalias readonly %job) noinline #0 {{"
        return [header, *w.body(), "  ret void", "}"]

    def _sum(self, i: str) -> None:
        """An element of a result of one column."""
        w = self.writer
        kind = scalar_type(self.shape.elements[2])
        total = w.variable(kind, self.initial, "total")
        row = w.set(f"mul i64 {i}, {self.shared}")

        def step(k: str) -> None:
            x = load_element(w, self.shape.elements[0], self.left, w.set(f"add i64 {row}, {k}"))
            y = load_element(w, self.shape.elements[1], self.right, k)
            w.store(kind, self._added(w.load(kind, total), x, y), total)

        plain(w, "0", self.shared, step)
        store_element(w, self.shape.elements[2], w.load(kind, total), self.made, i)

    def _panel(self, start: str, stop: str, low: str, high: str) -> None:
        """The columns low .. high of the rows start .. stop."""
        w, element = self.writer, self.shape.elements[2]

        def begun(i: str) -> None:
            row = w.set(f"mul i64 {i}, {self.columns}")

            def one(j: str) -> None:
                store_element(w, element, self.initial, self.made, w.set(f"add i64 {row}, {j}"))

            plain(w, low, high, one)

        plain(w, start, stop, begun)
        whole = w.set(f"and i64 {self.shared}, {-DEPTH}")

        def several(quarter: str) -> None:
            k = w.set(f"mul i64 {quarter}, {DEPTH}")
            plain(w, start, stop, lambda i: self._along(i, k, DEPTH, low, high))

        plain(w, "0", w.set(f"udiv i64 {whole}, {DEPTH}"), several)
        plain(w, whole, self.shared, lambda k: plain(w, start, stop, lambda i: self._along(i, k, 1, low, high)))

    def _along(self, i: str, k: str, depth: int, low: str, high: str) -> None:
        """Adds the products with `depth` rows of the right matrix to a row of the result."""
        w = self.writer
        first, second, element = self.shape.elements
        row = w.set(f"mul i64 {i}, {self.columns}")
        place = w.set(f"add i64 {w.set(f'mul i64 {i}, {self.shared}')}, {k}")
        factors, others = list[str](), list[str]()
        for d in range(depth):
            factors.append(load_element(w, first, self.left, w.set(f"add i64 {place}, {d}")))
            others.append(w.set(f"mul i64 {w.set(f'add i64 {k}, {d}')}, {self.columns}"))

        def step(j: str) -> None:
            at = w.set(f"add i64 {row}, {j}")
            total = load_element(w, element, self.made, at)
            for x, other in zip(factors, others, strict=True):
                y = load_element(w, second, self.right, w.set(f"add i64 {other}, {j}"))
                total = self._added(total, x, y)
            store_element(w, element, total, self.made, at)

        plain(w, low, high, step)

    def _added(self, total: str, x: str, y: str) -> str:
        (product,) = self.lowering.total(self.shape.multiply, [x, y])
        (added,) = self.lowering.total(self.shape.add, [total, product])
        return added

    def _in_panels(self, body: Callable[[str, str], None]) -> None:
        w = self.writer
        count = w.set(f"udiv i64 {w.set(f'add i64 {self.columns}, {PANEL - 1}')}, {PANEL}")

        def one(index: str) -> None:
            low = w.set(f"mul i64 {index}, {PANEL}", "low")
            body(low, _least(w, w.set(f"add i64 {low}, {PANEL}"), self.columns))

        plain(w, "0", count, one)


def _least(w: Writer, x: str, y: str) -> str:
    return w.set(f"call i64 @llvm.umin.i64(i64 {x}, i64 {y})", "end")
