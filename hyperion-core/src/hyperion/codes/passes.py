"""HY4xxx: passes and pipelines."""

from __future__ import annotations

from hyperion.diagnostics.code import Code

CODES = {
    "HY4001": Code(
        "A compiler pass raised an exception, or returned something else than a result.",
        cause="Passes are programs of plugins; what they raise is in the message. Compiling goes on without the pass, "
        "and `explain` names it; a pipeline that you run yourself raises.",
        remedy="Report it to the authors of the pass; until then leave it out of the pipeline.",
        example="""
            import hyperion as hp


            class Broken:
                name = "broken"

                def run(self, program, context):
                    return 1 / 0


            with hp.Instance() as instance:
                instance.create_pipeline([Broken()]).run("func @f(%x: i64) -> i64 { return %x }")
        """,
    ),
    "HY4002": Code(
        "A compiler pass made invalid IR.",
        cause="The result of each pass is verified; the notes have the errors. Compiling goes on without the pass.",
        remedy="Report it to the authors of the pass; `verify_each=True` says which of several it was.",
        example="""
            from dataclasses import replace

            import hyperion as hp
            from hyperion.interfaces.compiler_pass import PassResult
            from hyperion.ir.function import Value
            from hyperion.ir.types import I64


            class Forgetful:
                name = "forgetful"

                def run(self, program, context):
                    return PassResult(replace(program.main, results=(Value("lost", I64),)))


            with hp.Instance() as instance:
                instance.create_pipeline([Forgetful()]).run("func @f(%x: i64) -> i64 { return %x }")
        """,
    ),
    "HY4003": Code(
        "A compiler pass gave no valid evidence that its result means the same.",
        cause="The result of a pass denotes the same term, or a theorem that the checker accepts says that both are "
        "equal. Anything else could change what your function computes.",
        remedy="Leave the pass out, or allow it by name in `unproved_passes`: its output is then marked as unproved.",
        example="""
            from dataclasses import replace

            import hyperion as hp
            from hyperion.interfaces.compiler_pass import PassResult


            class Careless:
                name = "careless"

                def run(self, program, context):
                    x, y = program.main.parameters
                    return PassResult(replace(program.main, results=(y,)))


            with hp.Instance() as instance:
                instance.create_pipeline([Careless()]).run("func @f(%x: i64, %y: i64) -> i64 { return %x }")
        """,
    ),
    "HY4004": Code(
        "The run of a pipeline was cancelled.",
        cause="The event that was given as `cancel` is set.",
        remedy="Run it again without the event, if that was not meant.",
        example="""
            import threading

            import hyperion as hp

            stop = threading.Event()
            stop.set()
            with hp.Instance() as instance:
                instance.pipeline("cse").run("func @f(%x: i64) -> i64 { return %x }", cancel=stop)
        """,
    ),
    "HY4005": Code(
        "The run of a pipeline did not end within its time.",
        cause="Passes look at the clock and end when `timeout` seconds have passed.",
        remedy="Give it more time, or a smaller function.",
        example="""
            import hyperion as hp

            with hp.Instance() as instance:
                instance.pipeline("cse").run("func @f(%x: i64) -> i64 { return %x }", timeout=0)
        """,
    ),
    "HY4006": Code(
        "A pass counted something that is no integer.",
        cause="Statistics are counts of what a pass did.",
        remedy="Count with integers; times are measured by the pipeline.",
        example="""
            from hyperion.interfaces.compiler_pass import PassContext

            PassContext().count("rewrites", 0.5)
        """,
    ),
    "HY4007": Code(
        "A pass is not what its plugin registers.",
        cause="It calls itself by another name, or the factory sets options of it; the text of a pipeline could not "
        "name it then.",
        remedy="Register the pass under its own name, with the defaults of its options.",
        example="""
            from types import ModuleType

            import hyperion as hp
            from hyperion.hookspecs import hookimpl


            class Tidy:
                name = "tidy"

                def run(self, program, context): ...


            @hookimpl
            def hyperion_passes():
                return {"clean": Tidy}


            module = ModuleType("tidying")
            module.HYPERION_API, module.hyperion_passes = (1, 0), hyperion_passes
            with hp.Instance(plugins=[module]) as instance:
                instance.pipeline("clean")
        """,
    ),
    "HY4008": Code(
        "A version that passes made without proof, as policy lets them, trapped where the source does not.",
        cause="A pass that `unproved_passes` names changed what the function does.",
        remedy="Take the pass out of `unproved_passes`, and report it to its authors.",
        example='module["f"](5)  # of an Instance with unproved_passes, and a pass among them that is wrong',
        runs=False,
    ),
    "HY4010": Code(
        "The text of a pipeline does not follow the grammar.",
        cause="Passes are separated by commas; options stand in braces, the body of a combinator in parentheses: "
        "`pass{option=1},fixpoint{max=4}(pass,pass)`.",
        remedy="Repair the text at the caret.",
        example="""
            import hyperion as hp

            with hp.Instance() as instance:
                instance.pipeline("cse,,dce")
        """,
    ),
    "HY4011": Code(
        "The text of a pipeline names a pass or combinator that does not exist.",
        cause="The name is misspelt, or the plugin with the pass is not active.",
        remedy="`hyperion passes` lists those that are installed.",
        example="""
            import hyperion as hp

            with hp.Instance() as instance:
                instance.pipeline("canonicalise")
        """,
    ),
    "HY4012": Code(
        "A pass or combinator has no option of that name.",
        cause="The options of a pass are the fields of its class.",
        remedy="`hyperion passes` shows the options of each.",
        example="""
            import hyperion as hp

            with hp.Instance() as instance:
                instance.pipeline("fixpoint{rounds=4}(cse)")
        """,
    ),
    "HY4013": Code(
        "An option has a value of the wrong type, or one that the pass does not take.",
        cause="Each option has a type, and the pass may refuse values.",
        remedy="The message says what the option takes.",
        example="""
            import hyperion as hp

            with hp.Instance() as instance:
                instance.pipeline("fixpoint{max=0}(cse)")
        """,
    ),
    "HY4014": Code(
        "Something in the text of a pipeline has passes in parentheses or options and takes none, or lacks them.",
        cause="Combinators such as `fixpoint` take passes in parentheses, passes and named pipelines do not.",
        remedy="Write `fixpoint(cse,dce)` for combinators, `cse` for passes.",
        example="""
            import hyperion as hp

            with hp.Instance() as instance:
                instance.pipeline("cse(dce)")
        """,
    ),
    "HY4015": Code(
        "The name of a pipeline cannot be used.",
        cause="It is taken by a pass, it cannot be written in a pipeline's text, or the pipeline contains itself.",
        remedy="Choose another name, or take the circle out.",
        example="""
            import hyperion as hp

            with hp.Instance(config={"pipelines": {"mine": "cse,mine"}}) as instance:
                instance.pipeline("mine")
        """,
    ),
    "HY4020": Code(
        "A pipeline was used after it was destroyed.",
        cause="`destroy()`, the end of a `with`, or closing the Instance let go of its passes.",
        remedy="Make a new one: `instance.pipeline(text)`.",
        example="""
            import hyperion as hp

            with hp.Instance() as instance:
                with instance.pipeline("cse") as pipeline:
                    pass
                pipeline.run("func @f(%x: i64) -> i64 { return %x }")
        """,
    ),
    "HY4021": Code(
        "What a pipeline was to be made from is no pass, text, pipeline or combinator; or an instrument is none.",
        cause="`create_pipeline` and `attach` compare what they get with their interfaces.",
        remedy="Give a pass with `name` and `run`, a text, another pipeline or a combinator; instruments are "
        "subclasses of `hyperion.pipeline.Instrument`.",
        example="""
            import hyperion as hp

            with hp.Instance() as instance:
                instance.create_pipeline([5])
        """,
    ),
    "HY4022": Code(
        "A pipeline does not run on that.",
        cause="It runs on a program, IR text, the path of a file with it, or the outcome of another pipeline.",
        remedy="`instance.program(f, arguments=(xs,))` gives the program of a Python function.",
        example="""
            import hyperion as hp

            with hp.Instance() as instance:
                instance.pipeline("cse").run(5)
        """,
    ),
    "HY4030": Code(
        "A file is no reproducer of a failing pass, or cannot be read.",
        cause="Reproducers are the files that a pipeline writes when a pass fails.",
        remedy="Name a file that `reproducers=` or HYPERION_REPRODUCERS wrote, unchanged.",
        example="""
            import hyperion as hp

            with hp.Instance() as instance:
                instance.reproduce("loops.py")
        """,
    ),
    "HY4040": Code(
        "The text of a law for the pass `algebraic` does not follow the grammar.",
        cause="A law is `(= (op x ..) expression)`, and the right side has no variables that the left one lacks.",
        remedy="Write e.g. `(= (sub.wrap (add.wrap x y) y) x)`.",
        example="""
            from hyperion.ir.types import I64
            from hyperion_passes.laws import law

            law("(= x (add.wrap x y))", I64)
        """,
    ),
    "HY4041": Code(
        "What was given as a law for the pass `algebraic` is none.",
        cause="Both sides are functions of the same parameters, with equations of one result and no regions, and a "
        "theorem about them is about nothing else.",
        remedy="Look at `hyperion_passes.laws.Law`.",
        example="""
            from hyperion.ir.parser import parse_program
            from hyperion_passes.laws import Law

            before = parse_program("func @before(%x: i64) -> i64 { %y = neg.wrap %x : i64 return %y }").main
            after = parse_program("func @after(%x: i32) -> i32 { return %x }").main
            Law(before, after)
        """,
    ),
    "HY4042": Code(
        "A law for the pass `algebraic` was given without a theorem, and no proof was found.",
        cause="Laws are proved by arithmetic modulo 2**width and by case splits; this one needs more, or is false.",
        remedy="Give its theorem, or look for values that break it.",
        example="""
            from hyperion.ir.types import I64
            from hyperion_passes.laws import law

            law("(= (add.wrap x y) x)", I64)
        """,
    ),
}
