"""Columns on a terminal, and text that cannot steer it."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hyperion.diagnostics.layout import WIDEST, shown, underlined, width
from hyperion.errors import HyperionError, Span

anything = st.text(st.characters(exclude_characters="\n"))  # lone surrogates too


def caret(text: str, word: str) -> str:
    column = text.index(word) + 1
    return Span("f", 1, column, 1, column + len(word), text).caret()


@pytest.mark.parametrize(
    ("text", "word", "before", "under"),
    [
        ("s = s + x", "s + x", 4, 5),
        ("\ts = x", "s", 4, 1),
        ("a\tb", "b", 5, 1),
        ("利息 = x", "x", 7, 1),
        ("y = 利息", "利息", 4, 4),
        ("e\u0301 = x", "x", 4, 1),
        ("🦀 = x", "x", 5, 1),
        ("x = 'a\x1b[31m' + y", "y", 18, 1),
        ("한글 + q", "q", 7, 1),
    ],
)
def test_carets_stand_under_their_characters(text: str, word: str, before: int, under: int) -> None:
    source, marks = caret(text, word).splitlines()
    assert marks == " " * before + "^" * under
    assert width(source) >= before + under


def test_a_combining_character_is_marked_where_it_is_seen() -> None:
    assert Span("f", 1, 2, 1, 3, "e\u0301x").caret().splitlines()[1] == "^"


@pytest.mark.parametrize(
    ("hostile", "seen"),
    [
        ("\x1b]0;title\x07", "\\x1b]0;title\\x07"),
        ("\x9b31m", "\\x9b31m"),
        ("a\u202eb", "a\\u202eb"),
        ("\r\x08", "\\r\\x08".replace("\\r", "\\x0d")),
        ("\ud800", "\\ud800"),
        ("\U000e0001", "\\U000e0001"),
        ("\u2028", "\\u2028"),
        ("a\u00a0b 利 👩‍💻", "a\u00a0b 利 👩‍💻"),
    ],
)
def test_what_could_steer_a_terminal_is_escaped(hostile: str, seen: str) -> None:
    assert shown(hostile) == seen


@given(anything, anything, anything)
def test_no_part_of_an_error_reaches_the_terminal_as_control(message: str, name: str, line: str) -> None:
    span = Span(name, 1, 1, 1, 2, line)
    text = str(HyperionError("HY9001", message, span, [message], [name]))
    for c in text.replace("\n", ""):
        assert unicodedata.category(c) not in ("Cc", "Cs", "Zl", "Zp")
        assert c not in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
    text.encode()


@given(anything, st.integers(1, 300), st.integers(1, 300))
def test_every_range_has_a_mark_inside_the_line(line: str, start: int, stop: int) -> None:
    source, marks = underlined(line, [(start, stop, "^", "")])
    assert "^" in marks
    assert len(marks) <= width(source) + 1
    assert width(source) <= WIDEST + 20


def test_a_long_line_is_cut_around_the_mark() -> None:
    line = "".join(f"x{i} + " for i in range(1000)) + "y"
    source, marks = caret(line, "x700 ").splitlines()
    assert source.startswith("...")
    assert source.endswith("...")
    at = marks.index("^")
    assert source[at : at + 5] == "x700 "
    source, marks = caret(line, "y").splitlines()
    assert source[marks.index("^")] == "y"
    assert caret(line, "x1 ").splitlines()[0].startswith("x0 + x1")
