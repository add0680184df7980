"""Metamath verifies the rules, and notices when one of them says more."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from hyperion_exports.metamath import rules

METAMATH = shutil.which("metamath")
HOL = next((f for f in (Path("/usr/share/metamath/databases/hol.mm"),) if f.exists()), None)
needed = pytest.mark.skipif(
    METAMATH is None or HOL is None,
    reason="metamath or hol.mm is not installed (apt install metamath metamath-databases)",
)


def verified(text: str, folder: Path) -> str:
    """What metamath says of all proofs."""
    assert HOL is not None
    shutil.copy(HOL, folder / "hol.mm")
    (folder / "rules.mm").write_text(text, encoding="utf-8")
    command = [METAMATH or "metamath", "read rules.mm", "verify proof *", "exit"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=120).stdout


def test_each_rule_has_a_proof() -> None:
    stated = re.findall(r"^  h\.(\w+) \$p", rules(), re.MULTILINE)
    assert stated == ["refl", "sym", "trans", "app", "abs", "beta", "eta", "assume", "cut", "identity"]
    assert "?" not in rules()


@needed
def test_metamath_verifies_the_rules(tmp_path: Path) -> None:
    said = verified(rules(), tmp_path)
    assert "All proofs in the database were verified" in said
    assert "?" not in said  # metamath says that last line also where it found an error before


@needed
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("  $d x R $.\n", ""),  # abs over a variable of the hypotheses
        ("$d x F $.", ""),  # eta of a function that holds the variable
        ("h.sym $p |- R |= [ B = A ]", "h.sym $p |- R |= [ A = A ]"),
        ("h.trans $p |- ( R , S ) |= [ A = C ]", "h.trans $p |- R |= [ A = C ]"),
        ("h.cut $p |- ( R , S ) |=", "h.cut $p |- S |="),
        ("h.assume $p |- [ A = B ] |=", "h.assume $p |- T. |="),
    ],
)
def test_metamath_refuses_rules_that_say_more(old: str, new: str, tmp_path: Path) -> None:
    assert old in rules()
    said = verified(rules().replace(old, new, 1), tmp_path)
    assert "?Error" in said
