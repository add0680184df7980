"""`python -m hyperion_z3.validate [--all]`: validates the axioms and writes their records.

An axiom whose statement has the digest of its record is left alone; `--all` validates every one. A record that nothing
asked for is dropped.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Sequence

from hyperion_z3.statements import read_records, statements, write_records
from hyperion_z3.validation import validate


def stale() -> list[str]:
    """The axioms without a record of their present statement."""
    records = read_records()
    return [name for name, s in statements().items() if name not in records or records[name].digest != s.digest]


def renew(names: Iterable[str]) -> dict[str, str]:
    """Validates these axioms and writes all records; the new status of each."""
    known = statements()
    records = {name: record for name, record in read_records().items() if name in known}
    made = {name: validate(known[name]) for name in names}
    write_records(records | made)
    return {name: record.status for name, record in made.items()}


def main(arguments: Sequence[str]) -> int:
    made = renew(statements() if "--all" in arguments else stale())
    counts = Counter(record.status for record in read_records().values())
    summary = ", ".join(f"{count} {status}" for status, count in sorted(counts.items()))
    sys.stdout.write(f"{len(made)} axioms validated; {counts.total()} recorded: {summary}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
