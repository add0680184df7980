"""Everything is closed, whatever becomes of one of the things."""

from __future__ import annotations

import pytest

from hyperion._closing import close_all


class Thing:
    def __init__(self, closed: list[BaseException | None], error: BaseException | None = None) -> None:
        self.closed, self.error = closed, error

    def close(self) -> None:
        self.closed.append(self.error)
        if self.error is not None:
            raise self.error


def test_a_ctrl_c_is_raised_once_all_are_closed() -> None:
    closed: list[BaseException | None] = []
    with pytest.raises(KeyboardInterrupt, match="first"):
        close_all(
            [Thing(closed, KeyboardInterrupt("first")), Thing(closed, KeyboardInterrupt("second")), Thing(closed)]
        )
    assert len(closed) == 3


def test_what_goes_wrong_is_said_and_an_exit_ends_nothing() -> None:
    closed: list[BaseException | None] = []
    failures = close_all([Thing(closed, SystemExit(3)), object(), Thing(closed, OSError("lost")), Thing(closed)])
    assert [str(failure) for failure in failures] == ["SystemExit: 3", "lost"]
    assert len(closed) == 3
