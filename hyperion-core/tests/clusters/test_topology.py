"""Links and topologies: what is refused, what is composed, and what is said of how it is known."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hyperion.errors import DeviceError
from hyperion.interfaces.cluster import ASSUMED, HOST, Link, Topology

FAST = Link(1e-6, 1e9)
SLOW = Link(1e-3, 1e6, source="measured")
LINKS = st.builds(
    Link,
    st.floats(0, 1e300),
    st.floats(min_value=0, exclude_min=True),
    source=st.sampled_from(["measured", "described", "assumed"]),
) | st.just(Link(shared=True))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"latency": -1e-9}, "a latency is a number of seconds, 0 or more, not -1e-09"),
        ({"latency": math.nan}, "not nan"),
        ({"latency": math.inf}, "not inf"),
        ({"latency": True}, "not True"),
        ({"latency": "5 us"}, "not '5 us'"),
        ({"bandwidth": 0}, "a bandwidth is more than 0 bytes per second, not 0"),
        ({"bandwidth": -1.0}, "not -1.0"),
        ({"bandwidth": math.nan}, "not nan"),
        ({"bandwidth": None}, "not None"),
        ({"source": "guessed"}, "a link is known as one of measured, described, assumed, not 'guessed'"),
        ({"shared": True, "latency": 1e-6}, "through shared memory nothing is moved"),
        ({"shared": True, "bandwidth": 1e9}, "through shared memory nothing is moved"),
    ],
)
def test_links_that_cannot_be(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(DeviceError) as caught:
        Link(**arguments)
    assert (caught.value.code, message in str(caught.value)) == ("HY5039", True), caught.value


def test_what_moving_takes() -> None:
    assert FAST.seconds(1000) == pytest.approx(2e-6)
    assert (Link().seconds(1 << 60), Link(shared=True).seconds(1 << 60), FAST.seconds(0)) == (0, 0, 1e-6)
    assert Link(0, 5e-324).seconds(1e300) == math.inf


def test_by_way_of_the_host() -> None:
    """Latencies add up, and so do the times of each byte; the less well known of the two counts."""
    way = FAST.then(SLOW)
    assert way.latency == pytest.approx(1.001e-3)
    assert way.bandwidth == pytest.approx(1 / (1e-9 + 1e-6))
    assert (way.shared, way.source) == (False, "described")
    assert FAST.then(Link(shared=True, source="measured")) == FAST
    assert Link(shared=True).then(SLOW) == Link(1e-3, 1e6, source="described")
    assert Link(shared=True).then(Link(shared=True)) == Link(shared=True)
    assert FAST.then(Link(1.0, source="assumed")) == Link(1e-6 + 1.0, 1e9, source="assumed")


@given(LINKS, LINKS, st.integers(0, 1 << 40))
def test_a_way_of_two_links_takes_no_less_than_both(one: Link, other: Link, nbytes: int) -> None:
    way = one.then(other)
    assert way == other.then(one)
    assert way.seconds(nbytes) * (1 + 1e-9) >= max(one.seconds(nbytes), other.seconds(nbytes))
    assert way.shared == (one.shared and other.shared)
    known = ["measured", "described", "assumed"]
    assert known.index(way.source) == max(known.index(one.source), known.index(other.source))


def test_links_have_directions() -> None:
    topology = Topology({(HOST, "a"): FAST, ("a", HOST): SLOW, ("a", "b"): Link(shared=True)})
    assert (topology.host_link("a"), topology.link("a", HOST)) == (FAST, SLOW)
    assert topology.link("a", "b").shared
    assert topology.link("b", "a") == ASSUMED.then(FAST)
    assert topology.link("b", "a").source == "assumed"
    assert topology.link("a", "c") == SLOW.then(ASSUMED)
    assert topology.link("b", "b") == Link(shared=True)


def test_nothing_known_is_assumed_and_says_so() -> None:
    link = Topology().link("a", "b")
    assert (link.latency, link.bandwidth, link.source) == (2 * ASSUMED.latency, ASSUMED.bandwidth / 2, "assumed")


def test_topologies_are_values() -> None:
    links = {("a", HOST): SLOW, (HOST, "a"): FAST}
    one, other = Topology(links), Topology(dict(reversed(links.items())))
    assert one == other
    assert hash(one) == hash(other)
    assert list(one) == [("a", HOST, SLOW), (HOST, "a", FAST)]
    links.clear()
    assert len(one.links) == 2
    with pytest.raises(TypeError):
        one.links[("a", "b")] = FAST  # type: ignore[index] - that is the point
    with pytest.raises(DeviceError, match="HY5039: a link leads from 'a' to itself"):
        Topology({("a", "a"): FAST})
