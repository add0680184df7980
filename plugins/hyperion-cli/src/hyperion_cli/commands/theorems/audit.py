"""`hyperion theorems audit`"""

from __future__ import annotations

import argparse
from collections import Counter

import hyperion as hp
from hyperion_cli.commands.theorems.axioms import STATUSES, status_of
from hyperion_cli.output import print_json, say, table


class Audit:
    name = "audit"
    help = "list every axiom with how it was validated"

    def configure(self, parser: argparse.ArgumentParser) -> None:
        pass

    def run(self, arguments: argparse.Namespace) -> int:
        theories = hp.default_instance().theories()
        axioms = [
            {"id": name, "status": status_of(text), "theory": theory.name, "record": text}
            for theory in theories.values()
            for name, text in sorted(theory.axioms.items())
        ]
        if arguments.json:
            print_json({"axioms": axioms})
        else:
            for line in table([("axiom", "status", "theory"), *((a["id"], a["status"], a["theory"]) for a in axioms)]):
                say(line)
            counts = Counter(a["status"] for a in axioms)
            say(f"{len(axioms)} axioms: {', '.join(f'{counts[s]} {s}' for s in counts)}")
        return 0 if all(a["status"] in STATUSES for a in axioms) else 1
