"""Explanations, error codes and views."""

from __future__ import annotations

import array
import json
from pathlib import Path

import pytest

from hyperion.errors import BufferError_, Span
from hyperion.explain import CandidateReport, Explanation, ProvedEquality
from hyperion.host_buffer import HostBuffer, allocate_view, array_interface, view
from hyperion.interfaces.strategy import Refusal
from hyperion.testing import BufferConformance


def explained(theorem: ProvedEquality | None) -> Explanation:
    span = Span("f.py", 3, 5, 3, 9, "    s = s + x")
    return Explanation(
        "f",
        theorem,
        theorem is not None,
        ("add_comm",),
        (),
        True,
        "O(n)",
        "O(n/p)",
        "parallel",
        (Refusal("join", "not associative", "(a+b)+c = a+(b+c)", "a = 1e16", span),),
        (CandidateReport("join", "sum", "O(n/p)", "chosen"),),
    )


def test_an_explanation_as_text_and_json(tmp_path: Path) -> None:
    theorem = ProvedEquality("f = reduce +\nfor all xs", "join", "aa", "bb", lambda: {"format": "x"})
    found = explained(theorem)
    text = str(found)
    for part in ("O(n) as written, O(n/p) as compiled", "theorem (checked)", "reduce +", "axioms: add_comm"):
        assert part in text
    assert "join: not associative (f.py:3:5)" in text
    assert "counterexample: a = 1e16" in text
    assert json.loads(found.to_json()) == found.json()
    assert found.json()["theorem"] == "f = reduce +\nfor all xs"
    theorem.save(tmp_path / "proof.json")
    assert json.loads((tmp_path / "proof.json").read_text()) == {"format": "x"}


def test_an_explanation_without_theorem() -> None:
    assert "no theorem: the loop runs as written" in str(explained(None))
    assert explained(None).json()["theorem"] is None


class TestHostBuffer(BufferConformance):
    def make(self, nbytes: int) -> HostBuffer:
        return HostBuffer.allocate(nbytes)


def test_a_view_of_an_array_shares_its_memory() -> None:
    values = array.array("i", [1, 2, 3])
    seen = view(values)
    assert (seen.dtype, seen.shape, seen.strides, seen.size, seen.readonly) == ("i32", (3,), (4,), 3, False)
    values[1] = 7
    assert seen.buffer.host()[4] == 7
    assert view(seen) is seen
    assert view(b"ab").readonly
    assert view(array.array("d")).size == 0
    assert array_interface(seen)["typestr"] == "<i4"


@pytest.mark.parametrize(
    ("what", "code"), [(5, "HY2006"), (memoryview(b"abcd")[::2], "HY2005"), (array.array("u", "x"), "HY2003")]
)
def test_what_cannot_be_viewed(what: object, code: str) -> None:
    with pytest.raises(BufferError_, match=code):
        view(what)


def test_new_views() -> None:
    seen = allocate_view("f64", (2, 3))
    assert (seen.strides, seen.buffer.nbytes, seen.contiguous) == ((24, 8), 48, True)
    with pytest.raises(BufferError_, match="HY2003"):
        allocate_view("int", (1,))
    with pytest.raises(BufferError_, match="HY2004"):
        HostBuffer.allocate(-1)


@pytest.mark.parametrize(("dtype", "nbytes"), [("c64", 8), ("c128", 16), ("f16", 2), ("bf16", 2), ("i128", 16)])
def test_every_type_of_elements_has_its_size(dtype: str, nbytes: int) -> None:
    assert allocate_view(dtype, (3,)).buffer.nbytes == 3 * nbytes


@pytest.mark.parametrize("dtype", ["complex64", "complex128"])
def test_complex_arrays_are_viewed_and_given_back(dtype: str) -> None:
    np = pytest.importorskip("numpy")
    values = np.array([1 + 2j, -0.0 - 3j], dtype)
    seen = view(values)
    assert seen.dtype == {"complex64": "c64", "complex128": "c128"}[dtype]

    class Exporter:
        __array_interface__ = array_interface(seen)

    assert np.asarray(Exporter()).tolist() == values.tolist()


@pytest.mark.parametrize("dtype", ["bf16", "i128"])
def test_elements_that_numpy_does_not_have(dtype: str) -> None:
    with pytest.raises(BufferError_, match=f"HY2003: NumPy has no elements of type {dtype}"):
        array_interface(allocate_view(dtype, (1,)))
