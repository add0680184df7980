"""The loops of `library.py`: those of the other benchmarks, the demo and the documents, and loops with literals.

A loop is text, so that a literal can stand as `K` and be one number or another.
"""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import dedent
from typing import Literal


@dataclass(frozen=True, slots=True)
class Loop:
    """`literal` and `other` are what K stands for, in the loop and in another of its shape."""

    name: str
    parameters: str
    start: str
    step: str
    result: str
    overflow: Literal["trap", "wrap"] = "trap"
    elements: tuple[str, ...] = ("int64",)
    literal: str = ""
    other: str = ""
    fp: Literal["ieee", "reassoc"] = "ieee"

    def text(self, literal: str) -> str:
        """The function `f`."""
        over = "xs" if self.parameters == "xs" else "range(n)"
        step = dedent(self.step).strip().replace("\n", "\n        ")
        lines = (
            f"def f({self.parameters}):", f"    {self.start}", f"    for x in {over}:", f"        {step}",
            f"    return {self.result}", "",
        )  # fmt: skip
        return "\n".join(lines).replace("K", literal)


BOTH = ("int32", "int64")
LOOPS = (
    Loop("sum", "xs", "s = 0", "s += x", "s", elements=BOTH),
    Loop("max prefix sum", "xs", "s, best = 0, 0", "s += x\nbest = max(best, s)", "best", elements=BOTH),
    Loop("max segment sum", "xs", "here, best = 0, 0", "here = max(here + x, 0)\nbest = max(best, here)", "best",
         elements=BOTH),
    Loop("max segment sum, `if`", "xs", "here, best = 0, 0",
         "here += x\nif here < 0:\n    here = 0\nif here > best:\n    best = here", "best", elements=BOTH),
    Loop("largest drop (demo)", "xs", "peak, worst = 0, 0", "peak = max(peak, x)\nworst = max(worst, peak - x)",
         "worst"),
    Loop("Fibonacci", "n", "a, b = 0, 1", "a, b = b, a + b", "a", overflow="wrap"),
    Loop("power", "base, n", "r = 1", "r *= base", "r", overflow="wrap"),
    Loop("float sum, regrouped (tutorial)", "xs", "s = 0.0", "s += x", "s", elements=("float64",), fp="reassoc"),
    Loop("polynomial hash", "xs", "h = 0", "h = h * K + x", "h", "wrap", BOTH, "31", "37"),
    Loop("linear congruence", "xs", "h = 7", "h = h * K + x * 3 + 11", "h", "wrap", literal="1103", other="2207"),
    Loop("count above", "xs", "n = 0", "if x > K:\n    n += 1", "n", literal="10", other="12", elements=BOTH),
    Loop("sum of those above", "xs", "s = 0", "if x > K:\n    s += x", "s", literal="100", other="250"),
    Loop("weighted sum", "xs", "s = 0", "s += x * K", "s", "wrap", literal="3", other="5"),
    Loop("clipped sum", "xs", "s = 0", "s += min(x, K)", "s", literal="1000", other="500", elements=("int32",)),
    Loop("highest, above a floor", "xs", "best = K", "best = max(best, x)", "best", literal="-7", other="-9"),
    Loop("drawdown from a start", "xs", "peak, worst = K, 0", "peak = max(peak, x)\nworst = max(worst, peak - x)",
         "worst", literal="50", other="75", elements=("int32",)),
    Loop("recurrence of order two", "n", "a, b = 2, 5", "a, b = b, K * b + 3 * a", "a", "wrap", literal="4", other="6"),
    Loop("discounted float sum, regrouped", "xs", "s = 0.0", "s = s * K + x", "s", elements=("float64",),
         literal="0.5", other="0.25", fp="reassoc"),
)  # fmt: skip
