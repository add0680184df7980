"""How a section's bytes are compressed: not at all, by zlib, or by Zstandard where Python has it."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from importlib import import_module
from typing import Any, Literal, NamedTuple  # Any: modules that may be absent

from hyperion.errors import ModuleError

Compression = Literal["none", "zlib", "zstd"]
NONE, ZLIB, ZSTD = 0, 1, 2
NUMBERS: dict[Compression, int] = {"none": NONE, "zlib": ZLIB, "zstd": ZSTD}
NAMES: dict[int, Compression] = {number: name for name, number in NUMBERS.items()}
LEVEL = {ZLIB: 3, ZSTD: 3}
WINDOW_LOG = 27  # a Zstandard frame that wants a larger window than 128 MiB is refused

Bytes = bytes | bytearray | memoryview


class _Zstandard(NamedTuple):
    compress: Callable[[Bytes], bytes]
    decompress: Callable[[Bytes, int], bytes]  # at most so many bytes; raises any exception for anything else


def compress(codec: int, data: Bytes) -> bytes:
    """The compressed bytes: the same for the same data and the same version of the compressor."""
    if codec == ZLIB:
        return zlib.compress(data, LEVEL[ZLIB])
    return _zstandard().compress(data)


def decompress(codec: int, data: Bytes, size: int, what: str) -> bytes:
    """Exactly `size` bytes, without ever holding many more. Raises `ModuleError`: HY3012 for other data, HY3009
    where the codec is missing."""
    if codec == ZLIB:
        return _inflate(data, size, what)
    if codec != ZSTD:
        raise ModuleError("HY3009", f"{what} is compressed by codec {codec}, which this version does not know")
    library = _zstandard()
    try:
        found = library.decompress(data, size + 1)
    except Exception as error:  # each library has exceptions of its own
        raise _damaged(what, str(error)) from error
    if len(found) != size:
        raise _damaged(what, f"it does not hold {size} bytes")
    return found


def _inflate(data: Bytes, size: int, what: str) -> bytes:
    engine = zlib.decompressobj()
    try:
        found = engine.decompress(data, size + 1)
    except zlib.error as error:
        raise _damaged(what, str(error)) from error
    if len(found) != size or not engine.eof or engine.unused_data:
        raise _damaged(what, f"it does not hold {size} bytes")
    return found


def _damaged(what: str, why: str) -> ModuleError:
    return ModuleError("HY3012", f"{what} cannot be decompressed: {why}")


def _zstandard() -> _Zstandard:
    """The standard library's Zstandard (Python 3.14), or that of the package `zstandard`."""
    for make, name in ((_standard, "compression.zstd"), (_package, "zstandard")):
        try:
            return make(import_module(name))
        except ImportError:
            continue
    raise ModuleError(
        "HY3009",
        "this module file is compressed with Zstandard, which this Python does not have",
        hints=["pip install zstandard, or Python 3.14", 'save it with compression="zlib"'],
    )


def _standard(zstd: Any) -> _Zstandard:
    options = {zstd.DecompressionParameter.window_log_max: WINDOW_LOG}

    def decompress(data: Bytes, most: int) -> bytes:
        engine = zstd.ZstdDecompressor(options=options)
        found = engine.decompress(data, max_length=most)
        if not engine.eof or engine.unused_data:
            raise ValueError("it is longer than it says, or ends early")
        return found

    def compress(data: Bytes) -> bytes:
        return zstd.compress(data, LEVEL[ZSTD])

    return _Zstandard(compress, decompress)


def _package(zstandard: Any) -> _Zstandard:
    def decompress(data: Bytes, most: int) -> bytes:
        engine = zstandard.ZstdDecompressor(max_window_size=1 << WINDOW_LOG)
        claimed = zstandard.frame_content_size(data)
        if not 0 <= claimed < most:  # the writer always states it; the package decompresses all or nothing then
            raise ValueError("it is longer than it says")
        return engine.decompress(data, max_output_size=most, allow_extra_data=False)

    def compress(data: Bytes) -> bytes:
        return zstandard.ZstdCompressor(level=LEVEL[ZSTD], write_content_size=True).compress(data)

    return _Zstandard(compress, decompress)
