"""From a reply, or a failure, to the bytes of an answer.

The envelope says who we are on every answer, failures included: clients log in by reading it from a refusal. Only the
plain profile, for clients that cannot bear OpenSubsonic, is without its three members.
"""

import re
from functools import cache
from typing import Any

import orjson

from server import VERSION as SERVER_VERSION
from subsonic.protocol.characters import clean
from subsonic.protocol.declare import OS, Over, Shape
from subsonic.protocol.tree import encode
from subsonic.protocol.xml import NOTHING, prune, write

VERSION = "1.16.1"
XML, JSON, JSONP = "text/xml; charset=utf-8", "application/json", "text/javascript"
CALLBACK = re.compile(r"[A-Za-z0-9_.$]{1,64}")
PARAMETER_MISSING, GENERIC = 10, 0


class Error(Shape):
    """Why a call failed."""

    code: int
    message: str | None = None
    help_url: OS[str | None] = None


def render(
    reply: Shape | Over | tuple | None, fmt: str, *, member: str = "", callback: str | None = None, plain: bool = False,
    less: frozenset[str] = NOTHING,
) -> tuple[bytes, str]:
    """Return the answer and its content type; any `fmt` but json and jsonp is XML.

    `plain` leaves out what OpenSubsonic added, `less` the optional members of these names wherever they stand.
    """
    if fmt == "jsonp" and not CALLBACK.fullmatch(callback or ""):
        return _no_callback(callback)
    return _answer("ok", reply, fmt, member, callback, plain, less)


def failure(
    code: int, message: str, fmt: str, callback: str | None = None, help_url: str | None = None
) -> tuple[bytes, str]:
    """Return the answer that says no, and its content type; JSONP without a usable callback becomes JSON."""
    if fmt == "jsonp" and not CALLBACK.fullmatch(callback or ""):
        fmt = "json"
    error = Error(code=code, message=clean(message), help_url=help_url)
    return _answer("failed", error, fmt, "error", callback, plain=False)


def _no_callback(callback: str | None) -> tuple[bytes, str]:
    if not callback:
        return failure(PARAMETER_MISSING, "The parameter 'callback' is missing: JSONP needs one.", "json")
    sentence = "The parameter 'callback' has to be a JavaScript name of at most 64 letters, digits, '_', '.' or '$'."
    return failure(GENERIC, sentence, "json")


def _answer(status: str, reply: Any, fmt: str, member: str, callback: str | None, plain: bool,
            less: frozenset[str] = NOTHING) -> tuple[bytes, str]:
    shape = _shape_of(reply)
    member = shape.member or member if shape else member
    body = b"" if reply is None else encode(reply)
    if fmt not in ("json", "jsonp"):
        inner = write(member, shape, body, plain, less) if shape else ""
        return f"{_xml_head(status, plain)}{inner}</subsonic-response>".encode(), XML
    if (plain or less) and shape:
        body = orjson.dumps(prune(shape, orjson.loads(body), plain, less))
    content = (b',"', member.encode(), b'":', body) if body else ()
    answer = b"".join((_json_head(status, plain), *content, b"}}"))  # three times as fast as b"%b" for long answers
    if fmt == "json":
        return answer, JSON
    return b"".join((callback.encode(), b"(", _safe_in_script(answer), b");")), JSONP


def _shape_of(reply: Any) -> type[Shape] | None:
    if isinstance(reply, Over):
        return reply.shape
    if isinstance(reply, tuple):
        return _shape_of(reply[0]) if reply else None
    return None if reply is None else type(reply)


@cache
def _envelope(status: str, plain: bool) -> dict[str, Any]:
    said = {"status": status, "version": VERSION}
    if not plain:
        said |= {"type": "familiar", "serverVersion": SERVER_VERSION, "openSubsonic": True}
    return said


@cache
def _json_head(status: str, plain: bool) -> bytes:
    return b'{"subsonic-response":' + orjson.dumps(_envelope(status, plain))[:-1]


@cache
def _xml_head(status: str, plain: bool) -> str:
    said = "".join(f' {name}="{"true" if said is True else said}"' for name, said in _envelope(status, plain).items())
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<subsonic-response xmlns="http://subsonic.org/restapi"{said}>'


def _safe_in_script(json: bytes) -> bytes:
    """Two line separators are legal in JSON but end a statement in older JavaScript."""
    return json.replace(b"\xe2\x80\xa8", b"\\u2028").replace(b"\xe2\x80\xa9", b"\\u2029")
