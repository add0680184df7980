"""HY3xxx: modules and module files."""

from __future__ import annotations

from hyperion.diagnostics.code import Code

_DAMAGE = """
    import hyperion as hp

    with hp.Instance() as instance:
        module = instance.compile("func @f(%x: i64) -> i64 {{ return %x }}", frontend="ir")
        data = bytearray(module.to_bytes())
        {damage}
        instance.load(data)
"""
_BUNDLE = """
    from pathlib import Path

    import hyperion as hp

    with hp.Instance() as instance:
        instance.theorems.export("theorems.hyt")
        data = bytearray(Path("theorems.hyt").read_bytes())
        {damage}
        Path("theorems.hyt").write_bytes(data)
        instance.theorems.import_("theorems.hyt")
"""
_AGAIN = "Compile the module again from its source, or fetch the file once more."

CODES = {
    "HY3001": Code(
        "The module has no function of that name.",
        cause="A module has its entry functions by their names.",
        remedy="Take one of the names in the message.",
        example="""
            import hyperion as hp

            with hp.Instance() as instance:
                module = instance.compile("func @f(%x: i64) -> i64 { return %x }", frontend="ir")
                module["g"]
        """,
    ),
    "HY3002": Code(
        "The file is no Hyperion module.",
        cause="Its first bytes are not those that every module file begins with.",
        remedy="Look at the path; `hyperion compile` and `module.save(path)` write module files.",
        example="""
            import hyperion as hp

            with hp.Instance() as instance:
                instance.load(b"PK and so on")
        """,
    ),
    "HY3003": Code(
        "The module file has a format that this version of Hyperion does not read.",
        cause="The major number of its format is another one than this reader's.",
        remedy="Update hyperion-core, or compile the module again.",
        example=_DAMAGE.format(damage="data[8] = 9  # the major number"),
    ),
    "HY3004": Code(
        "The module file is shorter or longer than its header says.",
        cause="It was cut on its way, is still being written, or something was appended to it.",
        remedy=_AGAIN,
        example=_DAMAGE.format(damage="del data[-1]"),
    ),
    "HY3005": Code(
        "The header, the section table or the order of the sections is not as a writer makes it.",
        cause="There is one way to write the same sections; every other one is refused, also where it could be read.",
        remedy=_AGAIN,
        example=_DAMAGE.format(damage="data[12] = 1  # a flag that no writer sets"),
    ),
    "HY3006": Code(
        "The bytes of a module file do not fit their hash.",
        cause="The file was damaged or changed after it was written.",
        remedy=_AGAIN,
        example=_DAMAGE.format(damage="data[-1] ^= 1"),
    ),
    "HY3007": Code(
        "A module file asks for more memory or work than the limits allow.",
        cause="Reading a file is bounded in bytes, items, equations, proofs and time; a hostile file wastes little.",
        remedy="For a file that you trust, raise the limit that the message names: `load(..., limits=Limits(...))`.",
        example="""
            import hyperion as hp
            from hyperion.module import Limits

            with hp.Instance() as instance:
                module = instance.compile("func @f(%x: i64) -> i64 { return %x }", frontend="ir")
                instance.load(module.to_bytes(), limits=Limits(file_bytes=100))
        """,
    ),
    "HY3008": Code(
        "The module file has a section that must be understood, and this version of Hyperion does not know it.",
        cause="A newer version wrote the file and marked the section as one that may not be skipped.",
        remedy="Update hyperion-core, or compile the module again.",
        example="""
            import hyperion as hp
            from hyperion.module.container import Section, pieces

            with hp.Instance() as instance:
                instance.load(b"".join(pieces([Section("NEW", b"what is this", critical=True)])))
        """,
    ),
    "HY3009": Code(
        "The module file is compressed in a way that this Python cannot undo.",
        cause="Zstandard needs Python 3.14 or the package zstandard; zlib is always there.",
        remedy='Install zstandard, or save the module with `compression="zlib"`.',
        example="instance.load(path)  # of a module saved with zstd, on Python 3.11 without zstandard",
        runs=False,
    ),
    "HY3010": Code(
        "The module uses operations or types that are not installed here.",
        cause="A plugin's operations mean what its distribution says; the file names it and the version.",
        remedy="Install the distributions that the message names.",
        example="instance.load(path)  # of a module with operations of a plugin that is not installed",
        runs=False,
    ),
    "HY3011": Code(
        "A proof in a module file does not show what it should.",
        cause="The independent checker read the proof, and it is not one that the loaded function equals its source.",
        remedy='Compile the module again, or load it with `rejected="as-written"`, which drops the proof and what it '
        "justified.",
        example="instance.load(path)  # of a file whose proof was replaced by that of another function",
        runs=False,
    ),
    "HY3012": Code(
        "The contents of a section are not as a writer makes them.",
        cause="The hashes fit, so the file was not damaged: what wrote it does not follow the format.",
        remedy=_AGAIN,
        example="""
            import hyperion as hp
            from hyperion.module.container import Section, pieces

            with hp.Instance() as instance:
                sections = [Section(kind, b"not from a writer", critical=True) for kind in ("META", "IR", "THM")]
                instance.load(b"".join(pieces(sections)))
        """,
    ),
    "HY3013": Code(
        "The IR in a module file is not valid.",
        cause="It was verified as IR text is; the notes have the errors.",
        remedy=_AGAIN,
        example="instance.load(path)  # of a file that another program wrote with an addition of i64 and f64",
        runs=False,
    ),
    "HY3014": Code(
        "A module file or a bundle of theorems cannot be read or written.",
        cause="The message has the operating system's reason: no such file, no permission, a full disk, a folder.",
        remedy="Name a regular file in a folder that exists and has space.",
        example="""
            import hyperion as hp

            with hp.Instance() as instance:
                instance.load("none/model.hym")
        """,
    ),
    "HY3015": Code(
        "The module holds no machine code for that target or function.",
        cause="A module file holds IR and theorems; machine code is in it only where it was asked for.",
        remedy="Save it with `module.save(path, code=True)`.",
        example="""
            import hyperion as hp

            with hp.Instance() as instance:
                module = instance.compile("func @f(%x: i64) -> i64 { return %x }", frontend="ir")
                instance.load(module.to_bytes()).code("cpu")
        """,
    ),
    "HY3016": Code(
        "A module file cannot hold this.",
        cause="A module without functions, functions of Instances with different plugins, a literal of extreme length.",
        remedy="The message says which; compile what belongs in one file by one Instance.",
        example="""
            from hyperion.module import Module

            Module({}).to_bytes()
        """,
    ),
    "HY3017": Code(
        "The machine code in a module file changed after the file was loaded.",
        cause="Machine code is mapped from the file, and its hash is compared again before it is used.",
        remedy="Load the module again; replace module files by renaming, never by writing into them.",
        example='module.code("cpu")  # after another program wrote into the file',
        runs=False,
    ),
    "HY3021": Code(
        "The file is no bundle of theorems, or a record in it is no theorem.",
        cause="Its first bytes are not those that every bundle begins with.",
        remedy="Look at the path; `hyperion theorems export` and `instance.theorems.export(path)` write bundles.",
        example=_BUNDLE.format(damage='data[:4] = b"PK.."'),
    ),
    "HY3022": Code(
        "The bundle has a format that this version of Hyperion does not read.",
        cause="The major number of its format is another one than this reader's.",
        remedy="Update hyperion-library, or export the theorems again.",
        example=_BUNDLE.format(damage="data[8] = 9  # the major number"),
    ),
    "HY3023": Code(
        "The bundle is damaged: its length, its hash or its records do not fit.",
        cause="It was cut on its way, is still being written, or some of its bytes were changed.",
        remedy="Fetch the file once more, or export the theorems again.",
        example=_BUNDLE.format(damage='data += b"?"'),
    ),
    "HY3024": Code(
        "A theorem of a bundle is refused.",
        cause="Everything in a bundle is checked again: the IR must be valid, and the checker must find in the proof "
        "exactly that the one function equals the other.",
        remedy="Nothing: the others are taken, and what is refused can be derived. If another version of Hyperion made "
        "the bundle, ask its author for a new one.",
        example="$ hyperion theorems import forged.hyt",
        runs=False,
    ),
}
