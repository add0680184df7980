"""What a network may do with a reduction: keep the order of the ranks, or bracket as it likes by a checked theorem."""

from __future__ import annotations

import hashlib
import threading
from functools import cache
from itertools import product

from hyperion.errors import DeviceError, HyperionError
from hyperion.evidence import judge, meaning
from hyperion.interfaces.network import Reduction
from hyperion.ir.builder import Builder, program
from hyperion.ir.function import Function, Program
from hyperion.ir.ops import Trap, evaluate, infer, is_scalar_op
from hyperion.ir.scalars import Number
from hyperion.ir.types import BoolType, ComplexType, FloatType, IntType, Type, scalar_types
from hyperion.logic.associative import associativity
from hyperion.logic.denote import denote
from hyperion.logic.derived import NoProof
from hyperion.logic.proof import Proof
from hyperion.policy import Policy


def in_order(op: str, dtype: str) -> Reduction:
    """Rank 0, then 1, and so on, from the left: the same bits every time, whatever op it is.

    Raises `DeviceError` (HY5204) for what is no op on two values of the dtype.
    """
    law(op, dtype)
    return Reduction(op, dtype)


def proved(op: str, dtype: str, proof: Proof | None = None, policy: Policy | None = None) -> Reduction:
    """Bracketed as the network likes, since the op associates on the dtype: `proof` shows that the two functions of
    `law` denote the same; without one it is proved from the core's axioms, for operations on words that wrap, max and
    min, bits, truth values and the IEEE maxima and minima. The checker decides.

    Raises `DeviceError`: HY5203 where nothing is proved, with values that break the law where some are found; HY5204 as
    `in_order`.

    >>> str(proved("max", "i64"))
    'max on i64, theorem 3771c2533f98'
    """
    left, right = law(op, dtype)
    if proof is None:
        try:
            proof = associativity(denote(left.main), denote(right.main))
        except NoProof as missing:
            raise _unproved(op, dtype, str(missing)) from None
    made = Reduction(op, dtype, statement_of(op, dtype), proof)
    Believed(policy or Policy()).check(made)
    return made


@cache
def law(op: str, dtype: str) -> tuple[Program, Program]:
    """`op (op x y) z` and `op x (op y z)` as functions; the theorem says that they denote the same."""
    kind = scalar_types().get(dtype)
    if kind is None or not _makes_one_of_two(op, kind):
        what = f"a reduction takes an op of the IR that makes one value of two of a type, which {op} on {dtype} is not"
        raise DeviceError("HY5204", what, hints=["docs/reference/operations.md lists the ops"])
    return program(_side("left", op, kind)), program(_side("right", op, kind))


def _makes_one_of_two(op: str, kind: Type) -> bool:
    try:
        machine = isinstance(kind, BoolType | IntType | FloatType | ComplexType)
        return machine and is_scalar_op(op) and infer(op, (kind, kind)) == (kind,)
    except HyperionError:  # of the type rule: it takes other operands
        return False


def _side(name: str, op: str, kind: Type) -> Function:
    builder = Builder(name)
    x, y, z = (builder.parameter(p, kind) for p in "xyz")
    result = builder.op(op, builder.op(op, x, y), z) if name == "left" else builder.op(op, x, builder.op(op, y, z))
    return builder.build([result])


@cache
def statement_of(op: str, dtype: str) -> str:
    """The digest of what a theorem about the op says; the same in every process."""
    return hashlib.sha256(" = ".join(meaning(side.main, side) for side in law(op, dtype)).encode()).hexdigest()


class Believed:
    """The reductions whose proofs were checked under a policy, each once. May be called from any thread."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._lock = threading.Lock()
        self._known: set[Reduction] = set()

    def check(self, how: Reduction) -> None:
        """Raises `DeviceError`: HY5203 where the theorem is not about this op and dtype, or was not shown here; HY5204
        for what is no op on two values."""
        with self._lock:
            if how in self._known:
                return
        left, right = law(how.op, how.dtype)
        if how.theorem:
            if how.theorem != statement_of(how.op, how.dtype):
                what = f"theorem {how.theorem[:12]} does not say that {how.op} associates on {how.dtype}"
                raise DeviceError("HY5203", what, hints=[_hint(how.op, how.dtype)])
            verdict = judge(left, right, how.proof, self._policy)
            if not verdict.checked:
                raise _unproved(how.op, how.dtype, verdict.reason)
        with self._lock:
            self._known.add(how)


def _hint(op: str, dtype: str) -> str:
    return f'reductions.in_order("{op}", "{dtype}") keeps the order of the ranks and needs no theorem'


def _unproved(op: str, dtype: str, reason: str) -> DeviceError:
    broken = _counterexample(op, scalar_types()[dtype])
    notes = [reason] if broken is None else [broken]
    what = f"it is not proved that {op} associates on {dtype}"
    return DeviceError("HY5203", what, notes=notes, hints=[_hint(op, dtype)])


def _counterexample(op: str, kind: Type) -> str | None:
    """Values that break the law, among a few that often do."""

    def outcome(x: Number, y: Number) -> Number:
        return None if x is None or y is None else _evaluated(op, x, y, kind)

    for x, y, z in product(_samples(kind), repeat=3):
        left, right = outcome(outcome(x, y), z), outcome(x, outcome(y, z))
        if repr(left) != repr(right):
            shown = ["a trap" if side is None else repr(side) for side in (left, right)]
            sides = f"{op}({op}(x, y), z) is {shown[0]}, {op}(x, {op}(y, z)) is {shown[1]}"
            return f"with x = {x}, y = {y}, z = {z}: {sides}"
    return None


def _evaluated(op: str, x: Number, y: Number, kind: Type) -> Number:
    try:
        return evaluate(op, (x, y), (kind, kind), kind)
    except Trap:
        return None


def _samples(kind: Type) -> tuple[Number, ...]:
    match kind:
        case BoolType():
            return False, True
        case IntType():
            return tuple(dict.fromkeys((0, 1, 2, 3, kind.maximum, kind.minimum, kind.wrap(-1))))
        case FloatType():
            big = 2.0**kind.precision
            return 1.0, -1.0, big, -big, 0.5, 3.0
        case _:
            return 1 + 0j, 2**60 + 0j, -(2**60) + 0j, 1j
