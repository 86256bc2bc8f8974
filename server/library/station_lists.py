"""Lists of radio stations in files: M3U and PLS, as directories of stations hand them out.

A stream's address often leads to such a list first. The rule a newcomer would
break: strangers write these, so nothing is read past a bound and a line that
makes no sense is left out.
"""

import re
from contextlib import suppress

from server.kernel.errors import Invalid
from server.kernel.fetch import host_of
from server.library.radio import NAME_MAX, STATIONS_MAX, Listed

LIST_BYTES = 1 << 20
NUMBERED = re.compile(r"(file|title)(\d{1,6})=(.*)", re.IGNORECASE)
IN_PIECES = "#EXT-X-"
"""What makes a list of HLS: pieces of one stream, not stations."""


def read(data: bytes) -> list[Listed]:
    """Return the stations in an M3U or PLS file, in its order; those without a name are called like their address."""
    lines = [line.strip() for line in text_of(data[:LIST_BYTES]).splitlines()]
    head = next((line for line in lines if line), "").lower()
    found = _pls(lines) if head == "[playlist]" else _m3u(lines)
    return [Listed((_shown(name) or url)[:NAME_MAX], url) for name, url in found if _is_web(url)][:STATIONS_MAX]


def is_in_pieces(data: bytes) -> bool:
    """Tell whether this is a playlist of HLS."""
    return data.lstrip(b"\xef\xbb\xbf \r\n").startswith(b"#EXTM3U") and IN_PIECES in text_of(data)


def text_of(data: bytes) -> str:
    """Read text that may be in UTF-8 or in Latin-1, which is what old stations send."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _pls(lines: list[str]) -> list[tuple[str, str]]:
    told: dict[int, dict[str, str]] = {}
    for line in lines:
        if found := NUMBERED.fullmatch(line):
            told.setdefault(int(found[2]), {})[found[1].lower()] = found[3].strip()
    return [(told[at].get("title", ""), told[at]["file"]) for at in sorted(told) if told[at].get("file")]


def _m3u(lines: list[str]) -> list[tuple[str, str]]:
    found, name = [], ""
    for line in lines:
        if line.upper().startswith("#EXTINF:"):
            name = line.partition(",")[2].strip()
        elif line and not line.startswith("#"):
            found.append((name, line))
            name = ""
    return found


def _shown(name: str) -> str:
    return "".join(char if char.isprintable() else " " for char in name).strip()


def _is_web(url: str) -> bool:
    with suppress(Invalid):
        return bool(host_of(url))
    return False
