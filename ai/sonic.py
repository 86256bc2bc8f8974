"""The engine behind sonicSimilarity and "similar songs" of every app: `server.library.sonic.Engine`, filled.

It never fails: whoever asks for what cannot be compared yet gets an empty list,
and the library falls back on tags.
"""

from collections.abc import Collection, Sequence

from ai import spaces
from ai.minds import Minds
from ai.spaces import SIMILAR
from server.kernel.db import Connection
from server.kernel.errors import NotFound, Unavailable
from server.users.people import Viewer


class Ears:
    """Answers from the active space.

    What computes is imported by the first who asks: every start would wait for it, and most end before anybody does.
    """

    def __init__(self, minds: Minds):
        self.minds = minds

    def active(self, db: Connection) -> bool:
        return spaces.active(db, SIMILAR) is not None

    def similar(self, db: Connection, viewer: Viewer, track_id: int, count: int) -> list[tuple[int, float]]:
        from ai import vectors

        space = spaces.active(db, SIMILAR)
        found = self._near(db, viewer, [track_id], count)
        return [(each.track, vectors.closeness(space, each.distance)) for each in found]

    def like(self, db: Connection, viewer: Viewer, track_ids: Sequence[int], count: int) -> list[int]:
        return [each.track for each in self._near(db, viewer, track_ids, count)]

    def path(self, db: Connection, viewer: Viewer, start_id: int, end_id: int, count: int) -> list[tuple[int, float]]:
        from ai import path

        try:
            steps = path.between(db, self.minds, viewer, start_id, end_id, min(count, path.LONGEST), explained=False)
            return [(step.track_id, step.closeness) for step in steps]
        except (NotFound, Unavailable):
            return []

    def unwanted(self, db: Connection, viewer: Viewer) -> Collection[int]:
        from ai import similar

        return [track for track, how in similar.disliked(db, viewer).items() if how >= 1]

    def _near(self, db: Connection, viewer: Viewer, track_ids: Sequence[int], count: int) -> list:
        from ai import similar

        try:
            space = similar.usable(db)
            seeds = similar.heard(db, space, track_ids)
            pool = similar.varied(db, self.minds, viewer, space, seeds, count, without=track_ids)
            return similar.sifted(db, self.minds, viewer, space, pool, count, seeds)
        except (NotFound, Unavailable):
            return []
