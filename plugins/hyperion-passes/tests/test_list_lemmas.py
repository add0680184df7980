"""The lemmas about loops over lists are what their names say, and the checker accepts them."""

from __future__ import annotations

import pytest

from hyperion.logic import checking
from hyperion_passes import index_lemmas, list_lemmas, order_lemmas

SMALL = "(le (length xs) 9223372036854775807) = true"
STATEMENTS = {
    "fold_map": r"|- (fold g s (map f xs)) = (fold (\x0. (\x1. (g x0 (f x1)))) s xs)",
    "map_map": r"|- (map g (map f xs)) = (map (\x0. (g (f x0))) xs)",
    "traverse_map": r"|- (traverse g (map f xs)) = (traverse (\x0. (g (f x0))) xs)",
    "scan_map": r"|- (scan g s (map f xs)) = (scan (\x0. (\x1. (g x0 (f x1)))) s xs)",
    "traverse_total": r"|- (traverse (\x0. (ok (f x0))) xs) = (ok (map f xs))",
    "map_traverse": (
        r"|- (bind (traverse f xs) (\x0. (ok (map g x0)))) = (traverse (\x0. (bind (f x0) (\x1. (ok (g x1))))) xs)"
    ),
    "length_map": "|- (length (map f xs)) = (length xs)",
    "length_indices": "|- (length (indices w xs)) = (length xs)",
    "not_le": "(le a b) = false |- (le (add 1 b) a) = true",
    "le_add": "(le a b) = true |- (le (add c a) (add c b)) = true",
    "not_below_zero": "(le 0 a) = true |- (le (add 1 a) 0) = false",
    "one_less": "|- (add -1 (add 1 a)) = a",
    "one_more": "|- (add 1 (add -1 a)) = a",
    "length_nonneg": "|- (le 0 (length xs)) = true",
    "get_inside": "(le (add 1 a) (length xs)) = true, (le 0 a) = true |- (get d xs a) = (get e xs a)",
    "fold_where": (
        r"(\x0. (\x1. (cond (p x1) (f x0 x1) (h x0 x1)))) = (\x0. (\x1. (h x0 x1))), (all p xs) = true"
        " |- (fold f s xs) = (fold h s xs)"
    ),
    "indices_inside": (
        rf"{SMALL} |- (all (\x0. (and (le 0 (toZ.i64 x0)) (le (add 1 (toZ.i64 x0)) (length xs))))"
        " (indices ofZ.i64 xs)) = true"
    ),
    "fold_indices": (
        rf"{SMALL} |- (fold (\x0. (\x1. (bind (get d xs (toZ.i64 x1)) (g x0)))) s (indices ofZ.i64 xs)) = (fold g s xs)"
    ),
}


@pytest.mark.parametrize("name", STATEMENTS)
def test_a_lemma_is_checked_and_says_what_it_should(name: str) -> None:
    modules = (list_lemmas, index_lemmas, order_lemmas)
    lemma = next(found for m in modules if (found := m.__dict__.get(name)) and found.__module__ == m.__name__)
    # Digests follow where the types of free variables are not to be seen in the text.
    assert checking.check(lemma()).statement.partition(" [")[0] == STATEMENTS[name]
