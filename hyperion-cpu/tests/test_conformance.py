"""The target and the device follow their interfaces."""

from __future__ import annotations

import pytest

from hyperion.testing.codegen import CodegenTargetConformance
from hyperion.testing.device import DeviceConformance
from hyperion_cpu.device import CpuDriver
from hyperion_cpu.target import CpuTarget


class TestTarget(CodegenTargetConformance):
    def make(self) -> CpuTarget:
        return CpuTarget()


class TestDevice(DeviceConformance):
    def driver(self) -> CpuDriver:
        return CpuDriver()

    def target(self) -> CpuTarget:
        return CpuTarget()

    # What the device does not do yet.

    @pytest.mark.xfail(reason="not checked by the device yet")
    def test_nothing_works_after_closing(self) -> None:
        super().test_nothing_works_after_closing()

    @pytest.mark.xfail(reason="not checked by the device yet")
    def test_nothing_runs_after_closing(self) -> None:
        super().test_nothing_runs_after_closing()

    @pytest.mark.xfail(reason="not checked by the device yet")
    def test_a_token_that_ended_ends_the_run(self) -> None:
        super().test_a_token_that_ended_ends_the_run()

    @pytest.mark.xfail(reason="not checked by the device yet")
    def test_memory_of_strangers_is_refused(self) -> None:
        super().test_memory_of_strangers_is_refused()

    @pytest.mark.xfail(reason="not checked by the device yet")
    def test_arguments_of_strangers_are_refused(self) -> None:
        super().test_arguments_of_strangers_are_refused()

    @pytest.mark.xfail(reason="not checked by the device yet")
    def test_an_unknown_kind_is_refused(self) -> None:
        super().test_an_unknown_kind_is_refused()

    @pytest.mark.xfail(reason="not checked by the device yet")
    def test_unknown_options_are_refused(self) -> None:
        super().test_unknown_options_are_refused()
