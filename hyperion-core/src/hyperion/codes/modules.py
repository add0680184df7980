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
}
