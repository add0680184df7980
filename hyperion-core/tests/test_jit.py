"""`hp.jit`: signatures, threads, keywords, and errors of use."""

from __future__ import annotations

from typing import Any

import pytest

import hyperion as hp
from hyperion.errors import TypeCheckError


def twice(x: Any) -> Any:
    """func @twice(%x: T1) -> T1 { %y = add.MODE %x, %x : T1 return %y }"""


def both(x: Any, y: Any = 10) -> Any:
    """func @both(%x: i64, %y: i64) -> (i64, i64) { return %x, %y }"""


def test_bare_and_called_are_the_same(instance: hp.Instance) -> None:
    for function in (
        hp.jit(twice, instance=instance),
        hp.jit(instance=instance)(twice),
        hp.jit(twice, overflow="trap", fp="ieee", instance=instance),
    ):
        assert function(4) == 8
        assert function.function is twice
        assert function.__name__ == "twice"
        assert function.__doc__ == twice.__doc__
        assert function.__wrapped__ is twice


def test_each_signature_is_compiled_once(instance: hp.Instance, tiny: Any) -> None:
    function = hp.jit(both, instance=instance)
    for _ in range(3):
        assert function(1, 2) == (1, 2)
    assert len(tiny.frontend.lowered) == 1
    with pytest.raises(TypeCheckError):
        function(object(), 2)
    assert function(1, 2) == (1, 2)
    assert len(tiny.frontend.lowered) == 1
    assert repr(function) == "<hp.jit both, 1 compiled>"


def test_keywords_and_defaults(instance: hp.Instance) -> None:
    function = hp.jit(both, instance=instance)
    assert function(y=2, x=1) == (1, 2)
    assert function(1) == (1, 10)
    assert function(1, 3) == (1, 3)
    assert function(1) == (1, 10)
    with pytest.raises(TypeError, match=r"both\(\) got an unexpected keyword argument 'z'"):
        function(1, z=2)
    with pytest.raises(TypeError, match=r"both\(\) missing a required argument: 'x'"):
        function()
    with pytest.raises(TypeError, match=r"both\(\) too many positional arguments"):
        function(1, 2, 3)


def test_other_types_get_their_own_version(instance: hp.Instance, tiny: Any) -> None:
    def same(x: Any) -> Any:
        """func @same(%x: T1) -> T1 { return %x }"""

    function = hp.jit(same, instance=instance)
    assert [function(1), function(1.5), function(True), function([1, 2]), function(2)] == [1, 1.5, True, [1, 2], 2]
    assert len(tiny.frontend.lowered) == 4


def test_threads_compile_a_signature_once(instance: hp.Instance, tiny: Any, in_threads: Any) -> None:
    function = hp.jit(twice, instance=instance)
    assert in_threads(lambda: function(3), 8) == [6] * 8
    assert len(tiny.frontend.lowered) == 1


def test_overflow_reaches_the_frontend(instance: hp.Instance) -> None:
    largest = (1 << 63) - 1
    assert hp.jit(twice, overflow="wrap", instance=instance)(largest) == -2
    assert hp.jit(twice, overflow="sat", instance=instance)(largest) == largest
    function = hp.jit(twice, instance=instance)
    for _ in range(2):
        with pytest.raises(OverflowError):
            function(largest)


def test_what_is_found_out(instance: hp.Instance) -> None:
    function = hp.jit(twice, instance=instance)
    found = function.explain(4)
    assert (found.theorem, found.checked, found.parallel, found.taken) == (None, False, False, "sequential")
    assert found.source_cost == found.chosen_cost == "O(1)"
    assert "func @twice(%x: i64) -> i64" in function.ir(4)
    assert function.lower(4, emit="llvm") == "llvm of twice"


def test_a_loop_without_end_is_explained_at_once(instance: hp.Instance) -> None:
    def forever(x: Any) -> Any:
        """func @forever(%x: i64) -> i64 {
          %y = while (%x) { ^(%s: i64): %on = const true : bool yield %on } { ^(%z: i64): yield %z }
          return %y
        }"""

    assert hp.jit(forever, instance=instance).explain(1).taken == "sequential"


def test_the_options_and_the_instance_are_there_to_read(instance: hp.Instance) -> None:
    function = hp.jit(twice, overflow="wrap", instance=instance)
    assert (function.options.overflow, function.options.fp) == ("wrap", "ieee")
    assert function.instance is instance
    assert hp.jit(twice).instance is None


@pytest.mark.parametrize("wrong", [5, print, "f", type])
def test_only_functions_are_jitted(wrong: Any) -> None:
    with pytest.raises(TypeCheckError, match="HY6033"):
        hp.jit(wrong)


def test_unknown_options_are_refused_at_once() -> None:
    with pytest.raises(TypeCheckError, match=r"HY6032: fp='fast' is no choice"):
        hp.jit(twice, fp="fast")  # type: ignore[call-overload] - that is the point


def test_a_refused_compilation_is_tried_again(instance: hp.Instance) -> None:
    def broken(x: Any) -> Any:
        """func @broken(%x: i64) -> i64 { return %y }"""

    function = hp.jit(broken, instance=instance)
    for _ in range(2):
        with pytest.raises(TypeCheckError):
            function(1)


def test_a_closed_instance_is_an_error_and_a_closed_default_is_replaced(instance: hp.Instance) -> None:
    function = hp.jit(twice, instance=instance)
    assert function(1) == 2
    instance.close()
    with pytest.raises(hp.HyperionError, match="HY1008"):
        function.explain(1)
