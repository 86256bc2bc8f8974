"""The engine behind sonicSimilarity and "similar songs" of every app: `server.library.sonic.Engine`, filled.

It never fails: whoever asks for what cannot be compared yet gets an empty list,
and the library falls back on tags.
"""

from ai import path, similar, spaces, vectors
from ai.minds import Minds
from ai.spaces import SIMILAR
from server.kernel.db import Connection
from server.kernel.errors import NotFound, Unavailable
from server.users.people import Viewer


class Ears:
    """Answers from the active space."""

    def __init__(self, minds: Minds):
        self.minds = minds

    def active(self, db: Connection) -> bool:
        return spaces.active(db, SIMILAR) is not None

    def similar(self, db: Connection, viewer: Viewer, track_id: int, count: int) -> list[tuple[int, float]]:
        try:
            space = similar.usable(db)
            pool = similar.candidates(db, self.minds, viewer, space, [track_id], count, without=[track_id])
            taken = similar.sifted(db, self.minds, viewer, space, pool, count, [track_id])
        except (NotFound, Unavailable):
            return []
        return [(each.track, vectors.closeness(space, each.distance)) for each in taken]

    def path(self, db: Connection, viewer: Viewer, start_id: int, end_id: int, count: int) -> list[tuple[int, float]]:
        try:
            steps = path.between(db, self.minds, viewer, start_id, end_id, min(count, path.LONGEST), explained=False)
            return [(step.track_id, step.closeness) for step in steps]
        except (NotFound, Unavailable):
            return []
