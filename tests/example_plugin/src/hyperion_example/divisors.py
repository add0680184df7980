"""A theory: greatest common divisors, by axioms of its own."""

from hyperion.interfaces.theory import Record
from hyperion.logic import kernel, terms
from hyperion.logic.literals import int_lit

AXIOMS = """
(const hyperion-example:gcd (fun int int int))
(axiom hyperion-example:gcd.comm ((a int) (b int)) ()
  (= (hyperion-example:gcd a b) (hyperion-example:gcd b a)))
(axiom hyperion-example:gcd.zero ((a int)) () (= (hyperion-example:gcd a 0) (abs a)))
"""


class Divisors:
    name = "divisors"
    axiom_text = AXIOMS

    @property
    def records(self):
        tested = Record("tested", "math.gcd", "10,000 random pairs of 64 bits, seed 1")
        return {f"hyperion-example:{name}": tested for name in ("gcd.comm", "gcd.zero")}

    @property
    def axioms(self):
        return {name: str(record) for name, record in self.records.items()}

    def theorems(self):
        return {"gcd.zero.left": _zero_left}


def _zero_left():
    """|- gcd 0 a = abs a"""
    a, b = (terms.var(name, terms.INT) for name in "ab")
    turned = kernel.inst({a: int_lit(0), b: a}, kernel.axiom("hyperion-example:gcd.comm"))
    return kernel.trans(turned, kernel.axiom("hyperion-example:gcd.zero"))
