"""A device whose memory is the host's, and which runs what the target `reference` compiles."""

import threading

import numpy as np

from hyperion.buffers.elements import contiguous_strides
from hyperion.buffers.host import HostBuffer, copy_into, view
from hyperion.errors import BufferError_, DeviceError
from hyperion.interfaces.buffer import BufferView
from hyperion.interfaces.device import DeviceInfo, MemoryInfo


class AbacusDriver:
    """Knows the one device `abacus:0`, and describes others, which are absent."""

    kind = "abacus"

    def devices(self):
        return (self.describe("abacus:0"),)

    def describe(self, address):
        kind, _, number = address.partition(":")
        if kind != self.kind or not (number.isascii() and number.isdecimal()):
            raise DeviceError("HY5010", f"there is no device {address!r}", hints=["abacus:0 is one"])
        return DeviceInfo(
            address,
            self.kind,
            "a frame with beads",
            workers=1,
            target="reference",
            memories=(MemoryInfo("host", host=True),),
            absent="" if int(number) == 0 else "this machine has one abacus",
        )

    def together(self, addresses):
        return addresses

    def open(self, address, options):
        info = self.describe(address)
        if info.absent:
            raise DeviceError("HY5011", f"{address} does not open: {info.absent}", hints=["take abacus:0"])
        if options:
            raise DeviceError("HY5013", f"{address} has no option {', '.join(options)}; it has none")
        return Abacus(info)


class Abacus:
    """One thing at a time, and done when the method returns: so nothing is left for `synchronize`."""

    def __init__(self, info):
        self.info = info
        self.state = "open"
        self._lock = threading.Lock()

    def allocate(self, nbytes, kind=""):
        self._check()
        if kind not in ("", "host"):
            raise DeviceError("HY5015", f"{self.info.address} has no memory {kind!r}, only 'host'")
        try:
            return HostBuffer.allocate(nbytes, self.info.address)
        except (MemoryError, OverflowError) as error:
            raise DeviceError("HY5001", f"{self.info.address} has no {nbytes} bytes left") from error

    def copy(self, source, target):
        with self._lock:
            self._check()
            copy_into(self._reached(target), self._reached(source))

    def run(self, function, arguments, token):
        with self._lock:
            self._check()
            token.check("run")
            with token.active():
                given = [
                    np.asarray(self._reached(x).read_only()) if isinstance(x, BufferView) else x for x in arguments
                ]
                found = function(*given)
        results = found if isinstance(found, tuple) else (found,)
        return tuple(self._placed(x) if isinstance(x, np.ndarray) else x for x in results)

    def synchronize(self, timeout=None):
        self._check()
        return True

    def close(self):
        with self._lock:
            self.state = "closed"

    def _check(self):
        if self.state != "open":
            raise DeviceError("HY5014", f"{self.info.address} was closed")

    def _reached(self, seen):
        try:
            seen.buffer.host()
        except BufferError_ as error:
            if error.code != "HY2002":
                raise
            raise DeviceError("HY5016", f"{self.info.address} does not reach the memory of {seen.device}") from error
        return seen

    def _placed(self, array):
        """A new array in this device's memory."""
        given = view(array)
        strides = contiguous_strides(given.shape, array.itemsize)
        made = BufferView(self.allocate(array.nbytes), given.dtype, given.shape, strides)
        copy_into(self._reached(made), given)
        return made
