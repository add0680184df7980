"""A pass that moves literals to the front."""

from dataclasses import dataclass, replace

from hyperion.interfaces.compiler_pass import PassResult


@dataclass(frozen=True, slots=True)
class LiteralsFirst:
    """Literals depend on nothing, so they may come first; the denotation stays the same term.

    rewrite:  %y = op %x; %c = const k   -->   %c = const k; %y = op %x
    """

    @property
    def name(self):
        return "literals-first"

    def run(self, program, context):
        ordered = sorted(program.main.equations, key=lambda equation: equation.op != "const")
        context.count("literals", sum(equation.op == "const" for equation in ordered))
        return PassResult(replace(program.main, equations=tuple(ordered)))
