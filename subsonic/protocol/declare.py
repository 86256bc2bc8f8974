"""How endpoints and replies are declared; everything else in this package reads these declarations.

A field's spelling on the wire follows from its name and its place in XML from its type. Order counts: strict clients
want child elements in the order of the declaration.

The rule of what is sent: a field whose default is None is left out when there is nothing to say (None or ""); every
other field is always in the JSON. One marked OS (added by OpenSubsonic) is left out of XML while it is empty.
"""

from collections.abc import Callable
from dataclasses import MISSING
from enum import Enum
from functools import cache
from inspect import get_annotations
from types import NoneType, UnionType
from typing import (
    Annotated,
    Any,
    ClassVar,
    Generic,
    NamedTuple,
    Self,
    TypeVar,
    Union,
    dataclass_transform,
    get_args,
    get_origin,
    get_type_hints,
)

from server.library.facts import Faced
from subsonic.protocol.characters import camel

T = TypeVar("T")
Reply = TypeVar("Reply")


class Mark(Enum):
    """What an annotation adds to a field's type."""

    OS = "added by OpenSubsonic: hidden from plain clients, and from XML while empty"
    ELEMENT = "a scalar that is a child element with text"
    TEXT = "the element's own text; the member `value` in JSON"
    DATE = "milliseconds here, ISO 8601 on the wire"
    KEPT = "written to XML even when empty"


OS = Annotated[T, Mark.OS]
Element = Annotated[T, Mark.ELEMENT]
Text = Annotated[T, Mark.TEXT]
Kept = Annotated[T, Mark.KEPT]
Date = Annotated[int, Mark.DATE]
Rows = tuple[T | Faced, ...]
"""A list whose rows are shapes, or faces that were stored when the library was scanned."""


class Range(NamedTuple):
    """A number outside is moved to the nearest bound."""

    low: int | None = None
    high: int | None = None


class Between(NamedTuple):
    """A number outside is an error."""

    low: float
    high: float


class Separated(NamedTuple):
    """A repeatable parameter that some client sends once, with this between the values."""

    by: str


class Kind(Enum):
    SCALAR = "one value"
    SCALARS = "a list of values"
    SHAPE = "one object"
    SHAPES = "a list of objects"


class Field(NamedTuple):
    """One field of a shape, understood."""

    name: str
    wire: str
    kind: Kind
    type: type
    marks: frozenset[Mark]
    optional: bool


class Record:
    """A frozen class of keyword fields, declared as a dataclass would be.

    Not a dataclass: for 170 of them, writing and compiling their methods takes 60 ms of every start, and a frozen one
    is three times as slow to make. A scan makes a Child for each file, so both count.
    """

    declared: ClassVar[dict[str, Any]]
    """Every field in the order of the declaration, with its default or MISSING."""
    necessary: ClassVar[frozenset[str]]

    def __init_subclass__(cls):
        super().__init_subclass__()
        cls.declared = {}
        for each in reversed(cls.__mro__):
            for name, hint in get_annotations(each).items():
                if get_origin(hint) is not ClassVar:
                    cls.declared[name] = each.__dict__.get(name, MISSING)
        cls.necessary = frozenset(name for name, default in cls.declared.items() if default is MISSING)

    def __init__(self, **given: Any):
        values = {**self.declared, **given}
        if len(values) != len(self.declared) or not given.keys() >= self.necessary:
            raise TypeError(f"{type(self).__name__} wants {', '.join(self.declared)}; got {', '.join(given)}")
        object.__setattr__(self, "__dict__", values)
        self.__post_init__()

    def __post_init__(self):
        """Check what the fields must fulfil together."""

    def __setattr__(self, name: str, value: Any):
        raise AttributeError(f"{type(self).__name__} is frozen")

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.__dict__ == other.__dict__

    def __hash__(self) -> int:
        return hash((type(self), *self.__dict__.values()))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in self.__dict__.items())})"


@dataclass_transform(frozen_default=True, kw_only_default=True)
class Shape(Record):
    """Something that a reply can hold."""

    member: ClassVar[str] = ""
    """The reply's name on the wire where the shape decides it and not the endpoint."""

    def __init_subclass__(cls, member: str = ""):
        super().__init_subclass__()
        cls.member = member

    @classmethod
    def over(cls, faced: Faced, **more: Any) -> Self:
        """Make this shape of a stored face, the viewer's marks and the members that the face lacks."""
        if not more.keys() <= cls.declared.keys():
            raise TypeError(f"{cls.__name__} has no {', '.join(more.keys() - cls.declared.keys())}")
        return Over(cls, faced, more)


