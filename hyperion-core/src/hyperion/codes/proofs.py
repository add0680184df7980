"""HY7xxx: theorems, proofs and axioms."""

from __future__ import annotations

CODES = {
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
}
