"""What becomes of every loop of the gallery, from a run.

uv run python tests/gallery/report.py [WORD ...]    a line for each loop, or for those whose names have a word
uv run python tests/gallery/report.py --update      the same for all, and writes tests/gallery/expected.txt
uv run python tests/gallery/report.py --page        the same for all, with speeds, and writes docs/reference/gallery.md
"""

from __future__ import annotations

import os
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from time import perf_counter
from typing import Any  # arguments of every type

from catalogue import DOMAINS, EXPECTED, PAGE, Count, Loop, expected, loops
from findings import PATIENCE, Finding, derived
from hyperion.config import Config
from inputs import typical

SIZE = 1_000_000
ENOUGH = 0.1  # seconds of repeating one measurement
WORD = 48  # characters of a reason that are expected to stay

HEAD = """\
# The gallery

{count} loops as people write them, most with one type of element, some with several: {types} functions in all. They
are plain Python, in [tests/gallery/domains](../../tests/gallery/domains). The test suite runs each of them on random,
adversarial and edge inputs, and compares every result, or the type of the exception, with that of plain Python;
floats bit for bit, or with `fp="reassoc"` within the bound that [findings.py](../../tests/gallery/findings.py) gives.
What is `parallel`, `scan`, `logarithmic` or `closed` has a theorem that the checker accepted; what is `sequential`
runs as written, compiled; `untaken` is refused by the frontend. The last column says what a loop can become and is
not yet, and the reason.

This page is made by `uv run python tests/gallery/report.py --page`; the figures are from that run, on {processors}
processors. `derive` is the time for deriving, checking and compiling, without a library of theorems, and with a budget
of {patience:g} seconds, which is {usual:g} where nothing else is said. `speed` is how many times faster the derived
function is than the same loop compiled as it is written, on {size:,} elements, or on as many steps as its numbers
allow; below 1 it is slower, and stands here because the run prefers what is proven
([jit](jit.md) says which form is taken otherwise).

| class | functions |
| --- | --- |
{counts}
"""


def main(words: list[str]) -> int:
    page, update = "--page" in words, "--update" in words
    wanted = [w for w in words if not w.startswith("--")]
    rows = list(_rows(wanted, page))
    kinds = Counter(found.kind for _, _, found, _ in rows)
    done = sum(found.kind == loop.target for loop, _, found, _ in rows)
    print(f"{len(rows)} functions, {done} as they should become; {', '.join(f'{n} {k}' for k, n in kinds.items())}")
    if update:
        EXPECTED.write_text("".join(f"{line}\n" for line in _expected(rows)), encoding="utf-8")
    if page and not wanted:
        PAGE.write_text(_page(rows), encoding="utf-8")
    return 0


Row = tuple[Loop, str, Finding, float]  # the loop, its name with the type, what was found, how many times faster (or 0)


def _rows(wanted: Sequence[str], timed: bool) -> Iterator[Row]:
    for loop in loops():
        for name, dtype in zip(loop.ids, loop.dtypes, strict=True):
            if not wanted or any(word in name for word in wanted):
                found = derived(loop, dtype)
                speed = _speed(loop, dtype, found) if timed and found.kind not in ("sequential", "untaken") else 0.0
                print(_line(loop, name, found, speed), flush=True)
                yield loop, name, found, speed


def _line(loop: Loop, name: str, found: Finding, speed: float) -> str:
    about = found.explanation
    cost = f"{about.source_cost} -> {about.chosen_cost}" if about else ""
    mark = "ok" if found.kind == loop.target else loop.target
    faster = f"  {speed:.1f} times" if speed else ""
    proved = f"parallel={about.parallel} checked={about.checked}" if about else ""
    reason = f"  {found.reason}" if found.kind in ("sequential", "untaken") else ""
    return f"{name:44} {found.kind:11} {mark:11} {cost:20} {proved:28} {found.seconds:6.2f} s{faster}{reason}"


def _speed(loop: Loop, dtype: str, found: Finding) -> float:
    """The time of the loop as written, compiled, over that of the derived function; on fewer steps where so many
    overflow."""
    for size in (SIZE, 2000, 40):
        with suppress(OverflowError):
            return _ratio(found, _arguments(loop, dtype, size))
    return 0.0


def _arguments(loop: Loop, dtype: str, size: int) -> tuple[Any, ...]:
    values = typical(loop, dtype, size)
    steps = [min(a.most, size) if a.most < 2000 else size for a in loop.arguments if isinstance(a, Count)]
    pairs = zip(loop.arguments, values, strict=True)
    return tuple(steps[0] if isinstance(a, Count) else v for a, v in pairs)


def _ratio(found: Finding, arguments: tuple[Any, ...]) -> float:
    sequential = found.function.compiled(*arguments).sequential
    return _best(lambda: sequential(*arguments)) / _best(lambda: found.function(*arguments))


def _best(call: Callable[[], Any]) -> float:
    best, begin = float("inf"), perf_counter()
    while perf_counter() - begin < ENOUGH:
        start = perf_counter()
        call()
        best = min(best, perf_counter() - start)
    return best


def _expected(rows: Sequence[Row]) -> Iterator[str]:
    """The words of reasons that still hold are kept, and what is known of loops without a row."""
    known = expected() if EXPECTED.exists() else {}
    seen = {name: found for _, name, found, _ in rows}
    for name in (name for loop in loops() for name in loop.ids):
        found = seen.get(name)
        if found is None:
            if name in known:
                yield f"{name}: {', '.join(part for part in known[name] if part)}"
            continue
        if found.kind not in ("sequential", "untaken"):
            yield f"{name}: {found.kind}"
            continue
        word = known.get(name, ("", ""))[1]
        if not word or word not in found.reason:
            word = re.split(r"[\d.]+ seconds|;", found.reason)[0][:WORD].strip()
        yield f"{name}: {found.kind}, {word}"


def _page(rows: Sequence[Row]) -> str:
    kinds = Counter(found.kind for _, _, found, _ in rows)
    counts = "\n".join(f"| {kind} | {number} |" for kind, number in kinds.most_common())
    lines = [
        HEAD.format(
            count=len({loop.name for loop, *_ in rows}),
            types=len(rows),
            counts=counts,
            processors=os.cpu_count(),
            size=SIZE,
            patience=PATIENCE,
            usual=Config().budget,
        )
    ]
    for domain in DOMAINS:
        lines += [
            f"## {domain}",
            "",
            f"[The loops](../../tests/gallery/domains/{domain}.py)",
            "",
            "| loop | class | options | cost as written | as compiled | derive | speed | becomes, or why not |",
            "| --- | --- | --- | --- | --- | --- | --- | --- |",
            *(_row(*row) for row in rows if row[0].domain == domain),
            "",
        ]
    return "\n".join(lines)


def _row(loop: Loop, name: str, found: Finding, speed: float) -> str:
    about = found.explanation
    options = ", ".join(o for o in (loop.overflow, loop.fp) if o not in ("trap", "ieee"))
    becomes = "" if found.kind == loop.target else f"{loop.target}: "
    reason = "" if found.kind not in ("sequential", "untaken") else found.reason.replace("|", "\\|")
    cells = [
        f"`{name}`",
        found.kind,
        options,
        about.source_cost if about else "",
        about.chosen_cost if about else "",
        f"{found.seconds:.2f} s" if about else "",
        f"{speed:.1f}" if speed else "",
        becomes + reason,
    ]
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
