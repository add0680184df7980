"""What a recursion remembers: a hash table from arguments to results, in LLVM IR.

The table is `{ptr records, i64 mask, i64 count}`; a record is a word that is 1 where the record is in use, the
arguments and the results, each in a word. Open addressing, at most three quarters full, from `malloc`, since arrays of
the recursion come and go meanwhile.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hyperion.ir.function import Region
from hyperion.ir.types import BoolType, FloatType, IntType, Type
from hyperion_llvm.text import Writer, scalar_type

_FIRST = 1 << 10  # records
_MIX = (-7046029254386353131, -4658895280553007687)  # odd constants of splitmix64


@dataclass(frozen=True, slots=True)
class Memo:
    name: str
    keys: tuple[Type, ...]
    values: tuple[Type, ...]

    @property
    def size(self) -> int:
        """Bytes of a record."""
        return 8 * (1 + len(self.keys) + len(self.values))

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


def new_table(w: Writer) -> str:
    table = w.slot("{ptr, i64, i64}", "memo")
    w.store("{ptr, i64, i64}", "zeroinitializer", table)
    return table


def free_table(w: Writer, table: str) -> None:
    w.emit(f"call void @free(ptr {w.load('ptr', table)})")


def look_up(w: Writer, memo: Memo, arguments: Sequence[str], results: Sequence[str]) -> None:
    """Leaves the function with the results that are known."""
    keys = ", ".join(f"i64 {k}" for k in _words(w, memo.keys, arguments))
    record = w.set(f"call ptr {memo.symbol('find')}(ptr %memo, {keys})", "record")
    known, new = w.fresh("known"), w.fresh("new")
    w.branch(w.set(f"icmp eq ptr {record}, null", "c"), new, known)
    w.start(known)
    for position, (kind, place) in enumerate(zip(memo.values, results, strict=True)):
        word = w.load("i64", w.offset("i64", record, str(1 + len(memo.keys) + position)))
        w.store(scalar_type(kind), _from_word(w, kind, word), place)
    w.emit("ret i32 0")
    w.start(new)


def insert(w: Writer, memo: Memo, arguments: Sequence[str], values: Sequence[str]) -> str:
    """Keeps the results of a call; gives whether there was no memory."""
    words = [*_words(w, memo.keys, arguments), *_words(w, memo.values, values)]
    given = ", ".join(f"i64 {x}" for x in words)
    return w.set(f"call i1 {memo.symbol('insert')}(ptr %memo, {given})", "full")


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
    """`place` finds the record of the arguments or a free one, `find` the record of known arguments or null, `insert`
    adds one and gives whether there was no memory."""
    return "\n".join([_place(memo), _find(memo), _insert(memo)])


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
  %data = load ptr, ptr %memo
  %empty = icmp eq ptr %data, null
  br i1 %empty, label %none, label %look
look:
  %place = getelementptr i64, ptr %memo, i64 1
  %mask = load i64, ptr %place
  %record = call ptr {memo.symbol("place")}(ptr %data, i64 %mask, {_passed(memo)})
  %used = load i64, ptr %record
  %free = icmp eq i64 %used, 0
  br i1 %free, label %none, label %known
known:
  ret ptr %record
none:
  ret ptr null
}}"""


def _insert(memo: Memo) -> str:
    values = ", ".join(f"i64 %v{i}" for i in range(len(memo.values)))
    stores = "\n".join(
        f"  %q{i} = getelementptr i64, ptr %record, i64 {1 + i}\n  store i64 {x}, ptr %q{i}"
        for i, x in enumerate(
            [*(f"%k{i}" for i in range(len(memo.keys))), *(f"%v{i}" for i in range(len(memo.values)))]
        )
    )
    reads = "\n".join(
        f"  %op{i} = getelementptr i64, ptr %old, i64 {1 + i}\n  %ok{i} = load i64, ptr %op{i}"
        for i in range(len(memo.keys))
    )
    return f"""define internal i1 {memo.symbol("insert")}(ptr %memo, {_parameters(memo)}, {values}) #0 {{
entry:
  %mask_place = getelementptr i64, ptr %memo, i64 1
  %count_place = getelementptr i64, ptr %memo, i64 2
  %data = load ptr, ptr %memo
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
  store i64 %room, ptr @hyperion_asked
  %size_place = getelementptr i64, ptr @hyperion_asked, i64 1
  store i64 {memo.size}, ptr %size_place
  %new = call ptr @calloc(i64 %room, i64 {memo.size})
  %failed = icmp eq ptr %new, null
  br i1 %failed, label %none, label %move
move:
  store ptr %new, ptr %memo
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
  %now = load ptr, ptr %memo
  %now_mask = load i64, ptr %mask_place
  %record = call ptr {memo.symbol("place")}(ptr %now, i64 %now_mask, {_passed(memo)})
  store i64 1, ptr %record
{stores}
  ret i1 false
none:
  ret i1 true
}}"""
