"""HY603x and HY61xx: what the frontends refuse. The other HY6xxx are in `hyperion.ir.codes`."""

from __future__ import annotations

from hyperion.diagnostics.code import Code

CODES = {
    "HY6030": Code(
        "IR source is given as text.",
        cause='`compile(source, frontend="ir")` reads text.',
        remedy="Give a str; `instance.compile_program` takes a program that was built.",
        example="""
            import hyperion as hp

            with hp.Instance() as instance:
                instance.compile(5, frontend="ir")
        """,
    ),
    "HY6031": Code(
        "The types of a Python function's parameters are not known.",
        cause="A Python function is compiled for types, which `compile` cannot guess.",
        remedy="Give example arguments, `compile(f, arguments=(xs,))`, or IR types, `signature=(...)`.",
        example="""
            import hyperion as hp


            def double(x):
                return 2 * x


            with hp.Instance() as instance:
                instance.compile(double)
        """,
    ),
    "HY6032": Code(
        "An option has a value that does not exist.",
        cause='overflow is "trap", "wrap" or "sat"; fp is "ieee" or "reassoc".',
        remedy="Take one of these.",
        example="""
            import hyperion as hp


            @hp.jit(overflow="ignore")
            def double(x):
                return 2 * x
        """,
    ),
    "HY6033": Code(
        "hp.jit takes functions that are written with def.",
        cause="Builtins, classes and other callables have no Python source to compile.",
        remedy="Write a function that calls it, or do what it does.",
        example="""
            import hyperion as hp

            hp.jit(abs)
        """,
    ),
    "HY6101": Code(
        "The source of a Python function cannot be read.",
        cause="It was typed at a prompt, read from stdin, or made by exec, so there is no file; or a text has no such "
        "function, or is no Python.",
        remedy="Put the function in a file, or pass its text: `compile((text, name), arguments=...)`.",
        example="""
            import hyperion as hp

            names = {}
            exec("def double(x): return 2 * x", names)
            hp.jit(names["double"])(4)
        """,
    ),
    "HY6102": Code(
        "The source file of a Python function changed after the function was loaded.",
        cause="What would be compiled is not what would run; or a tool rewrote the function while importing it.",
        remedy="Start again, or reload the module.",
        example="""
            from pathlib import Path

            import changing  # def double(x): return 2 * x
            import hyperion as hp

            Path("changing.py").write_text("def double(x): return x + x + 0")
            hp.jit(changing.double)(4)
        """,
    ),
    "HY6103": Code(
        "A Python statement that the frontend does not take.",
        cause="Compiled functions consist of assignments, `for`, `while`, `if`, `break`, `continue` and `return`.",
        remedy="The message says what to write instead; do the rest outside of the compiled function.",
        example="""
            import hyperion as hp


            @hp.jit
            def halved(x):
                assert x >= 0
                return x // 2


            halved(5)
        """,
    ),
    "HY6104": Code(
        "A Python expression that the frontend does not take.",
        cause="Values are numbers, bools and arrays of them; text, lists and dicts have no form in compiled code.",
        remedy="The message says what to write instead.",
        example="""
            import hyperion as hp


            @hp.jit
            def label(x):
                return "large" if x > 3 else "small"


            label(5)
        """,
    ),
    "HY6105": Code(
        "A Python variable may be read before it is assigned.",
        cause="On one way through the function nothing assigns it; Python would raise UnboundLocalError there.",
        remedy="Assign it before the branch or loop.",
        example="""
            import hyperion as hp


            @hp.jit
            def sign(x):
                if x > 0:
                    result = 1
                return result


            sign(5)
        """,
    ),
    "HY6106": Code(
        "The operands of a Python operation have types that do not mix.",
        cause="Each operation has one type for both sides, and no conversion would keep every value.",
        remedy="Convert one side with `float`, `int`, `np.float64` or `np.uint64`.",
        example="""
            import hyperion as hp


            @hp.jit
            def positive(x):
                return max(0, x)


            positive(1.5)
        """,
    ),
    "HY6107": Code(
        "A Python variable has different types on different ways through the function.",
        cause="A compiled variable has one type; Python's may be an int before a loop and a float after it.",
        remedy="Start with a value of the later type: 0.0 for 0.",
        example="""
            import hyperion as hp


            @hp.jit
            def halves(n):
                s = 0
                for i in range(n):
                    s += i / 2
                return s


            halves(5)
        """,
    ),
    "HY6108": Code(
        "A call that the frontend does not take.",
        cause="Functions of your modules are compiled too; of the builtins, math and NumPy only some are known.",
        remedy="Write it with loops and arithmetic, or pass its result as an argument.",
        example="""
            import hyperion as hp


            @hp.jit
            def shout(x):
                print(x)
                return x


            shout(5)
        """,
    ),
    "HY6109": Code(
        "An array is used in a way that the frontend does not take.",
        cause="Arrays are read by index or by a loop; arguments are not written, and whole arrays are not compared.",
        remedy="Loop over the elements; write into an array that the function made.",
        example="""
            import hyperion as hp
            import numpy as np


            @hp.jit
            def clear(xs):
                xs[0] = 0
                return xs[0]


            clear(np.arange(3))
        """,
    ),
    "HY6110": Code(
        "A return that the frontend does not take, or a return that is missing.",
        cause="Every way through the function returns a value, everywhere as many values; a loop that may end without "
        "a return needs one after it.",
        remedy="Return a value on every way, after a loop as well.",
        example="""
            import hyperion as hp


            @hp.jit
            def first_square_above(t):
                for i in range(t):
                    if i * i > t:
                        return i


            first_square_above(5)
        """,
    ),
    "HY6111": Code(
        "A number does not fit its type.",
        cause="A literal is beyond 64 bits, or no float of the type equals it.",
        remedy="Write a float literal, or a smaller number.",
        example="""
            import hyperion as hp


            @hp.jit
            def shifted(x):
                return x + 2**64


            shifted(5)
        """,
    ),
    "HY6112": Code(
        "The header of a Python function is not taken.",
        cause="Parameters are given by position and have numbers as defaults; stars, keyword-only parameters, lambdas "
        "and async functions have no compiled form.",
        remedy="Write a plain def that names every parameter.",
        example="""
            import hyperion as hp

            double = hp.jit(lambda x: 2 * x)
            double(5)
        """,
    ),
    "HY6113": Code(
        "The arguments do not fit the parameters.",
        cause="A compiled function, or one inside of it, is called with another number of arguments than it has, or "
        "with arrays of different sizes where its parameters name one size.",
        remedy="Compare the call with the parameters in the message.",
        example="""
            import hyperion as hp


            def product(a, b):
                return a * b


            @hp.jit
            def square(x):
                return product(x)


            square(5)
        """,
    ),
    "HY6114": Code(
        "A Python function calls itself in a way that is not taken.",
        cause="A function may call itself with other numbers, and hand on its arrays as they are. Functions that call "
        "each other in a circle, other arrays in the call, and arrays as results are not taken.",
        remedy="Put functions that call each other into one, with a parameter that says which is meant; pass positions "
        "in one array instead of parts of it.",
        example="""
            import hyperion as hp


            def odd(n):
                return n != 0 and even(n - 1)


            @hp.jit
            def even(n):
                return n == 0 or odd(n - 1)


            even(5)
        """,
    ),
    "HY6115": Code(
        "A global name is neither a number nor a function.",
        cause="Globals are read when the function is compiled; only numbers and functions have a compiled form.",
        remedy="Pass it as an argument, or give it a number.",
        example="""
            import hyperion as hp

            WEIGHTS = [1, 2, 3]


            @hp.jit
            def weighted(x):
                return x * WEIGHTS


            weighted(5)
        """,
    ),
    "HY6120": Code(
        "An argument has a type that is not taken.",
        cause="Arguments are bool, int, float, complex, bytes, NumPy scalars of these kinds, and arrays of them; a "
        "number is exactly a value of the parameter's type and of its kind: 1 is no float, 0.1 is no `f32`.",
        remedy="Convert it: `numpy.asarray(xs)` for a list, `text.encode()` for text, `float(x)` for an int.",
        example="""
            import hyperion as hp


            @hp.jit
            def same(x):
                return x


            same("text")
        """,
    ),
    "HY6121": Code(
        "An array argument has a shape or an element type that is not taken.",
        cause="Compiled functions take plain arrays of machine numbers in this machine's byte order, whose elements "
        "and axes are those of the parameter; Python functions such of one or two dimensions.",
        remedy="Flatten the array, `xs.ravel()`, or convert it with `astype`.",
        example="""
            import hyperion as hp
            import numpy as np


            @hp.jit
            def first(xs):
                return xs[0]


            first(np.zeros((2, 2, 2)))
        """,
    ),
    "HY6122": Code(
        "An integer argument is outside the range of its parameter.",
        cause="Integers of compiled code are 64 bits wide, or as wide as the parameter's type says.",
        remedy="Pass a smaller number, or a float.",
        example="""
            import hyperion as hp


            @hp.jit
            def same(x):
                return x


            same(2**64)
        """,
    ),
}
