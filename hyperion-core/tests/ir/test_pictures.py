"""Pictures: what they hold, and that no text can break out of its place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hyperion.ir import Equation, Function, Program, Value, parse_program, print_function, print_program
from hyperion.ir.pictures import dot, html, mermaid
from hyperion.ir.pictures.html import MOST_LINES
from hyperion.ir.types import I64
from hyperion.testing.programs import random_program

TEXT = """\
func @main(%xs: i64[n], %c: bool) -> i64 {
  %zero = const 0 : i64
  %s = fold (%xs), (%zero) {
    ^(%x: i64, %t: i64):
      %u = add.wrap %t, %x : i64
      yield %u
  }
  %r = if %c {
    %d = call @other(%s) : i64
    yield %d
  } {
    yield %zero
  }
  return %r
}

func @other(%y: i64) -> i64 {
  return %y
}
"""
HOSTILE = '"]\\\n</pre><script>alert(1)</script>%%{init}%% end\x1b[31m`*_#quot;&amp;\u202e\ud800'


def hostile(text: str) -> Program:
    value, result = Value(text, I64), Value(f"{text}2", I64)
    equation = Equation((result,), text or "op", (value,), (("a", text), (text or "b", (1, 2))))
    return Program({text: Function(text, (value,), (equation,), (result,))}, text)


# DOT: statements of a quoted-string grammar, with balanced braces.

_DOT = re.compile(
    r'\s*(?:(?P<string>"(?:[^"\\\n]|\\.)*")|(?P<word>[A-Za-z_][\w]*)|(?P<number>[0-9.]+)|(?P<sign>->|[{}\[\];,=]))'
)


def dot_tokens(text: str) -> Iterator[tuple[str, str]]:
    at = 0
    while at < len(text.rstrip()):
        match = _DOT.match(text, at)
        assert match is not None, text[at : at + 40]
        assert match.lastgroup is not None
        yield match.lastgroup, match[match.lastgroup]
        at = match.end()


def test_dot_holds_every_equation_value_and_region() -> None:
    text = dot(parse_program(TEXT))
    tokens = list(dot_tokens(text))
    assert [word for _, word in tokens].count("{") == [word for _, word in tokens].count("}")
    labels = [word[1:-1].replace("\\l", "|") for kind, word in tokens if kind == "string"]
    for label in ("@main", "@other", "fold", "body", "then", "else", "%zero", "%x: i64|%t: i64|", "return %r"):
        assert label in labels
    assert "%s = fold (%xs), (%zero)|%s: i64|" in labels
    nodes = set(re.findall(r"^ *(n\d+) \[label", text, flags=re.MULTILINE))
    edges = re.findall(r"^ *(n\d+) -> (n\d+)", text, flags=re.MULTILINE)
    assert all(start in nodes and stop in nodes for start, stop in edges)
    assert text.count("style=dashed") == 1  # the call


def test_mermaid_holds_every_equation_value_and_region() -> None:
    lines = mermaid(parse_program(TEXT)).splitlines()
    assert lines[0] == "flowchart TD"
    assert sum(line.strip().startswith("subgraph") for line in lines) == lines.count("  end") + sum(
        line.strip() == "end" and line != "  end" for line in lines
    )
    nodes = {m[1] for line in lines if (m := re.match(r" *(n\d+)[(\[]", line))}
    edges = [m.groups() for line in lines if (m := re.match(r"  (n\d+) -\.?->\|\"[^\"]*\"\| (n\d+)$", line))]
    assert len(edges) == sum(">|" in line for line in lines)
    assert all(start in nodes and stop in nodes for start, stop in edges)
    assert any("#37;s = fold (#37;xs), (#37;zero)<br>#37;s: i64" in line for line in lines)


class Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.text = ""
        self.titles: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open.append(tag)
        self.tags.add(tag)
        self.titles += [value for name, value in attrs if name == "title" and value]
        assert {name for name, _ in attrs} <= {"class", "style", "title"}

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def read(page: str) -> Reader:
    reader = Reader()
    reader.feed(page)
    reader.close()
    assert reader.open == []
    return reader


def test_html_is_the_printed_text_with_types() -> None:
    program = parse_program(TEXT)
    reader = read(html(program))
    assert reader.text == print_program(program).rstrip("\n")
    assert reader.tags == {"pre", "span"}
    assert reader.titles.count("i64[n]") == 2
    assert program._repr_html_() == html(program)
    assert read(program.main._repr_html_()).text == print_function(program.main).rstrip("\n")


def test_long_programs_are_cut() -> None:
    equations = tuple(Equation((Value(f"v{i}", I64),), "const", (), (("value", i),)) for i in range(MOST_LINES + 50))
    reader = read(html(Function("f", (), equations, ())))
    assert reader.text.endswith("… and 53 more lines")


@given(st.integers(0, 2**32))
@settings(max_examples=40, deadline=None)
def test_pictures_of_random_programs(seed: int) -> None:
    program = random_program(Random(seed))
    words = [word for _, word in dot_tokens(dot(program))]
    assert words.count("{") == words.count("}")
    check_mermaid(mermaid(program))
    assert read(html(program)).text == print_program(program).rstrip("\n")


MERMAID_LINE = re.compile(
    r"""flowchart\ TD | \s*end | \s*subgraph\ [fer]\d+\ \["[^"`%]*"\] | \s*n\d+(?:\(|\[|\[\[)"[^"`%]*"(?:\)|\]|\]\])
    | \ \ n\d+\ (?:-->|-\.->)\|"[^"`%]*"\|\ n\d+""",
    re.VERBOSE,
)


def check_mermaid(text: str) -> None:
    for line in text.splitlines():
        assert MERMAID_LINE.fullmatch(line), line


@pytest.mark.parametrize("text", [HOSTILE, "", "a" * 5000, "\x00", '"', "\\", "end", "--> n1"])
def test_no_text_breaks_out(text: str) -> None:
    program = hostile(text)
    drawn = dot(program)
    words = [word for _, word in dot_tokens(drawn)]
    assert words.count("{") == words.count("}") == 2
    assert "\x1b" not in drawn
    check_mermaid(mermaid(program))
    reader = read(html(program))
    assert reader.tags == {"pre", "span"}
    assert "\x1b" not in html(program)


@given(st.text(st.characters(codec=None), max_size=30))
@settings(max_examples=150, deadline=None)
def test_any_text_stays_in_its_place(text: str) -> None:
    program = hostile(text)
    assert [word for _, word in dot_tokens(dot(program))].count("{") == 2
    check_mermaid(mermaid(program))
    assert read(html(program)).tags <= {"pre", "span"}
    for picture in (dot(program), mermaid(program), html(program)):
        picture.encode("utf-8")  # no lone surrogate


def test_a_program_that_is_not_valid_is_drawn_too() -> None:
    lost = Function("f", (), (Equation((Value("y", I64),), "call", (Value("x", I64),), (("callee", 3),)),), ())
    program = Program({"f": lost}, "f")
    for picture in (dot(program), mermaid(program), html(program)):
        assert "call" in picture
