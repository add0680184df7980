"""Whatever is asked for in whatever order: an asynchronous device gives what one gives that does all of it at once."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from hyperion.buffers.host import view
from hyperion.errors import HyperionError
from hyperion.interfaces.buffer import BufferView
from hyperion.testing.device_checks.runs import INVERTED
from hyperion.testing.device_checks.subject import blank
from hyperion.testing.programs import attempt
from hyperion.tokens import NOTHING
from hyperion_interp.target import ReferenceTarget
from hyperion_virtual.driver import VirtualDriver

LENGTH, VIEWS = 4, 5
INVERT = ReferenceTarget().compile(INVERTED.program)
Step = tuple[Any, ...]

places = st.integers(0, VIEWS - 1)
parts = st.sampled_from([slice(None), slice(0, 2), slice(1, 4, 2), slice(None, None, -1)])
steps = st.one_of(
    st.tuples(st.just("write"), places, parts, st.integers(-2, 2)),
    st.tuples(st.just("copy"), places, places, parts),
    st.tuples(st.just("run"), places, places),
    st.tuples(st.just("drop"), places),
)


def _as_asked(program: list[Step]) -> list[object]:
    """What each view holds in the end, or the code of the error that it was left with."""
    device = VirtualDriver().open("virtual:0", {"asynchronous": True})
    views = [blank(device, "i64", (LENGTH,)) for _ in range(VIEWS)]
    kept: list[object] = []  # memory of the host, until the copies are done
    for step in program:
        _do(device, views, step, kept)
    attempt(device.synchronize)
    found: list[object] = []
    for there in views:
        host = np.zeros(LENGTH, "i8")
        device.copy(there, view(host))
        error = attempt(device.synchronize)
        found.append(error.code if isinstance(error, HyperionError) else host.tolist())
    device.close()
    return found


def _do(device: Any, views: list[BufferView], step: Step, kept: list[object]) -> None:
    match step:
        case ("write", place, part, number):
            target = views[place][part]
            host = np.full(target.shape, number)
            kept.append(host)
            device.copy(view(host), target)
        case ("copy", place, other, part) if place != other:
            device.copy(views[place][part], views[other][part])
        case ("run", place, other):
            (views[other],) = device.run(INVERT, [views[place]], NOTHING)
        case ("drop", place):
            views[place] = blank(device, "i64", (LENGTH,))
        case _:
            pass


def _model(program: list[Step]) -> list[object]:
    """The same with arrays; None stands for memory that was never written because of an error."""
    arrays: list[Any] = [np.zeros(LENGTH, "i8") for _ in range(VIEWS)]
    for step in program:
        match step:
            case ("write", place, part, number):
                _assign(arrays, place, part, np.full(LENGTH, number)[part])
            case ("copy", place, other, part) if place != other:
                source = None if arrays[place] is None else arrays[place][part]
                _assign(arrays, other, part, source)
            case ("run", place, other):
                source = arrays[place]
                arrays[other] = None if source is None or not source.all() else 1 // source
            case ("drop", place):
                arrays[place] = np.zeros(LENGTH, "i8")
            case _:
                pass
    return ["HY5102" if a is None else a.tolist() for a in arrays]


def _assign(arrays: list[Any], place: int, part: slice, values: Any) -> None:
    whole = np.arange(LENGTH)[part].size == LENGTH
    if values is None or (arrays[place] is None and not whole):
        arrays[place] = None
        return
    fresh = np.zeros(LENGTH, "i8") if arrays[place] is None else arrays[place].copy()
    fresh[part] = values
    arrays[place] = fresh


@settings(max_examples=60, deadline=None)
@given(st.lists(steps, max_size=12))
def test_any_program_gives_what_it_gives_in_order(program: list[Step]) -> None:
    assert _as_asked(program) == _model(program)
