"""TRUSTED. The constants that denotations are made of, each defined by a closed term.

bind o k           run k on the value of o; a trap or divergence passes through
fold f s xs        the loop: f from left to right over xs, stopping at the first trap
all g xs           g holds for every element              length xs    as an integer
pieces, preduce    cut xs into non-empty contiguous pieces (`cut` is asked at every suffix whether a piece starts
                   there), summarise a piece by lift and mul, and act on the state piece by piece, in order
windows            the products of all windows of w neighbours, each in two runs: `split` is asked, of the list from the
                   window on, at which of the later elements the second starts. Of the first, `leading`, elements are
                   put in front, to the second, `run`, they are added; `trailing` joins both
take n xs          the first n elements, or all
inc, bits          binary numerals, least digit first     squares, ppower    exponentiation by squaring
map, traverse      f at every element, where f is total; where f may trap: in order, stopping at the first trap
zip                the pairs of two lists, as many as the shorter has
scan f s xs        a loop that also gives a value for every element: the final state and those values
scans, pscan       a scan in pieces, cut as in preduce: a piece starts in the state that `act` of the summary of the
                   piece before it gives, and in a piece the step runs in order
get d xs i         element i as `ok`, counted from 0; d where there is none
update d xs i v    the list with v for element i; d where there is none
indices w xs       w 0, w 1, .. as many as xs has elements
recursion f xs     f whose argument is f again, as deep as xs is long; below that a trap
nth xs i           element i, counted from 0; where there is none, a value of which nothing is known
foldl f s xs       f from left to right over xs, where f is total
product m a s x y  of matrices: row i, column j is foldl (\\s k. a s (m x[i, k] y[k, j])) s over the axis they share
range lo hi step   Python's: lo + step * i for each i from 0; a trap where step is 0
"""

from __future__ import annotations

from functools import cache

from hyperion.logic import kernel, theory
from hyperion.logic import terms as t
from hyperion.logic.kernel import Theorem
from hyperion.logic.terms import Term, Ty

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

