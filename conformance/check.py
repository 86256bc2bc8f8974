"""A value against a type of the facts, and an XML answer as the tree that its JSON twin is.

Every fault has a kind, so that one broken field is one broken rule: a missing field is not also a wrong type.
Fields that the facts do not know are nobody's fault: servers may add their own.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree

from conformance import facts
from conformance.facts import Field, Version

KINDS = ("required", "types", "arrays", "null", "dates", "values")
NAMESPACE = "http://subsonic.org/restapi"
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$")


@dataclass(frozen=True, slots=True)
class Dialect:
    """What a server says that it speaks: only that can be required of it."""

    version: Version = (1, 16, 1)
    open: bool = True

    def requires(self, field: Field) -> bool:
        return field.required and field.since <= self.version and (self.open or not field.open)


NEWEST = Dialect()


@dataclass(frozen=True, slots=True)
class Fault:
    kind: str
    path: str
    got: str

    def __str__(self) -> str:
        return f"{self.path}: {self.got}"


def short(value: Any, length: int = 60) -> str:
    text = repr(value)
    return text if len(text) <= length else text[: length - 1] + "…"


def instant(text: str) -> datetime | None:
    """The moment that a date on the wire means, None when it is not one with a zone."""
    if not INSTANT.match(text):
        return None
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except ValueError:
        return None


def _limits(field: Field, value: Any, path: str) -> Iterator[Fault]:
    if field.type == "enum" and value not in field.limits.split("|"):
        yield Fault("values", path, f"{short(value)} is none of {field.limits.strip('|').replace('|', ', ')}")
    elif field.type in ("int", "float") and field.limits:
        low, high = (float(part) for part in field.limits.split(".."))
        if not low <= value <= high:
            yield Fault("values", path, f"{value} is not within {field.limits.replace('..', '–')}")
    elif field.type == "int" and not -(2**63) <= value < 2**63:
        yield Fault("values", path, f"{value} does not fit 64 bits")
    elif field.type == "str" and field.name == "id" and not value:
        yield Fault("values", path, "an empty id")


def _is(type_: str, value: Any) -> bool:
    if type_ == "bool":
        return isinstance(value, bool)
    if type_ == "int":
        return isinstance(value, int) and not isinstance(value, bool)
    if type_ == "float":
        return isinstance(value, int | float) and not isinstance(value, bool)
    return isinstance(value, str)


def _scalar(field: Field, value: Any, path: str) -> Iterator[Fault]:
    if isinstance(value, list):
        yield Fault("arrays", path, f"a list, {short(value)}, where one value belongs")
    elif not _is(field.type, value):
        word = {"str": "text", "date": "a date", "enum": "text", "int": "a whole number", "float": "a number",
                "bool": "true or false"}[field.type]
        yield Fault("types", path, f"{short(value)} is not {word}")
    elif field.type == "date":
        if instant(value) is None:
            yield Fault("dates", path, f"{short(value)} is not a moment in UTC like 2026-11-20T09:16:52.273Z")
    else:
        yield from _limits(field, value, path)


def _one(field: Field, value: Any, path: str, dialect: Dialect) -> Iterator[Fault]:
    if value is None:
        yield Fault("null", path, "null")
    elif field.scalar:
        yield from _scalar(field, value, path)
    else:
        yield from faults(field.type, value, path, dialect)


def faults(type_name: str, value: Any, path: str, dialect: Dialect = NEWEST) -> Iterator[Fault]:
    """All that is wrong with `value` as an object of the named type, for a server of this dialect."""
    if value is None:
        yield Fault("null", path, "null")
        return
    if not isinstance(value, dict):
        kind = "arrays" if isinstance(value, list) else "types"
        yield Fault(kind, path, f"{short(value)} where an object ({type_name}) belongs")
        return
    for field in facts.shapes()[type_name].fields.values():
        here = f"{path}.{field.name}"
        if field.name not in value:
            if dialect.requires(field):
                yield Fault("required", here, "missing")
        elif field.array:
            yield from _many(field, value[field.name], here, dialect)
        else:
            yield from _one(field, value[field.name], here, dialect)


def _many(field: Field, value: Any, path: str, dialect: Dialect) -> Iterator[Fault]:
    if value is None:
        yield Fault("null", path, "null")
    elif not isinstance(value, list):
        yield Fault("arrays", path, f"{short(value)} where a list belongs")
    else:
        for at, item in enumerate(value):
            yield from _one(field, item, f"{path}[{at}]", dialect)
            if isinstance(item, str) and not item and field.type == "str":
                yield Fault("values", f"{path}[{at}]", "an empty text in a list")


# --------------------------------------------------------------------------- XML as the same tree


def _read_scalar(type_: str, text: str) -> Any:
    if type_ == "int" and re.fullmatch(r"-?\d+", text):
        return int(text)
    if type_ == "float":
        try:
            return float(text)
        except ValueError:
            return text
    if type_ == "bool" and text in ("true", "false"):
        return text == "true"
    return text


def _read_object(element: ElementTree.Element, type_name: str) -> dict[str, Any]:
    fields = facts.shapes()[type_name].fields
    tree: dict[str, Any] = {}
    for name, text in element.attrib.items():
        field = fields.get(name)
        tree[name] = _read_scalar(field.type, text) if field and field.scalar else text
    for child in element:
        name = child.tag.rpartition("}")[2]
        field = fields.get(name)
        if field is None:
            continue
        value = _read_scalar(field.type, child.text or "") if field.scalar else _read_object(child, field.type)
        if field.array:
            tree.setdefault(name, []).append(value)
        else:
            tree[name] = value
    for field in fields.values():
        if field.form == "text":
            tree[field.name] = _read_scalar(field.type, element.text or "")
    return tree


def from_xml(body: bytes) -> dict[str, Any]:
    """The content of `subsonic-response` as its JSON twin would hold it.

    Raises ValueError when it is not well-formed, declares entities, or has another root or namespace.
    """
    if b"<!DOCTYPE" in body or b"<!ENTITY" in body:
        raise ValueError("XML with a document type")
    try:
        root = ElementTree.fromstring(body)
    except ElementTree.ParseError as error:
        raise ValueError(f"not well-formed XML ({error})") from error
    if root.tag != f"{{{NAMESPACE}}}subsonic-response":
        raise ValueError(f"the root is {root.tag}, not subsonic-response in the namespace {NAMESPACE}")
    tree: dict[str, Any] = dict(root.attrib)
    if tree.get("openSubsonic") in ("true", "false"):
        tree["openSubsonic"] = tree["openSubsonic"] == "true"
    for child in root:
        name = child.tag.rpartition("}")[2]
        type_name, array = facts.members().get(name, ("", False))
        value: Any = _read_object(child, type_name) if type_name else dict(child.attrib)
        if array:
            tree.setdefault(name, []).append(value)
        else:
            tree[name] = value
    return tree


# --------------------------------------------------------------------------- two trees side by side

EMPTY = ("", 0, 0.0, False, [], {}, None)


def _blank(value: Any) -> bool:
    return any(value == empty and type(value) is type(empty) for empty in EMPTY) or (
        isinstance(value, dict) and all(map(_blank, value.values())))


def _same(left: Any, right: Any) -> bool:
    if isinstance(left, float) or isinstance(right, float):
        return isinstance(left, int | float) and isinstance(right, int | float) and abs(left - right) < 1e-3
    if isinstance(left, str) and isinstance(right, str):
        if left.startswith(("http://", "https://")):
            return left.partition("?")[0] == right.partition("?")[0]
        return left == right or (instant(left) is not None and instant(left) == instant(right))
    return left == right


def differences(left: Any, right: Any, path: str = "", ignore: frozenset[str] = frozenset()) -> Iterator[str]:
    """Where two trees part. An absent optional value and an empty one are the same; `ignore` names fields to leave.

    Fields unknown to the facts are compared by the caller's own choice: pass trees cut to known fields.
    """
    if isinstance(left, dict) and isinstance(right, dict):
        for name in [*left, *(n for n in right if n not in left)]:
            if name not in ignore:
                yield from differences(left.get(name), right.get(name), f"{path}.{name}" if path else name, ignore)
    elif isinstance(left, list) and isinstance(right, list):
        if len(left) != len(right):
            yield f"{path}: {len(left)} entries and {len(right)}"
        for at, (one, other) in enumerate(zip(left, right, strict=False)):
            yield from differences(one, other, f"{path}[{at}]", ignore)
    elif not (_blank(left) and _blank(right)) and not _same(left, right):
        yield f"{path}: {short(left)} and {short(right)}"


def cut(type_name: str, value: Any) -> Any:
    """`value` with the fields that the facts know, so that a server's own additions do not count."""
    if not isinstance(value, dict):
        return value
    fields = facts.shapes()[type_name].fields
    kept = {}
    for name, item in value.items():
        field = fields.get(name)
        if field is None:
            continue
        if field.scalar:
            kept[name] = item
        elif isinstance(item, list):
            kept[name] = [cut(field.type, one) for one in item]
        else:
            kept[name] = cut(field.type, item)
    return kept


def cut_answer(tree: dict[str, Any]) -> dict[str, Any]:
    """A whole `subsonic-response`, its payload cut to known fields."""
    kept = {}
    for name, value in tree.items():
        type_name, _ = facts.members().get(name, ("", False))
        if type_name and isinstance(value, list):
            kept[name] = [cut(type_name, one) for one in value]
        else:
            kept[name] = cut(type_name, value) if type_name else value
    return kept
