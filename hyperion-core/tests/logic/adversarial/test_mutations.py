"""The campaign of fuzz/proofs.py, as long as CI has time: thousands of damaged proofs, by rule and by term."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

CAMPAIGN = Path(__file__).resolve().parents[4] / "fuzz/proofs.py"


def test_no_damaged_proof_shows_anything_false(tmp_path: Path) -> None:
    command = [sys.executable, str(CAMPAIGN), "--mutants", "800", "--whole", "6", "--keep", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(done.stdout.splitlines()[-1]) == {"mutants": 806, "defects": 0}
    assert "no sample has the rules" not in done.stdout
    refused = re.search(r"([\d,]+)  refused", done.stdout)
    assert refused
    assert 280 < int(refused[1].replace(",", "")) < 680  # most changes are noticed, and not all are the same refusal
    assert "z3 too" in done.stdout
    assert "random values too" in done.stdout
