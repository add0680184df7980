"""`hyperion devices`: lists the devices of this machine, or describes a cluster of them."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

import hyperion as hp
from hyperion.clusters import DescribedCluster, DeviceCluster
from hyperion.clusters.rendering import info_json, memory_text
from hyperion.errors import DeviceError
from hyperion.interfaces.device import DeviceInfo
from hyperion_cli.output import UsageError, print_json, say, table, workers


class Devices:
    name = "devices"
    help = "list the devices of this machine, or describe a cluster"

    def configure(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("addresses", metavar="ADDRESS", nargs="*", help="describe these, here or not")
        parser.add_argument("--cluster", metavar="FILE", help="describe the cluster that a TOML file describes")
        parser.add_argument("--measure", action="store_true", help="open the devices, and measure their links")
        parser.add_argument("--toml", action="store_true", help="print the file that describes the cluster")

    def run(self, arguments: argparse.Namespace) -> int:
        if arguments.toml and arguments.json:
            raise UsageError("HY1220", "--toml and --json are two forms of one output", hints=["leave one of them out"])
        if arguments.cluster and arguments.addresses:
            raise UsageError("HY1220", "the file of --cluster names its devices; what are the others for?")
        instance = hp.default_instance()
        if not (arguments.cluster or arguments.addresses or arguments.measure or arguments.toml):
            return _list(list(instance.devices().values()), arguments.json)
        cluster = _cluster(instance, arguments.cluster, arguments.addresses, arguments.measure)
        if arguments.json:
            print_json(cluster.json())
        else:
            say(cluster.to_toml() if arguments.toml else cluster.describe())
        return 0


def _cluster(
    instance: hp.Instance, file: str | None, addresses: Sequence[str], measure: bool
) -> DescribedCluster | DeviceCluster:
    """The cluster of that file, of these addresses, or of all that is here."""
    here = [info.address for info in instance.devices().values() if not info.absent]
    try:
        described = instance.describe(file or addresses or here)
    except DeviceError as error:
        if error.code not in ("HY5010", "HY5030", "HY5031") or (file and error.code != "HY5031"):
            raise
        raise UsageError(error.code, error.message, notes=error.notes, hints=error.hints) from error
    return instance.cluster(file or addresses or here, measure=True) if measure else described


def _list(infos: Sequence[DeviceInfo], json: bool) -> int:
    if json:
        print_json({"devices": [info_json(info) for info in infos]})
        return 0
    for line in table([_row(info) for info in infos]) or [
        "no devices: no plugin registers any; see `hyperion plugins`"
    ]:
        say(line)
    return 0


def _row(info: DeviceInfo) -> tuple[str, str, str, str, str]:
    if info.absent:
        return (info.address, "absent", "", "", info.absent)
    memories = [f"{memory_text(m.nbytes) or 'some'} {m.kind}" for m in info.memories] or [memory_text(info.memory)]
    target = f"target {info.target}" if info.target else ""
    return (info.address, workers(info.workers), ", ".join(memories), target, info.description)
