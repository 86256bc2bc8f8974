"""The page of a share as text. It needs no account and no framework, and without scripts it still plays.

Every value that goes into it is escaped here. The style and the script are files of their own (`share.css`,
`share.js`), because the page's policy allows nothing that stands in the page itself.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from html import escape
from typing import NamedTuple

from server.api.look import ICON, LOGO
from server.kernel.clock import Millis
from server.playlists.contents import Track
from server.playlists.shares import Open

TextOf = Callable[[str, int], str]
TITLE_MAX, NAMED_MAX = 120, 3
OG_TYPES = {"tr": "music.song", "al": "music.album"}
COVER_SIDE = 600
BROWSER_TYPES = {
    "mp3": "audio/mpeg", "flac": "audio/flac", "wav": "audio/wav",
    "opus": 'audio/ogg; codecs="opus"', "vorbis": 'audio/ogg; codecs="vorbis"',
    "aac": 'audio/mp4; codecs="mp4a.40.2"', "alac": 'audio/mp4; codecs="alac"',
}  # fmt: skip
"""What a browser is asked whether it can play, by codec or suffix; whatever is not here is converted."""

ICONS = {
    "play": '<path d="M5 3v14a1 1 0 0 0 1.5.8l11-7a1 1 0 0 0 0-1.6l-11-7A1 1 0 0 0 5 3z"/>',
    "pause": '<path d="M4.5 3h3.8v14H4.5zM11.7 3h3.8v14h-3.8z"/>',
    "next": '<path d="M4 4v12a.8.8 0 0 0 1.2.7L13 11v5.5h2.5v-13H13V9L5.2 3.3A.8.8 0 0 0 4 4z"/>',
    "prev": '<path d="M16 4v12a.8.8 0 0 1-1.2.7L7 11v5.5H4.5v-13H7V9l7.8-5.7A.8.8 0 0 1 16 4z"/>',
    "save": '<path d="M9 2.5h2v7.6l2.6-2.6L15 8.9l-5 5-5-5 1.4-1.4L9 10.1zM3.5 15.5h13v2h-13z"/>',
    "list": '<path d="M2.5 4h10v2h-10zM2.5 9h8v2h-8zM2.5 14h6v2h-6zM14.5 4h2v7.8a2.8 2.8 0 1 1-2-.2z"/>',
}


class Place(NamedTuple):
    """Where the pages are served, and the versions of their files."""

    base: str
    versions: Mapping[str, str]


class Songs(NamedTuple):
    """A share with what guests are told of it."""

    found: Open
    tracks: Sequence[Track]
    name: str
    """What the one shared thing is called; "" for several."""
    artist: str

    @property
    def title(self) -> str:
        """The name of what is shared, else the first line of its description, else who plays."""
        return (self.name or self._lines[0] or self._players)[:TITLE_MAX]

    @property
    def count(self) -> str:
        return f"{len(self.tracks):,} song{'' if len(self.tracks) == 1 else 's'}"

    @property
    def length(self) -> str:
        minutes = round(sum(track.length_ms for track in self.tracks) / 60_000)
        return f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{max(minutes, 1)} min"

    @property
    def lead(self) -> str:
        """The description, without the line that is the title already."""
        first, rest = self._lines
        return f"{first}\n{rest}".strip() if self.name or len(first) > TITLE_MAX else rest.strip()

    @property
    def _lines(self) -> tuple[str, str]:
        first, _, rest = self.found.share.description.strip().partition("\n")
        return first.strip(), rest

    @property
    def _players(self) -> str:
        names = list(dict.fromkeys(track.artist for track in self.tracks if track.artist))
        others = " and others" if len(names) > NAMED_MAX else ""
        return ", ".join(names[:NAMED_MAX]) + others if names else self.count


def page(place: Place, home: str, songs: Songs, text: TextOf) -> str:
    """Return the page of a share; `home` is its whole address, as others reach it."""
    share = songs.found.share
    path = f"{place.base}/{share.token}"
    by = f'<p class="by">{escape(songs.artist)}</p>' if songs.artist else ""
    lead = "".join(f"<p>{escape(line)}</p>" for line in songs.lead.splitlines() if line.strip())
    until = f", here until {_date(share.expires_ms)}" if share.expires_ms else ""
    body = (
        f'<article><div class="head"><img class="cover" src="{path}/cover?size={COVER_SIDE}" width="320" height="320"'
        f' alt="Cover of {escape(songs.title)}"><div><h1>{escape(songs.title)}</h1>{by}'
        f'<p class="meta">{songs.count}, {songs.length}{until}</p><div class="lead">{lead}</div>'
        '<div class="actions"><button id="start" class="main" type="button">'
        f"{_icon('play')}{_icon('pause')}<span>Play</span></button>"
        f"{_save_all(path) if songs.found.saves and len(songs.tracks) > 1 else ''}"
        f'<a class="button" href="{path}/songs.m3u8">{_icon("list")}Open in a player</a></div></div></div>'
        f'<ol class="songs">{"".join(_row(path, songs, track, text("tr", track.id)) for track in songs.tracks)}</ol>'
        f"</article>{PLAYER}"
    )
    return _whole(place, songs.title, body, _previewed(home, songs), f' data-share="{path}"')


def locked(place: Place, path: str, said: str) -> str:
    """Return the form that asks for a share's password; it tells nothing of what is behind."""
    told = f'<p class="warn" role="alert" id="wrong">{escape(said)}</p>' if said else ""
    body = (
        '<section class="word"><h1>This music has a password.</h1>'
        "<p>Whoever gave you the address can tell you.</p>"
        f'<form method="post" action="{escape(path)}"><label for="password">Password</label>'
        '<input id="password" name="password" type="password" required autofocus maxlength="1024"'
        f' autocomplete="current-password"{DESCRIBED if said else ""}>{told}'
        '<button class="main" type="submit">Listen</button></form></section>'
    )
    return _whole(place, "Shared music", body, "")


