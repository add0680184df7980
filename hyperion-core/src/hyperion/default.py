"""The Instance of who names none."""

from __future__ import annotations

import threading

from hyperion.instance import Instance

_default: Instance | None = None
_default_lock = threading.Lock()


def default_instance() -> Instance:
    """The Instance that `hp.jit` uses where none is given; made on first use, and anew after it was closed."""
    global _default
    with _default_lock:
        if _default is None or _default.closed:
            _default = Instance()
        return _default
