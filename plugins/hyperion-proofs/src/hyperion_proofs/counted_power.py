"""Untrusted search, a checked theorem: a loop that counts, as a power of a constant update of a larger state.

emb i s is the larger state at step i, which holds the counter's powers too; out takes the loop's state from it. rho
puts a state in its place where only some states are met, those below a modulus for example; else it is the identity.

    step    f (rho s) (w i) = ok (out (act m0 (emb i (rho s))))
    next    act m0 (emb i (rho s)) = emb (1 + i) (out (act m0 (emb i (rho s))))
    stay    rho (out (act m0 (emb i (rho s)))) = out (act m0 (emb i (rho s)))
    kept    out (emb i s) = s
    join    act A (act B e) = act (mul A B) e
    ----------------------------------------------------------------------------------------------
    fold f (rho s) (from_index w ys i) = ok (out (ppower mul act (from_index w ys i) m0 (emb i (rho s))))
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from hyperion.logic import kernel as k
from hyperion.logic import terms as t
from hyperion.logic.definitions import apply
from hyperion.logic.derived import discharge
from hyperion.logic.kernel import Theorem
from hyperion.logic.terms import Term, Ty
from hyperion_proofs.counting import AT, ONE, Y0, YS, F, W, element_lemmas, first_step, fold_lemmas, from_index
from hyperion_proofs.derived import NoProof, abstract, at, chain, unfold
from hyperion_proofs.loop import OUT, M, S, add
from hyperion_proofs.power import increment
from hyperion_proofs.unfolding import nil_cons, reduce_list, rewrite, sure

_E = t.type_variable("'e")


@dataclass(frozen=True)
class Larger:
    """The parameters of the theorem, as variables or as the terms of one loop."""

    f: Term
    w: Term
    rho: Term
    emb: Term
    out: Term
    mul: Term
    act: Term
    m0: Term

    def laws(self) -> dict[str, tuple[Term, Term]]:
        """Each law as one closed equation."""
        assert self.act.type.args is not None and self.rho.type.args is not None
        assert self.act.type.args[1].args is not None
        summary, wide = self.act.type.args[0], self.act.type.args[1].args[0]
        s, a, b, e = (
            t.var(n, ty) for n, ty in (("s", self.rho.type.args[0]), ("A", summary), ("B", summary), ("e", wide))
        )
        here = t.app(self.rho, s)
        stepped = t.app(self.act, self.m0, t.app(self.emb, AT, here))
        after = t.app(self.out, stepped)
        return {
            "step": _closed((AT, s), t.app(self.f, here, t.app(self.w, AT)), apply("ok", after)),
            "next": _closed((AT, s), stepped, t.app(self.emb, add(ONE, AT), after)),
            "stay": _closed((AT, s), t.app(self.rho, after), after),
            "kept": _closed((AT, s), t.app(self.out, t.app(self.emb, AT, s)), s),
            "join": _closed(
                (a, b, e), t.app(self.act, a, t.app(self.act, b, e)), t.app(self.act, t.app(self.mul, a, b), e)
            ),
        }


def _closed(variables: tuple[Term, ...], left: Term, right: Term) -> tuple[Term, Term]:
    return t.lams(variables, left), t.lams(variables, right)


GENERAL = Larger(
    f=F,
    w=W,
    rho=t.var("rho", t.fun(S, S)),
    emb=t.var("emb", t.fun(t.INT, S, _E)),
    out=t.var("out", t.fun(_E, S)),
    mul=t.var("mul", t.fun(M, M, M)),
    act=t.var("act", t.fun(M, _E, _E)),
    m0=t.var("m0", M),
)


def _squares(bs: Term) -> Term:
    return apply("squares", GENERAL.mul, GENERAL.act, bs)


@cache
def counted_power_theorem() -> Theorem:
    """{laws} |- (\\s i. fold f (rho s) (from_index w ys i)) = (\\s i. ok (out (squares mul act (bits ys) m0 ..)))"""
    g = GENERAL
    laws = {name: k.assume(*sides) for name, sides in g.laws().items()}
    s = t.var("s", S)
    here = t.app(g.rho, s)
    start = t.app(g.emb, AT, here)
    nil, cons = nil_cons(Y0, YS)
    ok = t.const("ok", t.fun(S, OUT))

    def result(bits: Term) -> Term:
        return t.app(ok, t.app(g.out, t.app(_squares(bits), g.m0, start)))

    def left(ys: Term) -> Term:
        return apply("fold", F, here, from_index(W, ys, AT))

    def closed(ys: Term) -> tuple[Term, Term]:
        return t.lams((s, AT), left(ys)), t.lams((s, AT), result(apply("bits", ys)))

    empty, first = element_lemmas()
    no_bits, more_bits = reduce_list("bits", apply("bits", nil)), reduce_list("bits", apply("bits", cons))
    more_bits = k.trans(more_bits, sure(rewrite(more_bits.right, k.sym(unfold("bits", apply("bits", YS))))))

    base = k.app(k.refl(left(nil).function), empty)
    base = k.trans(base, k.inst({s: here}, fold_lemmas()[0]))
    target = sure(rewrite(result(apply("bits", nil)), no_bits))
    done = reduce_list("squares", target.right.argument.argument)
    target = k.trans(target, k.app(k.refl(ok), k.app(k.refl(g.out), done)))
    target = k.trans(target, k.app(k.refl(ok), at(laws["kept"], AT, here)))
    base = k.trans(base, k.sym(target))

    ih = k.assume(*closed(YS))
    opened = k.app(k.refl(left(cons).function), first)
    stepped = at(laws["step"], AT, s)
    rest = from_index(W, YS, add(ONE, AT))
    moved = first_step(stepped, t.app(W, AT), rest)  # fold f s1 rest
    after = stepped.right.argument
    placed = k.sym(at(laws["stay"], AT, s))  # s1 = rho s1
    fold = moved.right.function.function
    again = k.app(k.app(k.refl(fold), placed), k.refl(rest))
    tail = at(ih, after, add(ONE, AT))  # ok (out (squares (bits ys) m0 (emb (1 + i) (rho s1))))
    squares = tail.right.argument.argument
    wide = squares.argument  # emb (1 + i) (rho s1)
    back = k.trans(k.app(k.refl(wide.function), k.sym(placed)), k.sym(at(laws["next"], AT, s)))
    inner = k.app(k.refl(ok), k.app(k.refl(g.out), k.app(k.refl(squares.function), back)))
    target = sure(rewrite(result(apply("bits", cons)), more_bits))
    bumped = k.inst({t.var("bs", t.list_of(t.BOOL)): apply("bits", YS)}, k.inst_type({"'s": _E}, increment()))
    target = k.trans(target, k.app(k.refl(ok), k.app(k.refl(g.out), at(bumped, g.m0, start))))
    step = chain(opened, moved, again, tail, inner, k.sym(target))
    return k.list_induction(Y0, YS, *closed(YS), abstract((s, AT), base), abstract((s, AT), step))


@cache
def bits_of_elements() -> Theorem:
    """|- (\\i. bits (from_index w ys i)) = (\\i. bits ys)"""
    nil, cons = nil_cons(Y0, YS)
    empty, first = element_lemmas()

    def sides(ys: Term) -> tuple[Term, Term]:
        return t.lam(AT, apply("bits", from_index(W, ys, AT))), t.lam(AT, apply("bits", ys))

    def opened(x: Term, inside: Theorem | None) -> Theorem:
        th = k.app(k.refl(x.function), inside) if inside is not None else k.refl(x)
        reduced = reduce_list("bits", th.right)
        return k.trans(th, reduced)

    def folded(th: Theorem, xs: Term) -> Theorem:
        return k.trans(th, sure(rewrite(th.right, k.sym(unfold("bits", apply("bits", xs))))))

    base = chain(opened(apply("bits", from_index(W, nil, AT)), empty), k.sym(opened(apply("bits", nil), None)))
    later = from_index(W, YS, add(ONE, AT))
    ih = k.assume(*sides(YS))
    left = folded(opened(apply("bits", from_index(W, cons, AT)), first), later)
    right = folded(opened(apply("bits", cons), None), YS)
    step = chain(left, k.app(k.refl(left.right.function), at(ih, add(ONE, AT))), k.sym(right))
    return k.list_induction(Y0, YS, *sides(YS), k.abs_(AT, base), k.abs_(AT, step))


def instantiate_counted_power(loop: Larger, ys: Term, laws: Mapping[str, Theorem], state: Term, i: Term) -> Theorem:
    """|- fold f (rho state) xs = ok (out (ppower mul act xs m0 (emb i (rho state)))), for xs = from_index w ys i."""
    assert loop.w.type.args is not None and loop.act.type.args is not None and loop.rho.type.args is not None
    assert ys.type.args is not None and loop.act.type.args[1].args is not None
    types: dict[str, Ty] = {
        "'s": loop.rho.type.args[0],
        "'x": loop.w.type.args[1],
        "'y": ys.type.args[0],
        "'m": loop.act.type.args[0],
        "'e": loop.act.type.args[1].args[0],
    }
    values: dict[Term, Term] = {t.instantiate_types(YS, types): ys}
    for name in Larger.__dataclass_fields__:
        values[t.instantiate_types(getattr(GENERAL, name), types)] = getattr(loop, name)
    th = discharge(k.inst(values, k.inst_type(types, counted_power_theorem())), *laws.values())
    if any(claim in th.hypotheses for claim in loop.laws().values()):
        raise NoProof("the laws do not fit the loop")
    th = at(th, state, i)
    same = at(k.inst(values, k.inst_type(types, bits_of_elements())), i)
    squares = th.right.argument.argument
    xs = from_index(loop.w, ys, i)
    power = apply("ppower", loop.mul, loop.act, xs, loop.m0, squares.argument)
    opened = unfold("ppower", power)
    back = k.trans(opened, sure(rewrite(opened.right, same)))
    if back.right is not squares:
        raise NoProof("the power's digits were lost")
    return k.trans(th, k.app(k.refl(th.right.function), k.app(k.refl(th.right.argument.function), k.sym(back))))
