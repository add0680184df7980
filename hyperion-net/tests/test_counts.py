"""What the ranks of a network count."""

from __future__ import annotations

import re

import numpy as np
import pytest

import hyperion as hp
from hyperion.errors import HyperionError
from hyperion.reductions import in_order

ADD = in_order("add.wrap", "i64")


def test_an_instance_counts_what_its_ranks_do() -> None:
    three, one = hp.view(np.arange(3)), hp.view(np.arange(1))
    with hp.Instance(plugins=["net"]) as instance:
        first, second = instance.networks(2)
        waiting = first.allreduce(three, hp.view(np.zeros(3, "i8")), ADD)
        before = instance.metrics
        assert before.total("network_calls", operation="allreduce", network="in-process") == 1
        assert before.number("network_wait_seconds") == before.total("network_sent_bytes") == 0
        second.allreduce(three, hp.view(np.zeros(3, "i8")), ADD).wait(30)
        waiting.wait(30)
        first.send(one, 1)
        second.receive(hp.view(np.zeros(1, "i8")), 0).wait(30)
        first.barrier()
        second.barrier().wait(30)
        found = instance.metrics
        for operation, calls, sent, received in (
            ("allreduce", 2, 48, 48),
            ("send", 1, 8, 0),
            ("receive", 1, 0, 8),
            ("barrier", 2, 0, 0),
        ):
            assert found.total("network_calls", operation=operation) == calls
            assert found.number("network_wait_seconds", operation=operation) == calls
            assert found.total("network_sent_bytes", operation=operation) == sent
            assert found.total("network_received_bytes", operation=operation) == received
        assert found.total("network_wait_seconds", operation="allreduce") > 0
        assert found.total("network_failures") == 0


def test_failures_and_refusals_are_counted_by_their_code_and_move_nothing() -> None:
    with hp.Instance(plugins=["net"]) as instance:
        first, second = instance.networks(2)
        fences = [first.barrier(), second.broadcast(hp.view(np.zeros(2)), 1)]
        for fence in fences:
            with pytest.raises(HyperionError, match="HY5201"):
                fence.wait(30)
        with pytest.raises(HyperionError, match=re.escape("HY5204: there is no rank 7")):
            first.send(hp.view(np.zeros(2)), 7)
        with pytest.raises(HyperionError, match="HY5204"):
            second.allgather(hp.view(np.zeros(2)), [])
        found = instance.metrics
        assert found.total("network_failures", code="HY5201") == 2
        assert found.total("network_failures", code="HY5204", operation="send") == 1
        assert found.total("network_failures", code="HY5204", operation="allgather") == 1
        assert found.total("network_calls") == 4
        assert found.total("network_sent_bytes") == 0


def test_survivors_go_on_counting() -> None:
    with hp.Instance(plugins=["net"]) as instance:
        first, _ = instance.networks(2)
        heir = first.survivors(deadline=0.001)
        heir.barrier().wait(30)
        assert instance.metrics.total("network_calls", operation="barrier") == 1
