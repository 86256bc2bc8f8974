"""From a reply to the tree of members that JSON and XML both carry.

Faces stay bytes: what is the viewer's own is spliced in before the closing brace, nothing is parsed. Whoever adds a
mark here adds the field to Child, AlbumID3 or ArtistID3 as well, else XML does not show it.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache, partial
from math import isfinite
from operator import attrgetter
from typing import Any

import orjson

from server.kernel.clock import Millis
from server.library.facts import Faced
from subsonic.protocol.characters import clean
from subsonic.protocol.declare import Field, Kind, Mark, Over, Shape, fields_of

NO_MARKS = tuple(Faced._field_defaults.values())
LAST_MOMENT: Millis = 253_402_300_799_999
"""The end of the year 9999: a client's scrobble may claim any time, an answer must still be made."""


def encode(reply: Shape | Over | tuple) -> bytes:
    """Return the reply as JSON."""
    return orjson.dumps(tree(reply))


def tree(value: Any) -> Any:
    """Return a reply as plain lists and dictionaries with the wire's names; stored faces stay fragments."""
    if isinstance(value, Faced):
        return orjson.Fragment(dressed(value))
    if isinstance(value, Over):
        return orjson.Fragment(_joined(dressed(value.faced), orjson.dumps(_more(value))))
    if isinstance(value, tuple):
        return [tree(each) for each in value]
    values, plan = _plan(type(value))
    members = {}
    for each, (wire, read, optional) in zip(values(value), plan, strict=True):
        if optional and (each is None or each == ""):
            continue
        member = read(each) if read else each
        if member is not None:
            members[wire] = member
    return members


def dressed(faced: Faced) -> bytes:
    """Return a stored face with the viewer's marks in it."""
    if faced[2:] == NO_MARKS:
        return faced.face
    _, face, starred_ms, rating, play_count, played_ms, average, bookmark_ms = faced
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
    return b"%b%b}" % (face[:-1], more.encode())


def moment(time_ms: Millis) -> str:
    """Return a time as every client can read it: UTC, three digits of a second, Z."""
    seconds, millis = divmod(min(max(time_ms, 0), LAST_MOMENT), 1000)
    return f"{datetime.fromtimestamp(seconds, UTC).isoformat()[:19]}.{millis:03d}Z"


def _more(over: Over) -> dict[str, Any]:
    known = {field.name: field for field in fields_of(over.shape)}
    members = {}
    for name, value in over.more.items():
        field = known[name]
        if value is not None and not (field.optional and value == ""):
            read = _reader(field)
            members[field.wire] = read(value) if read else value
    return members


def _joined(face: bytes, more: bytes) -> bytes:
    return face if more == b"{}" else b"%b,%b" % (face[:-1], more[1:])


@cache
def _plan(shape: type[Shape]) -> tuple[Callable[[Shape], tuple], tuple[tuple[str, Callable | None, bool], ...]]:
    found = fields_of(shape)
    names = [field.name for field in found]
    plan = tuple((field.wire, _reader(field), field.optional) for field in found)
    if len(names) > 1:
        return attrgetter(*names), plan
    return lambda value: tuple(getattr(value, name) for name in names), plan


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
