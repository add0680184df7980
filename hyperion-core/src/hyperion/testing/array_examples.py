"""Every op on tuples and arrays, and every loop, in a small program with the results that its meaning demands."""

from __future__ import annotations

from math import nan

from hyperion.errors import TrapIndexError, TrapOverflowError, TrapValueError, TrapZeroDivisionError
from hyperion.testing.programs import Example

_TUPLE = """func @f(%x: i64, %y: f64) -> (i64, (f64, i64)) {
  %t = tuple %y, %x
  %back = item %t {index = 1}
  return %back, %t
}"""

_SIZES = """func @f(%a: i64[n, m]) -> (i64, i64, i64, i64[n, m]) {
  %zero = const 0 : i64
  %one = const 1 : i64
  %n = len %a
  %m = dim %a {axis = 1}
  %x = get %a, %one, %zero
  %b = update %a, %zero, %one, %x
  return %n, %m, %x, %b
}"""

_ELEMENT = "func @f(%a: i64[n, m], %i: i64, %j: i64) -> i64 { %x = get %a, %i, %j return %x }"

_REPLACED = "func @f(%a: i64[n], %i: i64) -> i64[n] { %b = update %a, %i, %i return %b }"

_UNCHECKED = """func @f(%a: i64[n, m], %i: i64, %j: i64) -> (i64, i64[n, m]) {
  %x = get.unchecked %a, %i, %j
  %b = update.unchecked %a, %i, %j, %i
  return %x, %b
}"""

_NEW = """func @f(%n: i64, %x: f32) -> (f32[p, 2], i64[2, 2], i8[q]) {
  %two = const 2 : i64
  %a = fill %n, %two, %x : f32[p, 2]
  %b = array %n, %two, %two, %n : i64[2, 2]
  %c = iota %n : i8[q]
  return %a, %b, %c
}"""

_SLICE = """func @f(%a: i64[n, m], %hi: i64) -> i64[p, q] {
  %zero = const 0 : i64
  %one = const 1 : i64
  %three = const 3 : i64
  %b = slice %a, %one, %hi, %zero, %three {steps = [1, 2]} : i64[p, q]
  return %b
}"""

_TWO = """func @f(%a: i64[n], %hi: i64) -> i64[2] {
  %zero = const 0 : i64
  %b = slice %a, %zero, %hi : i64[2]
  return %b
}"""

_RANGE = """func @f(%lo: i64, %hi: i64, %step: i64, %c: bool) -> i64[m] {
  %a = progression %lo, %hi, %step : i64[n]
  %b = when %c, %a : i64[m]
  return %b
}"""

_COUNT = "func @f(%n: i64) -> u64[m] { %a = iota %n : u64[m] return %a }"

_MOVED = """func @f(%a: i64[n, m], %x: i64[m]) -> (i64[n, m], i64[m, n], i64[n, m], i64[n, m]) {
  %zero = const 0 : i64
  %r = reverse %a {axes = [1]}
  %t = transpose %a {permutation = [1, 0]}
  %b = broadcast %x, %a {axes = [1]}
  %z = broadcast %zero, %a {axes = []}
  return %r, %t, %b, %z
}"""

_RESHAPE = """func @f(%a: i64[n], %p: i64, %like: bool[k, 2]) -> (i64[p, q], i64[k, 2]) {
  %two = const 2 : i64
  %b = reshape %a, %two, %p : i64[p, q]
  %c = reshape.like %a, %like
  return %b, %c
}"""

_CONCAT = "func @f(%a: i64[n, m], %b: i64[n, k]) -> i64[n, 3] { %c = concat %a, %b {axis = 1} : i64[n, 3] return %c }"

_GATHER = "func @f(%a: i64[n, m], %i: i64[p, q]) -> i64[n, p, q] { %b = gather %a, %i {axis = 1} return %b }"

_SCATTER = """func @f(%a: i64[n], %i: i64[k], %x: i64[k]) -> (i64[n], i64[n]) {
  %last = scatter %a, %i, %x {axis = 0}
  %sums = scatter %a, %i, %x {axis = 0} {
    ^(%old: i64, %new: i64):
      %sum = add.trap %old, %new : i64
      yield %sum
  }
  return %last, %sums
}"""

