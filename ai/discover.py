"""Discover Weekly and Release Radar: songs that are new to somebody, and what was added lately for them.

The rule a newcomer would break: a week's list stays as it is all week, and what
was in the last ones does not come again.
"""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from ai import candidates, periods, recommend, sift
from ai.candidates import ARTIST, GENRE, SOUND
from ai.listener import Pick, Profile, Wish
from ai.minds import Minds
from server.kernel.clock import Millis
from server.kernel.db import Connection
from server.users.people import Viewer

WEEKLY, RADAR = "weekly", "radar"
NAME, RADAR_NAME = "Discover Weekly", "Release Radar"
COUNT, FRESH = 30, 0.7
RADAR_DAYS = 28
FITS = 0.35
"""How near to a taste something added must be in sound that is by nobody whom they play."""


class Draft(NamedTuple):
    """A list as it shall be kept."""

    kind: str
    slot: int
    period: str
    name: str
    comment: str
    valid_until_ms: Millis
    basis: str
    picks: list[Pick]


def weekly(db: Connection, minds: Minds, viewer: Viewer, one: Profile, now: Millis,
           before: Sequence[Collection[int]]) -> list[Draft]:  # fmt: skip
    """Return the list of this week; `before` are the songs of the last weeks, the newest first. Empty while there is no
    music."""
    period, picks = periods.week(now), []
    # A small library has not enough for so many weeks: then what was in the oldest of them may come again.
    for weeks in dict.fromkeys((len(before), len(before) // 2, min(1, len(before)), 0)):
        without = {*(track for week in before[:weeks] for track in week), *(each.track_id for each in picks)}
        wish = Wish(COUNT - len(picks), FRESH, without=without, dice=period.name)
        picks = _once(db, [*picks, *recommend.pick(db, minds, viewer, one, wish)])
        if len(picks) >= COUNT:
            break
    if not picks:
        return []
    new = sum(each.track_id not in one.history.played for each in picks)
    told = f"{len(picks)} songs for the week of {periods.spoken(period.name)}, {new} of them new to you"
    if new < FRESH * len(picks):
        told += ": you have played nearly everything here that could fit"
    comment = f"{told}. Chosen by {one.basis}. Familiar makes this list anew every Monday."
    return [Draft(WEEKLY, 0, period.name, NAME, comment, period.until_ms, one.basis, picks)]


def _once(db: Connection, picks: Sequence[Pick]) -> list[Pick]:
    """Return a list without what is in it already as another file."""
    rows, seen, found = sift.rows(db, [each.track_id for each in picks]), set(), []
    for each in picks:
        marks = sift.marks(each.track_id, rows[each.track_id])
        if seen.isdisjoint(marks):
            seen |= marks
            found.append(each)
    return found


def radar(db: Connection, minds: Minds, viewer: Viewer, one: Profile, now: Millis) -> list[Draft]:
    """Return what was added in the last four weeks by artists whom somebody plays, or near their taste."""
    period, added = periods.day(now), candidates.new(db, viewer, one.history, RADAR_DAYS)
    wish = Wish(COUNT, known=True, only=set(added), dice=period.name)
    if not added or not one.modes:
        return []
    found = recommend.rank(db, minds, viewer, one, wish).sources
    theirs = {track for track in added if track in found[ARTIST] or found[SOUND].get(track, 0.0) >= FITS
              or (not found[SOUND] and track in found[GENRE])}  # fmt: skip
    picks = recommend.pick(db, minds, viewer, one, wish._replace(only=theirs)) if theirs else []
    if not picks:
        return []
    comment = (
        f"{len(picks)} songs that were added in the last four weeks. Chosen by {one.basis}."
        " Familiar makes this list anew every day."
    )
    return [Draft(RADAR, 0, period.name, RADAR_NAME, comment, period.until_ms, one.basis, picks)]
