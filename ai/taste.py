"""What people tell of their taste: what they do not like, and what nobody shall learn from.

A rating of one star, which every app can give, is a dislike too. The rule a
newcomer would break: all of it is the person's own, listed to them, and taken
back as easily as it was said; it never leaves their account.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import NamedTuple

from server.kernel.clock import Millis, now_ms
from server.kernel.db import Connection
from server.kernel.errors import Invalid, NotFound
from server.library import albums, artists, tracks
from server.library.facts import ALBUM, ARTIST, TRACK
from server.library.listening import SITTING_MS
from server.playlists import playlists
from server.plays import marks
from server.users.people import Viewer

OWNS = ("dislike", "unlearned", "taste_setting")

NOUNS = {TRACK: tracks, ALBUM: albums, ARTIST: artists}
HALF_LIFE_MS: Millis = 30 * 86_400_000
"""After so long a play or a skip says half as much."""
DAY_MS: Millis = 86_400_000
WORST = 1
"""The rating that is a dislike."""
SITTING, CLIENT, SONG = "session", "device", "track"
KINDS = (SONG, SITTING, CLIENT)
SKIPPED, SKIPPED_MOST = 0.4, 0.8
"""How much one skip of today pushes away, and how much any number of them does at most."""
CLIENT_MAX, KEPT_MAX, SKIPS_MAX = 200, 1000, 2000
LISTS = ("weekly", "mixes", "radar")
"""What is made for people, by the names of the settings that switch it."""


class Dislike(NamedTuple):
    kind: int
    item_id: int
    said_ms: Millis | None
    """None for what a rating says."""


class Unlearned(NamedTuple):
    """Something that nothing is learned from: a track, one sitting, or all that one client plays."""

    id: int
    kind: str
    track_id: int
    began_ms: Millis
    ended_ms: Millis
    client: str
    noted_ms: Millis


class Ignored(NamedTuple):
    """The same, as it is asked about."""

    tracks: frozenset[int]
    clients: frozenset[str]
    sittings: tuple[tuple[Millis, Millis], ...]

    def holds(self, track_id: int, at_ms: Millis, client: str) -> bool:
        """Tell whether nothing is to be learned from this play or skip."""
        return (track_id in self.tracks or client in self.clients
                or any(began <= at_ms <= ended for began, ended in self.sittings))  # fmt: skip


def dislike(db: Connection, viewer: Viewer, items: Iterable[tuple[int, int]]) -> None:
    """Note that the viewer dislikes things given as (kind, id), and take them out of the lists made for them.

    Raises NotFound if none of them is there.
    """
    db.bump(f"taste:{viewer.user_id}")
    there = [(kind, number) for kind, ids in _sorted(items).items() for number in NOUNS[kind].visible(db, viewer, ids)]
    if not there:
        raise NotFound("There is nothing of that id to dislike.")
    db.many(
        "INSERT INTO dislike (user_id, kind, item_id, disliked_ms) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (user_id, kind, item_id) DO NOTHING",
        [(viewer.user_id, kind, number, now_ms()) for kind, number in there],
    )
    playlists.drop_from_made(db, viewer, _tracks_of(db, viewer, [Dislike(*each, None) for each in there]))


def rated(db: Connection, viewer: Viewer, kind: int, number: int, rating: int) -> None:
    """Take what was just given one star out of the lists made for the viewer, as any dislike is."""
    if rating == WORST and kind in NOUNS:
        playlists.drop_from_made(db, viewer, _tracks_of(db, viewer, [Dislike(kind, number, None)]))


def like_again(db: Connection, viewer: Viewer, items: Iterable[tuple[int, int]]) -> None:
    """Take dislikes back, ratings of one star too; what was none is left as it is."""
    db.bump(f"taste:{viewer.user_id}")
    for kind, ids in _sorted(items).items():
        for (number,) in db.rows(
            "SELECT m.item_id FROM EACH(:ids) e JOIN mark m ON m.user_id = :user AND m.kind = :kind"
            " AND m.item_id = e.id WHERE m.rating = :worst", ids=ids, user=viewer.user_id, kind=kind, worst=WORST,
        ):  # fmt: skip
            with suppress(NotFound):
                marks.rate(db, viewer, kind, number, 0)
        db.run(
            "DELETE FROM dislike WHERE user_id = :user AND kind = :kind AND item_id IN (SELECT id FROM EACH(:ids))",
            user=viewer.user_id, kind=kind, ids=ids,
        )  # fmt: skip


def dislikes(db: Connection, viewer: Viewer) -> list[Dislike]:
    """List what the viewer dislikes and can see, newest first, and then what they gave one star."""
    said = [Dislike(*row) for row in db.rows(
        "SELECT kind, item_id, disliked_ms FROM dislike WHERE user_id = :user ORDER BY disliked_ms DESC, kind, item_id",
        user=viewer.user_id,
    )]  # fmt: skip
    known = {(each.kind, each.item_id) for each in said}
    rated = [Dislike(kind, number, None) for kind, number in db.rows(
        "SELECT kind, item_id FROM mark WHERE user_id = :user AND rating = :worst AND kind IN (1, 2, 3)"
        " ORDER BY kind, item_id", user=viewer.user_id, worst=WORST,
    ) if (kind, number) not in known]  # fmt: skip
    found = said + rated
    there = {(kind, number) for kind, noun in NOUNS.items() for number in noun.visible(
        db, viewer, [each.item_id for each in found if each.kind == kind])}  # fmt: skip
    return [each for each in found if (each.kind, each.item_id) in there]


def unlearn(db: Connection, viewer: Viewer, kind: str, track_id: int = 0, at_ms: Millis = 0,
            client: str = "") -> int:  # fmt: skip
    """Learn nothing from a track, from the sitting of a play that was at `at_ms`, or from a client; return an id.

    Raises NotFound for a track that is not there and a moment at which nothing was played, Invalid for anything else.
    """
    db.bump(f"taste:{viewer.user_id}")
    began_ms = ended_ms = 0
    if kind == SONG:
        if not tracks.visible(db, viewer, [track_id]):
            raise NotFound("There is no such song.")
        at_ms, client = 0, ""
    elif kind == SITTING:
        began_ms, ended_ms = _sitting(db, viewer, at_ms)
        track_id, client = 0, ""
    elif kind == CLIENT and 0 < len(client) <= CLIENT_MAX:
        track_id = 0
    else:
        raise Invalid("Say a track, the time (played_ms) of a play of the session, or the name of a device.")
    key = {"user": viewer.user_id, "kind": kind, "track": track_id, "began": began_ms, "ended": ended_ms,
           "client": client}  # fmt: skip
    known = db.value(
        "SELECT id FROM unlearned WHERE user_id = :user AND kind = :kind AND track_id = :track AND began_ms = :began"
        " AND ended_ms = :ended AND client = :client", **key,
    )  # fmt: skip
    if known is not None:
        return known
    if db.value("SELECT count(*) FROM unlearned WHERE user_id = :user", user=viewer.user_id) >= KEPT_MAX:
        raise Invalid(f"There are {KEPT_MAX} such exceptions already; take some back first.")
    return db.insert(
        "INSERT INTO unlearned (user_id, kind, track_id, began_ms, ended_ms, client, noted_ms)"
        " VALUES (:user, :kind, :track, :began, :ended, :client, :now) RETURNING id", now=now_ms(), **key,
    )  # fmt: skip


def learn_again(db: Connection, viewer: Viewer, number: int) -> None:
    """Take one exception back. Raises NotFound."""
    db.bump(f"taste:{viewer.user_id}")
    if not db.run("DELETE FROM unlearned WHERE id = :id AND user_id = :user", id=number, user=viewer.user_id):
        raise NotFound("There is no such exception.")


def unlearned(db: Connection, viewer: Viewer) -> list[Unlearned]:
    """List what nothing is learned from, newest first."""
    return [Unlearned(*row) for row in db.rows(
        "SELECT id, kind, track_id, began_ms, ended_ms, client, noted_ms FROM unlearned WHERE user_id = :user"
        " ORDER BY id DESC", user=viewer.user_id,
    )]  # fmt: skip


def ignored(db: Connection, viewer: Viewer) -> Ignored:
    """Return the same for asking about it."""
    found = unlearned(db, viewer)
    return Ignored(
        frozenset(each.track_id for each in found if each.kind == SONG),
        frozenset(each.client for each in found if each.kind == CLIENT),
        tuple((each.began_ms, each.ended_ms) for each in found if each.kind == SITTING),
    )


def settings(db: Connection, viewer: Viewer) -> dict[str, bool]:
    """Return which lists are made for the viewer, by name; those never switched are on."""
    off = {name for (name,) in db.rows("SELECT name FROM taste_setting WHERE user_id = :user AND value = 0",
                                       user=viewer.user_id)}  # fmt: skip
    return {name: name not in off for name in (*LISTS, *sorted(off - set(LISTS)))}


def switch(db: Connection, viewer: Viewer, name: str, on: bool) -> None:
    """Have lists of a kind made from now on, or no longer."""
    db.run(
        "INSERT INTO taste_setting (user_id, name, value) VALUES (:user, :name, :value)"
        " ON CONFLICT (user_id, name) DO UPDATE SET value = excluded.value",
        user=viewer.user_id, name=name, value=int(on),
    )  # fmt: skip


def away(db: Connection, viewer: Viewer, until_ms: Millis | None = None) -> Mapping[int, float]:
    """Return what the viewer does not want to hear, track → 0 to 1: 1 for dislikes, less for what was skipped.

    Of a moment that is over, only what was said before it; ratings have no date, so they are left out then.
    """
    now = until_ms or now_ms()
    key = ("away", viewer.user_id, viewer.libraries, now // DAY_MS if until_ms is None else now)
    versions = (f"taste:{viewer.user_id}", f"marks:{viewer.user_id}", "library")
    return db.cached(key, versions, lambda: _away(db, viewer, now, until_ms is not None))


def skipped(db: Connection, viewer: Viewer, now: Millis) -> dict[int, float]:
    """Return how often each track was skipped, one of a half-life ago counting half, as far as one may learn of it."""
    but, found = ignored(db, viewer), {}
    for track, at_ms, client in db.rows(
        "SELECT track_id, skipped_ms, client FROM skip WHERE user_id = :user AND skipped_ms < :now"
        " ORDER BY skipped_ms DESC LIMIT :most", user=viewer.user_id, now=now, most=SKIPS_MAX,
    ):  # fmt: skip
        if not but.holds(track, at_ms, client):
            found[track] = found.get(track, 0.0) + faded(now - at_ms)
    return found


def faded(age_ms: Millis, half_life_ms: Millis = HALF_LIFE_MS) -> float:
    """Return what is left of something after so long: 1 now, 0.5 after a half-life."""
    return 0.5 ** (max(0, age_ms) / half_life_ms)


def forget(db: Connection, user_id: int) -> None:
    """Remove what a person who leaves has told."""
    db.bump(f"taste:{user_id}")
    for table in OWNS:
        db.run(f"DELETE FROM {table} WHERE user_id = :user", user=user_id)


def _sorted(items: Iterable[tuple[int, int]]) -> dict[int, list[int]]:
    groups: dict[int, list[int]] = {}
    for kind, number in items:
        if kind not in NOUNS:
            raise Invalid("Songs, albums and artists can be disliked.")
        groups.setdefault(kind, []).append(number)
    return groups


def _sitting(db: Connection, viewer: Viewer, at_ms: Millis) -> tuple[Millis, Millis]:
    """Return the first and the last moment of the sitting in which something was played at a moment."""
    near = db.value(
        "SELECT played_ms FROM play WHERE user_id = :user AND played_ms BETWEEN :low AND :high"
        " ORDER BY abs(played_ms - :at) LIMIT 1",
        user=viewer.user_id, low=at_ms - SITTING_MS, high=at_ms + SITTING_MS, at=at_ms,
    )  # fmt: skip
    if near is None:
        raise NotFound("You played nothing at that time.")
    sides = []
    for order, way in (("DESC", "<="), ("ASC", ">=")):
        end = near
        for (at,) in db.rows(f"SELECT played_ms FROM play WHERE user_id = :user AND played_ms {way} :near"
                             f" ORDER BY played_ms {order} LIMIT 500", user=viewer.user_id, near=near):  # fmt: skip
            if abs(at - end) > SITTING_MS:
                break
            end = at
        sides.append(end)
    return sides[0], sides[1]


def _away(db: Connection, viewer: Viewer, now: Millis, over: bool) -> dict[int, float]:
    finished: dict[int, float] = {}
    pushed = skipped(db, viewer, now)
    for track, at_ms in db.rows(
        "SELECT p.track_id, p.played_ms FROM EACH(:ids) e JOIN play p ON p.user_id = :user AND p.track_id = e.id"
        " WHERE p.played_ms < :now", ids=sorted(pushed), user=viewer.user_id, now=now,
    ):  # fmt: skip
        finished[track] = finished.get(track, 0.0) + faded(now - at_ms)
    found = {track: min(SKIPPED_MOST, SKIPPED * (times - finished.get(track, 0.0))) for track, times in pushed.items()
             if times - finished.get(track, 0.0) > 0.05}  # fmt: skip
    said = [each for each in dislikes(db, viewer) if not over or (each.said_ms is not None and each.said_ms < now)]
    return found | dict.fromkeys(_tracks_of(db, viewer, said), 1.0)


def _tracks_of(db: Connection, viewer: Viewer, said: Sequence[Dislike]) -> list[int]:
    of = {kind: [each.item_id for each in said if each.kind == kind] for kind in NOUNS}
    found = [*of[TRACK]]
    if of[ALBUM]:
        found += [row[0] for row in db.rows("SELECT t.id FROM EACH(:ids) e JOIN track t ON t.album_id = e.id",
                                            ids=of[ALBUM])]  # fmt: skip
    if of[ARTIST]:
        found += [row[0] for row in db.rows(
            "SELECT DISTINCT c.track_id FROM EACH(:ids) e JOIN credit c ON c.artist_id = e.id AND c.role = 'artist'",
            ids=of[ARTIST],
        )]  # fmt: skip
    return found
