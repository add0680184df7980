"""Fences: how they end, who is told, in chains of any length."""

from __future__ import annotations

from itertools import pairwise

import pytest

from hyperion.errors import DeviceError
from hyperion.fences import MOST_NOTES, Fence, through, when_all


def chain(length: int) -> list[Fence]:
    """Fences each of which ends as the one before it."""
    fences = [Fence(str(number)) for number in range(length)]
    for before, after in pairwise(fences):

        def end(error: BaseException | None, after: Fence = after) -> None:
            after.signal() if error is None else after.fail(through(error, after.label))

        when_all([before], end)
    return fences


def test_a_chain_of_any_length_ends() -> None:
    fences = chain(3000)
    assert fences[0].signal()
    assert all(fence.done for fence in fences)


def test_an_error_goes_through_a_chain_and_its_notes_are_so_many() -> None:
    fences = chain(3000)
    error = DeviceError("HY5012", "lost")
    fences[0].fail(error)
    assert error.notes == ()
    last = fences[-1].error
    assert isinstance(last, DeviceError)
    assert len(last.notes) == MOST_NOTES
    assert last.notes[:2] == ("came through 1", "came through 2")


def test_all_are_told_though_one_callback_raises() -> None:
    fence, other, heard = Fence(), Fence(), list[str]()

    def fails(_: Fence) -> None:
        other.signal()
        raise OSError("mine")

    other.on_done(lambda _: heard.append("other"))
    fence.on_done(fails)
    fence.on_done(lambda _: heard.append("fence"))
    with pytest.raises(OSError, match="mine"):
        fence.signal()
    assert heard == ["fence", "other"]
    Fence().signal()  # nothing is left


def test_waiting_again_and_again_keeps_no_frames() -> None:
    fence = Fence()
    fence.fail(ValueError("no"))
    depths: list[int] = []
    for _ in range(3):
        with pytest.raises(ValueError, match="no") as caught:
            fence.wait(0)
        depths.append(len(caught.traceback))
    assert len(set(depths)) == 1
