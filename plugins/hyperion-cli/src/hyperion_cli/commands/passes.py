"""`hyperion passes`: lists the passes, or runs a pipeline over IR text."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import hyperion as hp
from hyperion.errors import HyperionError, PassError
from hyperion.ir.function import Program
from hyperion.ir.parser import parse_program
from hyperion.ir.registry import Registry
from hyperion.pipeline import Dump, Instrument, Outcome, Reproducer, Statistics, Timing
from hyperion.pipeline.listing import options_text, summary_of
from hyperion.pipeline.nodes import COMBINATORS
from hyperion.pipeline.options import options_of
from hyperion.pipeline.reproducer import read_reproducer
from hyperion_cli.errors import print_error
from hyperion_cli.output import UsageError, print_json, say, say_wrapped


class Passes:
    name = "passes"
    help = "list the passes, or run a pipeline over IR text"

    def configure(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE", nargs="?", help="IR text to run a pipeline over; - is stdin")
        parser.add_argument("--pipeline", metavar="TEXT", help="the pipeline; the configured one where left out")
        parser.add_argument("--timing", action="store_true", help="print the time of each pass to stderr")
        parser.add_argument("--statistics", action="store_true", help="print what the passes counted to stderr")
        parser.add_argument("--dump-changes", action="store_true", help="print what each pass changed to stderr")
        parser.add_argument("--dump", metavar="FOLDER", help="write the IR there after each pass that changed it")
        parser.add_argument(
            "--verify-each",
            action=argparse.BooleanOptionalAction,
            default=None,
            help="verify the IR after each pass, which is the default, or only after the last",
        )
        parser.add_argument(
            "--unproved", metavar="PASS", action="append", default=[], help="let this pass go without proof; repeatable"
        )
        parser.add_argument("--timeout", metavar="SECONDS", type=float, help="end the run after so many seconds")
        parser.add_argument("--reproducers", metavar="FOLDER", help="write a file there for a pass that fails")
        parser.add_argument("--reproduce", metavar="FILE", help="run such a file again")

    def run(self, arguments: argparse.Namespace) -> int:
        if arguments.reproduce is not None:
            if arguments.file is not None:
                raise UsageError("HY1220", "--reproduce names its own file; what is the other one for?")
            return _reproduce(Path(arguments.reproduce), arguments.json)
        if arguments.file is None:
            given = [
                name for name in ("pipeline", "dump", "timeout", "reproducers") if getattr(arguments, name) is not None
            ]
            if given:
                raise UsageError("HY1220", f"--{given[0]} needs a FILE with IR text; - is stdin")
            _list(arguments.json)
            return 0
        with ExitStack() as stack:
            instance = hp.default_instance()
            if arguments.unproved:
                instance = stack.enter_context(hp.Instance(config={"unproved_passes": arguments.unproved}))
            _run(instance, arguments)
        return 0


def _run(instance: hp.Instance, arguments: argparse.Namespace) -> None:
    timing, statistics = Timing(), Statistics()
    instruments: list[Instrument] = [timing, statistics]
    if arguments.dump_changes:
        instruments.append(Dump(sys.stderr, diff=True))
    if arguments.dump is not None:
        _make_folder(arguments.dump)
        instruments.append(Dump(arguments.dump))
    try:
        pipeline = instance.pipeline(arguments.pipeline, instruments=instruments, verify_each=arguments.verify_each)
    except PassError as error:
        raise _usage(error) from error
    with pipeline:
        program = _program(arguments.file, instance.registry)
        outcome = pipeline.run(program, timeout=arguments.timeout, reproducers=arguments.reproducers)
        if arguments.json:
            print_json(_fields(str(pipeline), outcome, timing, statistics))
            return
    say(str(outcome).rstrip("\n"))
    for note in outcome.notes:
        say(f"note: {note}", "yellow", sys.stderr)
    if outcome.unproved:
        say(f"NOT PROVED: changed without evidence by {', '.join(outcome.unproved)}", "bold red", sys.stderr)
    for wanted, report in ((arguments.timing, timing), (arguments.statistics, statistics)):
        if wanted:
            say(str(report), "", sys.stderr)


def _make_folder(path: str) -> None:
    try:
        Path(path).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        why = error.strerror or str(error)
        raise UsageError("HY1211", f"the IR cannot be written to {path!r}: {why}", hints=["another folder"]) from error


def _program(file: str, registry: Registry) -> Program:
    if file == "-":
        return parse_program(sys.stdin.read(), "<stdin>", registry)
    try:
        return parse_program(Path(file).read_text(encoding="utf-8"), file, registry)
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise UsageError("HY1202", f"the file {file!r} cannot be read: {why}") from error


def _usage(error: HyperionError) -> UsageError:
    """A pipeline's text is part of the command line."""
    errors = error.errors if len(error.errors) > 1 else ()
    return UsageError(error.code, error.message, error.span, error.notes, error.hints, error.labels, errors=errors)


