"""Compiled loops in files: the same results, errors, theorems and bytes in the process that loads them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import hyperion as hp
from hyperion.errors import ModuleError
from hyperion.module.module import Module
from hyperion.testing.module_files import draft_of

MAX = 2**63 - 1


def total(xs, start):
    s = start
    for x in xs:
        s = s + x
    return s


def segment(xs, start):
    here = start
    best = 0
    for x in xs:
        here = max(here + x, 0)
        best = max(best, here)
    return best


def fibonacci(n):
    a, b = 0, 1
    for _ in range(n):
        a, b = b, a + b
    return a


def scaled(x, n):
    y = x * 4 + n * 0 + 1
    return y + x * 4


def shifted(xs, by):
    ys = np.zeros(len(xs))
    for i in range(len(xs)):
        ys[i] = xs[i] + by
    return ys


XS = np.random.default_rng(7).integers(-500, 500, 5000, dtype=np.int32)
CASES: dict[str, tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]] = {
    "total": (total, (XS, 5), {}),
    "segment": (segment, (XS, 0), {}),
    "fibonacci": (fibonacci, (10**15,), {"overflow": "wrap"}),
    "scaled": (scaled, (3, 4), {}),
    "float total": (total, (XS.astype(np.float64), 0.5), {"fp": "reassoc"}),
    "shifted": (shifted, (XS.astype(np.float64), 2.5), {}),
}


@pytest.fixture(scope="module")
def modules() -> Iterator[dict[str, Module]]:
    """Derived here, not recalled: tests of other files share the process and the default Instance's library."""
    with hp.Instance(config={"library": False}) as instance:
        yield {n: instance.compile(f, arguments=a, **options) for n, (f, a, options) in CASES.items()}


@pytest.mark.parametrize("name", CASES)
def test_a_loop_comes_back(name: str, modules: dict[str, Module], tmp_path: Path) -> None:
    module, arguments = modules[name], CASES[name][1]
    module.save(tmp_path / "m.hym", code=True)
    data = (tmp_path / "m.hym").read_bytes()
    for loaded in (
        hp.default_instance().load(tmp_path / "m.hym"),
        hp.default_instance().load(data, trust_code=True),
        hp.Instance().load(data),
    ):
        assert loaded.to_bytes() == data
        np.testing.assert_array_equal(loaded.entry(*arguments), module.entry(*arguments))
        assert loaded.entry.explain(*arguments) == module.entry.explain(*arguments)
        assert loaded.entry.lower("asm") == module.entry.lower("asm")
        assert bytes(loaded.code("cpu")) == bytes(module.entry.native().data)


def test_an_overflow_names_the_step_of_the_source(modules: dict[str, Module]) -> None:
    loaded = hp.default_instance().load(modules["total"].to_bytes())
    with pytest.raises(OverflowError, match=r"s = s \+ x"):
        loaded.entry(XS[:2], MAX)
    without = hp.default_instance().load(modules["total"].to_bytes(spans="none"))
    with pytest.raises(OverflowError) as caught:
        without.entry(XS[:2], MAX)
    assert "s = s" not in str(caught.value)


def test_trusted_code_is_run_without_llvm(modules: dict[str, Module], monkeypatch: pytest.MonkeyPatch) -> None:
    data = modules["segment"].to_bytes(code=True)
    monkeypatch.setattr("hyperion_cpu.target.optimise", lambda *arguments: pytest.fail("compiled"))
    loaded = hp.default_instance().load(data, trust_code=True)
    assert loaded.entry(XS, 0) == modules["segment"].entry(XS, 0)
    with hp.Instance(config={"code": False}) as instance, pytest.raises(pytest.fail.Exception):
        instance.load(data).entry(XS, 0)


def test_a_jitted_function_can_be_kept() -> None:
    jitted = hp.jit(segment)
    module = Module({"segment": jitted.compiled(XS, 0)})
    loaded = hp.default_instance().load(module.to_bytes())
    assert loaded["segment"](XS, 0) == jitted(XS, 0)
    assert loaded["segment"].explain().checked


def test_an_executor_takes_a_loaded_function(modules: dict[str, Module]) -> None:
    loaded = hp.default_instance().load(modules["total"].to_bytes())
    with hp.default_instance().executor() as executor:
        assert executor.submit(loaded.entry, (XS, 5)).result(60) == (int(XS.sum()) + 5,)


def test_a_proof_of_one_loop_is_none_of_another(modules: dict[str, Module]) -> None:
    one, other = (draft_of(modules[n].to_bytes(compression="none")) for n in ("total", "segment"))
    proofs = [next(p for p in d.parts if p.kind == b"PRF\0") for d in (one, other)]
    proofs[0].stored, proofs[0].raw = proofs[1].stored, proofs[1].raw
    with pytest.raises(ModuleError, match="HY3011: the proof of 'total' is rejected"):
        hp.default_instance().load(one.seal())


def test_every_process_writes_the_same(tmp_path: Path) -> None:
    """Names in sets and dictionaries, and the addresses of terms, differ from process to process."""
    program = """
import sys
import numpy as np
import hyperion as hp
sys.path.insert(0, sys.argv[1])
import loops
xs = np.arange(5, dtype=np.int32)
for function, arguments, overflow in ((loops.segment, (xs, 0), "trap"), (loops.fibonacci, (5,), "wrap")):
    module = hp.default_instance().compile(function, arguments=arguments, overflow=overflow)
    sys.stdout.buffer.write(module.to_bytes(code=True))
"""
    source = Path(__file__).read_text()
    loops = "\n\n".join("def " + part.split("\n\n\n")[0] for part in source.split("\ndef ")[2:4])
    (tmp_path / "loops.py").write_text(loops)
    found = {
        subprocess.run(
            [sys.executable, "-c", program, tmp_path],
            env={**os.environ, "PYTHONHASHSEED": seed},
            stdout=subprocess.PIPE,
            check=True,
            timeout=240,
        ).stdout
        for seed in ("0", "1", "random")
    }
    assert len(found) == 1
