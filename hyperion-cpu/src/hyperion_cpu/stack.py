"""How far down the stack of a thread a recursion may go, in LLVM IR: `i64 hyperion_stack_floor()`.

It is no Python function: a signal's handler that runs in one, called back by compiled code, could not end the work,
and would find the interpreter's lock taken back behind the run's back. What a thread's floor is, once asked for, is
thread-specific data.
"""

from __future__ import annotations

import sys

MOST_ROOM = 1 << 26
MOST_MARGIN = 1 << 19
"""What stays free below, for a look at signals, whose handlers are Python functions; a quarter of a small stack."""
_ATTRIBUTES = 512  # bytes: more than a pthread_attr_t has anywhere
IMPORTS = {
    "linux": ("pthread_self", "pthread_getattr_np", "pthread_attr_getstack", "pthread_attr_destroy"),
    "darwin": ("pthread_self", "pthread_get_stackaddr_np", "pthread_get_stacksize_np"),
}


def imports() -> tuple[str, ...]:
    return IMPORTS.get(sys.platform, ())


def text() -> str:
    """LLVM IR that defines `hyperion_stack_floor`: the lowest address that frames of a recursion on this thread's stack
    may have, 0 where that is not known; and the global `hyperion_floor_key`, for a key. It follows that of `runs`."""
    return _TEXT + {"linux": _LINUX, "darwin": _MAC}.get(sys.platform, _UNKNOWN)


_TEXT = f"""
declare i64 @llvm.umin.i64(i64, i64)
declare i64 @llvm.umax.i64(i64, i64)

@hyperion_floor_key = global i64 0

define i64 @hyperion_stack_floor() {{
entry:
  %key = load i64, ptr @hyperion_floor_key
  %kept = call ptr @pthread_getspecific(i64 %key)
  %found = ptrtoint ptr %kept to i64
  %known = icmp ne i64 %found, 0
  br i1 %known, label %out, label %ask
ask:
  %stack = call [2 x i64] @stack()
  %lowest = extractvalue [2 x i64] %stack, 0
  %size = extractvalue [2 x i64] %stack, 1
  %unknown = icmp eq i64 %size, 0
  br i1 %unknown, label %out, label %keep
keep:
  %quarter = lshr i64 %size, 2
  %margin = call i64 @llvm.umin.i64(i64 %quarter, i64 {MOST_MARGIN})
  %least = add i64 %lowest, %margin
  %room = call i64 @llvm.umin.i64(i64 %size, i64 {MOST_ROOM})
  %highest = add i64 %lowest, %size
  %far = sub i64 %highest, %room
  %floor = call i64 @llvm.umax.i64(i64 %least, i64 %far)
  %value = inttoptr i64 %floor to ptr
  %s = call i32 @pthread_setspecific(i64 %key, ptr %value)
  br label %out
out:
  %result = phi i64 [ %found, %entry ], [ 0, %ask ], [ %floor, %keep ]
  ret i64 %result
}}

; The lowest address of this thread's stack, and its size; the size is 0 where they are not known.
"""

_LINUX = f"""
declare i64 @pthread_self()
declare i32 @pthread_getattr_np(i64, ptr)
declare i32 @pthread_attr_getstack(ptr, ptr, ptr)
declare i32 @pthread_attr_destroy(ptr)

define internal [2 x i64] @stack() noinline cold {{
entry:
  %attributes = alloca [{_ATTRIBUTES} x i8], align 16
  %lowest = alloca i64
  %size = alloca i64
  %self = call i64 @pthread_self()
  %failed = call i32 @pthread_getattr_np(i64 %self, ptr %attributes)
  %given = icmp eq i32 %failed, 0
  br i1 %given, label %read, label %none
read:
  %wrong = call i32 @pthread_attr_getstack(ptr %attributes, ptr %lowest, ptr %size)
  %d = call i32 @pthread_attr_destroy(ptr %attributes)
  %right = icmp eq i32 %wrong, 0
  br i1 %right, label %both, label %none
both:
  %from = load i64, ptr %lowest
  %length = load i64, ptr %size
  %one = insertvalue [2 x i64] poison, i64 %from, 0
  %two = insertvalue [2 x i64] %one, i64 %length, 1
  ret [2 x i64] %two
none:
  ret [2 x i64] zeroinitializer
}}
"""

_MAC = """
declare i64 @pthread_self()
declare i64 @pthread_get_stackaddr_np(i64)
declare i64 @pthread_get_stacksize_np(i64)

define internal [2 x i64] @stack() noinline cold {
  %self = call i64 @pthread_self()
  %highest = call i64 @pthread_get_stackaddr_np(i64 %self)
  %size = call i64 @pthread_get_stacksize_np(i64 %self)
  %lowest = sub i64 %highest, %size
  %one = insertvalue [2 x i64] poison, i64 %lowest, 0
  %two = insertvalue [2 x i64] %one, i64 %size, 1
  ret [2 x i64] %two
}
"""

_UNKNOWN = """
define internal [2 x i64] @stack() { ret [2 x i64] zeroinitializer }
"""
