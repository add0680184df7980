"""Pipelines of compiler passes, each pass held to its evidence."""

from hyperion.pipeline.pipeline import DEFAULT as DEFAULT
from hyperion.pipeline.pipeline import Outcome as Outcome
from hyperion.pipeline.pipeline import Pipeline as Pipeline
from hyperion.pipeline.pipeline import Step as Step
from hyperion.pipeline.pipeline import with_main as with_main
