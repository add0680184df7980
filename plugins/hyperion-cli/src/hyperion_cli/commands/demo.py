"""`hyperion demo`"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager

from hyperion_cli.demo.case import Case
from hyperion_cli.demo.measure import Report, measure
from hyperion_cli.output import UsageError, colours, print_json, say, say_wrapped, seconds


class Demo:
    name = "demo"
    help = "everyday loops on real data: derived, proved, checked, timed"

    def configure(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--only", metavar="WORD", default="", help="only the loops whose title has this word")

    def run(self, arguments: argparse.Namespace) -> int:
        every = list(enumerate(_cases(), 1))
        chosen = [(n, case) for n, case in every if arguments.only.lower() in case.title.lower()]
        if not chosen:
            titles = [f"{n}. {case.title}" for n, case in every]
            hints = ["--only with a word of one of these titles"]
            raise UsageError("HY1212", f"no loop has {arguments.only!r} in its title", notes=titles, hints=hints)
        reports: list[Report] = []
        for number, case in chosen:
            with _progress(f"[{len(reports) + 1}/{len(chosen)}] {case.title}", quiet=arguments.json):
                report = measure(case)
            reports.append(report)
            if not arguments.json:
                _print(number, report)
        passed = all(report.passed for report in reports)
        if arguments.json:
            print_json({"passed": passed, "loops": [report.json() for report in reports]})
        else:
            good = sum(report.passed for report in reports)
            say(
                f"{good} of {len(reports)} loops proved, checked and in agreement",
                "bold green" if passed else "bold red",
            )
        return 0 if passed else 1


def _cases() -> list[Case]:
    from hyperion_cli.demo import prices, steps, text

    sources: Sequence[Callable[[], Sequence[Case]]] = (prices.cases, text.cases, steps.cases)
    return [case for source in sources for case in source()]


def _print(number: int, report: Report) -> None:
    case, found = report.case, report.explanation
    say(f"{number}. {case.title}", "bold")
    say_wrapped(f"   data: {case.data}")
    say()
    for line in report.source.splitlines():
        say(f"     {line}", "cyan")
    say()
    say("   theorem" if found.theorem else "   no theorem")
    for line in str(found.theorem or "").splitlines():
        say_wrapped(f"     {line}")
    say("   checked" if found.checked else "   NOT checked", "green" if found.checked else "red")
    for refusal in () if found.theorem else found.refusals:
        say_wrapped(f"     {refusal.strategy}: {refusal.reason}", "red")
    say(f"   result: {report.result:,} {case.unit}".rstrip())
    say(f"   cost: {found.source_cost} as written, {found.chosen_cost} as derived")
    for name, took, size in (
        ("plain Python", report.plain, case.plain_note),
        ("sequential compiled loop", report.sequential, case.sequential_note or case.times_note),
        ("derived function", report.derived, case.times_note),
    ):
        say_wrapped(f"   {name:<25} {seconds(took):>9}  for {size}")
    say(f"   {'derive, check, compile':<25} {seconds(report.deriving):>9}  once")
    for comparison, equal in report.agreements.items():
        say_wrapped(f"   {'agrees with' if equal else 'DIFFERS from'} {comparison}", "" if equal else "red")
    say()


@contextmanager
def _progress(text: str, quiet: bool) -> Generator[None]:
    """A spinner on stderr while a loop is worked on, where stderr is a terminal."""
    if quiet or not colours(sys.stderr):
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(text.replace("[", "\\[")):
        yield
