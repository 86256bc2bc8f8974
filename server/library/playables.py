"""What can be played: tracks, and episodes of podcasts, both under one number.

A track has its own number and an episode its own below zero, so that queues,
bookmarks, the history and who listens to what hold both in one column. The rule
a newcomer would break: whoever joins `track` to such a column leaves the
episodes out, which is right where music is counted and wrong where it is played.
"""

from collections.abc import Iterable, Sequence

from server.kernel.clock import Millis
from server.kernel.db import Connection
from server.kernel.errors import NotFound
from server.kernel.ids import Ids
from server.library import episodes, tracks
from server.library.facts import Faced, TrackFile
from server.users.people import Viewer


def number(ids: Ids, text: str) -> int:
    """Return the number of an id of a track or an episode. Raises NotFound."""
    prefix, found = ids.parse(text)
    if prefix not in ("tr", "pe"):
        raise NotFound("There is no such song.")
    return found if prefix == "tr" else -found


def numbers(ids: Ids, texts: Iterable[str]) -> list[int]:
    """Return a number for each text, 0 for what can not be played: nothing has that number."""
    texts = list(texts)
    found = zip(ids.numbers("tr", texts), ids.numbers("pe", texts), strict=True)
    return [track or -episode for track, episode in found]


def text(ids: Ids, playable: int) -> str:
    """Return the id of a number."""
    return ids.text("tr", playable) if playable > 0 else ids.text("pe", -playable)


def faced(db: Connection, viewer: Viewer, playables: Sequence[int]) -> dict[int, Faced]:
    """Return number → face with this viewer's marks, of what is there and theirs to hear."""
    found = tracks.faced(db, viewer, [each for each in playables if each > 0])
    if below := [-each for each in playables if each < 0]:
        found |= {face.id: face for face in episodes.faced(db, viewer, below).values()}
    return found


def visible(db: Connection, viewer: Viewer, playables: Sequence[int]) -> list[int]:
    """Return those numbers that the viewer may hear and that are there, in their order, repetitions kept."""
    seen = set(tracks.visible(db, viewer, [each for each in playables if each > 0]))
    seen.update(-each for each in episodes.there(db, [-each for each in playables if each < 0]))
    return [each for each in playables if each in seen]


def length_ms(db: Connection, viewer: Viewer, playable: int) -> Millis:
    """Return how long something is, 0 when nobody knows. Raises NotFound."""
    if playable < 0:
        return episodes.length_ms(db, -playable)
    found = db.value(
        "SELECT t.length_ms FROM track t WHERE t.id = :id AND t.missing_ms IS NULL"
        " AND t.library_id IN (SELECT id FROM EACH(:libraries))",
        id=playable, libraries=viewer.libraries,
    )  # fmt: skip
    if found is None:
        raise NotFound("There is no such song.")
    return found


def file(db: Connection, viewer: Viewer, playable: int) -> TrackFile:
    """Return where the bytes of something are. Raises NotFound."""
    return episodes.file(db, viewer, -playable) if playable < 0 else tracks.file(db, viewer, playable)
