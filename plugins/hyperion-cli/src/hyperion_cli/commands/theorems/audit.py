"""`hyperion theorems audit`"""

from __future__ import annotations

import argparse
from collections import Counter

import hyperion as hp
from hyperion.interfaces.theory import audit
from hyperion.logic.kernel import AXIOMS
from hyperion_cli.output import print_json, say, table

NONE = "unrecorded"
STATUSES = ("smt", "exhaustive", "definition", "tested")


class Audit:
    name = "audit"
    help = "list every axiom with how it was validated; fails where one was not"

    def configure(self, parser: argparse.ArgumentParser) -> None:
        pass

    def run(self, arguments: argparse.Namespace) -> int:
        axioms = audit(hp.default_instance().theories())
        recorded = {a["id"] for a in axioms}
        axioms += [
            {"id": name, "status": NONE, "theory": "", "method": ""} for name in sorted(AXIOMS.keys() - recorded)
        ]
        if arguments.json:
            print_json({"axioms": axioms})
        else:
            rows = [(a["id"], a["status"], a["theory"], a["method"]) for a in axioms]
            for line in table([("axiom", "status", "theory", "by"), *rows]):
                say(line)
            counts = Counter(a["status"] for a in axioms)
            say(f"{len(axioms)} axioms: {', '.join(f'{counts[s]} {s}' for s in counts)}")
        return 0 if all(a["status"] in STATUSES for a in axioms) else 1
