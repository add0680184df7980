"""An Instance: configuration, compiling, closing, the default one."""

from __future__ import annotations

import logging
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import hyperion as hp
from hyperion.errors import ModuleError, PluginError, TrapOverflowError, TypeCheckError
from hyperion.interfaces.cluster import Topology
from hyperion.interfaces.executor import Executor
from hyperion.ir.types import I64

INC = """
func @inc(%x: i64) -> i64 {
  %one = const 1 : i64
  %y = add.trap %x, %one : i64
  return %y
}
"""


def test_ir_text_becomes_a_module(instance: hp.Instance) -> None:
    module = instance.compile(INC, frontend="ir")
    assert list(module) == ["inc"]
    assert len(module) == 1
    assert module["inc"](4) == 5
    assert "add.trap" in module["inc"].ir()
    assert module["inc"].lower("asm") == "asm of inc"


def test_a_trap_names_its_place(instance: hp.Instance) -> None:
    with pytest.raises(TrapOverflowError) as caught:
        instance.compile(INC, frontend="ir")["inc"]((1 << 63) - 1)
    assert caught.value.span is not None


def test_a_function_that_the_module_lacks(instance: hp.Instance) -> None:
    with pytest.raises(ModuleError, match=r"HY3001(.|\n)*did you mean 'inc'\?"):
        instance.compile(INC, frontend="ir")["imc"]


def test_source_through_a_frontend(instance: hp.Instance) -> None:
    def inc(x: int) -> int:
        """func @inc(%x: T1) -> T1 { %one = const 1 : T1 %y = add.MODE %x, %one : T1 return %y }"""

    assert instance.compile(inc, arguments=(1,))["inc"](1) == 2
    assert instance.compile(inc, signature=(I64,), overflow="wrap")["inc"]((1 << 63) - 1) == -(1 << 63)
    with pytest.raises(TypeCheckError, match="HY6031"):
        instance.compile(inc)
    with pytest.raises(TypeCheckError, match="HY6030"):
        instance.compile(inc, frontend="ir")
    with pytest.raises(TypeCheckError, match=r"HY6032: overflow='drop' is no choice"):
        instance.compile(inc, arguments=(1,), overflow="drop")  # type: ignore[arg-type] - that is the point


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"tarjet": "cpu"}, "did you mean 'target'?"),
        ({"derive": "yes"}, "'derive' is a bool, not 'yes'"),
        ({"oracles": 5}, "'oracles' is a tuple"),
    ],
)
def test_configuration_is_checked(config: dict[str, object], message: str) -> None:
    with pytest.raises(PluginError) as caught:
        hp.Instance(plugins=[], config=config)
    assert caught.value.code == "HY1007"
    assert message in str(caught.value)


def test_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HYPERION_HOME", str(tmp_path / "a"))
    with hp.Instance(plugins=[]) as one, hp.Instance(plugins=[], config={"home": tmp_path / "b"}) as two:
        assert (one.home, two.home) == (tmp_path / "a", tmp_path / "b")
        assert not one.home.exists()
    monkeypatch.delenv("HYPERION_HOME")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with hp.Instance(plugins=[]) as three:
        assert three.home == tmp_path / "hyperion"


def test_two_instances_share_nothing(tiny: Any) -> None:
    with hp.Instance(plugins=[tiny.module()]) as one, hp.Instance(plugins=[]) as two:
        assert one.frontend("python").name == "python"
        with pytest.raises(PluginError, match="HY1002"):
            two.frontend("python")


def test_an_instance_adds_no_log_handler(instance: hp.Instance, caplog: pytest.LogCaptureFixture) -> None:
    before = list(logging.getLogger().handlers)
    with caplog.at_level(logging.INFO, "hyperion"):
        instance.compile(INC, frontend="ir")
    assert [type(h) for h in logging.getLogger("hyperion").handlers] == [logging.NullHandler]
    assert list(logging.getLogger().handlers) == before
    record = next(r for r in caplog.records if "inc for cpu" in r.message)
    fields = dict(record.hyperion)  # type: ignore[attr-defined] - structured field
    assert (fields.pop("instance"), fields.pop("correlation").split(".")[0]) == (instance.observer.instance,) * 2
    assert fields == {"kind": "compiled", "function": "inc"}


def test_listeners_hear_of_compilation(instance: hp.Instance, tiny: Any) -> None:
    instance.compile(INC, frontend="ir")
    kinds = [e.kind for e in tiny.events if not e.kind.endswith((".begin", ".end"))]
    assert [kind for kind in kinds if kind != "progress"] == ["refused", "compiled"]
    assert {"compile.end", "derive.end", "codegen.begin"} <= {e.kind for e in tiny.events}


def test_closing_closes_executors_and_goes_on_after_a_failure(make_plugin: Any) -> None:
    log: list[str] = []

    class Closing(Executor):
        def __init__(self, fails: bool) -> None:
            self.fails = fails

        def close(self, timeout: float | None = None) -> None:
            log.append("closed")
            if self.fails:
                raise OSError("lost")

    class Factory:
        def __init__(self, fails: bool) -> None:
            self.fails = fails

        def create(self, cluster: object, services: object, options: object) -> Executor:
            return Closing(self.fails)

    table = {"good": lambda: Factory(False), "bad": lambda: Factory(True)}
    instance = hp.Instance(plugins=[make_plugin("one", hyperion_executors=lambda: table)])
    cluster = SimpleNamespace(devices=(), topology=Topology())
    assert instance.executor(cluster, "good") is not instance.executor(cluster, "good")
    instance.executor(cluster, "bad")
    with pytest.raises(ExceptionGroup):
        instance.close()
    assert log == ["closed"] * 3
    instance.close()


def test_the_default_instance_is_made_once_and_again_after_closing(in_threads: Any) -> None:
    found = in_threads(hp.default_instance, 8)
    assert len({id(i) for i in found}) == 1
    found[0].close()
    assert hp.default_instance() is not found[0]
