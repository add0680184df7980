"""Built-in instruments that measure: times, and what passes count. As a tree, a list, and JSON."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Lock

from hyperion.errors import PassError
from hyperion.ir.function import Program
from hyperion.pipeline.instrument import Instrument, PassRun
from hyperion.pipeline.outcome import Step


@dataclass(slots=True)
class Row:
    """One pass at one place of a pipeline, all its runs together."""

    text: str
    position: tuple[int, ...]
    path: tuple[str, ...]
    runs: int = 0
    changes: int = 0
    failures: int = 0
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    judging_seconds: float = 0.0
    counts: Counter[str] = field(default_factory=Counter[str])


class _Ledger(Instrument):
    """Rows by the place of their pass, in the order of the pipeline's text."""

    def __init__(self) -> None:
        self._rows: dict[tuple[tuple[int, ...], tuple[str, ...], str], Row] = {}
        self._lock = Lock()

    @property
    def rows(self) -> list[Row]:
        with self._lock:
            return sorted(self._rows.values(), key=lambda row: row.position)

    def after(self, run: PassRun, step: Step, program: Program) -> None:
        with self._lock:
            row = self._row(run)
            row.runs += 1
            row.changes += step.changed
            row.seconds += step.seconds
            row.cpu_seconds += step.cpu_seconds
            row.judging_seconds += step.judging_seconds
            row.counts.update(step.statistics)

    def failed(self, run: PassRun, error: PassError) -> None:
        with self._lock:
            row = self._row(run)
            row.runs += 1
            row.failures += 1

    def _row(self, run: PassRun) -> Row:
        key = run.position, run.path, run.text
        if key not in self._rows:
            self._rows[key] = Row(run.text, run.position, run.path)
        return self._rows[key]

    def _tree(self, cells: Callable[[Row], Sequence[tuple[str, ...]]]) -> list[tuple[str, ...]]:
        """The lines of a tree: combinators above what they contain, each pass with its cells."""
        lines: list[tuple[str, ...]] = []
        around: list[tuple[tuple[int, ...], str]] = []
        for row in self.rows:
            here = [(row.position[: i + 1], text) for i, text in enumerate(row.path)]
            common = next((i for i, (a, b) in enumerate(zip(around, here, strict=False)) if a != b), len(around))
            common = min(common, len(here))
            lines += [(f"{'  ' * i}{here[i][1]}",) for i in range(common, len(here))]
            around = here
            indent = "  " * len(here)
            lines += [(f"{indent}{first}", *rest) for first, *rest in cells(row)]
        return lines

    def _heading(self, row: Row) -> dict[str, object]:
        return {
            "pass": row.text,
            "path": list(row.path),
            "position": list(row.position),
            "runs": row.runs,
            "changes": row.changes,
            "failures": row.failures,
        }


class Timing(_Ledger):
    """The time of each pass: on the clock, of its thread on the processor, and for the judgement of its evidence.

    >>> import hyperion as hp
    >>> from hyperion.pipeline import Timing
    >>> timing = Timing()
    >>> with hp.Instance() as instance:
    ...     outcome = instance.pipeline("cse", instruments=[timing]).run("func @f(%x: i64) -> i64 { return %x }")
    >>> [row.text for row in timing.rows]
    ['cse']
    """

    def tree(self) -> str:
        """One line a pass, indented below the combinators around it."""
        return _table(_TIMES, [*self._tree(lambda row: [(row.text, *_times(row))]), self._total()])

    def list(self) -> str:
        """One line a pass, what took longest first."""
        rows = sorted(self.rows, key=lambda row: -(row.seconds + row.judging_seconds))
        return _table(_TIMES, [*((" > ".join((*row.path, row.text)), *_times(row)) for row in rows), self._total()])

    def json(self) -> dict[str, object]:
        """The same as plain values; seconds."""
        rows = self.rows
        return {
            "passes": [{**self._heading(r), **_seconds(r)} for r in rows],
            "total": _seconds(_sum(rows)),
        }

    def to_json(self) -> str:
        return json.dumps(self.json(), indent=2)

    def __str__(self) -> str:
        return self.tree()

    def _total(self) -> tuple[str, ...]:
        return "total", *_times(_sum(self.rows))


class Statistics(_Ledger):
    """What the passes counted with `PassContext.count`."""

    def tree(self) -> str:
        """One line a counter, below its pass, below the combinators around it."""

        def cells(row: Row) -> list[tuple[str, ...]]:
            return [(row.text,), *((f"  {name}", str(n)) for name, n in sorted(row.counts.items()))]

        return _table(("statistics", "count"), self._tree(cells))

    def list(self) -> str:
        """One line a counter, summed over the places where its pass stands; the largest first."""
        totals: Counter[tuple[str, str]] = Counter()
        for row in self.rows:
            totals.update({(row.text, name): n for name, n in row.counts.items()})
        ordered = sorted(totals.items(), key=lambda item: (-item[1], item[0]))
        return _table(("statistics", "count"), [(f"{text} {name}", str(n)) for (text, name), n in ordered])

    def json(self) -> dict[str, object]:
        """The same as plain values."""
        return {"passes": [{**self._heading(r), "statistics": dict(sorted(r.counts.items()))} for r in self.rows]}

    def to_json(self) -> str:
        return json.dumps(self.json(), indent=2)

    def __str__(self) -> str:
        return self.tree()


_TIMES = ("pass", "wall", "cpu", "judging", "runs", "changes")


def _times(row: Row) -> tuple[str, ...]:
    times = (f"{1e3 * s:.2f} ms" for s in (row.seconds, row.cpu_seconds, row.judging_seconds))
    return *times, str(row.runs), str(row.changes)


def _seconds(row: Row) -> dict[str, float]:
    return {
        "seconds": row.seconds,
        "cpu_seconds": row.cpu_seconds,
        "judging_seconds": row.judging_seconds,
    }


def _sum(rows: Sequence[Row]) -> Row:
    whole = Row("total", (), ())
    for row in rows:
        whole.runs += row.runs
        whole.changes += row.changes
        whole.seconds += row.seconds
        whole.cpu_seconds += row.cpu_seconds
        whole.judging_seconds += row.judging_seconds
    return whole


def _table(head: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    """Aligned columns: the first to the left, figures to the right."""
    rows = [head, *lines]
    widths = [max((len(row[i]) for row in rows if i < len(row)), default=0) for i in range(len(head))]
    shown = [
        "  ".join(c.rjust(w) if i else c.ljust(w) for i, (c, w) in enumerate(zip(r, widths, strict=False)))
        for r in rows
    ]
    return "\n".join(line.rstrip() for line in shown)
