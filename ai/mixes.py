"""Daily Mixes: one for each mode of a taste, favourites with songs like them, in an order that flows."""

from ai import flow, periods, recommend
from ai.discover import Draft
from ai.listener import Profile, Wish
from ai.minds import Minds
from ai.modes import MOST, Mode
from server.kernel.clock import Millis
from server.kernel.db import Connection
from server.users.people import Viewer

MIXES, NAME = "mixes", "Daily Mix"
COUNT, FRESH, LEAST = 25, 0.4, 5
DAYTIMES = ((5, "in the night"), (11, "in the morning"), (14, "around noon"), (18, "in the afternoon"),
            (22, "in the evening"), (24, "in the night"))  # fmt: skip


def daily(db: Connection, minds: Minds, viewer: Viewer, one: Profile, now: Millis) -> list[Draft]:
    """Return the mixes of a day, that of the largest mode first; a song is in one of them only."""
    period, drafts, used = periods.day(now), [], set()
    for mode in one.modes[:MOST]:
        wish = Wish(COUNT, FRESH, known=True, mode=mode, without=used, dice=period.name)
        picks = recommend.pick(db, minds, viewer, one, wish)
        if len(picks) < LEAST:
            continue
        if mode.centre is not None:
            reason = {each.track_id: each for each in picks}
            picks = [reason[track] for track in flow.flow(db, minds, viewer, list(reason)).order]
        used |= {each.track_id for each in picks}
        slot = len(drafts) + 1
        comment = f"{_told(mode)}. Chosen by {one.basis}. Familiar makes this list anew every day."
        drafts.append(Draft(MIXES, slot, period.name, f"{NAME} {slot}", comment, period.until_ms, one.basis, picks))
    return drafts


def _told(mode: Mode) -> str:
    """Say what a mode is like, in its genres, artists and time of day."""
    parts = " and ".join(mode.genres)
    artists = ", ".join(mode.artists)
    told = ": ".join(filter(None, (parts, f"{artists} and others" if artists else ""))) or "Songs that you like"
    if mode.hour is not None:
        told += f", which you hear {next(words for end, words in DAYTIMES if mode.hour < end)}"
    return told
