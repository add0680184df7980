"""HY52xx: networks."""

from __future__ import annotations

from hyperion.diagnostics.code import Code

CODES = {
    "HY5201": Code(
        "Ranks do not agree on what they do together.",
        cause="They started different operations, gave other shapes, dtypes, roots or reductions, or one gave what was "
        "refused; the message says what each rank gave.",
        remedy="Let every rank call the same operations in the same order, with views that fit.",
        example="""
            import numpy as np
            import hyperion as hp

            with hp.Instance() as instance:
                first, second = instance.networks(2)
                first.broadcast(hp.view(np.zeros(3)), root=0)
                second.barrier().wait()
        """,
    ),
    "HY5202": Code(
        "A network ended while ranks were waiting.",
        cause="A rank closed its end, aborted, or is gone; the message has its number and the reason. Or the other "
        "ranks went on in a new network.",
        remedy="Connect the ranks that are left: `network.survivors()`.",
        example="""
            import hyperion as hp

            with hp.Instance() as instance:
                first, second = instance.networks(2)
                waiting = first.barrier()
                second.abort("the disk is full")
                waiting.wait()
        """,
    ),
    "HY5203": Code(
        "A reduction has no theorem that its operation associates.",
        cause="Only what is proved may be bracketed otherwise than rank by rank. The law does not hold, as for sums of "
        "floats, or the axioms alone do not show it; the message has values that break it where some were found.",
        remedy="`reductions.in_order(op, dtype)` keeps the order of the ranks and needs no theorem; or give a proof.",
        example="""
            from hyperion.reductions import proved

            proved("add", "f64")
        """,
    ),
    "HY5204": Code(
        "An operation of a network was given what makes no sense.",
        cause="A rank that is not there, a tag or a deadline that is no number, too few views for the ranks, a root "
        "without what it alone gives, or a reduction by what is no operation on two values.",
        remedy="Look at the argument that the message names.",
        example="""
            import hyperion as hp

            with hp.Instance() as instance:
                (alone,) = instance.networks(1)
                alone.receive(hp.view(bytearray(8)), source=1)
        """,
    ),
    "HY5205": Code(
        "A network was used in the child of a fork.",
        cause="Its ranks are threads of the parent.",
        remedy="Connect a network in the child.",
        example='multiprocessing.get_context("fork").Process(target=network.barrier).start()',
        runs=False,
    ),
    "HY5206": Code(
        "An operation of a network has a deadline, and no thread can be started that keeps it.",
        cause="The system has no more threads or no memory for one (`ulimit -u`, `ulimit -v`), or the program ends.",
        remedy="End other threads, raise the limit, or ask without a deadline. The rank has not come to the operation.",
        example="network.barrier(deadline=1.0)  # where the system has no more threads",
        runs=False,
    ),
}
