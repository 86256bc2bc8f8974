"""Episodes of podcasts: what is known of each, and whether its file is wanted, here, or given up.

Nothing is fetched here: a verb says what is wanted, and the worker (`catching`)
does it. The rule a newcomer would break: a row is never deleted while another
could get its number, for apps remember episodes, and people's bookmarks them, by
id. What an episode looks like is drawn when something of it changes, as a
track's face is.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from server.kernel import properties
from server.kernel.clock import Millis, now_ms
from server.kernel.db import Connection, long
from server.kernel.errors import Forbidden, Invalid, NotFound
from server.kernel.files import os_name
from server.library.facts import EPISODE, EpisodeFacts, Faced, Renderer, TrackFile
from server.library.tracks import marked
from server.users.people import Viewer

OWNS = ("podcast_episode",)

NEW, DOWNLOADING, COMPLETED, ERROR, DELETED, SKIPPED = "new", "downloading", "completed", "error", "deleted", "skipped"
"""Skipped is what is no audio: it is listed and never downloaded."""
KEPT_MAX = 5000
"""How many of a channel are remembered; beyond, the oldest that nobody downloaded go."""
FOLDER = "podcast folder"
"""The fact of this installation under which the worker puts down where it keeps what it downloads."""

_HERE = "JOIN podcast_channel c ON c.id = e.channel_id AND c.removed = 0"
_FACTS = (
    "e.id, e.channel_id, c.title, c.author, e.title, e.description, e.url, e.published_ms, e.added_ms, e.season,"
    " e.number, e.explicit, e.length_ms, e.size_bytes, e.content_type, e.suffix, e.bitrate_kbps, e.sample_rate_hz,"
    " e.channels, e.bit_depth, e.path, e.status"
)
_FACED = "-e.id, e.face, m.starred_ms, m.rating, m.play_count, m.played_ms, r.total, r.count, b.position_ms"
_MARKS = (
    f" LEFT JOIN mark m ON m.user_id = :user AND m.kind = {EPISODE} AND m.item_id = e.id"
    f" LEFT JOIN rating r ON r.kind = {EPISODE} AND r.item_id = e.id"
    " LEFT JOIN bookmark b ON b.user_id = :user AND b.track_id = -e.id"
)


_SAID = ("url", "title", "description", "published_ms", "season", "number", "explicit", "length_ms", "size_bytes",
         "content_type", "suffix")  # fmt: skip
"""What a feed says of an episode, as columns."""
_HEARD = ("length_ms", "size_bytes", "content_type", "suffix")
"""What its file says better, once it is here."""


class Wanted(NamedTuple):
    """An episode that somebody waits for."""

    id: int
    channel_id: int
    url: str
    title: str
    published_ms: Millis
    suffix: str
    folder: str
    """The channel's own, within the podcast folder."""


@long
def of_channels(db: Connection, viewer: Viewer, channel_ids: Sequence[int]) -> dict[int, list[Faced]]:
    """Return channel id → the faces of its episodes, newest first."""
    found: dict[int, list[Faced]] = {number: [] for number in channel_ids}
    for channel_id, *row in db.rows(
        f"SELECT e.channel_id, {_FACED} FROM podcast_episode e{_MARKS}"
        " WHERE e.channel_id IN (SELECT id FROM EACH(:ids)) ORDER BY e.channel_id, e.published_ms DESC, e.id DESC",
        ids=list(channel_ids), user=viewer.user_id,
    ):  # fmt: skip
        found[channel_id].append(marked(tuple(row)))
    return found


def newest(db: Connection, viewer: Viewer, count: int) -> list[Faced]:
    """Return the faces of the newest episodes of all channels."""
    # "+ 0" keeps SQLite from taking the index of channels, which would make it sort all episodes.
    return [marked(row) for row in db.rows(
        f"SELECT {_FACED} FROM podcast_episode e{_MARKS}"
        " WHERE e.channel_id + 0 IN (SELECT id FROM podcast_channel WHERE removed = 0)"
        " ORDER BY e.published_ms DESC, e.id DESC LIMIT :count",
        count=count, user=viewer.user_id,
    )]  # fmt: skip


def counts(db: Connection) -> dict[int, int]:
    """Return channel id → how many episodes are known."""
    return dict(db.rows("SELECT channel_id, CAST(count(*) AS BIGINT) FROM podcast_episode GROUP BY channel_id"))


