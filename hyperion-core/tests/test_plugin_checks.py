"""What `hyperion plugins check` finds in plugins that import without complaint."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import ModuleType

import pytest

from hyperion.errors import DeviceError
from hyperion.interfaces.device import DeviceInfo
from hyperion.interfaces.theory import Record
from hyperion.ir.op_table import OpDef
from hyperion.ir.type_rules import is_machine_integer, uniform
from hyperion.logic import kernel
from hyperion.logic.kernel import Theorem
from hyperion.plugins import PluginHost
from hyperion.plugins.axioms import contradictions
from hyperion.plugins.checking import problems
from hyperion.testing import TheoryConformance

Make = Callable[..., ModuleType]
DOUBLE = "(const acme:f (fun int int)) (axiom acme:f.def ((a int)) () (= (acme:f a) (add a a)))"


class Brought:
    """The theory `acme` with axioms of its own."""

    name = "acme"

    def __init__(self, text: str, recorded: tuple[str, ...] = ()) -> None:
        self.axiom_text = text
        self.axioms: Mapping[str, str] = dict.fromkeys(recorded, "z3")
        self.records: Mapping[str, Record] = {name: Record("smt", "z3") for name in recorded}

    def theorems(self) -> Mapping[str, Callable[[], Theorem]]:
        return {}


@pytest.mark.parametrize(
    ("text", "guilty"),
    [
        ("(axiom acme:a () () (= 0 1))", "acme:a"),
        ("(axiom acme:a ((x int)) () (= (add x 1) x))", "acme:a"),
        ("(axiom acme:a ((x int) (y int)) () (= (max x y) x))", "acme:a"),
        ("(axiom acme:a ((p bool) (q bool)) () (= p q))", "acme:a"),
        ("(axiom acme:a ((x int)) ((= (le 0 x) true)) (= (abs x) (add x 1)))", "acme:a"),
        (f"{DOUBLE} (axiom acme:g ((a int)) () (= (acme:f a) a))", "acme:f.def and acme:g"),
        (f"{DOUBLE} (axiom acme:g () () (= (acme:f (acme:f 1)) 5))", "acme:f.def and acme:g"),
        (DOUBLE, ""),
        ("(axiom acme:a ((x int)) ((= (le x 0) true)) (= (abs x) (neg x)))", ""),
        ("(axiom acme:a ((x (list int))) () (= x x))", ""),
    ],
)
def test_contradictions(text: str, guilty: str) -> None:
    found = list(contradictions("acme", Brought(text, tuple(_names(text)))))
    assert found == ([f"two different values are equal by {guilty}"] if guilty else [])


def _names(text: str) -> list[str]:
    return [part.split()[0] for part in text.split("(axiom ")[1:]]


def test_axioms_without_records_and_texts_that_are_not_taken() -> None:
    (said,) = contradictions("acme", Brought(DOUBLE))
    assert said == "it has no record of how these axioms were validated: acme:f.def"
    (said,) = contradictions("other", Brought(DOUBLE))
    assert said.startswith("its axioms are not taken: ")
    assert "acme:f.def" not in [name for name in kernel.AXIOMS if name.startswith("other")]


class TestDouble(TheoryConformance):
    distribution = "acme"

    def make(self) -> Brought:
        return Brought(DOUBLE, ("acme:f.def",))


class Driver:
    kind = "gpu"

    def __init__(self, infos: tuple[DeviceInfo, ...], error: Exception | None = None) -> None:
        self.infos, self.error = infos, error

    def devices(self) -> tuple[DeviceInfo, ...]:
        if self.error:
            raise self.error
        return self.infos

    def describe(self, address: str) -> DeviceInfo:
        return self.infos[0]

    def together(self, addresses: list[str]) -> list[str]:
        return addresses

    def open(self, address: str) -> object:
        raise DeviceError("HY5011", "no")


def checked(module: ModuleType) -> list[str]:
    host = PluginHost(plugins=[module])
    (status,) = [s for s in host.statuses() if s.name == module.__name__]
    return [f"{p.of}: {p.what}" for p in problems(host, status) if p.remedy]


def info(address: str) -> DeviceInfo:
    return DeviceInfo(address, "gpu", "one", 1)


def test_drivers(make_plugin: Make) -> None:
    good, other = info("gpu:0"), info("gpu:1")
    unlike = "gpu: open(address: 'str') -> 'object' cannot be called as open(address, options)"
    for driver, said in (
        (Driver((good,)), []),
        (Driver((good, other)), ["hyperion_devices:gpu: it describes gpu:1 as another device"]),
        (Driver((info("cpu:0"),)), ["hyperion_devices:gpu: a device of kind 'gpu' says that it is 'cpu:0', 'gpu'"]),
        (Driver((), OSError("lost")), ["hyperion_devices:gpu: looking at it raised OSError: lost"]),
    ):
        module = make_plugin("acme", hyperion_devices=lambda driver=driver: {"gpu": lambda: driver})
        assert checked(module) == [f"hyperion_devices:{unlike}", *said]
    module = make_plugin("acme", hyperion_devices=lambda: {"tpu": lambda: Driver(())})
    assert "hyperion_devices:tpu: its kind is 'gpu'" in checked(module)


def test_ops_of_another_name_and_hooks_that_raise(make_plugin: Make) -> None:
    def rule(use: object) -> None: ...

    op = OpDef("acme.op", "T -> T", "", rule, evaluate=lambda *_: 0)  # type: ignore[arg-type]
    module = make_plugin("acme", hyperion_ops=lambda: {"acme.other": lambda: op})
    assert checked(module) == ["hyperion_ops:acme.other: its name is 'acme.op'"]

    def boom() -> object:
        raise ValueError("boom")

    assert checked(make_plugin("acme", hyperion_ops=boom)) == ["state: failed: hyperion_ops raised ValueError: boom"]
    assert checked(make_plugin("acme", api=(1, 99))) == ["state: incompatible: made for plugin API 1.99, this is 1.0"]


def test_ops_that_are_not_taken_and_meanings_that_cannot_be_called(make_plugin: Make) -> None:
    rule = uniform(1, is_machine_integer, "machine integers")
    bare = OpDef("bare", "T -> T", "", rule, evaluate=lambda values, types, result: values[0])
    module = make_plugin("acme", hyperion_ops=lambda: {"bare": lambda: bare})
    assert checked(module) == ["state: failed: 'bare' of 'acme' has no prefix"]
    unary = replace(bare, name="acme.unary", evaluate=lambda x: x)  # type: ignore[arg-type, misc]
    module = make_plugin("acme", hyperion_ops=lambda: {"acme.unary": lambda: unary})
    (said,) = checked(module)
    assert said == "hyperion_ops:acme.unary: its evaluate(x) cannot be called as evaluate(values, types, result)"


def test_laws_that_cannot_be_proved(make_plugin: Make) -> None:
    class Unproved(Brought):
        def theorems(self) -> Mapping[str, Callable[[], Theorem]]:
            return {"good": lambda: kernel.axiom("acme:f.def"), "bad": lambda: kernel.axiom("acme:f.undefined")}

    brought = Unproved(DOUBLE, ("acme:f.def",))
    (said,) = checked(make_plugin("acme", hyperion_theories=lambda: {"acme": lambda: brought}))
    assert said.startswith("hyperion_theories:acme: its law bad raised RuleError: ")
