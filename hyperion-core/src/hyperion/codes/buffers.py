"""HY2xxx: buffers, views and arguments."""

from __future__ import annotations

from hyperion.diagnostics.code import Code

CODES = {
    "HY2001": Code(
        "A view would reach outside its buffer.",
        cause="Shape, strides and offset together name bytes that the buffer does not have.",
        remedy="Make the shape smaller, or the buffer larger; strides and offset count bytes.",
        example="""
            from hyperion.host_buffer import HostBuffer
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
            from hyperion.host_buffer import allocate_view

            allocate_view("int", (3,))
        """,
    ),
    "HY2004": Code(
        "A buffer cannot have a negative size.",
        cause="A size was computed below zero.",
        remedy="Look at where the size comes from.",
        example="""
            from hyperion.host_buffer import HostBuffer

            HostBuffer.allocate(-1)
        """,
    ),
    "HY2005": Code(
        "The array is not contiguous in memory.",
        cause="It is a slice with steps, or a transposed array, whose elements do not follow each other.",
        remedy="Make a contiguous copy: `numpy.ascontiguousarray(array)`.",
        example="""
            import hyperion as hp

            hp.view(memoryview(b"abcd")[::2])
        """,
    ),
    "HY2006": Code(
        "The object does not offer its memory through the buffer protocol.",
        cause="Lists and numbers have no memory of machine numbers to share.",
        remedy="Make an array of it: `numpy.asarray(values)`.",
        example="""
            import hyperion as hp

            hp.view([1, 2, 3])
        """,
    ),
    "HY2101": Code(
        "An argument does not fit the parameter of the interpreted function, or sizes disagree.",
        cause="The interpreter takes numbers of the parameter's type, lists and arrays, one for each parameter; arrays "
        "whose types name one size have equal sizes.",
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
