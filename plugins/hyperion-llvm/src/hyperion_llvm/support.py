"""The memory of a call, in LLVM IR: every array that a call makes is on a list, and goes when nobody can name it.

The context is all that a call writes but its results, so that calls of one function may go on at the same time:
`{ptr newest block, i64 fuel, i64 elements and i64 bytes of each that could not be had, i8 notes, ptr offered}`.
Offered is null, or where for each result the address and the bytes of memory are that the caller has for it.
A block is a header of 16 bytes (next, and a word of the runtime, which gives blocks by `hyperion_block(bytes)` and
takes them by `hyperion_block_free`) and the data. At the end of each round of a loop that makes arrays, what was made
since the loop began and is not carried on is freed; so is everything but the results at the end of a call.
"""

from __future__ import annotations

HEADER = 16
FUEL = 1 << 20
"""Loop rounds between two looks at pending signals."""

UNKNOWN_ROOM = 1 << 16
FIRST_FUEL = 1 << 14
"""Rounds before the first look, by which a call is known to be a long one."""

CONTEXT = "{ptr, i64, i64, i64, i8, ptr}"
ASKED, NOTES, OFFERED = 16, 32, 40
"""Where in the context the array is described that could not be had, where the bits of `taken` are, and where what the
caller offers."""
LOOKED = 8
"""The bit of the notes that says that the runtime was asked, by `hyperion_poll` or `hyperion_parallel`."""
INTERRUPTED = -1
"""The status besides 0 (done) and the number of a site."""

TEXT = f"""
declare noalias ptr @hyperion_block(i64)
declare void @hyperion_block_free(ptr)
declare noalias ptr @calloc(i64, i64)
declare void @free(ptr)
declare i32 @hyperion_poll()
declare i64 @hyperion_stack_floor()
declare ptr @llvm.frameaddress.p0(i32)

; Notes how many elements of how many bytes could not be had, where a call ends at a site of kind "memory".
define internal void @hyperion.asked(ptr %context, i64 %count, i64 %size) noinline cold #0 {{
  %count_place = getelementptr i8, ptr %context, i64 {ASKED}
  store i64 %count, ptr %count_place
  %size_place = getelementptr i8, ptr %context, i64 {ASKED + 8}
  store i64 %size, ptr %size_place
  ret void
}}

define internal noalias ptr @hyperion.allocate(ptr %context, i64 %count, i64 %size) #0 {{
entry:
  %product = call {{i64, i1}} @llvm.umul.with.overflow.i64(i64 %count, i64 %size)
  %bytes = extractvalue {{i64, i1}} %product, 0
  %overflow = extractvalue {{i64, i1}} %product, 1
  %large = icmp ugt i64 %bytes, 9223372036854775000
  %never = or i1 %overflow, %large
  br i1 %never, label %none, label %ask
ask:
  %total = add i64 %bytes, {HEADER}
  %block = call ptr @hyperion_block(i64 %total)
  %failed = icmp eq ptr %block, null
  br i1 %failed, label %none, label %link
link:
  %next = load ptr, ptr %context
  store ptr %next, ptr %block
  store ptr %block, ptr %context
  %data = getelementptr i8, ptr %block, i64 {HEADER}
  ret ptr %data
none:
  call void @hyperion.asked(ptr %context, i64 %count, i64 %size)
  ret ptr null
}}

; Frees the blocks newer than %mark whose data is not among the %count pointers at %kept.
define internal void @hyperion.release(ptr %context, ptr %mark, ptr %kept, i64 %count) #0 {{
entry:
  br label %walk
walk:
  %link = phi ptr [ %context, %entry ], [ %link, %drop ], [ %block, %keep ]
  %block = load ptr, ptr %link
  %done = icmp eq ptr %block, %mark
  br i1 %done, label %out, label %search
search:
  %data = getelementptr i8, ptr %block, i64 {HEADER}
  br label %test
test:
  %i = phi i64 [ 0, %search ], [ %j, %differs ]
  %end = icmp eq i64 %i, %count
  br i1 %end, label %drop, label %look
look:
  %place = getelementptr ptr, ptr %kept, i64 %i
  %one = load ptr, ptr %place
  %same = icmp eq ptr %one, %data
  %j = add i64 %i, 1
  br i1 %same, label %keep, label %differs
differs:
  br label %test
drop:
  %next = load ptr, ptr %block
  store ptr %next, ptr %link
  call void @hyperion_block_free(ptr %block)
  br label %walk
keep:
  br label %walk
out:
  ret void
}}

; The lowest address of frames of a recursion: where the runtime knows none, {UNKNOWN_ROOM} bytes below here.
define internal i64 @hyperion.floor() noinline cold #0 {{
entry:
  %floor = call i64 @hyperion_stack_floor()
  %frame = call ptr @llvm.frameaddress.p0(i32 0)
  %here = ptrtoint ptr %frame to i64
  %near = sub i64 %here, {UNKNOWN_ROOM}
  %unknown = icmp eq i64 %floor, 0
  %found = select i1 %unknown, i64 %near, i64 %floor
  ret i64 %found
}}

define internal i32 @hyperion.refuel(ptr %context) noinline cold #0 {{
entry:
  %fuel = getelementptr i8, ptr %context, i64 8
  store i64 {FUEL}, ptr %fuel
  %notes = getelementptr i8, ptr %context, i64 {NOTES}
  %before = load i8, ptr %notes
  %after = or i8 %before, {LOOKED}
  store i8 %after, ptr %notes
  %status = call i32 @hyperion_poll()
  ret i32 %status
}}
"""

OFFERS = f"""
; The memory that the caller has for a result, if it is of so many bytes; else null.
define internal ptr @hyperion.offered(ptr %context, i64 %result, i64 %bytes) #0 {{
entry:
  %place = getelementptr i8, ptr %context, i64 {OFFERED}
  %offers = load ptr, ptr %place
  %none = icmp eq ptr %offers, null
  br i1 %none, label %no, label %look
look:
  %offer = getelementptr [2 x i64], ptr %offers, i64 %result
  %data = load ptr, ptr %offer
  %size = getelementptr i8, ptr %offer, i64 8
  %there = load i64, ptr %size
  %fits = icmp eq i64 %there, %bytes
  br i1 %fits, label %yes, label %no
yes:
  ret ptr %data
no:
  ret ptr null
}}
"""
