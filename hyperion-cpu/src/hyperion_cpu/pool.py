"""The thread pool, in LLVM IR: threads that take the next index themselves; the caller takes indices too.

`next` packs a generation and the next index in 64 bits, so taking one is a compare-and-swap that fails for a thread
that woke up late; while the caller says what the next work is, `next` is closed. The caller never waits for a thread
that has not started, only for indices that one has taken. Threads sleep on a futex after a short spin. They never touch
Python, and leave signals to the other threads.
"""

from __future__ import annotations

import os
import sys

from hyperion.errors import DeviceError
from hyperion_cpu import runs

SPINS = 4000
FUTEX = {"x86_64": 202, "aarch64": 98}
PAUSE = {"x86_64": "call void @llvm.x86.sse2.pause()", "aarch64": 'call void asm sideeffect "isb", ""()'}
IMPORTS = ("pthread_create", "pthread_detach", "pthread_sigmask", "sigfillset", "syscall", "sched_yield")
FIELDS = {
    "threads": 0,  # how many it may use, the caller included
    "started": 4,  # how many it has, the caller included; 0: not started
    "busy": 8,
    "mask": runs.POOL_MASK,  # where the set of its processors lies, or null: any
    "first": 24,  # the generation when it was started
    "quit": 28,
    "alive": 32,  # threads that were started and have not ended
    "generation": 64,
    "next": 128,  # high half: generation, low half: next index
    "left": 192,  # indices not finished
    "sleepers": 256,
    "function": 320,
    "job": 328,
    "count": 336,
    "stop": 344,
}
"""Where the fields of a pool lie; those that threads contend for are 64 bytes apart."""
SIZE = 384


def thread_count() -> int:
    """HYPERION_NUM_THREADS, or the processors that this process may use. Raises `DeviceError` (HY5003)."""
    text = os.environ.get("HYPERION_NUM_THREADS", "").strip()
    if text:
        if not text.isdecimal() or int(text) < 1:
            raise DeviceError(
                "HY5003", f"HYPERION_NUM_THREADS is {text!r}", hints=["set it to a positive number, or unset it"]
            )
        return min(int(text), 1024)
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def has_threads(architecture: str) -> bool:
    """Whether the pool can start threads here; elsewhere everything runs on the calling thread."""
    return sys.platform == "linux" and architecture in FUTEX


def text(architecture: str) -> str:
    """LLVM IR that defines `hyperion_parallel`, `hyperion_pool_reset`, `hyperion_pool_end` and the global
    `hyperion_pool`, the pool of work outside of runs and of runs that name none. It follows that of `runs`."""
    pool = f"[{SIZE} x i8]"
    if not has_threads(architecture):
        return SEQUENTIAL.replace("POOL", pool)
    fields = "\n".join(f"  %{name} = getelementptr i8, ptr %pool, i64 {at}" for name, at in FIELDS.items())
    words = {
        "FIELDS": fields,
        "FUTEX": str(FUTEX[architecture]),
        "MASK_BYTES": str(runs.MASK_BYTES),
        "PAUSE": PAUSE[architecture],
        "RUN_POOL": str(runs.POOL),
        "SPINS": str(SPINS),
    }
    text = THREADED
    for word, meaning in words.items():
        text = text.replace(word, meaning)
    return text.replace("POOL", pool)


SEQUENTIAL = """
@hyperion_pool = global POOL zeroinitializer, align 64
define void @hyperion_pool_reset(ptr %pool) { ret void }
define void @hyperion_pool_end(ptr %pool) { ret void }
define i32 @hyperion_parallel(ptr %function, ptr %job, i64 %count) {
entry:
  br label %head
head:
  %i = phi i64 [ 0, %entry ], [ %j, %on ]
  %more = icmp ult i64 %i, %count
  br i1 %more, label %run, label %done
run:
  call void %function(i64 %i, ptr %job)
  %status = call i32 @hyperion_poll()
  %stop = icmp ne i32 %status, 0
  br i1 %stop, label %stopped, label %on
on:
  %j = add i64 %i, 1
  br label %head
done:
  ret i32 0
stopped:
  ret i32 -1
}
"""

