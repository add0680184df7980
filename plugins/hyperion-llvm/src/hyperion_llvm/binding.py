"""LLVM, through llvmlite; the one place that knows llvmlite has no types."""

from __future__ import annotations

import importlib
from typing import Any

from hyperion._forking import survives_forks

llvm: Any = importlib.import_module("llvmlite.binding")  # Any: llvmlite ships neither annotations nor stubs
lock = survives_forks(llvm.ffi.lib._lock._lock)  # held in each call of LLVM: no fork comes in the middle of one
Module = Any  # an llvmlite ModuleRef
Machine = Any  # an llvmlite TargetMachine
