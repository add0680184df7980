"""HY2xxx: buffers, views and arguments."""

from __future__ import annotations

from hyperion.diagnostics.code import Code

CODES = {
    "HY2001": Code(
        "A view would reach outside its buffer.",
        cause="Shape, strides and offset together name bytes that the buffer does not have.",
        remedy="Make the shape smaller, or the buffer larger; strides and offset count bytes.",
        example="""
            from hyperion.buffers.host import HostBuffer
            from hyperion.interfaces.buffer import BufferView

            BufferView(HostBuffer.allocate(8), "f64", (2,), (8,))
        """,
    ),
    "HY2002": Code(
        "The host cannot reach the memory of this buffer.",
        cause="It lies on a device.",
        remedy="Copy it to the host first.",
        example="view.buffer.host()  # of a view that lies on a GPU",
        runs=False,
    ),
    "HY2003": Code(
        "Elements of this type cannot lie in a buffer.",
        cause="Buffers hold machine numbers and bool; text, objects and mathematical integers have no fixed width.",
        remedy="Convert to one of the types in the message.",
        example="""
            from hyperion.buffers.host import allocate_view

            allocate_view("int", (3,))
        """,
    ),
    "HY2004": Code(
        "A buffer cannot have a negative size.",
        cause="A size was computed below zero.",
        remedy="Look at where the size comes from.",
        example="""
            from hyperion.buffers.host import HostBuffer

            HostBuffer.allocate(-1)
        """,
    ),
    "HY2005": Code(
        "The elements of the view do not follow each other in memory.",
        cause="It is a slice with steps, or a transposed array, and its bytes were asked for in one piece.",
        remedy="Make a contiguous copy: `view.copy()`.",
        example="""
            import hyperion as hp

            hp.view(memoryview(b"abcd")[::2]).host()
        """,
    ),
    "HY2006": Code(
        "The object does not offer its memory, or not in the way asked for.",
        cause="Lists and numbers have no memory of machine numbers to share; arrays of other libraries can be borrowed "
        "or copied, not donated; a DLPack capsule is consumed once.",
        remedy='Make an array of it: `numpy.asarray(values)`; or view it with `mode="copy"`.',
        example="""
            import hyperion as hp

            hp.view([1, 2, 3])
        """,
    ),
    "HY2007": Code(
        "The buffer was freed or donated.",
        cause='`free` was called, or its memory was handed over by `hp.view(view, mode="donate")`.',
        remedy="Use the view that the donation gave, or copy before giving memory away.",
        example="""
            import hyperion as hp

            mine = hp.view(b"abcd", mode="copy")
            hp.view(mine, mode="donate")
            mine.host()
        """,
    ),
    "HY2008": Code(
        "A copy would write bytes that it also reads, or the same bytes twice.",
        cause="Source and target share memory, or elements of the target do.",
        remedy="Copy by way of new memory: `source.copy()`.",
        example="""
            import hyperion as hp
            from hyperion.buffers.host import copy_into

            mine = hp.view(b"abcd", mode="copy")
            copy_into(mine[1:], mine[:-1])
        """,
    ),
    "HY2009": Code(
        "The elements are not aligned in memory.",
        cause="They begin at an address that their size does not divide, as fields of packed records do; other "
        "libraries read aligned arrays only.",
        remedy="Give an aligned copy: `view.copy()`.",
        example="""
            import hyperion as hp
            from hyperion import BufferView

            BufferView(hp.view(b"123456789").buffer, "i64", (1,), (8,), 1, True).__dlpack__(max_version=(1, 0))
        """,
    ),
    "HY2010": Code(
        "The memory is read-only.",
        cause="It was borrowed from an owner that allows no writing, such as bytes.",
        remedy='Work on a copy: `hp.view(array, mode="copy")`.',
        example="""
            import hyperion as hp
            from hyperion.buffers.host import copy_into

            copy_into(hp.view(b"abcd"), hp.view(b"efgh"))
        """,
    ),
    "HY2101": Code(
        "An argument does not fit the parameter of a program that is interpreted, or sizes disagree.",
        cause="`instance.interpreter().run` takes numbers of the parameter's type, lists and arrays, one for each "
        "parameter; arrays whose types name one size have equal sizes. Calls of functions raise HY6113, HY6120, "
        "HY6121.",
        remedy="Compare the arguments with the function's first line.",
        example="""
            import hyperion as hp
            from hyperion.ir.parser import parse_program

            program = parse_program("func @f(%x: i8) -> i8 { return %x }")
            with hp.Instance() as instance:
                instance.interpreter().run(program, [300])
        """,
    ),
}
