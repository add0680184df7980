"""What calls take, by the table of docs/reference/buffers.md: one answer, or one refusal, wherever it runs."""

from __future__ import annotations

import array
import ctypes
import gc
import weakref
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import hyperion as hp
from hyperion.errors import HyperionError
from hyperion.interfaces.buffer import BufferView
from hyperion.interfaces.executor import Executor

TYPES = ("bool", "i8", "u64", "i64", "f32", "f64", "u8[n]", "i32[n]", "i64[n]", "f32[n]", "i64[n, m]")
INTERPRETED = (
    "u8", "i128", "bf16", "c64", "c128", "int", "real", "bool[n]", "f16[n]", "f64[n]", "bf16[n]", "c64[n]", "i128[n]",
    "i64[n, m, k]", "(i64, f32[n])",
)  # fmt: skip
"""What the processors have no code for, and what takes a while to compile for them and is no different there."""
INTEGERS = "i8 u8 i64 u64 i128 int real"


@dataclass(frozen=True)
class Case:
    given: Any
    takes: str = ""
    """The parameters that take it."""
    code: str = "HY6121"
    """Of the others."""
    out_of_range: str = ""
    """Parameters that it is too large or too small for."""

    def expected(self, kind: str) -> str:
        kinds = self.takes.replace(", ", ",").split()
        if kind.replace(", ", ",") in kinds:
            return "taken"
        return "HY6122" if kind in self.out_of_range.split() else self.code


class Exporter:
    """Shows the memory of an array by one protocol."""

    def __init__(self, kept: Any, *names: str) -> None:
        self._kept, self._names = kept, names

    def __getattr__(self, name: str) -> Any:
        if name in self._names:
            return getattr(self._kept, name)
        raise AttributeError(name)


class DLPack:
    def __init__(self, kept: Any) -> None:
        self._kept = kept

    def __dlpack__(self, **options: Any) -> Any:
        return self._kept.__dlpack__(**options)

    def __dlpack_device__(self) -> Any:
        return self._kept.__dlpack_device__()


class Subclass(np.ndarray):
    pass


def read_only(xs: Any) -> Any:
    xs.flags.writeable = False
    return xs


