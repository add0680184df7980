"""No test can wait for ever: on a thread, a future, an event or a process that does not end."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent
TESTS = sorted(
    file
    for pattern in ("hyperion-*/tests", "plugins/*/tests", "tests", "hyperion-core/src/hyperion/testing")
    for folder in REPOSITORY.glob(pattern)
    for file in folder.rglob("*.py")
)
WAITS = {"acquire", "communicate", "exception", "join", "result", "wait"}
# Most files have none of these, and are not parsed.
PERHAPS = re.compile(rf"subprocess|os\.(fork|wait)|ThreadPoolExecutor|\.({'|'.join(WAITS)})\((\)|\w+=)")
APART = "; hyperion.testing.apart has what ends in time"


def unbounded(source: str) -> list[str]:
    """The waits without a limit, with their lines."""
    if not PERHAPS.search(source):
        return []
    found = [(n.lineno, why) for n in ast.walk(ast.parse(source)) for why in (_why(n),) if why]
    return [f"line {line}: {why}" for line, why in sorted(found)]


def _why(node: ast.AST) -> str:
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Name("subprocess"), attr="run" | "check_output" | "check_call")):
            return "" if _timeout(node) else "a process without `timeout`"
        case ast.Call(func=ast.Attribute(value=ast.Name("os"), attr="fork" | "waitpid" | "wait" as attribute)):
            return f"os.{attribute}{APART}"
        case ast.Call(func=ast.Attribute(attr=attribute), args=[]) if attribute in WAITS and not _timeout(node):
            return f".{attribute}() without a limit"
        case ast.Name("ThreadPoolExecutor") | ast.Attribute(attr="ThreadPoolExecutor"):
            return f"ThreadPoolExecutor joins its threads{APART}"
        case _:
            return ""


def _timeout(call: ast.Call) -> bool:
    return any(keyword.arg in ("timeout", None) for keyword in call.keywords)


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("subprocess.run(['ls'])\nsubprocess.run(['ls'], timeout=1)", 1),
        ("child = os.fork()\nos.waitpid(child, 0)", 2),
        ("thread.join()\nthread.join(1)\nthread.join(timeout=1)\n'x'.join(words)", 1),
        ("event.wait()\nlock.acquire()\nfuture.result()\nfuture.exception()\nchild.communicate(input=b'')", 5),
        ("with ThreadPoolExecutor(1) as pool:\n  pass\nconcurrent.futures.ThreadPoolExecutor()", 2),
        ("with lock:\n  call.outcome()", 0),
    ],
)
def test_what_has_no_limit_is_found(source: str, lines: int) -> None:
    assert len(unbounded(source)) == lines


def test_every_wait_of_a_test_has_a_limit() -> None:
    found = {str(f.relative_to(REPOSITORY)): unbounded(f.read_text(encoding="utf-8")) for f in TESTS}
    found["hyperion-core/src/hyperion/testing/apart.py"].clear()  # which is how tests fork
    assert not {file: lines for file, lines in found.items() if lines}
