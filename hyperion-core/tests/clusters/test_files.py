"""Files that describe clusters: every mistake has its place, what is wrong and what to try."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import hyperion as hp
from hyperion.clusters.description import DescribedDevice, DescribedLink, Description
from hyperion.clusters.places import Places
from hyperion.clusters.reading import parsed, read_description
from hyperion.clusters.units import bandwidth_of, rate_text, seconds_of, time_text
from hyperion.errors import DeviceError
from hyperion.interfaces.cluster import HOST, Link

DEVICE = '[[device]]\naddress = "toy:0"\n'
GOOD = """
name = "two and a half"   # for people

[[device]]
address = "near:0"

[[device]]
address = "toy:0"
options = {size = 4, name = "x"}

[[link]]
between = ["host", "toy:0"]
latency = "5 us"
bandwidth = "10 GB/s"

[[link]]
from = "near:0"
to = "toy:0"
latency = 1e-3

[[link]]
between = ["near:0", "host"]
shared = true
"""


def caught(text: str) -> DeviceError:
    with pytest.raises(DeviceError) as found:
        parsed(text, "c.toml")
    return found.value


def test_a_file() -> None:
    said = parsed(GOOD)
    assert said.name == "two and a half"
    assert [(d.address, dict(d.options)) for d in said.devices] == [
        ("near:0", {}),
        ("toy:0", {"size": 4, "name": "x"}),
    ]
    near = Link(5e-6, 10e9)
    assert [(x.source, x.target, x.link) for x in said.links] == [
        (HOST, "near:0", Link(shared=True)),
        (HOST, "toy:0", near),
        ("near:0", HOST, Link(shared=True)),
        ("near:0", "toy:0", Link(1e-3)),
        ("toy:0", HOST, near),
    ]


def test_a_cluster_from_a_file(inst: hp.Instance, tmp_path: Path, toys: Any) -> None:
    file = tmp_path / "cluster.toml"
    file.write_text(GOOD.replace(', name = "x"', ""))
    described = inst.describe(str(file))
    assert toys.log == []
    assert described.name == "two and a half"
    assert described.topology.host_link("toy:0") == Link(5e-6, 10e9)
    cluster = inst.cluster(file)
    assert cluster == inst.cluster(str(file))
    assert cluster.describe().splitlines()[0] == "two and a half: 2 devices"
    assert 'options = {"size" = 4}' in cluster.to_toml()
    with pytest.raises(DeviceError, match="HY5036: links are given, and the file describes its own"):
        inst.cluster(file, links={(HOST, "toy:0"): Link()})


@pytest.mark.parametrize(
    ("text", "code", "line", "message", "hint"),
    [
        ("[[device]\n", "HY5032", 1, "this is not TOML: Expected", "toml.io"),
        ("x = [1,", "HY5032", 1, "this is not TOML", "toml.io"),
        ("x = " + "[" * 3000, "HY5032", 1, "this is not TOML: it is nested too deeply", "toml.io"),
        ("x = " + "9" * 5000, "HY5032", 1, "this is not TOML", "toml.io"),
        ("x = 0x" + "f" * 5000, "HY5032", 1, "this is not TOML: an integer in it does not fit 64 bits", "toml.io"),
        ("nam = 1\n" + DEVICE, "HY5033", 1, "the description of a cluster has no key 'nam'", "did you mean 'name'?"),
        (DEVICE + "adress = 1", "HY5033", 3, "[[device]] has no key 'adress'", "did you mean 'address'?"),
        (DEVICE + "[[link]]\nbetwen = 1\n", "HY5033", 4, "[[link]] has no key 'betwen'", "did you mean 'between'?"),
        ("name = 5\n" + DEVICE, "HY5034", 1, "'name' is a text, not 5", ""),
        ("device = 5", "HY5034", 1, "'device' is one or several tables in double brackets", ""),
        ("device = [5]", "HY5034", 1, "'device' is one or several tables in double brackets", ""),
        ("[device]\naddress = 'toy:0'", "HY5034", 1, "'device' is one or several tables in double brackets", ""),
        ("[[device]]\naddress = 5", "HY5034", 2, "'address' is a text, not 5", ""),
        (DEVICE + "options = 'fast'", "HY5034", 3, "'options' is a table, not 'fast'", ""),
        ("[[device]]\noptions = {}", "HY5035", 1, "[[device]] lacks 'address'", 'add address = "cpu:0"'),
        ("", "HY5030", 1, "a cluster has at least one device", "name at least one"),
        (DEVICE + DEVICE, "HY5030", 4, "the cluster names toy:0 twice", ""),
    ],
)
def test_mistakes_in_files(text: str, code: str, line: int, message: str, hint: str) -> None:
    error = caught(text).errors[0]
    assert error.code == code, error
    assert message in error.message
    assert error.span is not None
    assert (error.span.file, error.span.line) == ("c.toml", line)
    assert any(hint in h for h in error.hints) or not hint, error


BOTH = 'between = ["host", "toy:0"]\n'
GIB = "did you mean 'GiB/s'?"


@pytest.mark.parametrize(
    ("link", "code", "line", "message", "hint"),
    [
        ("latency = 1", "HY5035", 3, "[[link]] lacks 'between'", 'add between = ["host", "virtual:0"]'),
        ("from = 'host'\nlatency = 1", "HY5035", 3, "[[link]] lacks 'to'", 'add to = "virtual:0"'),
        ("to = 'virtual:0'\nlatency = 1", "HY5035", 3, "[[link]] lacks 'from'", 'add from = "host"'),
        ("from = 5\nto = 'host'\nlatency = 1", "HY5034", 4, "'from' is a text, not 5", ""),
        (BOTH + "to = 'host'\nlatency = 1", "HY5034", 4, "a link says twice where it leads", "`between` holds in both"),
        ("between = 'host'\nlatency = 1", "HY5034", 4, "'between' is a list of two addresses", ""),
        ("between = ['host']\nlatency = 1", "HY5034", 4, "'between' is a list of two addresses", ""),
        ("between = ['host', 1]\nlatency = 1", "HY5034", 4, "'between' is a list of two addresses", ""),
        (BOTH, "HY5035", 3, "[[link]] lacks 'latency'", "or shared = true"),
        (BOTH + "shared = 1", "HY5034", 5, "'shared' is true or false, not 1", ""),
        (BOTH + "latency = '5'", "HY5034", 5, "the text '5' has no unit", "units of a time: s, ms, us"),
        (BOTH + "latency = '5 min'", "HY5034", 5, "'5 min' has the unit 'min'", ""),
        (BOTH + "latency = 'soon'", "HY5034", 5, "'soon' is not a time", '"5 us"'),
        (BOTH + "latency = true", "HY5034", 5, "True is not a time", ""),
        (BOTH + "latency = '5 GB/s'", "HY5034", 5, "has the unit 'GB/s'", "units of a time"),
        (BOTH + "bandwidth = '5 gib/s'", "HY5034", 5, "'5 gib/s' has the unit 'gib/s'", GIB),
        (BOTH + "bandwidth = [5]", "HY5034", 5, "[5] is not a bandwidth", ""),
        (BOTH + "latency = -1.0", "HY5039", 5, "0 or more, not -1.0", ""),
        (BOTH + "latency = '-1 us'", "HY5039", 5, "0 or more, not -1e-06", ""),
        (BOTH + "latency = nan", "HY5039", 5, "not nan", ""),
        (BOTH + "latency = inf", "HY5039", 5, "not inf", ""),
        (BOTH + "bandwidth = 0", "HY5039", 5, "more than 0 bytes per second, not 0.0", ""),
        (BOTH + "shared = true\nlatency = 1", "HY5039", 6, "through shared memory nothing is moved", "leave out"),
        ("between = ['host', 'host']\nlatency = 1", "HY5039", 3, "a link leads from host to itself", ""),
        ("between = ['toy:1', 'host']\nlatency = 1", "HY5037", 3, "a link names toy:1, which is no", "host, toy:0"),
        (
            BOTH + f"latency = 1\n[[link]]\n{BOTH}latency = 1",
            "HY5036",
            6,
            "is described twice",
            "leave one of them out",
        ),
    ],
)
def test_mistakes_in_links(link: str, code: str, line: int, message: str, hint: str) -> None:
    error = caught(f"{DEVICE}[[link]]\n{link}\n").errors[0]
    assert error.code == code, error
    assert message in error.message
    assert error.span is not None
    assert error.span.line == line, error
    assert any(hint in h for h in error.hints) or not hint, error


def test_a_mistake_of_both_directions_is_told_once() -> None:
    for ends in ("['toy:1', 'host']", "['host', 'host']"):
        assert len(caught(f"{DEVICE}[[link]]\nbetween = {ends}\nlatency = 1\n").errors) == 1


def test_all_mistakes_at_once() -> None:
    error = caught("[[device]]\nadress = 1\n[[link]]\nbetween = ['a', 'b']\nlatency = '1 sec'\n")
    assert [e.code for e in error.errors] == ["HY5033", "HY5035", "HY5034"]
    assert error.message.startswith("3 mistakes; the first: [[device]] has no key 'adress'")


def test_places_among_comments_texts_and_tables() -> None:
    """Only what is a table or a key counts: not what a long text or a comment says."""
    text = """
