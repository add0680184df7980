"""An open virtual device.

What a vendor must care about: what can be refused is refused where it is asked for, with nothing done; `copy` and `run`
ask for work, whose errors they raise or, if they return before it is done, `synchronize`; every wait ends when the
device is lost.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import repeat
from math import inf
from typing import Literal, TypeGuard, cast

from hyperion.arguments import Typed
from hyperion.buffers.elements import contiguous_strides, itemsize
from hyperion.buffers.host import check_apart, check_copy, copy_into
from hyperion.errors import BufferError_, DeviceError, DeviceLostError
from hyperion.interfaces.buffer import Buffer, BufferView
from hyperion.interfaces.codegen import CompiledFunction
from hyperion.interfaces.device import DeviceInfo, DeviceState
from hyperion.ir.types import TupleType
from hyperion.metrics import Sample
from hyperion.outs import Outs, check_outs
from hyperion.tokens import Token, current
from hyperion_virtual import values
from hyperion_virtual.faults import Fault
from hyperion_virtual.life import Life
from hyperion_virtual.memory import Block, Memory, VirtualBuffer
from hyperion_virtual.options import Options
from hyperion_virtual.schedule import Schedule, Work


class VirtualDevice:
    """Implements `Device`. `lose` makes it be lost; `used` says how many bytes of each memory are taken."""

    def __init__(self, info: DeviceInfo, options: Options) -> None:
        self.info = info
        self.faults = options.faults
        self._options = options
        self._life = Life(info.address)
        self._memories = {memory.kind: Memory(memory, self._life) for memory in info.memories}
        self._schedule = Schedule(self._life)

    @property
    def state(self) -> DeviceState:
        return self._life.state

    @property
    def used(self) -> dict[str, int]:
        """The bytes that are taken, by the kind of memory."""
        return {kind: memory.used for kind, memory in self._memories.items()}

    def gauges(self) -> Iterator[Sample]:
        """For the metrics: what is taken of each memory, and the most that was."""
        for kind, memory in self._memories.items():
            labels = {"device": self.info.address, "memory": kind}
            yield "device_memory_bytes", labels, memory.used
            yield "device_memory_peak_bytes", labels, memory.peak

    def lose(self, reason: str = "it was told to be") -> None:
        """What is queued or running ends with HY5012, and so does every later call but `close`."""
        self._life.lose(reason)

    takes_outs: Literal[True] = True

    def allocate(self, nbytes: int, kind: str = "", *, cleared: bool = True) -> Buffer:
        self._life.check()
        memory = self._memories.get(kind or self.info.memories[0].kind)
        if memory is None:
            what = f"{self.info.address} has no {kind!r} memory, but {', '.join(self._memories)}"
            raise DeviceError("HY5015", what)
        if nbytes < 0:
            raise BufferError_("HY2004", f"a buffer cannot have {nbytes} bytes")
        token = current()
        token.check("allocate")
        self._strike(self.faults.at("allocate"), token)
        return self._buffer(memory, nbytes)

    def copy(self, source: BufferView, target: BufferView) -> None:
        self._life.check()
        (read, its_block), (written, block) = self._reached(source), self._reached(target)
        check_copy(written, read)
        token = Token(parent=current())
        token.check("copy")
        fault = self.faults.at("copy")
        crosses = self._within(source) != self._within(target)
        seconds = self._options.latency + source.nbytes / self._options.bandwidth if crosses else 0.0
        reads = [] if its_block is None else [its_block]
        writes = [] if block is None else [block]

        def work() -> None:
            try:
                token.check("copy")
                self._strike(fault, token)
                self.pause(seconds, token)
                copy_into(written, read)
            finally:
                reads.clear()
                writes.clear()  # until now the memory was taken

        partly = writes if target.nbytes < target.buffer.nbytes else []
        if self._options.asynchronous:
            self._schedule.ask("copies", work, [*reads, *partly], writes)
        else:
            self._wait(lambda: self._schedule.ask("copies", work, [*reads, *partly], writes, tell=False), token)

    def run(
        self, function: CompiledFunction, arguments: Sequence[object], token: Token, outs: Outs | None = None
    ) -> tuple[object, ...]:
        """Returns before the work is done where the device is asynchronous and all results are arrays whose sizes the
        arguments tell; else, and where some go to given memory, it waits for them."""
        self._life.check()
        token.check("run")
        reads = list[Block]()
        given = [self._argument(x, reads) for x in arguments]
        targets = [None if out is None else self._target(out) for out in outs or ()]
        if outs is not None:
            into = [target and target[0] for target in targets]
            if isinstance(function, Typed):
                check_outs(function.function, into, given)
            else:
                check_apart([target for target in into if target is not None], given)
        fault = self.faults.at("run")
        own = Token(parent=token)

        def call() -> list[values.Result]:
            try:
                with self._life.guarding(own):
                    self._strike(fault, own)
                    self.pause(self._options.seconds, own)
                    own.check("run")
                    with own.active():
                        return values.results(function, function(*map(values.argument, given)))
            finally:
                given.clear()
                reads.clear()  # until now the memory was taken

        if outs is not None:
            return self._run_into(call, reads, own, outs, targets)
        made = values.foreseen(function, arguments) if self._options.asynchronous else None
        return self._run_now(call, reads, own) if made is None else self._run_later(call, reads, made)

    def _run_now(self, call: Callable[[], list[values.Result]], reads: list[Block], own: Token) -> tuple[object, ...]:
        placed = list[object]()

        def work() -> None:
            placed.extend(map(self._placed, call()))

        self._wait(lambda: self._schedule.ask("runs", work, reads, tell=False), own)
        return tuple(placed)

    def _run_into(
        self,
        call: Callable[[], list[values.Result]],
        reads: list[Block],
        own: Token,
        outs: Outs,
        targets: list[tuple[BufferView, Block] | None],
    ) -> tuple[object, ...]:
        placed, writes = list[object](), list[Block]()
        for target, block in filter(None, targets):
            writes.append(block)
            if target.nbytes < block.storage.nbytes:
                reads.append(block)  # what else is there stays

        def work() -> None:
            try:
                results = call()
                into = [target and target[0] for target in targets]
                for out, result, done in zip(outs, results, values.written(results, into), strict=True):
                    placed.append(out if done else self._placed(result))
            finally:
                writes.clear()
                targets.clear()

        self._wait(lambda: self._schedule.ask("runs", work, list(reads), list(writes), tell=False), own)
        return tuple(placed)

    def _target(self, out: BufferView) -> tuple[BufferView, Block]:
        """Where a result goes, as the host writes it."""
        view, block = self._reached(out)
        if block is None:
            raise self._unread(out.device or "the host")
        return view, block

    def _run_later(
        self, call: Callable[[], list[values.Result]], reads: list[Block], made: list[values.Made]
    ) -> tuple[object, ...]:
        buffers = [self._new(nbytes) for _, _, nbytes in made]
        blocks = [buffer.block for buffer in buffers]

        def work() -> None:
            try:
                for block, (array, kind) in zip(blocks, call(), strict=True):
                    _fill(block, values.stored(array, kind))
            finally:
                blocks.clear()

        self._schedule.ask("runs", work, reads, tuple(blocks))
        return tuple(_view(buffer, dtype, shape) for buffer, (dtype, shape, _) in zip(buffers, made, strict=True))

    def synchronize(self, timeout: float | None = None) -> bool:
        self._life.check()
        token = current()
        fault = self.faults.at("synchronize")
        if fault is not None and fault.kind in ("hang", "delay"):
            late = inf if fault.kind == "hang" else fault.seconds
            if timeout is not None and timeout < late:
                self.pause(timeout, token)
                return False
        self._strike(fault, token)
        return self._schedule.synchronize(timeout, token)

    def close(self) -> None:
        if self._life.state == "closed" or self._life.forked:
            return
        fault = self.faults.at("close")
        self._life.closing.cancel(f"{self.info.address} is being closed")
        if fault is not None and fault.kind in ("lose", "delay"):
            with suppress(DeviceLostError):
                self._strike(fault)
        self._schedule.close()
        if fault is not None and fault.kind == "raise":
            raise fault.error(self.info.address)

    def pause(self, seconds: float, *tokens: Token) -> None:
        """Waits; ends at once where the device is lost or closed, or a token ends, and raises why."""
        if seconds:
            self._life.pause(seconds, *tokens)

    def _strike(self, fault: Fault | None, *tokens: Token) -> None:
        match fault:
            case Fault(kind="raise"):
                raise fault.error(self.info.address)
            case Fault(kind="lose"):
                self.lose(f"the fault {str(fault)!r} was asked for")
                self._life.check()
            case Fault(kind="delay"):
                self.pause(fault.seconds, *tokens)
            case Fault(kind="hang"):
                self.pause(inf, *tokens, self._life.closing)
            case _:
                pass

    def _wait(self, ask: Callable[[], Work], token: Token) -> None:
        """Asks for work and waits until it is done; raises its error. What did not begin when the token ended is left
        out, at once for the caller; what did ends by itself. Ctrl-C ends the work too, whenever it comes."""
        try:
            work = ask()
            while not self._schedule.wait(work, None, token):
                if work.begun:
                    self._schedule.wait(work)
                    break
                token.check("the wait for the device")
        except BaseException:
            token.cancel("nobody waits for it any more")
            raise
        if not work.done:
            self._life.check()
        error = work.error
        del work  # an error that its own frames hold would keep the memory of its work
        if error is not None:
            try:
                raise error
            finally:
                del error

    def _reached(self, view: BufferView) -> tuple[BufferView, Block | None]:
        """The view as the device reads it, and its block where it is the device's own."""
        buffer = view.buffer
        if self._owns(buffer):
            block = buffer.block
            return replace(view, buffer=block.storage), block
        unreached = _unreached(buffer)
        if unreached is not None:
            hints = ["copy it to the host first, by its own device"]
            what = f"{self.info.address} does not reach the {buffer.memory_kind} memory of {self._named(buffer)}"
            raise DeviceError("HY5016", what, hints=hints) from unreached
        return view, None

    def _argument(self, given: object, reads: list[Block]) -> object:
        """A view as the host reads it, once what writes it is done; `reads` gets the blocks of views."""
        match given:
            case BufferView(buffer=buffer) if self._owns(buffer):
                reads.append(buffer.block)
                return replace(given, buffer=reads[-1].storage)
            case BufferView(buffer=buffer):
                _unreached(buffer)
                raise self._unread(self._named(buffer))
            case tuple():
                return tuple(self._argument(x, reads) for x in cast("tuple[object, ...]", given))
            case _ if values.is_array(given):
                raise self._unread("the host")
            case _:
                return given

    def _unread(self, place: str) -> DeviceError:
        hints = ["device.copy(view, a view of device.allocate(view.nbytes))"]
        return DeviceError("HY5016", f"{self.info.address} does not read memory of {place} in a run", hints=hints)

    def _named(self, buffer: Buffer) -> str:
        """The buffer's device, which may be one that had the address before or has it elsewhere."""
        return f"another {buffer.device}" if buffer.device == self.info.address else buffer.device

    def _owns(self, buffer: Buffer) -> TypeGuard[VirtualBuffer]:
        return isinstance(buffer, VirtualBuffer) and buffer.life is self._life

    def _within(self, view: BufferView) -> bool:
        """Whether the view lies where only the device reaches it."""
        return self._owns(view.buffer) and not self._memories[view.buffer.memory_kind].info.host

    def _buffer(self, memory: Memory, nbytes: int) -> VirtualBuffer:
        return VirtualBuffer(memory.take(nbytes), memory.info, self._life, lambda: self._strike(self.faults.at("free")))

    def _new(self, nbytes: int) -> VirtualBuffer:
        return self._buffer(self._memories[self.info.memories[0].kind], nbytes)

    def _placed(self, result: values.Result) -> object:
        """A result in the device's memory."""
        found, kind = result
        if isinstance(found, tuple):
            kinds = kind.elements if isinstance(kind, TupleType) else repeat(None)
            return tuple(map(self._placed, zip(cast("tuple[object, ...]", found), kinds, strict=False)))
        if not values.is_array(found):
            return found
        stored = values.stored(found, kind)
        buffer = self._new(stored.nbytes)
        _fill(buffer.block, stored)
        return _view(buffer, stored.dtype, stored.shape)


def _unreached(buffer: Buffer) -> BufferError_ | None:
    """Why the host does not reach the memory, if so. Raises what else `Buffer.host` does: it is freed, or gone with its
    device."""
    try:
        buffer.host()
    except BufferError_ as error:
        if error.code != "HY2002":
            raise
        return error
    return None


def _fill(block: Block, stored: BufferView) -> None:
    copy_into(_view(block.storage, stored.dtype, stored.shape), stored)


def _view(buffer: Buffer, dtype: str, shape: tuple[int, ...]) -> BufferView:
    return BufferView(buffer, dtype, shape, contiguous_strides(shape, itemsize(dtype)))
