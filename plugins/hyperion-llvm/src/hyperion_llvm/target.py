"""What a code generator must know about the machine it writes for."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from hashlib import sha256

from hyperion_llvm.binding import llvm


@dataclass(frozen=True, slots=True)
class TargetSpec:
    """A machine as LLVM names it. `vector_bits` is the width of a vector register, `prefetch` the distance in bytes
    at which `par.reduce` asks for memory ahead (0: never)."""

    triple: str
    cpu: str
    features: str
    vector_bits: int
    prefetch: int = 0

    @property
    def architecture(self) -> str:
        return self.triple.split("-", 1)[0]

    def attributes(self) -> str:
        """The attribute group of every function: the processor, and registers used at their full width."""
        width = f'"prefer-vector-width"="{self.vector_bits}" "min-legal-vector-width"="{self.vector_bits}"'
        return f'nounwind {width} "target-cpu"="{self.cpu}" "target-features"="{self.features}"'

    def compat(self, text: str) -> str:
        """All that decides which object is made of LLVM IR: the machine, LLVM, and the text."""
        features, text = (sha256(part.encode()).hexdigest() for part in (self.features, text))
        version = ".".join(map(str, llvm.llvm_version_info))
        return f"{self.triple}; {self.cpu}; features {features}; LLVM {version}; text {text}"


@functools.cache
def initialize() -> None:
    """Readies LLVM for this machine's processor; later calls do nothing."""
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()


@functools.cache
def host() -> TargetSpec:
    """The machine that runs this process."""
    initialize()
    features: dict[str, bool] = dict(llvm.get_host_cpu_features())
    bits = 512 if features.get("avx512f") and features.get("avx512bw") else 256 if features.get("avx2") else 128
    text = ",".join(f"{'+' if present else '-'}{name}" for name, present in sorted(features.items()))
    return TargetSpec(llvm.get_process_triple(), llvm.get_host_cpu_name(), text, bits, prefetch=512)
