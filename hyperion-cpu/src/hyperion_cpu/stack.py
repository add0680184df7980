"""How far down the stack of a thread a recursion may go."""

from __future__ import annotations

import ctypes
import threading

MOST_ROOM = 1 << 26
MOST_MARGIN = 1 << 19
"""What stays free below, for a look at signals, whose handlers are Python functions; a quarter of a small stack."""
_ATTRIBUTES = 512  # bytes: more than a pthread_attr_t has anywhere

_known = threading.local()


def floor() -> int:
    """The lowest address that frames of a recursion on this thread's stack may have; 0 where that is not known."""
    found: int | None = getattr(_known, "floor", None)
    if found is None:
        found = _known.floor = _floor()
    return found


def _floor() -> int:
    lowest, size = _stack()
    margin = min(size // 4, MOST_MARGIN)
    return max(lowest + margin, lowest + size - MOST_ROOM) if size else 0


def _stack() -> tuple[int, int]:
    """The lowest address of this thread's stack, and its size; the size is 0 where they are not known."""
    library = ctypes.CDLL(None)
    lowest, size = ctypes.c_void_p(), ctypes.c_size_t()
    try:
        library.pthread_self.restype = ctypes.c_void_p
        thread = ctypes.c_void_p(library.pthread_self())
        if hasattr(library, "pthread_get_stackaddr_np"):  # macOS
            library.pthread_get_stackaddr_np.restype = ctypes.c_void_p
            library.pthread_get_stacksize_np.restype = ctypes.c_size_t
            length = library.pthread_get_stacksize_np(thread)
            return (library.pthread_get_stackaddr_np(thread) or 0) - length, length
        attributes = ctypes.create_string_buffer(_ATTRIBUTES)
        if library.pthread_getattr_np(thread, attributes):
            return 0, 0
        failed = library.pthread_attr_getstack(attributes, ctypes.byref(lowest), ctypes.byref(size))
        library.pthread_attr_destroy(attributes)
    except AttributeError:
        return 0, 0
    return (0, 0) if failed else (lowest.value or 0, size.value)


CALLBACK = ctypes.CFUNCTYPE(ctypes.c_uint64)(floor)
"""For compiled code, which has it as `i64 hyperion_stack_floor()`."""