def _fields(text: str, outcome: Outcome, timing: Timing, statistics: Statistics) -> Mapping[str, object]:
    return {
        "pipeline": text,
        "ir": str(outcome),
        "changed": outcome.changed,
        "checked": outcome.checked,
        "unproved": outcome.unproved,
        "notes": outcome.notes,
        "steps": [{"pass": s.text, "changed": s.changed, "evidence": s.evidence} for s in outcome.steps],
        "timing": timing.json(),
        "statistics": statistics.json(),
    }


def _list(as_json: bool) -> None:
    instance = hp.default_instance()
    passes = instance.passes()
    named = instance.catalogue().known()
    if as_json:
        print_json(
            {
                "passes": [{**_entry(each), **_owner(instance, name)} for name, each in passes.items()],
                "combinators": [{"name": name, **_entry(kind)} for name, kind in COMBINATORS.items()],
                "pipelines": [{"name": name, "text": text} for name, text in named.items()],
            }
        )
        return
    for name, each in passes.items():
        owner = _owner(instance, name)
        origin = " ".join(part for part in (owner["distribution"] or owner["plugin"], owner["version"]) if part)
        _line(name, type(each), summary_of(each), origin)
    for name, kind in COMBINATORS.items():
        _line(f"{name}(..)", kind, summary_of(kind), "combinator")
    for name, text in named.items():
        say_wrapped(f"{name}  {text or 'no pass'}  [pipeline]")


def _line(name: str, kind: type, summary: str, origin: str) -> None:
    say_wrapped(f"{name}  {summary}  [{origin}]")
    options = options_text(kind)
    if options:
        say_wrapped(f"    {options}")


def _owner(instance: hp.Instance, name: str) -> dict[str, str]:
    status = instance.pass_owner(name)
    return {"name": name, "plugin": status.name, "distribution": status.distribution, "version": status.version}


def _entry(thing: Any) -> dict[str, object]:  # Any: a pass, or the class of a combinator
    kind = thing if isinstance(thing, type) else type(thing)
    options = [
        {"name": o.name, "type": o.type_text, **({"default": o.default} if o.has_default else {})}
        for o in options_of(kind).values()
    ]
    return {"summary": summary_of(thing), "options": options}


def _reproduce(path: Path, as_json: bool) -> int:
    """Exit code 1 where the pass fails again, 0 where it no longer does."""
    if not path.is_file():
        raise UsageError("HY1202", f"there is no file {str(path)!r}")
    instance = hp.default_instance()
    recorded = read_reproducer(path, instance.registry)
    error = instance.reproduce(path)
    same = error is not None and (error.code, error.message) == (recorded.error, recorded.message)
    if as_json:
        found = None if error is None else {"code": error.code, "message": error.message}
        was = {"code": recorded.error, "message": recorded.message}
        print_json({"fails": error is not None, "same": same, "error": found, "recorded": was})
    elif error is None:
        say("it no longer fails", "green")
    else:
        say("it fails as recorded" if same else f"it fails in another way; recorded was {recorded.error}", "bold")
        print_error(error)
    for line in _other_versions(recorded, instance) if not as_json else ():
        say(line, "yellow", sys.stderr)
    return 0 if error is None else 1


def _other_versions(recorded: Reproducer, instance: hp.Instance) -> list[str]:
    now = instance.versions()
    gone = [f"recorded with {version}" for version in recorded.versions if version not in now]
    return [*gone, *(f"here is {version}" for version in now if version not in recorded.versions)] if gone else []
