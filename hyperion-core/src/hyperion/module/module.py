"""A module holds functions that can be called, each with its IR and its theorem, and can be kept in a file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from types import MappingProxyType

from hyperion import __version__
from hyperion.errors import ModuleError
from hyperion.module import container, writing
from hyperion.module.about import About
from hyperion.module.codecs import Bytes, Compression
from hyperion.module.container import Packed
from hyperion.module.contents import sections
from hyperion.module.function import ModuleFunction
from hyperion.module.loaded_file import LoadedFile
from hyperion.module.saving import contents_of
from hyperion.module.source import Path
from hyperion.module.span_writer import Spans
from hyperion.module.stored_code import StoredCode, stored_code
from hyperion.module.writing import Writable

_NOTHING: Packed = MappingProxyType({})


class Module(Mapping[str, ModuleFunction]):
    """Functions by name. Immutable. `about` says where it comes from, `file` is what it was loaded from: saving a
    loaded module gives the same bytes again."""

    def __init__(
        self,
        functions: Mapping[str, ModuleFunction],
        about: About | None = None,
        *,
        code: Sequence[StoredCode] = (),
        file: LoadedFile | None = None,
    ) -> None:
        self._functions = MappingProxyType(dict(functions))
        self.about = about or About(next(iter(self._functions), ""), __version__)
        self._file = file
        self._code = {c.table.target: c for c in (code if file is None else file.sealed.code)}

    def __getitem__(self, name: str) -> ModuleFunction:
        try:
            return self._functions[name]
        except KeyError:
            near = get_close_matches(name, self._functions, n=1)
            hints = [f"did you mean {near[0]!r}?"] if near else []
            hints.append(f"it has: {', '.join(self._functions) or 'nothing'}")
            raise ModuleError("HY3001", f"the module has no function {name!r}", hints=hints) from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._functions)

    def __len__(self) -> int:
        return len(self._functions)

    @property
    def entry(self) -> ModuleFunction:
        """The function that is meant where none is named."""
        return self[self.about.entry]

    def save(
        self,
        target: Path | Writable,
        *,
        compression: Compression | None = None,
        spans: Spans | None = None,
        code: bool | None = None,
    ) -> None:
        """Writes the module file. A path gets it whole or not at all: an older file there is replaced at once.

        compression: "zlib", "zstd" (needs Python 3.14 or the package zstandard) or "none".
        spans: what is kept of the places in the source: "text" with the lines, "places" without, "none".
        code: whether machine code for this machine is put in too; it is used only by who trusts the file.
        None is as the module was loaded: zlib, text and no code for one that was just compiled.

        Raises `ModuleError`: HY3014 where it cannot be written, HY3016 for what a file cannot hold, HY3009 without
        Zstandard; `CodegenError` (HY8012) where the target gives no code.
        """
        writing.write(target, self._pieces(compression, spans, code))

    def to_bytes(
        self, *, compression: Compression | None = None, spans: Spans | None = None, code: bool | None = None
    ) -> bytes:
        """The module file as bytes; options and errors as of `save`. Equal modules give equal bytes."""
        return b"".join(self._pieces(compression, spans, code))

    def code(self, target: str = "cpu", function: str | None = None) -> memoryview:
        """The machine code for a target, of all functions or of one, without a copy: a view of the file's map.

        Raises `ModuleError`: HY3015 where the module holds none, HY3017 where the file was changed in place.
        """
        stored = self._code.get(target)
        if stored is None:
            hints = [f"it has code for: {', '.join(self._code)}"] if self._code else ["module.save(path, code=True)"]
            raise ModuleError("HY3015", f"the module holds no machine code for {target!r}", hints=hints)
        for checked in self._functions.values() if function is None else (self[function],):
            _ = checked.derivation  # nothing of a function is given before it is checked
        stored.check()
        if function is None:
            return stored.data
        found = stored.function(self[function].name)
        if found is None:
            raise ModuleError("HY3015", f"the module holds no machine code of {function!r} for {target!r}")
        return memoryview(found.data)

    def _pieces(self, compression: Compression | None, spans: Spans | None, code: bool | None) -> list[Bytes]:
        file = self._file
        own: tuple[Compression, Spans] = (
            ("zlib", "text") if file is None else (file.sealed.compression, file.sealed.spans)
        )
        wanted = compression or own[0], spans or own[1]
        kept = self._with_code() if code else () if code is False else tuple(self._code.values())
        for stored in kept:
            stored.check()
        if file is not None and code is None and wanted == own and not any(f.changed for f in self._functions.values()):
            retained = file.pieces()
            if retained is not None:
                return retained
        contents = contents_of(self._functions, self.about, kept, wanted[1])
        packed = _NOTHING if file is None else file.opened().packed
        return container.pieces(sections(contents, wanted[0]), packed)

    def _with_code(self) -> tuple[StoredCode, ...]:
        """The code that the module has, and that for this machine."""
        if not self._functions:
            return ()
        made = {name: function.native() for name, function in self._functions.items()}
        target = next(iter(self._functions.values())).target.name
        found = {**self._code, target: stored_code(target, made)}
        return tuple(found[name] for name in sorted(found))
