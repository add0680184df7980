"""What goes on around a call, in LLVM IR: the look at signals and tokens, and the interpreter's lock.

A builtin that Python calls has the interpreter's lock, and looks at signals every 10 ms. A *run* is a call by
`hyperion_run`, on behalf of a device: it looks at a token's flag and a deadline too, and gives the lock away at its
first look or when it shares work among threads, until its kernel returns. So a short call costs no fight for the lock,
and a long one keeps nobody waiting. The run of a thread is thread-specific data, so that kernels need not know of it:

    {ptr flag, i64 deadline, ptr pool, ptr state, i64 last, i32 main, i8 notes, ptr outs}

`deadline` and `last`, the time of the last look at signals, are in nanoseconds of the monotonic clock; `state` is
Python's thread state while the lock is given away; `main` says whether this thread hears signals; `outs` is null, or
where the addresses and bytes of memory for the results are, until the entry of the function has taken it.
"""

from __future__ import annotations

import sys
import time

from hyperion_llvm import INTERRUPTED

IMPORTS = ("pthread_getspecific", "pthread_setspecific", "clock_gettime")
PINNING = ("sched_getaffinity", "sched_setaffinity", "memcmp")
MASK_BYTES = 1024
"""Bytes of a set of processors, one bit each."""
EVERY = 10_000_000
"""Nanoseconds between two looks at signals. More often would hand most of the time to a thread that waits for the
interpreter's lock."""
POOL = 16
"""Where in a run its pool is, or null."""
POOL_MASK = 16
"""Where in a pool the set of its processors lies, or null: see `pool.FIELDS`."""
_PLACES = {
    "deadline": 8,
    "pool": POOL,
    "state": 24,
    "last": 32,
    "main": 40,
    "notes": 44,
    "outs": 48,
}  # the flag is at 0
_RUN = "[56 x i8], align 8"


def text() -> str:
    """LLVM IR that defines `hyperion_poll`, `hyperion_back`, `hyperion_run` and, for the pool, `run` and `give`."""
    parts = (_TIMED, _PINNED) if sys.platform == "linux" else (_EVERY_TIME, _UNPINNED)
    return "".join([_TEXT, *parts]).replace("CLOCK", str(getattr(time, "CLOCK_MONOTONIC", 1)))


def _places(*names: str) -> str:
    return "\n".join(f"  %{name} = getelementptr i8, ptr %run, i64 {_PLACES[name]}" for name in names)


