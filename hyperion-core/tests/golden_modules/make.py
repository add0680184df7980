"""Makes the golden files of this format version: modules that every later version must read.

    uv run python hyperion-core/tests/golden_modules/make.py

Run it when `hyperion.module.container.VERSION` was raised, and commit what it writes. Files that are there stay as they
are: what was released is not written again. `--replace` is for a version that nobody has yet.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np

import hyperion as hp
from hyperion.ir.printer import print_program
from hyperion.module.container import VERSION
from hyperion.module.module import Module
from hyperion.testing.module_samples import sample_module

HERE = Path(__file__).parent


def total(xs):  # type: ignore[no-untyped-def]  what a user writes
    s = 0
    for x in xs:
        s = s + x
    return s


def fibonacci(n):  # type: ignore[no-untyped-def]  what a user writes
    a, b = 0, 1
    for _ in range(n):
        a, b = b, a + b
    return a


def modules(instance: hp.Instance) -> dict[str, Module]:
    xs = np.arange(5, dtype=np.int32)
    return {
        "sample": sample_module(),
        "total": instance.compile(total, arguments=(xs,)),
        "fibonacci": instance.compile(fibonacci, arguments=(5,), overflow="wrap"),
    }


def texts(module: Module) -> str:
    """The programs of a module: source and chosen of each function, in order."""
    programs = [p for f in module.values() for p in (f.derivation.source, f.derivation.chosen)]
    return "\n".join(print_program(p) for p in programs)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--replace", action="store_true", help="write files of this version again that are there")
    replace = parser.parse_args().replace
    with hp.Instance() as instance:
        for name, module in modules(instance).items():
            path = HERE / f"{name}-{VERSION[0]}.{VERSION[1]}.hym"
            if path.exists() and not replace:
                sys.stdout.write(f"{path.name} is there already\n")
                continue
            module.save(path, spans="text" if name == "sample" else "none")  # others have the paths of this machine
            path.with_suffix(".txt").write_text(texts(module), encoding="utf-8")
            sys.stdout.write(f"{path.name}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