NUMBERS = np.arange(3)
CASES = {
    "True": Case(True, "bool", "HY6120"),
    "5": Case(5, INTEGERS, "HY6120"),
    "-1": Case(-1, "i8 i64 i128 int real", "HY6120", "u8 u64"),
    "300": Case(300, "i64 u64 i128 int real", "HY6120", "i8 u8"),
    "2**63": Case(2**63, "u64 i128 int real", "HY6120", "i8 u8 i64"),
    "2**200": Case(2**200, "int real", "HY6120", "i8 u8 i64 u64 i128"),
    "0.5": Case(0.5, "f32 f64 bf16", "HY6120"),
    "0.1": Case(0.1, "f64", "HY6120"),
    "1.0": Case(1.0, "f32 f64 bf16", "HY6120"),
    "nan": Case(float("nan"), "f32 f64 bf16", "HY6120"),
    "1e300": Case(1e300, "f64", "HY6120"),
    "1j": Case(1j, "c64 c128", "HY6120"),
    "0.1j": Case(0.1j, "c128", "HY6120"),
    "a fraction": Case(Fraction(1, 3), "real", "HY6120"),
    "None": Case(None, "", "HY6120"),
    "text": Case("12", "", "HY6120"),
    "a range": Case(range(3), "", "HY6120"),
    "np.bool_": Case(np.bool_(True), "bool", "HY6120"),
    "np.int8": Case(np.int8(5), INTEGERS, "HY6120"),
    "np.int64": Case(np.int64(-1), "i8 i64 i128 int real", "HY6120", "u8 u64"),
    "np.uint64": Case(np.uint64(2**63), "u64 i128 int real", "HY6120", "i8 u8 i64"),
    "np.uint16": Case(np.uint16(0x3FC0), "i64 u64 i128 int real bf16", "HY6120", "i8 u8"),
    "np.float16": Case(np.float16(0.5), "", "HY6120"),
    "np.float32": Case(np.float32(0.1), "f32", "HY6120"),
    "np.float64": Case(np.float64(0.5), "f64", "HY6120"),
    "np.longdouble": Case(np.longdouble(1), "", "HY6120"),
    "np.complex64": Case(np.complex64(1j), "c64", "HY6120"),
    "np.datetime64": Case(np.datetime64("2020"), "", "HY6120"),
    "np.timedelta64": Case(np.timedelta64(1), "", "HY6120"),
    "no axes": Case(np.array(5)),
    "a view without axes": Case(hp.view(np.array(5))),
    "bool": Case(np.array([True, False]), "bool[n]"),
    "uint8": Case(np.arange(3, dtype="u1"), "u8[n]"),
    "uint16": Case(np.array([0x3FC0, 0x8000], "u2"), "bf16[n]"),
    "int32": Case(np.arange(3, dtype="i4"), "i32[n]"),
    "int64": Case(NUMBERS, "i64[n]"),
    "long long": Case(np.arange(3, dtype="q"), "i64[n]"),
    "uint64": Case(np.arange(3, dtype="u8")),
    "float16": Case(np.array([0.5, -0.0, np.inf], "f2"), "f16[n]"),
    "float32": Case(np.array([0.1, np.nan], "f4"), "f32[n]"),
    "float32 that bf16 holds": Case(np.array([0.5, np.nan, -np.inf], "f4"), "f32[n] bf16[n]"),
    "float64": Case(np.array([0.1]), "f64[n]"),
    "longdouble": Case(np.zeros(2, np.longdouble)),
    "complex64": Case(np.array([1j], "c8"), "c64[n]"),
    "objects": Case(np.array([1, 2], object), "i128[n]"),
    "objects, one too large": Case(np.array([1, 2**127], object)),
    "text in an array": Case(np.array(["a"])),
    "records": Case(np.zeros(2, [("a", "i8")])),
    "ticks": Case(np.zeros(2, "M8[s]")),
    "two axes": Case(np.arange(6).reshape(2, 3), "i64[n,m]"),
    "three axes": Case(np.arange(6).reshape(1, 2, 3), "i64[n,m,k]"),
    "Fortran's order": Case(np.asfortranarray(np.arange(6).reshape(2, 3)), "i64[n,m]"),
    "foreign byte order": Case(NUMBERS.astype(NUMBERS.dtype.newbyteorder())),
    "misaligned": Case(np.frombuffer(b"x" + NUMBERS.tobytes(), "i8", offset=1), "i64[n]"),
    "read-only": Case(read_only(np.arange(3)), "i64[n]"),
    "backwards": Case(NUMBERS[::-1], "i64[n]"),
    "with gaps": Case(np.arange(9)[::3], "i64[n]"),
    "one element repeated": Case(np.broadcast_to(np.int64(7), (3,)), "i64[n]"),
    "no elements": Case(np.zeros(0, "i8"), "i64[n]"),
    "no rows": Case(np.zeros((0, 3), "i8"), "i64[n,m]"),
    "masked": Case(np.ma.masked_array([1, 2], [True, False])),
    "a subclass": Case(NUMBERS.view(Subclass)),
    "a list": Case([1, 2], "", "HY6120"),
    "a tuple": Case((1, 2), "", "HY6120"),
    "a tuple of the kinds": Case((1, np.zeros(2, "f4")), "(i64,f32[n])", "HY6120"),
    "bytes": Case(b"abc", "u8[n]"),
    "bytearray": Case(bytearray(b"abc"), "u8[n]"),
    "memoryview": Case(memoryview(NUMBERS)[::-1], "i64[n]"),
    "memoryview of floats": Case(memoryview(np.array([0.1], "f4"))),
    "array.array": Case(array.array("q", [1, 2]), "i64[n]"),
    "array.array of floats": Case(array.array("f", [1, 2])),
    "ctypes": Case((ctypes.c_int32 * 2)(1, 2), "i32[n]"),
    "__array_interface__": Case(Exporter(NUMBERS, "__array_interface__"), "i64[n]"),
    "__dlpack__": Case(DLPack(np.array([0.1], "f4")), "f32[n]"),
    "a view": Case(hp.view(np.arange(9)[::-2]), "i64[n]"),
    "a read-only view": Case(hp.view(NUMBERS).read_only(), "i64[n]"),
    "a view of f32": Case(hp.view(np.array([0.1], "f4")), "f32[n]"),
    "a view of bf16": Case(BufferView(hp.view(np.array([0x3FC0], "u2")).buffer, "bf16", (1,), (2,)), "bf16[n]"),
    "a view of i128": Case(BufferView(hp.view(np.array([5, 0, 7, 0])).buffer, "i128", (2,), (16,)), "i128[n]"),
}
Call = Callable[[str, Any], object]