_SORT = """func @f(%keys: f64[n], %x: i64[n]) -> (f64[n], i64[n], i64[n]) {
  %up, %first = sort %keys, %x {axis = 0}
  %down, %second = sort %keys, %x {axis = 0, descending = true}
  return %up, %first, %second
}"""

_REDUCE = """func @f(%a: i8[n, m]) -> (i8[m], i8) {
  %sums = reduce %a {axes = [0], monoid = "add.wrap"}
  %largest = reduce %a {axes = [0, 1], monoid = "max"}
  return %sums, %largest
}"""

_REDUCE_FLOATS = """func @f(%a: f64[n]) -> f64 {
  %sum = reduce %a {axes = [0], monoid = "add"}
  return %sum
}"""

_BRAIN = """func @f(%a: bf16[n]) -> (bf16[n], bf16) {
  %b = reverse %a {axes = [0]}
  %sum = reduce %a {axes = [0], monoid = "add"}
  return %b, %sum
}"""

_REDUCE_TRAPS = """func @f(%a: i8[n]) -> i8 {
  %sum = reduce %a {axes = [0], monoid = "add.trap"}
  return %sum
}"""

_UNIT = """func @f(%x: i64[n]) -> (i64[1, n], i64[n, 1], i64[n]) {
  %row = expand %x {axis = 0}
  %column = expand %x {axis = 1}
  %back = squeeze %column {axis = 1}
  return %row, %column, %back
}"""

_CONTRACT = """func @f(%a: i64[n, k], %b: i64[k, m]) -> i64[n, m] {
  %zero = const 0 : i64
  %c = contract %a, %b, %zero {left = [1], right = [0]} {
    ^(%x: i64, %y: i64):
      %xy = mul.trap %x, %y : i64
      yield %xy
  } {
    ^(%s: i64, %p: i64):
      %t = add.trap %s, %p : i64
      yield %t
  }
  return %c
}"""

_PRODUCT = _CONTRACT.replace("%b: i64[k, m]", "%b: i64[p, m]")

_MAP = """func @f(%a: i64[n, m], %b: i64[n, m]) -> (i64[n, m], bool[n, m]) {
  %q, %exact = map (%a, %b) {
    ^(%x: i64, %y: i64):
      %d = floordiv.trap %x, %y : i64
      %back = mul.trap %d, %y : i64
      %same = eq %back, %x
      yield %d, %same
  }
  return %q, %exact
}"""

_DOT = """func @f(%xs: i64[n], %ys: i64[m]) -> i64 {
  %zero = const 0 : i64
  %sum = fold (%xs, %ys), (%zero) {
    ^(%x: i64, %y: i64, %s: i64):
      %xy = mul.wrap %x, %y : i64
      %t = add.wrap %s, %xy : i64
      yield %t
  }
  return %sum
}"""

_PARALLEL_DOT = """func @f(%xs: i64[n], %ys: i64[m], %start: i64) -> i64 {
  %sum = par.reduce (%xs, %ys), (%start) {lanes = 4, piece = 1} {
    ^(%x: i64, %y: i64):
      %xy = mul.wrap %x, %y : i64
      yield %xy
  } {
    ^(%a: i64, %b: i64):
      %ab = add.wrap %a, %b : i64
      yield %ab
  } {
    ^(%r: i64, %s: i64):
      %t = add.wrap %r, %s : i64
      yield %t
  }
  return %sum
}"""

_SCAN = """func @f(%xs: i64[n], %start: i64) -> (i64, i64[n]) {
  %last, %sums = scan (%xs), (%start) {
    ^(%x: i64, %s: i64):
      %t = add.trap %s, %x : i64
      yield %t, %t
  }
  return %last, %sums
}"""

_BUILD = """func @f(%n: i64, %m: i64) -> (i64[p, q], bool[p, q]) {
  %a, %b = build %n, %m : (i64[p, q], bool[p, q]) {
    ^(%i: i64, %j: i64):
      %ten = const 10 : i64
      %x = mul.trap %i, %ten : i64
      %y = add.trap %x, %j : i64
      %below = lt %i, %j
      yield %y, %below
  }
  return %a, %b
}"""

