"""The memory of arrays, in LLVM IR: small blocks are malloc's, large ones are mapped, and kept for the next array.

New memory costs more than most loops that fill it: the system clears each page when it is first written. So a large
block that is freed waits on a list of its size (four sizes to each power of two), up to a limit for all of them; what
would pass the limit goes back to the system. Maps of 4 MiB and more begin at a multiple of 2 MiB and ask for huge
pages. The second word of a block's header is the number of its list, 0 for malloc's; the data of a mapped block lie at
a multiple of 64.
"""

from __future__ import annotations

import os
import sys

from hyperion.errors import DeviceError
from hyperion_llvm import HEADER

SMALLEST = 18  # the logarithm of the bytes from which on blocks are mapped
LISTS = 4 * 28  # below 2**46 bytes; what is larger is malloc's
ALIGNMENT = 64
LEAD = ALIGNMENT - HEADER
HUGE = 1 << 21
MOST_KEPT = 1 << 30
IMPORTS = ("malloc", "calloc", "free", "mmap", "munmap", "madvise", "sched_yield", "memset")


def most_kept(memory: int) -> int:
    """The bytes that wait for reuse at most: HYPERION_KEPT_MEMORY, or a sixteenth of `memory` up to 1 GiB.

    Raises `DeviceError` (HY5003) for what is not a number of bytes.
    """
    text = os.environ.get("HYPERION_KEPT_MEMORY", "").strip()
    if not text:
        return min(memory // 16, MOST_KEPT)
    if not text.isdecimal() or int(text) >= 1 << 63:
        hints = ["set it to a number of bytes, 0 to keep none, or unset it"]
        raise DeviceError("HY5003", f"HYPERION_KEPT_MEMORY is {text!r}", hints=hints)
    return int(text)


def text() -> str:
    """LLVM IR that defines `hyperion_block`, `hyperion_block_free`, `hyperion_block_owner`, `hyperion_block_new`,
    `hyperion_blocks_trim`, `hyperion_blocks_reset` and the global `hyperion_blocks`: the limit, the bytes kept, the
    bytes mapped (kept ones too), the number of reuses, and the most bytes that were mapped and not kept."""
    return (MAPPED if sys.platform == "linux" else PLAIN) + OWNER


STATISTICS = """
@hyperion_blocks = global [5 x i64] zeroinitializer, align 64
declare ptr @malloc(i64)
declare ptr @calloc(i64, i64)
declare void @free(ptr)
"""

OWNER = f"""
declare ptr @PyCapsule_New(ptr, ptr, ptr)
declare ptr @PyCapsule_GetPointer(ptr, ptr)
declare i64 @PyLong_AsLongLong(ptr)
declare ptr @PyEval_SaveThread()
declare void @PyEval_RestoreThread(ptr)
declare ptr @PyErr_NoMemory()

; A Python object that takes over the block of these data: it frees the block when it goes, which no signal's handler
; can come between, as it could in a `__del__`. Where there is no memory for it the block is freed now, and an exception
; set. The caller has the interpreter's lock.
define ptr @hyperion_block_owner(ptr %data) {{
entry:
  %owner = call ptr @PyCapsule_New(ptr %data, ptr null, ptr @disown)
  %refused = icmp eq ptr %owner, null
  br i1 %refused, label %drop, label %out
drop:
  %block = getelementptr i8, ptr %data, i64 {-HEADER}
  call void @hyperion_block_free(ptr %block)
  br label %out
out:
  ret ptr %owner
}}

; A METH_FASTCALL function: the owner of so many bytes, zeros if the second argument is not 0. Others have the
; interpreter's lock while they are written.
define ptr @hyperion_block_new(ptr %self, ptr %args, i64 %count) {{
entry:
  %wanted = load ptr, ptr %args
  %bytes = call i64 @PyLong_AsLongLong(ptr %wanted)
  %total = add i64 %bytes, {HEADER}
  %second = getelementptr ptr, ptr %args, i64 1
  %asked = load ptr, ptr %second
  %cleared = call i64 @PyLong_AsLongLong(ptr %asked)
  %clear = icmp ne i64 %cleared, 0
  %state = call ptr @PyEval_SaveThread()
  br i1 %clear, label %zeros, label %any
zeros:
  %clean = call ptr @zeroed(i64 %total)
  br label %had
any:
  %plain = call ptr @hyperion_block(i64 %total)
  br label %had
had:
  %block = phi ptr [ %clean, %zeros ], [ %plain, %any ]
  call void @PyEval_RestoreThread(ptr %state)
  %missing = icmp eq ptr %block, null
  br i1 %missing, label %none, label %made
made:
  %data = getelementptr i8, ptr %block, i64 {HEADER}
  %owner = call ptr @hyperion_block_owner(ptr %data)
  ret ptr %owner
none:
  %e = call ptr @PyErr_NoMemory()
  ret ptr null
}}

define internal void @disown(ptr %owner) {{
  %data = call ptr @PyCapsule_GetPointer(ptr %owner, ptr null)
  %block = getelementptr i8, ptr %data, i64 {-HEADER}
  call void @hyperion_block_free(ptr %block)
  ret void
}}
"""

PLAIN = f"""{STATISTICS}
define ptr @hyperion_block(i64 %bytes) {{
  %block = call ptr @malloc(i64 %bytes)
  ret ptr %block
}}
define internal ptr @zeroed(i64 %bytes) {{
  %block = call ptr @calloc(i64 1, i64 %bytes)
  ret ptr %block
}}
define void @hyperion_block_free(ptr %block) {{
  call void @free(ptr %block)
  ret void
}}
define void @hyperion_blocks_trim() {{ ret void }}
define void @hyperion_blocks_reset() {{ ret void }}
"""

MAPPED = f"""{STATISTICS}
declare ptr @mmap(ptr, i64, i32, i32, i32, i64)
declare i32 @munmap(ptr, i64)
declare i32 @madvise(ptr, i64, i32)
declare i32 @sched_yield()
declare ptr @memset(ptr, i32, i64)
declare i64 @llvm.ctlz.i64(i64, i1)

@heads = internal global [{LISTS} x ptr] zeroinitializer, align 64
@locked = internal global i32 0, align 64

; After fork the child's other threads, one of which may have held the lock, are gone.
define void @hyperion_blocks_reset() {{
  store atomic i32 0, ptr @locked release, align 4
  ret void
}}

define internal void @lock() {{
entry:
  br label %try
try:
  %held = cmpxchg weak ptr @locked, i32 0, i32 1 acquire monotonic
  %ok = extractvalue {{i32, i1}} %held, 1
  br i1 %ok, label %out, label %wait
wait:
  %r = call i32 @sched_yield()
  br label %try
out:
  ret void
}}

define internal void @unlock() alwaysinline {{
  store atomic i32 0, ptr @locked release, align 4
  ret void
}}

define internal void @count(i64 %which, i64 %bytes) alwaysinline {{
  %place = getelementptr i64, ptr @hyperion_blocks, i64 %which
  %old = load i64, ptr %place
  %new = add i64 %old, %bytes
  store i64 %new, ptr %place
  ret void
}}

; What is in use may be the most so far. With the lock.
define internal void @note_peak() alwaysinline {{
  %kept_place = getelementptr i64, ptr @hyperion_blocks, i64 1
  %mapped_place = getelementptr i64, ptr @hyperion_blocks, i64 2
  %peak_place = getelementptr i64, ptr @hyperion_blocks, i64 4
  %kept = load i64, ptr %kept_place
  %mapped = load i64, ptr %mapped_place
  %peak = load i64, ptr %peak_place
  %used = sub i64 %mapped, %kept
  %more = icmp sgt i64 %used, %peak
  %most = select i1 %more, i64 %used, i64 %peak
  store i64 %most, ptr %peak_place
  ret void
}}

; The number of the list for %bytes >= 2**{SMALLEST}: four sizes to a power of two, from 4 on.
define internal i64 @list_of(i64 %bytes) alwaysinline {{
  %less = sub i64 %bytes, 1
  %zeros = call i64 @llvm.ctlz.i64(i64 %less, i1 true)
  %logarithm = sub i64 63, %zeros
  %shift = sub i64 %logarithm, 2
  %top = lshr i64 %less, %shift
  %quarter = and i64 %top, 3
  %high = sub i64 %logarithm, {SMALLEST - 1}
  %four = shl i64 %high, 2
  %sum = add i64 %four, %quarter
  ret i64 %sum
}}

; The bytes of the blocks of a list: the least that all that `list_of` puts there fit in.
define internal i64 @size_of(i64 %list) alwaysinline {{
  %high = lshr i64 %list, 2
  %logarithm = add i64 %high, {SMALLEST - 1}
  %quarter = and i64 %list, 3
  %part = add i64 %quarter, 5
  %shift = sub i64 %logarithm, 2
  %size = shl i64 %part, %shift
  ret i64 %size
}}

define internal ptr @map(i64 %size) noinline {{
entry:
  %large = icmp uge i64 %size, {2 * HUGE}
  %more = select i1 %large, i64 {HUGE}, i64 0
  %all = add i64 %size, %more
  %base = call ptr @mmap(ptr null, i64 %all, i32 3, i32 34, i32 -1, i64 0)
  %address = ptrtoint ptr %base to i64
  %failed = icmp eq i64 %address, -1
  br i1 %failed, label %none, label %made
made:
  br i1 %large, label %align, label %small
small:
  ret ptr %base
align:
  %up = add i64 %address, {HUGE - 1}
  %first = and i64 %up, {-HUGE}
  %before = sub i64 %first, %address
  %after = sub i64 {HUGE}, %before
  %start = inttoptr i64 %first to ptr
  %end = getelementptr i8, ptr %start, i64 %size
  %head = icmp ne i64 %before, 0
  br i1 %head, label %cut, label %tail
cut:
  %r1 = call i32 @munmap(ptr %base, i64 %before)
  br label %tail
tail:
  %rest = icmp ne i64 %after, 0
  br i1 %rest, label %cut2, label %advise
cut2:
  %r2 = call i32 @munmap(ptr %end, i64 %after)
  br label %advise
advise:
  %r3 = call i32 @madvise(ptr %start, i64 %size, i32 14)
  ret ptr %start
none:
  ret ptr null
}}

; Gives back to the system what waits for reuse.
define void @hyperion_blocks_trim() {{
entry:
  call void @lock()
  br label %lists
lists:
  %i = phi i64 [ 0, %entry ], [ %j, %next ]
  %end = icmp eq i64 %i, {LISTS}
  br i1 %end, label %out, label %walk
walk:
  %place = getelementptr ptr, ptr @heads, i64 %i
  %first = load ptr, ptr %place
  store ptr null, ptr %place
  %list = add i64 %i, 4
  %size = call i64 @size_of(i64 %list)
  br label %blocks
blocks:
  %base = phi ptr [ %first, %walk ], [ %following, %drop ]
  %last = icmp eq ptr %base, null
  br i1 %last, label %next, label %drop
drop:
  %following = load ptr, ptr %base
  %r = call i32 @munmap(ptr %base, i64 %size)
  %less = sub i64 0, %size
  call void @count(i64 1, i64 %less)
  call void @count(i64 2, i64 %less)
  br label %blocks
next:
  %j = add i64 %i, 1
  br label %lists
out:
  call void @unlock()
  ret void
}}

define ptr @hyperion_block(i64 %bytes) {{
  %new = alloca i1
  %block = call ptr @take_block(i64 %bytes, ptr %new)
  ret ptr %block
}}

; A block whose data are zeros: memory that comes from the system is cleared already.
define internal ptr @zeroed(i64 %bytes) {{
entry:
  %new = alloca i1
  %block = call ptr @take_block(i64 %bytes, ptr %new)
  %missing = icmp eq ptr %block, null
  br i1 %missing, label %out, label %look
look:
  %cleared = load i1, ptr %new
  br i1 %cleared, label %out, label %clear
clear:
  %data = getelementptr i8, ptr %block, i64 {HEADER}
  %size = sub i64 %bytes, {HEADER}
  %r = call ptr @memset(ptr %data, i32 0, i64 %size)
  br label %out
out:
  ret ptr %block
}}

; A block; %new says whether its data are memory that nobody wrote before.
define internal ptr @take_block(i64 %bytes, ptr %new) {{
entry:
  store i1 false, ptr %new
  %least = icmp ult i64 %bytes, {(1 << SMALLEST) - LEAD}
  %most = icmp uge i64 %bytes, {(1 << SMALLEST + LISTS // 4) - LEAD}
  %plain = or i1 %least, %most
  br i1 %plain, label %small, label %large
small:
  %memory = call ptr @malloc(i64 %bytes)
  %missing = icmp eq ptr %memory, null
  br i1 %missing, label %none, label %mark
mark:
  %kind = getelementptr i64, ptr %memory, i64 1
  store i64 0, ptr %kind
  ret ptr %memory
large:
  %total = add i64 %bytes, {LEAD}
  %raised = add i64 %total, 1
  %list = call i64 @list_of(i64 %raised)
  %size = call i64 @size_of(i64 %list)
  %index = sub i64 %list, 4
  %place = getelementptr ptr, ptr @heads, i64 %index
  call void @lock()
  %kept = load ptr, ptr %place
  %empty = icmp eq ptr %kept, null
  br i1 %empty, label %fresh, label %reuse
reuse:
  %following = load ptr, ptr %kept
  store ptr %following, ptr %place
  %less = sub i64 0, %size
  call void @count(i64 1, i64 %less)
  call void @count(i64 3, i64 1)
  call void @note_peak()
  call void @unlock()
  br label %ready
fresh:
  call void @unlock()
  %mapped = call ptr @map(i64 %size)
  %refused = icmp eq ptr %mapped, null
  br i1 %refused, label %again, label %got
again:
  call void @hyperion_blocks_trim()
  %retried = call ptr @map(i64 %size)
  %never = icmp eq ptr %retried, null
  br i1 %never, label %none, label %got
got:
  %first = phi ptr [ %mapped, %fresh ], [ %retried, %again ]
  store i1 true, ptr %new
  call void @lock()
  call void @count(i64 2, i64 %size)
  call void @note_peak()
  call void @unlock()
  br label %ready
ready:
  %base = phi ptr [ %kept, %reuse ], [ %first, %got ]
  %block = getelementptr i8, ptr %base, i64 {LEAD}
  %number = getelementptr i64, ptr %block, i64 1
  store i64 %list, ptr %number
  ret ptr %block
none:
  ret ptr null
}}

define void @hyperion_block_free(ptr %block) {{
entry:
  %number = getelementptr i64, ptr %block, i64 1
  %list = load i64, ptr %number
  %plain = icmp eq i64 %list, 0
  br i1 %plain, label %small, label %large
small:
  call void @free(ptr %block)
  ret void
large:
  %base = getelementptr i8, ptr %block, i64 {-LEAD}
  %size = call i64 @size_of(i64 %list)
  %index = sub i64 %list, 4
  %place = getelementptr ptr, ptr @heads, i64 %index
  %waiting = getelementptr i64, ptr @hyperion_blocks, i64 1
  call void @lock()
  %kept = load i64, ptr %waiting
  %limit = load i64, ptr @hyperion_blocks
  %sum = add i64 %kept, %size
  %fits = icmp ule i64 %sum, %limit
  br i1 %fits, label %keep, label %drop
keep:
  %head = load ptr, ptr %place
  store ptr %head, ptr %base
  store ptr %base, ptr %place
  store i64 %sum, ptr %waiting
  call void @unlock()
  ret void
drop:
  %less = sub i64 0, %size
  call void @count(i64 2, i64 %less)
  call void @unlock()
  %r = call i32 @munmap(ptr %base, i64 %size)
  ret void
}}
"""
