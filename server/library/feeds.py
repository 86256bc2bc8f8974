"""What podcasts bring, read in a child: feeds (RSS 2.0 and 1.0 with iTunes' tags, Atom), OPML, what a download is.

Strangers wrote all of it: nothing here follows an entity or fetches anything,
every text that leaves is plain and has an end. The rule a newcomer would break:
this module is for children only, the server never imports lxml.
"""

import hashlib
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from html import unescape
from typing import Any
from urllib.parse import urljoin

from lxml import etree

from server.kernel.errors import Invalid
from server.kernel.markup import CAUTIOUS, plain

EPISODES_MAX = 2000
"""The newest of a feed; a longer one is cut."""
ITEMS_MAX = 10_000
"""How many of a feed are looked at: nearly all begin with the newest."""
FEEDS_MAX = 1000
TITLE_MAX, TEXT_MAX, URL_MAX, KEY_MAX = 300, 4000, 4096, 200
DAY_MS = 86_400_000
LENGTH_MAX_S = 7 * 86_400
SIZE_MAX = 1 << 40
SUFFIXES = {
    "audio/mpeg": "mp3", "audio/mp3": "mp3", "audio/x-mp3": "mp3", "audio/mpeg3": "mp3", "audio/mp4": "m4a",
    "audio/x-m4a": "m4a", "audio/m4a": "m4a", "audio/aac": "aac", "audio/aacp": "aac", "audio/ogg": "ogg",
    "audio/vorbis": "ogg", "application/ogg": "ogg", "audio/opus": "opus", "audio/flac": "flac", "audio/x-flac": "flac",
    "audio/wav": "wav", "audio/x-wav": "wav", "audio/x-m4b": "m4b",
}  # fmt: skip
SAYS_ITSELF = (b"<?xml", b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
"""Beginnings that tell in which encoding the rest is, better than the head of the answer."""
UNSEEN = re.compile(r"<(script|style|template|iframe)\b.*?(?:</\1\s*>|\Z)", re.IGNORECASE | re.DOTALL)
ROWS = re.compile(r"</(?:li|ul|ol|h[1-6]|tr|blockquote)\s*>|<hr\b[^<>]*>", re.IGNORECASE)
HTML = re.compile(
    r"</?(?:a|abbr|audio|b|big|body|br|button|code|details|div|em|embed|font|form|frame|h[1-6]|head|html|i|iframe|img|"
    r"input|li|link|math|meta|object|ol|p|script|small|span|strong|style|sub|sup|svg|table|td|tr|u|ul|video)\b[^<>]*>",
    re.IGNORECASE,
)
DIRECTIONS = re.compile("[\u202a-\u202e\u2066-\u2069]")
"""Signs that make a text read as another one than it is."""

Node = etree._Element


def work(asked: dict) -> Any:
    """Do one thing: read a "feed", a "list" of feeds, or the "sound" of a file."""
    return {"feed": read, "list": read_list, "sound": sound}[asked["do"]](asked)


def read(asked: dict) -> dict[str, Any]:
    """Return what the file `path` says of a podcast, for the address `url` at the moment `now_ms`. Raises Invalid.

    `charset` is what the answer's head said of it. Episodes are newest first, each `guid` once.
    """
    root = _root(asked)
    name = _name(root)
    if name not in ("rss", "feed", "rdf"):
        what = "a web page" if name == "html" else "no feed"
        raise Invalid(f"What the address gave is {what}.")
    channel = root if name == "feed" else _child(root, "channel")
    if channel is None:
        raise Invalid("The feed has no channel.")
    items = [*_all(channel, "entry")] if name == "feed" else [*_all(channel, "item"), *_all(root, "item")]
    found: dict[str, dict] = {}
    for item in items[:ITEMS_MAX]:
        episode = _episode(item, asked["url"], asked["now_ms"])
        if episode:
            found.setdefault(episode["guid"], episode)
    newest = sorted(found.values(), key=lambda each: -(each["published_ms"] or 0))[:EPISODES_MAX]
    return {
        "title": _line(_text(channel, "title")),
        "author": _line(_itunes(channel, "author") or _text(channel, "author")),
        "description": _plain(
            _text(channel, "description") or _itunes(channel, "summary") or _text(channel, "subtitle")
        ),
        "image_url": _web(_image(channel), asked["url"]),
        "episodes": newest,
    }  # fmt: skip


def read_list(asked: dict) -> list[dict[str, str]]:
    """Return the feeds that the OPML file `path` names, as url and title. Raises Invalid."""
    root = _root(asked, "The file")
    if _name(root) != "opml":
        raise Invalid("This is no OPML file.")
    found: dict[str, str] = {}
    for outline in root.iter("{*}outline"):
        said = {name.lower(): value for name, value in outline.attrib.items()}
        if url := said.get("xmlurl", "").strip()[: URL_MAX + 1]:
            found.setdefault(url, _line(said.get("title") or said.get("text") or ""))
        if len(found) > FEEDS_MAX:
            raise Invalid(f"The list names more than {FEEDS_MAX} feeds.")
    return [{"url": url, "title": title} for url, title in found.items()]


def sound(asked: dict) -> dict[str, Any]:
    """Return what the audio in the file `path` is. Raises Invalid when it is none."""
    from server.library.tags import SUFFIXES, Unreadable
    from server.library.tags import read as read_tags

    try:
        found = read_tags(asked["path"])
    except Unreadable as error:
        raise Invalid(str(error)) from None
    about = {name: getattr(found, name) for name in
             ("length_ms", "bitrate_kbps", "sample_rate_hz", "channels", "bit_depth", "codec", "suffix")}  # fmt: skip
    return about | {"content_type": SUFFIXES[found.suffix]}


def _root(asked: dict, what: str = "What the address gave") -> Node:
    with open(asked["path"], "rb") as file:
        data = file.read().lstrip(b" \t\r\n")
    charset = None if data.startswith(SAYS_ITSELF) else asked.get("charset") or None
    try:
        parser = etree.XMLParser(encoding=charset, **CAUTIOUS)
    except LookupError:
        parser = etree.XMLParser(**CAUTIOUS)
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError):
        root = None
    if root is None:
        raise Invalid(f"{what} is no XML.")
    declared = root.getroottree().docinfo.internalDTD
    if declared is not None and any(True for _ in declared.iterentities()):
        raise Invalid("The file declares entities of its own, which no feed needs.")
    return root


