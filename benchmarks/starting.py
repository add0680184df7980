"""What the first call of a loop costs before it runs: cold, in a process that runs already, and in a new process.

    uv run python benchmarks/starting.py                   # prints the table
    uv run python benchmarks/starting.py --write           # and replaces STARTING.md
    uv run python benchmarks/starting.py worst_drop        # loops of tests/gallery whose names contain this

A time is the processor's, that of the checker's process included (Linux tells it): lowering, deriving, checking,
compiling and linking, each time of a new function object. Each loop has homes of its own and three processes: a new
one and nothing known (`process, cold`); one that has derived another loop, nothing known about this one (`cold`), then
twice again in it (`known`, `again`); a new one with what is in the home (`process, known`).
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from compiler import machine

RESULTS = Path(__file__).parent / "STARTING.md"
GALLERY = Path(__file__).parent.parent / "tests" / "gallery"
LOOPS = (
    "moments/total int64", "finance/worst_drop int64", "finance/worst_drop int32", "finance/all_rises int64",
    "text/longest_line uint8", "text/utf8_is_valid uint8", "signals/longest_rise int64",
    "moments/third_smallest int64", "dynamic/no_two_neighbours int64",
)  # fmt: skip
FIRST = "bits/parity int64"
CHILD = """
import json, os, sys, time
import numpy as np

def processor():
    nanoseconds = 0  # of the children: the checker is one
    for pid in open(f"/proc/self/task/{os.getpid()}/children").read().split():
        nanoseconds += int(open(f"/proc/{pid}/schedstat").read().split()[0])
    return time.process_time() + nanoseconds / 1e9

gallery, home, name, other, times = sys.argv[1:]
sys.path.insert(0, gallery)
from catalogue import loops
from inputs import typical

known = {n: (loop, dtype) for loop in loops() for n, dtype in zip(loop.ids, loop.dtypes, strict=True)}

def first_call(name, **config):
    loop, dtype = known[name]
    arguments = typical(loop, dtype, 40)
    start = processor()
    import hyperion as hp
    instance = hp.Instance(config={"prefer": "proven", "budget": 60.0, **config})
    function = hp.jit(loop.function, overflow=loop.overflow, fp=loop.fp, instance=instance)
    function.compiled(*arguments)
    return processor() - start

if other:
    first_call(other, library=False, code=False)
print(json.dumps([first_call(name, home=home) for _ in range(int(times))]))
"""
HEAD = """\
# Starting a loop

Seconds of the processor, the checker's process included, from a decorated function of the gallery to code that is ready
to run. `cold`: nothing is known, in a process that has derived another loop, and in a new one with all imports.
`known`: the theorem, the checker's verdict about it (not yet where the proof is long: it is checked) and the machine
code are in the home; `again`: once more in the same process. `process, known` comes after those.

| loop | cold | known | again | process, cold | process, known |
|---|---:|---:|---:|---:|---:|"""


def first_calls(home: str, name: str, other: str, times: int) -> list[float]:
    command = [sys.executable, "-c", CHILD, str(GALLERY), home, name, other, str(times)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found: list[float] = json.loads(done.stdout)
    return found


def rows(words: Sequence[str]) -> Iterator[str]:
    yield HEAD
    total = [0.0] * 5
    names = [name for name in LOOPS if not words or any(word in name for word in words)]
    for name in names:
        with tempfile.TemporaryDirectory() as home:
            (alone,) = first_calls(home, name, "", 1)
        with tempfile.TemporaryDirectory() as home:
            cold, known, again = first_calls(home, name, FIRST, 3)
            (other,) = first_calls(home, name, "", 1)
        times = (cold, known, again, alone, other)
        total = [a + b for a, b in zip(total, times, strict=True)]
        yield f"| `{name}` | {' | '.join(f'{seconds:.3f}' for seconds in times)} |"
        print(f"\r\033[K{name}", end="", file=sys.stderr, flush=True)
    yield f"| mean | {' | '.join(f'{seconds / len(names):.3f}' for seconds in total)} |"
    print("\r\033[K", end="", file=sys.stderr)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("words", nargs="*")
    parser.add_argument("--write", action="store_true", help=f"replace {RESULTS.name}")
    arguments = parser.parse_args()
    text = "\n".join([*rows(arguments.words), "", f"{machine()}; one run.", ""])
    print(text)
    if arguments.write:
        RESULTS.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
