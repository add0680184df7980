"""Makes axioms known that distributions bring, where the configuration switches them on."""

from __future__ import annotations

from collections.abc import Collection

from hyperion.plugins import PluginHost


def admit_theories(host: PluginHost, distributions: Collection[str]) -> None:
    """Admits the `axiom_text` of the theories that these distributions register.

    Raises `ProofError` (HY7006) for a text that is not taken.
    """
    if not distributions:
        return
    from hyperion.logic import theory  # on use: an Instance that lists plugins needs no logic

    texts: dict[str, list[str]] = {}
    owners = {status.name: status.distribution or status.name for status in host.statuses()}
    for name, found in sorted(host.all("hyperion_theories").items()):
        owner = owners[host.owner("hyperion_theories", name)]
        if owner in distributions and found.axiom_text:
            texts.setdefault(owner, []).append(found.axiom_text)
    for owner, parts in texts.items():
        theory.admit(owner, "\n".join(parts))
