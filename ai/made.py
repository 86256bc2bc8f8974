"""The lists that Familiar makes for people, kept as ordinary playlists of theirs: when they are due, made and ended.

Whatever is made is made once for its period, so this may run twice and end at
any moment. The rule a newcomer would break: a list that somebody deleted stays
away until they ask for it.
"""

import logging
import threading
from collections.abc import Collection, Sequence
from typing import NamedTuple

import orjson

from ai import discover, history, mixes, periods, recommend, taste
from ai.discover import RADAR, WEEKLY, Draft
from ai.listener import BASIS_SOUND
from ai.minds import Minds
from ai.mixes import MIXES
from server.kernel.clock import Millis, now_ms
from server.kernel.db import Connection, Database, long
from server.kernel.errors import Conflict, Failure, Unavailable
from server.kernel.run import ChildError
from server.playlists import playlists
from server.playlists.playlists import Entry, Made
from server.users import accounts
from server.users.people import Viewer

log = logging.getLogger("familiar.ears")

OWNS = ("discovery",)

KINDS = taste.LISTS
NAMES = {WEEKLY: discover.NAME, RADAR: discover.RADAR_NAME, MIXES: mixes.NAME}
LEAST = 10
"""So many songs somebody has to have played or starred before lists are made unasked."""
WEEKS_APART = 8
"""So many weeks no song comes again in Discover Weekly."""
WEEKS_KEPT = 260
LOCK, LOOK_S, TURNS = "discovery", 60.0, 10


class Kept(NamedTuple):
    """One list that was made; `playlist_id` is None where it is no playlist any more."""

    kind: str
    slot: int
    period: str
    playlist_id: int | None
    basis: str
    entries: tuple[Entry, ...]
    made_ms: Millis

    @property
    def name(self) -> str:
        return f"{NAMES[self.kind]} {self.slot}" if self.slot else NAMES[self.kind]


def due(db: Connection, viewer: Viewer, now: Millis | None = None) -> list[str]:
    """Return which kinds of lists are switched on and not made for this day or week.

    What was made without knowing how songs sound is made once more when that is known.
    """
    now, on = now or now_ms(), taste.settings(db, viewer)
    heard_ms = db.value("SELECT max(active_ms) FROM space WHERE state = 'active' AND purpose IN ('similar', 'both')")
    made = set(db.rows(
        "SELECT kind, period FROM discovery WHERE user_id = :user AND period >= :since"
        " AND (basis = :sound OR made_ms >= :heard)",
        user=viewer.user_id, since=periods.week(now).name, sound=BASIS_SOUND, heard=heard_ms or 0,
    ))  # fmt: skip
    return [kind for kind in KINDS if on[kind] and (kind, _period(kind, now)) not in made]


@long
def drafts(db: Connection, minds: Minds, viewer: Viewer, kinds: Collection[str],
           now: Millis | None = None) -> list[Draft]:  # fmt: skip
    """Return lists of some kinds as they would be now; nothing is kept of them yet."""
    now, found = now or now_ms(), []
    if not kinds:
        return []
    one = recommend.profile(db, minds, viewer)
    if WEEKLY in kinds:
        before = [entry.track_id for week in weeks(db, viewer)[:WEEKS_APART] for entry in week.entries
                  if week.period != periods.week(now).name]  # fmt: skip
        found += discover.weekly(db, minds, viewer, one, now, before)
    if RADAR in kinds:
        found += discover.radar(db, minds, viewer, one, now)
    if MIXES in kinds:
        found += mixes.daily(db, minds, viewer, one, now)
    return found


def keep(db: Connection, viewer: Viewer, kinds: Collection[str], made: Sequence[Draft],
         now: Millis | None = None) -> list[int]:  # fmt: skip
    """Keep lists as playlists, in place of those of the period before, and end what is no longer made; return ids."""
    now = now or now_ms()
    db.bump(f"taste:{viewer.user_id}")
    notice_deleted(db, viewer)
    on, numbers = taste.settings(db, viewer), []
    shown = _shown(db, viewer)
    # Making takes seconds, in which somebody may have said that they dislike a song.
    never = {track for track, how in taste.away(db, viewer).items() if how >= 1}
    for draft in made:
        draft = draft._replace(picks=[each for each in draft.picks if each.track_id not in never])
        number = None
        if on[draft.kind] and on.get(_slot(draft.kind, draft.slot), True):
            number = playlists.keep_made(db, viewer, shown.pop((draft.kind, draft.slot), None), Made(
                draft.kind, draft.name, draft.comment, draft.valid_until_ms,
                [Entry(*each) for each in draft.picks],
            ))  # fmt: skip
            numbers.append(number)
        _put(db, viewer, draft, number, now)
    for kind in set(kinds) - {draft.kind for draft in made}:
        # That there was nothing to make is known for this period, too.
        _put(db, viewer, Draft(kind, 0, _period(kind, now), "", "", 0, "", []), None, now)
    for (kind, _), number in shown.items():
        if kind in kinds:
            playlists.drop_made(db, viewer, number)
    of = {draft.kind: draft.period for draft in made}
    for kind in kinds:
        _forget_old(db, viewer, kind, of.get(kind) or _period(kind, now))
    return numbers