def failures(db: Connection) -> dict[int, list[tuple[str, str]]]:
    """Return channel id → (title, reason) of the episodes that could not be downloaded."""
    found: dict[int, list[tuple[str, str]]] = {}
    for channel_id, *failure in db.rows(
        f"SELECT e.channel_id, e.title, e.error FROM podcast_episode e {_HERE} WHERE e.status = :error"
        " ORDER BY e.published_ms DESC, e.id DESC", error=ERROR,
    ):  # fmt: skip
        found.setdefault(channel_id, []).append(tuple(failure))
    return found


def faced(db: Connection, viewer: Viewer, numbers: Sequence[int]) -> dict[int, Faced]:
    """Return id → face of those episodes that are there, each with its number as `playables` counts: below zero."""
    rows = db.rows(
        f"SELECT {_FACED} FROM EACH(:ids) w JOIN podcast_episode e ON e.id = w.id {_HERE}{_MARKS}",
        ids=list(numbers), user=viewer.user_id,
    )  # fmt: skip
    return {-row[0]: marked(row) for row in rows}


def one(db: Connection, viewer: Viewer, number: int) -> Faced:
    """Return an episode's face. Raises NotFound."""
    found = faced(db, viewer, [number])
    if not found:
        raise NotFound("There is no such episode.")
    return found[number]


def there(db: Connection, numbers: Sequence[int]) -> set[int]:
    """Return those of some numbers that are episodes."""
    if not numbers:
        return set()
    return {number for (number,) in db.rows(
        f"SELECT e.id FROM EACH(:ids) w JOIN podcast_episode e ON e.id = w.id {_HERE}", ids=list(set(numbers)),
    )}  # fmt: skip


def length_ms(db: Connection, number: int) -> Millis:
    """Return how long an episode is, 0 when nobody knows. Raises NotFound."""
    found = db.value(f"SELECT e.length_ms FROM podcast_episode e {_HERE} WHERE e.id = :id", id=number)
    if found is None:
        raise NotFound("There is no such episode.")
    return found


def file(db: Connection, viewer: Viewer, number: int) -> TrackFile:
    """Return where an episode's bytes are. Raises NotFound, also for one that was not downloaded."""
    from server.library.tags import SUFFIXES

    row = db.row(
        "SELECT e.status, e.path, e.suffix, e.codec, e.size_bytes, e.mtime_ns, e.length_ms, e.bitrate_kbps,"
        f" e.sample_rate_hz, e.channels, e.bit_depth, e.title, c.title FROM podcast_episode e {_HERE} WHERE e.id = :id",
        id=number,
    )  # fmt: skip
    if row is None:
        raise NotFound("There is no such episode.")
    status, path, suffix, *rest = row
    if status != COMPLETED:
        raise NotFound("The episode is not on this server yet: it has to be downloaded first.")
    return TrackFile(-number, os_name(f"{folder(db)}/{path}"), suffix, SUFFIXES[suffix], *rest)


def folder(db: Connection) -> str:
    """Return where downloads are kept, as path text."""
    return properties.get(db, FOLDER)


def want(db: Connection, viewer: Viewer, number: int, render: Renderer) -> None:
    """Ask for an episode's file; one that is there or on its way stays so. Raises Forbidden, NotFound and Invalid."""
    allow(viewer)
    status = _status(db, number)
    if status == SKIPPED:
        raise Invalid("This episode is no audio, which is all that is downloaded here.")
    if status not in (DOWNLOADING, COMPLETED):
        # One that was given up a moment ago, and not removed yet, is still here.
        db.run(
            "UPDATE podcast_episode SET status = CASE WHEN path <> '' THEN :completed ELSE :downloading END,"
            " error = '', wanted_ms = :now WHERE id = :id",
            id=number, completed=COMPLETED, downloading=DOWNLOADING, now=now_ms(),
        )  # fmt: skip
        redraw(db, render, [number])


def drop(db: Connection, viewer: Viewer, number: int, render: Renderer) -> None:
    """Give up an episode's file, which the worker removes; it is not downloaded by itself again.

    Raises Forbidden and NotFound.
    """
    allow(viewer)
    if _status(db, number) != DELETED:
        db.run("UPDATE podcast_episode SET status = :status, error = '' WHERE id = :id", id=number, status=DELETED)
        redraw(db, render, [number])


