"""Keeping captions: they are written, genres are lent, and a model reads them, in spare time in a thread of the worker.

The rule a newcomer would break: a thousand tracks that are analysed one by one
are described in a few goes, not in a thousand.
"""

import logging
import threading
import time
from collections import Counter
from collections.abc import Iterator

from ai import captioning, embed, spaces, vectors, words
from ai.embed import Patience
from ai.minds import Minds
from ai.overlay import GENRE, OURS, SUGGESTED, Suggestion
from ai.spaces import ACTIVE, CLAP, SIMILAR, TEXT, Space
from ai.words import CAPTIONS, Ask
from server.kernel import lasting, properties
from server.kernel.db import Connection, Database
from server.kernel.errors import Failure, Unavailable
from server.kernel.run import Child, ChildDied, ChildError
from server.library import libraries
from server.users.people import Viewer

log = logging.getLogger("familiar.ears")

LOCK, LOOKS = "captions", "looks of the model of words"
FOLLOWED = ("library", "analyses", "spaces", "suggestions")
LOOK_S, ABSENT_S, TURN_S = 3.0, 10.0, 60.0
LENDERS, ASKED = 5, 40
"""A genre is lent by so many tagged tracks among so many neighbours."""
LEAST = 0.35
READ_AT_ONCE, LENT_AT_ONCE = 64, 50
READ_S = 120
MEMORY_MB = 4096


def keep_describing(app, stop: threading.Event) -> None:
    """Follow tags and analyses until `stop` is set; where another worker does it, stand by."""
    lasting.alone(app, stop, LOCK, ABSENT_S, lambda: _turn(app, stop))


def _turn(app, stop: threading.Event) -> None:
    patience, until_s = Patience(), time.monotonic() + TURN_S
    while not stop.is_set() and (time.monotonic() < until_s or patience.pending):
        with app.db.reading() as conn:
            # The first captions, of tags alone, are written as soon as there are songs.
            seen, hurry = conn.versions(FOLLOWED), captioning.none(conn)
        if patience.due(seen, time.monotonic(), hurry):
            try:
                catch_up(app.db, app.part(Minds), words.folder(app.config), stop)
            except (Failure, ChildDied, ChildError) as failure:
                log.warning("Songs could not be described: %s", failure)
        stop.wait(LOOK_S)


def catch_up(db: Database, minds: Minds, folder: str, stop: threading.Event | None = None,
             ask: Ask | None = None) -> Space | None:  # fmt: skip
    """Write what captions are missing and let the model in a folder read them; return the space of their vectors.

    `ask`: who is asked instead of a child at idle priority.
    """
    stop = stop or threading.Event()
    write(db, stop)
    if lend(db, minds, stop):
        write(db, stop)
    if not folder:
        return None
    with db.reading() as conn:
        active = spaces.active(conn, TEXT)
    if active is not None and active.kind == CLAP:
        # One space of words is in use at a time, and CLAP hears what captions only guess.
        return None
    if active is not None and _all_read(db, active, folder):
        return active
    if ask is not None:
        return _read(db, minds, folder, ask, stop)
    with Child("ai.models.words:answer", memory_mb=MEMORY_MB, idle=True) as child:
        return _read(db, minds, folder, lambda question: child.call(question, READ_S), stop)


def write(db: Database, stop: threading.Event) -> int:
    """Write all captions that are missing or out of date; return how many those were."""
    count = after = 0
    while not stop.is_set():
        with db.reading() as conn:
            sources = captioning.stale(conn, after)
        if not sources:
            break
        with db.writing() as conn:
            captioning.write(conn, sources)
        count, after = count + len(sources), sources[-1].track_id
    return count


def lend(db: Database, minds: Minds, stop: threading.Event) -> int:
    """Give tracks without a genre those of their neighbours, as suggestions; return how many tracks were looked at."""
    count = 0
    while not stop.is_set():
        with db.reading() as conn:
            space = spaces.active(conn, SIMILAR)
            rows = captioning.untagged(conn, space.id, LENT_AT_ONCE) if space else []
            if not rows:
                break
            found = _lent(conn, minds, space, rows)
        with db.writing() as conn:
            captioning.lend(conn, space.id, found)
        count += len(rows)
    return count


