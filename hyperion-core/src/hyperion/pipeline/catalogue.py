"""What the names in a pipeline's text mean: passes, combinators, and pipelines that have a name."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Final

from hyperion.errors import HyperionError, PassError, PluginError, Span
from hyperion.interfaces.compiler_pass import CompilerPass
from hyperion.pipeline.nodes import COMBINATORS, NAME, Node, checked_pass
from hyperion.pipeline.options import Option, Value, options_of, value_text, values_of, with_options
from hyperion.pipeline.syntax import Element, parse_pipeline

DEFAULT: Final = ("canonicalize", "constant-folding", "cse", "dce")
"""The passes of the pipeline called `default`, as far as they are installed."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """`names` lists the passes, `get` makes one with its defaults, `pipelines` are texts by name."""

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
        HY4014 a body or options where there are none, HY4015 a name that stands for itself or for two things.
        """
        return self._all(parse_pipeline(text, filename), ())

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

    def _all(self, elements: Iterable[Element], inside: tuple[str, ...]) -> tuple[Node, ...]:
        return tuple(node for element in elements for node in self._nodes(element, inside))

    def _nodes(self, element: Element, inside: tuple[str, ...]) -> tuple[Node, ...]:
        name = element.name
        if name in COMBINATORS:
            return (self._combinator(element, inside),)
        pipelines = self.known()
        if element.body is not None:
            hints = [f"these take passes in parentheses: {', '.join(COMBINATORS)}"]
            near = get_close_matches(name, COMBINATORS, n=1)
            hints = [f"did you mean {near[0]!r}?"] if near else hints
            if name in self.names() or name in pipelines:
                raise PassError("HY4014", f"{name!r} takes no passes in parentheses", element.span, hints=hints)
            raise PassError("HY4011", f"there is no combinator {name!r}", element.span, hints=hints)
        if name in pipelines:
            return self._named(element, pipelines[name], inside)
        return (_configured(self._pass(element), element, f"pass {name!r}"),)

    def _combinator(self, element: Element, inside: tuple[str, ...]) -> Node:
        name = element.name
        if element.body is None:
            hints = [f"{name}(cse,dce)"]
            raise PassError("HY4014", f"{name!r} needs passes in parentheses", element.span, hints=hints)
        return _configured(COMBINATORS[name](self._all(element.body, inside)), element, repr(name))

    def _named(self, element: Element, text: str, inside: tuple[str, ...]) -> tuple[Node, ...]:
        name = element.name
        if name in self.names():
            raise PassError("HY4015", f"{name!r} is a pipeline and a pass", element.span, hints=["rename the pipeline"])
        if element.settings:
            hints = ["set the options of its passes, in its own text"]
            raise PassError("HY4014", f"the pipeline {name!r} has no options", element.settings[0].span, hints=hints)
        if name in inside:
            way = " -> ".join((*inside, name))
            raise PassError("HY4015", f"the pipeline {name!r} contains itself: {way}", element.span)
        return self._all(parse_pipeline(text, f"<pipeline {name}>"), (*inside, name))

    def _pass(self, element: Element) -> CompilerPass:
        name = element.name
        try:
            return self.made(name)
        except (PassError, PluginError) as error:
            if name in self.names():
                error.span = error.span or element.span
                raise
            raise self._unknown(name, element.span, error.notes) from None  # they say which plugins cannot be used

    def _unknown(self, name: str, span: Span, notes: Sequence[str]) -> PassError:
        everything = [*self.names(), *COMBINATORS, *self.known()]
        hints = [f"did you mean {near!r}?" for near in get_close_matches(name, everything, n=1)]
        hints.append(f"passes: {', '.join(sorted(self.names())) or 'none are installed'}; `hyperion passes` lists them")
        return PassError("HY4011", f"there is no pass {name!r}", span, notes, hints)


def checked_names(pipelines: Mapping[str, str]) -> Mapping[str, str]:
    """The pipelines themselves, where each has a name that a text can use. Raises `PassError` (HY4015)."""
    for name in pipelines:
        if not NAME.fullmatch(name) or name in COMBINATORS or name == "default":
            why = "is taken" if NAME.fullmatch(name) else "is no name that a text can hold"
            raise PassError(
                "HY4015", f"a pipeline cannot be called {name!r}: that {why}", hints=["choose another name"]
            )
    return pipelines


def _configured(thing: Node, element: Element, what: str) -> Node:
    """The pass or combinator with the settings of its element."""
    known = options_of(type(thing))
    values: dict[str, Value] = {}
    for setting in element.settings:
        option = known.get(setting.name)
        if option is None:
            raise _no_option(what, setting.name, setting.span, known)
        try:
            values[setting.name] = option.taken(setting.value)
        except ValueError as error:
            message = f"the option {setting.name!r} of {what} {error}"
            raise PassError("HY4013", message, setting.value_span, hints=[f"it is declared as {option}"]) from None
    try:
        return with_options(thing, values)
    except Exception as error:  # the pass's own check of its options
        why = error.message if isinstance(error, HyperionError) else f"{error}" or type(error).__name__
        first = element.settings[0]
        span = first.value_span if len(element.settings) == 1 else element.span
        raise PassError("HY4013", f"{what} does not take these options: {why}", span) from error


def _no_option(what: str, name: str, span: Span, known: Mapping[str, Option]) -> PassError:
    hints = [f"did you mean {near!r}?" for near in get_close_matches(name, known, n=1)]
    hints.append(f"its options: {', '.join(map(str, known.values()))}" if known else "it has no options")
    return PassError("HY4012", f"{what} has no option {name!r}", span, hints=hints)
