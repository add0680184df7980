"""The op means what it should, and the axioms hold for numbers."""

import math
import random

import hyperion as hp
from hyperion.logic.checking import check
from hyperion.logic.theory import admit
from hyperion_example import plugin
from hyperion_example.divisors import Divisors

TEXT = """
func @f(%x: u8) -> u8 {
  %low = const 3 : u8
  %high = const 200 : u8
  %y = example.clamped %x, %low, %high : u8
  return %y
}
"""


def test_clamped_is_between_its_bounds():
    with hp.Instance(plugins=["interp", plugin]) as instance:
        function = instance.compile(TEXT, frontend="ir", target="reference")["f"]
        assert [function(x) for x in (0, 3, 70, 255)] == [3, 3, 70, 200]


def test_the_axioms_hold_for_as_many_pairs_as_their_record_says():
    numbers = random.Random(1)
    for _ in range(10_000):
        a, b = numbers.randrange(-(2**63), 2**63), numbers.randrange(-(2**63), 2**63)
        assert math.gcd(a, b) == math.gcd(b, a)
        assert math.gcd(a, 0) == abs(a)


def test_whoever_checks_a_law_sees_whose_axioms_it_rests_on():
    divisors = Divisors()
    admit("hyperion-example", divisors.axiom_text)  # as an Instance does that believes them
    assert check(divisors.theorems()["gcd.zero.left"]()).theories == {"hyperion-example"}
