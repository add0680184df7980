"""The same diagnostic as text, JSON and HTML."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hyperion import diagnostics
from hyperion.diagnostics import html, json_text, render_html, render_text, to_json
from hyperion.errors import HyperionError, Label, Span, TypeCheckError
from hyperion.ir.diagnostics import collected

HERE = Span("f.py", 3, 5, 3, 10, "    s = s + x", caller=Span("f.py", 9, 1, 9, 5, "f(x)"))
ERROR = TypeCheckError("HY6012", "types <differ>", HERE, ["why\nand why"], ["this & that"], [Label(HERE, "an i64")])
anything = st.text(st.characters(exclude_characters="\n"))
spans = st.builds(Span, anything, st.integers(1, 9), st.integers(1, 40), st.just(9), st.integers(1, 40), anything)
errors = st.builds(
    HyperionError,
    st.just("HY9001"),
    st.text(),
    st.none() | spans,
    st.lists(st.text(), max_size=2),
    st.lists(st.text(), max_size=2),
    st.lists(st.builds(Label, spans, st.text()), max_size=2),
)


class _Text(HTMLParser):
    """The text of an HTML document, and its tags."""

    def __init__(self, document: str) -> None:
        super().__init__()
        self.text = ""
        self.tags: list[str] = []
        self.open: list[str] = []
        self.feed(document)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def test_json_has_every_part() -> None:
    place = {"file": "f.py", "line": 3, "column": 5, "end_line": 3, "end_column": 10, "text": "    s = s + x"}
    caller = {"file": "f.py", "line": 9, "column": 1, "end_line": 9, "end_column": 5, "text": "f(x)"}
    assert to_json(ERROR) == {
        "schema": 1,
        "code": "HY6012",
        "kind": "TypeCheckError",
        "severity": "error",
        "message": "types <differ>",
        "span": place,
        "labels": [{"span": place, "text": "an i64"}, {"span": caller, "text": "called from here"}],
        "notes": ["why\nand why"],
        "hints": ["this & that"],
        "errors": [],
    }


def test_json_of_several_errors_holds_them_whole() -> None:
    pair = collected([ERROR, TypeCheckError("HY6010", "no op")])
    found = to_json(pair)
    assert found["errors"] == [{k: v for k, v in to_json(e).items() if k != "schema"} for e in pair.errors]


@given(errors)
def test_json_text_is_safe_to_print_and_reads_back(error: HyperionError) -> None:
    text = json_text(to_json(error))
    text.encode()
    assert all(c.isprintable() or c in "\n\u00a0" or c.isspace() or ord(c) > 0x9F for c in text)
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", text)
    assert json.loads(text) == to_json(error)


def test_json_text_refuses_what_json_lacks() -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        json_text(float("nan"))


@given(errors)
def test_html_shows_the_same_text_and_no_tags_of_others(error: HyperionError) -> None:
    page = _Text(render_html(error))
    assert page.text == render_text(error)
    assert set(page.tags) == {"pre", "span"}
    assert page.open == []


def test_what_a_notebook_gets() -> None:
    bundle = ERROR._repr_mimebundle_()
    assert bundle == {"text/plain": str(ERROR), "text/html": ERROR._repr_html_()}
    assert "<script" not in HyperionError("HY9001", "<script>alert(1)</script>")._repr_html_()
    assert "color:inherit" in ERROR._repr_html_()


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [x / 12.92 if x <= 0.03928 else ((x + 0.055) / 1.055) ** 2.4 for x in parts]
    return sum(w * x for w, x in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@pytest.mark.parametrize("colour", [html.RED, html.BLUE, html.GREEN, html.GREY])
@pytest.mark.parametrize("page", ["#ffffff", "#000000"])
def test_accents_can_be_read_on_light_and_dark_pages(colour: str, page: str) -> None:
    """The contrast ratio of WCAG 2.2."""
    low, high = sorted((_luminance(colour), _luminance(page)))
    assert (high + 0.05) / (low + 0.05) >= 4.3


def test_public_functions_take_values_and_errors() -> None:
    assert render_text(ERROR.diagnostic) == str(ERROR)
    assert render_html(ERROR.diagnostic) == ERROR._repr_html_()
    assert to_json(replace(ERROR.diagnostic, severity="warning"))["severity"] == "warning"
    assert all(hasattr(diagnostics, name) for name in diagnostics.__all__)
