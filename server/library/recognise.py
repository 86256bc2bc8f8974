"""Recognising what was known before: the track that a file is, wherever it lies now, and the album that a key means.

A song is its audio first and its place second: what people did with it follows the audio to another place, and stays
with the place only while nothing else is known of what lies there now.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection
from typing import NamedTuple

from server.kernel.db import Connection
from server.library import albums, tracks
from server.library.batch import Found


def tracks_of(db: Connection, library_id: int, found: list[Found], is_gone: Callable[[tuple], bool],
              taken: Collection[int]) -> tuple[list[Found], set[int], list[int]]:
    """Return the files with the rows that are theirs, which rows moved, and which have lost their place to another.

    A file takes the row of the same audio if that one's place is empty or holds other audio now; what lies there then
    has to look for itself. `is_gone` is asked about rows of `tracks.same_audio`, `taken` are those that moved before.
    """
    search = _Search(db, library_id, found, is_gone, taken)
    search.run()
    lost = {each.old_id for each, now in zip(found, search.settled, strict=True) if each.old_id != now.old_id}
    return search.settled, search.moved, sorted(lost - {None})


class _Search:
    """One search of `tracks_of`. Files are meant by their place in the list."""

    def __init__(self, db: Connection, library_id: int, found: list[Found], is_gone, taken: Collection[int]):
        self.found, self.library_id, self.taken = found, library_id, taken
        self.settled, self.moved = list(found), set()
        known = {row[0]: row[1:] for row in tracks.audio_of(db, [each.old_id for each in found if each.old_id])}
        self.holders = {
            each.old_id: at for at, each in enumerate(found)
            if each.old_id in known and known[each.old_id][0] != each.said.audio_hash
        }  # fmt: skip
        """Row → the file that lies in its place and is other audio."""
        self.missing = {row for row in self.holders if known[row][1] is not None}
        new_here = {None, *self.holders}
        self.seekers = [at for at, each in enumerate(found) if each.old_id in new_here]
        self.free: dict[str, list[tuple]] = defaultdict(list)
        for row in tracks.same_audio(db, sorted({found[at].said.audio_hash for at in self.seekers})):
            if row[1] not in taken and (row[1] in self.holders or is_gone(row)):
                self.free[row[0]].append(row)

    def run(self) -> None:
        going = True
        while going:
            going = False
            for at in self.seekers:
                # Whoever leaves a place sets free who lies in it.
                going |= self._take(at) if self._is_loose(at) else self._swap(at)
        for at in self.seekers:
            old = self.found[at].old_id
            if self.settled[at].old_id == old and (old in self.moved or old in self.taken):
                self.settled[at] = self.found[at]._replace(old_id=None)

    def _is_loose(self, at: int) -> bool:
        """Tell whether a file has no row of its own: it is new, or what lay in its place is elsewhere or long gone."""
        old = self.found[at].old_id
        return self._is_open(at) and (old not in self.holders or old in self.moved or old in self.missing)

    def _is_open(self, at: int) -> bool:
        return self.settled[at] is self.found[at]

    def _rows(self, at: int) -> list[tuple]:
        """List the rows that a file can be, best first: of copies one in this library, of this name, known longest."""
        each = self.found[at]
        rows = [row for row in self.free[each.said.audio_hash] if row[1] not in self.moved]
        return sorted(rows, key=lambda row: (row[2] != self.library_id, row[4] != each.name, row[1]))

    def _take(self, at: int, only: int | None = None) -> bool:
        rows = [row for row in self._rows(at) if only in (None, row[1])]
        if rows:
            self.moved.add(rows[0][1])
            self.settled[at] = self.found[at]._replace(old_id=rows[0][1])
        return bool(rows)

    def _swap(self, at: int) -> bool:
        """Let files that lie in each other's places, two or more in a circle, take each other's rows."""
        way: dict[int, int] = {}
        while at in self.holders.values() and self._is_open(at) and at not in way:
            row = next((row[1] for row in self._rows(at) if row[1] in self.holders), None)
            if row is None:
                return False
            way[at] = row
            at = self.holders[row]
        if at not in way:
            return False
        steps = list(way.items())
        for each, row in steps[list(way).index(at) :]:
            self._take(each, row)
        return True


class Kin(NamedTuple):
    """What becomes of albums when the keys of their tracks change."""

    keys: dict[str, int]
    """Key → album, for every key of the files."""
    absorbed: dict[int, int]
    """Album → the older one that all its tracks come from, and that it turns out to be."""
    staying: dict[int, int]
    """Track → album, for those whose album went another way without them."""


def albums_of(db: Connection, library_id: int, found: list[Found], known: dict[int, tracks.Draft], lost: set[int],
              mint: Callable[[], int]) -> Kin:
    """Say which albums the keys of some files mean; `known` are the drafts of the albums that they were in.

    When most tracks of an album were retagged or moved together, the album itself was: it takes the new key and keeps
    its id, its stars and plays; the others stay behind under the old key. When that happens bit by bit, a younger
    album holds the first of them, and becomes the older one when that has none left; unless somebody marked it.
    """
    wanted = dict.fromkeys(each.identity.album_key for each in found)
    keys = albums.by_keys(db, library_id, list(wanted))
    leaving = Counter(
        (known[each.old_id].album_id, each.identity.album_key) for each in found
        if each.old_id in known and keys.get(each.identity.album_key) != known[each.old_id].album_id
    )  # fmt: skip
    before = albums.kept(db, sorted({number for number, _ in leaving}))
    staying = _staying(found, known, keys, lost)
    went: dict[int, str] = {}
    absorbed: dict[int, int] = {}
    for (number, key), count in leaving.most_common():
        there, rest = keys.get(key), staying[number]
        if number not in before or number in went or key in went.values() or count <= len(rest):
            continue
        if there is None and (not rest or before[number][5] == library_id):
            went[number] = key
        elif there is not None and not rest and there > number and not albums.is_marked(db, there):
            went[number], absorbed[there] = key, number
    for number, key in went.items():
        old_key = before[number][0]
        if keys.get(old_key) == number:
            del keys[old_key]
        keys[key] = number
    behind = {draft.id: before[number][0] for number in went for draft in staying[number]}
    for key in (*wanted, *behind.values()):
        if key not in keys:
            keys[key] = mint()
    return Kin(keys, absorbed, {track: keys[key] for track, key in behind.items()})


def _staying(found: list[Found], known: dict[int, tracks.Draft], keys: dict[str, int],
             lost: set[int]) -> dict[int, list[tracks.Draft]]:
    """Return album → its present tracks that go on saying what they said, or were not read."""
    going = {each.old_id for each in found
             if each.old_id in known and keys.get(each.identity.album_key) != known[each.old_id].album_id}  # fmt: skip
    staying: dict[int, list[tracks.Draft]] = defaultdict(list)
    for draft in known.values():
        if draft.missing_ms is None and draft.id not in going and draft.id not in lost:
            staying[draft.album_id].append(draft)
    return staying
