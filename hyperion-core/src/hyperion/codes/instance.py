"""HY1xxx: the Instance, plugins and the command line."""

from __future__ import annotations

from hyperion.diagnostics.code import Code

CODES = {
    "HY1001": Code(
        "A plugin was asked for by name and is not installed.",
        cause="`Instance(plugins=[...])` takes the names of entry points in the group `hyperion.plugins`, or modules.",
        remedy="Take a name that `hyperion plugins` lists, or install the package that has it.",
        example="""
            import hyperion as hp

            hp.Instance(plugins=["pases"])
        """,
    ),
    "HY1002": Code(
        "No active plugin registers what was asked for.",
        cause="The name is misspelt, or the plugin that has it is not installed, switched off, or failed.",
        remedy="Take one of the names in the message; `hyperion plugins` says why a plugin is not active.",
        example="""
            import hyperion as hp

            with hp.Instance() as instance:
                instance.frontend("fortran")
        """,
    ),
    "HY1003": Code(
        "Two plugins register the same name.",
        cause="Neither is preferred silently: which one is meant is for you to say.",
        remedy="Prefer one in a configuration file, with the line that the message has, or switch one of them off: "
        '`hp.Instance(disable=["one"])`, or HYPERION_DISABLE_PLUGINS=one.',
        example="""
            from types import ModuleType

            import hyperion as hp
            from hyperion.hookspecs import hookimpl


            def plugin(name):
                @hookimpl
                def hyperion_interpreters():
                    return {"quick": object}

                module = ModuleType(name)
                module.HYPERION_API, module.hyperion_interpreters = (1, 0), hyperion_interpreters
                return module


            with hp.Instance(plugins=[plugin("one"), plugin("two")]) as instance:
                instance.interpreter("quick")
        """,
    ),
    "HY1005": Code(
        "A plugin could not make what it registered.",
        cause="The factory raised, or `configure` of a command; its own error is in the message.",
        remedy="Install what the plugin needs, or report the error to its authors.",
        example="""
            from types import ModuleType

            import hyperion as hp
            from hyperion.hookspecs import hookimpl


            @hookimpl
            def hyperion_interpreters():
                return {"quick": lambda: 1 / 0}


            module = ModuleType("quick_plugin")
            module.HYPERION_API, module.hyperion_interpreters = (1, 0), hyperion_interpreters
            with hp.Instance(plugins=[module]) as instance:
                instance.interpreter("quick")
        """,
    ),
    "HY1006": Code(
        "What a plugin registered does not have the members that its interface asks for.",
        cause="The factory made something else, or a method of it is missing or has another name.",
        remedy="Report it to the authors of the plugin; they test against the class of `hyperion.testing` for it.",
        example="""
            from types import ModuleType

            import hyperion as hp
            from hyperion.hookspecs import hookimpl


            @hookimpl
            def hyperion_interpreters():
                return {"quick": object}


            module = ModuleType("quick_plugin")
            module.HYPERION_API, module.hyperion_interpreters = (1, 0), hyperion_interpreters
            with hp.Instance(plugins=[module]) as instance:
                instance.interpreter("quick")
        """,
    ),
    "HY1007": Code(
        "The configuration has a key that does not exist, or a value of the wrong type.",
        cause="`Instance(config={...})` takes the fields of `hyperion.config.Config` and nothing else.",
        remedy="Take one of the keys in the message, with a value of its type.",
        example="""
            import hyperion as hp

            hp.Instance(config={"targt": "cpu"})
        """,
    ),
    "HY1008": Code(
        "An Instance was used after it was closed.",
        cause="`close()` or the end of a `with` released its plugins, devices and executors.",
        remedy="Do the work inside the `with`, or make a new Instance.",
        example="""
            import hyperion as hp

            with hp.Instance() as instance:
                pass
            instance.pipeline("cse")
        """,
    ),
    "HY1009": Code(
        "A method of an Instance was given a choice that does not exist.",
        cause='`load` takes check="now" or "first-use", and rejected="error" or "as-written".',
        remedy="Take one of those that the message lists.",
        example="""
            import hyperion as hp

            with hp.Instance() as instance:
                instance.load(b"", check="never")
        """,
    ),
    "HY1015": Code(
        "A plugin's operation or type is not taken.",
        cause="Its name has no prefix of its own, or its meaning is missing, given twice, or not deterministic: what "
        "has no fixed meaning cannot be spoken about in theorems.",
        remedy="Call it `prefix.name`, and give either `evaluate` or `expansion`.",
        example="""
            from hyperion.ir.registry import CORE
            from hyperion.ir.types import ExtensionType

            CORE.extended("my-plugin", types=[ExtensionType("colour")])
        """,
    ),
    "HY1016": Code(
        "The type rule or the meaning of a plugin's operation failed, or gave something of another type.",
        cause="Functions of plugins are called behind a guard; the message says which one did what.",
        remedy="Report it to the authors of the plugin.",
        example="""
            from dataclasses import replace

            from hyperion.ir.builder import Builder
            from hyperion.ir.registry import CORE
            from hyperion.ir.types import I64

            broken = replace(CORE.ops["neg.wrap"], name="mine.double", rule=lambda use: None)
            builder = Builder("f", CORE.extended("my-plugin", [broken]))
            builder.op("mine.double", builder.parameter("x", I64))
        """,
    ),
    "HY1017": Code(
        "The theorem library was asked for, and the configuration switches it off.",
        cause='`Instance(config={"library": False})` derives every function anew and keeps nothing.',
        remedy="Leave `library` out of the configuration, or make it true.",
        example="""
            import hyperion as hp

            with hp.Instance(config={"library": False}) as instance:
                len(instance.theorems)
        """,
    ),
    "HY1018": Code(
        "Theorems that are kept in memory only cannot be exported or imported.",
        cause="No plugin that keeps theorems is active; `hyperion-library` has the one that comes with Hyperion.",
        remedy="Install hyperion-library, and do not disable its plugin `library`.",
        example="""
            import hyperion as hp

            with hp.Instance(disable=["library"]) as instance:
                instance.theorems.export("theorems.hyt")
        """,
    ),
    "HY1020": Code(
        "A configuration file cannot be read.",
        cause="It is not TOML, not UTF-8, or `HYPERION_CONFIG` names a file that is not there.",
        remedy="Repair the line in the message, or set HYPERION_CONFIG to nothing to go on without such files.",
        example="""
            from pathlib import Path

            import hyperion as hp

            Path("hyperion.toml").write_text("budget = ")
            hp.Instance()
        """,
    ),
    "HY1021": Code(
        "A configuration file has a key that does not exist.",
        cause="Files take the fields of `hyperion.config.Config` and the table `plugins`, with `allow`, `block`, "
        "`disable` and `prefer`.",
        remedy="Take the key that the message suggests, or leave it out.",
        example="""
            import hyperion as hp

            hp.Instance(config={"plugins": {"disabled": ["z3"]}})
        """,
    ),
    "HY1022": Code(
        "A key of a configuration file has a value of the wrong form.",
        cause="Each key has one type; `block` names distributions with versions, `prefer` maps HOOK:NAME to a plugin.",
        remedy="Write the value as the message says.",
        example="""
            import hyperion as hp

            hp.Instance(config={"plugins": {"block": ["foo<"]}})
        """,
    ),
    "HY1023": Code(
        "A configuration file says what counts as proof, or a project's file which folder is believed.",
        cause="`oracles`, `theories` and `unproved_passes` weaken what a checked result means; `home` and `recheck` "
        "say which machine code and verdicts are believed, and a project's file is one that a program happens to meet.",
        remedy="Say it in the program: `hp.Instance(config={...})`; `home` and `recheck` also in your own file.",
        example="""
            from pathlib import Path

            import hyperion as hp

            Path("hyperion.toml").write_text('oracles = ["z3"]')
            hp.Instance()
        """,
    ),
    "HY1024": Code(
        "A command of a plugin raised, or returned no exit code.",
        cause="The command of `hyperion` that ran is a plugin's, and has a defect; `--debug` shows the traceback.",
        remedy="Update the plugin, report it to its authors, or go on without it: HYPERION_DISABLE_PLUGINS.",
        example="hyperion acme --debug",
        runs=False,
    ),
    "HY1025": Code(
        "Code of a plugin called `sys.exit`.",
        cause="It was written for a program of its own; here it would have ended yours.",
        remedy="Report it to the authors of the plugin: they raise an error instead.",
        example="""
            import sys
            from types import ModuleType

            import hyperion as hp
            from hyperion.hookspecs import hookimpl


            class Leaving:
                name = "leaving"

                def signature(self, arguments):
                    sys.exit("no licence")

                def lower(self, source, signature, options):
                    sys.exit("no licence")


            module = ModuleType("leaving_plugin")
            module.HYPERION_API = (1, 0)
            module.hyperion_frontends = hookimpl(lambda: {"leaving": Leaving})
            with hp.Instance(plugins=[module]) as instance:
                instance.compile("x", frontend="leaving", arguments=(1,))
        """,
    ),
    "HY1040": Code(
        "A metric was named, labelled, fed or asked for in a way that metrics do not have.",
        cause="Names and labels are identifiers; a name is a counter, a gauge or a histogram for good; counters only "
        "grow; and what nobody counts has no value, lest a misspelt name reads as 0.",
        remedy="Look at `print(instance.metrics)` and `hyperion.metrics.FAMILIES` for the names that there are.",
        example="""
            import hyperion as hp

            with hp.Instance() as instance:
                instance.metrics.total("cache_hit")
        """,
    ),
    "HY1041": Code(
        "A snapshot of metrics was subtracted that is no earlier one of the same Instance.",
        cause="`later - earlier` is what came between the two.",
        remedy="Subtract the earlier from the later snapshot, both of one Instance.",
        example="""
            import hyperion as hp

            with hp.Instance() as one, hp.Instance() as two:
                one.metrics - two.metrics
        """,
    ),
    "HY1042": Code(
        "A token was made with seconds that are negative or no number.",
        cause="A computed time limit was below 0, or NaN.",
        remedy="Give seconds from 0 on, or None for no limit.",
        example="""
            from hyperion.tokens import Token

            Token(seconds=-1)
        """,
    ),
    "HY1044": Code(
        "The file for logs or metrics cannot be written.",
        cause="Its folder does not exist, or may not be written to.",
        remedy="Name a file in a folder that exists; `--log -` writes to stderr.",
        example="hyperion run loops.py:total 7 --log /nowhere/log.jsonl",
        runs=False,
    ),
    "HY1043": Code(
        "Logs were asked for in a form that they do not have.",
        cause="A level is a number, or one of DEBUG, INFO, WARNING, ERROR and CRITICAL; logs go to a path, or to what "
        "has a method `write`.",
        remedy="Take one of the levels that the message lists, or another place.",
        example="""
            from hyperion.log import to_json_lines

            to_json_lines("log.jsonl", level="LOUD")
        """,
    ),
    "HY1201": Code(
        "The command line takes a function as FILE:FUNC.",
        cause="The file or the function, or the colon between them, is missing.",
        remedy="Write the file, a colon and the name: `loops.py:total`.",
        example="$ hyperion run loops.py",
    ),
    "HY1202": Code(
        "A file that the command line names does not exist.",
        cause="The name is misspelt, or relative to another folder than the current one.",
        remedy="Look at the names in the message, which are near, and at the current folder.",
        example="$ hyperion run lops.py:total prices.csv:close",
    ),
    "HY1203": Code(
        "The file has no function of that name.",
        cause="The name is misspelt, or it is no function.",
        remedy="Take one of the functions in the message.",
        example="$ hyperion run loops.py:totl prices.csv:close",
    ),
    "HY1204": Code(
        "The file is no Python module, or raises an exception when it is imported.",
        cause="FILE:FUNC is imported as a module, so its top-level statements run.",
        remedy="Run the file with Python alone and repair what that shows; guard scripts with "
        '`if __name__ == "__main__":`.',
        example="$ hyperion run prices.csv:total",
    ),
    "HY1205": Code(
        "An argument is neither a number, nor true or false, nor a file that can be read.",
        cause="Arguments are read by their form, as the command line's reference lists them.",
        remedy="Write a number such as 7, 1.5 or 10**15, true, false, FILE.npy, FILE.csv:COLUMN, or another file.",
        example="$ hyperion run loops.py:total seven",
    ),
    "HY1206": Code(
        "A CSV file has no such column, or a cell of it is no number.",
        cause="The first line names the columns, commas separate them, and every cell of the column is a number.",
        remedy="Take a column that the message lists; fill in nan where a number is missing.",
        example="$ hyperion run loops.py:total prices.csv:open",
    ),
    "HY1207": Code(
        "A proof was to be written, and no theorem was derived.",
        cause="No strategy found a proven equivalent of the function for arguments of these types.",
        remedy="`hyperion explain` without `--proof` says what each strategy refused, and why.",
        example="$ hyperion explain loops.py:halved 1.5 --proof proof.json",
    ),
    "HY1208": Code(
        "There is no such error code.",
        cause="A code is HY and four digits; those that exist are in the documentation.",
        remedy="Take a code that the message shows, or look at docs/reference/errors.md.",
        example="$ hyperion explain HY1209000",
    ),
    "HY1209": Code(
        "A proof file does not exist or cannot be read.",
        cause="`hyperion theorems check` reads what `hyperion explain --proof` wrote.",
        remedy="Write the proof first, or look at the path.",
        example="$ hyperion theorems check none.hyp",
    ),
    "HY1210": Code(
        "The function takes another number of arguments.",
        cause="Each word after FILE:FUNC is one argument.",
        remedy="Give as many as the function has parameters without defaults; the message lists them.",
        example="$ hyperion run loops.py:total 1 2 3",
    ),
    "HY1211": Code(
        "A proof, or the IR after each pass, cannot be written there.",
        cause="The folder does not exist, is not yours to write, or the disk is full; the message has the system's "
        "word.",
        remedy="Name a file in a folder that exists; a bundle of theorems cannot go to stdout.",
        example="$ hyperion explain loops.py:total prices.csv:close --proof none/proof.json",
    ),
    "HY1212": Code(
        "No loop of the demonstration has that word in its title.",
        cause="`hyperion demo --only WORD` compares words with titles.",
        remedy="Take a word of the titles in the message.",
        example="$ hyperion demo --only nothing",
    ),
    "HY1213": Code(
        "The output cannot be written.",
        cause="stdout is closed, or what it leads to is full.",
        remedy="Free some space, or write somewhere else.",
        example="$ hyperion plugins > /dev/full",
        runs=False,
    ),
    "HY1214": Code(
        "A CSV file has two columns of one name, so the name does not say which is meant.",
        cause="The header row repeats a name.",
        remedy="Give each column a name of its own in the header row.",
        example="$ hyperion run loops.py:total twice.csv:close",
    ),
    "HY1215": Code(
        "An argument is no value of the declared type of its parameter.",
        cause="Functions of module files and of IR text have declared parameter types, and words are read as those.",
        remedy="Give a value that the type in the message holds; `hyperion inspect` shows the parameters.",
        example="$ hyperion run double.hir:double 1.5",
    ),
    "HY1216": Code(
        "An option or argument is given that the file takes no notice of, or two that say the same.",
        cause="IR text has its types and its meaning written in it, so options that choose them would change nothing.",
        remedy="Leave the option out.",
        example="$ hyperion compile double.hir --overflow wrap -o double.hym",
    ),
    "HY1217": Code(
        "The text of `--signature` is no list of types.",
        cause="Types are separated by commas, one for each parameter, as the IR writes them: `i64[n], f64`.",
        remedy="Repair the type at the caret.",
        example='$ hyperion compile loops.py:total --signature "i65" -o total.hym',
    ),
    "HY1221": Code(
        "The trace cannot be written there.",
        cause="The folder does not exist, is not yours to write, or the disk is full; the message has the system's "
        "word.",
        remedy="Name a file in a folder that exists.",
        example="$ hyperion run loops.py:total prices.csv:close --trace none/trace.json",
    ),
    "HY1220": Code(
        "Options of `hyperion passes` or `hyperion devices` were given that do not go together.",
        cause="`--pipeline` and its companions run on a FILE with IR text; `--reproduce` names its own file. A "
        "cluster is that of a file or of addresses, printed as TOML or as JSON.",
        remedy="Give the file, or leave the option out; `-` is stdin.",
        example="$ hyperion passes --pipeline cse",
    ),
    "HY1222": Code(
        "No theorem of the library has a digest that begins so, or several have.",
        cause="Theorems are named by a hash of what they say; any beginning of it that is unique will do.",
        remedy="Take a digest that `hyperion theorems list` shows, or give more of its characters.",
        example="$ hyperion theorems show 0123",
    ),
    "HY1223": Code(
        "Theorems cannot be exported in that format, or not so many.",
        cause="A bundle (`hyt`) holds any number of theorems. Formats of plugins hold one theorem.",
        remedy="Take a format that the message lists, and for one of a plugin the digest of one theorem.",
        example="$ hyperion theorems export theorems.txt --format verse",
    ),
    "HY1224": Code(
        "There is no plugin of that name.",
        cause="`hyperion plugins show` and `check` take the names of installed plugins or of their distributions.",
        remedy="Take a name that `hyperion plugins` lists.",
        example="$ hyperion plugins show cppu",
    ),
    "HY1225": Code(
        "There is no such hook.",
        cause="`hyperion plugins why HOOK:NAME` takes the hooks that docs/reference/hooks.md lists.",
        remedy="Take the hook that the message suggests, or leave it out: `hyperion plugins why NAME`.",
        example="$ hyperion plugins why hyperion_device:cpu",
    ),
}
