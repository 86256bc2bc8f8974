"""From the JSON of a reply to its XML: scalar → attribute, object → child, list → repeated child.

There is one tree, so the two formats cannot disagree. Text is escaped in bulk, in the JSON, before it is read: a few
passes over the bytes in C instead of one call for each value. After that nothing here may escape again.
"""

import re
from functools import cache
from typing import Any

import orjson

from subsonic.protocol.declare import Kind, Mark, Shape, fields_of

BACKSLASHED = re.compile(rb"\\(.)")
ENTITIES = {b'"': b"&quot;", b"n": b"&#10;", b"r": b"&#13;", b"t": b"&#9;"}
ATTRIBUTE, FULL_ATTRIBUTE, SHAPE, FULL_SHAPE, SHAPES, SCALARS, ELEMENT, TEXT = range(8)
"""How a member is written; the FULL ones only when there is something in them."""


NOTHING: frozenset[str] = frozenset()

Plan = dict[str, tuple[int, str, "Plan | None"]]
"""For each member: how it is written, its tag or all that stands before an attribute's value, and what is inside."""


def write(member: str, shape: type[Shape], json: bytes, plain: bool = False, less: frozenset[str] = NOTHING) -> str:
    """Return the element or elements for the JSON of a reply, without what a client cannot bear."""
    value = orjson.loads(_escaped(json))
    if isinstance(value, list):
        return "".join([_element(member, plan_of(shape, plain, less), each) for each in value])
    return _element(member, plan_of(shape, plain, less), value)


def prune(shape: type[Shape], value: Any, plain: bool = True, less: frozenset[str] = NOTHING) -> Any:
    """Return the members that a client can bear, of a tree that was read from JSON."""
    return _pruned(plan_of(shape, plain, less), value)


@cache
def plan_of(shape: type[Shape], plain: bool, less: frozenset[str] = NOTHING) -> Plan:
    """Return how each member of a shape is written; `plain` knows nothing of OpenSubsonic, `less` is left out."""
    plan = {}
    for field in fields_of(shape):
        added = Mark.OS in field.marks
        if (added and plain) or (field.optional and field.wire in less):
            continue
        full = added and Mark.KEPT not in field.marks
        if Mark.TEXT in field.marks:
            how = TEXT
        elif Mark.ELEMENT in field.marks:
            how = ELEMENT
        elif field.kind is Kind.SCALAR:
            how = FULL_ATTRIBUTE if full else ATTRIBUTE
        elif field.kind is Kind.SHAPE:
            how = FULL_SHAPE if full else SHAPE
        else:
            how = SHAPES if field.kind is Kind.SHAPES else SCALARS
        name = f' {field.wire}="' if how in (ATTRIBUTE, FULL_ATTRIBUTE) else field.wire
        inner = plan_of(field.type, plain, less) if field.kind in (Kind.SHAPE, Kind.SHAPES) else None
        plan[field.wire] = (how, name, inner)
    return plan


def _escaped(json: bytes) -> bytes:
    json = json.replace(b"&", b"&amp;").replace(b"<", b"&lt;").replace(b">", b"&gt;")
    return BACKSLASHED.sub(lambda found: ENTITIES.get(found[1], found[0]), json) if b"\\" in json else json


def _element(tag: str, plan: Plan, value: dict[str, Any]) -> str:
    head, inner = f"<{tag}", ""
    for wire, member in value.items():
        if wire not in plan:
            continue
        how, name, below = plan[wire]
        if how <= FULL_ATTRIBUTE:
            if member is True:
                head += f'{name}true"'
            elif member or how == ATTRIBUTE:
                head += f'{name}{"false" if member is False else member}"'
        elif how == SHAPES:
            for each in member:
                inner += _element(name, below, each)
        elif how == SCALARS:
            for each in member:
                inner += f"<{name}>{each}</{name}>"
        elif how == SHAPE or (how == FULL_SHAPE and member):
            inner += _element(name, below, member)
        elif how == ELEMENT:
            inner += f"<{name}>{member}</{name}>"
        elif how == TEXT:
            inner += member
    return f"{head}>{inner}</{tag}>" if inner else f"{head}/>"


def _pruned(plan: Plan, value: Any) -> Any:
    if isinstance(value, list):
        return [_pruned(plan, each) for each in value]
    kept = {}
    for wire, member in value.items():
        if wire in plan:
            below = plan[wire][2]
            kept[wire] = member if below is None else _pruned(below, member)
    return kept
