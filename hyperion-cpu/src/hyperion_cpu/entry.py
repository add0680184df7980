"""The entry of a compiled function, in LLVM IR.

`fast_entry` is a METH_FASTCALL function: it reads arguments of exactly the declared types straight from their
objects. Its self is a tuple of three callables: for arguments of any other kind, for a trap's number, and for an array
result, which gets the owner of its memory, the address, the result's position and its sizes. `packed_entry` reads and
writes slots of 32 bytes, for interpreters whose objects look otherwise and for 128-bit scalars. Where the kernel asked
the runtime, which may have given the interpreter's lock away meanwhile, an entry takes it back by `hyperion_back`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from hyperion.ir.function import Function
from hyperion.ir.types import ArrayType, BoolType, FloatType, IntType, Type
from hyperion_cpu.layout import FLAGS, Layout
from hyperion_llvm import ASKED, CONTEXT, FIRST_FUEL, INTERRUPTED, NOTES, OFFERED
from hyperion_llvm.text import Writer, scalar_type

SLOT = 32
"""Bytes of an argument or a result that is packed: a scalar, or the data and the sizes of an array."""
MOST_AXES = 2
SLOW, TRAP, WRAP = 0, 1, 2
"""Places in the tuple that is the builtin's self."""

BACK = "declare void @hyperion_back(i8)"
DECLARATIONS = f"""
{BACK}
declare ptr @PyErr_Occurred()
declare void @PyErr_Clear()
declare i64 @PyLong_AsLongLongAndOverflow(ptr, ptr)
declare i64 @PyLong_AsUnsignedLongLong(ptr)
declare ptr @PyLong_FromLongLong(i64)
declare ptr @PyLong_FromUnsignedLongLong(i64)
declare ptr @PyFloat_FromDouble(double)
declare ptr @PyBool_FromLong(i64)
declare ptr @PyTuple_New(i64)
declare ptr @PyTuple_GetItem(ptr, i64)
declare i32 @PyTuple_SetItem(ptr, i64, ptr)
declare ptr @PyObject_CallFunction(ptr, ptr, ...)
declare ptr @hyperion_block_owner(ptr)
declare void @Py_DecRef(ptr)
declare ptr @hyperion_call_slow(ptr, ptr, i64) cold
declare ptr @hyperion_call_failed(ptr, i32, i64, i64) cold
@PyLong_Type = external global i8
@PyFloat_Type = external global i8
@_Py_TrueStruct = external global i8
@_Py_FalseStruct = external global i8
@numpy_ndarray = external global i8
@wrap_format1 = private constant [5 x i8] c"OLiL\\00"
@wrap_format2 = private constant [6 x i8] c"OLiLL\\00"
"""

SHARED = f"""
declare ptr @PyTuple_New(i64)
declare ptr @PyTuple_GetItem(ptr, i64)
declare i32 @PyTuple_SetItem(ptr, i64, ptr)
declare ptr @PyObject_Call(ptr, ptr, ptr)
declare ptr @PyObject_CallFunction(ptr, ptr, ...)
declare void @Py_IncRef(ptr)
declare void @Py_DecRef(ptr)
@trap_format = private constant [4 x i8] c"iLL\\00"

define ptr @hyperion_call_slow(ptr %self, ptr %args, i64 %count) {{
entry:
  %callable = call ptr @PyTuple_GetItem(ptr %self, i64 {SLOW})
  %tuple = call ptr @PyTuple_New(i64 %count)
  %failed = icmp eq ptr %tuple, null
  br i1 %failed, label %none, label %head
head:
  %i = phi i64 [ 0, %entry ], [ %j, %one ]
  %more = icmp slt i64 %i, %count
  br i1 %more, label %one, label %ready
one:
  %place = getelementptr ptr, ptr %args, i64 %i
  %object = load ptr, ptr %place
  call void @Py_IncRef(ptr %object)
  %s = call i32 @PyTuple_SetItem(ptr %tuple, i64 %i, ptr %object)
  %j = add i64 %i, 1
  br label %head
ready:
  %result = call ptr @PyObject_Call(ptr %callable, ptr %tuple, ptr null)
  call void @Py_DecRef(ptr %tuple)
  ret ptr %result
none:
  ret ptr null
}}

; Raises through Python for a trap, for no memory and for work that is stopped; where a signal's handler raised, the
; exception is there already. `count` and `size` are of the array that could not be had.
define ptr @hyperion_call_failed(ptr %self, i32 %status, i64 %count, i64 %size) {{
entry:
  %interrupted = icmp eq i32 %status, {INTERRUPTED}
  br i1 %interrupted, label %look, label %raise
look:
  %exception = call ptr @PyErr_Occurred()
  %stopped = icmp eq ptr %exception, null
  br i1 %stopped, label %raise, label %out
raise:
  %callable = call ptr @PyTuple_GetItem(ptr %self, i64 {TRAP})
  %r = call ptr (ptr, ptr, ...) @PyObject_CallFunction(
    ptr %callable, ptr @trap_format, i32 %status, i64 %count, i64 %size)
  ret ptr %r
out:
  ret ptr null
}}
"""
"""What all fast entries share, compiled once, with the runtime's own code."""