def asked(db: Connection, viewer: Viewer, kinds: Collection[str]) -> None:
    """Switch some kinds of lists on again, because somebody asks for them."""
    notice_deleted(db, viewer)
    for name, on in taste.settings(db, viewer).items():
        if not on and (name in kinds or (MIXES in kinds and name.startswith("mix "))):
            taste.switch(db, viewer, name, True)


def lacking(db: Connection, viewer: Viewer, kinds: Collection[str]) -> list[str]:
    """Return those kinds that are due, or of which there is nothing now."""
    there, waiting = {kind for kind, _ in _shown(db, viewer)}, due(db, viewer)
    return [kind for kind in kinds if kind in waiting or kind not in there]


def switch(db: Connection, viewer: Viewer, kind: str, on: bool) -> None:
    """Have a kind of list made, or not; one that is switched off goes away at once."""
    db.bump(f"taste:{viewer.user_id}")
    if on:
        return asked(db, viewer, (kind,))
    notice_deleted(db, viewer)
    taste.switch(db, viewer, kind, False)
    for (of, _), number in _shown(db, viewer).items():
        if of == kind:
            playlists.drop_made(db, viewer, number)
    _now_gone(db, viewer)
    return None


def settings(db: Connection, viewer: Viewer) -> dict[str, bool]:
    """Return which kinds are made, what was deleted since the last look counted as switched off."""
    found = taste.settings(db, viewer)
    return {kind: found[kind] for kind in KINDS} | {
        kind: False for kind, slot in _deleted(db, viewer) if kind != MIXES
    }  # fmt: skip


def notice_deleted(db: Connection, viewer: Viewer) -> None:
    """Switch off what somebody has deleted: one list, or one of the mixes."""
    for kind, slot in _deleted(db, viewer):
        taste.switch(db, viewer, _slot(kind, slot), False)
    _now_gone(db, viewer)


def weeks(db: Connection, viewer: Viewer) -> list[Kept]:
    """List the Discover Weeklies that were made, this week's first, with all songs that were in them."""
    return _kept(db, viewer, "kind = 'weekly' AND entries <> '[]'")


def current(db: Connection, viewer: Viewer) -> list[Kept]:
    """List what there is now as playlists."""
    there = set(_shown(db, viewer).values())
    return [each for each in _kept(db, viewer, "playlist_id IS NOT NULL") if each.playlist_id in there]


def make(db: Database, minds: Minds, viewer: Viewer, kinds: Collection[str] | None = None) -> list[int]:
    """Make the lists of some kinds, or those that are due, and keep them; return the ids of the playlists."""
    now = now_ms()
    with db.reading() as conn:
        kinds = due(conn, viewer, now) if kinds is None else kinds
        made = drafts(conn, minds, viewer, kinds, now)
    if not kinds:
        return []
    with db.writing() as conn:
        return keep(conn, viewer, kinds, made, now)


def keep_discovering(app, stop: threading.Event) -> None:
    """Make what is due for everybody until `stop` is set; where another worker does it, stand by."""
    while not stop.wait(LOOK_S / 10):
        try:
            with app.db.lock(LOCK):
                for _ in range(TURNS):
                    _turn(app, stop)
                    if stop.wait(LOOK_S):
                        return
        except (Conflict, Unavailable):
            stop.wait(LOOK_S)


def _turn(app, stop: threading.Event) -> None:
    with app.db.reading() as conn:
        viewers = [account.viewer for account in accounts.everyone(conn)]
        waiting = [viewer for viewer in viewers if due(conn, viewer) and history.enough(conn, viewer, LEAST)]
    for viewer in waiting:
        if stop.is_set():
            return
        try:
            make(app.db, app.part(Minds), viewer)
        # Also a mistake in a mind: those of one person must not keep all others waiting.
        except (Failure, ChildError) as failure:
            log.warning("The lists of %s could not be made: %s", viewer.name, failure)


