"""`hyperion theorems show DIGEST`"""

from __future__ import annotations

import argparse

import hyperion as hp
from hyperion.interfaces.theory import audit
from hyperion.logic import readable
from hyperion_cli.commands.theorems.check import print_checked
from hyperion_cli.commands.theorems.stored import fields, one, safe
from hyperion_cli.output import print_json, say, say_wrapped, table

SHOWN = 40  # lines of a proof


class Show:
    name = "show"
    help = "show a theorem of the library: statement, axioms and the steps of its proof"

    def configure(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("digest", metavar="DIGEST", help="the beginning of its digest, as `list` shows it")
        parser.add_argument("--full", action="store_true", help="print the whole statement and every step of the proof")

    def run(self, arguments: argparse.Namespace) -> int:
        instance = hp.default_instance()
        theorem = one(list(instance.theorems), arguments.digest)
        found = fields(theorem)
        status = {axiom["id"]: axiom["status"] for axiom in audit(instance.theories())}
        if arguments.json:
            axioms = [{"id": name, "status": status.get(name, "unknown")} for name in found.get("axioms", ())]
            print_json({**found, "axioms": axioms, "proof": list(readable.steps(theorem.proof))})
            return 0 if found["checked"] else 1
        mode = found["overflow"] and f", overflow {found['overflow']}"
        say(safe(found["signature"]) + mode, "bold")
        print_checked(theorem.checked, arguments.full)
        say("axioms")
        for line in table([(name, status.get(name, "unknown")) for name in found["axioms"]]):
            say(f"  {line}")
        say(f"summary, as {safe(theorem.strategy)} gave it")
        for line in safe(theorem.summary).splitlines():
            say_wrapped(f"  {line}")
        say("proof")
        for line in readable.steps(theorem.proof, None if arguments.full else SHOWN):
            say(f"  {line}".rstrip())
        return 0
