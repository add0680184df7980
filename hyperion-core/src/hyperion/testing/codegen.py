"""What every code generation target must do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import cast

from hyperion.interfaces.codegen import CodegenTarget, CompiledFunction, NativeTarget, StoringTarget
from hyperion.testing.programs import EXAMPLES, Example, attempt, same


class _Store:
    """A `CodeStore` that counts how often code was put there."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}
        self.times: dict[str, int] = {}

    def find(self, compat: str) -> bytes | None:
        return self.kept.get(compat)

    def keep(self, compat: str, data: bytes) -> None:
        self.kept[compat] = data
        self.times[compat] = self.times.get(compat, 0) + 1


class CodegenTargetConformance:
    """Subclass with `make`. Needs NumPy."""

    def make(self) -> CodegenTarget:
        raise NotImplementedError

    def examples(self) -> Sequence[Example]:
        return EXAMPLES

    def test_it_follows_the_interface(self) -> None:
        target = self.make()
        assert isinstance(target, CodegenTarget)
        assert target.name
        assert isinstance(target.compile(self.examples()[0].program), CompiledFunction)

    def test_results_and_traps(self) -> None:
        target = self.make()
        for example in self.examples():
            function = target.compile(example.program)
            example.compare(attempt(lambda e=example, f=function: f(*e.arrays())))

    def test_the_entry_means_the_same(self) -> None:
        target = self.make()
        for example in self.examples():
            entry = target.compile(example.program).entry
            assert callable(entry)
            example.compare(attempt(lambda e=example, f=entry: f(*e.arrays())))

    def test_a_function_may_be_called_again(self) -> None:
        example = self.examples()[0]
        function = self.make().compile(example.program)
        assert same(function(*example.arrays()), example.results)
        assert same(function(*example.arrays()), example.results)

    def test_a_loop_as_written_is_sequential(self) -> None:
        example = self.examples()[0]
        assert self.make().compile(example.program).taken(*example.arrays()) == "sequential"

    def test_other_argument_types_are_refused(self) -> None:
        """A caller that falls back on another version relies on these exceptions."""
        function = self.make().compile(self.examples()[0].program)
        for wrong in ((), ("text",), (None,), (1.5,)):
            for call in (function, cast(Callable[..., object], function.entry)):
                error = attempt(lambda f=call, w=wrong: f(*w))
                assert isinstance(error, (TypeError, ValueError, OverflowError)), f"{wrong} was taken"

    def test_a_bound_entry_converts_nothing(self) -> None:
        example = self.examples()[0]
        entry = self.make().compile(example.program).bind(lambda *arguments: ("other", len(arguments)))
        assert same(entry(*example.arrays()), example.results)
        for other in ((), (1,), (1, 2), ("text",), (None,)):
            assert entry(*other) == ("other", len(other))

    def test_machine_code_comes_back(self) -> None:
        """For a target that gives machine code: it runs as what was compiled does, and only where it fits."""
        target = self.make()
        if not isinstance(target, NativeTarget):
            return
        for example in self.examples():
            code = target.native(example.program)
            assert code == target.native(example.program)
            loaded = target.load(example.program, code)
            assert loaded is not None
            example.compare(attempt(lambda e=example, f=loaded: f(*e.arrays())))
            assert target.load(example.program, replace(code, compat=code.compat + "!")) is None

    def test_stored_code_runs_in_its_place(self) -> None:
        """For a target that keeps machine code: what another of its kind has stored is not made again."""
        if not isinstance(self.make(), StoringTarget):
            return
        store = _Store()
        for _ in range(2):
            target = self.make()
            assert isinstance(target, StoringTarget)
            for example in self.examples():
                stored = target.compile_with(example.program, store)
                example.compare(attempt(lambda e=example, f=stored: f(*e.arrays())))
            assert store.times == dict.fromkeys(store.kept, 1)

    def test_code_can_be_read(self) -> None:
        target = self.make()
        for example in self.examples()[:3]:
            assert example.program.entry in target.lower(example.program, "llvm")
            assert target.lower(example.program, "asm").strip()
