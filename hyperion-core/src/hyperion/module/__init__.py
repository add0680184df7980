"""Modules: compiled programs with the theorems that justify them, in memory."""

from hyperion.module.module import Module as Module
from hyperion.module.module import ModuleFunction as ModuleFunction