@pytest.fixture(scope="module")
def calls() -> Iterator[dict[str, Call]]:
    """Calls the function of a parameter of that type which gives back what it is given."""
    functions: dict[tuple[str, str], Any] = {}

    with hp.Instance() as instance:

        def function(kind: str, target: str) -> Any:
            if (kind, target) not in functions:
                text = f"func @same(%x: {kind}) -> ({kind}) {{ return %x }}"
                functions[kind, target] = instance.compile(text, frontend="ir", target=target)["same"]
            return functions[kind, target]

        def executing(executor: Executor, target: str) -> Call:
            return lambda kind, given: executor.execute(function(kind, target), [given])[0]

        def submitting(executor: Executor, target: str) -> Call:
            return lambda kind, given: executor.submit(function(kind, target), [given]).result(20)[0]

        with (
            instance.executor(["cpu:0"]) as cpu,
            instance.executor(["virtual:0"]) as virtual,
            instance.executor([instance.device("virtual:1", asynchronous=True)]) as late,
            instance.executor(["cpu:0", "virtual:2"]) as both,
        ):
            yield {
                'module["f"]': lambda kind, given: function(kind, "cpu")(given),
                'module["f"], interpreted': lambda kind, given: function(kind, "reference")(given),
                "execute on cpu:0": executing(cpu, "cpu"),
                "submit to cpu:0": submitting(cpu, "cpu"),
                "execute on virtual:0": executing(virtual, "reference"),
                "submit to virtual:0": submitting(virtual, "reference"),
                "an asynchronous device": executing(late, "reference"),
                "execute on cpu:0 and virtual:2": executing(both, "cpu"),
            }


def outcome(call: Callable[[], object]) -> tuple[str, str]:
    """`taken` and the answer, or the code and the text of the error."""
    try:
        found = call()
    except HyperionError as error:
        return error.code, str(error)
    return "taken", shown(found)


def shown(found: Any) -> str:
    if isinstance(found, tuple):
        return f"({', '.join(map(shown, found))})"
    if isinstance(found, BufferView) and found.dtype in ("bf16", "i128"):
        found = hp.view(np.frombuffer(bytes(found.host()), "u2")) if found.dtype == "bf16" else found
        if isinstance(found, BufferView) and found.dtype == "i128":
            return str(np.frombuffer(bytes(found.host()), "i8")[::2].tolist())
        return str((np.asarray(found).astype("u4") << 16).view("f4").tolist())
    if isinstance(found, BufferView | np.ndarray):
        return str(np.asarray(found).tolist())
    return f"{type(found).__name__} {found}"


@pytest.mark.parametrize("name", CASES)
def test_each_call_says_the_same(calls: dict[str, Call], name: str) -> None:
    case = CASES[name]
    told: dict[str, str] = {}
    for kind in (*TYPES, *INTERPRETED):
        able = {
            place: call
            for place, call in calls.items()
            if kind in TYPES or not ("cpu" in place or place == 'module["f"]')
        }
        found = {place: outcome(lambda call=call: call(kind, case.given)) for place, call in able.items()}  # noqa: B023  called at once
        first = next(iter(found.values()))
        assert all(each == first for each in found.values()), (kind, found)
        told[kind] = first[0]
    assert told == {kind: case.expected(kind) for kind in (*TYPES, *INTERPRETED)}


PYTHONS = (
    "bool",
    "i64",
    "u64",
    "f32",
    "f64",
    "bool[n]",
    "u8[n]",
    "i32[n]",
    "i64[n]",
    "f16[n]",
    "f32[n]",
    "f64[n]",
    "i64[n, m]",
)
"""What a Python function can be compiled for."""


@pytest.mark.parametrize("name", CASES)
def test_jit_compiles_for_what_it_is_given(calls: dict[str, Call], name: str) -> None:
    case = CASES[name]
    signature = hp.default_instance().frontend("python").signature
    found = outcome(lambda: str(signature((case.given,))[0]).replace("n0", "n").replace("m0", "m"))
    kinds = [kind for kind in PYTHONS if case.expected(kind) == "taken"]
    if found[0] == "taken":
        kind = found[1].removeprefix("str ")
        assert kind in kinds or kind not in (*TYPES, *INTERPRETED)
    elif isinstance(case.given, int):
        assert found == outcome(lambda: calls['module["f"]']("i64", case.given))
    else:
        assert (kinds, found[0]) == ([], case.code)
        if not case.takes and case.given is not CASES["objects, one too large"].given:
            assert found == outcome(lambda: calls['module["f"], interpreted']("i64[n]", case.given))


@hp.jit
def total(xs, k):
    s = 0
    for x in xs:
        s += x * k
    return s


NUMBERED = """
func @scaled(%xs: i64[n], %ys: i64[n], %k: i64) -> i64[n] {
  %zs = map (%xs, %ys) {
    ^(%x: i64, %y: i64):
      %a = mul.trap %x, %k : i64
      %z = add.trap %a, %y : i64
      yield %z
  }
  return %zs
}
"""


