"""What the checker said about proof files, kept in the home for later processes of the same user (docs/adr/0017).

An answer is found only under all that it depends on: the proof's own bytes, the text of the checker and of its axioms,
the theories that this process knows, and the Python that ran. Never kept are refusals, and what rests on an oracle.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, cast  # JSON values

from hyperion.folder_store import FolderStore

CHECKER = Path(__file__).with_name("checker.py")


def find(store: FolderStore, proof: str, theories: Mapping[str, str]) -> dict[str, Any] | None:
    """The checker's answer about the proof with this digest, given by an earlier process; None where there is none."""
    data = store.find(_ground(proof, theories))
    if data is None:
        return None
    try:
        answer: object = json.loads(data)
    except (ValueError, RecursionError):
        return None
    if not isinstance(answer, dict):
        return None
    found = cast("dict[str, Any]", answer)
    return found if found.get("ok") is True and found.get("proof") == proof and found.get("oracles") == [] else None


def keep(store: FolderStore, proof: str, theories: Mapping[str, str], answer: Mapping[str, Any]) -> None:
    """Keeps an answer that accepts the proof with this digest without an oracle."""
    if checker() != checker.__wrapped__():  # the process that answered may run either text
        return
    if answer["ok"] is True and not answer["oracles"] and find(store, proof, theories) is None:
        store.keep(_ground(proof, theories), json.dumps({**answer, "proof": proof}).encode())


def _ground(proof: str, theories: Mapping[str, str]) -> str:
    """All that an answer depends on, as one line."""
    known = hashlib.sha256(json.dumps(sorted(theories.items())).encode()).hexdigest()
    return f"verdict 1 of {checker()} with theories {known} about {proof}"


@cache
def checker() -> str:
    """The hash of the checker with its axioms, and of the Python that runs it, when this process first asked: before it
    starts a checker."""
    files = [CHECKER, *sorted(CHECKER.with_name("axioms").glob("*.txt"))]
    texts = [sys.version, sys.executable, *(f"{f.name} {hashlib.sha256(f.read_bytes()).hexdigest()}" for f in files)]
    return hashlib.sha256(json.dumps(texts).encode()).hexdigest()