_COLLATZ = """func @f(%n: i64) -> i64 {
  %one = const 1 : i64
  %two = const 2 : i64
  %three = const 3 : i64
  %zero = const 0 : i64
  %m, %k = while (%n, %zero) {
    ^(%a: i64, %b: i64):
      %go = ne %a, %one
      yield %go
  } {
    ^(%c: i64, %d: i64):
      %half = floordiv.trap %c, %two : i64
      %odd = mod.trap %c, %two : i64
      %is = eq %odd, %one
      %next = if %is {
        %t = mul.trap %c, %three : i64
        %u = add.trap %t, %one : i64
        yield %u
      } {
        yield %half
      }
      %e = add.trap %d, %one : i64
      yield %next, %e
  }
  return %k
}"""

_CALL = """func @f(%x: i64) -> (i64, i64) {
  %y = call @twice(%x) : i64
  %z = call @twice(%y) : i64
  return %y, %z
}
func @twice(%x: i64) -> i64 {
  %y = add.trap %x, %x : i64
  return %y
}"""

_PARALLEL_SUM = """func @f(%xs: i64[n], %start: i64) -> (i64, i64, i64[n]) {
  %sum = par.reduce (%xs), (%start) {lanes = 2, piece = 2} {
    ^(%x: i64):
      yield %x
  } {
    ^(%a: i64, %b: i64):
      %ab = add.wrap %a, %b : i64
      yield %ab
  } {
    ^(%r: i64, %s: i64):
      %t = add.wrap %r, %s : i64
      yield %t
  }
  %last, %sums = par.scan (%xs), (%start) {lanes = 2, piece = 2} {
    ^(%x1: i64, %s1: i64):
      %t1 = add.wrap %s1, %x1 : i64
      yield %t1, %t1
  } {
    ^(%x2: i64):
      yield %x2
  } {
    ^(%a2: i64, %b2: i64):
      %ab2 = add.wrap %a2, %b2 : i64
      yield %ab2
  } {
    ^(%r3: i64, %s3: i64):
      %t3 = add.wrap %r3, %s3 : i64
      yield %t3
  }
  return %sum, %last, %sums
}"""

_WINDOWS = """func @f(%xs: i64[n], %w: i64) -> (i64[k], i64[k]) {
  %sums, %largest = par.windows (%xs), (%w) : (i64[k], i64[k]) {
    ^(%x: i64):
      yield %x, %x
  } {
    ^(%a: i64, %b: i64, %c: i64, %d: i64):
      %ac = add.wrap %a, %c : i64
      %bd = max %b, %d : i64
      yield %ac, %bd
  }
  return %sums, %largest
}"""

_PIECES = """func @f(%xs: i64[n], %ys: i64[m], %low: i64) -> (i64[p], bool) {
  %sums, %held = pieces.summaries (%xs, %ys) {lanes = 2, piece = 2} : (i64[p], bool) {
    ^(%x: i64, %y: i64):
      %xy = mul.wrap %x, %y : i64
      yield %xy
  } {
    ^(%a: i64, %b: i64):
      %ab = add.wrap %a, %b : i64
      yield %ab
  } {
    ^(%x1: i64, %y1: i64):
      %least = min %x1, %y1 : i64
      %inside = le %low, %least
      yield %inside
  }
  return %sums, %held
}"""

_SCAN_PIECES = """func @f(%xs: i64[n], %starts: i64[p]) -> (i64[p], i64[n]) {
  %ends, %sums = pieces.scan (%xs), (%starts) {lanes = 2, piece = 2} {
    ^(%x: i64, %s: i64):
      %t = add.wrap %s, %x : i64
      yield %t, %t
  }
  return %ends, %sums
}"""

_POWER = """func @f(%n: i64, %step: i64) -> u64 {
  %zero = const 0 : i64
  %one = const 1 : u64
  %three = const 3 : u64
  %x = par.power %zero, %n, %step, (%one) {
    yield %three
  } {
    ^(%a: u64, %b: u64):
      %ab = mul.wrap %a, %b : u64
      yield %ab
  } {
    ^(%r: u64, %s: u64):
      %t = mul.wrap %r, %s : u64
      yield %t
  }
  return %x
}"""

_GRID = [[1, 2, 3], [4, 5, 6]]

