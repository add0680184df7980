"""What a recursion remembers: tables from arguments to results, in LLVM IR.

`{ptr grid, ptr records, i64 mask, i64 count, i64 n0, ..}`. Results for arguments from 0 up to those of the first call,
n0 - 1, .., are in a grid, where that is small enough: a word that is 1 once the results are known, and these. Others
are in a hash table, with open addressing, at most three quarters full: such a word, the arguments and the results.
The memory is from `calloc`, since arrays of the recursion come and go meanwhile.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hyperion.ir.function import Region
from hyperion.ir.types import BoolType, FloatType, IntType, Type
from hyperion_llvm.text import Writer, scalar_type

_FIRST = 1 << 10  # records
_MOST_GRID = 1 << 27  # bytes
_MIX = (-7046029254386353131, -4658895280553007687)  # odd constants of splitmix64


@dataclass(frozen=True, slots=True)
class Memo:
    name: str
    keys: tuple[Type, ...]
    values: tuple[Type, ...]

    @property
    def size(self) -> int:
        """Bytes of a record of the hash table."""
        return 8 * (1 + len(self.keys) + len(self.values))

    @property
    def cell(self) -> int:
        """Bytes of a cell of the grid."""
        return 8 * (1 + len(self.values))

    @property
    def table(self) -> str:
        return f"{{ptr, ptr, i64, i64, [{len(self.keys)} x i64]}}"

    def symbol(self, part: str) -> str:
        return f'@"hyperion.memo.{self.name}.{part}"'


def of(name: str, region: Region) -> Memo:
    return Memo(name, tuple(p.type for p in region.parameters), tuple(r.type for r in region.results))


def fits(region: Region) -> bool:
    """Whether every argument is an integer and every result a scalar, of a word at most."""
    keys = all(isinstance(p.type, BoolType) or _word(p.type, IntType) for p in region.parameters)
    values = all(isinstance(r.type, BoolType) or _word(r.type, IntType, FloatType) for r in region.results)
    return keys and values and bool(region.parameters)


def _word(kind: Type, *kinds: type[IntType | FloatType]) -> bool:
    return isinstance(kind, kinds) and kind.width <= 64


def new_table(w: Writer, memo: Memo, arguments: Sequence[str]) -> str:
    """The empty table of a first call with these arguments."""
    table = w.slot(memo.table, "memo")
    w.store(memo.table, "zeroinitializer", table)
    words = _words(w, memo.keys, arguments)
    given = [f"i64 {'1' if isinstance(k, BoolType) else x}" for k, x in zip(memo.keys, words, strict=True)]
    w.emit(f"call void {memo.symbol('open')}(ptr {table}, {', '.join(given)})")
    return table


def free_table(w: Writer, table: str) -> None:
    w.emit(f"call void @free(ptr {w.load('ptr', table)})")
    w.emit(f"call void @free(ptr {w.load('ptr', w.set(f'getelementptr ptr, ptr {table}, i64 1', 'p'))})")


def look_up(w: Writer, memo: Memo, arguments: Sequence[str], results: Sequence[str]) -> None:
    """Leaves the function with the results that are known."""
    keys = ", ".join(f"i64 {k}" for k in _words(w, memo.keys, arguments))
    found = w.set(f"call ptr {memo.symbol('find')}(ptr %memo, {keys})", "found")
    known, new = w.fresh("known"), w.fresh("new")
    w.branch(w.set(f"icmp eq ptr {found}, null", "c"), new, known)
    w.start(known)
    for position, (kind, place) in enumerate(zip(memo.values, results, strict=True)):
        word = w.load("i64", w.offset("i64", found, str(position)))
        w.store(scalar_type(kind), _from_word(w, kind, word), place)
    w.emit("ret i32 0")
    w.start(new)


def insert(w: Writer, memo: Memo, arguments: Sequence[str], values: Sequence[str]) -> str:
    """Keeps the results of a call; gives whether there was no memory."""
    words = [*_words(w, memo.keys, arguments), *_words(w, memo.values, values)]
    given = ", ".join(f"i64 {x}" for x in words)
    return w.set(f"call i1 {memo.symbol('insert')}(ptr %context, ptr %memo, {given})", "full")


def _words(w: Writer, kinds: Sequence[Type], values: Sequence[str]) -> list[str]:
    return [_to_word(w, kind, value) for kind, value in zip(kinds, values, strict=True)]


def _to_word(w: Writer, kind: Type, value: str) -> str:
    bits = 1 if isinstance(kind, BoolType) else kind.width if isinstance(kind, IntType | FloatType) else 0
    if isinstance(kind, FloatType):
        value = w.set(f"bitcast {scalar_type(kind)} {value} to i{bits}")
    return value if bits == 64 else w.set(f"zext i{bits} {value} to i64")


def _from_word(w: Writer, kind: Type, word: str) -> str:
    bits = 1 if isinstance(kind, BoolType) else kind.width if isinstance(kind, IntType | FloatType) else 0
    value = word if bits == 64 else w.set(f"trunc i64 {word} to i{bits}")
    return w.set(f"bitcast i{bits} {value} to {scalar_type(kind)}") if isinstance(kind, FloatType) else value


def functions(memo: Memo) -> str:
    """`open` makes the grid; `cell` finds the cell of the arguments in it, or null; `place` finds their record in the
    hash table or a free one; `find` finds the results of known arguments, or null; `insert` adds results and gives
    whether there was no memory."""
    return "\n".join([_open(memo), _cell(memo), _place(memo), _find(memo), _insert(memo)])


def _open(memo: Memo) -> str:
    lines: list[str] = []
    total, fine = str(memo.cell), "true"
    for i in range(len(memo.keys)):
        lines += [
            f"  %n{i} = add i64 %k{i}, 1",
            f"  %s{i} = icmp sgt i64 %n{i}, 0",
            f"  %m{i} = call {{i64, i1}} @llvm.umul.with.overflow.i64(i64 {total}, i64 %n{i})",
            f"  %t{i} = extractvalue {{i64, i1}} %m{i}, 0",
            f"  %o{i} = extractvalue {{i64, i1}} %m{i}, 1",
            f"  %w{i} = xor i1 %o{i}, true",
            f"  %x{i} = and i1 %s{i}, %w{i}",
            f"  %y{i} = and i1 {fine}, %x{i}",
        ]
        total, fine = f"%t{i}", f"%y{i}"
    stores = "\n".join(
        f"  %p{i} = getelementptr i64, ptr %memo, i64 {4 + i}\n  store i64 %n{i}, ptr %p{i}"
        for i in range(len(memo.keys))
    )
    text = "\n".join(lines)
    return f"""define internal void {memo.symbol("open")}(ptr %memo, {_parameters(memo)}) #0 {{
