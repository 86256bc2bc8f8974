"""Parameters: what a request of `/api` brings, read and checked, and how OpenAPI describes it.

The rule a newcomer would break: what nobody knows, or what is of another kind,
is refused in a sentence that names it; who misspells something must not get an
answer to another question.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from multidict import MultiMapping

from server.kernel.errors import Invalid

TEXT, TEXTS = {"type": "string"}, {"type": "array", "items": {"type": "string"}}


def given(query: MultiMapping[str], name: str) -> str:
    if name not in query:
        raise Invalid(f"{name!r} is missing.")
    return query[name]


def whole(query: MultiMapping[str], name: str, default: int, most: int) -> int:
    """Read a whole number from 1 to `most`. Raises Invalid."""
    found = number(query, name) if name in query else default
    if found != int(found) or not 1 <= found <= most:
        raise Invalid(f"{name!r} has to be a whole number from 1 to {most}.")
    return int(found)


def number(query: MultiMapping[str], name: str) -> float:
    try:
        found = float(query[name])
    except ValueError:
        found = float("nan")
    if not abs(found) < 1e9:
        raise Invalid(f"{name!r} has to be a number.")
    return found


def checked(given: dict[str, Any], members: Mapping[str, type], may_be_null: Sequence[str] = ()) -> dict[str, Any]:
    """Return the members of a body if each is known and of its kind, or null where that is one. Raises Invalid."""
    for name, value in given.items():
        kind = members.get(name)
        if kind is None:
            raise Invalid(f"There is no {name[:40]!r} here; there are {', '.join(members)}.")
        fits = type(value) is kind or (kind is float and type(value) is int) or (value is None and name in may_be_null)
        if not fits:
            raise Invalid(f"{name!r} has to be of another kind: {kind.__name__}.")
    return given


def texts(given: Mapping[str, Any], name: str, most: int) -> list[str]:
    """Return a member of a body that is a list of up to `most` texts. Raises Invalid."""
    found = given.get(name, [])
    if len(found) > most or not all(type(each) is str for each in found):
        raise Invalid(f"{name!r} has to be a list of up to {most} texts.")
    return found


def parameter(name: str, about: str, kind: Mapping[str, Any], required: bool = False) -> dict[str, Any]:
    """Return one parameter as OpenAPI describes it."""
    return {"name": name, "in": "query", "description": about, "required": required, "schema": dict(kind)}


def body(about: Mapping[str, Any], required: Sequence[str] = ()) -> dict[str, Any]:
    """Return the body of a request as OpenAPI describes it."""
    schema = {"type": "object", "properties": dict(about)} | ({"required": list(required)} if required else {})
    return {"required": True, "content": {"application/json": {"schema": schema}}}
