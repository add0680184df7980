"""The reference of the text form: its examples are read and printed, and the parser takes what its grammar derives."""

from __future__ import annotations

import importlib.util
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hyperion.errors import TypeCheckError
from hyperion.ir import parse_program, print_program, verify
from hyperion.ir.printer import GROUPED
from hyperion.ir.registry import CORE


def _sibling(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


reading = _sibling("documents")
BLOCKS = reading.blocks(reading.REPOSITORY / "docs" / "reference" / "ir.md")
EXAMPLES = {f"line {block.line}": block.body for block in BLOCKS if block.info == "hir"}


@pytest.mark.parametrize("text", EXAMPLES.values(), ids=EXAMPLES)
def test_examples_are_valid_and_round_trip(text: str) -> None:
    program = parse_program(text)
    verify(program)
    printed = print_program(program)
    assert parse_program(printed) == program
    assert print_program(parse_program(printed)) == printed
    without_comments = re.sub(r"^//.*\n", "", text, flags=re.MULTILINE)
    if "const 0.5" not in text:  # floats are printed in hexadecimal
        assert printed == without_comments


# The grammar, read from the document: sequences of terms, alternatives of sequences.


@dataclass(frozen=True)
class Term:
    """`kind` is a terminal's text, the name of a rule, or a group with how often it may stand."""

    kind: str  # "text", "rule", "[", "{" or "("
    text: str = ""
    body: tuple[tuple[Term, ...], ...] = ()


def _alternatives(tokens: list[str], closing: str) -> tuple[tuple[Term, ...], ...]:
    """Consumes the tokens up to `closing`."""
    found: list[tuple[Term, ...]] = []
    sequence: list[Term] = []
    while True:
        token = tokens.pop(0)
        match token:
            case _ if token == closing:
                return (*found, tuple(sequence))
            case "|":
                found.append(tuple(sequence))
                sequence = []
            case "[" | "{" | "(":
                sequence.append(Term(token, body=_alternatives(tokens, {"[": "]", "{": "}", "(": ")"}[token])))
            case _ if token.startswith('"'):
                sequence.append(Term("text", token[1:-1]))
            case _:
                sequence.append(Term("rule", token))


def _grammar() -> tuple[Mapping[str, tuple[tuple[Term, ...], ...]], Mapping[str, str]]:
    """The rules, and the regular expressions of the tokens."""
    (text,) = [block.body for block in BLOCKS if block.info == "ebnf"]
    tokens = dict(re.findall(r"^([A-Z]+)\s*= /(.*)/ ;$", text, flags=re.MULTILINE))
    rules: dict[str, tuple[tuple[Term, ...], ...]] = {}
    for name, body in re.findall(r"^([a-z]+)\s*=(.*?) ;$", text, flags=re.MULTILINE | re.DOTALL):
        words = re.findall(r'"[^"]*"|\w+|[\[\]{}()|]', body)
        rules[name] = _alternatives([*words, "end"], "end")
    return rules, tokens


RULES, TOKENS = _grammar()
RESERVED = frozenset(("const", "call", "return", "yield", "func", *GROUPED))
DEEPEST = 7


def _string_token(pattern: str) -> st.SearchStrategy[str]:
    escape = st.sampled_from(('\\"', "\\\\", "\\n", "\\u00e9", "\\ud800"))
    plain = st.characters(exclude_characters='"\\\n\r', exclude_categories=("Cs", "Cc", "Zl", "Zp"))
    return st.lists(escape | plain, max_size=5).map(lambda parts: '"' + "".join(parts) + '"')


@cache
def _token(name: str) -> st.SearchStrategy[str]:
    if name == "STRING":
        return _string_token(TOKENS[name])
    words = st.from_regex(TOKENS[name], fullmatch=True)
    if name in ("VALUE", "FUNCTION"):
        sign = "%" if name == "VALUE" else "@"
        words = st.sampled_from([f"{sign}{c}" for c in ("x", "y", "0", "é.$", "_")]) | words
    if name == "OP":
        words = (st.sampled_from(sorted(CORE.ops)) | words).filter(lambda word: word not in RESERVED)
    if name == "EXTENSION":
        words = words.filter(lambda word: word not in CORE.types)
    return words.filter(lambda word: len(word) < 200)


@st.composite
def sentences(draw: st.DrawFn, rule: str = "program", depth: int = 0) -> list[str]:
    """The tokens of one derivation of a rule; past a depth, the shortest."""
    if rule in TOKENS:
        return [draw(_token(rule))]
    return _derive(draw, RULES[rule], depth)


def _derive(draw: st.DrawFn, alternatives: tuple[tuple[Term, ...], ...], depth: int) -> list[str]:
    chosen = alternatives[draw(st.integers(0, len(alternatives) - 1))] if depth < DEEPEST else alternatives[0]
    found: list[str] = []
    for term in chosen:
        match term.kind:
            case "text":
                found.append(term.text)
            case "rule" if term.text in TOKENS:
                found.append(draw(_token(term.text)))
            case "rule":
                found += _derive(draw, RULES[term.text], depth + 1)
            case "(":
                found += _derive(draw, term.body, depth)
            case _:
                most = {"[": 1, "{": 3}[term.kind] if depth < DEEPEST else 0
                for _ in range(draw(st.integers(0, most))):
                    found += _derive(draw, term.body, depth + 1)
    return found


SPACES = st.sampled_from((" ", " ", "\n", "\t", " // a comment\n", "\r\n", "\u2003"))


@given(st.data())
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_the_parser_takes_what_the_grammar_derives(data: st.DataObject) -> None:
    words = data.draw(sentences())
    text = "".join(word + data.draw(SPACES) for word in words)
    try:
        program = parse_program(text)
    except TypeCheckError as error:
        syntax = [e for e in error.errors if e.code == "HY6001"]
        assert not syntax, f"{text}\n{syntax[0]}"
    else:
        assert parse_program(print_program(program)) == program


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_is_reached(rule: str) -> None:
    used = {word for body in RULES.values() for word in re.findall(r"text='(\w+)'", repr(body))}
    assert rule == "program" or rule in used


def test_the_scalar_types_are_those_of_the_registry() -> None:
    written = {term.text for alternative in RULES["scalar"] for term in alternative if term.kind == "text"}
    assert written == set(CORE.types)


def test_the_groups_are_those_of_the_printer() -> None:
    assert {term.text for alternative in RULES["over"] for term in alternative} == GROUPED
