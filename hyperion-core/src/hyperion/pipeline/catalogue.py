"""What the names in a pipeline's text mean: passes, combinators, and pipelines that have a name."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Final

from hyperion.errors import HyperionError, PassError, PluginError, Span
from hyperion.interfaces.compiler_pass import CompilerPass
from hyperion.pipeline.nodes import COMBINATORS, NAME, Node, checked_pass
from hyperion.pipeline.options import Value, options_of, value_text, values_of, with_options
from hyperion.pipeline.syntax import Element, parse_pipeline

DEFAULT: Final = (
    "unroll",
    "index-loops",
    "loops-to-scans",
    "written-loops",
    "gathered-loops",
    "counter-loops",
    "one-length",
    "canonicalize",
    "constant-folding",
    "cse",
    "dce",
)
"""The passes of the pipeline called `default`, as far as they are installed."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """`names` lists the passes, `get` makes one with its defaults or raises `PluginError`, `pipelines` are texts by
    name."""

    names: Callable[[], Collection[str]]
    get: Callable[[str], CompilerPass]
    pipelines: Mapping[str, str] = field(default_factory=dict[str, str])

    def known(self) -> dict[str, str]:
        """The texts of all pipelines that have a name."""
        installed = self.names()
        return {"default": ",".join(n for n in DEFAULT if n in installed), **self.pipelines}

    def nodes(self, text: str, filename: str = "<pipeline>") -> tuple[Node, ...]:
        """What a text stands for. A pipeline's name is replaced by what it consists of.

        Raises `PassError` with a caret: HY4010 grammar, HY4011 unknown name, HY4012 unknown option, HY4013 wrong value,
        HY4014 a body or options where there are none, HY4015 a name that stands for itself or for two things. But for
        the grammar all errors are found at once.
        """
        reader = _Reader(self, self.known(), frozenset(self.names()), [])
        nodes = reader.all(parse_pipeline(text, filename), ())
        errors = reader.errors
        if len(errors) > 1:
            message = f"{len(errors)} errors; the first: {errors[0].message}"
            raise PassError(errors[0].code, message, errors[0].span, errors=errors)
        if errors:
            raise errors[0]
        return nodes

    def made(self, name: str) -> CompilerPass:
        """The pass of that name with its defaults. Raises `PassError` (HY4007) where it calls itself something else,
        or its factory sets an option: text could not say which value is meant."""
        found = checked_pass(self.get(name))
        if found.name != name:
            raise PassError("HY4007", f"the pass registered as {name!r} calls itself {found.name!r}")
        for option, value in values_of(found).items():
            declared = options_of(type(found))[option]
            if declared.has_default and value_text(value) != value_text(declared.default):
                what = f"the factory of pass {name!r} sets {option}={value_text(value)}"
                raise PassError("HY4007", f"{what}; the default is {value_text(declared.default)}")
        return found


def checked_names(pipelines: Mapping[str, str]) -> Mapping[str, str]:
    """The pipelines themselves, where each has a name that a text can use. Raises `PassError` (HY4015)."""
    for name in pipelines:
        if not NAME.fullmatch(name) or name in COMBINATORS or name == "default":
            why = "is taken" if NAME.fullmatch(name) else "is no name that a text can hold"
            raise PassError(
                "HY4015", f"a pipeline cannot be called {name!r}: that {why}", hints=["choose another name"]
            )
    return pipelines


@dataclass(frozen=True, slots=True)
class _Reader:
    """Turns elements into nodes. What is wrong is collected in `errors` and left out."""

    catalogue: Catalogue
    pipelines: Mapping[str, str]
    passes: frozenset[str]
    errors: list[HyperionError]

    def all(self, elements: Iterable[Element], inside: tuple[str, ...]) -> tuple[Node, ...]:
        return tuple(node for element in elements for node in self._nodes(element, inside))

    def _wrong(self, code: str, message: str, span: Span, hints: Sequence[str] = (), notes: Sequence[str] = ()) -> None:
        self.errors.append(PassError(code, message, span, notes, hints))

    def _nodes(self, element: Element, inside: tuple[str, ...]) -> tuple[Node, ...]:
        name = element.name
        if name in COMBINATORS:
            if element.body is None:
                self._wrong("HY4014", f"{name!r} needs passes in parentheses", element.span, [f"{name}(cse,dce)"])
            made = COMBINATORS[name](self.all(element.body or (), inside))
            return (self._configured(made, element, repr(name)),)
        if element.body is not None:
            self._no_body(element)
            self.all(element.body, inside)
            return ()
        if name in self.pipelines:
            return self._named(element, inside)
        found = self._pass(element)
        return () if found is None else (self._configured(found, element, f"pass {name!r}"),)

    def _no_body(self, element: Element) -> None:
        name = element.name
        near = get_close_matches(name, COMBINATORS, n=1)
        hints = [f"did you mean {near[0]!r}?"] if near else []
        hints.append(f"these take passes in parentheses: {', '.join(COMBINATORS)}")
        if name in self.passes or name in self.pipelines:
            self._wrong("HY4014", f"{name!r} takes no passes in parentheses", element.span, hints)
        else:
            self._wrong("HY4011", f"there is no combinator {name!r}", element.span, hints)

    def _named(self, element: Element, inside: tuple[str, ...]) -> tuple[Node, ...]:
        name = element.name
        if element.settings:
            hints = ["set the options of its passes, in its own text"]
            self._wrong("HY4014", f"the pipeline {name!r} has no options", element.settings[0].span, hints)
        if name in self.passes:
            self._wrong("HY4015", f"{name!r} is a pipeline and a pass", element.span, ["rename the pipeline"])
        elif name in inside:
            way = " -> ".join((*inside, name))
            self._wrong("HY4015", f"the pipeline {name!r} contains itself: {way}", element.span)
        else:
            return self.all(parse_pipeline(self.pipelines[name], f"<pipeline {name}>"), (*inside, name))
        return ()

    def _pass(self, element: Element) -> CompilerPass | None:
        name, notes = element.name, ()
        try:
            return self.catalogue.made(name)
        except (PassError, PluginError) as error:
            if name in self.passes:
                error.span = error.span or element.span
                self.errors.append(error)
                return None
            notes = error.notes  # which plugins could not be used
        everything = [*self.passes, *COMBINATORS, *self.pipelines]
        hints = [f"did you mean {near!r}?" for near in get_close_matches(name, sorted(everything), n=1)]
        hints.append(f"passes: {', '.join(sorted(self.passes)) or 'none are installed'}; `hyperion passes` lists them")
        self._wrong("HY4011", f"there is no pass {name!r}", element.span, hints, notes)
        return None

    def _configured(self, thing: Node, element: Element, what: str) -> Node:
        """The pass or combinator with the settings of its element."""
        known = options_of(type(thing))
        values: dict[str, Value] = {}
        for setting in element.settings:
            option = known.get(setting.name)
            if option is None:
                hints = [f"did you mean {near!r}?" for near in get_close_matches(setting.name, known, n=1)]
                hints.append(f"its options: {', '.join(map(str, known.values()))}" if known else "it has no options")
                self._wrong("HY4012", f"{what} has no option {setting.name!r}", setting.span, hints)
                continue
            try:
                values[setting.name] = option.taken(setting.value)
            except ValueError as error:
                message = f"the option {setting.name!r} of {what} {error}"
                self._wrong("HY4013", message, setting.value_span, [f"it is declared as {option}"])
        try:
            return with_options(thing, values)
        except Exception as error:  # the pass's own check of its options
            why = error.message if isinstance(error, HyperionError) else f"{error}" or type(error).__name__
            span = element.settings[0].value_span if len(element.settings) == 1 else element.span
            self._wrong("HY4013", f"{what} does not take these options: {why}", span)
            return thing