(take (fn (n int) (fn (xs (list 'x))
  ((listrec (fn (n int) (the nil (list 'x)))
            (fn (x 'x) (fn (ys (list 'x)) (fn (r (fun int (list 'x))) (fn (n int)
              (cond (le 1 n) (cons x (r (add -1 n))) (the nil (list 'x)))))))
            xs) n))))

(run (fn (lift (fun 'x 'm)) (fn (mul (fun 'm 'm 'm)) (fn (xs (list 'x)) (fn (m 'm)
  ((listrec (fn (m 'm) m)
            (fn (x 'x) (fn (ys (list 'x)) (fn (r (fun 'm 'm)) (fn (m 'm) (r (mul (lift x) m))))))
            xs) m))))))

(leading (fn (cut (fun (list 'x) bool)) (fn (lift (fun 'x 'm)) (fn (mul (fun 'm 'm 'm)) (fn (xs (list 'x)) (fn (x 'x)
  ((listrec (fn (x 'x) (lift x))
            (fn (y 'x) (fn (ys (list 'x)) (fn (r (fun 'x 'm)) (fn (x 'x)
              (cond (cut (cons y ys)) (lift x) (mul (r y) (lift x)))))))
            xs) x)))))))

(trailing (fn (cut (fun (list 'x) bool)) (fn (lift (fun 'x 'm)) (fn (mul (fun 'm 'm 'm)) (fn (xs (list 'x)) (fn (m 'm)
  ((listrec (fn (m 'm) m)
            (fn (y 'x) (fn (ys (list 'x)) (fn (r (fun 'm 'm)) (fn (m 'm)
              (cond (cut (cons y ys)) (mul (run lift mul ys (lift y)) m) (r m))))))
            xs) m)))))))

(windows (fn (split (fun (list 'x) (list 'x) bool)) (fn (lift (fun 'x 'm)) (fn (mul (fun 'm 'm 'm)) (fn (w int)
  (fn (xs (list 'x))
    (listrec (the nil (list 'm))
             (fn (x 'x) (fn (ys (list 'x)) (fn (r (list 'm))
               (cond (le w (length (cons x ys)))
                     ((fn (rest (list 'x))
                        (cons (trailing (split (cons x ys)) lift mul rest
                                        (leading (split (cons x ys)) lift mul rest x))
                              r))
                      (take (add -1 w) ys))
                     (the nil (list 'm))))))
             xs)))))))

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

(map (fn (f (fun 'x 'y)) (fn (xs (list 'x))
  (listrec (the nil (list 'y)) (fn (x 'x) (fn (ys (list 'x)) (fn (r (list 'y)) (cons (f x) r)))) xs))))

(traverse (fn (f (fun 'x (outcome 'y))) (fn (xs (list 'x))
  (listrec (ok (the nil (list 'y)))
           (fn (x 'x) (fn (ys (list 'x)) (fn (r (outcome (list 'y)))
             (bind (f x) (fn (y 'y) (bind r (fn (zs (list 'y)) (ok (cons y zs)))))))))
           xs))))

(zip (fn (xs (list 'x)) (fn (ys (list 'y))
  ((listrec (fn (ys (list 'y)) (the nil (list (prod 'x 'y))))
           (fn (x 'x) (fn (xs (list 'x)) (fn (r (fun (list 'y) (list (prod 'x 'y)))) (fn (ys (list 'y))
             (listrec (the nil (list (prod 'x 'y)))
                      (fn (y 'y) (fn (ys (list 'y)) (fn (q (list (prod 'x 'y))) (cons (tuple x y) (r ys)))))
                      ys)))))
           xs) ys))))

(scan (fn (f (fun 's 'x (outcome (prod 's 'y)))) (fn (s 's) (fn (xs (list 'x))
  ((listrec (fn (s 's) (ok (tuple s (the nil (list 'y)))))
            (fn (x 'x) (fn (ys (list 'x)) (fn (r (fun 's (outcome (prod 's (list 'y))))) (fn (s 's)
              (bind (f s x) (fn (p (prod 's 'y))
                (bind (r (proj 0 p)) (fn (q (prod 's (list 'y)))
                  (ok (tuple (proj 0 q) (cons (proj 1 p) (proj 1 q))))))))))))
            xs) s)))))

(scans (fn (cut (fun (list 'x) bool)) (fn (step (fun 's 'x (prod 's 'y))) (fn (lift (fun 'x 'm))
  (fn (mul (fun 'm 'm 'm)) (fn (act (fun 'm 's 's)) (fn (xs (list 'x))
    (listrec (fn (m 'm) (fn (s 's) (fn (now 's) (tuple now (the nil (list 'y))))))
             (fn (x 'x) (fn (ys (list 'x)) (fn (r (fun 'm 's 's (prod 's (list 'y))))
               (fn (m 'm) (fn (s 's) (fn (now 's)
                 ((fn (starts bool) (fn (first 's)
                    ((fn (p (prod 's 'y))
                       ((fn (q (prod 's (list 'y))) (tuple (proj 0 q) (cons (proj 1 p) (proj 1 q))))
                        (r (cond starts (lift x) (mul (lift x) m)) (cond starts first s) (proj 0 p))))
                     (step (cond starts first now) x))))
                  (cut (cons x ys)) (act m s))))))))
             xs))))))))

(pscan (fn (cut (fun (list 'x) bool)) (fn (step (fun 's 'x (prod 's 'y))) (fn (lift (fun 'x 'm))
  (fn (mul (fun 'm 'm 'm)) (fn (act (fun 'm 's 's)) (fn (xs (list 'x)) (fn (s 's)
    (listrec (tuple s (the nil (list 'y)))
             (fn (x 'x) (fn (ys (list 'x)) (fn (r (prod 's (list 'y)))
               ((fn (p (prod 's 'y))
                  ((fn (q (prod 's (list 'y))) (tuple (proj 0 q) (cons (proj 1 p) (proj 1 q))))
                   (scans cut step lift mul act ys (lift x) s (proj 0 p))))
                (step s x)))))
             xs)))))))))

(get (fn (d (outcome 'x)) (fn (xs (list 'x)) (fn (i int)
  (cond (le 0 i)
        ((listrec (fn (i int) d)
                 (fn (x 'x) (fn (ys (list 'x)) (fn (r (fun int (outcome 'x))) (fn (i int)
                   (cond (le i 0) (ok x) (r (add -1 i)))))))
                 xs) i)
        d)))))

(update (fn (d (outcome (list 'x))) (fn (xs (list 'x)) (fn (i int) (fn (v 'x)
  (cond (le 0 i)
        ((listrec (fn (i int) d)
                 (fn (x 'x) (fn (ys (list 'x)) (fn (r (fun int (outcome (list 'x)))) (fn (i int)
                   (cond (le i 0) (ok (cons v ys)) (bind (r (add -1 i)) (fn (zs (list 'x)) (ok (cons x zs)))))))))
                 xs) i)
        d))))))

(indices (fn (w (fun int 'w)) (fn (xs (list 'x))
  ((listrec (fn (i int) (the nil (list 'w)))
           (fn (x 'x) (fn (ys (list 'x)) (fn (r (fun int (list 'w))) (fn (i int) (cons (w i) (r (add 1 i)))))))
           xs) 0))))

(nth (fn (xs (list 'x)) (fn (i int)
  (outcase (get (the trap (outcome 'x)) xs i) (fn (x 'x) x) (the op:undefined 'x) (the op:undefined 'x)))))

(foldl (fn (f (fun 's 'x 's)) (fn (s 's) (fn (xs (list 'x))
  ((listrec (fn (s 's) s) (fn (x 'x) (fn (ys (list 'x)) (fn (r (fun 's 's)) (fn (s 's) (r (f s x)))))) xs) s)))))

(product (fn (mul (fun 'x 'y 'p)) (fn (add (fun 's 'p 's)) (fn (s 's)
  (fn (a (prod int int (fun int int 'x))) (fn (b (prod int int (fun int int 'y)))
    (tuple (proj 0 a) (proj 1 b) (fn (i int) (fn (j int)
      (foldl (fn (s 's) (fn (k int) (add s (mul ((proj 2 a) i k) ((proj 2 b) k j)))))
             s (indices (fn (k int) k) (count (proj 1 a)))))))))))))

(recursion (fn (f (fun (fun 'a (outcome 'b)) 'a (outcome 'b))) (fn (xs (list 'x))
  (listrec (fn (a 'a) (the trap (outcome 'b)))
           (fn (x 'x) (fn (ys (list 'x)) (fn (r (fun 'a (outcome 'b))) (f r))))
           xs))))

(range (fn (lo i64) (fn (hi i64) (fn (step i64)
  (cond (eq (toZ.i64 step) 0)
        (the trap (outcome (list i64)))
        (ok (indices (fn (i int) (ofZ.i64 (add (toZ.i64 lo) (mul (toZ.i64 step) i))))
                     (count (neg (floordiv (sub (toZ.i64 lo) (toZ.i64 hi)) (toZ.i64 step)))))))))))
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


def define(name: str, body: Term) -> Theorem:
    """The theorem `|- constant = body` of a constant that a theory defines, which `definitions` then has as well.

    Raises TermError where `name` is defined as something else, or is a constant of the axioms.
    """
    known = definitions().get(name)
    if known is None:
        if name in t.SIGNATURE:
            raise t.TermError(f"{name} is a constant of the axioms")
        known = kernel.define(name, body)
        theory.ALIASES[name] = known.left.name
        t.SIGNATURE[known.left.name] = known.left.type
        definitions()[name] = known
    if known.right is not body:
        raise t.TermError(f"{name} is defined as something else")
    return known


_MOST_INSTANCES = 10_000
_instances: dict[tuple[str, tuple[Ty, ...]], Term] = {}
"""Of a name and the types of its arguments, the constant: they determine it."""


def apply(name: str, *arguments: Term) -> Term:
    """A defined constant, or a constant of the signature, applied to `arguments`."""
    key = name, tuple(x.type for x in arguments)
    constant = _instances.get(key)
    if constant is not None:
        return t.app(constant, *arguments)
    definitions()
    whole = theory.apply_const(theory.ALIASES.get(name, name), *arguments)
    constant = whole
    for _ in arguments:
        constant = constant.function
    if len(_instances) >= _MOST_INSTANCES:
        _instances.clear()
    _instances[key] = constant
    return whole