def _episode(item: Node, base: str, now_ms: int) -> dict[str, Any] | None:
    """Return an item that has something to hear or see; others are news."""
    url, kind, size = _enclosure(item, base)
    if not url:
        return None
    explicit = _itunes(item, "explicit").lower()
    return {
        "guid": _key(_text(item, "guid") or _text(item, "id") or url.partition("?")[0]),
        "url": url,
        "title": _line(_text(item, "title") or _itunes(item, "title")) or "Untitled",
        "description": _plain(
            _text(item, "encoded") or _text(item, "description") or _itunes(item, "summary") or _text(item, "summary")
            or _text(item, "content")
        ),
        "published_ms": _moment(
            _text(item, "pubDate") or _text(item, "published") or _text(item, "date") or _text(item, "updated"), now_ms
        ),
        "season": _count(_itunes(item, "season")),
        "number": _count(_itunes(item, "episode")),
        "explicit": "explicit" if explicit in ("yes", "true", "explicit") else "clean" if explicit == "clean" else "",
        "length_ms": _length_ms(_itunes(item, "duration")),
        "size_bytes": size,
        "content_type": kind,
        "suffix": _suffix(kind, url),
    }  # fmt: skip


def _key(guid: str) -> str:
    """Return what tells an episode from others: an index of PostgreSQL takes no long one."""
    return guid if len(guid) <= KEY_MAX else hashlib.blake2b(guid.encode(), digest_size=16).hexdigest()


def _enclosure(item: Node, base: str) -> tuple[str, str, int]:
    """Return address, content type and size of what is to be heard, audio before anything else."""
    found = []
    for part in item.iterchildren("{*}enclosure", "{*}content", "{*}link", "{*}group"):
        for each in (part, *part.iterchildren("{*}content")):
            if _name(each) == "link" and each.get("rel") != "enclosure":
                continue
            url = _web(each.get("url") or each.get("href") or "", base)
            if url:
                kind = (each.get("type") or "").partition(";")[0].strip().lower()[:100]
                size = _count(each.get("length") or each.get("fileSize") or "", SIZE_MAX)
                found.append((url, kind, size))
    heard = [each for each in found if _suffix(each[1], each[0])]
    return next(iter(heard or found), ("", "", 0))


