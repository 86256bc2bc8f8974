"""From a reply to the tree of members that JSON and XML both carry.

Faces stay bytes: what is the viewer's own is spliced in before the closing brace, nothing is parsed. Whoever adds a
mark here adds the field to Child, AlbumID3 or ArtistID3 as well, else XML does not show it.
"""

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from functools import cache, lru_cache, partial
from math import isfinite
from typing import Any, NamedTuple, TypeVar

import orjson

from server.kernel.clock import Millis
from server.library.facts import Faced
from subsonic.protocol.characters import clean
from subsonic.protocol.declare import Field, Kind, Mark, Over, Shape, fields_of

T = TypeVar("T")

NO_MARKS = tuple(Faced._field_defaults.values())
LAST_MOMENT: Millis = 253_402_300_799_999
"""The end of the year 9999: a client's scrobble may claim any time, an answer must still be made."""
MINUTES = tuple(f"T{hour:02d}:{minute:02d}" for hour in range(24) for minute in range(60))
SECONDS = tuple(f":{second:02d}" for second in range(60))
MILLIS = tuple(f".{millis:03d}Z" for millis in range(1000))
"""Looked up, not formatted: a list of 500 played songs holds a thousand times."""


def encode(reply: Shape | Over | tuple) -> bytes:
    """Return the reply as JSON."""
    return orjson.dumps(tree(reply))


class Piece(NamedTuple):
    """Some members of a shape, rendered once for all replies that have them in common."""

    names: tuple[str, ...]
    json: bytes


NO_PIECE = Piece((), b"{}")


def piece(shape: type[Shape], **given: Any) -> Piece:
    """Render some fields of a shape, to be given to `rendered` beside the rest."""
    names = tuple(given)
    return Piece(names, orjson.dumps(_members(given.values(), _plan_of(shape, names))))


def rendered(shape: type[Shape], common: Piece = NO_PIECE, **given: Any) -> bytes:
    """Return the JSON of a shape that is not made for it: a scan draws thousands in a second, most fields None.

    Every field that is always in the JSON has to be given, here or in the common piece.
    """
    names = tuple(given)
    _check(shape, names, common.names)
    return _joined(orjson.dumps(_members(given.values(), _plan_of(shape, names))), common.json)


def shared(value: T) -> T:
    """Render now what many replies will hold, so that each of them only copies the bytes."""
    # Copied, because what orjson returns keeps the 4 KB of the buffer that it was written in.
    return orjson.Fragment(bytes(memoryview(encode(value))))


def tree(value: Any) -> Any:
    """Return a reply as plain lists and dictionaries with the wire's names; stored faces stay fragments."""
    kind = type(value)
    if kind is orjson.Fragment:
        return value
    if kind is Faced:
        return orjson.Fragment(dressed(value))
    if kind is tuple or kind is list:
        return [tree(each) for each in value]
    if kind is Over:
        plan = dict(zip(value.shape.declared, _plan(value.shape), strict=True))
        more = _members(value.more.values(), [plan[name] for name in value.more])
        return orjson.Fragment(_joined(dressed(value.faced), orjson.dumps(more)))
    return _members(value.__dict__.values(), _plan(kind))


def _members(values: Iterable, plan: Iterable[tuple[str, Callable | None, bool]]) -> dict[str, Any]:
    members = {}
    for each, (wire, read, optional) in zip(values, plan, strict=True):
        if each is None:
            continue
        if read is None or (read is clean and each and each.isprintable()) or type(each) is orjson.Fragment:
            members[wire] = each
        elif each == ():
            members[wire] = []
        else:
            member = read(each)
            if member is not None and not (optional and member == ""):
                members[wire] = member
    return members


def dressed(faced: Faced) -> bytes:
    """Return a stored face with the viewer's marks in it."""
    marks = faced[2:]
    return faced.face if marks == NO_MARKS else faced.face[:-1] + _marks(*marks)


@lru_cache(8192)
def _marks(starred_ms: Millis | None, rating: int, play_count: int, played_ms: Millis | None, average: float,
           bookmark_ms: Millis | None) -> bytes:
    """Return the end of a face: the same people ask for the same lists, so making it once is often enough."""
    more = ""
    if starred_ms is not None:
        more = f',"starred":"{moment(starred_ms)}"'
    if rating:
        more += f',"userRating":{rating}'
    if average:
        more += f',"averageRating":{float(average)}'
    if play_count:
        more += f',"playCount":{play_count}'
    if played_ms is not None:
        more += f',"played":"{moment(played_ms)}"'
    if bookmark_ms is not None:
        more += f',"bookmarkPosition":{bookmark_ms}'
    return more.encode() + b"}"


@lru_cache(4096)
def moment(time_ms: Millis) -> str:
    """Return a time as every client can read it: UTC, three digits of a second, Z."""
    if not 0 <= time_ms <= LAST_MOMENT:
        time_ms = min(max(time_ms, 0), LAST_MOMENT)
    seconds, millis = divmod(time_ms, 1000)
    minutes, seconds = divmod(seconds, 60)
    days, minutes = divmod(minutes, 24 * 60)
    return _day(days) + MINUTES[minutes] + SECONDS[seconds] + MILLIS[millis]


@lru_cache(4096)
def _day(days: int) -> str:
    return (date(1970, 1, 1) + timedelta(days=days)).isoformat()


def _joined(face: bytes, more: bytes) -> bytes:
    return face if more == b"{}" else face[:-1] + b"," + more[1:]


@cache
def _plan(shape: type[Shape]) -> tuple[tuple[str, Callable | None, bool], ...]:
    return tuple((field.wire, _reader(field), field.optional) for field in fields_of(shape))


@cache
def _plan_of(shape: type[Shape], names: tuple[str, ...]) -> tuple[tuple[str, Callable | None, bool], ...]:
    plan = {field.name: plan for field, plan in zip(fields_of(shape), _plan(shape), strict=True)}
    return tuple(plan[name] for name in names)


@cache
def _check(shape: type[Shape], own: tuple[str, ...], common: tuple[str, ...]) -> None:
    always = {field.name for field in fields_of(shape) if not field.optional}
    if missing := always.difference(own, common):
        raise TypeError(f"{shape.__name__} is always sent with {', '.join(sorted(missing))}")
    if twice := set(own).intersection(common):
        raise TypeError(f"{shape.__name__} has {', '.join(sorted(twice))} twice")


@cache
def _reader(field: Field) -> Callable | None:
    """Return what turns a field's value into its member; a result of None leaves the member out."""
    if field.kind in (Kind.SHAPE, Kind.SHAPES):
        return tree
    if Mark.DATE in field.marks:
        one: Callable | None = moment
    else:
        one = {int: None, bool: None, float: _finite}.get(field.type, clean)
    if field.kind is Kind.SCALAR:
        return one
    return partial(_texts, one)


def _finite(number: float) -> float | None:
    return number if isfinite(number) else None


def _texts(one: Callable | None, values: tuple) -> list:
    """Empty text in a list crashes clients (Tempus takes the first letter of each), so it is dropped."""
    return [each for value in values if (each := one(value) if one else value) not in ("", None)]