def test_views_are_read_where_they_are() -> None:
    xs = np.arange(1000)
    seen = hp.view(xs)
    with hp.Instance() as instance:
        function = instance.compile(total, arguments=(xs, 2))["total"]
        scaled = instance.compile(NUMBERED, frontend="ir")["scaled"]
        assert total(seen, 2) == function(seen, 2) == 999_000
        assert scaled(seen, xs, 2).tolist() == (3 * xs).tolist()
        assert total.explain(seen, 2).taken == total.explain(xs, 2).taken
        xs[0] = 5
        assert total(seen, 2) == function(seen, 2) == function(hp.view(xs)[::-1], 2) == 999_010
        with pytest.raises(OverflowError, match="HY5101"):  # the source runs again, with the view
            function(seen, 2**62)
        copied = hp.view(xs, mode="copy")
        copied.buffer.free()
        for call in (lambda: total(copied, 2), lambda: function(copied, 2), lambda: scaled(seen, copied, 1)):
            with pytest.raises(BufferError, match="HY2007"):
                call()


def test_a_call_keeps_no_view() -> None:
    xs = np.arange(10)
    watched = weakref.ref(xs)
    seen = hp.view(xs)
    assert total(seen, 1) == 45
    del xs, seen
    gc.collect()
    assert watched() is None


def test_views_of_a_device_are_refused_on_the_host() -> None:
    with hp.Instance() as instance:
        device = instance.device("virtual:0")
        there = BufferView(device.allocate(24), "i64", (3,), (8,))
        device.copy(hp.view(np.arange(3)), there)
        device.synchronize()
        function = instance.compile(total, arguments=(np.arange(3), 2))["total"]
        interpreted = instance.compile(total, arguments=(np.arange(3), 2), target="reference")["total"]
        for call in (function, interpreted, total):
            with pytest.raises(BufferError) as caught:
                call(there, 2)
            text = str(caught.value)
            assert text.startswith("HY2002: argument 1 of total lies in the device memory of virtual:0, and the call")
            assert "instance.executor(['virtual:0']).execute(f, [view])" in text
        with instance.executor([device]) as executor:
            assert executor.execute(function, [there, 2]) == (6,)


def test_sizes_and_numbers_of_arguments(calls: dict[str, Call]) -> None:
    xs = np.arange(3)
    with hp.Instance() as instance:
        scaled, alone = (instance.compile(NUMBERED, frontend="ir", target=t)["scaled"] for t in ("cpu", "reference"))
        with instance.executor(["cpu:0"]) as cpu, instance.executor(["virtual:0"]) as virtual:
            ways: list[Callable[..., object]] = [scaled, alone]
            ways += [lambda *given, e=e: e.execute(scaled, given) for e in (cpu, virtual)]
            ways += [lambda *given, e=e: e.submit(scaled, given).result(20) for e in (cpu, virtual)]
            for given, error, text in (
                (
                    (xs, xs),
                    TypeError,
                    "HY6113: scaled takes 3 arguments, 2 given\n  try: scaled(xs: i64[n], ys: i64[n], k: i64)",
                ),
                ((xs, xs[1:], 1), ValueError, "HY6113: argument 2 of scaled has 2 elements, expected n = 3"),
                (
                    (xs, xs, 1.0),
                    TypeError,
                    "HY6120: argument 3 of scaled is 1.0 (float), expected i64\n  try: int(x) leaves the fraction out",
                ),
                (
                    (xs, xs, 2**63),
                    OverflowError,
                    "HY6122: argument 3 is 9223372036854775808, outside the range of i64\n",
                ),
            ):
                for way in ways:
                    with pytest.raises(error) as caught:
                        way(*given)
                    assert str(caught.value).startswith(text)


def test_arrays_of_exact_integers_are_interpreted() -> None:
    with hp.Instance() as instance:
        text = "func @same(%x: int[n]) -> (int[n]) { return %x }"
        function = instance.compile(text, frontend="ir", target="reference")["same"]
        assert function(np.array([2**100, -1], object)).tolist() == [2**100, -1]
        assert function(np.array([1, 2], "u2")).tolist() == [1, 2]
        for wrong in (np.array([1.0], object), np.array([True], object), np.array([0.5])):
            with pytest.raises(TypeError, match="HY6121"):
                function(wrong)


class Shifting(np.ndarray):
    """Its elements are not what its memory says."""

    def __getitem__(self, index: Any) -> Any:
        return np.asarray(self)[index] + 1


def test_what_is_split_is_refused_as_what_runs_whole() -> None:
    xs = np.arange(200_000)
    with hp.Instance() as instance:
        function = instance.compile(total, arguments=(xs, 2))["total"]
        with instance.executor(["cpu:0", "cpu:1"], launch=0.0) as executor:
            for ask in (executor.execute, executor.plan):
                with pytest.raises(TypeError, match="HY6121: argument 1 is a Shifting"):
                    ask(function, [xs.view(Shifting), 2])
