"""The format is what its documentation says: another reader, written from that alone, finds the same in a file."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from random import Random
from types import ModuleType
from typing import Any

import pytest

import hyperion as hp
from hyperion.ir.function import Equation, Function, Program, Value, walk
from hyperion.module.ir_writer import write_programs
from hyperion.module.span_writer import SpanWriter
from hyperion.testing.module_samples import sample_module
from hyperion.testing.random_programs import random_program


@pytest.fixture(scope="module")
def second() -> ModuleType:
    spec = importlib.util.spec_from_file_location("second_reader", Path(__file__).with_name("second_reader.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def plain(program: Program) -> dict[str, Any]:
    return {"entry": program.entry, "functions": [_function(f) for f in program.functions.values()]}


def _function(f: Function) -> dict[str, Any]:
    return {
        "name": f.name,
        "parameters": _values(f.parameters),
        "equations": [_equation(e) for e in f.equations],
        "results": _values(f.results),
    }


def _equation(e: Equation) -> dict[str, Any]:
    regions = [
        {
            "parameters": _values(r.parameters),
            "equations": [_equation(i) for i in r.equations],
            "results": _values(r.results),
        }
        for r in e.regions
    ]
    return {
        "op": e.op,
        "attributes": list(e.attributes),
        "operands": _values(e.operands),
        "results": _values(e.results),
        "regions": regions,
    }


def _values(values: tuple[Value, ...]) -> list[tuple[str, str]]:
    return [(v.name, str(v.type)) for v in values]


def test_the_sample(second: ModuleType, sample: bytes, reader: hp.Instance) -> None:
    found, loaded = second.read(sample), reader.load(sample)
    assert list(found["functions"]) == list(loaded)
    for name, (source, chosen) in found["functions"].items():
        derivation = loaded[name].derivation
        assert source == plain(derivation.source)
        assert chosen == plain(derivation.chosen)
    assert found["proofs"] == [loaded["total"].explain().theorem.proof()]  # type: ignore[union-attr]
    assert found["theorems"][0]["theorem"]["axioms"] == list(loaded["total"].explain().axioms)
    assert found["sections"]["CODE"] == bytes(loaded.code("fake"))
    place = found["meta"]["code"][0]["functions"][1]
    assert found["sections"]["CODE"][place["offset"] :][: place["size"]] == b"kinds" * 20
    functions = {f["name"]: f for p in found["programs"] for f in p["functions"]}
    main = loaded["kinds"].derivation.source.main
    places = second.spans(found["sections"]["SPAN"], _in_order(found["programs"]))
    assert [str(main.span), *(str(e.span) for e in walk(main.equations))] in places
    assert set(functions) == {"total", "kinds", "total2"}


def _in_order(programs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The functions of IR: each once, in the order of first use."""
    found: list[dict[str, Any]] = []
    for program in programs:
        found += [f for f in program["functions"] if not any(f is known for known in found)]
    return found


@pytest.mark.parametrize("options", [{"compression": "none"}, {"spans": "none"}, {"spans": "places"}, {"code": False}])
def test_other_forms(options: dict[str, Any], second: ModuleType, sample: bytes) -> None:
    one, other = second.read(sample), second.read(sample_module().to_bytes(**options))
    assert one["functions"] == other["functions"]
    assert one["proofs"] == other["proofs"]


@pytest.mark.parametrize("seed", range(20))
def test_random_programs(seed: int, second: ModuleType) -> None:
    program = random_program(Random(seed), 40)
    (found,) = second.programs(write_programs([program], SpanWriter("none")).data)
    assert found == plain(program)
