"""Faults: each call can fail in each way, and a sweep visits each call once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from time import monotonic, sleep
from typing import Any

import numpy as np
import pytest

from hyperion.buffers.host import view
from hyperion.errors import DeadlineError, DeviceError, DeviceLostError, WorkCancelledError
from hyperion.ir.parser import parse_program
from hyperion.testing.device_checks.runs import SCALED
from hyperion.testing.device_checks.subject import blank, code_of, fetched, put
from hyperion.testing.programs import attempt
from hyperion.tokens import NOTHING, Token
from hyperion_interp.target import ReferenceTarget
from hyperion_virtual.device import VirtualDevice
from hyperion_virtual.driver import VirtualDriver
from hyperion_virtual.faults import KINDS, METHODS, Fault, Faults, points

Open = Callable[..., VirtualDevice]
SCALE = ReferenceTarget().compile(parse_program(SCALED.text))
CODES = {"open": "HY5011", "allocate": "HY5001"}


def _workload(faults: Faults, **options: object) -> list[float]:
    """Twice the numbers, by every method of a device."""
    device = VirtualDriver().open("virtual:0", {"faults": faults, **options})
    try:
        there = put(device, np.array([1.0, 2.0]))
        (result,) = device.run(SCALE, [there, 2.0], NOTHING)
        found: Any = fetched(device, result)  # type: ignore[arg-type]
        there.buffer.free()
        return found.tolist()
    finally:
        device.close()


@pytest.mark.parametrize("asynchronous", [False, True])
def test_a_sweep_ends_in_the_result_or_in_the_error(asynchronous: bool) -> None:
    seen: list[tuple[str, int, str]] = []
    for faults in points(lambda f: _workload(f, asynchronous=asynchronous), ("raise", "lose", "delay")):
        found = attempt(lambda faults=faults: _workload(faults, asynchronous=asynchronous))
        (fault,) = faults.struck
        seen.append((fault.method, fault.call, fault.kind))
        if fault.kind == "delay" or (fault.method, fault.kind) == ("close", "lose"):
            assert found == [2.0, 4.0]
        elif (fault.method, fault.kind) == ("free", "lose"):
            assert isinstance(found, DeviceLostError)
        else:
            assert isinstance(found, DeviceError), f"{fault}: {found!r}"
            assert found.code == ("HY5012" if fault.kind == "lose" else CODES.get(fault.method, "HY5061")), str(fault)
            assert f"the fault {str(fault)!r} was asked for" in found.message
    assert len(seen) == len(set(seen)) == 3 * 8, "1 open, 1 allocate, 2 copies, 1 run, 1 synchronize, 1 free, 1 close"


def test_each_point_once() -> None:
    plans = [str(faults) for faults in points(_workload, ("raise",))]
    assert sorted(plans) == sorted(
        f"raise at {m} {n}"
        for m, n in (
            ("open", 1), ("allocate", 1), ("copy", 1), ("copy", 2), ("run", 1), ("synchronize", 1), ("free", 1),
            ("close", 1)
        )
    )  # fmt: skip


def test_what_cannot_hang_is_left_out_of_a_sweep() -> None:
    assert [str(f) for f in points(_workload, ("hang",))] == [
        "hang at allocate 1", "hang at copy 1", "hang at copy 2", "hang at run 1", "hang at synchronize 1"
    ]  # fmt: skip


def test_devices_share_a_plan(opened: Open) -> None:
    faults = Faults(Fault("allocate", 3, "raise"))
    first, second = opened("virtual:0", faults=faults), opened("virtual:1", faults=faults)
    first.allocate(1), second.allocate(1)
    with pytest.raises(
        DeviceError, match="allocate failed on virtual:0: the fault 'raise at allocate 3' was asked for"
    ):
        first.allocate(1)
    second.allocate(1)
    assert faults.calls == {"open": 2, "allocate": 4}
    assert faults.struck == (Fault("allocate", 3, "raise"),)


def test_a_fault_that_never_happens_is_seen(opened: Open) -> None:
    faults = Faults(Fault("run", 5, "raise"))
    opened(faults=faults)
    assert faults.struck == ()


def test_a_run_that_hangs_ends_with_its_token(opened: Open) -> None:
    late = opened(faults="hang at run 1")
    assert isinstance(attempt(lambda: late.run(SCALE, [], Token(seconds=0.01))), DeadlineError)
    device, token = opened(asynchronous=True, faults="hang at run 1"), Token()
    (result,) = device.run(SCALE, [put(device, np.ones(1)), 1.0], token)
    assert device.synchronize(0.001) is False
    token.cancel("not needed")
    error = attempt(lambda: device.synchronize(20))
    assert isinstance(error, WorkCancelledError)
    assert "not needed" in error.message
    assert isinstance(attempt(lambda: fetched(device, result)), WorkCancelledError)  # type: ignore[arg-type]
    assert fetched(device, put(device, np.ones(1))).tolist() == [1.0]


@pytest.mark.parametrize("asynchronous", [False, True])
@pytest.mark.parametrize("method", ["allocate", "copy", "synchronize"])
def test_what_hangs_ends_with_the_token_around_it(opened: Open, method: str, asynchronous: bool) -> None:
    device, token = opened(asynchronous=asynchronous, faults=f"hang at {method} 1"), Token()

    def cancels() -> None:
        end = monotonic() + 20
        while not device.faults.struck and monotonic() < end:
            sleep(0.001)
        token.cancel("not needed")

    late = threading.Thread(target=cancels)
    late.start()
    with token.active():
        error = attempt(lambda: (put(device, np.ones(2)), device.synchronize(20)))
    late.join(20)
    assert isinstance(error, WorkCancelledError)
    assert "not needed" in error.message
    with suppress(WorkCancelledError):
        device.synchronize(20)  # a copy that ended later than the wait for it is told at the next one
    assert fetched(device, put(device, np.ones(2))).tolist() == [1.0, 1.0]


def test_a_copy_that_hangs_ends_at_the_deadline(opened: Open) -> None:
    device = opened(faults="hang at copy 1")
    there = blank(device, "f64", (2,))
    with Token(seconds=0.02).active(), pytest.raises(DeadlineError, match="HY5021"):
        device.copy(view(np.ones(2)), there)


def test_a_synchronize_that_hangs_keeps_its_timeout(opened: Open) -> None:
    device = opened(faults="hang at synchronize 1; delay 30 at synchronize 2")
    assert device.synchronize(0.001) is False
    assert device.synchronize(0.001) is False
    assert device.synchronize(0.001) is True


def test_a_failed_free_gives_the_memory_back(opened: Open) -> None:
    device = opened(faults="raise at free 1")
    buffer = device.allocate(100)
    assert code_of(buffer.free) == "HY5061"
    assert device.used["device"] == 0
    buffer.free()


def test_a_failed_close_has_closed(opened: Open) -> None:
    device = opened(faults="raise at close 1")
    assert code_of(device.close) == "HY5061"
    assert device.state == "closed"
    device.close()


def test_faults_are_read_and_printed() -> None:
    text = "lose at run 2; delay at copy 1; hang at synchronize 10"
    assert str(Faults.parse(text)) == text
    assert Faults.parse(" delay 0.5 at copy 3 ;").at("run") is None
    assert str(Faults()) == str(Faults.parse("")) == "no faults"
    late = Faults.parse("delay 0.5 at copy 1").at("copy")
    assert late is not None
    assert late.seconds == 0.5


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("burn at run 1", "there is no fault 'burn' of 'run'"),
        ("raise at lunch 1", "there is no fault 'raise' of 'lunch'"),
        ("raise at run 0", "calls count from 1"),
        ("raise at run", "'raise at run' is no fault"),
        ("raise at run -1", "is no fault"),
        ("delay 1.2.3 at run 1", "is no fault"),
        ("delay 9999 at run 1", "a delay takes 0 to 3600 seconds"),
        ("hang at close 1", "nothing would end a close that hangs"),
        ("hang at open 1", "nothing would end a open that hangs"),
        ("raise at run 1; lose at run 1", "two faults are at one call"),
    ],
)
def test_faults_that_cannot_be_are_refused(text: str, message: str) -> None:
    with pytest.raises(DeviceError, match=message) as caught:
        Faults.parse(text)
    assert caught.value.code == "HY5060"


def test_every_method_can_fail_in_every_way_that_ends() -> None:
    for method in METHODS:
        for kind in KINDS:
            made = attempt(lambda m=method, k=kind: Fault(m, 1, k))  # type: ignore[arg-type]
            endless = kind == "hang" and method in ("open", "free", "close")
            assert isinstance(made, DeviceError if endless else Fault)
