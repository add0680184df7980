"""`hyperion plugins check [NAME ..]`"""

from __future__ import annotations

import argparse

from hyperion.diagnostics import shown
from hyperion.plugins.checking import problems
from hyperion_cli.commands.plugins.named import named
from hyperion_cli.hosts import installed
from hyperion_cli.output import print_json, say, say_wrapped


class Check:
    name = "check"
    help = "import plugins, make what they register and compare it with its interface; fails where something is wrong"

    def configure(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("plugins", nargs="*", metavar="NAME", help="plugins or distributions; else all that are on")
        parser.add_argument("--traceback", action="store_true", help="print where they raised")

    def run(self, arguments: argparse.Namespace) -> int:
        with installed() as found:
            statuses = found.host.statuses()
            chosen = [s for s in statuses if s.state != "disabled"]
            if arguments.plugins and arguments.plugins != ["all"]:
                chosen = [s for name in arguments.plugins for s in named(name, statuses)]
            checked = [(status, problems(found.host, status)) for status in chosen]
            raised = {(s.name, s.distribution): s.traceback for s in found.host.statuses()}
        if arguments.json:
            print_json(
                {"plugins": [{"name": s.name, "problems": [p._asdict() for p in wrong]} for s, wrong in checked]}
            )
            return 1 if any(wrong for _, wrong in checked) else 0
        for status, wrong in checked:
            say(f"{shown(status.name)}: {'fine' if not wrong else f'{len(wrong)} wrong'}", "red" if wrong else "green")
            for problem in wrong:
                say_wrapped(f"  {shown(problem.of)}: {shown(problem.what)}")
                say_wrapped(f"    try: {shown(problem.remedy)}")
            if arguments.traceback:
                for line in raised[status.name, status.distribution].splitlines():
                    say(f"  {shown(line)}")
        return 1 if any(wrong for _, wrong in checked) else 0
