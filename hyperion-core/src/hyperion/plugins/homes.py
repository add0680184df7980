"""Where names come from that this project's own distributions register, for who has not installed them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

HOMES: Mapping[str, Mapping[str, str]] = {
    "hyperion_codegen_targets": {"cpu": "hyperion-cpu", "reference": "hyperion-interp"},
    "hyperion_devices": {"cpu": "hyperion-cpu", "virtual": "hyperion-virtual"},
    "hyperion_executors": {"cluster": "hyperion-cluster"},
    "hyperion_frontends": {"python": "hyperion-python"},
    "hyperion_interpreters": {"reference": "hyperion-interp"},
    "hyperion_libraries": {"sqlite": "hyperion-library"},
    "hyperion_networks": {"in-process": "hyperion-net"},
    "hyperion_proof_exporters": {"coq": "hyperion-exports", "smtlib": "hyperion-exports"},
    "hyperion_refuters": {"z3": "hyperion-z3"},
}


def advice(hook: str, name: str, installed: Iterable[str]) -> list[str]:
    """What to install for that name; nothing where that distribution is among those that are installed."""
    home = HOMES.get(hook, {}).get(name)
    return [f"install {home}, from where you have hyperion-core"] if home and home not in installed else []


def promised(distribution: str) -> list[tuple[str, str]]:
    """What a distribution of this project registers, as far as it is listed: hooks and names."""
    return [(hook, name) for hook, names in HOMES.items() for name, home in names.items() if home == distribution]