_TEXT = f"""
declare ptr @PyEval_SaveThread()
declare void @PyEval_RestoreThread(ptr)
declare i32 @PyErr_CheckSignals()
declare i64 @PyLong_AsLongLong(ptr)
declare double @PyFloat_AsDouble(ptr)
declare ptr @PyErr_Occurred()
declare ptr @PyObject_Vectorcall(ptr, ptr, i64, ptr)
declare ptr @pthread_getspecific(i64)
declare i32 @pthread_setspecific(i64, ptr)
declare i32 @clock_gettime(i32, ptr)
declare i64 @llvm.fptosi.sat.i64.f64(double)

@hyperion_key = global i64 0

define internal i64 @now() {{
  %time = alloca [2 x i64], align 8
  %r = call i32 @clock_gettime(i32 CLOCK, ptr %time)
  %seconds = load i64, ptr %time
  %place = getelementptr i64, ptr %time, i64 1
  %nanoseconds = load i64, ptr %place
  %whole = mul i64 %seconds, 1000000000
  %now = add i64 %whole, %nanoseconds
  ret i64 %now
}}

; The run of this thread, or null.
define internal ptr @run() alwaysinline {{
  %key = load i64, ptr @hyperion_key
  %run = call ptr @pthread_getspecific(i64 %key)
  ret ptr %run
}}

; Gives the interpreter's lock away, if this run has it.
define internal void @give(ptr %run) {{
entry:
{_places("state")}
  %old = load ptr, ptr %state
  %held = icmp eq ptr %old, null
  br i1 %held, label %save, label %out
save:
  %new = call ptr @PyEval_SaveThread()
  store ptr %new, ptr %state
  br label %out
out:
  ret void
}}

; After a kernel: takes the lock back, and keeps the notes of which version ran.
define void @hyperion_back(i8 %bits) {{
entry:
  %run = call ptr @run()
  %none = icmp eq ptr %run, null
  br i1 %none, label %out, label %own
own:
{_places("state", "notes")}
  %before = load i8, ptr %notes
  %both = or i8 %before, %bits
  store i8 %both, ptr %notes
  %old = load ptr, ptr %state
  %held = icmp eq ptr %old, null
  br i1 %held, label %out, label %take
take:
  store ptr null, ptr %state
  call void @PyEval_RestoreThread(ptr %old)
  br label %out
out:
  ret void
}}

; The memory for results of the run that begins, to whoever asks first, which is the entry of its function.
define ptr @hyperion_outs() {{
entry:
  %run = call ptr @run()
  %none = icmp eq ptr %run, null
  br i1 %none, label %no, label %own
own:
{_places("outs")}
  %given = load ptr, ptr %outs
  store ptr null, ptr %outs
  ret ptr %given
no:
  ret ptr null
}}

@never = internal constant i32 0

; {INTERRUPTED} if the work is to stop: a handler of a signal raised, the token was cancelled, the deadline passed.
; Neither token nor deadline is about the functions that a handler calls.
define i32 @hyperion_poll() {{
entry:
  %run = call ptr @run()
  %none = icmp eq ptr %run, null
  br i1 %none, label %plain, label %own
plain:
  %signals = call i32 @poll_signals()
  ret i32 %signals
own:
{_places("deadline", "state", "last", "main")}
  %flag = load ptr, ptr %run
  %set = load atomic i32, ptr %flag monotonic, align 4
  %cancelled = icmp ne i32 %set, 0
  br i1 %cancelled, label %stop, label %time
time:
  %now = call i64 @now()
  %end = load i64, ptr %deadline
  %over = icmp sge i64 %now, %end
  br i1 %over, label %stop, label %lock
lock:
  %given = load ptr, ptr %state
  %held = icmp eq ptr %given, null
  br i1 %held, label %let, label %hears
let:
  call void @give(ptr %run)
  ret i32 0
hears:
  %listens = load i32, ptr %main
  %deaf = icmp eq i32 %listens, 0
  br i1 %deaf, label %on, label %due
due:
  %before = load i64, ptr %last
  %passed = sub i64 %now, %before
  %early = icmp slt i64 %passed, {EVERY}
  br i1 %early, label %on, label %look
look:
  store i64 %now, ptr %last
  store ptr null, ptr %state
  call void @PyEval_RestoreThread(ptr %given)
  store ptr @never, ptr %run
  store i64 {(1 << 63) - 1}, ptr %deadline
  %status = call i32 @PyErr_CheckSignals()
  store ptr %flag, ptr %run
  store i64 %end, ptr %deadline
  %raised = icmp ne i32 %status, 0
  br i1 %raised, label %stop, label %again
again:
  call void @give(ptr %run)
  br label %on
on:
  ret i32 0
stop:
  ret i32 {INTERRUPTED}
}}

; A METH_FASTCALL function: (flag's address, deadline in seconds, pool's address or 0, whether this is the main thread,
; where the notes go or 0, where the memory for results is or 0, callable, *arguments) calls the callable as a run.
define ptr @hyperion_run(ptr %self, ptr %args, i64 %count) {{
entry:
  %run = alloca {_RUN}
  %mask = alloca [{MASK_BYTES} x i8], align 8
{_places("deadline", "pool", "state", "last", "main", "notes", "outs")}
  %a0 = load ptr, ptr %args
  %flag = call i64 @PyLong_AsLongLong(ptr %a0)
  store i64 %flag, ptr %run
  %p1 = getelementptr ptr, ptr %args, i64 1
  %a1 = load ptr, ptr %p1
  %seconds = call double @PyFloat_AsDouble(ptr %a1)
  %scaled = fmul double %seconds, 1.0e9
  %nanoseconds = call i64 @llvm.fptosi.sat.i64.f64(double %scaled)
  store i64 %nanoseconds, ptr %deadline
  %p2 = getelementptr ptr, ptr %args, i64 2
  %a2 = load ptr, ptr %p2
  %own = call i64 @PyLong_AsLongLong(ptr %a2)
  store i64 %own, ptr %pool
  store ptr null, ptr %state
  %p3 = getelementptr ptr, ptr %args, i64 3
  %a3 = load ptr, ptr %p3
  %listens = call i64 @PyLong_AsLongLong(ptr %a3)
  %listens32 = trunc i64 %listens to i32
  store i32 %listens32, ptr %main
  store i8 0, ptr %notes
  %p4 = getelementptr ptr, ptr %args, i64 4
  %a4 = load ptr, ptr %p4
  %to = call i64 @PyLong_AsLongLong(ptr %a4)
  %p5 = getelementptr ptr, ptr %args, i64 5
  %a5 = load ptr, ptr %p5
  %memory = call i64 @PyLong_AsLongLong(ptr %a5)
  store i64 %memory, ptr %outs
  %wrong = call ptr @PyErr_Occurred()
  %bad = icmp ne ptr %wrong, null
  br i1 %bad, label %none, label %start
none:
  ret ptr null
start:
  %began = call i64 @now()
  store i64 %began, ptr %last
  %p6 = getelementptr ptr, ptr %args, i64 6
  %callable = load ptr, ptr %p6
  %rest = getelementptr ptr, ptr %args, i64 7
  %given = sub i64 %count, 7
  %moved = call i1 @pin(i64 %own, ptr %mask)
  %outer = call ptr @run()
  %key = load i64, ptr @hyperion_key
  %s = call i32 @pthread_setspecific(i64 %key, ptr %run)
  %result = call ptr @PyObject_Vectorcall(ptr %callable, ptr %rest, i64 %given, ptr null)
  %t = call i32 @pthread_setspecific(i64 %key, ptr %outer)
  br i1 %moved, label %back, label %note
back:
  call void @unpin(ptr %mask)
  br label %note
note:
  %wanted = icmp ne i64 %to, 0
  br i1 %wanted, label %write, label %out
write:
  %place = inttoptr i64 %to to ptr
  %bits = load i8, ptr %notes
  store i8 %bits, ptr %place
  br label %out
out:
  ret ptr %result
}}
"""