def give_up(db: Connection, channel_id: int) -> None:
    """Give up all files of a channel that nobody follows any more, and what was wanted of it."""
    db.run(
        "UPDATE podcast_episode SET status = CASE WHEN status = :skipped THEN status WHEN path <> '' THEN :deleted"
        " ELSE :new END, error = '' WHERE channel_id = :id",
        id=channel_id, skipped=SKIPPED, deleted=DELETED, new=NEW,
    )  # fmt: skip


def merge(db: Connection, channel_id: int, said: list[dict[str, Any]], render: Renderer) -> list[int]:
    """Put down what a feed says of its episodes, and return the numbers of those that are new, newest first."""
    now = now_ms()
    known = {guid: (number, values) for number, guid, *values in db.rows(
        f"SELECT id, guid, {', '.join(_SAID)} FROM podcast_episode WHERE channel_id = :id", id=channel_id
    )}  # fmt: skip
    fresh, changed = [], []
    for each in said:
        each = {**each, "published_ms": each["published_ms"] or now}
        values = [each[name] for name in _SAID]
        if each["guid"] not in known:
            status = NEW if each["suffix"] else SKIPPED
            fresh.append((channel_id, each["guid"], now, status, *values))
        elif _differs(known[each["guid"]][1], values):
            changed.append((*values, known[each["guid"]][0]))
    db.many(
        f"INSERT INTO podcast_episode (channel_id, guid, added_ms, status, {', '.join(_SAID)})"
        f" VALUES (?, ?, ?, ?, {', '.join('?' * len(_SAID))}) ON CONFLICT (channel_id, guid) DO NOTHING",
        # The oldest first, so that a newer one has the higher number too.
        fresh[::-1],
    )
    db.many(f"UPDATE podcast_episode SET {', '.join(map(_set, _SAID))} WHERE id = ?", changed)
    _prune(db, channel_id)
    added = [number for (number,) in db.rows(
        "SELECT id FROM podcast_episode WHERE channel_id = :id AND face IS NULL ORDER BY published_ms DESC, id DESC",
        id=channel_id,
    )]  # fmt: skip
    redraw(db, render, [*added, *(row[-1] for row in changed)])
    return added


def wanted(db: Connection, count: int, of_one: int) -> list[Wanted]:
    """Return the episodes that somebody waits for, the longest wait first, at most so many `of_one` channel."""
    return [Wanted(*row) for row in db.rows(
        "SELECT w.id, w.channel_id, w.url, w.title, w.published_ms, w.suffix, w.folder FROM (SELECT e.id, e.channel_id,"
        " e.url, e.title, e.published_ms, e.suffix, c.folder, e.wanted_ms,"
        " row_number() OVER (PARTITION BY e.channel_id ORDER BY e.wanted_ms, e.id) AS place"
        f" FROM podcast_episode e {_HERE} WHERE e.status = :status) w"
        " WHERE w.place <= :of_one ORDER BY w.wanted_ms, w.id LIMIT :count",
        status=DOWNLOADING, of_one=of_one, count=count,
    )]  # fmt: skip


def still_wanted(db: Connection, numbers: Sequence[int]) -> set[int]:
    """Return those of some episodes that somebody still waits for."""
    if not numbers:
        return set()
    return {number for (number,) in db.rows(
        f"SELECT e.id FROM EACH(:ids) w JOIN podcast_episode e ON e.id = w.id {_HERE} WHERE e.status = :status",
        ids=list(numbers), status=DOWNLOADING,
    )}  # fmt: skip


def want_newest(db: Connection, channel_id: int, count: int, render: Renderer) -> None:
    """Want those of a channel's newest episodes that nobody has decided about."""
    rows = db.rows(
        "SELECT id, status FROM podcast_episode WHERE channel_id = :id"
        " ORDER BY published_ms DESC, id DESC LIMIT :count", id=channel_id, count=count,
    )  # fmt: skip
    numbers = [number for number, status in rows if status == NEW]
    db.many(f"UPDATE podcast_episode SET status = '{DOWNLOADING}', wanted_ms = ? WHERE id = ?",
            [(now_ms(), number) for number in numbers])  # fmt: skip
    redraw(db, render, numbers)


def came(db: Connection, number: int, path: str, about: dict[str, Any], render: Renderer) -> bool:
    """Note that an episode's file is here, at a path within the podcast folder; False when nobody wants it any more."""
    done = db.run(
        f"UPDATE podcast_episode SET status = :completed, error = '', path = :path,"
        f" {', '.join(f'{name} = :{name}' for name in about)} WHERE id = :id AND status = :downloading",
        id=number, path=path, completed=COMPLETED, downloading=DOWNLOADING, **about,
    )  # fmt: skip
    redraw(db, render, [number])
    return bool(done)


