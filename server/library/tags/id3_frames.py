"""What the frames of ID3v2 mean: text in four encodings, names, people, lyrics.

A handler gets the body of one frame, already unwrapped and cut to its limit, and adds what it says.
"""

from collections.abc import Callable
from functools import lru_cache

from .keys import ROLES

Raw = dict[str, list[str]]

TEXT_BYTES = 65536
LINES = 8192

_ENCODINGS = ("latin-1", "utf-16", "utf-16-be", "utf-8")


def text(encoding: int, body: bytes) -> str:
    if encoding == 3:
        return body.decode("utf-8", "replace")
    if encoding == 0:
        return body.decode("latin-1")
    return body[: len(body) & ~1].decode(_ENCODINGS[encoding], "replace")


def texts(body: bytes) -> list[str]:
    """The values of a text frame: an encoding, then text, values parted by NUL."""
    if not body:
        return []
    encoding = body[0]
    if encoding == 3:
        value = body[1:].decode("utf-8", "replace")
    else:
        value = text(encoding, body[1:]) if encoding < 4 else body.decode("latin-1")
    return value.split("\0") if "\0" in value else [value]


def split(encoding: int, body: bytes) -> tuple[bytes, bytes]:
    """A text up to its terminator, and what follows."""
    stop = _end(encoding, body, 0)
    return (body[:stop], body[stop + _width(encoding) :]) if stop >= 0 else (body, b"")


def _end(encoding: int, body: bytes, at: int) -> int:
    """Where the text that begins here has its terminator, -1 if nowhere."""
    if encoding not in (1, 2):
        return body.find(b"\0", at)
    stop = body.find(b"\0\0", at)
    while stop >= 0 and (stop - at) & 1:
        stop = body.find(b"\0\0", stop + 1)
    return stop


def _width(encoding: int) -> int:
    return 2 if encoding in (1, 2) else 1


def add(raw: Raw, key: str, values: list[str]) -> None:
    if key in raw:
        raw[key] += values
    else:
        raw[key] = values


def _free(body: bytes, raw: Raw) -> None:
    """TXXX: a name, then values."""
    found = texts(body)
    if len(found) > 1:
        add(raw, _name(found[0]), found[1:])


@lru_cache(1024)
def _name(name: str) -> str:
    return name.replace("\ufeff", "").lower()


def _comment(body: bytes, raw: Raw) -> None:
    """COMM: only a comment without a description is the listener's; iTunes keeps its numbers in the others."""
    if len(body) > 4 and body[0] < 4:
        name, rest = split(body[0], body[4:])
        name = text(body[0], name).replace("\ufeff", "").strip().lower()
        if not name.startswith("itun"):
            add(raw, f"comment:{name}" if name else "comment", text(body[0], rest[:TEXT_BYTES]).split("\0"))


def _lyrics(body: bytes, raw: Raw) -> None:
    if len(body) > 4 and body[0] < 4:
        add(raw, "lyrics", [_said(body[1:4]) + text(body[0], split(body[0], body[4:])[1]).lstrip("\ufeff")])


def _said(language: bytes) -> str:
    """The language of a frame as the line of LRC that says so, nothing where it is a word for none."""
    code = language.lower()
    return f"[la:{code.decode()}]\n" if code.isalpha() and code not in (b"xxx", b"und", b"zxx") else ""


def _synced(body: bytes, raw: Raw) -> None:
    """SYLT as LRC text: its words in order, with times in milliseconds or, as its first line then says, in frames."""
    if len(body) < 7 or body[0] > 3 or body[4] not in (1, 2) or body[5] not in (0, 1, 2):
        return
    encoding, width = body[0], _width(body[0])
    at = _end(encoding, body, 6) + width
    parts: list[tuple[str, int]] = []
    while at >= width and len(parts) < LINES:
        stop = _end(encoding, body, at)
        if stop < 0 or stop + width + 4 > len(body):
            break
        line = text(encoding, body[at:stop]).replace("\ufeff", "")
        at = stop + width + 4
        parts.append((line, int.from_bytes(body[at - 4 : at], "big")))
    if lines := _lines(parts):
        head = (_said(body[1:4]) or "[la:und]\n")[:-1] + "[unit:frames]\n" if body[4] == 1 else _said(body[1:4])
        add(raw, "syncedlyrics", [head + "\n".join(lines)])


def _lines(parts: list[tuple[str, int]]) -> list[str]:
    """Some taggers write a line per time, others syllables, with a break before or behind those that part lines."""
    first = any(part[:1] in ("\n", "\r") for part, _ in parts)
    syllables = first or sum(part[-1:] in ("\n", "\r") for part, _ in parts) not in (0, len(parts))
    lines: list[str] = []
    ended = True
    for part, time in parts:
        stamp = _stamp(time)
        words = part.strip("\r\n")
        if not syllables:
            lines.append(f"[{stamp}]{words.strip()}")
        elif ended or (first and part[:1] in ("\n", "\r")):
            lines.append(f"[{stamp}]<{stamp}>{words}")
        else:
            lines[-1] += f"<{stamp}>{words}"
        ended = not first and part[-1:] in ("\n", "\r")
    return lines


def _stamp(time: int) -> str:
    minutes, left = divmod(min(time, 599_999_999), 60_000)
    return f"{minutes:02}:{left // 1000:02}.{left % 1000:03}"


def _owner(body: bytes, raw: Raw) -> None:
    """UFID: only MusicBrainz' is known to us."""
    owner, _, value = body[:256].partition(b"\0")
    if owner == b"http://musicbrainz.org":
        raw["musicbrainz_trackid"] = [value.decode("latin-1")]


def _people(body: bytes, raw: Raw) -> None:
    """TIPL, TMCL and IPLS: role and name in turn."""
    if not body:
        return
    parts = [part.replace("\ufeff", "") for part in texts(body)]
    for role, name in zip(parts[::2], parts[1::2], strict=False):
        role = role.strip().lower()
        if name:
            add(raw, ROLES.get(role) or (f"performer:{role}" if role else "performer"), [name])


def _volume(body: bytes, raw: Raw) -> None:
    """RVA2: ReplayGain as some taggers write it, in 1/512 dB for the master volume."""
    name, _, rest = body.partition(b"\0")
    kind = name.decode("latin-1").lower()
    if kind in ("track", "album") and len(rest) >= 3 and rest[0] == 1:
        gain = int.from_bytes(rest[1:3], "big", signed=True) / 512
        raw.setdefault(f"replaygain_{kind}_gain", [f"{gain:.2f} dB"])


def _link(body: bytes, raw: Raw) -> None:
    add(raw, "website", [body[:2048].partition(b"\0")[0].decode("latin-1")])


HANDLERS: dict[bytes, Callable[[bytes, Raw], None]] = {
    b"TXXX": _free,
    b"COMM": _comment,
    b"USLT": _lyrics,
    b"SYLT": _synced,
    b"UFID": _owner,
    b"TIPL": _people,
    b"TMCL": _people,
    b"IPLS": _people,
    b"RVA2": _volume,
    b"WOAR": _link,
}
