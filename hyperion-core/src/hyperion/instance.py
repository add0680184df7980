"""An Instance owns plugins, configuration, policy and what it opened. It composes the stages and does no work.

The stages are imported when a method first needs them: an Instance that lists plugins needs no compiler.
"""

from __future__ import annotations

import os
import threading
import weakref
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from hyperion._closing import close_all
from hyperion.background import Background
from hyperion.config import checked_pipelines, home_of, policy_of, read_config
from hyperion.errors import PassError, PluginError
from hyperion.interfaces.event import Event
from hyperion.metrics import Snapshot
from hyperion.observer import Listener, Observer
from hyperion.opened import Opened
from hyperion.plugins import PluginChoice, PluginHost, PluginStatus
from hyperion.theories import admit_theories
from hyperion.tokens import Token, active
from hyperion.tracing import Trace

if TYPE_CHECKING:
    from hyperion.background import Task
    from hyperion.clusters import DescribedCluster, DeviceCluster
    from hyperion.clusters.making import Devices, Links
    from hyperion.compiling import Compiler
    from hyperion.deriving import Deriver
    from hyperion.driver import Derivation, GuardedTarget
    from hyperion.interfaces.cluster import Cluster
    from hyperion.interfaces.command import Command
    from hyperion.interfaces.compiler_pass import CompilerPass
    from hyperion.interfaces.device import Device, DeviceInfo
    from hyperion.interfaces.executor import Executor
    from hyperion.interfaces.frontend import CompileOptions, Frontend
    from hyperion.interfaces.interpreter import Interpreter
    from hyperion.interfaces.network import Network
    from hyperion.interfaces.proof_exporter import ProofExporter
    from hyperion.interfaces.refuter import Refuter
    from hyperion.interfaces.strategy import Strategy
    from hyperion.interfaces.tactic import Tactic
    from hyperion.interfaces.theorem_library import TheoremLibrary
    from hyperion.interfaces.theory import Theory
    from hyperion.ir.function import Program
    from hyperion.ir.registry import Registry
    from hyperion.ir.types import Type
    from hyperion.machine import Machine
    from hyperion.module import Limits, Module, ModuleFunction
    from hyperion.module.judging import Rejected
    from hyperion.module.loading import Check
    from hyperion.pipeline import Catalogue, Instrument, OptimizerPipeline
    from hyperion.pipeline.pipeline import Item