ARRAY_EXAMPLES = (
    Example("a tuple", _TUPLE, (3, -0.0), (3, (-0.0, 3))),
    Example("sizes and elements", _SIZES, (_GRID,), (2, 3, 4, [[1, 4, 3], [4, 5, 6]])),
    Example("no such row", _ELEMENT, (_GRID, 2, 0), trap=TrapIndexError),
    Example("no such column", _ELEMENT, (_GRID, 0, -1), trap=TrapIndexError),
    Example("an element replaced", _REPLACED, ([5, 6], 1), ([5, 1],)),
    Example("no element to replace", _REPLACED, ([5, 6], 2), trap=TrapIndexError),
    Example("elements without a check", _UNCHECKED, (_GRID, 1, 2), (6, [[1, 2, 3], [4, 5, 1]])),
    Example("new arrays", _NEW, (3, 0.5), ([[0.5, 0.5]] * 3, [[3, 2], [2, 3]], [0, 1, 2])),
    Example("new arrays of nothing", _NEW, (0, 0.5), ([], [[0, 2], [2, 0]], [])),
    Example("new arrays of a negative size", _NEW, (-1, 0.5), trap=TrapValueError),
    Example("a count beyond its type", _NEW, (129, 0.5), trap=TrapOverflowError),
    Example("a slice", _SLICE, (_GRID, 2), ([[4, 6]],)),
    Example("a slice past the end", _SLICE, (_GRID, 3), trap=TrapIndexError),
    Example("a slice backwards", _SLICE, (_GRID, 0), trap=TrapIndexError),
    Example("a slice of two", _TWO, ([1, 2, 3], 2), ([1, 2],)),
    Example("a slice of two that has three", _TWO, ([1, 2, 3], 3), trap=TrapValueError),
    Example("a count", _COUNT, (3,), ([0, 1, 2],)),
    Example("a range", _RANGE, (9, -2, -3, True), ([9, 6, 3, 0],)),
    Example("a range not taken", _RANGE, (9, -2, -3, False), ([],)),
    Example("a range by nothing", _RANGE, (9, -2, 0, True), trap=TrapValueError),
    Example("a negative count", _COUNT, (-3,), trap=TrapValueError),
    Example(
        "elements moved",
        _MOVED,
        (_GRID, [7, 8, 9]),
        ([[3, 2, 1], [6, 5, 4]], [[1, 4], [2, 5], [3, 6]], [[7, 8, 9]] * 2, [[0] * 3] * 2),
    ),
    Example("another shape", _RESHAPE, ([1, 2, 3, 4], 2, [[True] * 2] * 2), ([[1, 2], [3, 4]],) * 2),
    Example("a shape of another size", _RESHAPE, ([1, 2, 3, 4], 3, [[True] * 2] * 2), trap=TrapValueError),
    Example("a shape like one of another size", _RESHAPE, ([1, 2, 3, 4], 2, [[True] * 2] * 3), trap=TrapValueError),
    Example("arrays side by side", _CONCAT, ([[1], [2]], [[3, 4], [5, 6]]), ([[1, 3, 4], [2, 5, 6]],)),
    Example("arrays of the wrong width", _CONCAT, ([[1], [2]], [[3], [5]]), trap=TrapValueError),
    Example("columns by index", _GATHER, (_GRID, [[2, 0], [2, 2]]), ([[[3, 1], [3, 3]], [[6, 4], [6, 6]]],)),
    Example("columns that are not there", _GATHER, (_GRID, [[2, 3]]), trap=TrapIndexError),
    Example("put by index", _SCATTER, ([0, 10, 20], [1, 1, 0], [1, 2, 3]), ([3, 2, 20], [3, 13, 20])),
    Example("put where nothing is", _SCATTER, ([0, 10, 20], [1, 3], [1, 2]), trap=TrapIndexError),
    Example(
        "sorted, NaN last in both directions",
        _SORT,
        ([nan, 0.0, 2.0, -0.0], [1, 2, 3, 4]),
        ([0.0, -0.0, 2.0, nan], [2, 4, 3, 1], [3, 2, 4, 1]),
    ),
    Example("sums and the largest", _REDUCE, ([[100, 1], [100, 2]],), ([-56, 3], 100)),
    Example("the units of nothing", _REDUCE, ([],), ([], -128)),
    Example("float sums in order", _REDUCE_FLOATS, ([1e16, 1.0, -1e16],), (0.0,)),
    Example("the float sum of nothing", _REDUCE_FLOATS, ([],), (-0.0,)),
    Example("brain floats", _BRAIN, ([256.0, 1.0, -0.0],), ([-0.0, 1.0, 256.0], 256.0)),
    Example("a sum that overflows on the way", _REDUCE_TRAPS, ([100, 100, -100],), trap=TrapOverflowError),
    Example("a matrix product", _CONTRACT, (_GRID, [[1], [10], [100]]), ([[321], [654]],)),
    Example("a matrix product of other sizes", _PRODUCT, (_GRID, [[1, 2]]), trap=TrapValueError),
    Example("a row and a column", _UNIT, ([1, 2],), ([[1, 2]], [[1], [2]], [1, 2])),
    Example("a row and a column of nothing", _UNIT, ([],), ([[]], [], [])),
    Example("a matrix product that overflows", _CONTRACT, ([[1 << 62]], [[2]]), trap=TrapOverflowError),
    Example("quotients", _MAP, ([[7, 6]], [[2, -3]]), ([[3, -2]], [[False, True]])),
    Example("quotients by zero", _MAP, ([[7, 6]], [[2, 0]]), trap=TrapZeroDivisionError),
    Example("a product of arrays", _DOT, ([1, 2, 3], [4, 5, 6]), (32,)),
    Example("a product of arrays of two lengths", _DOT, ([1, 2, 3], [4, 5]), trap=TrapValueError),
    Example("a parallel product of arrays", _PARALLEL_DOT, ([1, 2, 3], [4, 5, 6], 10), (42,)),
    Example("a parallel product of two lengths", _PARALLEL_DOT, ([1, 2], [4], 10), trap=TrapValueError),
    Example("running sums", _SCAN, ([1, 2, -5], 10), (8, [11, 13, 8])),
    Example("running sums of nothing", _SCAN, ([], 10), (10, [])),
    Example("running sums that overflow", _SCAN, ([(1 << 63) - 1], 10), trap=TrapOverflowError),
    Example("an array by its indices", _BUILD, (2, 2), ([[0, 1], [10, 11]], [[False, True], [False, False]])),
    Example("an array by a negative number of indices", _BUILD, (2, -1), trap=TrapValueError),
    Example("steps of Collatz", _COLLATZ, (27,), (111,)),
    Example("calls", _CALL, (3,), (6, 12)),
    Example("a call that overflows", _CALL, (1 << 61,), trap=TrapOverflowError),
    Example("parallel sums", _PARALLEL_SUM, ([1, 2, 3, 4, 5, 6, 7], 10), (38, 38, [11, 13, 16, 20, 25, 31, 38])),
    Example("parallel sums of nothing", _PARALLEL_SUM, ([], 10), (10, 10, [])),
    Example("windows of three", _WINDOWS, ([5, 1, 4, 2, 8, 0, 3], 3), ([10, 7, 14, 10, 11], [5, 4, 8, 8, 8])),
    Example("windows of one and less", _WINDOWS, ([5, 1], -3), ([5, 1], [5, 1])),
    Example("windows wider than all", _WINDOWS, ([5, 1], 3), ([], [])),
    Example("summaries of pieces", _PIECES, ([1, 2, 3, 4, 5], [1, 1, 1, 1, 2], 1), ([3, 7, 10], True)),
    Example("summaries of pieces, one outside", _PIECES, ([1, 2, 3], [1, 1, 0], 1), ([3], False)),
    Example("summaries of no pieces", _PIECES, ([], [], 1), ([], True)),
    Example("summaries of pieces of two lengths", _PIECES, ([1, 2], [1], 1), trap=TrapValueError),
    Example("sums of pieces", _SCAN_PIECES, ([1, 2, 3, 4, 5], [10, 20, 30]), ([13, 27, 35], [11, 13, 23, 27, 35])),
    Example("sums of no pieces", _SCAN_PIECES, ([], []), ([], [])),
    Example("sums of pieces without a state", _SCAN_PIECES, ([1, 2, 3, 4, 5], [10, 20]), trap=TrapValueError),
    Example("a power", _POWER, (41, 1), (pow(3, 41, 1 << 64),)),
    Example("a power of no steps", _POWER, (-41, 1), (1,)),
    Example("a power without a step", _POWER, (41, 0), trap=TrapValueError),
)
