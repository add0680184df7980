"""`hyperion run FILE:FUNC ARGS`"""

from __future__ import annotations

import argparse
from time import perf_counter

from hyperion_cli.loading import add_function_arguments, load_arguments, load_function
from hyperion_cli.output import print_json, say, stdout_for_json


class Run:
    name = "run"
    help = "run a function of a file"

    def configure(self, parser: argparse.ArgumentParser) -> None:
        add_function_arguments(parser)

    def run(self, arguments: argparse.Namespace) -> int:
        with stdout_for_json(arguments.json):
            function = load_function(arguments.function, arguments.overflow, arguments.fp)
            values = load_arguments(function, arguments.arguments)
            start = perf_counter()
            result = function(*values)
            took = perf_counter() - start
        if arguments.json:
            print_json({"function": function.__name__, "result": result, "seconds": took})
        else:
            say(str(result))
        return 0