OWNER_OF = """
declare ptr @hyperion_outs()
declare void @Py_IncRef(ptr)
define internal ptr @owner_of(ptr %data, ptr %outs, i64 %number) {
entry:
  %none = icmp eq ptr %outs, null
  br i1 %none, label %own, label %look
look:
  %place = getelementptr [2 x i64], ptr %outs, i64 %number
  %out = load ptr, ptr %place
  %same = icmp eq ptr %out, %data
  br i1 %same, label %given, label %own
given:
  call void @Py_IncRef(ptr @_Py_FalseStruct)
  ret ptr @_Py_FalseStruct
own:
  %owner = call ptr @hyperion_block_owner(ptr %data)
  ret ptr %owner
}
"""


def _needs_packed(kind: Type) -> bool:
    return isinstance(kind, IntType) and kind.width > 64


def is_fast(function: Function) -> bool:
    """Whether every argument and result has a form that the fast entry reads and writes."""
    return not any(_needs_packed(v.type) for v in (*function.parameters, *function.results))


def fast_entry(function: Function, kernel: str, places: Layout, offered: Collection[int] = ()) -> str:
    """`offered`: the results that may lie in memory which the run has for them; their owner is then False."""
    w = Writer()
    slow = "slow"
    known: dict[str, str] = {}
    _require(w, w.set(f"icmp eq i64 %count, {len(function.parameters)}", "c"), slow)
    arguments: list[str] = []
    for position, value in enumerate(function.parameters):
        place = w.set(f"getelementptr ptr, ptr %args, i64 {position}", "p")
        argument = _Argument(w, w.load("ptr", place, "object"), places, slow)
        arguments += argument.read(value.type, known)
    slots = _result_slots(w, function)
    outs = w.set("call ptr @hyperion_outs()", "outs") if offered else "null"
    status = _call_kernel(w, kernel, arguments, slots, outs)
    failed = w.set(f"icmp ne i32 {status}, 0", "c")
    w.branch(failed, "failed", "done", rare=True)
    w.start("failed")
    asked = "".join(f", i64 {_asked(w, offset)}" for offset in (0, 8))
    w.emit("call void @hyperion.release(ptr %context, ptr null, ptr null, i64 0)")
    w.emit(f"ret ptr {w.set(f'call ptr @hyperion_call_failed(ptr %self, i32 {status}{asked})')}")
    w.start("done")
    _give_results(w, function, slots, outs, offered)
    w.start(slow)
    w.emit(f"ret ptr {w.set('call ptr @hyperion_call_slow(ptr %self, ptr %args, i64 %count)')}")
    elements = {str(v.type.element) for v in function.parameters if isinstance(v.type, ArrayType)}
    dtypes = [f"@dtype_{name} = external global i8" for name in sorted(elements)]
    header = "define ptr @hyperion_call(ptr %self, ptr %args, i64 %count) #0 {"
    return "\n".join([*dtypes, DECLARATIONS, OWNER_OF if offered else "", header, *w.body(), "}"])


def _require(w: Writer, condition: str, otherwise: str) -> None:
    on = w.fresh("on")
    w.emit(f"br i1 {condition}, label %{on}, label %{otherwise}, !prof !1")
    w.start(on)