name = '''
[[device]]
address = 1
'''
# [[device]]
[[ "device" ]]
"address" = "toy:0"   # [[device]]
[device.options]
size = 5
[[device]]
address = 7
"""
    error = caught(text)
    assert error.span is not None
    assert (error.span.line, error.span.column, error.span.text) == (12, 1, "address = 7")
    assert caught("device = [{address = 'toy:0', size = 5}]").span is not None


def test_places_take_no_longer_for_many_spaces() -> None:
    assert Places("[" + " " * 100_000, "c.toml").key("", 0, "name") is None


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    for path, hint in ((tmp_path / "no.toml", "name a TOML file"), (tmp_path, "name a TOML file")):
        with pytest.raises(DeviceError) as found:
            read_description(path)
        assert (found.value.code, str(path) in found.value.message, found.value.hints[-1].startswith(hint)) == (
            "HY5031",
            True,
            True,
        )
    with pytest.raises(DeviceError, match=r'for a device, give a list: cluster\(\["toy:0"\]\)'):
        read_description("toy:0")
    with pytest.raises(DeviceError, match="HY5031"):
        read_description("a\0b")
    (tmp_path / "latin.toml").write_bytes(b"name = '\xe9'")
    with pytest.raises(DeviceError, match=r"HY5032: .*latin\.toml is not UTF-8, at byte 8"):
        read_description(tmp_path / "latin.toml")
    (tmp_path / "windows.toml").write_bytes(DEVICE.replace("\n", "\r\n").encode())
    assert read_description(tmp_path / "windows.toml").devices[0].address == "toy:0"


@pytest.mark.parametrize(
    ("address", "code", "message"),
    [
        ("toy:4", "HY5011", "1 of the cluster's 2 devices are not here"),
        ("toy:9", "HY5010", "there is no device 'toy:9'"),
        ("tow:9", "HY5010", "there is no device 'tow:9'"),
        ("toy:1", "HY5013", "toy has no option {'speed'}"),
    ],
)
def test_what_a_file_asks_for_in_vain(inst: hp.Instance, tmp_path: Path, address: str, code: str, message: str) -> None:
    file = tmp_path / "cluster.toml"
    file.write_text(f'[[device]]\naddress = "near:0"\n[[device]]\naddress = "{address}"\noptions = {{speed = 5}}')
    with pytest.raises(DeviceError) as found:
        inst.cluster(file)
    assert (found.value.code, message in str(found.value)) == (code, True), found.value
    assert found.value.span is not None
    assert (found.value.span.file, found.value.span.line) == (str(file), 4)


def test_a_file_that_contradicts_the_devices(inst: hp.Instance, tmp_path: Path) -> None:
    file = tmp_path / "cluster.toml"
    file.write_text(DEVICE + '[[link]]\nfrom = "host"\nto = "toy:0"\nshared = true\n')
    with pytest.raises(DeviceError, match=r"HY5039: host and toy:0 do not share memory(.|\n)*cluster.toml:3"):
        inst.describe(file)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("5 us", 5e-6),
        ("5us", 5e-6),
        ("1.5e3 ns", 1.5e-6),
        ("2 ms", 2e-3),
        ("7 µs", 7e-6),
        ("7 μs", 7e-6),
        ("3 s", 3.0),
        (3, 3.0),
        (0, 0.0),
    ],
)
def test_times(text: object, value: float) -> None:
    assert seconds_of(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [("10 GB/s", 10e9), ("1 MiB/s", 2.0**20), ("100 Gbit/s", 12.5e9), ("1 B/s", 1.0), (2.5e9, 2.5e9)],
)
def test_bandwidths(text: object, value: float) -> None:
    assert bandwidth_of(text) == value


@pytest.mark.parametrize(
    "text",
    ["", " 5 us", "5 us ", "5  u s", "5,0 us", "\u0665 us", "inf s", "nan s", "0x5 s", "5 us 5 us", None, 10**400],
)
def test_quantities_are_strict(text: object) -> None:
    with pytest.raises(DeviceError) as found:
        seconds_of(text)
    assert found.value.code == "HY5034"


@given(st.floats(1e-9, 1e3), st.floats(1, 1e15))
def test_shown_quantities_are_read_again(seconds: float, bandwidth: float) -> None:
    assert math.isclose(seconds_of(time_text(seconds)), seconds, rel_tol=0.01)
    assert math.isclose(bandwidth_of(rate_text(bandwidth)), bandwidth, rel_tol=0.01)


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
VALUES = st.recursive(
    st.booleans() | st.integers(-(1 << 63), (1 << 63) - 1) | st.floats(allow_nan=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)


@st.composite
def descriptions(draw: st.DrawFn) -> Description:
    addresses = draw(st.lists(TEXTS.filter(lambda a: a != HOST), min_size=1, max_size=4, unique=True))
    devices = tuple(DescribedDevice(a, draw(st.dictionaries(TEXTS, VALUES, max_size=2))) for a in addresses)
    ends = st.sampled_from([HOST, *addresses])
    ways = draw(st.lists(st.tuples(ends, ends).filter(lambda w: w[0] != w[1]), max_size=5, unique=True))
    slow = st.builds(Link, st.floats(0, 1e300), st.floats(min_value=0, exclude_min=True))
    some = draw(st.lists(slow | st.just(Link(shared=True)), min_size=1, max_size=2))
    return Description(devices, tuple(DescribedLink(*w, draw(st.sampled_from(some))) for w in ways), draw(TEXTS))


@settings(max_examples=40)
@given(descriptions())
def test_what_is_written_is_read_again(said: Description) -> None:
    assert parsed(said.to_toml()) == said


@given(st.text(max_size=40) | st.lists(st.sampled_from(GOOD.split(" ")), max_size=12).map(" ".join))
def test_any_text_is_read_or_refused(text: str) -> None:
    found: Description | DeviceError
    try:
        found = parsed(text)
    except DeviceError as error:
        found = error
    if isinstance(found, DeviceError):
        assert found.code in {"HY5030", "HY5032", "HY5033", "HY5034", "HY5035", "HY5036", "HY5037", "HY5039"}
        assert found.span is not None
    else:
        assert found.devices


def test_what_toml_cannot_say() -> None:
    with pytest.raises(DeviceError, match=r"HY5034: .* TOML has no NoneType"):
        Description((DescribedDevice("toy:0", {"size": None}),)).to_toml()
