"""HY4xxx: passes and pipelines."""

from __future__ import annotations

CODES = {
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
    "HY4040": "The text of a law for the pass `algebraic` does not follow the grammar: `(= (op x ..) expression)`.",
    "HY4041": "What was given as a law for the pass `algebraic` is none: its functions or its theorem do not fit.",
    "HY4042": "A law for the pass `algebraic` was given without a theorem, and no proof was found.",
}
