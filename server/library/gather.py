"""From an album's tracks to the album: pure, so that a change of one track can be thought through again at any time."""

from collections import Counter
from collections.abc import Callable
from typing import NamedTuple

from server.library import albums, tracks
from server.library.facts import AlbumFacts, Day, Named, Person
from server.library.names import VARIOUS_ARTISTS, VARIOUS_ARTISTS_MBID, fold, sort_key, words

VARIOUS = Person(VARIOUS_ARTISTS, "", VARIOUS_ARTISTS_MBID)


class People(NamedTuple):
    """How artists are looked up: by id to a name and a sort key, by person to an id."""

    name: Callable[[int], str]
    sort: Callable[[int], str]
    id_of: Callable[[Person], int]


def gather(album_id: int, key: str, added_ms: int, present: list[tracks.Draft], people: People,
           cover_id: int | None) -> albums.Draft:
    """Return the album that these present tracks make; the tracks' album artists are settled on the way."""
    first = present[0]
    artist, artists = _album_artist(present, people)
    for draft in present:
        _settle(draft, artists)
    name = Counter(draft.more["album"] for draft in present).most_common(1)[0][0]
    year = next((draft.year for draft in present if draft.year), 0)
    return albums.Draft(
        id=album_id, library_id=first.library_id, key=key, name=name,
        sort=sort_key(_any(present, "album_sort") or name), artist=artist,
        artist_sort=people.sort(artists[0]) if artists else fold(artist), artist_id=artists[0] if artists else None,
        folder_id=first.folder_id, mbid=_any(present, "album_mbid"), year=year,
        added_ms=min([draft.added_ms for draft in present] + [added_ms] * (added_ms > 0)),
        track_count=len(present), length_s=sum(draft.length_ms for draft in present) // 1000, cover_id=cover_id,
        words=words(name, artist, *[people.name(number) for number in artists]), artists=tuple(artists),
        genres=tuple([name for name, _ in Counter(g for draft in present for g in draft.genres).most_common()]),
    )  # fmt: skip


def facts(album: albums.Draft, present: list[tracks.Draft], people: People, cover: str) -> AlbumFacts:
    """Return a gathered album as the world may see it."""
    titles = {draft.disc or 1: draft.more["disc_title"] for draft in present if draft.more.get("disc_title")}
    return AlbumFacts(
        id=album.id, name=album.name, sort_name=album.sort, library_id=album.library_id, folder_id=album.folder_id or 0,
        artist=album.artist, artists=tuple([Named(number, people.name(number)) for number in album.artists]),
        cover=cover, track_count=album.track_count, length_s=album.length_s, added_ms=album.added_ms, year=album.year,
        genres=album.genres, moods=_every(present, "moods"), labels=_every(present, "labels"),
        release_types=_every(present, "release_types"), released=_day(present, "released"),
        originally=_day(present, "originally"), compilation=_compilation(album, present), mbid=album.mbid,
        version=_any(present, "version"), explicit=_explicit(present), disc_titles=tuple(sorted(titles.items())),
        disc_folders=_disc_folders(present) if titles else (),
    )  # fmt: skip


def _disc_folders(present: list[tracks.Draft]) -> tuple[tuple[int, int], ...]:
    found = {(draft.disc or 1, draft.folder_id) for draft in present}
    apart = len({disc for disc, _ in found}) == len({folder for _, folder in found}) == len(found) > 1
    return tuple(sorted(found)) if apart else ()


def _album_artist(present: list[tracks.Draft], people: People) -> tuple[str, list[int]]:
    """Return the printed album artist and the ids: as the tags say, else what the tracks have in common."""
    for draft in present:
        if said := draft.more.get("album_artist"):
            return said, [artist for role, _, artist in draft.credits if role == "albumartist"]
    leading = {next((artist for role, _, artist in draft.credits if role == "artist"), 0) for draft in present}
    if len(leading) == 1:
        only = leading.pop()
        return people.name(only), [only]
    return VARIOUS_ARTISTS, [people.id_of(VARIOUS)]


def _settle(draft: tracks.Draft, artists: list[int]) -> None:
    """Give a track whose tags name no album artist the album's."""
    if draft.more.get("album_artist"):
        return
    said = [artist for role, _, artist in draft.credits if role == "albumartist"]
    if said != artists:
        rest = [part for part in draft.credits if part[0] != "albumartist"]
        at = sum(part[0] == "artist" for part in rest)
        draft.credits = [*rest[:at], *[("albumartist", "", number) for number in artists], *rest[at:]]
        draft.dirty = True


def _any(present: list[tracks.Draft], member: str) -> str:
    return next((draft.more[member] for draft in present if draft.more.get(member)), "")


def _every(present: list[tracks.Draft], member: str) -> tuple[str, ...]:
    seen = {fold(value): value for draft in present for value in draft.more.get(member, ())}
    return tuple(seen.values())


def _day(present: list[tracks.Draft], member: str) -> Day:
    return next((Day(*draft.more[member]) for draft in present if draft.more.get(member)), Day())


def _compilation(album: albums.Draft, present: list[tracks.Draft]) -> bool:
    return album.artist == VARIOUS_ARTISTS or any(draft.more.get("compilation") for draft in present)


def _explicit(present: list[tracks.Draft]) -> str:
    """An album is explicit when any track is, else clean when any track says so."""
    said = {draft.more.get("explicit", "") for draft in present}
    return "explicit" if "explicit" in said else "clean" if "clean" in said else ""
