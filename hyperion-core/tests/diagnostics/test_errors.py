"""HyperionError: places, labels, several at once, copies."""

from __future__ import annotations

import copy
import pickle
from dataclasses import replace

import pytest

from hyperion.errors import HyperionError, Label, OutOfMemoryError, Span, TrapOverflowError, TypeCheckError
from hyperion.ir.diagnostics import collected

HERE = Span("f.py", 3, 5, 3, 10, "    s = s + x")


def subclasses(of: type[HyperionError]) -> list[type[HyperionError]]:
    return [of, *(c for child in of.__subclasses__() for c in subclasses(child))]


def test_text_of_labels_of_other_lines_and_of_the_same() -> None:
    other = Span("g.py", 9, 1, 9, 5, "f(xs)")
    same = Label(replace(HERE, column=9, end_column=10), "an i64")
    error = TypeCheckError("HY6012", "types differ", HERE, ["why"], ["this"], [same, Label(other, "called from here")])
    assert str(error).splitlines() == [
        "HY6012: types differ",
        "  --> f.py:3:5",
        "        s = s + x",
        "        ^^^^^",
        "            - an i64",
        "  ::: g.py:9:1",
        "    f(xs)",
        "    ---- called from here",
        "  note: why",
        "  try: this",
    ]


def test_a_label_without_source_and_one_without_a_primary_place() -> None:
    error = HyperionError("HY1007", "twice", labels=[Label(Span("a.toml", 2, 1, 2, 3), "first here")])
    assert str(error).splitlines() == ["HY1007: twice", "  ::: a.toml:2:1: first here"]


def test_calls_that_code_was_inlined_into_are_labels() -> None:
    outer = Span("f.py", 20, 1, 20, 5, "g(x)")
    inner = Span("f.py", 10, 1, 10, 5, "h(x)", caller=outer)
    error = TrapOverflowError("HY5101", "too large", replace(HERE, caller=inner))
    assert [(label.span.line, label.text) for label in error.labels] == [
        (10, "called from here"),
        (20, "called from here"),
    ]
    assert str(error).count("called from here") == 2
    assert replace(HERE, caller=inner) == HERE
    error.labels = (*error.labels, Label(HERE, "more"))
    assert [label.text for label in error.labels] == ["more", "called from here", "called from here"]


def test_several_errors_are_kept_whole() -> None:
    first = TypeCheckError("HY6002", "no %x", HERE, hints=["define it"])
    pair = collected([TypeCheckError("HY6010", "no op"), TypeCheckError("HY6011", "one operand")])
    error = collected([first, pair])
    assert [e.code for e in error.errors] == ["HY6002", "HY6010", "HY6011"]
    assert error.errors[0] is first
    assert (error.code, error.span) == ("HY6002", HERE)
    assert error.message == "3 errors; the first: no %x"
    assert all(str(member) in str(error) for member in error.errors)
    assert collected([first]) is first
    assert first.errors == (first,)


def test_a_long_list_is_cut() -> None:
    error = collected([TypeCheckError("HY6002", f"no %x{i}") for i in range(60)])
    assert str(error).endswith("\n\nand 10 more")
    assert len(error.errors) == 60


@pytest.mark.parametrize("kind", subclasses(HyperionError), ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("copied", [lambda e: pickle.loads(pickle.dumps(e)), copy.copy, copy.deepcopy])
def test_copies_are_whole(kind: type[HyperionError], copied: object) -> None:
    assert callable(copied)
    inner = TypeCheckError("HY6002", "inner", HERE, ["n"], ["h"], [Label(HERE, "l")])
    error = kind("HY6001", "message", replace(HERE, caller=HERE), ["n"], ["h"], [Label(HERE, "l")], errors=[inner])
    error.add_note("added")
    twin = copied(error)
    assert type(twin) is kind
    assert twin.diagnostic == error.diagnostic
    assert twin.labels == error.labels
    assert str(twin) == str(error)
    assert twin.__notes__ == ["added"]
    assert isinstance(twin, MemoryError) == (kind is OutOfMemoryError)
