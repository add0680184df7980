"""Which ops and types there are: those of the core, and those that plugins add.

hyperion_ops(), hyperion_types() -> Registry.extended(owner, ops, types) -> Program.registry -> infer, denote, run
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from hyperion.errors import PluginError, TypeCheckError
from hyperion.ir.diagnostics import nearest, shortened
from hyperion.ir.lexer import SIZE
from hyperion.ir.op_table import OpDef, table
from hyperion.ir.plugin_ops import guarded, refused
from hyperion.ir.types import ExtensionType, Type, scalar_types

__all__ = ["CORE", "Registry", "lookup"]


@dataclass(frozen=True, slots=True)
class Registry:
    """Ops by name, and scalar types by their name in the text form. Immutable; two registries can live side by side."""

    ops: Mapping[str, OpDef]
    types: Mapping[str, Type]
    owners: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """The distribution that registered an op or a type; the core's have none."""

    def extended(
        self, owner: str, ops: Iterable[OpDef] = (), types: Iterable[ExtensionType] = (), version: str = ""
    ) -> Registry:
        """With the ops and types of one distribution; `version` is that of its ops that say none themselves.

        Names are `prefix.name`, where no op of the core begins with the prefix. Raises `PluginError`: HY1003 for a name
        that another owner has; HY1015 for what is no definition of an op or type: a name without prefix, neither or
        both of `evaluate` and `expansion`, or an op that is not deterministic.
        """
        all_ops, all_types, owners = dict(self.ops), dict(self.types), dict(self.owners)
        for definition in ops:
            self._claim(owner, definition.name, owners)
            all_ops[definition.name] = guarded(owner, replace(definition, version=definition.version or version))
        for kind in types:
            self._claim(owner, kind.name, owners)
            all_types[kind.name] = ExtensionType(kind.name)
        return Registry(MappingProxyType(all_ops), MappingProxyType(all_types), MappingProxyType(owners))

    def _claim(self, owner: str, name: str, owners: dict[str, str]) -> None:
        other = owners.get(name)
        if other == owner:
            raise refused(owner, name, "is registered twice", "give an op and a type different names")
        if other is not None:
            raise PluginError(
                "HY1003",
                f"{name!r} is registered by {other!r} and {owner!r}",
                hints=[f'disable one of them: hp.Instance(disable=["{owner}"])'],
            )
        prefix, dot, rest = name.partition(".")
        if not dot or not rest or not SIZE.fullmatch(name):
            raise refused(owner, name, "has no prefix", "call it `prefix.name`, with your own prefix")
        if prefix in _CORE_PREFIXES:
            raise refused(owner, name, f"takes the prefix {prefix} of the core's ops", "choose another prefix")
        owners[name] = owner


CORE = Registry(MappingProxyType({op.name: op for op in table()}), MappingProxyType(scalar_types()))
"""The ops and types of the core."""

_CORE_PREFIXES = frozenset(name.split(".")[0] for name in (*CORE.ops, *CORE.types))


def lookup(name: str, registry: Registry = CORE) -> OpDef:
    """The definition of an op. Raises `TypeCheckError` (HY6010) with the nearest names."""
    ops = registry.ops
    found = ops.get(name)
    if found is not None:
        return found
    near = nearest(name, ops) or [op for op in ops if op.split(".")[0] == name.split(".")[0]]
    hints = [f"did you mean {', '.join(near)}?"] if near else ()
    raise TypeCheckError("HY6010", f"there is no op {shortened(name)}", hints=hints)
