"""`hyperion theorems why FILE:FUNC [ARG ...]`"""

from __future__ import annotations

import argparse

from hyperion.explain import Explanation, refusal_lines
from hyperion_cli.loading import add_function_arguments
from hyperion_cli.output import print_json, say, say_wrapped, stdout_for_json
from hyperion_cli.recording import add_trace_argument, working_on


class Why:
    name = "why"
    help = "say which strategies were tried on a function and what stands in the way, such as a law that fails"

    def configure(self, parser: argparse.ArgumentParser) -> None:
        add_function_arguments(parser)
        add_trace_argument(parser)

    def run(self, arguments: argparse.Namespace) -> int:
        with stdout_for_json(arguments.json), working_on(arguments, assume=True) as work:
            found = work.function.explain(*work.values)
        if arguments.json:
            print_json(found.json())
        else:
            if work.assumed:
                say_wrapped(f"no arguments given; assumed {work.assumed}")
            _print(found)
        return 0


def _print(found: Explanation) -> None:
    if found.theorem is None:
        say(f"{found.function}: no theorem", "bold")
    else:
        stored = ", from the library" if found.recalled else ""
        say(f"{found.function}: a theorem by {found.theorem.strategy}{stored}", "bold")
        for line in str(found.theorem).splitlines():
            say_wrapped(f"  {line}")
    for candidate in found.candidates:
        say_wrapped(f"  {candidate.strategy} offered {candidate.cost}: {candidate.verdict}")
    for refusal in found.refusals:
        for line in refusal_lines(refusal):
            say_wrapped(f"  {line}")
    if not found.candidates and not found.refusals:
        say("  no strategy had anything to say")
