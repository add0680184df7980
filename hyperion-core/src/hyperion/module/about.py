"""Where a module comes from: the section META."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any  # JSON values

from hyperion import __version__
from hyperion.module.canonical_json import Fields
from hyperion.module.requirements import Requirement
from hyperion.module.stored_code import CodeTable
from hyperion.pipeline import OptimizerPipeline
from hyperion.plugins import PluginHost, PluginStatus


@dataclass(frozen=True, slots=True, order=True)
class PluginVersion:
    """A plugin that took part in the compilation."""

    name: str
    distribution: str
    version: str


def versions(plugins: Iterable[PluginStatus]) -> tuple[PluginVersion, ...]:
    return tuple(sorted(PluginVersion(p.name, p.distribution, p.version) for p in plugins))


@dataclass(frozen=True, slots=True)
class About:
    """What a module says of its making. Reproducible: no time, no machine, no user.

    `core` is the version of hyperion-core that compiled it, `pipeline` the text of the pipeline, `target` the code
    generation target, `entry` the function that is meant where none is named.
    """

    entry: str = ""
    core: str = ""
    pipeline: str = ""
    target: str = ""
    plugins: tuple[PluginVersion, ...] = ()


@dataclass(frozen=True, slots=True)
class Member:
    """A function of the module: which programs of the section IR are its source and what was chosen for it."""

    name: str
    source: int
    chosen: int


@dataclass(frozen=True, slots=True)
class Meta:
    """The section META."""

    about: About
    members: tuple[Member, ...]
    requires: tuple[Requirement, ...]
    code: tuple[CodeTable, ...]

    def json(self) -> dict[str, Any]:
        about = self.about
        return {
            "entry": about.entry,
            "producer": {"name": "hyperion-core", "version": about.core},
            "pipeline": about.pipeline,
            "target": about.target,
            "plugins": [{"name": p.name, "distribution": p.distribution, "version": p.version} for p in about.plugins],
            "functions": [{"name": m.name, "source": m.source, "chosen": m.chosen} for m in self.members],
            "requires": [r.json() for r in self.requires],
            "code": [c.json() for c in self.code],
        }


def read_meta(fields: Fields) -> Meta:
    """The section. Raises `ModuleError` (HY3012) for anything else. Numbers of programs are not compared yet."""
    producer = fields.object("producer")
    if producer.text("name") != "hyperion-core":
        raise fields.malformed("its producer is not hyperion-core")
    core = producer.text("version")
    producer.end()
    about = About(
        fields.text("entry"),
        core,
        fields.text("pipeline"),
        fields.text("target"),
        tuple(_plugin(f) for f in fields.objects("plugins")),
    )
    members = tuple(_member(f) for f in fields.objects("functions"))
    requires = tuple(Requirement.read(f) for f in fields.objects("requires"))
    code = tuple(CodeTable.read(f) for f in fields.objects("code"))
    fields.end()
    names = [m.name for m in members]
    if len(set(names)) != len(names) or about.entry not in names:
        raise fields.malformed("its functions have one name twice, or not that of the entry")
    if not all(set(table.functions) <= set(names) for table in code):
        raise fields.malformed("it speaks of code for functions that the module does not have")
    return Meta(about, members, requires, code)


def _plugin(fields: Fields) -> PluginVersion:
    found = PluginVersion(fields.text("name"), fields.text("distribution"), fields.text("version"))
    fields.end()
    return found


def _member(fields: Fields) -> Member:
    found = Member(fields.text("name"), fields.count("source", 1 << 32), fields.count("chosen", 1 << 32))
    fields.end()
    return found


def about_making(
    entry: str, frontend: str, target: str, pipeline: OptimizerPipeline, host: PluginHost, derive: bool
) -> About:
    """What a module says of its making; the plugins that took part are those that were asked."""
    asked = [("hyperion_codegen_targets", target), *(("hyperion_passes", p.name) for p in pipeline.passes)]
    asked += [("hyperion_strategies", name) for name in host.names("hyperion_strategies") if derive]
    asked += [("hyperion_frontends", frontend)] if frontend != "ir" else []
    return About(entry, __version__, str(pipeline), target, versions(host.owners(asked)))
