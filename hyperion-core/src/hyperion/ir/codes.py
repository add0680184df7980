"""What the HY6xxx codes mean, for `hyperion explain HY6001`."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

CODES: Mapping[str, str] = MappingProxyType(
    {
        "HY6001": "The text is not in the grammar of the IR.",
        "HY6002": "A name is used where no value of that name is visible.",
        "HY6003": "Regions or types are nested deeper than the limit.",
        "HY6004": "Two values of one function, or two functions of one program, have the same name.",
        "HY6005": "A name has characters that the text form cannot write.",
        "HY6010": "There is no such operation.",
        "HY6011": "An operation has the wrong number of operands.",
        "HY6012": "An operand has a type that the operation does not take.",
        "HY6013": "The declared types of the results are not the ones that the operation gives.",
        "HY6014": "An attribute is missing, unknown or has a value that the operation does not take.",
        "HY6015": "An operation has the wrong number of regions.",
        "HY6016": "The parameters or yields of a region do not fit the operation.",
        "HY6017": "The type of a result cannot be inferred and is not written.",
        "HY6018": "The callee does not exist or does not take these operands.",
        "HY6019": "Functions call each other in a circle.",
        "HY6020": "A region of a parallel op holds an operation that may trap, diverge or branch.",
        "HY6021": "The size name of a new array is already in use.",
        "HY6022": "A literal is not a value of its type.",
        "HY6023": "The returned values do not fit the declared result types.",
        "HY6024": "A value has a type that the IR does not have.",
        "HY6025": "A plugin handed over something that is not made of the IR's own classes.",
        "HY6026": "Two sizes of arrays that an operation needs to be equal are not.",
        "HY6027": "The program grows past the limit when the operations of plugins are expanded.",
    }
)
