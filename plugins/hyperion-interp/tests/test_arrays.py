"""Persistent arrays behave like lists that are copied at every write, in linear time."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hyperion_interp.arrays import PersistentArray
from hyperion_interp.shapes import lines, offsets, strides

SHAPES = st.lists(st.integers(0, 4), min_size=1, max_size=4).map(tuple)


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 3), st.integers()), max_size=80))
def test_versions_are_lists_that_are_copied(edits: list[tuple[int, int, int]]) -> None:
    versions = [PersistentArray([0, 1, 2, 3])]
    copies = [[0, 1, 2, 3]]
    for version, index, value in edits:
        base = version % len(versions)
        versions.append(versions[base].updated(index, value))
        copies.append([*copies[base][:index], value, *copies[base][index + 1 :]])
        assert versions[base].item(index) == copies[base][index]
        assert versions[version // 2 % len(versions)].picked([index]) == [copies[version // 2 % len(copies)][index]]
    assert [v.to_list() for v in versions] == copies


class Counted(list):
    """A list that counts the writes to it and the elements copied from it, its copies included."""

    work = 0

    def __setitem__(self, index: object, value: object) -> None:
        Counted.work += 1
        super().__setitem__(index, value)

    def copy(self) -> Counted:
        Counted.work += len(self)
        return Counted(self)


@pytest.mark.parametrize("n", [64, 1000])
@pytest.mark.parametrize("read", ["first", "before", "both", "middle", "none"])
def test_reads_of_old_versions_between_writes_are_linear(n: int, read: str) -> None:
    Counted.work = 0
    first = middle = array = PersistentArray(Counted(range(n)))
    for index in range(n):
        before, array = array, array.updated(index, -index)
        if index == n // 2:
            middle = array
        if read in ("first", "both"):
            assert first.item(index) == index
        if read in ("before", "both"):
            assert before.item(index) == index
        if read == "middle":
            assert middle.item(0) == 0
    assert array.to_list() == [-index for index in range(n)]
    assert Counted.work <= 12 * n


def test_a_kept_version_does_not_keep_every_later_one() -> None:
    first = array = PersistentArray([0, 0])
    for value in range(100_000):
        array = array.updated(value % 2, value)
    chain = first
    length = 0
    while chain._next is not None:
        chain, length = chain._next, length + 1
    assert length <= 4
    assert (first.to_list(), array.to_list()) == ([0, 0], [99_998, 99_999])


def test_a_long_chain_of_versions_is_read_and_freed() -> None:
    n = 200_000
    first = array = PersistentArray([0] * n)
    for value in range(n):
        array = array.updated(value, value)
    assert first.item(1) == 0
    assert array.item(n - 1) == n - 1
    assert first.item(n - 1) == 0
    del array, first


@given(SHAPES)
def test_nested_lists_are_those_of_numpy(shape: tuple[int, ...]) -> None:
    expected = np.arange(np.prod(shape, dtype=int)).reshape(shape)
    array = PersistentArray(list(range(expected.size)), shape)
    assert array.nested() == expected.tolist()
    assert array.size == expected.size


@given(SHAPES, st.data())
def test_offsets_walk_all_indices_in_order(shape: tuple[int, ...], data: st.DataObject) -> None:
    steps = data.draw(st.tuples(*(st.integers(-5, 5) for _ in shape)))
    expected = [7 + sum(i * s for i, s in zip(index, steps, strict=True)) for index in product(*map(range, shape))]
    assert list(offsets(shape, steps, 7)) == expected
    assert list(offsets(shape, strides(shape))) == list(range(len(expected)))
    assert list(offsets((), (), 3)) == [3]


@given(SHAPES, st.data())
def test_lines_are_numpys(shape: tuple[int, ...], data: st.DataObject) -> None:
    axis = data.draw(st.integers(0, len(shape) - 1))
    places = np.arange(np.prod(shape, dtype=int)).reshape(shape)
    moved = np.moveaxis(places, axis, -1)
    expected = moved.reshape(-1, shape[axis]).tolist() if places.size else []
    assert [list(line) for line in lines(shape, axis)] == expected