entry:
{text}
  %small = icmp ule i64 {total}, {_MOST_GRID}
  %take = and i1 {fine}, %small
  br i1 %take, label %make, label %out
make:
  %grid = call ptr @calloc(i64 {total}, i64 1)
  store ptr %grid, ptr %memo
{stores}
  br label %out
out:
  ret void
}}"""


def _cell(memo: Memo) -> str:
    lines: list[str] = []
    place, inside = "0", "true"
    for i in range(len(memo.keys)):
        lines += [
            f"  %p{i} = getelementptr i64, ptr %memo, i64 {4 + i}",
            f"  %n{i} = load i64, ptr %p{i}",
            f"  %u{i} = icmp ult i64 %k{i}, %n{i}",
            f"  %a{i} = and i1 {inside}, %u{i}",
            f"  %m{i} = mul i64 {place}, %n{i}",
            f"  %s{i} = add i64 %m{i}, %k{i}",
        ]
        place, inside = f"%s{i}", f"%a{i}"
    text = "\n".join(lines)
    return f"""define internal ptr {memo.symbol("cell")}(ptr %memo, {_parameters(memo)}) #0 {{
entry:
  %grid = load ptr, ptr %memo
{text}
  %some = icmp ne ptr %grid, null
  %take = and i1 {inside}, %some
  %at = mul i64 {place}, {memo.cell}
  %cell = getelementptr i8, ptr %grid, i64 %at
  %found = select i1 %take, ptr %cell, ptr null
  ret ptr %found
}}"""


def _parameters(memo: Memo) -> str:
    return ", ".join(f"i64 %k{i}" for i in range(len(memo.keys)))


def _passed(memo: Memo, stem: str = "%k") -> str:
    return ", ".join(f"i64 {stem}{i}" for i in range(len(memo.keys)))


def _place(memo: Memo) -> str:
    mixed: list[str] = []
    last = "0"
    for i in range(len(memo.keys)):
        mixed += [
            f"  %s{i} = add i64 %k{i}, {last}",
            f"  %m{i} = mul i64 %s{i}, {_MIX[0]}",
            f"  %f{i} = lshr i64 %m{i}, 29",
            f"  %x{i} = xor i64 %m{i}, %f{i}",
            f"  %h{i} = mul i64 %x{i}, {_MIX[1]}",
        ]
        last = f"%h{i}"
    same, compared = "true", list[str]()
    for i in range(len(memo.keys)):
        compared += [
            f"  %p{i} = getelementptr i64, ptr %record, i64 {1 + i}",
            f"  %v{i} = load i64, ptr %p{i}",
            f"  %e{i} = icmp eq i64 %v{i}, %k{i}",
            f"  %a{i} = and i1 {same}, %e{i}",
        ]
        same = f"%a{i}"
    lines = "\n".join(mixed)
    tests = "\n".join(compared)
    return f"""define internal ptr {memo.symbol("place")}(ptr %data, i64 %mask, {_parameters(memo)}) #0 {{
entry:
{lines}
  %first = lshr i64 {last}, 20
  br label %probe
probe:
  %i = phi i64 [ %first, %entry ], [ %j, %next ]
  %slot = and i64 %i, %mask
  %at = mul i64 %slot, {memo.size}
  %record = getelementptr i8, ptr %data, i64 %at
  %used = load i64, ptr %record
  %free = icmp eq i64 %used, 0
  br i1 %free, label %done, label %compare
