"""Pipelines of compiler passes, each pass held to its evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hyperion._on_use import resolver

if TYPE_CHECKING:
    from hyperion.pipeline.catalogue import DEFAULT as DEFAULT
    from hyperion.pipeline.catalogue import Catalogue as Catalogue
    from hyperion.pipeline.dump import Dump as Dump
    from hyperion.pipeline.instrument import Instrument as Instrument
    from hyperion.pipeline.instrument import PassRun as PassRun
    from hyperion.pipeline.nodes import Fixpoint as Fixpoint
    from hyperion.pipeline.nodes import Repeat as Repeat
    from hyperion.pipeline.nodes import Try as Try
    from hyperion.pipeline.outcome import Outcome as Outcome
    from hyperion.pipeline.outcome import Step as Step
    from hyperion.pipeline.outcome import chain as chain
    from hyperion.pipeline.outcome import with_main as with_main
    from hyperion.pipeline.pipeline import OptimizerPipeline as OptimizerPipeline
    from hyperion.pipeline.report import Statistics as Statistics
    from hyperion.pipeline.report import Timing as Timing
    from hyperion.pipeline.reproducer import Reproducer as Reproducer

__getattr__ = resolver(
    __name__,
    {
        "catalogue": "DEFAULT Catalogue",
        "dump": "Dump",
        "instrument": "Instrument PassRun",
        "nodes": "Fixpoint Repeat Try",
        "outcome": "Outcome Step chain with_main",
        "pipeline": "OptimizerPipeline",
        "report": "Statistics Timing",
        "reproducer": "Reproducer",
    },
)
