"""Collectives against NumPy: on random shapes and types from one thread, and a long program on eight threads."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hyperion.buffers.host import view
from hyperion.errors import DeviceError
from hyperion.fences import Fence
from hyperion.interfaces.buffer import BufferView
from hyperion.reductions import in_order, proved
from hyperion.testing.apart import at_once
from hyperion_net.end import InProcessNetwork
from hyperion_net.networks import InProcessNetworks

Array = np.ndarray[Any, Any]
PATIENCE = 60.0
DTYPES = {"i8": np.int8, "i64": np.int64, "u32": np.uint32, "f32": np.float32, "f64": np.float64, "c128": np.complex128}
SUMS = {name: in_order("add" if name[0] in "fc" else "add.wrap", name) for name in DTYPES}


def laid_out(array: Array, layout: str) -> Array:
    """The same elements in other memory: with gaps, backwards or transposed."""
    if layout == "gaps":
        wide = np.zeros((*array.shape, 2), array.dtype)
        wide[..., 0] = array
        return wide[..., 0]
    if layout == "backwards":
        return np.flip(np.flip(array).copy()) if array.ndim else array.copy()
    return np.asfortranarray(array) if layout == "transposed" else array.copy()


@settings(max_examples=25, deadline=None)
@given(
    size=st.integers(1, 5),
    dtype=st.sampled_from(list(DTYPES)),
    shape=st.lists(st.integers(0, 3), max_size=3),
    layout=st.sampled_from(["plain", "gaps", "backwards", "transposed"]),
    seed=st.integers(0, 1 << 30),
)
def test_every_collective_is_what_numpy_makes_of_it(
    size: int, dtype: str, shape: list[int], layout: str, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    ends = list(InProcessNetworks().connect(size))
    parts = [rng.integers(-100, 100, shape).astype(DTYPES[dtype]) for _ in ends]
    root = seed % size

    def fresh() -> list[Array]:
        return [laid_out(np.zeros(shape, DTYPES[dtype]), layout) for _ in ends]

    def views(arrays: list[Array]) -> list[BufferView]:
        return [view(a) for a in arrays]

    def done(fences: list[Fence]) -> None:
        assert all(fence.wait(0) for fence in fences)

    inputs = views([laid_out(part, layout) for part in parts])
    total, running = parts[0].copy(), [parts[0].copy()]
    for part in parts[1:]:
        total = total + part
        running.append(total.copy())
    out = fresh()
    done([n.allreduce(inputs[n.rank], view(out[n.rank]), SUMS[dtype]) for n in ends])
    same(out, [total] * size)
    done([n.scan(inputs[n.rank], view(out[n.rank]), SUMS[dtype]) for n in ends])
    same(out, running)
    out = fresh()
    done([n.reduce(inputs[n.rank], view(out[root]) if n.rank == root else None, SUMS[dtype], root) for n in ends])
    same([out[root]], [total])
    everywhere = [fresh() for _ in ends]
    done([n.allgather(inputs[n.rank], views(everywhere[n.rank])) for n in ends])
    for got in everywhere:
        same(got, parts)
    done([n.all_to_all(inputs, views(everywhere[n.rank])) for n in ends])
    for rank, got in enumerate(everywhere):
        same(got, [parts[rank]] * size)
    done([n.scatter(inputs if n.rank == root else None, view(out[n.rank]), root) for n in ends])
    same(out, parts)
    done([n.reduce_scatter([inputs[n.rank]] * size, view(out[n.rank]), SUMS[dtype]) for n in ends])
    same(out, [total] * size)
    done([n.broadcast(view(out[n.rank]), root) for n in ends])
    same(out, [total] * size)


def same(found: list[Array], expected: list[Array]) -> None:
    for got, wanted in zip(found, expected, strict=True):
        assert got.tobytes() == wanted.tobytes()


RANKS, TURNS = 8, 200
KINDS = ("reduce", "gather", "ring", "scan", "broadcast", "wrong", "all")


def program(end: InProcessNetwork, how: Any, seen: list[int]) -> None:
    """The same random operations on every rank; each checks what it got."""
    rng = random.Random(11)
    exchanged: list[Fence] = []
    for turn in range(TURNS):
        kind, root, n = (
            rng.choice(KINDS),
            rng.randrange(RANKS),
            5,
        )
        mine = np.arange(n) + 100 * end.rank + turn
        each = [np.arange(n) + 100 * rank + turn for rank in range(RANKS)]
        out = np.zeros(n, np.int64)
        if kind == "reduce":
            wait(end.allreduce(view(mine), view(out), how))
            assert out.tolist() == sum(each).tolist()
        elif kind == "scan":
            wait(end.scan(view(mine), view(out), how))
            assert out.tolist() == sum(each[: end.rank + 1]).tolist()
        elif kind == "gather":
            rows = np.zeros((RANKS, n), np.int64)
            wait(end.gather(view(mine), [view(row) for row in rows] if end.rank == root else None, root))
            assert end.rank != root or rows.tolist() == np.stack(each).tolist()
        elif kind == "broadcast":
            wait(end.broadcast(view(mine), root))
            assert mine.tolist() == each[root].tolist()
        elif kind == "all":
            rows = np.zeros((RANKS, 1), np.int64)
            wait(end.all_to_all([view(mine[:1] + to) for to in range(RANKS)], [view(row) for row in rows]))
            assert rows[:, 0].tolist() == [int(each[k][0]) + end.rank for k in range(RANKS)]
        elif kind == "ring":
            exchanged.append(end.send(view(mine), (end.rank + 1) % RANKS, turn))
            wait(end.receive(view(out), (end.rank - 1) % RANKS, turn))
            assert out.tolist() == each[(end.rank - 1) % RANKS].tolist()
        else:
            with pytest.raises(DeviceError, match="HY5201"):
                wait(end.barrier() if end.rank == root else end.broadcast(view(mine), root))
        seen[end.rank] += 1
    for fence in exchanged:
        wait(fence)


def wait(fence: Fence) -> None:
    assert fence.wait(PATIENCE), fence.label


def test_a_long_random_program_on_eight_ranks() -> None:
    how = proved("add.wrap", "i64")
    ends = list(InProcessNetworks().connect(RANKS))
    seen = [0] * RANKS

    def run(number: int) -> None:
        with ends[number] as end:
            program(end, how, seen)

    at_once(run, RANKS, PATIENCE)
    assert seen == [TURNS] * RANKS
