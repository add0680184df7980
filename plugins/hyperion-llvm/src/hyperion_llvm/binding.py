"""LLVM, through llvmlite; the one place that knows llvmlite has no types."""

from __future__ import annotations

import importlib
from typing import Any

llvm: Any = importlib.import_module("llvmlite.binding")  # Any: llvmlite ships neither annotations nor stubs
Module = Any  # an llvmlite ModuleRef
Machine = Any  # an llvmlite TargetMachine
