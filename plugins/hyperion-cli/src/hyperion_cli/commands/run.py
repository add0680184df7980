"""`hyperion run FILE:FUNC ARGS`"""

from __future__ import annotations

import argparse
from time import perf_counter

from hyperion_cli.loading import add_function_arguments
from hyperion_cli.output import print_json, say, stdout_for_json
from hyperion_cli.recording import add_trace_argument, working_on


class Run:
    name = "run"
    help = "run a function of a file"

    def configure(self, parser: argparse.ArgumentParser) -> None:
        add_function_arguments(parser)
        add_trace_argument(parser)

    def run(self, arguments: argparse.Namespace) -> int:
        with stdout_for_json(arguments.json), working_on(arguments) as work:
            start = perf_counter()
            result = work.function(*work.values)
            took = perf_counter() - start
        if arguments.json:
            print_json({"function": work.function.__name__, "result": result, "seconds": took})
        else:
            say(str(result))
        return 0
