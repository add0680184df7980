"""Logs: JSON lines on request, whatever is logged; nothing is configured otherwise."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import hyperion as hp
from hyperion import log
from hyperion.errors import HyperionError, PluginError, Span
from hyperion.log import JsonFormatter, JsonLines, to_json_lines
from hyperion.testing.apart import at_once

INC = "func @inc(%x: i64) -> i64 { %one = const 1 : i64 %y = add.trap %x, %one : i64 return %y }"


@pytest.fixture(autouse=True)
def loggers_are_as_before() -> Iterator[None]:
    def state() -> tuple[Any, ...]:
        return tuple((x.level, tuple(x.handlers), x.propagate) for x in (log.logger(), logging.getLogger()))

    before = state()
    yield
    assert state() == before


def line_of(record: logging.LogRecord) -> dict[str, Any]:
    text = JsonFormatter().format(record)
    assert text.isascii()
    assert text.isprintable()
    return json.loads(text, parse_constant=pytest.fail)


def record_with(fields: object = None, message: object = "m", args: Any = (), **more: Any) -> logging.LogRecord:
    record = logging.LogRecord("hyperion.test", logging.INFO, "f.py", 1, message, args, more.get("exc_info"))
    if fields is not None:
        record.hyperion = fields
    return record


def logged(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_a_line_has_what_a_record_has() -> None:
    record = record_with({"device": "cpu:0", "seconds": 0.5, "parallel": True, "none": None}, "ran %s", ("f",))
    line = line_of(record)
    assert datetime.fromisoformat(line.pop("time")) == datetime.fromtimestamp(round(record.created, 6), UTC)
    assert line == {
        "level": "INFO",
        "logger": "hyperion.test",
        "thread": "MainThread",
        "message": "ran f",
        "fields": {"device": "cpu:0", "seconds": 0.5, "parallel": True, "none": None},
    }


class Hostile:
    def __str__(self) -> str:
        raise RuntimeError("no")

    __repr__ = __str__


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (float("nan"), "nan"),
        (float("-inf"), "-inf"),
        (1 << 70, "an integer of 71 bits"),
        (np.arange(3), "ndarray of shape (3,)"),
        (np.int64(7), "int64 of shape ()"),
        (b"secret", "6 bytes"),
        (Path("a/b"), "a/b"),
        ({1: (2, {3})}, {"1": [2, [3]]}),
        (Hostile(), "<cannot be formatted: RuntimeError>"),
        ("\x1b[2J\n\u2028\ud800", "\x1b[2J\n\u2028\ud800"),
        ("x" * 30_000, "x" * 20_000 + " ... (30000 characters)"),
        (list(range(2000)), list(range(1000))),
    ],
)
def test_fields_of_any_kind_become_json(value: object, shown: object) -> None:
    assert line_of(record_with({"x": value}))["fields"] == {"x": shown}


def test_fields_that_hold_themselves_or_change_are_cut() -> None:
    loop: list[object] = []
    loop.append(loop)
    assert line_of(record_with({"x": loop}))["fields"]["x"] == [[[["list, not shown"]]]]

    many: list[object] = [1] * 1000
    for _ in range(4):
        many = [many] * 1000
    assert len(json.dumps(line_of(record_with({"x": many})))) < 1_000_000

    class Changes(dict[str, object]):
        def items(self) -> Any:
            raise RuntimeError("dictionary changed size during iteration")

    line = line_of(record_with(Changes()))
    assert (line["fields"], line["unformatted"], line["message"]) == ({}, "RuntimeError", "m")


@pytest.mark.parametrize("args", [(1, 2), (Hostile(),)])
def test_a_message_that_cannot_be_formatted_is_a_line_all_the_same(args: Any) -> None:
    assert line_of(record_with(None, "%s", args))["message"].startswith("<cannot be formatted: ")


def test_exceptions_have_code_and_notes() -> None:
    try:
        try:
            raise ValueError("inner")
        except ValueError as inner:
            place = Span("f.py", 3, 7, 3, 8)
            raise HyperionError("HY6001", "it is wrong", place, notes=["because"], hints=["so"]) from inner
    except HyperionError as error:
        found = line_of(record_with(exc_info=(type(error), error, None)))["exception"]
    assert "ValueError: inner" in found.pop("traceback")
    assert found == {
        "type": "HyperionError",
        "message": "it is wrong",
        "code": "HY6001",
        "notes": ["because"],
        "hints": ["so"],
        "place": "f.py:3:7",
    }
    plain = line_of(record_with(exc_info=(OSError, OSError("disk"), None)))["exception"]
    assert (plain["type"], plain["message"]) == ("OSError", "disk")


def test_what_an_instance_does_is_written_with_its_identifiers(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_text('{"message": "before"}\n')
    with hp.Instance() as instance, to_json_lines(path, level="debug"):
        instance.compile(INC, frontend="ir")
        log.logger("test").warning("more")
    lines = logged(path.read_text())
    assert (lines[0]["message"], lines[-1]["message"]) == ("before", "more")
    fields = [line["fields"] for line in lines if line.get("logger") == "hyperion.instance"]
    assert {f["instance"] for f in fields} == {instance.observer.instance}
    assert len({f["correlation"] for f in fields}) == 1
    assert {"compile.begin", "pass.end", "compiled", "progress"} <= {f["kind"] for f in fields}


def test_levels_are_those_that_were_asked_for_and_then_as_before(caplog: pytest.LogCaptureFixture) -> None:
    info, error = io.StringIO(), io.StringIO()
    one = to_json_lines(info)
    with to_json_lines(error, "ERROR"):
        log.logger("x").info("i")
        log.logger("x").debug("d")
        log.logger("x").error("e")
        one.close()
        one.close()
        log.logger("x").info("late")
        log.logger("x").warning("warned")
    assert [line["message"] for line in logged(info.getvalue())] == ["i", "e"]
    assert [line["message"] for line in logged(error.getvalue())] == ["e"]
    assert [r.message for r in caplog.records] == ["i", "e", "warned"]  # others keep hearing what they heard before
    assert not log.logger("x").isEnabledFor(logging.INFO)


def test_a_level_that_somebody_sets_meanwhile_stays() -> None:
    with to_json_lines(io.StringIO(), "DEBUG"):
        log.logger().setLevel(logging.CRITICAL)
    assert log.logger().level == logging.CRITICAL
    log.logger().setLevel(logging.NOTSET)


class Full:
    """A stream without room. It cannot be flushed either."""

    def write(self, text: str) -> None:
        raise OSError(28, "No space left on device")


def test_lines_that_cannot_be_written_are_counted_and_disturb_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with to_json_lines(Full()) as lines:
        log.logger().warning("one")
        log.logger().warning("two")
    assert lines.lost == 2
    closed = io.StringIO()
    closed.close()
    with to_json_lines(closed) as lines:
        log.logger().warning("one")
    assert lines.lost == 1
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("where", "level", "text"),
    [
        (io.StringIO(), "LOUD", "'LOUD' is no level of logs"),
        (io.StringIO(), True, "True is no level"),
        (io.StringIO(), -1, "-1 is no level"),
        (7, "INFO", "logs are written to a path or a stream, not to 7"),
    ],
)
def test_what_is_no_level_or_place_is_refused(where: Any, level: Any, text: str) -> None:
    with pytest.raises(PluginError, match=text) as caught:
        to_json_lines(where, level)
    assert caught.value.code == "HY1043"


def test_a_file_that_cannot_be_opened(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="none"):
        to_json_lines(tmp_path / "none" / "log.jsonl")


def test_lines_of_several_threads_are_whole() -> None:
    out = io.StringIO()
    with to_json_lines(out):

        def work(number: int) -> None:
            for i in range(50):
                log.write(log.logger("t"), logging.INFO, "x" * 100, {"thread": number, "i": i})

        at_once(work, 4)
    lines = logged(out.getvalue())
    assert sorted((x["fields"]["thread"], x["fields"]["i"]) for x in lines) == [
        (n, i) for n in range(4) for i in range(50)
    ]


def test_close_may_come_from_any_thread_and_twice() -> None:
    lines: JsonLines = to_json_lines(io.StringIO())
    at_once(lambda _: lines.close(), 4)
    assert all(not isinstance(h.formatter, JsonFormatter) for h in log.logger().handlers)