class Over(NamedTuple):
    """A shape whose greater part is a stored face; `Shape.over` makes it."""

    shape: type[Shape]
    faced: Faced
    more: dict[str, Any]


@dataclass_transform(frozen_default=True, kw_only_default=True)
class Request(Record, Generic[Reply]):
    """An endpoint: its fields are the parameters, its docstring the documentation, an instance one call of it."""

    wire: ClassVar[str]
    """The endpoint's name in the address."""
    reply: ClassVar[Any]
    """A Shape, a tuple of one, a union of them, or None for an answer without content."""
    member: ClassVar[str]
    """The name under which the reply stands in the answer."""
    since_api: ClassVar[str]
    """The version of the protocol that brought it; "" when OpenSubsonic did."""
    extension: ClassVar[str]
    """The OpenSubsonic extension that it belongs to, or ""."""
    access: ClassVar[str | None]
    """The role that the caller needs; "" for anybody signed in, None for nobody in particular."""
    media: ClassVar[bool]
    """Whether it answers with a file and not with an envelope."""
    cached: ClassVar[bool]
    """Whether the answer depends on nothing but the library, the viewer's marks and the parameters."""
    by_status: ClassVar[bool]
    """Whether it fails with a status of HTTP, and not with 200."""
    body: ClassVar[type[Shape] | None]
    """What a JSON body holds, where the endpoint wants one (and POST)."""

    def __init_subclass__(
        cls,
        since: str = "",
        extension: str = "",
        access: str | None = "",
        media: bool = False,
        cached: bool = False,
        member: str = "",
        body: type[Shape] | None = None,
        by_status: bool = False,
    ):
        super().__init_subclass__()
        cls.wire = cls.__name__[0].lower() + cls.__name__[1:]
        cls.reply = _reply_of(cls)
        cls.member = member or _member_of(cls.reply)
        cls.since_api, cls.extension, cls.access = since, extension, access
        cls.media, cls.cached, cls.body, cls.by_status = media, cached, body, by_status

    def may_cache(self) -> bool:
        """Tell whether this very call's answer may be kept for the same versions."""
        return self.cached


HANDLERS: dict[type[Request], Callable] = {}


def handles(request: type[Request]) -> Callable[[Callable], Callable]:
    """Register the decorated function as the one that answers this endpoint."""

    def register(handler: Callable) -> Callable:
        if request in HANDLERS:
            raise TypeError(f"{request.wire} is already answered by {HANDLERS[request].__qualname__}")
        HANDLERS[request] = handler
        return handler

    return register


def coverage(endpoints: dict[str, type[Request]]) -> dict[str, bool]:
    """Return for each endpoint whether anybody answers it."""
    return {name: request in HANDLERS for name, request in endpoints.items()}


@cache
def fields_of(shape: type[Shape]) -> tuple[Field, ...]:
    """Return a shape's fields in their order on the wire."""
    hints = get_type_hints(shape, include_extras=True)
    return tuple(_field(name, default, hints[name]) for name, default in shape.declared.items())


def without_marks(hint: Any) -> tuple[Any, tuple]:
    """Return the type inside Annotated and Optional, and all that the annotations add."""
    marks: tuple = ()
    while True:
        if get_origin(hint) is Annotated:
            hint, *more = get_args(hint)
            marks += tuple(more)
        elif get_origin(hint) in (Union, UnionType) and NoneType in get_args(hint):
            hint = Union[tuple(a for a in get_args(hint) if a is not NoneType)]  # noqa: UP007
        else:
            return hint, marks


def _field(name: str, default: Any, hint: Any) -> Field:
    hint, marks = without_marks(hint)
    many = get_origin(hint) is tuple
    if many:
        hint, more = without_marks(get_args(hint)[0])
        marks += more
    if get_origin(hint) in (Union, UnionType):
        hint = next(a for a in get_args(hint) if a is not Faced)
    shaped = isinstance(hint, type) and issubclass(hint, Shape)
    kind = (Kind.SHAPES if many else Kind.SHAPE) if shaped else (Kind.SCALARS if many else Kind.SCALAR)
    return Field(name, camel(name), kind, hint, frozenset(marks), optional=default is None)


def _reply_of(request: type[Request]) -> Any:
    for base in getattr(request, "__orig_bases__", ()):
        if get_origin(base) is Request:
            reply = get_args(base)[0]
            return None if reply is NoneType else reply
    raise TypeError(f"{request.__name__} does not say what it replies: Request[…]")


def _member_of(reply: Any) -> str:
    if get_origin(reply) is tuple or get_origin(reply) in (Union, UnionType):
        reply = get_args(reply)[0]
    return "" if reply is None else reply.__name__[0].lower() + reply.__name__[1:]