class _Argument:
    """Reads one Python object as a value of a declared type; leaves for the slow entry if it is anything else."""

    def __init__(self, w: Writer, object_: str, places: Layout, slow: str) -> None:
        self.w, self.object, self.places, self.slow = w, object_, places, slow

    def read(self, kind: Type, known: dict[str, str]) -> list[str]:
        """The kernel's arguments as `type value`. `known` holds the lengths of named sizes."""
        match kind:
            case ArrayType():
                return self._array(kind, known)
            case BoolType():
                return [f"i1 {self._bool()}"]
            case FloatType():
                return [f"{scalar_type(kind)} {self._float(kind)}"]
            case IntType():
                return [f"{scalar_type(kind)} {self._int(kind)}"]
            case _:
                raise AssertionError(kind)

    def _field(self, offset: int, kind: str) -> str:
        return self.w.load(kind, self.w.set(f"getelementptr i8, ptr {self.object}, i64 {offset}", "p"), "field")

    def _same(self, x: str, y: str, kind: str = "ptr") -> None:
        _require(self.w, self.w.set(f"icmp eq {kind} {x}, {y}", "c"), self.slow)

    def _array(self, kind: ArrayType, known: dict[str, str]) -> list[str]:
        w, places = self.w, self.places
        self._same(self._field(places.type_, "ptr"), "@numpy_ndarray")
        self._same(self._field(places.descriptor, "ptr"), f"@dtype_{kind.element}")
        self._same(self._field(places.dimensions, "i32"), str(len(kind.shape)), "i32")
        flags = w.set(f"and i32 {self._field(places.flags, 'i32')}, {FLAGS}")
        self._same(flags, str(FLAGS), "i32")
        shape = self._field(places.shape, "ptr")
        lengths: list[str] = []
        for axis, size in enumerate(kind.shape):
            length = w.load("i64", w.offset("i64", shape, str(axis)), "n")
            lengths.append(f"i64 {length}")
            if isinstance(size, int) or size in known:
                self._same(length, str(size) if isinstance(size, int) else known[size], "i64")
            else:
                known[size] = length
        return [f"ptr {self._field(places.data, 'ptr')}", *lengths]

    def _bool(self) -> str:
        w = self.w
        true = w.set(f"icmp eq ptr {self.object}, @_Py_TrueStruct", "c")
        false = w.set(f"icmp eq ptr {self.object}, @_Py_FalseStruct", "c")
        _require(w, w.set(f"or i1 {true}, {false}", "c"), self.slow)
        return true

    def _float(self, kind: FloatType) -> str:
        self._same(self._field(self.places.type_, "ptr"), "@PyFloat_Type")
        w = self.w
        value = self._field(self.places.float_value, "double")
        if kind.width == 64:
            return value
        narrow = w.set(f"fptrunc double {value} to {scalar_type(kind)}")
        back = w.set(f"fpext {scalar_type(kind)} {narrow} to double")
        _require(w, w.set(f"fcmp ueq double {back}, {value}", "c"), self.slow)
        return narrow

    def _int(self, kind: IntType) -> str:
        w = self.w
        self._same(self._field(self.places.type_, "ptr"), "@PyLong_Type")
        if kind.width == 64 and not kind.signed:
            return self._unsigned()
        flag = w.slot("i32", "overflow")
        value = w.set(f"call i64 @PyLong_AsLongLongAndOverflow(ptr {self.object}, ptr {flag})", "int")
        self._same(w.load("i32", flag), "0", "i32")
        if kind.width == 64:
            return value
        narrow = w.set(f"trunc i64 {value} to i{kind.width}")
        back = w.set(f"{'sext' if kind.signed else 'zext'} i{kind.width} {narrow} to i64")
        self._same(back, value, "i64")
        return narrow

    def _unsigned(self) -> str:
        w = self.w
        value = w.set(f"call i64 @PyLong_AsUnsignedLongLong(ptr {self.object})", "int")
        maybe, error, on = w.fresh("maybe"), w.fresh("error"), w.fresh("on")
        w.branch(w.set(f"icmp eq i64 {value}, -1", "c"), maybe, on, rare=True)
        w.start(maybe)
        w.branch(w.set(f"icmp eq ptr {w.set('call ptr @PyErr_Occurred()')}, null", "c"), on, error)
        w.start(error)
        w.emit("call void @PyErr_Clear()")
        w.jump(self.slow)
        w.start(on)
        return value


