"""Whether a module file that is checked function by function gives what checking all of it at once gives."""

from __future__ import annotations

from hyperion.errors import ModuleError
from hyperion.instance import Instance
from hyperion.module import Module
from hyperion.testing.module_files import refusal

Outcome = tuple[str, ...]
"""The code of the error, or that there is none, the IR, that of the source, and what is said of them."""


def load_both(instance: Instance, data: bytes) -> Module:
    """What `load` gives or raises. Raises AssertionError where `check="first-use"` takes or refuses anything else."""
    later: list[Module] = []
    at_once = refusal(lambda d: later.append(instance.load(d, check="first-use")), data)
    found = {name: _outcome(module, name) for module in later for name in module}
    assert found == {name: _outcome(module, name) for module in later for name in module}, "another outcome later"
    try:
        module = instance.load(data)
    except ModuleError as error:
        codes = {at_once} if at_once else {outcome[0] for outcome in found.values()}
        assert error.code in codes, f"{codes} where {error.code} should be"
        raise
    assert found == {name: _outcome(module, name) for name in module}, f"{at_once or found} is not what load gives"
    return module


def _outcome(module: Module, name: str) -> Outcome:
    function = module[name]
    try:
        explanation = function.derivation.explanation()
    except ModuleError as error:
        assert error.code.startswith("HY3"), error.code
        return (error.code,)
    return "", function.ir(), function.ir("source"), str(explanation)
