"""HY1xxx: the Instance, plugins and the command line."""

from __future__ import annotations

CODES = {
    "HY1001": "A plugin was asked for by name and is not installed. `hyperion plugins` lists those that are.",
    "HY1002": "No active plugin registers what was asked for. Install one that does, or look at the states of the "
    "installed ones: `hyperion plugins`.",
    "HY1003": "Two plugins register the same name, and neither is preferred silently. Disable one of them.",
    "HY1005": "A plugin was found but could not make what it registered; its own error is in the message.",
    "HY1006": "What a plugin registered does not have the members that its interface asks for.",
    "HY1007": "The configuration has a key that does not exist, or a value of the wrong type.",
    "HY1008": "An Instance was used after it was closed.",
    "HY1015": "A plugin's operation or type is not taken: its name has no prefix of its own, or its meaning is missing "
    "or not deterministic.",
    "HY1016": "The type rule or the meaning of a plugin's operation failed, or gave something of another type.",
    "HY1201": "The command line takes a function as FILE:FUNC.",
    "HY1202": "A file that the command line names does not exist.",
    "HY1203": "The file has no function of that name.",
    "HY1204": "The file is no Python module, or raises an exception when it is imported.",
    "HY1205": "An argument is neither a number, nor true or false, nor a file that can be read.",
    "HY1206": "A CSV file has no such column, or a cell of it is no number.",
    "HY1207": "A proof was to be written, and no theorem was derived.",
    "HY1208": "There is no such error code.",
    "HY1209": "A proof file does not exist or cannot be read.",
    "HY1210": "The function takes another number of arguments.",
    "HY1211": "The proof file cannot be written there.",
    "HY1212": "No loop of the demonstration has that word in its title.",
    "HY1213": "The output cannot be written: stdout is closed, or what it leads to is full.",
    "HY1220": "The trace cannot be written there.",
    "HY1214": "A CSV file has two columns of one name, so the name does not say which is meant.",
    "HY1215": "An argument is no value of the declared type of its parameter.",
    "HY1216": "An option or argument is given that the file takes no notice of, or two that say the same.",
    "HY1217": "The text of `--signature` is no list of types.",
    "HY1220": "Options of `hyperion passes` were given that do not go together.",
}
