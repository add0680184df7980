"""The types of arguments."""

from __future__ import annotations

import array
from typing import Any

import numpy as np
import pytest

from hyperion.buffers.host import view
from hyperion.errors import HyperionError
from hyperion_python.frontend import PythonFrontend

SIGNATURE = PythonFrontend().signature


def test_scalars() -> None:
    arguments = (True, 5, 2.5, np.int8(5), np.uint32(5), np.uint64(5), np.float32(1), np.float16(1), np.float64(1))
    assert [str(t) for t in SIGNATURE(arguments)] == ["bool", "i64", "f64", "i64", "i64", "u64", "f32", "f16", "f64"]
    assert str(SIGNATURE((np.bool_(True),))[0]) == "bool"
    assert [str(t) for t in SIGNATURE((-(2**63), 2**63 - 1))] == ["i64", "i64"]


def test_arrays_have_symbolic_sizes_by_position() -> None:
    names = ["bool", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8"]
    wanted = ["bool", "i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64", "f16", "f32", "f64"]
    types = SIGNATURE(tuple(np.zeros(2, dtype=n) for n in names))
    assert [str(t) for t in types] == [f"{t}[n{i}]" for i, t in enumerate(wanted)]


@pytest.mark.parametrize("value", [2**63, -(2**63) - 1, 10**5000], ids=["above", "below", "huge"])
def test_an_int_outside_64_bits(value: int) -> None:
    with pytest.raises(OverflowError) as caught:
        SIGNATURE((1, value))
    assert isinstance(caught.value, HyperionError)
    assert caught.value.code == "HY6122"
    assert caught.value.hints
    assert "argument 2" in caught.value.message


REFUSED = [
    np.zeros((2, 2, 2)), np.array(3), np.zeros(2, dtype=">i4"), np.zeros(2, dtype="M8[s]"), np.zeros(2, dtype=object),
    np.zeros(2, dtype=complex), np.zeros(2, dtype="U3"), np.zeros(2, dtype=[("a", "i4")]), np.zeros(2, dtype="S1"),
    np.zeros(2, dtype=np.longdouble), np.ma.zeros(2), [1, 2], (1, 2), "text", None, 1j, {}, np.complex64(1),
    np.longdouble(1), np.datetime64("2020"), np.timedelta64(1), range(3), array.array("f", [1]),
    view(np.zeros(2, complex)), view(np.zeros((2, 2, 2))), view(np.float64(1)),
]  # fmt: skip


@pytest.mark.parametrize("value", REFUSED, ids=lambda v: f"{type(v).__name__} {getattr(v, 'dtype', '')}")
def test_refused(value: Any) -> None:
    with pytest.raises(TypeError) as caught:
        SIGNATURE((value,))
    error = caught.value
    assert isinstance(error, HyperionError)
    assert error.code in ("HY6120", "HY6121")
    assert error.hints
    assert "argument 1" in error.message


def test_what_shows_its_memory_is_an_array() -> None:
    xs = np.zeros((2, 3), "i2")
    given = (view(xs), memoryview(xs), array.array("d", [1]), b"ab", bytearray(b"ab"))
    assert [str(t) for t in SIGNATURE(given)] == ["i16[n0, m0]", "i16[n1, m1]", "f64[n2]", "u8[n3]", "u8[n4]"]
