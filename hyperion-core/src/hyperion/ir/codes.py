"""What the HY60xx codes mean, for `hyperion explain HY6001`."""

from __future__ import annotations

from hyperion.diagnostics.code import Code

CODES = {
    "HY6001": Code(
        "The text is not in the grammar of the IR.",
        cause="A character, a word or a sign stands where the grammar has another one.",
        remedy="Repair the text at the caret; docs/reference/ir.md has the grammar.",
        example="func @f(%x: i64) -> i64 { returns %x }",
    ),
    "HY6002": Code(
        "A name is used where no value of that name is visible.",
        cause="Values are visible after their definition, in their own region and in the regions inside of it.",
        remedy="Define it before this line, or yield it from the region that defines it.",
        example="func @f(%x: i64) -> i64 { return %y }",
    ),
    "HY6003": Code(
        "Regions or types are nested deeper than the limit.",
        cause="Reading and checking walk into regions, so their depth is bounded.",
        remedy="Move the inner part to a function of its own.",
        example="""
            from hyperion.ir.parser import parse_program

            parse_program("func @f(%x: " + "(" * 200 + "i64" + ")" * 200 + ") -> i64 { return %x }")
        """,
    ),
    "HY6004": Code(
        "Two values of one function, or two functions of one program, have the same name.",
        cause="A name stands for one value in the whole function, its regions included.",
        remedy="Give one of them another name.",
        example="func @f(%x: i64) -> i64 { %x = max %x, %x : i64 return %x }",
    ),
    "HY6005": Code(
        "A name has characters that the text form cannot write.",
        cause="Names have letters, digits, `_`, `.` and `$`.",
        remedy="Take these characters only.",
        example="""
            from hyperion.ir.builder import Builder
            from hyperion.ir.function import Function, Program, Value
            from hyperion.ir.types import I64
            from hyperion.ir.verifier import verify

            value = Value("two words", I64)
            verify(Program({"f": Function("f", (value,), (), (value,))}, "f"))
        """,
    ),
    "HY6010": Code(
        "There is no such operation.",
        cause="The name is misspelt, lacks its mode (`add.wrap`, `add.trap`, `add.sat`), or the plugin that has it is "
        "not active.",
        remedy="Take one of the names in the message.",
        example="func @f(%x: i64) -> i64 { %y = frobnicate %x : i64 return %y }",
    ),
    "HY6011": Code(
        "An operation has the wrong number of operands.",
        cause="Each operation has a signature.",
        remedy="Compare the operands with the signature in docs/reference/ir.md.",
        example="func @f(%x: i64) -> i64 { %y = add.wrap %x : i64 return %y }",
    ),
    "HY6012": Code(
        "An operand has a type that the operation does not take.",
        cause="Nothing is converted silently.",
        remedy="Convert it first: `%y = cast %x : i64` where every value is kept, `cast.round` to floats.",
        example="func @f(%x: i64, %y: i32) -> i64 { %z = add.wrap %x, %y : i64 return %z }",
    ),
    "HY6013": Code(
        "The declared types of the results are not the ones that the operation gives.",
        cause="The type follows from the operands, and the text declares another one.",
        remedy="Write the type in the message.",
        example="func @f(%x: i64) -> i32 { %y = max %x, %x : i32 return %y }",
    ),
    "HY6014": Code(
        "An attribute is missing, unknown or has a value that the operation does not take.",
        cause="Each operation lists its attributes with the values they take.",
        remedy="Take one of the values in the message.",
        example="func @f(%x: i64) -> i64 { %y = max %x, %x {fast = true} : i64 return %y }",
    ),
    "HY6015": Code(
        "An operation has the wrong number of regions.",
        cause="`if` has two, loops have one, `while` has a condition and a body.",
        remedy="Write the regions that the message names.",
        example="func @f(%c: bool, %x: i64) -> i64 { %y = if %c { yield %x } return %y }",
    ),
    "HY6016": Code(
        "The parameters or yields of a region do not fit the operation.",
        cause="A loop's body takes the elements and the state, and yields the next state, of the same types.",
        remedy="Write the types in the message.",
        example="func @f(%c: bool, %x: i64, %y: i32) -> i64 { %z = if %c { yield %x } { yield %y } return %z }",
    ),
    "HY6017": Code(
        "The type of a result cannot be inferred and is not written.",
        cause="Constants, casts and new arrays have the type that the text declares.",
        remedy="Write it behind a colon: `%x = const 1 : i64`.",
        example="func @f() -> i64 { %x = const 1 return %x }",
    ),
    "HY6018": Code(
        "The callee does not exist or does not take these operands.",
        cause="The function is not part of the program, or has other parameters or results.",
        remedy="Add the function, or convert the operands to its types.",
        example="func @f(%x: i64) -> i64 { %y = call @g(%x) : i64 return %y }",
    ),
    "HY6019": Code(
        "Functions call each other in a circle.",
        cause="A function of a program cannot call itself; a recursion is a `recurse` with `self` in its region.",
        remedy="Write it as a `recurse`, or as a loop.",
        example="func @f(%x: i64) -> i64 { %y = call @f(%x) : i64 return %y }",
    ),
    "HY6020": Code(
        "A region of a parallel operation holds an operation that may trap, diverge or branch.",
        cause="Parallel operations run their regions in another order than the loop, so these must not fail.",
        remedy="Keep to scalar operations such as `add.wrap` and `select`.",
        example="""
            func @f(%x: i64) -> i64 {
              %y = par.power %x, %x, %x, (%x) {
                %l = add.trap %x, %x : i64
                yield %l
              } {
                ^(%a: i64, %b: i64):
                  yield %a
              } {
                ^(%d: i64, %s: i64):
                  yield %s
              }
              return %y
            }
        """,
    ),
    "HY6021": Code(
        "The size name of a new array is already in use.",
        cause="A new array's size is a new size: nothing says that it equals another one.",
        remedy="Take a fresh name.",
        example="func @f(%xs: i64[n], %k: i64) -> i64[n] { %ys = fill %k, %k : i64[n] return %ys }",
    ),
    "HY6022": Code(
        "A literal is not a value of its type.",
        cause="It is out of the type's range, or has the form of another type.",
        remedy="Write a value of the type, or another type.",
        example="func @f() -> u8 { %x = const 300 : u8 return %x }",
    ),
    "HY6023": Code(
        "The returned values do not fit the declared result types.",
        cause="The first line of the function declares others.",
        remedy="Return values of these types, or change the declaration.",
        example="func @f(%x: i64) -> bool { return %x }",
    ),
    "HY6024": Code(
        "A value has a type that the IR does not have.",
        cause="Types are the scalars, arrays of scalars and tuples; what was built in Python may have made another "
        "one.",
        remedy="Take one of the types in the message.",
        example="func @f(%x: i65) -> i65 { return %x }",
    ),
    "HY6025": Code(
        "A plugin handed over something that is not made of the IR's own classes.",
        cause="Functions of plugins are taken apart and made again, so that nothing foreign gets into them.",
        remedy="Report it to the authors of the plugin.",
        example="""
            from hyperion.ir.rebuild import rebuilt

            rebuilt("func @f")
        """,
    ),
    "HY6026": Code(
        "Two sizes of arrays that an operation needs to be equal are not.",
        cause="Sizes are names or numbers in the types; only equal ones are known to be equal.",
        remedy="Give both arrays one size in the function's first line, or reshape one.",
        example="""
            func @f(%a: f64[n], %b: f64[m]) -> f64[n] {
              %s = map (%a, %b) {
                ^(%x: f64, %y: f64):
                  yield %x
              }
              return %s
            }
        """,
    ),
    "HY6028": Code(
        "`self` stands outside of a recursion, or does not fit it.",
        cause="`self` is the body of the innermost `recurse` around it, at other operands.",
        remedy="Give it operands of the types of that region's parameters, and declare the types that it yields.",
        example="func @f(%x: i64) -> i64 { %y = self %x : i64 return %y }",
    ),
    "HY6027": Code(
        "The program grows past the limit when the operations of plugins are expanded.",
        cause="Each use of an operation with an expansion becomes the operations of the core that it stands for.",
        remedy="Put repeated parts in a loop.",
        example="instance.compile_program(program)  # with thousands of uses of an operation that expands to many",
        runs=False,
    ),
}
