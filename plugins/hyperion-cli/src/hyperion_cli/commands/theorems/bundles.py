"""`hyperion theorems check FILE.hyt`"""

from __future__ import annotations

import tempfile

import hyperion as hp
from hyperion_cli.commands.theorems.listing import print_theorems
from hyperion_cli.commands.theorems.stored import fields, safe
from hyperion_cli.output import named_files, print_json, say, say_wrapped
from hyperion_cli.progress import progress


def check_bundle(path: str, as_json: bool) -> int:
    """Checks a bundle as an import does; the library stays as it is."""
    with tempfile.TemporaryDirectory() as home, hp.Instance(config={"home": home}) as instance, progress(instance):
        with named_files():
            report = instance.theorems.take_in(path)
        theorems = [fields(theorem) for theorem in instance.theorems]
    if as_json:
        print_json({"accepted": report.accepted, "refused": list(report.refused), "theorems": theorems})
    else:
        say(f"checked: {report.accepted} of {report.accepted + len(report.refused)} theorems hold")
        print_theorems(theorems)
        for reason in report.refused:
            say_wrapped(f"  refused {safe(reason)}")
    return 1 if report.refused else 0
