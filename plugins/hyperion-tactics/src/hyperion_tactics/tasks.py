"""Recursion without Python's stack: a function over terms of any depth is a generator that yields the calls it
makes."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, TypeAlias, TypeVar

T = TypeVar("T")
Task: TypeAlias = Generator[Any, Any, T]
"""Yields tasks, is sent their results, and returns a T. `Any`: a generator's type says nothing of what it yields to."""


def run(task: Task[T]) -> T:
    """The result of `task`. Its exceptions, and those of the tasks that it waits for, pass to the caller."""
    stack: list[Task[Any]] = [task]
    answer: Any = None
    while stack:
        try:
            wanted = stack[-1].send(answer)
        except StopIteration as stop:
            answer = stop.value
            stack.pop()
        else:
            stack.append(wanted)
            answer = None
    return answer
