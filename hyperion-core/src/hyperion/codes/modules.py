"""HY3xxx: modules and module files."""

from __future__ import annotations

from hyperion.diagnostics.code import Code

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
    "HY3002": "The file is no Hyperion module: it does not begin as one.",
    "HY3003": "The module file has a format that this version of Hyperion does not read. Update hyperion-core, or "
    "compile the module again.",
    "HY3004": "The module file is incomplete: it is shorter or longer than its header says. It was cut, or not written "
    "to its end.",
    "HY3005": "The header, the section table or the order of the sections is not as a writer makes it.",
    "HY3006": "The bytes of a module file do not fit their hash: it was damaged after it was written.",
    "HY3007": "A module file asks for more memory or work than the limits allow. `load(..., limits=Limits(..))` raises "
    "one, for a file that you trust.",
    "HY3008": "The module file has a section that must be understood, and this version of Hyperion does not know it.",
    "HY3009": "The module file is compressed in a way that this Python cannot undo. Zstandard needs Python 3.14 or the "
    "package zstandard.",
    "HY3010": "The module uses operations or types that are not installed here. The message names the distributions.",
    "HY3011": "A proof in a module file does not show what it should, so the function is not a proven equivalent of "
    'its source. Compile the module again, or load it with rejected="as-written".',
    "HY3012": "The contents of a section are not as a writer makes them.",
    "HY3013": "The IR in a module file is not valid.",
    "HY3014": "A module file cannot be read or written; the message has the operating system's reason.",
    "HY3015": "The module holds no machine code for that target or function. `module.save(path, code=True)` "
    "puts it there.",
    "HY3016": "A module file cannot hold this function.",
    "HY3017": "The machine code in a module file changed after the file was loaded.",
}