def forget(db: Connection, user_id: int) -> None:
    """Remove what was made for a person who leaves."""
    db.run("DELETE FROM discovery WHERE user_id = :user", user=user_id)


def _period(kind: str, now: Millis) -> str:
    return (periods.week if kind == WEEKLY else periods.day)(now).name


def _slot(kind: str, slot: int) -> str:
    """Return the name of the setting that switches one list."""
    return f"mix {slot}" if kind == MIXES else kind


def _shown(db: Connection, viewer: Viewer) -> dict[tuple[str, int], int]:
    """Return the playlist of each list that there is."""
    found = {(kind, slot): number for kind, slot, number in db.rows(
        "SELECT kind, slot, playlist_id FROM discovery WHERE user_id = :user AND playlist_id IS NOT NULL"
        " ORDER BY made_ms", user=viewer.user_id,
    )}  # fmt: skip
    there = playlists.there(db, list(found.values()))
    return {key: number for key, number in found.items() if number in there}


def _deleted(db: Connection, viewer: Viewer) -> list[tuple[str, int]]:
    found = db.rows("SELECT kind, slot, playlist_id FROM discovery WHERE user_id = :user AND playlist_id IS NOT NULL",
                    user=viewer.user_id)  # fmt: skip
    there = playlists.there(db, [number for _, _, number in found])
    return [(kind, slot) for kind, slot, number in found if number not in there]


def _now_gone(db: Connection, viewer: Viewer) -> None:
    rows = db.rows("SELECT id, playlist_id FROM discovery WHERE user_id = :user AND playlist_id IS NOT NULL",
                   user=viewer.user_id)  # fmt: skip
    there = playlists.there(db, [number for _, number in rows])
    db.run("UPDATE discovery SET playlist_id = NULL WHERE id IN (SELECT id FROM EACH(:gone))",
           gone=[each for each, number in rows if number not in there])  # fmt: skip


def _put(db: Connection, viewer: Viewer, draft: Draft, number: int | None, now: Millis) -> None:
    if number is not None:
        db.run("UPDATE discovery SET playlist_id = NULL WHERE user_id = :user AND playlist_id = :number",
               user=viewer.user_id, number=number)  # fmt: skip
    db.run(
        "INSERT INTO discovery (user_id, kind, slot, period, playlist_id, basis, entries, made_ms)"
        " VALUES (:user, :kind, :slot, :period, :number, :basis, :entries, :now)"
        " ON CONFLICT (user_id, kind, slot, period) DO UPDATE SET playlist_id = excluded.playlist_id,"
        " basis = excluded.basis, entries = excluded.entries, made_ms = excluded.made_ms",
        user=viewer.user_id, kind=draft.kind, slot=draft.slot, period=draft.period, number=number, basis=draft.basis,
        entries=orjson.dumps([list(each) for each in draft.picks]).decode(), now=now,
    )  # fmt: skip


def _forget_old(db: Connection, viewer: Viewer, kind: str, period: str) -> None:
    """Keep the weeks as history, and of what is made daily only that of the day it was just made for.

    That is not always the latest: a clock that was wrong has been put right, or the time zone is another.
    """
    if kind != WEEKLY:
        db.run("DELETE FROM discovery WHERE user_id = :user AND kind = :kind AND period <> :period",
               user=viewer.user_id, kind=kind, period=period)  # fmt: skip
        return
    found = db.rows("SELECT DISTINCT period FROM discovery WHERE user_id = :user AND kind = :kind ORDER BY period DESC",
                    user=viewer.user_id, kind=kind)  # fmt: skip
    if len(found) > WEEKS_KEPT:
        db.run("DELETE FROM discovery WHERE user_id = :user AND kind = :kind AND period <= :period",
               user=viewer.user_id, kind=kind, period=found[WEEKS_KEPT][0])  # fmt: skip


def _kept(db: Connection, viewer: Viewer, condition: str) -> list[Kept]:
    rows = db.rows(
        "SELECT kind, slot, period, playlist_id, basis, entries, made_ms FROM discovery"
        f" WHERE user_id = :user AND {condition} ORDER BY period DESC, kind DESC, slot", user=viewer.user_id,
    )  # fmt: skip
    return [Kept(*row[:5], tuple(Entry(*each) for each in orjson.loads(row[5])), row[6]) for row in rows]
