"""Replay: would what is recommended have been what somebody then played? Asked of their own history, without a label.

The last sittings are taken away one by one; what was known before each ranks the
library, and the ranking is held against what was played, beside the rankings by
popularity and by chance. The rule a newcomer would break: whatever is looked at
has to be older than the sitting, so nothing here may ask for the present.
"""

from collections.abc import Collection, Sequence
from math import log2
from typing import NamedTuple

from ai import recommend
from ai.listener import Wish
from ai.minds import Minds
from server.kernel.clock import Millis
from server.kernel.db import Connection, long
from server.library.listening import SITTING_MS
from server.users import accounts
from server.users.people import Viewer

SITTINGS, LEAST = 5, 3
"""So many of the last sittings are asked about, of those with at least so many different songs."""
BEFORE = 20
"""So many plays have to lie before a sitting."""
DEPTH = 100
"""So many places of a ranking are looked at."""
PLAYS_MAX = 3000


class Marks(NamedTuple):
    """How good a ranking was, 0 to 1."""

    r_precision: float
    """The share of what was played among as many first places as songs were played."""
    ndcg: float
    """The same for `DEPTH` places, the first counting most."""


NOTHING = Marks(0.0, 0.0)


class Replayed(NamedTuple):
    sittings: int
    ours: Marks
    popularity: Marks
    chance: Marks
    new: Marks
    """How well those songs were foreseen that were heard for the first time, among all such songs."""
    new_by_chance: Marks


@long
def replay(db: Connection, minds: Minds, viewer: Viewer, sittings: int = SITTINGS) -> Replayed | None:
    """Return how well the last sittings of the viewer were foreseen; None while there are too few plays."""
    found, fresh = [], []
    size = db.value(
        "SELECT CAST(count(*) AS BIGINT) FROM track WHERE missing_ms IS NULL"
        " AND library_id IN (SELECT id FROM EACH(:libraries))", libraries=viewer.libraries,
    )  # fmt: skip
    for began, played in _sittings(db, viewer)[:sittings]:
        one = recommend.profile(db, minds, viewer, until_ms=began)
        ranked = recommend.rank(db, minds, viewer, one, Wish(DEPTH, known=True, dice=str(began), present=False))
        order, before = ranked.order, one.history.played
        found.append((marks(order, played), marks(_popular(db, viewer, began), played), _chance(played, size)))
        if new := played - before:
            unheard = [track for track in order if track not in before]
            fresh.append((marks(unheard, new), _chance(new, size - len(before))))
    if not found:
        return None
    return Replayed(len(found), *map(_mean, zip(*found, strict=True)),
                    *map(_mean, zip(*(fresh or [(NOTHING, NOTHING)]), strict=True)))  # fmt: skip


@long
def everybody(db: Connection, minds: Minds, viewer: Viewer, sittings: int = 1, people: int = 20) -> Replayed | None:
    """Return the mean over people, those who were here last first. Raises Forbidden for all but administrators."""
    viewers = {account.viewer.user_id: account.viewer for account in accounts.everyone(db, viewer)}
    seen = [row[0] for row in db.rows(
        "SELECT user_id FROM play GROUP BY user_id ORDER BY max(played_ms) DESC, user_id LIMIT :people", people=people)]
    found = [each for user in seen if user in viewers and (each := replay(db, minds, viewers[user], sittings))]
    if not found:
        return None
    return Replayed(sum(each.sittings for each in found), *(
        _mean([getattr(each, name) for each in found]) for name in Replayed._fields[1:]
    ))  # fmt: skip


def marks(ranking: Sequence[int], played: Collection[int]) -> Marks:
    """Return how good a ranking was for what was then played."""
    wanted, first = set(played), ranking[: len(played)]
    gain = sum(1 / log2(at + 2) for at, track in enumerate(ranking[:DEPTH]) if track in wanted)
    return Marks(len(wanted.intersection(first)) / len(wanted), gain / _best(len(wanted)))


def _chance(played: Collection[int], size: int) -> Marks:
    """Return what a ranking in no order has to expect."""
    share = len(played) / max(size, 1)
    return Marks(share, share * _best(min(DEPTH, size)) / _best(len(played)))


def _best(count: int) -> float:
    return sum(1 / log2(at + 2) for at in range(min(count, DEPTH)))


def _sittings(db: Connection, viewer: Viewer) -> list[tuple[Millis, set[int]]]:
    """Return when the last sittings began and what of the present library was played in them, the last first."""
    rows = db.rows(
        "SELECT p.track_id, p.played_ms FROM play p JOIN track t ON t.id = p.track_id WHERE p.user_id = :user"
        " AND t.missing_ms IS NULL AND t.library_id IN (SELECT id FROM EACH(:libraries))"
        " ORDER BY p.played_ms DESC LIMIT :most", user=viewer.user_id, libraries=viewer.libraries, most=PLAYS_MAX,
    )  # fmt: skip
    found: list[tuple[Millis, set[int]]] = []
    kept = []
    for at, (track, played_ms) in enumerate(rows):
        if found and found[-1][0] - played_ms <= SITTING_MS:
            found[-1] = played_ms, {*found[-1][1], track}
        else:
            found.append((played_ms, {track}))
        if at + 1 == len(rows) or played_ms - rows[at + 1][1] > SITTING_MS:
            began, played = found[-1]
            if len(played) >= LEAST and len(rows) - at - 1 >= BEFORE:
                kept.append((began, played))
    return kept


def _popular(db: Connection, viewer: Viewer, until_ms: Millis) -> list[int]:
    return [row[0] for row in db.rows(
        "SELECT p.track_id, CAST(count(*) AS BIGINT) AS plays FROM play p JOIN track t ON t.id = p.track_id"
        " WHERE p.played_ms < :until AND t.missing_ms IS NULL AND t.library_id IN (SELECT id FROM EACH(:libraries))"
        " GROUP BY p.track_id ORDER BY plays DESC, p.track_id LIMIT :most",
        until=until_ms, libraries=viewer.libraries, most=DEPTH,
    )]  # fmt: skip


def _mean(found: Sequence[Marks]) -> Marks:
    return Marks(*(round(sum(values) / len(found), 4) for values in zip(*found, strict=True)))
