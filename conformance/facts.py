"""Reads the two tables of facts: types and endpoints.

This is the only referee of the suite. A newcomer would be tempted to add what one server does; the tables say what
the published documents say.
"""

import re
from dataclasses import dataclass
from functools import cache

from conformance.endpoints_table import ENDPOINTS as ENDPOINT_LINES
from conformance.types_table import TYPES as TYPE_LINES

SCALARS = frozenset(("str", "int", "float", "bool", "date", "enum", "id"))
FIELD = re.compile(
    r"(?P<name>\w+):(?P<type>\w+)(?:\((?P<limits>[^)]*)\))?(?P<array>\[\])?(?P<required>!)?"
    r"(?P<open>\+)?(?:@(?P<since>[\d.]+))?(?P<form>[=<])?$"
)
PARAMETER = re.compile(r"(?P<name>\w+):(?P<type>\w+)(?P<repeated>\[\])?(?P<need>[!?])?(?:=(?P<default>.*))?$")

Version = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    type: str
    array: bool
    required: bool
    open: bool
    since: Version
    form: str  # "attribute", "element" or "text"
    limits: str

    @property
    def scalar(self) -> bool:
        return self.type in SCALARS


@dataclass(frozen=True, slots=True)
class Shape:
    name: str
    fields: dict[str, Field]


@dataclass(frozen=True, slots=True)
class Parameter:
    name: str
    type: str
    repeated: bool
    required: bool
    conditional: bool
    default: str | None


@dataclass(frozen=True, slots=True)
class Endpoint:
    name: str
    group: str
    since: Version
    open: bool
    extension: str
    member: str  # "" when the answer is empty or a file
    type: str
    array: bool
    binary: bool
    parameters: dict[str, Parameter]

    @property
    def page(self) -> str:
        return f"https://opensubsonic.netlify.app/docs/endpoints/{self.name.lower()}/"


def version(text: str | None) -> Version:
    return tuple(int(part) for part in (text or "0").split("."))


def _field(word: str) -> Field:
    m = FIELD.match(word)
    if not m:
        raise ValueError(f"not a field: {word}")
    form = {"=": "text", "<": "element", None: "attribute"}[m["form"]]
    if m["array"] or m["type"] not in SCALARS:
        form = "element"
    return Field(m["name"], m["type"], bool(m["array"]), bool(m["required"]), bool(m["open"]),
                 version(m["since"]), form, m["limits"] or "")


@cache
def shapes() -> dict[str, Shape]:
    """Every type by name."""
    found: dict[str, Shape] = {}
    name = ""
    for line in TYPE_LINES.splitlines():
        if not line.strip():
            continue
        if line.startswith(" "):
            found[name].fields.update((f.name, f) for f in map(_field, line.split()))
            continue
        name, _, rest = line.partition(" ")
        parent = re.search(r"\((\w+)\)", rest)
        found[name] = Shape(name, dict(found[parent[1]].fields) if parent else {})
    return found


def _parameter(word: str) -> Parameter:
    m = PARAMETER.match(word)
    if not m:
        raise ValueError(f"not a parameter: {word}")
    return Parameter(m["name"], m["type"], bool(m["repeated"]), m["need"] == "!", m["need"] == "?", m["default"])


def _endpoint(group: str, words: list[str]) -> Endpoint:
    name, origin, reply, *parameters = words
    member, _, type_ = reply.partition(":")
    array = type_.endswith("[]")
    plain = reply in ("-", "binary")
    return Endpoint(
        name=name, group=group,
        since=version(origin[1:]) if origin.startswith("@") else (0,),
        open=origin.startswith("+"), extension=origin[1:] if origin.startswith("+") else "",
        member="" if plain else member, type=type_.removesuffix("[]"), array=array, binary=reply == "binary",
        parameters={p.name: p for p in map(_parameter, parameters)},
    )


@cache
def endpoints() -> dict[str, Endpoint]:
    """Every endpoint by name, in the order of the documentation."""
    found: dict[str, Endpoint] = {}
    group, words = "", []
    for line in [*ENDPOINT_LINES.splitlines(), "#"]:
        if words and not line.startswith(" "):
            made = _endpoint(group, words)
            found[made.name] = made
            words = []
        if line.startswith("#"):
            group = line[1:].strip()
        else:
            words += line.split()
    return found


@cache
def members() -> dict[str, tuple[str, bool]]:
    """The type behind each member that can stand directly in a `subsonic-response`, and whether it is a list."""
    known = {e.member: (e.type, e.array) for e in endpoints().values() if e.member}
    return known | {"error": ("Error", False), "jukeboxPlaylist": ("JukeboxPlaylist", False)}
