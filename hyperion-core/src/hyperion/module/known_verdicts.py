"""What the checker accepted in this process: the same bytes, loaded again, need not be checked again.

An entry is found only by all that a verdict depends on. Nothing of it leaves the process, and no rejection is kept.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass

from hyperion._forking import survives_forks
from hyperion.evidence import Verdict
from hyperion.ir.registry import Registry
from hyperion.logic.proof import ProofFile
from hyperion.module.limits import Limits
from hyperion.policy import Policy


@dataclass(frozen=True, slots=True)
class Ground:
    """All that the verdicts about one file depend on: `digest` is the SHA-256 of its header and section table, which
    has that of every section."""

    digest: bytes
    policy: Policy
    limits: Limits
    registry: Registry

    @property
    def key(self) -> Hashable:
        """A registry has no hash; it is compared."""
        return self.digest, self.policy, self.limits


@dataclass(frozen=True, slots=True)
class Accepted:
    """A verdict that is checked, and its proof: the same object, so that code generation need not ask again either."""

    verdict: Verdict
    proof: ProofFile


class KnownVerdicts:
    """Accepted proofs by their ground, their function and their number, the least lately used forgotten first. Any
    thread may ask."""

    def __init__(self, most: int = 4096, most_bytes: int = 64 << 20) -> None:
        """At most so many, with so many bytes of proofs."""
        self._most, self._most_bytes = most, most_bytes
        self.lock = threading.Lock()
        self._known: OrderedDict[Hashable, tuple[Registry, Accepted]] = OrderedDict()
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._known)

    def get(self, ground: Ground, function: str, proof: int) -> Accepted | None:
        key = ground.key, function, proof
        with self.lock:
            found = self._known.get(key)
            if found is None or found[0] != ground.registry:
                return None
            self._known.move_to_end(key)
            return found[1]

    def put(self, ground: Ground, function: str, proof: int, accepted: Accepted) -> None:
        if not accepted.verdict.checked:
            raise ValueError("a rejection is not kept")
        key = ground.key, function, proof
        with self.lock:
            self._forget(key)
            self._known[key] = ground.registry, accepted
            self._bytes += len(accepted.proof.text)
            while len(self._known) > self._most or self._bytes > self._most_bytes:
                self._forget(next(iter(self._known)))

    def _forget(self, key: Hashable) -> None:
        _, old = self._known.pop(key, (None, None))
        self._bytes -= 0 if old is None else len(old.proof.text)


known_verdicts = KnownVerdicts()
"""Those of this process."""
survives_forks(known_verdicts.lock)
