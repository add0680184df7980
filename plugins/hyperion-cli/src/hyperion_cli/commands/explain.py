"""`hyperion explain FILE:FUNC ARGS` and `hyperion explain CODE`"""

from __future__ import annotations

import argparse
import re

import hyperion as hp
from hyperion.codes import document, explanation, near
from hyperion_cli.loading import add_function_arguments
from hyperion_cli.output import UsageError, print_json, say, say_wrapped, stdout_for_json
from hyperion_cli.recording import add_trace_argument, working_on


class Explain:
    name = "explain"
    help = "say what was derived about a function, or what an error code means"

    def configure(self, parser: argparse.ArgumentParser) -> None:
        add_function_arguments(parser)
        add_trace_argument(parser)
        parser.add_argument("--proof", metavar="FILE", help="write the proof there, for `hyperion theorems check`")
        parser.add_argument("--verbose", action="store_true", help="name the axioms instead of counting them")

    def run(self, arguments: argparse.Namespace) -> int:
        if re.fullmatch(r"(HY)?[- ]?\d{3,}", arguments.function, re.IGNORECASE):
            return _code("HY" + re.sub(r"\D", "", arguments.function), arguments.json)
        with stdout_for_json(arguments.json), working_on(arguments) as work:
            explanation = work.function.explain(*work.values)
        if arguments.proof:
            _save(explanation, arguments.proof)
        if arguments.json:
            print_json(explanation.json())
        else:
            say_wrapped(explanation.text(names=arguments.verbose))
        return 0


def _save(explanation: hp.Explanation, path: str) -> None:
    if explanation.theorem is None:
        raise UsageError("HY1207", "there is no proof to write", notes=["no theorem was found"])
    try:
        explanation.theorem.save(path)
    except OSError as error:
        why = error.strerror or str(error)
        raise UsageError(
            "HY1211", f"the proof cannot be written to {path!r}: {why}", hints=["a file in a folder that exists"]
        ) from error


def _code(code: str, as_json: bool) -> int:
    entry = document(code)
    if entry is None:
        hints = [f"did you mean {other}?" for other in near(code)[:1]] or ["docs/reference/errors.md lists all codes"]
        raise UsageError("HY1208", f"there is no error code {code}", hints=hints)
    if as_json:
        print_json(entry)
        return 0
    for line in (explanation(code) or "").split("\n"):
        if line.startswith("    "):
            say(line)  # of an example: as it is
        else:
            say_wrapped(line)
    return 0
