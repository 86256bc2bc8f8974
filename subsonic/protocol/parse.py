"""From the parameters of a call to an instance of its Request.

Clients are sloppy where it does no harm, so this is lenient: a number out of a Range is moved to its bound, the first
of repeated values counts, an empty value of anything but text is as good as none. What is left is refused with a
sentence that names the parameter. Rules between parameters stand in the request's own `__post_init__`.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import MISSING
from enum import StrEnum
from functools import cache, partial
from typing import Any, Literal, NamedTuple, TypeVar, get_args, get_origin, get_type_hints

from server.kernel.errors import Invalid
from subsonic.protocol.characters import camel, clean
from subsonic.protocol.declare import Between, Range, Request, Separated, without_marks

Q = TypeVar("Q", bound=Request)

NUMBER = re.compile(r"\s*([+-]?\d{1,18})(\.\d*)?\s*", re.ASCII)
YES, NO = ("true", "1", "yes", "on"), ("false", "0", "no", "off")


class Missing(Invalid):
    """A required parameter is not there; `name` is the wire's name of it."""

    def __init__(self, name: str):
        super().__init__(f"The parameter '{name}' is missing.")
        self.name = name


class Step(NamedTuple):
    """How one parameter is read. `read` gets all its values and returns None for "as good as none"."""

    name: str
    wire: str
    read: Callable[[list[str]], Any]
    required: bool


def parse(request: type[Q], params: Mapping[str, list[str]]) -> Q:
    """Return the call. `params` is a mapping to lists of text, or a MultiDict; raises Missing or Invalid."""
    every = getattr(params, "getall", None) or params.get
    values = {}
    for name, wire, read, required in _steps(request):
        found = every(wire, None)
        value = read(found) if found else None
        if value is not None:
            values[name] = value
        elif required:
            raise Missing(wire)
    return request(**values)


@cache
def _steps(request: type[Request]) -> tuple[Step, ...]:
    hints = get_type_hints(request, include_extras=True)
    return tuple(_step(name, default, hints[name]) for name, default in request.declared.items())


def _step(name: str, default: Any, hint: Any) -> Step:
    wire, required = camel(name), default is MISSING
    kind, marks = without_marks(hint)
    if get_origin(kind) is tuple:
        kind, more = without_marks(get_args(kind)[0])
        read = partial(_every, _scalar(kind, marks + more, wire), _separator(marks))
    elif kind is str:
        read = _filled_text if required else _text
    else:
        read = partial(_first, _scalar(kind, marks, wire))
    return Step(name, wire, read, required)


def _text(found: list[str]) -> str:
    return clean(found[0])


def _filled_text(found: list[str]) -> str | None:
    return clean(found[0]) or None


def _first(read: Callable[[str], Any], found: list[str]) -> Any:
    return read(found[0]) if found[0] else None


def _every(read: Callable[[str], Any], separator: str | None, found: list[str]) -> tuple | None:
    if separator is not None:
        found = [part for text in found for part in text.split(separator)]
    return tuple(read(text) for text in found if text) or None


def _separator(marks: tuple) -> str | None:
    return next((mark.by for mark in marks if isinstance(mark, Separated)), None)


def _scalar(kind: Any, marks: tuple, wire: str) -> Callable[[str], Any]:
    if kind is str:
        return clean
    if kind is bool:
        return partial(_boolean, wire)
    if get_origin(kind) is Literal:
        return partial(_choice, wire, {str(option): option for option in get_args(kind)})
    if issubclass(kind, StrEnum):
        return partial(_choice, wire, {option.value: option for option in kind})
    read = partial({int: _integer, float: _decimal}[kind], wire)
    for mark in marks:
        if isinstance(mark, Range):
            return partial(_ranged, read, mark)
        if isinstance(mark, Between):
            return partial(_between, read, mark, wire)
    return read


def _integer(wire: str, text: str) -> int:
    if len(text) <= 18 and text.isdecimal() and text.isascii():
        return int(text)
    found = NUMBER.fullmatch(text)
    if not found:
        raise Invalid(f"The parameter '{wire}' has to be a number, not '{_shown(text)}'.")
    return int(found[1])


def _decimal(wire: str, text: str) -> float:
    try:
        number = float(text)
        if -1e300 < number < 1e300:
            return number
    except ValueError:
        pass
    raise Invalid(f"The parameter '{wire}' has to be a number, not '{_shown(text)}'.")


def _boolean(wire: str, text: str) -> bool:
    word = text.strip().lower()
    if word in YES or word in NO:
        return word in YES
    raise Invalid(f"The parameter '{wire}' has to be true or false, not '{_shown(text)}'.")


def _choice(wire: str, options: dict[str, Any], text: str) -> Any:
    if text in options:
        return options[text]
    raise Invalid(f"The parameter '{wire}' has to be one of {', '.join(options)}, not '{_shown(text)}'.")


def _ranged(read: Callable[[str], int], allowed: Range, text: str) -> int:
    number = read(text)
    if allowed.low is not None and number < allowed.low:
        return allowed.low
    if allowed.high is not None and number > allowed.high:
        return allowed.high
    return number


def _between(read: Callable[[str], float], allowed: Between, wire: str, text: str) -> float:
    number = read(text)
    if allowed.low <= number <= allowed.high:
        return number
    raise Invalid(f"The parameter '{wire}' has to be from {allowed.low} to {allowed.high}, not {_shown(text)}.")


def _shown(text: str) -> str:
    text = clean(text)
    return text if len(text) <= 40 else text[:40] + "…"
