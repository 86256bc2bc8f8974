"""Who is who among artists, while a scan runs: a row number for everybody whom a file names.

Two artists of one name are one, unless their MusicBrainz ids say otherwise.
Everything here is in memory; `artists` writes it.
"""

from collections import Counter
from typing import NamedTuple

from server.kernel.db import Connection
from server.library.facts import Person
from server.library.names import bounded, fold, sort_key


class Known(NamedTuple):
    id: int
    name: str
    sort: str
    mbid: str


class Roster:
    """All artists by key while a scan runs, so that no name is looked up twice."""

    def __init__(self, db: Connection):
        self.by_key: dict[str, Known] = {}
        self.by_id: dict[int, Known] = {}
        self._shared: set[str] = set()
        """Keys of names that several artists have, whom their ids tell apart."""
        for number, key, name, sort, mbid in db.rows("SELECT id, key, name, sort, mbid FROM artist"):
            self._add(key, Known(number, name, sort, mbid))
        self._next = self._first = 1 + max(self.by_id, default=0)
        self._met: dict[Person, int] = {}
        self._met_otherwise: dict[Person, int] = {}
        self.spelt: dict[int, Counter[str]] = {}
        """How often this scan met artists under other spellings of their names."""
        self.doubted: set[int] = set()
        """Artists whose name may be printed no more since it was last looked at."""
        self.successors: dict[int, int] = {}
        """New artists who share the name of an older one, but not their MusicBrainz id, and that older one."""
        self.told: set[int] = set()
        """Artists whom this scan met with their MusicBrainz id."""
        self.untold: dict[int, set[int]] = {}
        """Artists who have such an id and whom this scan met without one, and the tracks that it read of them."""
        self.new: list[tuple[Known, str, str]] = []
        self.named: list[Known] = []
        self.sorted: list[tuple[str, str, int]] = []

    def id_of(self, person: Person) -> int:
        """Return the row number of a person, minting one for a new name."""
        if (number := self._met.get(person)) is None:
            number = self._met_otherwise.get(person) or self._meet(person)
            known_so = self.by_id[number].name == person.name
            (self._met if known_so else self._met_otherwise)[person] = number
            if not known_so:
                self.spelt.setdefault(number, Counter())[person.name] += 1
                self.doubted.add(number)
        return number

    def note(self, track_id: int, credits: list[tuple[str, str, int]]) -> None:
        """Note that a track was read, for those who may have lost their MusicBrainz id."""
        for _, _, artist in credits:
            if artist in self.untold:
                self.untold[artist].add(track_id)

    def forget_mbid(self, number: int) -> bool:
        """Know an artist by name alone; not where others of that name are told apart by their ids."""
        key = bounded(fold(self.by_id[number].name))
        if key in self._shared:
            return False
        self._add(key, self.by_id[number]._replace(mbid=""))
        del self.untold[number]
        return True

    def replace(self, young: int, old: int) -> None:
        """Know an artist by the MusicBrainz id of a younger one, whose place they take."""
        mbid, key = self.by_id[young].mbid, bounded(fold(self.by_id[old].name))
        del self.successors[young], self.by_key[bounded(f"{key}\x1f{mbid}")]
        self._add(key, self.by_id[old]._replace(mbid=mbid))
        self.doubted.add(old)
        self.told.add(old)
        for met in (self._met, self._met_otherwise):
            for person in [person for person, number in met.items() if number == young]:
                del met[person]

    def rename(self, key: str, number: int, name: str) -> None:
        """Call an artist by another spelling of their name."""
        self._add(key, self.by_id[number]._replace(name=name))

    def _meet(self, person: Person) -> int:
        key = bounded(fold(person.name))
        known = self.by_key.get(key)
        if known is not None and person.mbid and known.mbid and known.mbid != person.mbid:
            key = bounded(f"{key}\x1f{person.mbid}")
            before, known = known, self.by_key.get(key)
            if known is None and before.id < self._first:
                self.successors[self._next] = before.id
        if known is None:
            known = Known(self._next, person.name, sort_key(person.sort or person.name), person.mbid)
            self._next += 1
            self.new.append((known, key, person.sort))
            self._add(key, known)
        else:
            known = self._better_known(key, known, person)
        if person.mbid:
            self.told.add(known.id)
        elif known.mbid:
            self.untold.setdefault(known.id, set())
        return known.id

    def _better_known(self, key: str, known: Known, person: Person) -> Known:
        """Add to a known artist what their earlier tracks did not say, or said otherwise of how they are sorted."""
        if person.mbid and not known.mbid:
            known = known._replace(mbid=person.mbid)
            self.named.append(known)
        if person.sort and known.sort != (sort := sort_key(person.sort)):
            known = known._replace(sort=sort)
            self.sorted.append((sort, person.sort, known.id))
        self._add(key, known)
        return known

    def _add(self, key: str, known: Known) -> None:
        if key.startswith(f"{(name := bounded(fold(known.name)))}\x1f"):
            self._shared.add(name)
        self.by_key[key] = self.by_id[known.id] = known
