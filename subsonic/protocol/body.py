"""From a JSON body to a Shape.

Lenient as `parse` is: members that we do not know are passed over, null is absent, a number may come as text. A wrong
kind of value is refused with the place where it stands.
"""

from typing import Any, Literal, TypeVar, get_args, get_origin

import orjson

from server.kernel.errors import Invalid
from subsonic.protocol.characters import clean
from subsonic.protocol.declare import Field, Kind, Shape, fields_of

S = TypeVar("S", bound=Shape)

LIST_MAX, TEXT_MAX = 500, 500


def shaped(shape: type[S], data: bytes) -> S:
    """Return the shape that a body holds. Raises Invalid."""
    try:
        found = orjson.loads(data)
    except orjson.JSONDecodeError:
        raise Invalid("The body is not JSON.") from None
    return _shape(shape, found, "The body")


def _shape(shape: type[S], found: Any, where: str) -> S:
    if not isinstance(found, dict):
        raise Invalid(f"{where} has to be an object.")
    given = {}
    for field in fields_of(shape):
        value = found.get(field.wire)
        if value is not None:
            given[field.name] = _value(field, value, f"'{field.wire}'")
        elif field.name in shape.necessary:
            given[field.name] = () if field.kind in (Kind.SHAPES, Kind.SCALARS) else _EMPTY.get(field.type, "")
    return shape(**given)


_EMPTY = {bool: False, int: 0}
"""What stands for a required member that is not there: clients leave out whatever they think goes without saying."""


def _value(field: Field, value: Any, where: str) -> Any:
    if field.kind in (Kind.SHAPE, Kind.SCALAR):
        return _one(field, value, where)
    if not isinstance(value, list):
        raise Invalid(f"{where} has to be a list.")
    if len(value) > LIST_MAX:
        raise Invalid(f"{where} has more than {LIST_MAX} entries.")
    return tuple([_one(field, each, where) for each in value])


def _one(field: Field, value: Any, where: str) -> Any:
    if field.kind in (Kind.SHAPE, Kind.SHAPES):
        return _shape(field.type, value, where)
    if field.type is bool and isinstance(value, bool):
        return value
    if field.type is int:
        return _whole(value, where)
    if field.type is str and isinstance(value, str | int | float) and not isinstance(value, bool):
        return clean(str(value))[:TEXT_MAX]
    if get_origin(field.type) is Literal:
        if value in get_args(field.type):
            return value
        raise Invalid(f"{where} has to be one of {', '.join(get_args(field.type))}.")
    raise Invalid(f"{where} has the wrong kind of value.")


def _whole(value: Any, where: str) -> int:
    try:
        if not isinstance(value, bool) and isinstance(value, int | float | str):
            return min(max(int(float(value)), -(2**53)), 2**53)
    except (ValueError, OverflowError):
        pass
    raise Invalid(f"{where} has to be a number.")