def failed(db: Connection, number: int, reason: str, render: Renderer) -> None:
    """Note why an episode could not be downloaded."""
    db.run("UPDATE podcast_episode SET status = :error, error = :reason WHERE id = :id AND status = :downloading",
           id=number, reason=reason, error=ERROR, downloading=DOWNLOADING)  # fmt: skip
    redraw(db, render, [number])


def any_given_up(db: Connection) -> bool:
    """Tell whether there are files to remove."""
    sql = "SELECT 1 FROM podcast_episode WHERE status = :deleted AND path <> '' LIMIT 1"
    return db.value(sql, deleted=DELETED) is not None


def given_up(db: Connection, render: Renderer) -> list[str]:
    """Return the paths of files to remove, and forget where they are; of a channel that was left nothing is known."""
    rows = db.rows("SELECT id, path FROM podcast_episode WHERE status = :deleted AND path <> ''", deleted=DELETED)
    if rows:
        numbers = [number for number, _ in rows]
        db.run(
            "UPDATE podcast_episode SET path = '', status = CASE WHEN channel_id IN"
            " (SELECT id FROM podcast_channel WHERE removed = 1) THEN :new ELSE status END"
            " WHERE id IN (SELECT id FROM EACH(:ids))", ids=numbers, new=NEW,
        )  # fmt: skip
        redraw(db, render, numbers)
    return [path for _, path in rows]


def redraw(db: Connection, render: Renderer, numbers: Sequence[int]) -> None:
    """Draw the faces of some episodes anew."""
    rows = db.rows(
        f"SELECT {_FACTS} FROM EACH(:ids) w JOIN podcast_episode e ON e.id = w.id"
        " JOIN podcast_channel c ON c.id = e.channel_id", ids=list(numbers),
    )  # fmt: skip
    db.many(
        "UPDATE podcast_episode SET face = ?, face_version = ? WHERE id = ?",
        [(render.episode(EpisodeFacts(*row)), render.version, row[0]) for row in rows],
    )


def redraw_some(db: Connection, render: Renderer, after: int, count: int) -> int:
    """Draw the faces of the next episodes after a number anew, and return the last of them, 0 at the end."""
    sql = "SELECT id FROM podcast_episode WHERE id > :after ORDER BY id LIMIT :count"
    numbers = [number for (number,) in db.rows(sql, after=after, count=count)]
    redraw(db, render, numbers)
    return numbers[-1] if numbers else 0


def redraw_channel(db: Connection, render: Renderer, channel_id: int) -> None:
    """Draw the faces of a channel's episodes anew: its name is in them."""
    redraw(db, render, [number for (number,) in db.rows(
        "SELECT id FROM podcast_episode WHERE channel_id = :id", id=channel_id
    )])  # fmt: skip


def allow(viewer: Viewer) -> None:
    """Raise Forbidden unless the viewer may change what is followed and kept."""
    if not viewer.may("podcast"):
        raise Forbidden("You lack the right 'podcast' that this needs.")


def _status(db: Connection, number: int) -> str:
    status = db.value(f"SELECT e.status FROM podcast_episode e {_HERE} WHERE e.id = :id", id=number)
    if status is None:
        raise NotFound("There is no such episode.")
    return status


def _differs(known: list, values: list) -> bool:
    """Tell whether a feed says something else now; that it no longer gives a date or a length is no news."""
    return any(old != new and (name not in ("published_ms", "length_ms", "size_bytes") or new)
               for name, old, new in zip(_SAID, known, values, strict=True))  # fmt: skip


def _set(name: str) -> str:
    return f"{name} = CASE WHEN status = '{COMPLETED}' THEN {name} ELSE ? END" if name in _HEARD else f"{name} = ?"


def _prune(db: Connection, channel_id: int) -> None:
    """Forget the oldest of a channel that has more than anybody scrolls through, but never the highest number."""
    db.run(
        "DELETE FROM podcast_episode WHERE channel_id = :id AND path = '' AND status <> :downloading"
        " AND id < (SELECT max(id) FROM podcast_episode) AND id NOT IN (SELECT id FROM podcast_episode"
        " WHERE channel_id = :id ORDER BY published_ms DESC, id DESC LIMIT :kept)",
        id=channel_id, kept=KEPT_MAX, downloading=DOWNLOADING,
    )  # fmt: skip
