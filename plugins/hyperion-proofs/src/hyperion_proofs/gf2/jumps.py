"""Untrusted. A `for` whose step is linear over the bits of its state: n steps by x**n modulo a polynomial.

The step is a map A of the state's bits, and p (A) s = 0 for a polynomial p of as many coefficients as a word or two has
bits. So n steps are r (A) s for the remainder r of x**n by p, which repeated squaring finds. That p (A) s = 0 is tested
at run time for the state at which the loop begins: then it holds for all later ones. The p that is found makes it true.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property

from hyperion.ir.function import Equation, Function, Region, Value
from hyperion.ir.types import BOOL, INT
from hyperion.logic import kernel as k
from hyperion.logic import literals
from hyperion.logic import terms as t
from hyperion.logic.compute import TRUE
from hyperion.logic.definitions import apply
from hyperion.logic.derived import chain, head
from hyperion.logic.kernel import Theorem
from hyperion.logic.meaning import untuple
from hyperion.logic.terms import Term
from hyperion_proofs.analysis import Refused
from hyperion_proofs.counted import Counted, denied
from hyperion_proofs.derived import NoProof, replace_all
from hyperion_proofs.evaluate import Evaluator, no_range
from hyperion_proofs.gf2.disjoint import apart, exclusive
from hyperion_proofs.gf2.jump_code import POLYNOMIAL, Code, linear, multiplication
from hyperion_proofs.gf2.jump_proof import JumpProof
from hyperion_proofs.gf2.minimal import image, minimal_polynomial
from hyperion_proofs.gf2.modulo import Modulo, ring_of
from hyperion_proofs.gf2.register import run
from hyperion_proofs.gf2.spaces import LinearMap, Words, together
from hyperion_proofs.gf2.within import Within
from hyperion_proofs.gf2.words import WIDTH, WORDS, as_word, operation
from hyperion_proofs.implication import all_parts, equal_words
from hyperion_proofs.templates import NotLinear
from hyperion_proofs.versions import versioned_by

MOST_WORDS = 2
"""Of a polynomial: its degree is below 64 times this."""


def moves_bits(equations: Iterable[Equation]) -> bool:
    """Whether words are shifted, and combined bit by bit."""
    names = {e.op.partition(".")[0] for e in equations}
    return not names.isdisjoint(("shl", "shr")) and not names.isdisjoint(("xor", "or"))


class BitStep:
    """What a step of a counted loop does to the bits of its state. Raises Refused or NotLinear."""

    def __init__(self, counted: Counted) -> None:
        self.counted = counted
        types = [v.type for v in counted.inits]
        if not types or any(str(ty) not in WORDS for ty in types):
            raise NotLinear("the state is not of 64-bit words alone")
        self.vectors = Words(tuple(str(ty) for ty in types))
        self.state = t.var("s", self.vectors.type)
        self.element = t.var("x", counted.step.body.bound_type)
        self.call = t.app(counted.step, self.state, self.element)
        self.variables = self.vectors.variables("bits")
        plain = Evaluator(no_range, state=self.state)(self.call).right
        self.traps = head(plain) != "ok"
        self.exprs = self._expressions(plain)
        denoted = self._denoted()
        self.map = LinearMap(self.vectors, self.variables, denoted)
        self.matrix = self._matrix()
        self.width, self.within = WIDTH, None
        if self.traps or self.joins:
            self.within = self._within()
            self.width = self.within.width

    def _expressions(self, plain: Term) -> list[Term]:
        """The new words, of variables for the old ones."""
        if self.traps:
            plain = Evaluator(_assume, state=self.state)(self.call).right
        if head(plain) != "ok":
            raise Refused("a step may trap for another reason than a shift", span=self.counted.equation.span)
        put = dict(zip(self.vectors.parts(self.state), self.variables, strict=True))
        found = [t.transform(e, lambda u, _: put.get(u), lambda u, _: u.kind == "K") for e in self._words(plain)]
        self.joins = any(operation(u) == "bor" for e in found for u in t.subterms(e))
        found = [exclusive(e) for e in found]
        if any(e.free - set(self.variables) for e in found):
            raise NotLinear("a step reads its counter, or a value from outside of the loop")
        return found

    def _words(self, plain: Term) -> list[Term]:
        parts = zip(self.vectors.words, untuple(plain.argument, self.vectors.count), strict=True)
        return [u if u.type.name in WORDS else as_word(u, w) for w, u in parts]

    def _denoted(self) -> list[Term]:
        """The words as the code for them denotes them."""
        site = self.counted.site
        values = [site.names.fresh("z", v.type) for v in self.counted.inits]
        code = Code(site.names)
        results = code.mapped(self.variables, self.exprs, values)
        env = dict(zip((v.name for v in values), self.variables, strict=True))
        site.denotation.block(code.equations, (), env)
        return [env[v.name] for v in results]

    def _matrix(self) -> list[int]:
        """What becomes of each bit, over all words."""
        exprs = [th.right for th in self.map.normal]
        found: list[int] = []
        for i in range(self.vectors.count):
            for n in range(WIDTH):
                values = {v: 1 << n if i == j else 0 for j, v in enumerate(self.variables)}
                found.append(sum(run(e, values) << j * WIDTH for j, e in enumerate(exprs)))
        return found

    def _within(self) -> Within:
        """The range of states in which no step traps, as many bits as that may be."""
        if len(set(self.vectors.words)) > 1:
            raise NotLinear("words of different types are shifted, and may leave their range")
        sizes = {literals.int_value(u).bit_length() for e in self.exprs for u in t.subterms(e) if u.kind == "K"}
        why: Exception = NotLinear("bits leave the range of the words, whatever the state is")
        closed = [w for w in range(WIDTH - 1, 1, -1) if self._stays(w)]
        for width in [w for w in closed if w in sizes][:2] + closed[:1]:
            try:
                found = Within(self.vectors, self.map, width)
                self.once = self._once(found)
            except (NoProof, NotLinear) as reason:
                why = reason
            else:
                return found
        raise why

    def bits(self, width: int) -> list[int]:
        """The places below a width, of all words."""
        return [i * WIDTH + n for i in range(self.vectors.count) for n in range(width)]

    def usual_width(self) -> int:
        """The bits that the state has in the end, whatever it is at first: those of the largest constant, where all
        steps from words that are not negative lead there. The others need longer polynomials, of far more code."""
        words = [u.argument for e in self.exprs for u in t.subterms(e) if u.kind == "A" and operation(u) == "ofZ"]
        found = max((literals.int_value(n).bit_length() for n in words if n.kind == "K"), default=WIDTH)
        if self.width < WIDTH or not 1 < found < WIDTH or not self._stays(found):
            return self.width
        ends = [1 << i for i in self.bits(WIDTH - 1)]
        for _ in range(WIDTH * self.vectors.count):
            ends = [image(self.matrix, v) for v in ends]
        outside = sum(1 << i for i in set(self.bits(WIDTH)) - set(self.bits(found)))
        return self.width if any(v & outside for v in ends) else found

    def _stays(self, width: int) -> bool:
        """Whether words below 2**width lead to words below it."""
        count = self.vectors.count
        return all(
            not self.matrix[i * WIDTH + n] >> j * WIDTH + width & ((1 << (WIDTH - width)) - 1)
            for i in range(count)
            for n in range(width)
            for j in range(count)
        )

    @cached_property
    def once(self) -> Theorem:
        """|- f s x = ok (a s), for a state that is within the range"""
        return self._once(self.within)

    def _once(self, within: Within | None) -> Theorem:
        evaluate = Evaluator(no_range if within is None else within.inside.in_range, state=self.state)
        first = evaluate(self.call)
        if head(first.right) != "ok":
            raise NoProof("a step may leave the range of the words")
        if within is not None:
            joined = replace_all(first.right, lambda u: apart(u, within.inside) if operation(u) == "bor" else None)
            first = chain(first, joined)
        there = self.map.opened(self.state)
        last = Evaluator(no_range, state=self.state)(there.right)
        if first.right.argument is not last.right:
            raise NoProof("the step is written in another way")
        return k.trans(first, k.app(k.refl(first.right.function), k.sym(k.trans(there, last))))


def _assume(word: str, e: Term) -> Theorem | None:
    return k.assume(apply(f"inr.{word}", e), TRUE)


class BitJump:
    """One `for` in a function. Raises Refused or NotLinear where a step is not linear over bits."""

    def __init__(self, function: Function, index: int) -> None:
        self.counted = Counted(function, index)
        self.step = step = BitStep(self.counted)
        self.vectors = step.vectors
        self.bits = step.bits(step.usual_width())
        polynomial = minimal_polynomial(step.matrix, self.bits, WIDTH * MOST_WORDS)
        if polynomial is None:
            raise NotLinear(f"bits of the state come back after more than {WIDTH * MOST_WORDS} steps")
        self.degree = polynomial.bit_length() - 1
        width = max(self.degree, 2)
        whole = polynomial << (width - self.degree)
        self.modulo = Modulo(ring_of(width), whole & ((1 << width) - 1))

    # ---- the new function

    def derive(self) -> tuple[Function, Theorem]:
        """The function with the loop as a power, and |- denote(source) = denote(it)."""
        counted, site = self.counted, self.counted.site
        code = Code(site.names)
        tests = [*self._range_tests(code), *self._within_tests(code)]
        values = self._horner(code)
        tests += [code.op("eq", v, code.const(0, v.type), ty=BOOL) for v in values[0]]
        test = code.every(tests)
        inner = Code(site.names)
        count = self.modulo.vectors.count
        one = [inner.const(1 if i == 0 else 0, POLYNOMIAL) for i in range(count)]
        power_results = tuple(site.names.fresh("r", POLYNOMIAL) for _ in range(count))
        multiply = multiplication(site.names, self.modulo.ring.width, self.modulo.modulus)
        regions = linear(site.names, count), multiply, site.names.copy(multiply)
        before = tuple(inner.equations)
        power = Equation(power_results, "par.power", (*counted.bounds, *one), (), regions, counted.equation.span)
        after = Code(site.names)
        results = after.spread(power_results, values[1:], self.modulo.modulus)
        fast = Region((), (*before, power, *after.equations), tuple(results))

        def prove(known: Theorem, outcome: Term) -> Theorem:
            facts = all_parts(known, len(tests))
            words = [[site.env[v.name] for v in each] for each in values]
            proof = JumpProof(counted, self.step.map, self.modulo, words)
            range_step = denied(facts[0]) if counted.zero_step is not None else None
            guard = proof.guard(facts[-self.vectors.count :])
            return proof.proved(outcome, guard, self._once(proof, facts), range_step)

        return versioned_by(site, code.equations, test, fast, prove)

    def text(self, names: str) -> list[str]:
        """The theorem in words."""
        within = f"the state is within {self.step.width} bits and " if self.step.within is not None else ""
        return [
            f"for every count n, {names} = r(A) of the state at first, for the map A of its bits that a step is",
            f"and the polynomial r = x**n mod p over (xor, and), p of degree {self.degree}, by squaring,",
            "by act(x, r) = x*r mod p, act(a, act(b, r)) = act(a*b mod p, r) and (x*r mod p)(A) s = A r(A) s",
            f"where {within}p(A) s = 0, tested at run time; else the loop as written",
        ]

    def _range_tests(self, code: Code) -> list[Value]:
        if self.counted.zero_step is None:
            return []
        step = code.op("cast", self.counted.bounds[2], ty=INT)
        return [code.op("ne", step, code.const(0, INT), ty=BOOL)]

    def _within_tests(self, code: Code) -> list[Value]:
        if self.step.within is None:
            return []
        masks = [code.op("and", v, code.const((1 << self.step.width) - 1, v.type)) for v in self.counted.inits]
        return [code.op("eq", m, v, ty=BOOL) for m, v in zip(masks, self.counted.inits, strict=True)]

    def _once(self, proof: JumpProof, facts: Sequence[Theorem]) -> Theorem:
        """|- f s x = ok (a s), for the state s that a polynomial stands for"""
        if self.step.within is None:
            return proof.at_picture(self.step.once)
        count = self.vectors.count
        start = together([equal_words(th) for th in facts[-2 * count : -count]])
        return proof.at_picture(self.step.once, self.step.within.kept(proof, start))

    def _horner(self, code: Code) -> list[list[Value]]:
        """The values of `horner` of all coefficients, of all but the first, .., of none."""
        start = list(self.counted.inits)
        found = [start]
        for absent in reversed(self.modulo.absent):
            moved = code.mapped(self.step.variables, self.step.exprs, found[0])
            found.insert(0, code.sum(moved, code.zeros(start) if absent is TRUE else start))
        return found