def _suffix(kind: str, url: str) -> str:
    """Return the suffix of a kind of audio, "" for anything else."""
    ending = url.partition("?")[0].partition("#")[0].rpartition(".")[2].lower()
    if kind in SUFFIXES:
        return SUFFIXES[kind]
    said_nothing = kind in ("", "application/octet-stream", "binary/octet-stream") or kind.startswith("audio/")
    return ending if said_nothing and ending in set(SUFFIXES.values()) else "mp3" if kind.startswith("audio/") else ""


def _image(channel: Node) -> str:
    for each in _all(channel, "image"):
        if _is_itunes(each):
            return each.get("href") or ""
    plain = _child(channel, "image")
    return (_text(plain, "url") if plain is not None else "") or _text(channel, "logo") or _text(channel, "icon")


def _moment(said: str, now_ms: int) -> int | None:
    """Return a date as milliseconds UTC, None for what is none; what lies ahead is now, or it would stay on top."""
    said = " ".join(said.split())
    for read_date in (parsedate_to_datetime, datetime.fromisoformat):
        try:
            when = read_date(said)
            at = int((when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp() * 1000)
        except (ValueError, TypeError, OverflowError, IndexError):
            continue
        return min(at, now_ms) if at > DAY_MS else None
    return None


def _length_ms(said: str) -> int:
    """Read "1:02:03", "62:03" or "3723" to milliseconds, 0 for what is none."""
    try:
        parts = [float(part) for part in said.strip().split(":")]
    except ValueError:
        return 0
    seconds = sum(part * 60**at for at, part in enumerate(reversed(parts[:3])))
    return int(seconds * 1000) if 0 < seconds <= LENGTH_MAX_S else 0


def _count(said: str, most: int = 100_000) -> int:
    said = said.strip()
    return int(said) if said.isascii() and said.isdigit() and len(said) < 16 and int(said) <= most else 0


def _web(said: str, base: str) -> str:
    try:
        url = urljoin(base, said.strip()) if said.strip() else ""
    except ValueError:
        return ""
    return url if url.startswith(("http://", "https://")) and len(url) <= URL_MAX and "\n" not in url else ""


def _line(said: str) -> str:
    """Return one line of plain text. A title is no HTML, so "<this>" may be meant; what browsers know is not."""
    said = said[: 20 * TITLE_MAX]
    words = unescape(said)
    if HTML.search(words):
        words = _plain(said)
    return " ".join("".join(c if c.isprintable() else " " for c in DIRECTIONS.sub("", words)).split())[:TITLE_MAX]


def _plain(said: str) -> str:
    """Return text without markup; what stood in paragraphs still does."""
    said = UNSEEN.sub("", said[: 20 * TEXT_MAX])
    return DIRECTIONS.sub("", plain(ROWS.sub("<br>", said)))[:TEXT_MAX]


def _name(node: Node) -> str:
    return etree.QName(node).localname.lower() if isinstance(node.tag, str) else ""


def _all(node: Node, name: str) -> Iterator[Node]:
    return node.iterchildren("{*}" + name)


def _child(node: Node, name: str) -> Node | None:
    """Return a child without a namespace or in its parent's, before one in another."""
    found = list(_all(node, name))
    own = etree.QName(node).namespace
    return next((each for each in found if etree.QName(each).namespace in (None, own)), found[0] if found else None)


def _text(node: Node, name: str) -> str:
    found = _child(node, name)
    return "" if found is None or _is_itunes(found) else "".join(found.itertext()).strip()


def _itunes(node: Node, name: str) -> str:
    return next(("".join(each.itertext()).strip() for each in _all(node, name) if _is_itunes(each)), "")


def _is_itunes(node: Node) -> bool:
    return "itunes" in (etree.QName(node).namespace or "").lower()
