"""TRUSTED. The constants that denotations are made of, each defined by a closed term.

bind o k           run k on the value of o; a trap or divergence passes through
fold f s xs        the loop: f from left to right over xs, stopping at the first trap
all g xs           g holds for every element              length xs    as an integer
pieces, preduce    cut xs into non-empty contiguous pieces (`cut` is asked at every suffix whether a piece starts
                   there), summarise a piece by lift and mul, and act on the state piece by piece, in order
inc, bits          binary numerals, least digit first     squares, ppower    exponentiation by squaring
"""

from __future__ import annotations

from functools import cache

from hyperion.logic import kernel, theory
from hyperion.logic import terms as t
from hyperion.logic.kernel import Theorem
from hyperion.logic.terms import Term

_TEXT = """
(bind (fn (o (outcome 'a)) (fn (k (fun 'a (outcome 'b)))
  (outcase o k (the trap (outcome 'b)) (the diverge (outcome 'b))))))

(fold (fn (f (fun 's 'x (outcome 's))) (fn (s 's) (fn (xs (list 'x))
  ((listrec (fn (s 's) (ok s))
            (fn (x 'x) (fn (ys (list 'x)) (fn (r (fun 's (outcome 's))) (fn (s 's) (bind (f s x) r)))))
            xs) s)))))

(all (fn (g (fun 'x bool)) (fn (xs (list 'x))
  (listrec true (fn (x 'x) (fn (ys (list 'x)) (fn (r bool) (and (g x) r)))) xs))))

(length (fn (xs (list 'x)) (listrec 0 (fn (x 'x) (fn (ys (list 'x)) (fn (r int) (add 1 r)))) xs)))

(pieces (fn (cut (fun (list 'x) bool)) (fn (lift (fun 'x 'm)) (fn (mul (fun 'm 'm 'm)) (fn (act (fun 'm 's 's))
  (fn (xs (list 'x))
    (listrec act
             (fn (x 'x) (fn (ys (list 'x)) (fn (r (fun 'm 's 's)) (fn (m 'm) (fn (s 's)
               (cond (cut (cons x ys)) (r (lift x) (act m s)) (r (mul (lift x) m) s)))))))
             xs)))))))

(preduce (fn (cut (fun (list 'x) bool)) (fn (lift (fun 'x 'm)) (fn (mul (fun 'm 'm 'm)) (fn (act (fun 'm 's 's))
  (fn (xs (list 'x)) (fn (s 's)
    (listrec s (fn (x 'x) (fn (ys (list 'x)) (fn (r 's) (pieces cut lift mul act ys (lift x) s)))) xs))))))))

(inc (fn (bs (list bool))
  (listrec (cons true (the nil (list bool)))
           (fn (b bool) (fn (cs (list bool)) (fn (r (list bool)) (cond b (cons false r) (cons true cs)))))
           bs)))

(bits (fn (xs (list 'x))
  (listrec (the nil (list bool)) (fn (x 'x) (fn (ys (list 'x)) (fn (r (list bool)) (inc r)))) xs)))

(squares (fn (mul (fun 'm 'm 'm)) (fn (act (fun 'm 's 's)) (fn (bs (list bool))
  (listrec (fn (m 'm) (fn (s 's) s))
           (fn (b bool) (fn (cs (list bool)) (fn (r (fun 'm 's 's)) (fn (m 'm) (fn (s 's)
             (r (mul m m) (cond b (act m s) s)))))))
           bs)))))

(ppower (fn (mul (fun 'm 'm 'm)) (fn (act (fun 'm 's 's)) (fn (xs (list 'x)) (fn (m 'm) (fn (s 's)
  (squares mul act (bits xs) m s)))))))
"""


@cache
def definitions() -> dict[str, Theorem]:
    """By name, the theorem `|- constant = definition`."""
    made: dict[str, Theorem] = {}
    for form in theory.read(_TEXT):
        assert isinstance(form, list)
        name, body = form
        assert isinstance(name, str)
        th = kernel.define(name, theory.read_term(body, {}))
        made[name] = th
        theory.ALIASES[name] = th.left.name
        t.SIGNATURE[th.left.name] = th.left.type
    return made


def apply(name: str, *arguments: Term) -> Term:
    """A defined constant, or a constant of the signature, applied to `arguments`."""
    definitions()
    return theory.apply_const(theory.ALIASES.get(name, name), *arguments)