def refused(place: Place, status: int, sentence: str) -> str:
    """Return the page for a share that is not there, or not now."""
    words = {
        404: ("Nothing is shared here.", "The address is mistyped, or the share was taken back."),
        410: ("This share is over.", "It was there until a certain day. Ask whoever gave you the address for another."),
    }
    title, more = words.get(status, ("Not just now.", sentence))
    body = f'<section class="word"><h1>{title}</h1><p>{escape(more)}</p></section>'
    return _whole(place, title.rstrip("."), body, "")


DESCRIBED = ' aria-invalid="true" aria-describedby="wrong"'


def _icon(name: str) -> str:
    return f'<svg class="{name}" viewBox="0 0 20 20" aria-hidden="true">{ICONS[name]}</svg>'


PLAYER = (
    '<section id="player" aria-label="Player" hidden><img id="thumb" src="data:," width="56" height="56" alt="">'
    '<div class="now"><p id="title"></p><p id="artist"></p></div>'
    f'<div class="keys"><button id="prev" type="button" aria-label="Previous song">{_icon("prev")}</button>'
    f'<button id="toggle" class="main" type="button" aria-label="Play">{_icon("play")}{_icon("pause")}</button>'
    f'<button id="next" type="button" aria-label="Next song">{_icon("next")}</button></div>'
    '<div class="line"><span id="at">0:00</span><input id="seek" type="range" min="0" max="1" step="1" value="0"'
    ' aria-label="Position"><span id="length">0:00</span></div><p id="said" role="status"></p></section>'
)


def _save_all(path: str) -> str:
    return f'<a class="button" href="{path}/download" download>{_icon("save")}Save all</a>'


def _row(path: str, songs: Songs, track: Track, number: str) -> str:
    title, length = escape(track.title), _length(track.length_ms)
    other = track.artist if track.artist != songs.artist else ""
    save = (
        f'<a class="save" href="{path}/download/{number}" download aria-label="Save {title}">{_icon("save")}</a>'
        if songs.found.saves else ""
    )  # fmt: skip
    kind = escape(BROWSER_TYPES.get(track.codec.lower()) or BROWSER_TYPES.get(track.suffix.lower(), ""))
    return (
        f'<li data-track="{number}" data-type="{kind}" data-length="{track.length_ms // 1000}">'
        f'<button class="song" type="button"><span class="sign" aria-hidden="true"></span>'
        f'<span class="what"><span class="title">{title}</span><span class="artist">{escape(other)}</span></span>'
        f'<span class="time">{length}</span></button>{save}'
        f'<noscript><audio controls preload="none" src="{path}/stream/{number}"></audio></noscript></li>'
    )


def _previewed(home: str, songs: Songs) -> str:
    """Return what chats and social sites read to show a preview."""
    found = songs.found
    told = " ".join(songs.lead.split()) or ", ".join(filter(None, (songs.artist, songs.count, songs.length)))
    kind = OG_TYPES.get(found.first.kind, "music.playlist") if found.alone else "music.playlist"
    image = f"{home}/cover?size={COVER_SIDE}"
    tags = {
        "og:title": songs.title, "og:description": told[:300], "og:type": kind, "og:url": home,
        "og:site_name": "Familiar", "og:image": image, "og:image:alt": f"Cover of {songs.title}",
        "twitter:card": "summary", "twitter:title": songs.title, "twitter:description": told[:300],
        "twitter:image": image,
    }  # fmt: skip
    if kind == "music.song" and songs.tracks:
        tags["music:duration"] = str(songs.tracks[0].length_ms // 1000)
    return "".join(
        f'<meta {"name" if name.startswith("twitter") else "property"}="{name}" content="{escape(value)}">'
        for name, value in tags.items()
    ) + f'<meta name="description" content="{escape(told[:300])}">'  # fmt: skip


def _length(length_ms: Millis) -> str:
    seconds = length_ms // 1000
    hours, minutes = seconds // 3600, seconds // 60 % 60
    return f"{hours}:{minutes:02}:{seconds % 60:02}" if hours else f"{minutes}:{seconds % 60:02}"


def _date(at_ms: Millis) -> str:
    at = datetime.fromtimestamp(at_ms / 1000, UTC)
    return f'<time datetime="{at:%Y-%m-%dT%H:%M:%SZ}">{at.day} {at:%B %Y, %H:%M} UTC</time>'


def _whole(place: Place, title: str, body: str, head: str, data: str = "") -> str:
    css, script = (f"{place.base}/{name}?v={place.versions[name]}" for name in ("page.css", "page.js"))
    running = f'<script src="{script}" defer></script>' if data else ""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport"'
        f' content="width=device-width,initial-scale=1"><title>{escape(title)} · Familiar</title>'
        f'<meta name="robots" content="noindex,nofollow"><meta name="color-scheme" content="light dark">{head}'
        f'<link rel="icon" href="{ICON}"><link rel="stylesheet" href="{css}">{running}</head><body{data}>'
        f'<header><span class="mark">{LOGO.format("currentColor")}Familiar</span></header><main>{body}</main>'
        "</body></html>"
    )