class Instance:
    """One independent Hyperion: plugins, configuration, policy, and the devices and executors that it opened.

    A context manager; `close` releases in reverse order and may be called twice. All methods may be called from any
    thread. Raises `PluginError`: HY1001 for a plugin that is not installed, HY1007 for configuration nobody knows,
    HY1008 for use after `close`; `ProofError` (HY7006) for axioms of a distribution that are not taken.

    >>> import hyperion as hp
    >>> with hp.Instance(plugins=[]) as instance:
    ...     instance.strategies()
    {}
    """

    def __init__(
        self,
        plugins: str | Sequence[PluginChoice] = "auto",
        disable: Iterable[str] = (),
        config: Mapping[str, object] | None = None,
    ) -> None:
        self.config = read_config(config or {})
        self.policy = policy_of(self.config)
        self._named = checked_pipelines(self.config)
        self.observer = Observer(lambda event: self._host.tell(event))
        told = self.observer.plugins_loaded, self.config.plugins, self.observer.faulted
        self._host = PluginHost(plugins, disable, *told)
        self._registry: Registry | None = None
        self._theorems: TheoremLibrary | None = None
        self._lock = threading.RLock()
        self._opened = Opened(self._open, self.observer.metrics)
        self._background = Background()
        self._pipelines: weakref.WeakSet[OptimizerPipeline] = weakref.WeakSet()
        self._closed = False
        admit_theories(self._host, self.policy.theories)

    def __enter__(self) -> Instance:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    @property
    def closed(self) -> bool:
        return self._closed

    def close(self) -> None:
        """Stops searches, then closes executors, which end what was submitted, networks, devices and what else plugins
        made, of each the newest first; once. Raises an ExceptionGroup of what failed; the rest is closed all the
        same."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            theorems, self._theorems = self._theorems, None
            pipelines = list(self._pipelines)
        self._background.close()
        for pipeline in pipelines:
            pipeline.destroy()
        library = [] if theorems is None else [theorems]
        failures = close_all([*self._opened.taken(), self.observer, *library, self._host])
        if failures:
            raise ExceptionGroup("closing the Instance failed in part; the rest is closed", failures)

    @property
    def home(self) -> Path:
        """The folder of caches and the theorem library, which the configuration or the environment named when the
        Instance was made. It is not made until something is put there."""
        return home_of(self.config)

    @property
    def plugins(self) -> tuple[PluginStatus, ...]:
        """Every plugin with its state, reason and remedy."""
        return self._open().statuses()

    @property
    def metrics(self) -> Snapshot:
        """What was counted and timed so far; `later - earlier` has what came between."""
        return self.observer.metrics.snapshot()

    @property
    def registry(self) -> Registry:
        """The ops and types of the IR: those of the core and of plugins.

        Raises `PluginError` (HY1003) where two plugins have one name.
        """
        host = self._open()
        with self._lock:
            if self._registry is None:
                self._registry = host.registry()
            return self._registry

    @property
    def theorems(self) -> TheoremLibrary:
        """The theorem library: what was derived, by this Instance and by others with the same home.

        Without a plugin that keeps theorems it lives as long as the Instance. Raises `PluginError` (HY1017) where the
        configuration switches it off.
        """
        from hyperion.library.opening import opened

        with self._lock:
            if self._theorems is None:
                self._theorems = opened(self._open(), self.config, lambda: self.home, self.registry, self.policy)
            return self._theorems

    def frontend(self, name: str = "python") -> Frontend:
        return self._open().get("hyperion_frontends", name)

    def interpreter(self, name: str = "reference") -> Interpreter:
        return self._open().get("hyperion_interpreters", name)

    def target(self, name: str = "") -> GuardedTarget:
        """A code generation target, behind the rule that parallel operations need their theorem."""
        self._open()
        return self._target(name)

    def _target(self, name: str) -> GuardedTarget:  # executors end what was submitted while the Instance closes
        from hyperion.compiling import guarded_target

        return guarded_target(self._host, self.config, self.policy, name)

    def machine(self, measure: bool = True) -> Machine:
        """Times of operations on the target's machine: measured once, or nominal without `measure`, for ranking."""
        from hyperion.deriving import machine_for

        return machine_for(self.target().target, self.home, measure)

    def strategies(self) -> dict[str, Strategy]:
        return self._open().all("hyperion_strategies")

    def proof_exporters(self) -> dict[str, ProofExporter]:
        """Forms of proofs that other systems can check, by name."""
        return self._open().all("hyperion_proof_exporters")

    def tactics(self) -> dict[str, Tactic]:
        return self._open().all("hyperion_tactics")

    def passes(self) -> dict[str, CompilerPass]:
        return self._open().all("hyperion_passes")

    def theories(self) -> dict[str, Theory]:
        return self._open().all("hyperion_theories")

    def refuters(self) -> dict[str, Refuter]:
        return self._open().all("hyperion_refuters")

    def devices(self) -> dict[str, DeviceInfo]:
        """The devices of this machine by address, and an absent one for a driver that does not work; nothing is
        opened."""
        self._open()
        return self._opened.infos()

    def device(self, address: str, **options: object) -> Device:
        """The device of that address, opened on first use and again where it was lost; shared until `close`. Raises
        `DeviceError`: HY5010 where there is none, HY5011 where it does not open, HY5013 for options that it does not
        have, HY5018 where it is open with others."""
        return self._opened.device(address, options)

    def describe(self, devices: Devices, *, links: Links | None = None) -> DescribedCluster:
        """A cluster as far as it is known without opening it, also where devices of it are not here, so that code can
        be made for them. Raises `DeviceError` as `cluster` does, but for HY5011."""
        from hyperion.clusters.making import described_cluster

        return described_cluster(self._opened, devices, links)

    def cluster(
        self, devices: Devices | None = None, *, links: Links | None = None, measure: bool = False
    ) -> DeviceCluster:
        """A cluster of addresses and open devices, in this order, or of what a TOML file describes; without any, of the
        configuration's device. Links, each for one direction and from or to `"host"`, are described by `links` or
        the file, or measured.

        Raises `DeviceError` as `device`: HY5011 names all that are not here; HY5030 for no device or one twice, HY5031
        to HY5036 for a file that is wrong, HY5037 for a link to no device of the cluster, HY5039 for an impossible one.
        """
        from hyperion.clusters.making import cluster_of

        return cluster_of(self._opened, [self.config.device] if devices is None else devices, links, measure)

    def networks(self, size: int, name: str = "in-process") -> Sequence[Network]:
        """The ends that this process holds of a new network of `size` ranks."""
        return self._opened.networks(name, size)

    def commands(self) -> dict[str, Command]:
        return self._open().all("hyperion_cli_commands")

    def executor(self, cluster: Cluster | Devices | None = None, name: str = "cluster", **options: object) -> Executor:
        """An executor on a cluster, or on one of these devices, as `cluster` takes them; close it, or let the Instance
        do so."""
        from hyperion.interfaces.cluster import Cluster
        from hyperion.services import ExecutorServices

        on = cluster if isinstance(cluster, Cluster) else self.cluster(cluster)
        return self._opened.executor(name, on, ExecutorServices(self._target, self.observer), options)

    def pipeline(
        self,
        text: str | None = None,
        *,
        instruments: Iterable[Instrument] = (),
        verify_each: bool | None = None,
        reproducers: str | os.PathLike[str] | None = None,
    ) -> OptimizerPipeline:
        """A pipeline from its text: `canonicalize,fixpoint{max=4}(cse,dce)`; None means that of the configuration.

        Raises `PassError` with a caret: HY4010 grammar, HY4011 unknown name, HY4012 unknown option, HY4013 wrong value,
        HY4014 a body or options where there are none. See `OptimizerPipeline.run` for the other arguments.
        """
        items = [self.config.pipeline if text is None else text]
        return self.create_pipeline(items, instruments=instruments, verify_each=verify_each, reproducers=reproducers)

    def create_pipeline(
        self,
        items: Iterable[Item],
        *,
        instruments: Iterable[Instrument] = (),
        verify_each: bool | None = None,
        reproducers: str | os.PathLike[str] | None = None,
    ) -> OptimizerPipeline:
        """A pipeline from passes, texts, other pipelines, and combinators around such things.

        Of another pipeline its passes are taken, and nothing else. `destroy` the pipeline, or let `close` do so.
        Raises `PassError`: HY4021 for what is none of these, and as `pipeline` does for texts.
        """
        from hyperion.pipeline import OptimizerPipeline
        from hyperion.pipeline.pipeline import resolved

        nodes = resolved(items, self.catalogue().nodes)
        made = OptimizerPipeline(
            nodes,
            self.policy,
            instruments=instruments,
            verify_each=verify_each,
            reproducers=reproducers or self.config.reproducers or None,
            versions=self.versions,
            registry=self.registry,
        )
        with self._lock:
            self._pipelines.add(made)
        return made

    def catalogue(self) -> Catalogue:
        """The passes, combinators and named pipelines that a pipeline's text may use."""
        from hyperion.pipeline import Catalogue

        host = self._open()
        return Catalogue(
            lambda: host.names("hyperion_passes"), lambda name: host.get("hyperion_passes", name), self._named
        )

    def reproduce(self, path: str | os.PathLike[str]) -> PassError | None:
        """Runs a reproducer again: the error that it ends with now, or None where the pass no longer fails.

        Raises `PassError`: HY4030 for what is no reproducer, HY4011 where a pass of it is not installed.
        """
        from hyperion.pipeline.reproducing import reproduced

        return reproduced(Path(path), self.registry, self.catalogue())

    def pass_owner(self, name: str) -> PluginStatus:
        """The plugin that registers a pass."""
        return self._open().owners([("hyperion_passes", name)])[0]

    def versions(self) -> tuple[str, ...]:
        """Core, Python and active plugins, as a reproducer records them."""
        from hyperion.pipeline.reproducing import versions_with

        return versions_with(self._open().statuses())

    def program(
        self,
        source: object,
        frontend: str = "python",
        *,
        arguments: Sequence[object] | None = None,
        signature: Sequence[Type] | None = None,
        options: CompileOptions | None = None,
        filename: str = "<ir>",
    ) -> Program:
        """The IR of `source`. Frontends other than `ir` need a signature or example arguments; `filename` is what
        messages call IR text."""
        from hyperion.reading import program_of, program_of_text

        with self.observer.stage("frontend", frontend, str(getattr(source, "__name__", ""))):
            if frontend == "ir":
                return program_of_text(source, self.registry, filename)
            return program_of(source, self.frontend(frontend), arguments, signature, options)

    def derive(
        self, program: Program, *, search: bool = True, budget: float | None = None, token: Token | None = None
    ) -> Derivation:
        """The cheapest proven equivalent of a program: from the theorem library, else by all passes and strategies; at
        the latest after `budget` seconds (None: the configuration's). With `search=False` neither library nor
        strategies are asked. Raises `TypeCheckError` for invalid IR, and as the token: `WorkCancelledError` (HY5020),
        `DeadlineError` (HY5021), at the next step of a proof or some hundredths of a second later."""
        seconds = self.config.budget if budget is None else budget
        with active(token), self.observer.stage("derive", program.entry, program.entry) as told:
            found = self._deriver(search and self.config.derive).derive(program, seconds)
            told.note(checked=found.verdict.checked, parallel=found.parallel, cost=str(found.chosen_cost))
            told.note(outcome=found.outcome)
            return found

    def _deriver(self, search: bool) -> Deriver:
        from hyperion.deriving import Deriver
        from hyperion.ranking import Ranking
        from hyperion.recall import reuse_of

        return Deriver(
            self.policy,
            self.tell,
            lambda: reuse_of(self._open(), self.config, lambda: self.theorems) if search else None,
            lambda: self.strategies().values() if search else (),
            self.pipeline,
            None if self.config.prefer == "proven" else Ranking(self.machine, partial(self.machine, False)),
        )

    def compile(
        self,
        source: object,
        frontend: str = "python",
        *,
        arguments: Sequence[object] | None = None,
        signature: Sequence[Type] | None = None,
        overflow: Literal["trap", "wrap", "sat"] = "trap",
        fp: Literal["ieee", "reassoc"] = "ieee",
        target: str = "",
        filename: str = "<ir>",
        token: Token | None = None,
    ) -> Module:
        """Compiles a Python function (`frontend="python"`, with `arguments` or `signature`) or IR text (`"ir"`).

        The module has the entry function by its name, and every other function of IR text; those of them that the
        target cannot compile raise its `CodegenError` when they are called. Raises `TypeCheckError` for source that is
        not taken, `ProofError` (HY7020) for a parallel operation without a theorem, `CodegenError` where the target
        cannot compile the entry, and as the token.
        """
        from hyperion.interfaces.frontend import options_of
        from hyperion.module import Module
        from hyperion.module.about import about_making

        options = options_of(overflow, fp)
        with active(token), self.observer.stage("compile", str(getattr(source, "__name__", frontend))):
            program = self.program(
                source, frontend, arguments=arguments, signature=signature, options=options, filename=filename
            )
            compiler = self._compiler(self.derive, target)
            only = frontend != "ir"
            functions = {program.entry: compiler.function(program)} if only else compiler.functions(program)
            target = target or self.config.target
            with self.pipeline() as pipeline:
                about = about_making(program.entry, frontend, target, pipeline, self._open(), self.config.derive)
            return Module(functions, about)

    def compile_program(self, program: Program, target: str = "", *, token: Token | None = None) -> ModuleFunction:
        """Derives and compiles one program."""
        with active(token), self.observer.stage("compile", program.entry, program.entry):
            return self.compiled(program, target)

    def compiled(
        self,
        program: Program,
        target: str = "",
        search: bool = True,
        budget: float | None = None,
        written: bool = False,
    ) -> ModuleFunction:
        """`compile_program` as part of a larger stage; see `derive`. With `written` no pass is asked either."""
        from hyperion.driver import as_written

        derive = partial(self.derive, search=search, budget=budget)
        written_only = partial(as_written, refusals=[], tell=self.tell)
        return self._compiler(written_only if written else derive, target).function(program)

    def _compiler(self, derive: Callable[[Program], Derivation], target: str) -> Compiler:
        from hyperion.compiling import Compiler

        return Compiler(derive, self.target(target), self.observer, self.machine)

    def background(self, work: Callable[[], None]) -> Task:
        """Has `work` called by the thread of this Instance that searches in the background; `close` stops it."""
        self._open()
        return self._background.start(work)

    def load(
        self,
        source: str | os.PathLike[str] | bytes | bytearray | memoryview,
        *,
        target: str = "",
        rejected: Rejected = "error",
        trust_code: bool = False,
        limits: Limits | None = None,
        check: Check = "now",
        token: Token | None = None,
    ) -> Module:
        """Reads a module file from a path or from bytes: verified, its proofs checked by the independent checker
        against exactly the IR that was loaded, compiled from that IR when a function is first used.

        check: "now" verifies and checks all functions; "first-use" compares hashes now, and decodes, verifies and
        checks each function before it is first used in any way, which then raises what this would raise.
        rejected: "error" refuses a module with a proof that does not show what it should; "as-written" takes such a
        function as it was written, without a theorem.
        limits: how much the file may ask for; `Limits()` where None.
        trust_code: whether machine code in the file may be run where it fits this machine. It can do anything that this
        process can: say yes only to a file that you wrote.

        Raises `ModuleError`: HY3002 to HY3014, each explained by `hyperion explain CODE`; `PluginError` (HY1009) for a
        choice that does not exist.
        """
        from hyperion.module import Limits
        from hyperion.module.loading import Loading, load_module, name_of

        with active(token), self.observer.stage("load", name_of(source)):
            loading = Loading(
                lambda own: self.target(target or own), self.observer, rejected, trust_code, limits or Limits(), check
            )
            return load_module(source, self.registry, self.policy, loading)

    def tell(self, event: Event) -> None:
        """Logs an event and gives it to whoever listens."""
        self.observer.tell(event)

    def on_event(self, listener: Listener) -> Callable[[], None]:
        """Calls `listener(event)` for each event of this Instance, in the thread where it happens, until the function
        that is returned is called. What it raises is logged and goes no further."""
        return self.observer.on_event(listener)

    def listening(self, listener: Listener) -> AbstractContextManager[None]:
        """`on_event` for the body of a `with`."""
        return self.observer.listening(listener)

    def tracing(self, trace: Trace | None = None) -> AbstractContextManager[Trace]:
        """Records what this Instance does in the body of a `with`, in every thread. `trace.save(path)` writes a file
        for https://ui.perfetto.dev. A `trace` that is given goes on."""
        return self.observer.tracing(trace or Trace())

    def _open(self) -> PluginHost:
        if self._closed:
            raise PluginError("HY1008", "this Instance is closed", hints=["make a new one: hp.Instance()"])
        return self._host
