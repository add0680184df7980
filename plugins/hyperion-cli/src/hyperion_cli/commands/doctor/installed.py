"""What is installed: versions, plugins, devices."""

from __future__ import annotations

import re
import sys
from contextlib import suppress
from importlib import metadata

import hyperion as hp
from hyperion.errors import RAISED, HyperionError, PluginError
from hyperion.hookspecs import API_VERSION
from hyperion.opened import Opened
from hyperion.plugins.faults import text
from hyperion.plugins.versions import canonical, version_key
from hyperion_cli.commands.doctor.findings import Findings
from hyperion_cli.hosts import Found, asked
from hyperion_cli.output import seconds, workers

SLOWEST = 3


def versions(found: Found, findings: Findings) -> None:
    findings.fact("hyperion-core", hp.__version__)
    findings.fact("plugin API", ".".join(str(part) for part in API_VERSION))
    places = _places(findings)
    for name in sorted({s.distribution for s in found.host.statuses()} - {""}):
        folders = places.get(canonical(name), [])
        for distribution in folders[:1]:
            findings.fact(name, distribution.version)
            _fits(name, distribution, findings)
        if len(folders) > 1:
            where = " and ".join(str(d.locate_file("")) for d in folders)
            findings.problem(f"{name} is installed more than once: in {where}", "remove all but one of them")


def _places(findings: Findings) -> dict[str, list[metadata.Distribution]]:
    """The distributions by name, the one that counts first; of one folder that is twice in `sys.path` only one."""
    found: dict[str, list[metadata.Distribution]] = {}
    failures: dict[str, None] = {}
    for place in dict.fromkeys(sys.path):
        try:
            for distribution in metadata.distributions(path=[place]):
                name: str | None = distribution.metadata["Name"]
                found.setdefault(canonical(name or ""), []).append(distribution)
        except Exception as error:  # of a finder that somebody put into sys.meta_path, or of an entry that is no text
            failures[text(error)] = None
    for failure in failures:
        what = f"not all distributions can be listed: {failure}"
        findings.problem(what, "see who changes sys.path and sys.meta_path: a sitecustomize, a .pth file, a plugin")
    return found


def _fits(name: str, distribution: metadata.Distribution, findings: Findings) -> None:
    """Whether it was made for this very version of hyperion-core, where it says that it needs one."""
    for required in distribution.requires or ():
        pinned = re.match(r"hyperion[-_.]core\s*\(?==\s*([\w.!+-]+)", required, re.IGNORECASE)
        if pinned and version_key(pinned[1]) != version_key(hp.__version__):
            what = f"{name} {distribution.version} needs hyperion-core {pinned[1]}, this is {hp.__version__}"
            findings.problem(what, "install versions of both that belong together")


def plugins(found: Found, findings: Findings) -> None:
    asked(found.host)
    with suppress(PluginError):  # two have one name: an error where that name is asked for
        found.host.registry()
    statuses = found.host.statuses()
    for state in ("active", "disabled"):
        findings.fact(state, ", ".join(s.name for s in statuses if s.state == state) or "none")
    for status in statuses:
        if status.state not in ("active", "disabled"):
            findings.problem(f"plugin {status.name} is {status.state}: {status.reason}", status.remedy)
        for changed in status.changed:
            what = f"importing plugin {status.name} changed {changed}"
            findings.problem(
                what, f"report it to its authors; HYPERION_DISABLE_PLUGINS={status.name} goes on without it"
            )
    slowest = sorted((s for s in statuses if s.seconds), key=lambda s: -s.seconds)[:SLOWEST]
    findings.fact("slowest to import", ", ".join(f"{s.name} {seconds(s.seconds)}" for s in slowest) or "none")


def devices(found: Found, findings: Findings) -> None:
    for kind in found.host.names("hyperion_devices"):
        owner = " and ".join(found.host.claims("hyperion_devices", kind))
        try:
            for info in found.host.get("hyperion_devices", kind).devices():
                absent = f", absent: {info.absent}" if info.absent else ""
                findings.fact(info.address, f"{info.description}, {workers(info.workers)}{absent}")
        except PluginError as error:
            findings.problem(error.message, "; ".join(error.hints) or f"hyperion plugins check {owner}")
        except RAISED as error:
            what = f"the driver of {kind} raised {type(error).__name__}: {error}"
            findings.problem(what, f"hyperion plugins check {owner}")
    if not findings.facts and not findings.problems:
        findings.problem("there is no device", "install hyperion-cpu, and do not disable its plugin cpu")
    elif not findings.problems:
        _configured(found, findings)


def _configured(found: Found, findings: Findings) -> None:
    """Whether the device that is taken where none is named is here."""
    address = found.config.device
    try:
        absent = Opened(lambda: found.host).driver(address).describe(address).absent
    except HyperionError as error:
        absent = error.message
    if absent:
        findings.problem(f"`device` of the configuration is {address!r}: {absent}", "name one that is here")