compare:
{tests}
  br i1 {same}, label %done, label %next
next:
  %j = add i64 %i, 1
  br label %probe
done:
  ret ptr %record
}}"""


def _find(memo: Memo) -> str:
    return f"""define internal ptr {memo.symbol("find")}(ptr %memo, {_parameters(memo)}) #0 {{
entry:
  %cell = call ptr {memo.symbol("cell")}(ptr %memo, {_passed(memo)})
  %outside = icmp eq ptr %cell, null
  br i1 %outside, label %hashed, label %test
hashed:
  %data_place = getelementptr ptr, ptr %memo, i64 1
  %data = load ptr, ptr %data_place
  %empty = icmp eq ptr %data, null
  br i1 %empty, label %none, label %look
look:
  %place = getelementptr i64, ptr %memo, i64 2
  %mask = load i64, ptr %place
  %record = call ptr {memo.symbol("place")}(ptr %data, i64 %mask, {_passed(memo)})
  br label %test
test:
  %where = phi ptr [ %cell, %entry ], [ %record, %look ]
  %skip = phi i64 [ 8, %entry ], [ {8 * (1 + len(memo.keys))}, %look ]
  %used = load i64, ptr %where
  %free = icmp eq i64 %used, 0
  br i1 %free, label %none, label %known
known:
  %values = getelementptr i8, ptr %where, i64 %skip
  ret ptr %values
none:
  ret ptr null
}}"""


def _insert(memo: Memo) -> str:
    values = ", ".join(f"i64 %v{i}" for i in range(len(memo.values)))
    keys = [f"%k{i}" for i in range(len(memo.keys))]
    results = [f"%v{i}" for i in range(len(memo.values))]
    stores, filled = _stores("record", [*keys, *results]), _stores("cell", results)
    reads = "\n".join(
        f"  %op{i} = getelementptr i64, ptr %old, i64 {1 + i}\n  %ok{i} = load i64, ptr %op{i}"
        for i in range(len(memo.keys))
    )
    return f"""define internal i1 {memo.symbol("insert")}(ptr %context, ptr %memo, {_parameters(memo)}, {values}) #0 {{
entry:
  %cell = call ptr {memo.symbol("cell")}(ptr %memo, {_passed(memo)})
  %outside = icmp eq ptr %cell, null
  br i1 %outside, label %hashed, label %fill
fill:
  store i64 1, ptr %cell
{filled}
  ret i1 false
hashed:
  %data_place = getelementptr ptr, ptr %memo, i64 1
  %mask_place = getelementptr i64, ptr %memo, i64 2
  %count_place = getelementptr i64, ptr %memo, i64 3
  %data = load ptr, ptr %data_place
  %mask = load i64, ptr %mask_place
  %count = load i64, ptr %count_place
  %more = add i64 %count, 1
  store i64 %more, ptr %count_place
  %four = mul i64 %more, 4
  %three = mul i64 %mask, 3
  %full = icmp ugt i64 %four, %three
  br i1 %full, label %grow, label %put
grow:
  %empty = icmp eq ptr %data, null
  %had = add i64 %mask, 1
  %twice = mul i64 %had, 2
  %room = select i1 %empty, i64 {_FIRST}, i64 %twice
  %new_mask = sub i64 %room, 1
  %new = call ptr @calloc(i64 %room, i64 {memo.size})
  %failed = icmp eq ptr %new, null
  br i1 %failed, label %none, label %move
move:
  store ptr %new, ptr %data_place
  store i64 %new_mask, ptr %mask_place
  br i1 %empty, label %put, label %walk
walk:
  %n = phi i64 [ 0, %move ], [ %next, %on ]
  %at = mul i64 %n, {memo.size}
  %old = getelementptr i8, ptr %data, i64 %at
  %used = load i64, ptr %old
  %free = icmp eq i64 %used, 0
  br i1 %free, label %on, label %copy
copy:
{reads}
  %to = call ptr {memo.symbol("place")}(ptr %new, i64 %new_mask, {_passed(memo, "%ok")})
  call void @llvm.memcpy.p0.p0.i64(ptr %to, ptr %old, i64 {memo.size}, i1 false)
  br label %on
on:
  %next = add i64 %n, 1
  %end = icmp eq i64 %next, %had
  br i1 %end, label %moved, label %walk
moved:
  call void @free(ptr %data)
  br label %put
put:
  %now = load ptr, ptr %data_place
  %now_mask = load i64, ptr %mask_place
  %record = call ptr {memo.symbol("place")}(ptr %now, i64 %now_mask, {_passed(memo)})
  store i64 1, ptr %record
{stores}
  ret i1 false
none:
  call void @hyperion.asked(ptr %context, i64 %room, i64 {memo.size})
  ret i1 true
}}"""


def _stores(base: str, values: Sequence[str]) -> str:
    """Stores values in the words behind the first one of a record or cell."""
    return "\n".join(
        f"  %{base}.{i} = getelementptr i64, ptr %{base}, i64 {1 + i}\n  store i64 {x}, ptr %{base}.{i}"
        for i, x in enumerate(values)
    )
