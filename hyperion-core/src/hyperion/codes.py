"""The catalogue of error codes: what each means and what to do, for `hyperion explain HY1002`.

A code is never reused. HY1xxx instance, plugins and command line; 2 buffers; 3 modules; 4 passes; 5 devices, executors
and traps; 6 parsing and types; 7 proofs; 8 code generation; 9 defects of Hyperion.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from hyperion.ir.codes import CODES as _IR

_OWN = {
    "HY1001": "A plugin was asked for by name and is not installed. `hyperion plugins` lists those that are.",
    "HY1002": "No active plugin registers what was asked for. Install one that does, or look at the states of the "
    "installed ones: `hyperion plugins`.",
    "HY1003": "Two plugins register the same name, and neither is preferred silently. Disable one of them.",
    "HY1005": "A plugin was found but could not make what it registered; its own error is in the message.",
    "HY1006": "What a plugin registered does not have the members that its interface asks for.",
    "HY1007": "The configuration has a key that does not exist, or a value of the wrong type.",
    "HY1008": "An Instance was used after it was closed.",
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
    "HY1214": "A CSV file has two columns of one name, so the name does not say which is meant.",
    "HY2001": "A view would reach outside its buffer.",
    "HY2002": "The host cannot reach the memory of this buffer; copy it to the host first.",
    "HY2003": "Elements of this type cannot lie in a buffer.",
    "HY2004": "A buffer cannot have a negative size.",
    "HY2005": "The array is not contiguous in memory; make a contiguous copy.",
    "HY2006": "The object does not offer its memory through the buffer protocol.",
    "HY2101": "An argument does not fit the parameter of the interpreted function, or sizes disagree.",
    "HY3001": "The module has no function of that name.",
    "HY4001": "A compiler pass raised an exception. The function was compiled without it.",
    "HY4002": "A compiler pass made invalid IR. The function was compiled without it.",
    "HY4003": "A compiler pass gave no valid evidence that its result means the same. The function was compiled "
    "without it.",
    "HY4004": "The run of a pipeline was cancelled by the event that it was given.",
    "HY4005": "The run of a pipeline did not end within its time.",
    "HY4006": "A pass counted something that is no integer.",
    "HY4007": "A pass is not what its plugin registers: it has another name, or the factory sets options of it. A "
    "pipeline's text could not name it.",
    "HY4008": "A version that passes made without proof, as policy lets them, trapped where the source does not. Take "
    "the passes out of `unproved_passes`.",
    "HY4010": "The text of a pipeline does not follow the grammar: `pass{option=1},fixpoint{max=4}(pass,pass)`.",
    "HY4011": "A pipeline's text names a pass that does not exist. `hyperion passes` lists those that are installed.",
    "HY4012": "A pass or combinator has no option of that name. `hyperion passes` shows the options of each.",
    "HY4013": "An option of a pass has a value of the wrong type, or one that the pass does not take.",
    "HY4014": "Something in a pipeline's text has passes in parentheses or options and takes none, or lacks them.",
    "HY4015": "The name of a pipeline is taken, cannot be written, or stands for a pipeline that contains itself.",
    "HY4020": "A pipeline was used after it was destroyed.",
    "HY4021": "What a pipeline was to be made from is no pass, text, pipeline or combinator; or an instrument is none.",
    "HY4022": "A pipeline runs on a program, IR text, the path of a file with it, or the outcome of another pipeline.",
    "HY4030": "A file is no reproducer of a failing pass, or cannot be read.",
    "HY5001": "A device has no memory left for this buffer.",
    "HY5002": "An executor was used after it was closed.",
    "HY5003": "HYPERION_NUM_THREADS is no positive number.",
    "HY5004": "The compiler's run-time library has no 128-bit division on this system.",
    "HY5101": "A step of the function left the range of its machine integer, as the plain loop does at 64 bits. "
    'hp.jit(overflow="wrap") and "sat" choose another meaning.',
    "HY5102": "A step of the function divided by zero.",
    "HY5103": "A step of the function read or wrote outside an array.",
    "HY5104": "A step of the function met a value that Python refuses too, such as a negative shift count.",
    "HY5105": "A step of the function met an integer that no float of the type equals.",
    "HY5106": "The interpreter's limit of iterations was reached.",
    "HY5107": "The function is nested or called too deeply for the interpreter.",
    "HY5108": "The function asks the interpreter for an array that is too large.",
    "HY5109": "A function makes an array that does not fit in memory. Make it smaller, or work in pieces.",
    "HY6030": "IR source is given as text.",
    "HY6031": "A Python function is compiled for types: give example arguments or a signature.",
    "HY6032": 'An option has a value that does not exist: overflow is "trap", "wrap" or "sat", fp "ieee" or "reassoc".',
    "HY6033": "hp.jit takes functions that are written with def.",
    "HY6101": "The source of a Python function cannot be read: it was typed at a prompt, or made by exec.",
    "HY6102": "The source file of a Python function changed after the function was loaded. Import it again.",
    "HY6103": "A Python statement that the frontend does not take.",
    "HY6104": "A Python expression that the frontend does not take.",
    "HY6105": "A Python variable may be read before it is assigned.",
    "HY6106": "The operands of a Python operation have types that do not mix.",
    "HY6107": "A Python variable has different types on different ways through the function.",
    "HY6108": "A call that the frontend does not take.",
    "HY6109": "An array is used in a way that the frontend does not take.",
    "HY6110": "A return that the frontend does not take, or a return that is missing.",
    "HY6111": "A number does not fit its type.",
    "HY6112": "The header of a Python function is not taken.",
    "HY6113": "The arguments do not fit the parameters.",
    "HY6114": "A Python function calls itself; recursion is not taken.",
    "HY6115": "A global name is neither a number nor a function.",
    "HY6120": "An argument has a type that is not taken.",
    "HY6121": "An array argument has a shape or an element type that is not taken.",
    "HY6122": "An integer argument does not fit 64 bits.",
    "HY7001": "The independent checker refuses the proof; the message names the step and the reason.",
    "HY7002": "Checking a proof took longer than its time limit.",
    "HY7003": "The checker process cannot be started, or ended without an answer.",
    "HY7004": "A theorem object claims something else than what its own proof shows: it was tampered with.",
    "HY7010": "The function, or one of its operations or types, has no denotation, so nothing can be proved about it.",
    "HY7011": "A region of a parallel operation holds an operation that may trap.",
    "HY7012": "A function mixes IEEE float operations with regrouped ones.",
    "HY7013": "A function over the reals holds an infinity or a NaN.",
    "HY7020": "The program holds a parallel operation, and the checker has accepted no theorem that says it equals the "
    "source. Compile the sequential loop; Hyperion derives the parallel form together with its theorem.",
    "HY7021": "A loop of the demonstration needs its derived form to end in reasonable time, and none was derived.",
    "HY7022": "An axiom uses a constant that its validation with z3 does not know yet.",
    "HY7023": "An axiom is false: z3 found values that break it.",
    "HY7024": "z3 cannot decide an axiom. State it in smaller steps.",
    "HY8001": "Code generation has no lowering for this operation.",
    "HY8002": "A value has a type that this machine has no form for.",
    "HY8003": "A mathematical integer may leave 128 bits, so it has no machine form.",
    "HY8004": "An operation that may trap or branch stands in a region that must be total.",
    "HY8005": "A called function is not part of the program.",
    "HY8006": "A parallel reduction has a lane or piece count that is not possible.",
    "HY8010": "LLVM refuses the code that was made. This is a defect; please report the function.",
    "HY8011": "The machine code that was made does not load.",
    "HY9001": "A derived version trapped where its source does not. This is a defect; please report it.",
    "HY9002": "Arguments converted for a compiled function do not fit it. This is a defect; please report it.",
}

CODES: Mapping[str, str] = MappingProxyType({**_OWN, **_IR})


def code_text(code: str) -> str | None:
    """What `code` means; None where there is no such code."""
    return CODES.get(code)
