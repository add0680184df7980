"""`hp.jit`: an ordinary Python function, compiled for the types that it is called with."""

from __future__ import annotations

import inspect
import math
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial, update_wrapper
from time import monotonic
from types import FunctionType
from typing import Any, Literal, cast, overload

from hyperion import stages
from hyperion.background import Task
from hyperion.default import default_instance
from hyperion.errors import OutOfMemoryError, TypeCheckError, brief
from hyperion.explain import Explanation
from hyperion.instance import Instance
from hyperion.interfaces.frontend import CompileOptions, behind_caches, one_of, options_of
from hyperion.ir.function import Program
from hyperion.ir.types import BOOL, F64, I64, ArrayType, Type
from hyperion.module import ModuleFunction
from hyperion.module.function import TRAPS

Signature = tuple[Type, ...]
Derive = Literal["now", "background", "never"]
_EXACT = (BOOL, F64, I64)  # scalar parameters whose Python type says all
Anything = Callable[..., Any]  # Any: user functions take and give what they like


@dataclass(frozen=True, slots=True)
class Search:
    """When a proven equivalent is looked for, and for how many seconds; None stands for the Instance's budget."""

    derive: Derive
    budget: float | None


class JitFunction:
    """A function that is compiled on its first call with each combination of argument types.

    Calling it means the same as calling the plain function, `function`; the results are NumPy arrays and Python
    scalars. Compiling and calling are thread-safe: each signature is compiled once. `options`, `search` and `instance`
    are as given to `hp.jit`; an `instance` of None stands for the default one.
    """

    # Set by update_wrapper.
    __name__: str
    __qualname__: str
    __wrapped__: Anything

    def __init__(self, function: Anything, options: CompileOptions, search: Search, instance: Instance | None) -> None:
        function = behind_caches(function)
        if not isinstance(function, FunctionType):
            raise TypeCheckError(
                "HY6033",
                f"hp.jit takes a function written with def, not {function!r}",
                hints=["wrap what you have in a def"],
            )
        update_wrapper(self, function)
        self.function = function
        self.options = options
        self.search = search
        self.instance = instance
        self._lock = threading.Lock()
        self._locks: dict[Signature, threading.Lock] = {}
        self._versions: dict[Signature, ModuleFunction] = {}
        self._tasks: dict[Signature, Task] = {}
        self._owner: Instance | None = None
        self._entry: Anything = self._other

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:  # Any: as above
        if keywords:
            arguments = self._bind(arguments, keywords)
        if stages.watched:
            return self._watched_call(arguments)
        try:
            return self._entry(*arguments)
        except TRAPS as error:
            trap = error
        except (TypeCheckError, OutOfMemoryError) as error:
            raise brief(error) from error.__cause__
        try:
            return self._replay(trap, arguments)
        except TRAPS as error:
            raise brief(error) from None

    def _watched_call(self, arguments: tuple[Any, ...]) -> Any:
        """The same through the compiled function itself, which tells of the call."""
        try:
            bound = self._bind(arguments, {})
            return self._version(bound)(*bound)
        except (TypeCheckError, OutOfMemoryError, *TRAPS) as error:
            raise brief(error) from error.__cause__

    def __repr__(self) -> str:
        return f"<hp.jit {self.__qualname__}, {len(self._versions)} compiled>"

    def explain(self, *arguments: Any, **keywords: Any) -> Explanation:
        """What was derived for these arguments, and which version they select. Compiles the function, and runs it only
        where a test at run time selects. It does not wait for a search in the background: `pending` says that there is
        one, and what follows is then the loop as written."""
        bound = self._bind(arguments, keywords)
        task = self._tasks.get(self._instance().frontend("python").signature(bound))
        pending = task is not None and task.pending  # asked first: once it has ended, its result is there
        found = self._version(bound).explain(*bound)
        task = self._tasks.get(self._instance().frontend("python").signature(bound)) if task is None else task
        return found if task is None else replace(found, pending=pending, refusals=(*found.refusals, *task.refusals))

    def wait(self, timeout: float | None = None) -> bool:
        """Waits until the searches in the background have ended, at most `timeout` seconds in all; whether they have.
        Later calls then run what was found."""
        end = math.inf if timeout is None else monotonic() + timeout
        tasks = list(self._tasks.values())
        return all(task.wait(None if end == math.inf else max(0.0, end - monotonic())) for task in tasks)

    def ir(self, *arguments: Any, which: Literal["chosen", "source"] = "chosen") -> str:
        """The IR that is compiled for arguments of these types, or that of the source function."""
        return self._version(self._bind(arguments, {})).ir(which)

    def lower(self, *arguments: Any, emit: Literal["llvm", "asm"] = "llvm") -> str:
        """The optimised LLVM IR or the assembly for arguments of these types."""
        return self._version(self._bind(arguments, {})).lower(emit)

    def compiled(self, *arguments: Any) -> ModuleFunction:
        """The compiled function for arguments of these types."""
        return self._version(self._bind(arguments, {}))

    def _other(self, *arguments: Any) -> Any:
        """Called for the first call, and by the fast entry for arguments of other types or another number."""
        bound = self._bind(arguments, {})
        version = self._version(bound)
        if all(isinstance(p.type, ArrayType) or p.type in _EXACT for p in version.derivation.source.main.parameters):
            self._entry = version.bind(self._other)  # else the builtin cannot tell 1.0 from np.float32(1.0)
        return version(*bound)

    def _replay(self, error: Exception, arguments: tuple[Any, ...]) -> Any:
        bound = self._bind(arguments, {})
        return self._version(bound).replay(error, bound)

    def _bind(self, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> tuple[Any, ...]:
        """All parameters in order, defaults filled in. Raises TypeError as the plain function would."""
        signature = inspect.signature(self.function)
        try:
            bound = signature.bind(*arguments, **keywords)
        except TypeError as error:
            raise TypeError(f"{self.__name__}() {error}") from None
        bound.apply_defaults()
        return tuple(bound.arguments[name] for name in signature.parameters)

    def _version(self, arguments: tuple[Any, ...]) -> ModuleFunction:
        instance = self._instance()
        frontend = instance.frontend("python")
        signature = frontend.signature(arguments)
        version = self._versions.get(signature)
        return version if version is not None else self._compile(instance, signature)

    def _compile(self, instance: Instance, signature: Signature) -> ModuleFunction:
        with self._lock:
            lock = self._locks.setdefault(signature, threading.Lock())
        with lock:
            version = self._versions.get(signature)
            if version is None:
                with instance.observer.stage("compile", self.__name__, self.__name__):
                    program = instance.program(self.function, signature=signature, options=self.options)
                    version = self._versions[signature] = self._first(instance, signature, program)
            return version

    def _first(self, instance: Instance, signature: Signature, program: Program) -> ModuleFunction:
        """The version that the first call runs."""
        search = self.search
        if search.derive != "background":
            return instance.compiled(program, search=search.derive == "now", budget=search.budget)
        written = instance.compiled(program, written=True)
        self._tasks[signature] = instance.background(partial(self._improve, instance, signature, program))
        return written

    def _improve(self, instance: Instance, signature: Signature, program: Program) -> None:
        """In the background: puts what is derived in the place of the first version."""
        with instance.observer.stage("compile", self.__name__, self.__name__):
            better = instance.compiled(program, budget=self.search.budget)
        with self._lock:
            if instance is self._owner and not instance.closed:
                self._versions[signature] = better
                self._entry = self._other

    def _instance(self) -> Instance:
        """The Instance in use. What another one compiled (the default was closed) is dropped."""
        instance = self.instance or default_instance()
        if instance is not self._owner:
            with self._lock:
                self._owner = instance
                self._versions, self._locks, self._tasks = {}, {}, {}
                self._entry = self._other
        return instance


@overload
def jit(function: Anything, /) -> JitFunction: ...


@overload
def jit(
    function: Anything,
    /,
    *,
    overflow: Literal["trap", "wrap", "sat"] = "trap",
    fp: Literal["ieee", "reassoc"] = "ieee",
    derive: Derive = "now",
    budget: float | None = None,
    instance: Instance | None = None,
) -> JitFunction: ...


@overload
def jit(
    *,
    overflow: Literal["trap", "wrap", "sat"] = "trap",
    fp: Literal["ieee", "reassoc"] = "ieee",
    derive: Derive = "now",
    budget: float | None = None,
    instance: Instance | None = None,
) -> Callable[[Anything], JitFunction]: ...


def jit(
    function: Anything | None = None,
    /,
    *,
    overflow: Literal["trap", "wrap", "sat"] = "trap",
    fp: Literal["ieee", "reassoc"] = "ieee",
    derive: Derive = "now",
    budget: float | None = None,
    instance: Instance | None = None,
) -> JitFunction | Callable[[Anything], JitFunction]:
    """Makes `function` run compiled, proven and parallel where a theorem was found. `@hp.jit`, `@hp.jit(...)` and
    `hp.jit(f, ...)` are the same.

    overflow: what integer steps do beyond 64 bits: raise OverflowError, wrap around, or saturate.
    fp: `"reassoc"` lets float operations be regrouped as over the reals; the result is the same on every machine.
    derive: `"now"` looks for a proven equivalent at the first call; `"background"` runs the loop as written at once,
        and what a thread derives meanwhile once that is there; `"never"` runs the loop sequentially.
    budget: the seconds that looking and checking may take for each combination of argument types; then the loop runs
        as written. The Instance's, 5, where None.
    instance: the Instance to use; the default one where None.

    Raises `TypeCheckError`: HY6032 for an unknown option, HY6033 for what is not a function. What the frontend does
    not take is refused on the first call, with the source line.
    """
    options, search = options_of(overflow, fp), _search_of(derive, budget)
    if function is None:
        return partial(JitFunction, options=options, search=search, instance=instance)
    return JitFunction(function, options, search, instance)


def _search_of(derive: object, budget: object) -> Search:
    one_of("derive", derive, ("now", "background", "never"))
    if budget is not None and not (isinstance(budget, (int, float)) and budget >= 0):
        hints = ["budget is a number of seconds, or None for that of the Instance"]
        raise TypeCheckError("HY6032", f"budget={budget!r} is no choice", hints=hints)
    return Search(cast(Derive, derive), budget)