_EVERY_TIME = """
define internal i32 @poll_signals() {
  %status = call i32 @PyErr_CheckSignals()
  ret i32 %status
}
"""

_TIMED = f"""
@last = internal global i64 0

; Every 10 ms lets other Python threads run, then looks at signals: not 0 if a handler raised.
define internal i32 @poll_signals() {{
entry:
  %now = call i64 @now()
  %before = load i64, ptr @last
  %passed = sub i64 %now, %before
  %due = icmp sge i64 %passed, {EVERY}
  br i1 %due, label %look, label %out
look:
  store i64 %now, ptr @last
  %state = call ptr @PyEval_SaveThread()
  call void @PyEval_RestoreThread(ptr %state)
  %status = call i32 @PyErr_CheckSignals()
  ret i32 %status
out:
  ret i32 0
}}
"""

_UNPINNED = """
define internal i1 @pin(i64 %pool, ptr %mask) { ret i1 false }
define internal void @unpin(ptr %mask) { ret void }
"""

_PINNED = f"""
declare i32 @sched_getaffinity(i32, i64, ptr)
declare i32 @sched_setaffinity(i32, i64, ptr)
declare i32 @memcmp(ptr, ptr, i64)

; Moves this thread to the processors of a pool that has some of its own; whether `unpin` must move it back.
define internal i1 @pin(i64 %pool, ptr %mask) {{
entry:
  %usual = icmp eq i64 %pool, 0
  br i1 %usual, label %no, label %some
some:
  %start = inttoptr i64 %pool to ptr
  %place = getelementptr i8, ptr %start, i64 {POOL_MASK}
  %own = load ptr, ptr %place
  %all = icmp eq ptr %own, null
  br i1 %all, label %no, label %ask
ask:
  %failed = call i32 @sched_getaffinity(i32 0, i64 {MASK_BYTES}, ptr %mask)
  %known = icmp eq i32 %failed, 0
  br i1 %known, label %compare, label %no
compare:
  %differs = call i32 @memcmp(ptr %mask, ptr %own, i64 {MASK_BYTES})
  %same = icmp eq i32 %differs, 0
  br i1 %same, label %no, label %move
move:
  %refused = call i32 @sched_setaffinity(i32 0, i64 {MASK_BYTES}, ptr %own)
  %moved = icmp eq i32 %refused, 0
  ret i1 %moved
no:
  ret i1 false
}}

define internal void @unpin(ptr %mask) {{
  %r = call i32 @sched_setaffinity(i32 0, i64 {MASK_BYTES}, ptr %mask)
  ret void
}}
"""
