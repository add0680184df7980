"""The options of passes and combinators: the fields of their dataclasses."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass, replace
from types import MappingProxyType
from typing import Any, Final, Literal, TypeAlias, TypeVar, cast, get_args, get_origin, get_type_hints
from weakref import WeakKeyDictionary

from hyperion.pipeline.nodes import NAME

Value: TypeAlias = "bool | int | float | str | tuple[Value, ...]"
T = TypeVar("T")

_KINDS: Final[tuple[type[object], ...]] = (bool, int, float, str, tuple)
_NOT_BARE: Final = {"true", "false", "inf", "nan"}
_known: Final[WeakKeyDictionary[type, Mapping[str, Option]]] = WeakKeyDictionary()  # reading annotations is slow
_NONE: Final = object()  # an option without a default


@dataclass(frozen=True, slots=True)
class Option:
    """One option. `element` is the type of a tuple's elements where all have one; `choices` are all values there are,
    where it is a Literal."""

    name: str
    kind: type[object]
    default: object = _NONE
    element: type[object] | None = None
    choices: tuple[object, ...] = ()

    @property
    def has_default(self) -> bool:
        return self.default is not _NONE

    @property
    def type_text(self) -> str:
        """The type as people write it: `int`, `[int]`, `fast|slow`."""
        if self.choices:
            return "|".join(value_text(c) for c in self.choices)
        if self.kind is tuple:
            return f"[{self.element.__name__ if self.element else ''}]"
        return self.kind.__name__

    def taken(self, value: object) -> Value:
        """The value as this option has it. Raises ValueError with what was expected."""
        found = _as(self.kind, value)
        if found is None or (self.choices and found not in self.choices):
            raise ValueError(f"expects {self.type_text}, not `{_shown(value)}`")
        if isinstance(found, tuple) and self.element is not None:
            parts = [_as(self.element, item) for item in found]
            if None in parts:
                wrong = found[parts.index(None)]
                raise ValueError(f"expects {self.type_text}, and `{_shown(wrong)}` is no {self.element.__name__}")
            return tuple(part for part in parts if part is not None)
        return found

    def __str__(self) -> str:
        default = f" = {value_text(self.default)}" if self.has_default else ""
        return f"{self.name}: {self.type_text}{default}"


def options_of(kind: type) -> Mapping[str, Option]:
    """The options by their names; none for a class that is no dataclass."""
    if kind not in _known:
        _known[kind] = MappingProxyType(_read(kind))
    return _known[kind]


def _read(kind: type) -> dict[str, Option]:
    if not is_dataclass(kind):
        return {}
    try:
        hints = get_type_hints(kind)
    except Exception:  # names that only a type checker sees; the defaults then say the types
        hints = {}
    found = (_option(f, hints.get(f.name)) for f in fields(kind) if f.init and f.name != "name")
    return {option.name: option for option in found if option is not None}


def values_of(thing: object) -> dict[str, object]:
    """What the options of a pass or combinator are set to."""
    return {name: getattr(thing, name) for name in options_of(type(thing))}


def with_options(thing: T, values: Mapping[str, Value]) -> T:
    """The thing with these options; whatever its class raises for them goes through."""
    return cast(T, replace(cast(Any, thing), **values)) if values else thing  # Any: a dataclass, as it has options


def settings_text(thing: object, defaults: bool = False) -> str:
    """`{a=1,b=[x,y]}`, sorted by name: options that differ from their default, or all of them; empty for none."""
    parts: list[str] = []
    for name, option in sorted(options_of(type(thing)).items()):
        text = value_text(getattr(thing, name))
        if defaults or not option.has_default or text != value_text(option.default):
            parts.append(f"{name}={text}")
    return f"{{{','.join(parts)}}}" if parts else ""


def value_text(value: object) -> str:
    """A value as the text form writes it; the parser reads the same value back."""
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return value if NAME.fullmatch(value) and value not in _NOT_BARE else json.dumps(value)
        case tuple():
            return f"[{','.join(value_text(item) for item in cast('tuple[object, ...]', value))}]"
        case _:
            return repr(value)


def _option(field: Field[Any], hint: object) -> Option | None:  # Any: a field of whatever type
    if field.metadata.get("option") is False:
        return None
    default: object = field.default
    if field.default_factory is not MISSING:
        default = field.default_factory()
    if default is MISSING:
        default = _NONE
    arguments: tuple[object, ...] = get_args(hint)
    if get_origin(hint) is Literal:
        return Option(field.name, type(arguments[0]), default, choices=arguments)
    kind = next((k for k in _KINDS if k in (get_origin(hint), hint)), None)
    if hint is None:
        kind = next((k for k in _KINDS if default.__class__ is k), None)
    if kind is None:
        return None
    uniform = len(arguments) == 2 and arguments[1] is Ellipsis and any(arguments[0] is k for k in _KINDS)
    return Option(field.name, kind, default, cast("type[object]", arguments[0]) if uniform else None)


def _as(kind: type, value: object) -> Value | None:
    """The value where it has that type, or stands for one; None where not."""
    match value:
        case bool():
            return value if kind is bool else None
        case int() if kind is float:
            return _as_float(value)
        case int() | float() | str():
            return value if isinstance(value, kind) else None
        case tuple():
            return cast("tuple[Value, ...]", value) if kind is tuple else None
        case _:
            return None


def _as_float(value: int) -> float | None:
    try:
        return float(value)
    except OverflowError:
        return None


def _shown(value: object) -> str:
    text = value_text(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
