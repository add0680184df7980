"""Python, the processors, memory, and LLVM."""

from __future__ import annotations

import os
import platform
import re
import sys
from importlib import import_module
from pathlib import Path

from hyperion_cli.commands.doctor.findings import Findings
from hyperion_cli.hosts import Found
from hyperion_cli.output import size

LITTLE = 1 << 28  # bytes of free memory below which compiling may fail


def python(found: Found, findings: Findings) -> None:
    findings.fact("version", f"{platform.python_implementation()} {platform.python_version()}")
    findings.fact("executable", sys.executable)
    findings.fact("platform", platform.platform())
    if sys.maxsize < 1 << 32:
        findings.problem("this is a Python of 32 bits", "use one of 64 bits")


def processors(found: Found, findings: Findings) -> None:
    count = os.cpu_count() or 1
    findings.fact("processor", _processor())
    findings.fact("processors", count)
    if hasattr(os, "sched_getaffinity"):
        usable = len(os.sched_getaffinity(0))
        findings.fact("usable by this process", usable)
    quota = _first_line("/sys/fs/cgroup/cpu.max").split()
    if len(quota) == 2 and quota[0].isdigit():
        allowed = int(quota[0]) / int(quota[1])
        findings.fact("limit of the container", f"{allowed:g} processors")
    threads = os.environ.get("HYPERION_NUM_THREADS", "").strip()
    if threads.isdigit() and int(threads) > count:
        findings.problem(
            f"HYPERION_NUM_THREADS is {threads}, more than the {count} processors", "set it to fewer, or not at all"
        )


def memory(found: Found, findings: Findings) -> None:
    known = dict(re.findall(r"^(\w+):\s+(\d+) kB$", _text("/proc/meminfo"), re.MULTILINE))
    for label, key in (("in all", "MemTotal"), ("available", "MemAvailable")):
        if key in known:
            findings.fact(label, size(int(known[key]) * 1024))
    if "MemAvailable" in known and int(known["MemAvailable"]) * 1024 < LITTLE:
        findings.problem("hardly any memory is available", "end other programs")
    limit = _first_line("/sys/fs/cgroup/memory.max")
    if limit.isdigit():
        findings.fact("limit of the container", size(int(limit)))
    pages = re.search(r"\[(\w+)\]", _first_line("/sys/kernel/mm/transparent_hugepage/enabled"))
    if pages:
        findings.fact("huge pages", {"never": "never: large arrays take longer to make"}.get(pages[1], pages[1]))


def llvm(found: Found, findings: Findings) -> None:
    wanted = any(s.name == "cpu" and s.state == "active" for s in found.host.statuses())
    try:
        llvmlite, binding = import_module("llvmlite"), import_module("llvmlite.binding")
    except (ImportError, OSError) as error:
        findings.fact("llvmlite", "none")
        if wanted:
            findings.problem(f"the target cpu needs llvmlite: {error}", "pip install --force-reinstall llvmlite")
        return
    findings.fact("llvmlite", llvmlite.__version__)
    findings.fact("LLVM", ".".join(str(part) for part in binding.llvm_version_info))


def _processor() -> str:
    named = re.search(r"^model name\s*:\s*(.+)$", _text("/proc/cpuinfo"), re.MULTILINE)
    return named[1] if named else platform.processor() or platform.machine()


def _first_line(path: str) -> str:
    return (_text(path).splitlines() or [""])[0]


def _text(path: str) -> str:
    """A file of the system; empty where there is none."""
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
