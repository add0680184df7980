"""Registers the exporters."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from hyperion.hookspecs import hookimpl

if TYPE_CHECKING:
    from hyperion.interfaces.proof_exporter import ProofExporter

HYPERION_API = (1, 0)


def _smtlib() -> ProofExporter:
    from hyperion_exports.smtlib import SmtLib

    return SmtLib()


def _coq() -> ProofExporter:
    from hyperion_exports.coq import Coq

    return Coq()


@hookimpl
def hyperion_proof_exporters() -> dict[str, Callable[[], ProofExporter]]:
    return {"smtlib": _smtlib, "coq": _coq}
