"""Ranks leave, abort and fall silent; the others go on in new epochs, and nobody hangs or reads old data."""

from __future__ import annotations

import random
import threading

import numpy as np
import pytest

from hyperion.buffers.host import view
from hyperion.errors import HyperionError
from hyperion.reductions import in_order
from hyperion.testing.apart import at_once
from hyperion_net.end import InProcessNetwork
from hyperion_net.networks import InProcessNetworks

RANKS, PATIENCE = 6, 60.0
ADD = in_order("add.wrap", "i64")


class Run:
    """What the ranks saw: the members of each epoch, by who told."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.members: dict[tuple[int, int], set[tuple[int, ...]]] = {}
        self._lock = threading.Lock()

    def rank(self, end: InProcessNetwork) -> None:
        name, rng = end.rank, random.Random(f"{self.seed} {end.rank}")
        try:
            while end.size > 1:
                try:
                    self.operations(end, name, rng)
                    return
                except HyperionError as error:
                    if error.code not in ("HY5021", "HY5202"):
                        raise
                end = end.survivors(0.2)
        except HyperionError as error:
            if error.code != "HY5202":  # that is of survivors: it came too late
                raise

    def operations(self, end: InProcessNetwork, name: int, rng: random.Random) -> None:
        """Returns where the rank falls silent; raises where it left, or lost another one."""
        before = end.send(view(np.array([name, end.epoch])), (end.rank + 1) % end.size)
        for turn in range(20):
            fate = rng.random()
            if fate < 0.02:
                end.close()
            elif fate < 0.04:
                end.abort(f"rank {name} gives up on turn {turn}")
            elif fate < 0.05:
                return
            mine, total = np.zeros(RANKS, np.int64), np.zeros(RANKS, np.int64)
            mine[name] = 1
            end.allreduce(view(mine), view(total), ADD, 0.1).wait(PATIENCE)
            assert total.sum() == end.size
            self.saw(end, tuple(np.flatnonzero(total).tolist()))
        found = np.array([-1, -1])
        end.receive(view(found), (end.rank - 1) % end.size, deadline=0.1).wait(PATIENCE)
        assert found[1] == end.epoch
        before.wait(PATIENCE)

    def saw(self, end: InProcessNetwork, members: tuple[int, ...]) -> None:
        with self._lock:
            self.members.setdefault((end.epoch, end.size), set()).add(members)


@pytest.mark.parametrize("seed", range(3))
def test_whoever_is_lost_the_others_agree_on_who_is_left(seed: int) -> None:
    run = Run(seed)
    ends = InProcessNetworks().connect(RANKS)
    at_once(lambda rank: run.rank(ends[rank]), RANKS, PATIENCE)
    assert all(len(members) == 1 for members in run.members.values()), run.members
