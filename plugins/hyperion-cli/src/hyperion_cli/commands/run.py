"""`hyperion run FILE:FUNC ARGS`"""

from __future__ import annotations

import argparse
from time import perf_counter

from hyperion_cli.loading import add_function_arguments, load_arguments, load_function
from hyperion_cli.output import print_json, say, stdout_for_json
from hyperion_cli.recording import add_trace_argument, traced, working


class Run:
    name = "run"
    help = "run a function of a file"

    def configure(self, parser: argparse.ArgumentParser) -> None:
        add_function_arguments(parser)
        add_trace_argument(parser)

    def run(self, arguments: argparse.Namespace) -> int:
        with stdout_for_json(arguments.json), traced(arguments.trace) as trace:
            with trace.span(f"import {arguments.function}", "cli"):
                function = load_function(arguments.function, arguments.overflow, arguments.fp)
            with trace.span("read the arguments", "cli"):
                values = load_arguments(function, arguments.arguments)
            with working(function, trace if arguments.trace else None):
                start = perf_counter()
                result = function(*values)
                took = perf_counter() - start
        if arguments.json:
            print_json({"function": function.__name__, "result": result, "seconds": took})
        else:
            say(str(result))
        return 0
