"""The table of what our own distributions register says what they do register."""

from __future__ import annotations

import hyperion as hp
from hyperion.plugins.homes import HOMES


def test_homes_are_where_the_names_come_from() -> None:
    with hp.Instance() as instance:
        host = instance._host
        found = {
            hook: {name: host.owners([(hook, name)])[0].distribution for name in host.names(hook)} for hook in HOMES
        }
    assert found == HOMES
