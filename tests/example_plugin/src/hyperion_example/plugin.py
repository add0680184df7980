"""Registration only: what is heavy is imported by the factory, on first use."""

from hyperion.hookspecs import hookimpl

HYPERION_API = (1, 0)


def _clamped():
    from hyperion_example.clamped import CLAMPED

    return CLAMPED


def _literals_first():
    from hyperion_example.literals_first import LiteralsFirst

    return LiteralsFirst()


def _abacus():
    from hyperion_example.abacus import AbacusDriver

    return AbacusDriver()


def _divisors():
    from hyperion_example.divisors import Divisors

    return Divisors()


@hookimpl
def hyperion_ops():
    return {"example.clamped": _clamped}


@hookimpl
def hyperion_passes():
    return {"literals-first": _literals_first}


@hookimpl
def hyperion_devices():
    return {"abacus": _abacus}


@hookimpl
def hyperion_theories():
    return {"divisors": _divisors}
