"""How much a module file may ask for. What a file claims is compared with these before memory is taken for it."""

from __future__ import annotations

from dataclasses import dataclass

from hyperion.errors import ModuleError


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on reading one module file; past one of them reading ends with a `ModuleError` (HY3007).

    Sizes are in bytes, `raw_bytes` and those of sections after decompression. `items` bounds each column of numbers or
    texts, `proof_equations` a function that a proof speaks of, `proof_terms` what the checker may build for one proof;
    `seconds` is the time for all proofs of the file. Reading a file at every limit at once takes about 1 GiB.
    """

    file_bytes: int = 1 << 30
    raw_bytes: int = 1 << 30
    ratio: int = 1000
    sections: int = 256
    json_bytes: int = 8 << 20
    ir_bytes: int = 16 << 20
    span_bytes: int = 48 << 20
    proof_bytes: int = 32 << 20
    items: int = 4_000_000
    functions: int = 10_000
    equations: int = 500_000
    values: int = 2_000_000
    spans: int = 1_000_000
    proof_equations: int = 8_000
    proof_terms: int = 2_000_000
    seconds: float = 60.0

    def check(self, name: str, asked: int, what: str) -> None:
        """Raises where `asked` is more than the limit of that name."""
        most: int = getattr(self, name)
        if asked > most:
            raise ModuleError(
                "HY3007",
                f"{what}: {asked:,}, more than the limit of {most:,}",
                hints=[f"if you trust the file: load(..., limits=Limits({name}={asked}))"],
            )


DEFAULT = Limits()
