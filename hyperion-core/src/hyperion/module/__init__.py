"""Modules: compiled programs with the theorems that justify them, in memory and in files.

functions -> derivations -> contents -> sections -> container -> bytes          saving
bytes -> container -> sections -> contents -> verified, checked -> functions    loading; each step refuses
"""

from hyperion.module.function import ModuleFunction as ModuleFunction
from hyperion.module.inspection import inspect_module as inspect_module
from hyperion.module.limits import Limits as Limits
from hyperion.module.module import Module as Module
