"""The names that Hyperion's own packages count under, and what they mean; plugins may use others.

Names are given without the prefix `hyperion_` and the suffix `_total`; seconds and bytes are in the name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

Kind = Literal["counter", "gauge", "histogram"]


@dataclass(frozen=True, slots=True)
class Family:
    """What a name means; `shared` where its values are of the process, and the same in each Instance."""

    kind: Kind
    help: str
    shared: bool = False


FAMILIES: Mapping[str, Family] = MappingProxyType(
    {
        "compile_seconds": Family(
            "histogram", "Compiling a function, all stages; outcome is done, or an error's code."
        ),
        "frontend_seconds": Family("histogram", "Reading source into IR."),
        "derive_seconds": Family(
            "histogram", "Looking for a proven equivalent; outcome is derived, library, as written, or an error's code."
        ),
        "check_seconds": Family("histogram", "Asking the checker about a proof."),
        "codegen_seconds": Family("histogram", "Making machine code, or taking it from the store."),
        "load_seconds": Family("histogram", "Reading a module file."),
        "cache_hits": Family("counter", "Found in a cache: theorems, code or verdicts."),
        "cache_misses": Family("counter", "Not found in a cache."),
        "executes": Family("counter", "Calls of Executor.execute."),
        "submits": Family("counter", "Calls of Executor.submit."),
        "cancels": Family("counter", "Calls that were cancelled before they gave a result."),
        "deadlines": Family("counter", "Calls whose deadline passed."),
        "failures": Family("counter", "Calls that raised; code is the error's."),
        "queue_seconds": Family("histogram", "From submit until a device began, by device."),
        "run_seconds": Family("histogram", "Running on a device, by device."),
        "transfers": Family("counter", "Copies between memories, by source and target device; the host is `host`."),
        "transfer_bytes": Family("counter", "Bytes of these copies."),
        "transfer_seconds": Family("histogram", "Times of these copies."),
        "queued_calls": Family("gauge", "Submitted calls that wait for their turn on a device, by device."),
        "waiting_calls": Family("gauge", "Submitted calls that wait for fences, so that no device has them yet."),
        "device_losses": Family("counter", "Devices that stopped answering, by device."),
        "device_memory_bytes": Family("gauge", "Bytes of a device's own memory in use, by device and memory."),
        "device_memory_peak_bytes": Family("gauge", "The most of them at once since the device was opened."),
        "process_array_bytes": Family(
            "gauge", "Bytes of large arrays that cpu devices and compiled code made, in this process.", shared=True
        ),
        "process_array_peak_bytes": Family("gauge", "The most of them at once so far.", shared=True),
        "process_array_kept_bytes": Family("gauge", "Bytes of freed ones, kept for the next.", shared=True),
        "network_calls": Family("counter", "Operations that ranks began, by network and operation."),
        "network_sent_bytes": Family("counter", "Bytes of views that were read in operations that succeeded."),
        "network_received_bytes": Family("counter", "Bytes of views that were written in operations that succeeded."),
        "network_wait_seconds": Family("histogram", "From when a rank began an operation until its fence was done."),
        "network_failures": Family("counter", "Operations that failed on a rank; code is the error's."),
        "plugin_faults": Family("counter", "Hooks and listeners of plugins that raised, by plugin."),
        "open_devices": Family("gauge", "Devices that are open."),
    }
)