Slots = list[tuple[str, ...]]


def _result_slots(w: Writer, function: Function) -> Slots:
    out: Slots = []
    for value in function.results:
        if isinstance(value.type, ArrayType):
            out.append((w.slot("ptr", "data"), *(w.slot("i64", "size") for _ in value.type.shape)))
        else:
            out.append((w.slot(scalar_type(value.type), "result"),))
    return out


def _call_kernel(w: Writer, kernel: str, arguments: Sequence[str], slots: Slots, outs: str = "null") -> str:
    w.slots.append(f"  %context = alloca {CONTEXT}")
    w.store("ptr", "null", "%context")
    w.store("i64", str(FIRST_FUEL), w.set("getelementptr i8, ptr %context, i64 8", "p"))
    notes = w.set(f"getelementptr i8, ptr %context, i64 {NOTES}", "p")
    w.store("i8", "0", notes)
    w.store("ptr", outs, w.set(f"getelementptr i8, ptr %context, i64 {OFFERED}", "p"))
    pointers = [f"ptr {slot}" for pair in slots for slot in pair]
    status = w.set(f"call i32 @{kernel}({', '.join(['ptr %context', *arguments, *pointers])})", "status")
    noted, back, on = w.load("i8", notes), w.fresh("back"), w.fresh("on")
    w.branch(w.set(f"icmp ne i8 {noted}, 0", "c"), back, on, rare=True)
    w.start(back)
    w.emit(f"call void @hyperion_back(i8 {noted})")
    w.jump(on)
    w.start(on)
    return status


def _asked(w: Writer, offset: int) -> str:
    """How many elements the array has that could not be had, and at 8 the bytes of each."""
    return w.load("i64", w.set(f"getelementptr i8, ptr %context, i64 {ASKED + offset}", "p"))


def _give_results(w: Writer, function: Function, slots: Slots, outs: str, offered: Collection[int]) -> None:
    """Makes objects of the results and gives them: where one cannot be made, all go and its exception stays."""
    kinds = [v.type for v in function.results]
    if len(kinds) == 1 and not isinstance(kinds[0], ArrayType):
        w.emit(f"ret ptr {_scalar_object(w, kinds[0], slots[0][0])}")
        return
    held = _Held(w, len(kinds) + sum(isinstance(k, ArrayType) for k in kinds))
    owners = {
        i: held.hold(_owner(w.load("ptr", pair[0]), i, outs, offered))
        for i, (kind, pair) in enumerate(zip(kinds, slots, strict=True))
        if isinstance(kind, ArrayType)
    }
    objects = [
        held.hold(_array_call(w, owners[i], pair, i)) if i in owners else held.keep(_scalar_object(w, kind, pair[0]))
        for i, (kind, pair) in enumerate(zip(kinds, slots, strict=True))
    ]
    result = objects[0]
    if len(objects) > 1:
        result = held.checked(w.set(f"call ptr @PyTuple_New(i64 {len(objects)})", "tuple"))
        for position, object_ in enumerate(objects):
            w.set(f"call i32 @PyTuple_SetItem(ptr {result}, i64 {position}, ptr {object_})")
    for owner in owners.values():
        w.emit(f"call void @Py_DecRef(ptr {owner})")
    w.emit(f"ret ptr {result}")
    held.give_up()


class _Held:
    """Up to `most` new references, which all go where one of them is null."""

    def __init__(self, w: Writer, most: int) -> None:
        self._w = w
        self._free = [w.variable("ptr", "null", "held") for _ in range(most)]
        self._used: list[str] = []
        self._lost = w.fresh("lost")

    def hold(self, call: str) -> str:
        return self.keep(self._w.set(call, "object"))

    def keep(self, object_: str) -> str:
        self._used.append(self._free.pop())
        self._w.store("ptr", object_, self._used[-1])
        return self.checked(object_)

    def checked(self, object_: str) -> str:
        on = self._w.fresh("on")
        self._w.branch(self._w.set(f"icmp eq ptr {object_}, null", "c"), self._lost, on, rare=True)
        self._w.start(on)
        return object_

    def give_up(self) -> None:
        """Where `checked` goes with a null pointer."""
        self._w.start(self._lost)
        for place in self._used:
            self._w.emit(f"call void @Py_DecRef(ptr {self._w.load('ptr', place)})")
        self._w.emit("ret ptr null")