THREADED = """
declare i32 @pthread_create(ptr, ptr, ptr, ptr)
declare i32 @pthread_detach(i64)
declare i32 @pthread_sigmask(i32, ptr, ptr)
declare i32 @sigfillset(ptr)
declare i64 @syscall(i64, ...)
declare i32 @sched_yield()
declare void @llvm.x86.sse2.pause()

@hyperion_pool = global POOL zeroinitializer, align 64

; After fork the child has no threads but its own.
define void @hyperion_pool_reset(ptr %pool) {
FIELDS
  store i32 0, ptr %started
  store i32 0, ptr %busy
  store i32 0, ptr %alive
  store i32 0, ptr %quit
  store i32 0, ptr %sleepers
  store i32 0, ptr %stop
  ret void
}

; Ends the threads, once no work is going on; the next work starts new ones.
define void @hyperion_pool_end(ptr %pool) {
entry:
FIELDS
  br label %try
try:
  %held = cmpxchg ptr %busy, i32 0, i32 1 acq_rel monotonic
  %free = extractvalue {i32, i1} %held, 1
  br i1 %free, label %close, label %later
later:
  %y = call i32 @sched_yield()
  br label %try
close:
  store atomic i32 1, ptr %quit monotonic, align 4
  %g = atomicrmw add ptr %generation, i32 1 seq_cst
  %r = call i64 (i64, ...) @syscall(i64 FUTEX, ptr %generation, i32 129, i32 2147483647, ptr null, ptr null, i32 0)
  br label %wait
wait:
  %left_now = load atomic i32, ptr %alive acquire, align 4
  %gone = icmp eq i32 %left_now, 0
  br i1 %gone, label %open, label %more
more:
  %y2 = call i32 @sched_yield()
  br label %wait
open:
  store i32 0, ptr %quit
  store i32 0, ptr %started
  store atomic i32 0, ptr %busy release, align 4
  ret void
}

; Takes and runs one index of the generation: 1 done, 0 none left.
define internal i32 @take(ptr %pool, i32 %turn) alwaysinline {
entry:
FIELDS
  %wide = zext i32 %turn to i64
  br label %again
again:
  %old = load atomic i64, ptr %next acquire, align 8
  %high = lshr i64 %old, 32
  %same = icmp eq i64 %high, %wide
  br i1 %same, label %current, label %none
current:
  %index = and i64 %old, 4294967295
  %end = load atomic i64, ptr %count acquire, align 8
  %inside = icmp ult i64 %index, %end
  br i1 %inside, label %try, label %none
try:
  %new = add i64 %old, 1
  %pair = cmpxchg weak ptr %next, i64 %old, i64 %new acq_rel monotonic
  %ok = extractvalue {i64, i1} %pair, 1
  br i1 %ok, label %mine, label %again
mine:
  %stopping = load atomic i32, ptr %stop monotonic, align 4
  %go = icmp eq i32 %stopping, 0
  br i1 %go, label %run, label %finish
run:
  %f = load ptr, ptr %function
  %j = load ptr, ptr %job
  call void %f(i64 %index, ptr %j)
  br label %finish
finish:
  %was = atomicrmw sub ptr %left, i64 1 acq_rel
  ret i32 1
none:
  ret i32 0
}

define internal ptr @worker(ptr %pool) {
entry:
FIELDS
  %seen0 = load i32, ptr %first
  %own = load ptr, ptr %mask
  %anywhere = icmp eq ptr %own, null
  br i1 %anywhere, label %watch, label %stay
stay:
  %moved = call i32 @sched_setaffinity(i32 0, i64 MASK_BYTES, ptr %own)
  br label %watch
watch:
  %seen = phi i32 [ %seen0, %entry ], [ %seen0, %stay ], [ %now, %work ]
  br label %spin
spin:
  %k = phi i32 [ 0, %watch ], [ %k1, %wait ]
  %v = load atomic i32, ptr %generation acquire, align 4
  %changed = icmp ne i32 %v, %seen
  br i1 %changed, label %got, label %wait
wait:
  PAUSE
  %k1 = add i32 %k, 1
  %early = icmp slt i32 %k1, SPINS
  br i1 %early, label %spin, label %sleep
sleep:
  %q = atomicrmw add ptr %sleepers, i32 1 seq_cst
  %r = call i64 (i64, ...) @syscall(i64 FUTEX, ptr %generation, i32 128, i32 %seen, ptr null, ptr null, i32 0)
  %q2 = atomicrmw sub ptr %sleepers, i32 1 seq_cst
  %v2 = load atomic i32, ptr %generation acquire, align 4
  %still = icmp eq i32 %v2, %seen
  br i1 %still, label %sleep, label %got
got:
  %now = phi i32 [ %v, %spin ], [ %v2, %sleep ]
  %closing = load atomic i32, ptr %quit monotonic, align 4
  %ends = icmp ne i32 %closing, 0
  br i1 %ends, label %leave, label %work
leave:
  %was = atomicrmw sub ptr %alive, i32 1 acq_rel
  ret ptr null
work:
  %one = call i32 @take(ptr %pool, i32 %now)
  %more = icmp ne i32 %one, 0
  br i1 %more, label %work, label %watch
}

define internal void @start(ptr %pool) noinline cold {
entry:
FIELDS
  %handle = alloca i64
  %every = alloca [128 x i8], align 8
  %old = alloca [128 x i8], align 8
  %wanted = load i32, ptr %threads
  %e = call i32 @sigfillset(ptr %every)
  %m = call i32 @pthread_sigmask(i32 2, ptr %every, ptr %old)
  %seen = load atomic i32, ptr %generation monotonic, align 4
  store i32 %seen, ptr %first
  br label %head
head:
  %i = phi i32 [ 1, %entry ], [ %j, %made ]
  %more = icmp slt i32 %i, %wanted
  br i1 %more, label %make, label %out
make:
  %more_alive = atomicrmw add ptr %alive, i32 1 monotonic
  %r = call i32 @pthread_create(ptr %handle, ptr null, ptr @worker, ptr %pool)
  %ok = icmp eq i32 %r, 0
  br i1 %ok, label %made, label %refused
refused:
  %less_alive = atomicrmw sub ptr %alive, i32 1 monotonic
  br label %out
made:
  %thread = load i64, ptr %handle
  %d = call i32 @pthread_detach(i64 %thread)
  %j = add i32 %i, 1
  br label %head
out:
  %n = phi i32 [ %i, %head ], [ %i, %refused ]
  store i32 %n, ptr %started
  %m2 = call i32 @pthread_sigmask(i32 2, ptr %old, ptr null)
  ret void
}

; Runs %work_function(i, %work_job) for i in 0 .. %work_count - 1 on all threads of the run's pool. 0 done, -1 stopped.
define i32 @hyperion_parallel(ptr %work_function, ptr %work_job, i64 %work_count) {
entry:
  %run = call ptr @run()
  %outside = icmp eq ptr %run, null
  br i1 %outside, label %choose, label %inside_run
inside_run:
  call void @give(ptr %run)
  %pool_place = getelementptr i8, ptr %run, i64 RUN_POOL
  %its = load ptr, ptr %pool_place
  br label %choose
choose:
  %chosen = phi ptr [ null, %entry ], [ %its, %inside_run ]
  %usual = icmp eq ptr %chosen, null
  %pool = select i1 %usual, ptr @hyperion_pool, ptr %chosen
FIELDS
  %held = cmpxchg ptr %busy, i32 0, i32 1 acq_rel monotonic
  %free = extractvalue {i32, i1} %held, 1
  br i1 %free, label %ready, label %alone
ready:
  %n = load i32, ptr %started
  %fresh = icmp eq i32 %n, 0
  br i1 %fresh, label %begin, label %publish
begin:
  call void @start(ptr %pool)
  br label %publish
publish:
  %g0 = load atomic i32, ptr %generation monotonic, align 4
  %g = add i32 %g0, 1
  %gz = zext i32 %g to i64
  %gh = shl i64 %gz, 32
  ; Closed before the new count is to be seen: a late thread would take an index of the work before for one of this.
  %closed = or i64 %gh, 4294967295
  store atomic i64 %closed, ptr %next seq_cst, align 8
  store ptr %work_function, ptr %function
  store ptr %work_job, ptr %job
  store i32 0, ptr %stop
  store atomic i64 %work_count, ptr %left monotonic, align 8
  store atomic i64 %work_count, ptr %count release, align 8
  store atomic i64 %gh, ptr %next release, align 8
  store atomic i32 %g, ptr %generation seq_cst, align 4
  %s = load atomic i32, ptr %sleepers seq_cst, align 4
  %asleep = icmp ne i32 %s, 0
  br i1 %asleep, label %wake, label %work
wake:
  %r = call i64 (i64, ...) @syscall(i64 FUTEX, ptr %generation, i32 129, i32 2147483647, ptr null, ptr null, i32 0)
  br label %work
work:
  %result = phi i32 [ 0, %publish ], [ 0, %wake ], [ %after, %polled ]
  %one = call i32 @take(ptr %pool, i32 %g)
  %more = icmp ne i32 %one, 0
  br i1 %more, label %look, label %join
look:
  %bad = icmp ne i32 %result, 0
  br i1 %bad, label %polled, label %ask
ask:
  %status = call i32 @hyperion_poll()
  %interrupted = icmp ne i32 %status, 0
  br i1 %interrupted, label %halt, label %polled
halt:
  store atomic i32 1, ptr %stop monotonic, align 4
  br label %polled
polled:
  %after = phi i32 [ %result, %look ], [ 0, %ask ], [ -1, %halt ]
  br label %work
join:
  %k = phi i32 [ 0, %work ], [ %k1, %pause ], [ 0, %yield ]
  %v = load atomic i64, ptr %left acquire, align 8
  %zero = icmp eq i64 %v, 0
  br i1 %zero, label %done, label %longer
longer:
  %early = icmp slt i32 %k, 2000
  br i1 %early, label %pause, label %yield
pause:
  PAUSE
  %k1 = add i32 %k, 1
  br label %join
yield:
  %y = call i32 @sched_yield()
  br label %join
done:
  store atomic i32 0, ptr %busy release, align 4
  ret i32 %result
alone:
  br label %head
head:
  %i = phi i64 [ 0, %alone ], [ %i1, %on ]
  %inside = icmp ult i64 %i, %work_count
  br i1 %inside, label %body, label %finished
body:
  call void %work_function(i64 %i, ptr %work_job)
  %p = call i32 @hyperion_poll()
  %halted = icmp ne i32 %p, 0
  br i1 %halted, label %stopped, label %on
on:
  %i1 = add i64 %i, 1
  br label %head
finished:
  ret i32 0
stopped:
  ret i32 -1
}
"""