def _lent(db: Connection, minds: Minds, space: Space,
          rows: list[tuple[int, str]]) -> dict[int, tuple[str, list[Suggestion]]]:  # fmt: skip
    everyone = Viewer(0, "lender", frozenset(), tuple(each.id for each in libraries.everything(db)))
    near = vectors.nearest_each(db, minds, everyone, space, [[(track, None, 1.0)] for track, _ in rows], ASKED)
    tagged: dict[int, list[str]] = {}
    for track, name in db.rows(
        "SELECT g.track_id, n.name FROM EACH(:ids) e JOIN track_genre g ON g.track_id = e.id"
        " JOIN genre n ON n.id = g.genre_id ORDER BY g.genre_id",
        ids=sorted({track for found in near for track, _ in found}),
    ):  # fmt: skip
        tagged.setdefault(track, []).append(name)
    return {
        track: (audio_hash, voted([tagged[each] for each, _ in found if each in tagged]))
        for (track, audio_hash), found in zip(rows, near, strict=True)
    }  # fmt: skip


def voted(genres: list[list[str]]) -> list[Suggestion]:
    """Return the genre that the nearest tagged tracks, nearest first, agree on; nothing where they do not."""
    votes: Counter[str] = Counter()
    for rank, names in enumerate(genres[:LENDERS]):
        for name in names:
            votes[name] += 1 / (1 + rank)
    if len(genres) < LENDERS:
        return []
    name, vote = votes.most_common(1)[0]
    share = vote / sum(1 / (1 + rank) for rank in range(LENDERS))
    return [Suggestion(GENRE, name, round(share, 3), OURS, SUGGESTED)] if share >= LEAST else []


def _all_read(db: Database, space: Space, folder: str) -> bool:
    """Tell whether nothing is left to do for a model, without starting it."""
    with db.reading() as conn:
        same = properties.get(conn, LOOKS) == words.looks(folder) != ""
        return same and not captioning.unread(conn, space.id, 1)


def _read(db: Database, minds: Minds, folder: str, ask: Ask, stop: threading.Event) -> Space | None:
    looks, digest = words.looks(folder), ask({"do": "look", "kind": CAPTIONS, "folder": folder})["digest"]
    with db.writing() as conn:
        words.put_folder(conn, CAPTIONS, folder)
        properties.put(conn, LOOKS, looks)
    with db.reading() as conn:
        space = next((each for each in spaces.everything(conn) if each.kind == CAPTIONS and each.model == digest), None)
    read = sum(_fill(db, space, digest, folder, ask, stop)) if space else 0
    if space is None:
        first = words.embed(ask, CAPTIONS, folder, ["music"]).vectors[0]
        with db.writing() as conn:
            space = spaces.create(conn, TEXT, CAPTIONS, len(first), model=digest, towers=digest)
        read = sum(_fill(db, space, digest, folder, ask, stop))
    if read:
        log.info("%d descriptions were read (space %d)", read, space.id)
    return space if space.state == ACTIVE or stop.is_set() else embed.bring_into_use(db, minds, space)


def _fill(db: Database, space: Space, digest: str, folder: str, ask: Ask, stop: threading.Event) -> Iterator[int]:
    while not stop.is_set():
        with db.reading() as conn:
            rows = captioning.unread(conn, space.id, READ_AT_ONCE)
        if not rows:
            return
        found = words.embed(ask, CAPTIONS, folder, [row[2] for row in rows])
        if found.digest != digest:
            raise Unavailable("The model of words was changed while it was used.")
        with db.writing() as conn:
            vectors.put(conn, space, [(row[1], each) for row, each in zip(rows, found.vectors, strict=True)])
            captioning.note_read(conn, space.id, rows)
        yield len(rows)