def _owner(data: str, number: int, outs: str, offered: Collection[int]) -> str:
    if number in offered:
        return f"call ptr @owner_of(ptr {data}, ptr {outs}, i64 {number})"
    return f"call ptr @hyperion_block_owner(ptr {data})"


def _array_call(w: Writer, owner: str, slots: tuple[str, ...], position: int) -> str:
    wrap = w.set(f"call ptr @PyTuple_GetItem(ptr %self, i64 {WRAP})")
    data = w.set(f"ptrtoint ptr {w.load('ptr', slots[0])} to i64")
    sizes = ", ".join(f"i64 {w.load('i64', slot)}" for slot in slots[1:])
    arguments = f"ptr {wrap}, ptr @wrap_format{len(slots) - 1}, ptr {owner}, i64 {data}, i32 {position}, {sizes}"
    return f"call ptr (ptr, ptr, ...) @PyObject_CallFunction({arguments})"


def _scalar_object(w: Writer, kind: Type, slot: str) -> str:
    value = w.load(scalar_type(kind), slot)
    match kind:
        case BoolType():
            return w.set(f"call ptr @PyBool_FromLong(i64 {w.set(f'zext i1 {value} to i64')})", "object")
        case FloatType():
            wide = value if kind.width == 64 else w.set(f"fpext {scalar_type(kind)} {value} to double")
            return w.set(f"call ptr @PyFloat_FromDouble(double {wide})", "object")
        case IntType():
            extend, sign = ("sext", "") if kind.signed else ("zext", "Unsigned")
            wide = value if kind.width == 64 else w.set(f"{extend} i{kind.width} {value} to i64")
            return w.set(f"call ptr @PyLong_From{sign}LongLong(i64 {wide})", "object")
        case _:
            raise AssertionError(kind)


def packed_entry(function: Function, kernel: str) -> str:
    """`i32 hyperion_packed(ptr arguments, ptr results, ptr asked)`: one slot each; an array's slot is its data and its
    sizes. `asked` is where the array is described that could not be had: how many elements, and the bytes of each."""
    w = Writer()
    arguments: list[str] = []
    for position, value in enumerate(function.parameters):
        place = w.set(f"getelementptr i8, ptr %args, i64 {position * SLOT}", "p")
        if isinstance(value.type, ArrayType):
            sizes = [w.load("i64", size) for size in _size_places(w, place, value.type)]
            arguments += [f"ptr {w.load('ptr', place)}", *(f"i64 {size}" for size in sizes)]
        elif isinstance(value.type, BoolType):
            byte = w.load("i8", place)
            arguments.append(f"i1 {w.set(f'trunc i8 {byte} to i1')}")
        else:
            arguments.append(f"{scalar_type(value.type)} {w.load(scalar_type(value.type), place)}")
    slots = [
        (place, *_size_places(w, place, v.type)) if isinstance(v.type, ArrayType) else (place,)
        for position, v in enumerate(function.results)
        for place in [w.set(f"getelementptr i8, ptr %results, i64 {position * SLOT}", "p")]
    ]
    status = _call_kernel(w, kernel, arguments, slots)
    w.branch(w.set(f"icmp ne i32 {status}, 0", "c"), "failed", "done", rare=True)
    w.start("failed")
    for offset in (0, 8):
        w.store("i64", _asked(w, offset), w.set(f"getelementptr i8, ptr %asked, i64 {offset}", "p"))
    w.emit("call void @hyperion.release(ptr %context, ptr null, ptr null, i64 0)")
    w.jump("done")
    w.start("done")
    w.emit(f"ret i32 {status}")
    header = "define i32 @hyperion_packed(ptr %args, ptr %results, ptr %asked) #0 {"
    return "\n".join([BACK, header, *w.body(), "}"])


def _size_places(w: Writer, slot: str, kind: ArrayType) -> list[str]:
    """Where in the slot of an array its sizes are."""
    return [w.set(f"getelementptr i8, ptr {slot}, i64 {8 * (1 + axis)}", "p") for axis in range(len(kind.shape))]
