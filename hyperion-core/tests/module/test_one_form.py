"""There is one file for each module: a writer that numbers, orders or packs anything otherwise is refused (HY3012)."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from hyperion.errors import ModuleError, Span
from hyperion.ir.types import F64, I64, ArrayType, TupleType
from hyperion.module import contents, ir_writer
from hyperion.module.columns import Writer
from hyperion.module.reading import open_module
from hyperion.module.source import Memory
from hyperion.module.span_writer import SpanWriter
from hyperion.module.table_writer import TableWriter
from hyperion.testing.module_samples import sample_module
from hyperion.testing.one_form import check_one_form

EARLY: dict[str, Callable[[TableWriter], object]] = {
    "an unused text": lambda t: t.text("nobody"),
    "a text too early": lambda t: t.text("sum"),
    "an unused type": lambda t: t.type(TupleType((F64, F64))),
    "a type too early": lambda t: t.type(F64),
    "a type before its parts": lambda t: t.type(ArrayType(I64, ("n0",))),
    "an unused op": lambda t: t.op_column(["sub.trap"]),
    "an op too early": lambda t: t.op_column(["fold"]),
    "an unused attribute list": lambda t: t.attributes((("value", 9),)),
    "an attribute list too early": lambda t: t.attributes((("monoid", "add.wrap"),)),
    "an unused tuple": lambda t: t.attributes((("axes", (7, 7)),)),
    "an integer too early": lambda t: t.attributes((("value", 1),)),
}

EARLY_SPANS: dict[str, Callable[[SpanWriter], object]] = {
    "an unused span": lambda s: s.number(Span("x.py", 1, 1, 1, 2, "x")),
    "a span too early": lambda s: s.number(Span("kinds.hir", 3, 1, 3, 9, "  f(x, y)")),
}


def refused(data: bytes) -> bool:
    assert not check_one_form(data)
    with pytest.raises(ModuleError, match="not written in the one way") as caught:
        open_module(Memory(data))
    return caught.value.code == "HY3012"


@pytest.mark.parametrize("what", EARLY)
def test_tables_are_in_the_order_of_use(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    class Early(TableWriter):
        def __init__(self) -> None:
            super().__init__()
            EARLY[what](self)

    monkeypatch.setattr(ir_writer, "TableWriter", Early)
    data = sample_module().to_bytes()
    monkeypatch.undo()
    assert refused(data)


@pytest.mark.parametrize("what", EARLY_SPANS)
def test_spans_are_in_the_order_of_use(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    class Early(SpanWriter):
        def __init__(self, keep: Any) -> None:
            super().__init__(keep)
            EARLY_SPANS[what](self)

    monkeypatch.setattr(contents, "SpanWriter", Early)
    data = sample_module().to_bytes()
    monkeypatch.undo()
    assert refused(data)


@pytest.mark.parametrize("column", range(0, 60, 3))
def test_columns_are_narrow(column: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """One column after the other as wide as it can be."""
    narrow, count = Writer.column, [0]

    def wide(self: Writer, values: Sequence[int]) -> None:
        count[0] += 1
        if count[0] != column + 1:
            narrow(self, values)
            return
        self.data.append(8)
        self.data += array("Q", values).tobytes()

    monkeypatch.setattr(Writer, "column", wide)
    data = sample_module().to_bytes(compression="none")
    monkeypatch.undo()
    assert count[0] > 60
    assert refused(data)


def test_no_two_functions_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """`total2` is in two programs; written for each of them, it would be there twice."""

    class Forgets(dict[Any, Any]):
        def get(self, key: Any, default: Any = None) -> Any:
            return default

    class Pool(ir_writer._Pool):
        def __init__(self, spans: SpanWriter) -> None:
            super().__init__(spans)
            self._numbers, self._seen = Forgets(), Forgets()

    from dataclasses import replace

    from hyperion.module import Module
    from hyperion.testing.forged_modules import never_compiled

    old = sample_module()["kinds"].derivation
    both = Module({"kinds": never_compiled(old), "again": never_compiled(replace(old, refusals=()))})
    assert check_one_form(both.to_bytes())
    other = replace(old.source, entry="total2")
    both = Module({"kinds": never_compiled(old), "total2": never_compiled(replace(old, source=other, chosen=other))})
    assert check_one_form(both.to_bytes())
    monkeypatch.setattr(ir_writer, "_Pool", Pool)
    data = both.to_bytes()
    monkeypatch.undo()
    assert refused(data)
