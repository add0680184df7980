"""HY5xxx: devices, executors and traps."""

from __future__ import annotations

from hyperion.diagnostics.code import Code

CODES = {
    "HY5001": Code(
        "A device has no memory left for this buffer.",
        cause="The buffer asks for more than the device has free.",
        remedy="Release buffers that are no longer needed, or work in pieces.",
        example="""
            import hyperion as hp

            with hp.Instance() as instance:
                instance.device("cpu:0").allocate(1 << 60)
        """,
    ),
    "HY5002": Code(
        "An executor was used after it was closed.",
        cause="`close()`, the end of a `with`, or closing the Instance ended it.",
        remedy="Make another one: `instance.executor()`.",
        example="""
            import hyperion as hp

            with hp.Instance() as instance:
                module = instance.compile("func @f(%x: i64) -> i64 { return %x }", frontend="ir")
                executor = instance.executor()
                executor.close()
                executor.submit(module["f"], [1])
        """,
    ),
    "HY5003": Code(
        "HYPERION_NUM_THREADS is no positive number, or HYPERION_KEPT_MEMORY no number of bytes.",
        cause="The environment variables say how many threads compiled code may use, and how much freed memory waits "
        "for the next array.",
        remedy="Set them to a positive number, or unset them: as many threads as there are processors, and a sixteenth "
        "of the memory up to 1 GiB.",
        example="$ HYPERION_NUM_THREADS=none hyperion devices",
        runs=False,
    ),
    "HY5004": Code(
        "The compiler's run-time library has no 128-bit division on this system.",
        cause="Code with 128-bit integers calls it, and neither libgcc_s nor compiler-rt was found.",
        remedy="Install libgcc_s or compiler-rt.",
        example="hp.jit(f)(1, 2)  # where f divides integers, on a system without either library",
        runs=False,
    ),
    "HY5101": Code(
        "A step of the function left the range of its machine integer.",
        cause="Python's integers grow; compiled code computes at 64 bits, and stops where the plain loop would leave "
        "them, even if the final value would fit. The place is that of the step, and the calls that led to it follow.",
        remedy='Choose another meaning: `hp.jit(overflow="wrap")` wraps around, `"sat"` stops at the end of the range; '
        "or compute with floats.",
        example="""
            import hyperion as hp


            @hp.jit
            def product(n):
                result = 1
                for k in range(1, n + 1):
                    result *= k
                return result


            product(25)
        """,
    ),
    "HY5102": Code(
        "A step of the function divided by zero.",
        cause="An integer division or remainder has a divisor of 0, or a float division in Python code.",
        remedy="Test the divisor before the division.",
        example="""
            import hyperion as hp


            @hp.jit
            def mean(total, n):
                return total // n


            mean(10, 0)
        """,
    ),
    "HY5103": Code(
        "A step of the function read or wrote outside an array.",
        cause="An index is not less than the length, or lies before the first element.",
        remedy="Compare the index with `len` of the array; loops over `range(len(xs))` stay inside.",
        example="""
            import hyperion as hp
            import numpy as np


            @hp.jit
            def last(xs):
                return xs[len(xs)]


            last(np.arange(3))
        """,
    ),
    "HY5104": Code(
        "A step of the function met a value that Python refuses too.",
        cause="A shift by a negative count, the square root of a negative number, a size below zero, a step of 0.",
        remedy="Test the value before the step.",
        example="""
            import hyperion as hp


            @hp.jit
            def power_of_two(k):
                return 1 << k


            power_of_two(-1)
        """,
    ),
    "HY5110": Code(
        "What a function assumes does not hold.",
        cause="The condition of an `hp.assume`, or the `hp.Range` of a parameter, is false for these arguments.",
        remedy="Call it with other arguments, or take the assumption out.",
        example="""
            import hyperion as hp


            @hp.jit
            def half(n):
                hp.assume(n % 2 == 0)
                return n // 2


            half(3)
        """,
    ),
    "HY5105": Code(
        "A step of the function met an integer that no float of the type equals.",
        cause="Integers beyond 2**53 lie between floats, and Python compares integers with floats by their exact "
        "values.",
        remedy="Compare integers with integers, or convert with `float(n)`, which rounds.",
        example="""
            import hyperion as hp
            from hyperion.ir.parser import parse_program

            text = "func @f(%x: i64) -> f64 { %y = cast.exact %x : f64 return %y }"
            with hp.Instance() as instance:
                instance.compile(text, frontend="ir")["f"](2**53 + 1)
        """,
    ),
    "HY5106": Code(
        "The interpreter's limit of iterations was reached.",
        cause="`fuel` bounds the rounds of all `while` loops of a run, because some never end.",
        remedy="Give it more fuel, or look for the condition that stays true.",
        example="""
            from hyperion.ir.parser import parse_program
            from hyperion_interp.interpreter import interpret

            loop = "while (%c) { ^(%x: bool): yield %x } { ^(%y: bool): yield %y }"
            program = parse_program(f"func @f(%c: bool) -> bool {{ %d = {loop} return %d }}")
            interpret(program, [True], fuel=100)
        """,
    ),
    "HY5107": Code(
        "The function is nested or called too deeply for the interpreter.",
        cause="The interpreter runs on Python's stack, which has an end.",
        remedy="Make the chain of calls shorter, or compile the function.",
        example="""
            from hyperion.ir.parser import parse_program
            from hyperion_interp.interpreter import interpret

            call = "func @f{0}(%x: i64) -> i64 {{ %y = call @f{1}(%x) : i64 return %y }}\\n"
            text = "".join(call.format(i, i + 1) for i in range(5000))
            interpret(parse_program(text + "func @f5000(%x: i64) -> i64 { return %x }"), [1])
        """,
    ),
    "HY5108": Code(
        "The function asks the interpreter for an array that is too large.",
        cause="The interpreter keeps each element as a Python object.",
        remedy="Interpret with a smaller size, or compile the function.",
        example="""
            from hyperion.ir.parser import parse_program
            from hyperion_interp.interpreter import interpret

            text = "func @f(%n: i64) -> i64[k] { %a = fill %n, %n : i64[k] return %a }"
            interpret(parse_program(text), [10**12])
        """,
    ),
    "HY5111": Code(
        "A function calls itself deeper than the stack allows.",
        cause="A call that is not a base case never reaches one, or the recursion is very deep. Plain Python raises "
        "RecursionError as well, at its own limit.",
        remedy="Look for arguments that no base case takes, such as negative ones; else write the recursion as a loop.",
        example="""
            import hyperion as hp


            @hp.jit
            def factorial(n):
                return 1 if n == 0 else n * factorial(n - 1)


            factorial(-1)
        """,
    ),
    "HY5109": Code(
        "A function makes an array that does not fit in memory.",
        cause="The system has no more memory for so many elements; the message has the numbers.",
        remedy="Make the array smaller, or call the function several times with a part of the data each.",
        example="""
            import hyperion as hp
            import numpy as np


            @hp.jit
            def zeros(n):
                return np.zeros(n)


            zeros(10**14)
        """,
    ),
}
