"""`hyperion theorems show DIGEST`"""

from __future__ import annotations

import argparse
from collections import Counter

import hyperion as hp
from hyperion.interfaces.theory import audit
from hyperion.logic.proof import value_of
from hyperion_cli.commands.theorems.check import print_checked
from hyperion_cli.commands.theorems.stored import fields, one, safe
from hyperion_cli.output import print_json, say, say_wrapped, table


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
        rules = Counter(str(step[0]) for step in value_of(theorem.proof)["steps"])
        if arguments.json:
            axioms = [{"id": name, "status": status.get(name, "unknown")} for name in found.get("axioms", ())]
            print_json({**found, "axioms": axioms, "rules": dict(rules.most_common())})
            return 0 if found["checked"] else 1
        say(safe(found["signature"]), "bold")
        print_checked(theorem.checked, arguments.full)
        say("axioms")
        for line in table([(name, status.get(name, "unknown")) for name in found["axioms"]]):
            say(f"  {line}")
        say(f"summary, as {safe(theorem.strategy)} gave it")
        for line in safe(theorem.summary).splitlines():
            say_wrapped(f"  {line}")
        say("rules")
        for line in table([(rule, str(count)) for rule, count in rules.most_common()]):
            say(f"  {line}")
        return 0
