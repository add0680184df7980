"""`hyperion devices`"""

from __future__ import annotations

import argparse
from dataclasses import asdict

import hyperion as hp
from hyperion_cli.output import print_json, say, table


class Devices:
    name = "devices"
    help = "list the devices of this machine"

    def configure(self, parser: argparse.ArgumentParser) -> None:
        pass

    def run(self, arguments: argparse.Namespace) -> int:
        infos = list(hp.default_instance().devices().values())
        if arguments.json:
            print_json({"devices": [asdict(info) for info in infos]})
            return 0
        rows = [
            (i.address, f"{i.workers} workers", f"{i.memory / 2**30:.1f} GiB" if i.memory else "", i.description)
            for i in infos
        ]
        for line in table(rows) or ["no devices: no plugin registers any; see `hyperion plugins`"]:
            say(line)
        return 0
