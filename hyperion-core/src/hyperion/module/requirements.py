"""What a module needs of the Hyperion that loads it: ops and types, by the distribution that owns them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any  # JSON values

from hyperion.errors import ModuleError
from hyperion.ir.registry import Registry
from hyperion.module.canonical_json import Fields

CORE_DISTRIBUTION = "hyperion-core"


@dataclass(frozen=True, slots=True)
class Requirement:
    """Ops, each with the version of its meaning, and types of one distribution, by name in order."""

    distribution: str
    ops: tuple[tuple[str, str], ...]
    types: tuple[str, ...]

    def json(self) -> dict[str, Any]:
        ops = [{"name": name, "version": version} for name, version in self.ops]
        return {"distribution": self.distribution, "ops": ops, "types": list(self.types)}

    @classmethod
    def read(cls, fields: Fields) -> Requirement:
        distribution = fields.text("distribution")
        ops: list[tuple[str, str]] = []
        for row in fields.objects("ops"):
            ops.append((row.text("name"), row.text("version")))
            row.end()
        found = cls(distribution, tuple(ops), fields.texts("types"))
        fields.end()
        return found


def requirements(ops: Iterable[str], types: Iterable[str], registry: Registry) -> tuple[Requirement, ...]:
    """What programs with these ops and types need. Raises KeyError for an op that `registry` lacks."""
    needed: dict[str, tuple[list[tuple[str, str]], list[str]]] = {}
    for name in sorted(ops):
        owner = registry.owners.get(name, CORE_DISTRIBUTION)
        needed.setdefault(owner, ([], []))[0].append((name, registry.ops[name].version))
    for name in sorted(types):
        needed.setdefault(registry.owners.get(name, CORE_DISTRIBUTION), ([], []))[1].append(name)
    return tuple(Requirement(owner, tuple(o), tuple(t)) for owner, (o, t) in sorted(needed.items()))


def check_requirements(required: Sequence[Requirement], registry: Registry, core: str) -> None:
    """Raises `ModuleError` (HY3010) for ops and types that `registry` lacks; `core` is the version that compiled."""
    notes: list[str] = []
    hints: list[str] = []
    for need in required:
        lacking = _lacking(need, registry)
        if lacking:
            notes += [f"{need.distribution}: {', '.join(lacking)}"]
            own = need.distribution == CORE_DISTRIBUTION
            hints.append(f"update hyperion-core to {core} or later" if own else f"pip install {need.distribution}")
    if notes:
        raise ModuleError("HY3010", "the module needs what is not installed here", notes=notes, hints=hints)


def _lacking(need: Requirement, registry: Registry) -> list[str]:
    own = need.distribution == CORE_DISTRIBUTION
    owner = None if own else need.distribution
    found: list[str] = []
    for name, version in need.ops:
        op = registry.ops.get(name)
        if op is None or registry.owners.get(name) != owner:
            found.append(f"operation {name}")
        elif op.version != version:
            found.append(f"operation {name} of version {version or '(none)'}, {op.version or '(none)'} is here")
    found += [f"type {n}" for n in need.types if n not in registry.types or registry.owners.get(n) != owner]
    return found
