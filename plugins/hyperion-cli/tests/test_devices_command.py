"""`hyperion devices`: what is here, what is not and why, and clusters from files."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from hyperion.clusters.reading import parsed
from hyperion_cli.main import main

CLUSTER = """
name = "a half and a card"
[[device]]
address = "cpu:0"
[[device]]
address = "virtual:0"
[[link]]
between = ["host", "virtual:0"]
latency = "5 us"
bandwidth = "10 GB/s"
"""
Hyperion = Callable[..., tuple[int, str, str]]


@pytest.fixture
def hyperion(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Hyperion:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "cluster.toml").write_text(CLUSTER)

    def run(*words: object) -> tuple[int, str, str]:
        try:
            code = main([str(w) for w in words])
        except SystemExit as end:
            code = int(str(end.code))
        out, err = capfd.readouterr()
        return code, out, err

    return run


def test_what_is_here(hyperion: Hyperion) -> None:
    code, out, _ = hyperion("devices")
    assert code == 0
    rows = {line.split()[0]: line for line in out.splitlines()}
    assert "target cpu" in rows["cpu:0"]
    assert " host " in rows["cpu:0"]
    assert "target reference" in rows["virtual:0"]
    found = json.loads(hyperion("devices", "--json")[1])["devices"]
    assert {"address", "kind", "workers", "memories", "features", "absent"} <= found[0].keys()
    assert [d["address"] for d in found] == list(rows)


def test_a_file(hyperion: Hyperion) -> None:
    code, out, _ = hyperion("devices", "--cluster", "cluster.toml")
    assert code == 0
    assert out.startswith("a half and a card: 2 devices\n")
    assert "host <-> virtual:0:  5 us, 10 GB/s (described)" in out
    found = json.loads(hyperion("devices", "--cluster", "cluster.toml", "--json")[1])
    assert [d["address"] for d in found["devices"]] == ["cpu:0", "virtual:0"]
    assert {"from": "host", "to": "virtual:0", "latency": 5e-6}.items() <= found["links"][1].items()
    said = hyperion("devices", "--cluster", "cluster.toml", "--toml")[1]
    assert parsed(said) == parsed(CLUSTER)


def test_links_are_measured(hyperion: Hyperion) -> None:
    code, out, _ = hyperion("devices", "cpu:0", "--measure")
    assert code == 0
    assert "host <-> cpu:0:  shared memory (measured)" in out
    assert "[[device]]" in hyperion("devices", "--toml")[1]


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["abacus:0"], 2, "HY5010: there is no device 'abacus:0'"),
        (["cpu:0", "cpu:0"], 2, "HY5030: the cluster names cpu:0 twice"),
        (["--cluster", "no.toml"], 2, "HY5031: the description of a cluster 'no.toml' cannot be read"),
        (["--cluster", "wrong.toml"], 1, "did you mean 'address'?"),
        (["--cluster", "far.toml"], 1, "far.toml:2:1"),
        (["--toml", "--json"], 2, '"HY1220"'),
        (["cpu:0", "--cluster", "cluster.toml"], 2, "HY1220: the file of --cluster names"),
    ],
)
def test_helpful_refusals(hyperion: Hyperion, words: list[str], code: int, message: str) -> None:
    Path("wrong.toml").write_text("[[device]]\nadress = 'cpu:0'\n")
    Path("far.toml").write_text("[[device]]\naddress = 'abacus:0'\n")
    found, out, err = hyperion("devices", *words)
    assert found == code
    assert message in out + err


def test_devices_that_are_not_here(hyperion: Hyperion) -> None:
    """They are described, and not opened."""
    Path("far.toml").write_text(CLUSTER + '[[device]]\naddress = "virtual:9"\n')
    code, out, _ = hyperion("devices", "--cluster", "far.toml")
    assert code == 0
    assert "virtual:9  absent" in out
    code, _, err = hyperion("devices", "--cluster", "far.toml", "--measure")
    assert code == 1
    assert "HY5011: 1 of the cluster's 3 devices are not here" in err
    assert "virtual:9: " in err
