"""Type rules of ops on arrays, and the builder's methods for them: what the interpreter computes, what is refused."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from hyperion.errors import TypeCheckError
from hyperion.ir import Builder, Program, Value, parse_program, print_program, verify
from hyperion.ir.function import Attribute, Equation
from hyperion.ir.ops import infer, is_total, made_sizes
from hyperion.ir.sizes import SizeError
from hyperion.ir.type_rules import RegionType
from hyperion.ir.types import (
    BOOL,
    C64,
    C128,
    F32,
    F64,
    I8,
    I32,
    I64,
    INT,
    U8,
    ArrayType,
    ExtensionType,
    TupleType,
    Type,
)
from hyperion_interp.interpreter import interpret


def array(element: Type, *shape: int | str) -> ArrayType:
    return ArrayType(element, shape)


def typed(
    op: str, *operands: Type, hint: Type | None = None, regions: Sequence[RegionType] = (), **attributes: Attribute
) -> str:
    found = infer(op, operands, tuple(attributes.items()), hint, regions)
    return ", ".join(map(str, found))


def refused(
    code: str, says: str, op: str, *operands: Type, hint: Type | None = None, regions: Sequence[RegionType] = (),
    **attributes: Attribute,
) -> TypeCheckError:  # fmt: skip
    with pytest.raises(TypeCheckError) as caught:
        infer(op, operands, tuple(attributes.items()), hint, regions)
    assert caught.value.code == code
    assert says in caught.value.message
    return caught.value


MATRIX, ROW = array(F64, "n", "m"), array(F64, "m")


def test_elements() -> None:
    assert typed("get", MATRIX, I64, I64) == "f64"
    assert typed("update.unchecked", MATRIX, I64, I64, F64) == "f64[n, m]"
    assert typed("len", MATRIX) == "i64"
    assert typed("len", MATRIX, hint=INT) == "int"
    assert typed("dim", MATRIX, axis=1) == "i64"
    refused("HY6011", "2 indices for f64[n, m]; 2 operands", "get", MATRIX, I64)
    refused("HY6012", "operand 3 of get is i32", "get", MATRIX, I64, I32)
    refused("HY6012", "operand 4 of update is f32", "update", MATRIX, I64, I64, F32)
    refused("HY6014", "axis of dim is 2, expected an axis of the 2-d array, 0 to 1", "dim", MATRIX, axis=2)
    refused("HY6014", "dim has no axis", "dim", MATRIX)
    refused("HY6014", "axis of dim is true", "dim", MATRIX, axis=True)
    refused("HY6012", "operand 1 of len is i64, expected an array", "len", I64)


def test_tuples() -> None:
    pair = TupleType((I64, MATRIX))
    assert typed("tuple", I64, MATRIX) == "(i64, f64[n, m])"
    assert typed("item", pair, index=1) == "f64[n, m]"
    refused("HY6014", "index of item is 2, expected 0 to 1", "item", pair, index=2)
    refused("HY6012", "expected a tuple", "item", I64, index=0)


def test_new_arrays() -> None:
    assert typed("fill", I64, I64, F64, hint=array(F64, "p", 3)) == "f64[p, 3]"
    assert typed("array", *[I8] * 6, hint=array(I8, 2, 3)) == "i8[2, 3]"
    assert typed("array", hint=array(I8, 0)) == "i8[0]"
    assert typed("iota", I64, hint=array(U8, "k")) == "u8[k]"
    refused("HY6021", "two sizes of the name p", "fill", I64, I64, F64, hint=array(F64, "p", "p"))
    refused("HY6013", "gives a 1-d array here, not f64[p, q]", "fill", I64, F64, hint=array(F64, "p", "q"))
    refused("HY6017", "needs its result type", "fill", I64, F64)
    refused("HY6011", "i8[2, 3] has 6 elements, 5 given", "array", *[I8] * 5, hint=array(I8, 2, 3))
    refused("HY6013", "sizes are numbers", "array", I8, hint=array(I8, "n"))
    refused("HY6013", "machine integers, not f64", "iota", I64, hint=array(F64, "k"))


def test_shapes() -> None:
    assert typed("slice", MATRIX, *[I64] * 4, hint=array(F64, "p", "q"), steps=(1, 2)) == "f64[p, q]"
    assert typed("reverse", MATRIX, axes=(1, 0)) == "f64[n, m]"
    assert typed("transpose", array(F64, "n", 3, "m"), permutation=(2, 0, 1)) == "f64[m, n, 3]"
    assert typed("broadcast", ROW, MATRIX, axes=(1,)) == "f64[n, m]"
    assert typed("broadcast", I8, MATRIX, axes=()) == "i8[n, m]"
    assert typed("reshape", MATRIX, I64, hint=array(F64, "k")) == "f64[k]"
    assert typed("reshape.like", ROW, array(I8, 2, "q")) == "f64[2, q]"
    assert typed("expand", ROW, axis=1) == "f64[m, 1]"
    assert typed("squeeze", array(F64, 1, "m"), axis=0) == "f64[m]"
    refused("HY6012", "axis 0 of f64[n, m] is n", "squeeze", array(F64, "n", "m"), axis=0)
    assert typed("concat", MATRIX, array(F64, 3, "m"), hint=array(F64, "k", "m"), axis=0) == "f64[k, m]"
    assert typed("concat", array(I8, 2), array(I8, 3), hint=array(I8, 5), axis=0) == "i8[5]"
    assert typed("gather", MATRIX, array(I64, "p", "q"), axis=1) == "f64[n, p, q]"
    refused("HY6011", "lo and hi of each of its 2 axes; 3 operands", "slice", MATRIX, I64, I64, hint=MATRIX)
    refused("HY6014", "expected 2 positive", "slice", MATRIX, *[I64] * 4, hint=array(F64, "p", "q"), steps=(1, 0))
    refused("HY6014", "each of the 2 axes once", "transpose", MATRIX, permutation=(0,))
    refused("HY6014", "different axes", "reverse", MATRIX, axes=(0, 0))
    refused("HY6014", "for each of the 1 of operand 1", "broadcast", ROW, MATRIX, axes=())
    refused("HY6013", "gives elements f64, declared f32", "reshape", MATRIX, I64, hint=array(F32, "k"))
    refused("HY6012", "operand 2 of gather is i32[p], expected i64[p]", "gather", MATRIX, array(I32, "p"), axis=0)
    refused("HY6012", "expected f64[k]", "concat", ROW, array(F32, "k"), hint=array(F64, "p"), axis=0)


def test_unequal_sizes_are_said_in_full() -> None:
    error = refused("HY6026", "axis 0 of operand 1 is m, axis 0 of operand 2 is n", "broadcast", ROW, MATRIX, axes=(0,))
    assert isinstance(error, SizeError)
    assert error.sizes == ((0, 0, "m"), (1, 0, "n"))
    assert error.hints
    other = array(F64, "k", 4)
    refused(
        "HY6026",
        "axis 1 of operand 1 is m, axis 1 of operand 2 is 4: concat along axis 0 needs the other axes equal",
        "concat", MATRIX, other, hint=array(F64, "p", "m"), axis=0,
    )  # fmt: skip
    refused("HY6026", "axis 0 of the result has 2 + 3 = 5, declared 6", "concat", array(I8, 2), array(I8, 3),
            hint=array(I8, 6), axis=0)  # fmt: skip
    refused("HY6026", "axis 1 of the result is declared q", "concat", MATRIX, hint=array(F64, "p", "q"), axis=0)
    refused("HY6026", "axis 0 of operand 2 is 3: sort moves keys", "sort", array(I8, 2), array(I8, 3), axis=0)
    body = (RegionType((F64, F64), (F64,)),)
    refused("HY6026", "map goes over arrays of one shape", "map", ROW, array(F64, "k"), regions=body, arrays=2)
    refused("HY6026", "scan goes over arrays of one shape", "scan", ROW, array(F64, "k"), regions=body, arrays=2)


MUL, ADD = RegionType((F64, F32), (F64,)), RegionType((F64, F64), (F64,))


def test_contraction() -> None:
    left, right = array(F64, "b", "n", "k"), array(F32, "k", "b", "m")
    attributes = {"left": (2,), "right": (0,), "batch_left": (0,), "batch_right": (1,)}
    assert typed("contract", left, right, F64, regions=(MUL, ADD), **attributes) == "f64[b, n, m]"
    assert typed("contract", ROW, array(F32, "m"), F64, regions=(MUL, ADD), left=(0,), right=(0,)) == "f64"
    assert typed("contract", ROW, array(F32, "k"), F64, regions=(MUL, ADD)) == "f64[m, k]"  # the outer product
    unlike = typed("contract", array(F64, "n", 3), array(F32, "p", "m"), F64, regions=(MUL, ADD), left=(1,), right=(0,))
    assert unlike == "f64[n, m]"  # 3 = p is tested at run time
    error = refused(
        "HY6026",
        "axis 1 of operand 1 is 3, axis 0 of operand 2 is 4: contraction needs equal sizes",
        "contract", array(F64, "n", 3), array(F32, 4, "m"), F64, regions=(MUL, ADD), left=(1,), right=(0,),
    )  # fmt: skip
    assert isinstance(error, SizeError)
    assert error.sizes == ((0, 1, 3), (1, 0, 4))
    refused("HY6014", "left of contract has 1 axes, right has 0", "contract", ROW, array(F32, "m"), F64,
            regions=(MUL, ADD), left=(0,))  # fmt: skip
    refused("HY6014", "axis 0 stands in left and in batch_left", "contract", ROW, array(F32, "m"), F64,
            regions=(MUL, ADD), left=(0,), right=(0,), batch_left=(0,), batch_right=(0,))  # fmt: skip
    refused("HY6016", "the mul region takes", "contract", ROW, ROW, F64, regions=(MUL, ADD), left=(0,), right=(0,))


def test_whole_axes() -> None:
    cube = array(I32, "a", "b", "c")
    assert typed("reduce", cube, axes=(0, 2), monoid="max") == "i32[b]"
    assert typed("reduce", cube, axes=(2, 0, 1), monoid="add.trap") == "i32"
    assert typed("sort", MATRIX, array(I8, "n", "m"), axis=1, descending=True) == "f64[n, m], i8[n, m]"
    assert typed("scatter", MATRIX, array(I64, "k"), array(F64, "n", "k"), axis=1) == "f64[n, m]"
    assert typed("scatter", ROW, array(I64, "k"), array(F64, "k"), axis=0, regions=(ADD,)) == "f64[m]"
    refused("HY6014", "a monoid on f64: add, mul, maximum", "reduce", ROW, axes=(0,), monoid="max")
    refused("HY6014", "expected a monoid on c64: add", "reduce", array(C64, "n"), axes=(0,), monoid="mul")
    refused("HY6012", "keys that have an order", "sort", array(C64, "n"), axis=0)
    refused("HY6026", "axis 0 of operand 2 is k, axis 0 of operand 3 is j", "scatter", ROW, array(I64, "k"),
            array(F64, "j"), axis=0)  # fmt: skip
    refused("HY6026", "axis 0 of operand 1 is n, axis 0 of operand 3 is k", "scatter", MATRIX, array(I64, "k"),
            array(F64, "k", "k"), axis=1)  # fmt: skip
    refused("HY6016", "the combine region", "scatter", ROW, array(I64, "k"), array(F64, "k"), axis=0, regions=(MUL,))


def test_bodies() -> None:
    step = RegionType((F64, I64), (I64, BOOL))
    assert typed("map", MATRIX, MATRIX, regions=(RegionType((F64, F64), (BOOL, F32)),), arrays=2) == (
        "bool[n, m], f32[n, m]"
    )
    assert typed("scan", ROW, I64, regions=(step,), arrays=1) == "i64, bool[m]"
    lift, mul, act = RegionType((F64,), (I8,)), RegionType((I8, I8), (I8,)), RegionType((I8, I64), (I64,))
    cut = {"arrays": 1, "lanes": 8, "piece": 64}
    assert typed("par.scan", ROW, I64, regions=(step, lift, mul, act), **cut) == "i64, bool[m]"
    refused("HY6014", "piece of par.scan is 0", "par.scan", ROW, I64, regions=(step, lift, mul, act),
            **(cut | {"piece": 0}))  # fmt: skip
    regions, guard = (lift, mul, act), RegionType((F64,), (BOOL,))
    assert typed("par.reduce", ROW, I64, regions=regions, **(cut | {"growing": 3})) == "i64"
    refused("HY6014", "growing of par.reduce is 0, expected", "par.reduce", ROW, I64, regions=regions,
            **(cut | {"growing": 0}))  # fmt: skip
    refused("HY6014", "par.reduce in growing pieces has a guard", "par.reduce", ROW, I64, regions=(*regions, guard),
            **(cut | {"growing": 3}))  # fmt: skip
    refused("HY6016", "the act region", "par.scan", ROW, I64, regions=(step, lift, mul, mul), **cut)
    refused("HY6016", "yields f64[m] as an element", "map", MATRIX, regions=(RegionType((F64,), (ROW,)),), arrays=1)
    refused("HY6012", "map takes arrays only", "map", MATRIX, I64, regions=(step,), arrays=1)
    refused("HY6012", "expected a 1-d array", "scan", MATRIX, I64, regions=(step,), arrays=1)
    made = infer("build", (I64, I64), (), [array(F64, "p", 3), array(I8, "p", 3)],
                 [RegionType((I64, I64), (F64, I8))])  # fmt: skip
    assert len(made) == 2
    refused("HY6016", "the body region yields (f64, i8)", "build", I64, hint=array(F64, "p"),
            regions=(RegionType((I64,), (F64, I8)),))  # fmt: skip


def test_extension_elements() -> None:
    money = ExtensionType("money.amount")
    assert typed("get", array(money, "n"), I64) == "money.amount"
    refused("HY6012", "keys that have an order", "sort", array(money, "n"), axis=0)


# The builder

XS = list(range(1, 7))


class Built:
    """A function of a 2 x 3 matrix `a`, a vector `v` of 3, indices `i` and numbers, run by the interpreter."""

    def __init__(self) -> None:
        self.b = Builder("f")
        self.a = self.b.parameter("a", array(I64, "n", "m"))
        self.v = self.b.parameter("v", array(I64, "m"))
        self.i = self.b.parameter("i", array(I64, "k"))
        self.zero, self.one, self.two, self.three = (self.b.const(k, I64) for k in range(4))

    def run(self, *results: Value) -> list[object]:
        program = Program({"f": self.b.build(results)}, "f")
        verify(program)
        assert parse_program(print_program(program)) == program
        given = [np.array(XS).reshape(2, 3), np.array([10, 20, 30]), np.array([1, 0, 1, 1])]
        return [np.asarray(r).tolist() for r in interpret(program, given)]


A = np.array(XS).reshape(2, 3)


def test_the_builder_moves_elements() -> None:
    f = Built()
    b = f.b
    found = f.run(
        b.slice(f.a, [(f.zero, f.two), (f.zero, f.three)], steps=(1, 2)),
        b.reverse(f.a, [1]),
        b.transpose(f.a, [1, 0]),
        b.reshape(f.a, [f.three, f.two]),
        b.broadcast(f.v, f.a, [1]),
        b.concat([f.a, f.a], axis=1),
        b.concat([b.array([f.one, f.two]), b.array([f.three])]),
        b.gather(f.a, f.i),
        b.scatter(f.v, f.i, b.op("gather", f.v, f.i, attributes=(("axis", 0),))),
        b.op("reshape.like", f.v, f.v),
    )
    assert found == [
        A[:, ::2].tolist(), A[:, ::-1].tolist(), A.T.tolist(), A.reshape(3, 2).tolist(), [[10, 20, 30]] * 2,
        np.concatenate([A, A], 1).tolist(), [1, 2, 3], A[[1, 0, 1, 1]].tolist(), [10, 20, 30], [10, 20, 30],
    ]  # fmt: skip


def test_the_builder_makes_arrays() -> None:
    f = Built()
    b = f.b
    with b.region(("i", I64), ("j", I64)) as body:
        i, j = body.parameters
        body.yields(b.op("mul.wrap", i, j), b.op("lt", i, j))
    products, below = b.build_([f.two, f.three], body)
    found = f.run(b.fill([f.two, f.one], f.three), b.array([f.one, f.two], (2, 1)), b.iota(f.three), products, below)
    assert found == [
        [[3], [3]],
        [[1], [2]],
        [0, 1, 2],
        [[0, 0, 0], [0, 1, 2]],
        [[False, True, True], [False, False, True]],
    ]


def test_the_builder_goes_over_arrays() -> None:
    f = Built()
    b = f.b
    with b.region(("x", I64)) as square:
        square.yields(b.op("mul.wrap", square.parameters[0], square.parameters[0]))
    (squares,) = b.map([f.a], square)
    with b.region(("x", I64), ("s", I64)) as body:
        total = b.op("add.wrap", *body.parameters)
        body.yields(total, total)
    last, prefixes = b.scan([f.v], [f.zero], body)
    with b.region(("o", I64), ("x", I64)) as combine:
        combine.yields(b.op("add.wrap", *combine.parameters))
    histogram = b.scatter(f.v, f.i, b.op("broadcast", f.one, f.i, attributes=(("axes", ()),)), combine=combine)
    assert f.run(squares, last, prefixes, histogram) == [(A * A).tolist(), 60, [10, 30, 60], [11, 23, 30]]


def test_the_builder_reduces_and_contracts() -> None:
    f = Built()
    b = f.b
    with b.region(("x", I64), ("y", I64)) as mul:
        mul.yields(b.op("mul.trap", *mul.parameters))
    with b.region(("s", I64), ("p", I64)) as add:
        add.yields(b.op("add.trap", *add.parameters))
    product = b.contract(f.a, f.v, f.zero, (mul, add), ([1], [0]))
    places = b.op("reshape.like", b.iota(b.op("len", f.i)), f.i)
    keys, order = b.sort(f.i, places, descending=True)
    found = f.run(product, b.reduce(f.a, "add.wrap", [0]), b.reduce(f.a, "max", [0, 1]), keys, order)
    assert found == [(A @ np.array([10, 20, 30])).tolist(), A.sum(0).tolist(), 6, [1, 1, 1, 0], [0, 2, 3, 1]]


def test_a_parallel_scan() -> None:
    b = Builder("f")
    xs, start = b.parameter("xs", array(I64, "n")), b.parameter("start", I64)
    with b.region(("x", I64), ("s", I64)) as step:
        total = b.op("add.wrap", *step.parameters)
        step.yields(total, total)
    with b.region(("x", I64)) as lift:
        lift.yields(lift.parameters[0])
    blocks = [step, lift]
    for _ in range(2):
        with b.region(("p", I64), ("q", I64)) as block:
            block.yields(b.op("add.wrap", *block.parameters))
        blocks.append(block)
    results = b.par_scan([xs], [start], blocks, lanes=2, piece=4)
    program = Program({"f": b.build(results)}, "f")
    verify(program)
    last, prefixes = interpret(program, [list(range(40)), 5])
    assert last == 5 + sum(range(40))
    assert list(prefixes) == [5 + k * (k + 1) // 2 for k in range(40)]


def test_complex_constants() -> None:
    b = Builder("f")
    b.build([b.const(1.5 - 2j, C64), b.const(2, C64)])
    f = b.build([b.const(-1j, C128)])
    assert interpret(Program({"f": f}, "f"), []) == (-1j,)
    with pytest.raises(TypeCheckError, match="HY6022"):
        b.const(1j, F64)


# What an equation promises


def equations(f: Built) -> tuple[Equation, ...]:
    return f.b.build([]).equations[4:]  # after the constants


def test_totality_of_array_ops() -> None:
    f = Built()
    b = f.b
    b.reduce(f.a, "add.wrap")
    b.reduce(f.a, "add.trap")
    b.concat([f.a, f.a])
    b.op("concat", f.v, type=array(I64, 3), attributes=(("axis", 0),))
    b.op("get.unchecked", f.v, f.zero)
    b.transpose(f.a, [1, 0])
    b.gather(f.a, f.i)
    with b.region(("x", I64)) as body:
        body.yields(b.op("neg.trap", body.parameters[0]))
    b.map([f.a], body)
    assert [is_total(e) for e in equations(f)] == [True, False, True, False, False, True, False, False]


def test_sizes_that_equations_make() -> None:
    f = Built()
    b = f.b
    b.fill([f.two, f.one], f.three)
    b.concat([f.a, f.a], axis=1)
    b.op("fill", f.two, f.one, type=array(I64, 2))
    b.transpose(f.a, [1, 0])
    with b.region(("i", I64)) as body:
        body.yields(body.parameters[0], body.parameters[0])
    b.build_([f.two], body)
    assert [list(made_sizes(e)) for e in equations(f)] == [["size0", "size1"], ["size2"], [], [], ["size3"]]
