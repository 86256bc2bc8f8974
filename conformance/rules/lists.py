"""Lists: the orders of albums, random songs, genres, stars, now playing.

What cannot be known of a stranger's library (which order is right) is not judged; that the order holds still, is.
"""

from itertools import pairwise

from conformance.check import instant
from conformance.model import MUST, SHOULD, Skip, expect, rule
from conformance.site import Site

ALBUM_LISTS = ("getAlbumList", "getAlbumList2")


def _albums(site: Site, endpoint: str, **parameters):
    return site.read(endpoint, **parameters).get("album") or []


@rule("type.unknown", SHOULD, "An unknown type of list is error 0 (10 is borne).", *ALBUM_LISTS)
def type_unknown(site: Site, endpoint: str) -> None:
    site.refused(endpoint, (0, 10), type="nonsense")


@rule("year.missing", MUST, "byYear without its years, byGenre without a genre: error 10.", *ALBUM_LISTS)
def year_missing(site: Site, endpoint: str) -> None:
    site.refused(endpoint, (10,), type="byYear")
    site.refused(endpoint, (10,), type="byGenre")


@rule("size.default", MUST, "Without a size the list has at most ten entries.", *ALBUM_LISTS, "getRandomSongs")
def size_default(site: Site, endpoint: str) -> None:
    parameters = {} if endpoint == "getRandomSongs" else {"type": "newest"}
    rows = len(site.read(endpoint, **parameters).get("song" if endpoint == "getRandomSongs" else "album") or [])
    expect(rows <= 10, f"{rows} entries")
    wanted = min(10, len(site.albums)) if endpoint != "getRandomSongs" else min(10, len(site.songs))
    expect(rows == wanted, f"{rows} entries, {wanted} could be given")


@rule("size.most", SHOULD, "More than 500 at once is cut to 500, not refused.", *ALBUM_LISTS, "getRandomSongs")
def size_most(site: Site, endpoint: str) -> None:
    parameters = {} if endpoint == "getRandomSongs" else {"type": "newest"}
    rows = site.read(endpoint, size=100_000, **parameters).get("song" if endpoint == "getRandomSongs" else "album")
    expect(len(rows or []) <= 500, f"{len(rows or [])} entries")


@rule("newest.order", SHOULD, "The newest albums come by created, newest first.", *ALBUM_LISTS)
def newest_order(site: Site, endpoint: str) -> None:
    dates = [instant(a.get("created", "")) for a in _albums(site, endpoint, type="newest", size=100)]
    wrong = next(((a, b) for a, b in pairwise([d for d in dates if d]) if a < b), None)
    expect(not wrong, f"{wrong and wrong[0]} before {wrong and wrong[1]}")


@rule("year.order", MUST, "byYear keeps to the years, ascending, and descending when they are given that way.",
      *ALBUM_LISTS)
def year_order(site: Site, endpoint: str) -> None:
    up = [a.get("year") for a in _albums(site, endpoint, type="byYear", fromYear=1, toYear=2100, size=200)]
    down = [a.get("year") for a in _albums(site, endpoint, type="byYear", fromYear=2100, toYear=1, size=200)]
    up, down = [y for y in up if y], [y for y in down if y]
    if not up and not down:
        raise Skip("no album has a year")
    expect(up == sorted(up), f"fromYear=1, toYear=2100 gave {up[:5]}…")
    expect(down == sorted(down, reverse=True), f"fromYear=2100, toYear=1 gave {down[:5]}…")
    year = up[len(up) // 2]
    got = {a.get("year") for a in _albums(site, endpoint, type="byYear", fromYear=year, toYear=year, size=50)}
    expect(got == {year}, f"fromYear=toYear={year} gave albums of {sorted(got, key=str)[:4]}")


@rule("genre.albums", SHOULD, "byGenre gives albums of that genre, none for an unknown one.", *ALBUM_LISTS)
def genre_albums(site: Site, endpoint: str) -> None:
    found = _albums(site, endpoint, type="byGenre", genre=site.genre, size=50)
    expect(found, f"no album of {site.genre!r}, which getGenres counts songs of")
    expect(not _albums(site, endpoint, type="byGenre", genre=f"{site.mark} genre"), "albums of an unknown genre")


@rule("folder.all", SHOULD, "Albums of each music folder together are all albums.", *ALBUM_LISTS)
def folder_all(site: Site, endpoint: str) -> None:
    folders = site.read("getMusicFolders").get("musicFolder") or []
    everything = {a["id"] for a in _albums(site, endpoint, type="alphabeticalByName", size=500)}
    if len(everything) >= 500 or len(folders) > 20:
        raise Skip("too large a library")
    union = set()
    for folder in folders:
        rows = _albums(site, endpoint, type="alphabeticalByName", size=500, musicFolderId=folder["id"])
        union |= {a["id"] for a in rows}
    expect(union == everything, f"{len(union)} in the folders together, {len(everything)} in all")


@rule("starred.lists", MUST, "An album just starred is in the list of type starred, and no longer once unstarred.",
      *ALBUM_LISTS, needs="write")
def starred_lists(site: Site, endpoint: str) -> None:
    id_ = (site.album if endpoint == "getAlbumList2" else _folder_album(site))["id"]
    mark = {"albumId": id_} if endpoint == "getAlbumList2" else {"id": id_}
    site.later(lambda: site.ask("unstar", mark))
    site.reply("star", **mark)
    expect(id_ in {a["id"] for a in _albums(site, endpoint, type="starred", size=500)}, "starred, but not listed")
    site.reply("unstar", **mark)
    expect(id_ not in {a["id"] for a in _albums(site, endpoint, type="starred", size=500)}, "unstarred, but listed")


def _folder_album(site: Site):
    rows = [a for a in _albums(site, "getAlbumList", type="newest", size=20) if not a.get("starred")]
    if not rows:
        raise Skip("no albums")
    return rows[0]


@rule("random.once", MUST, "Random songs: at most size, none twice.", "getRandomSongs")
def random_once(site: Site, endpoint: str) -> None:
    ids = [s["id"] for s in site.read(endpoint, size=7).get("song") or []]
    expect(len(ids) <= 7, f"{len(ids)} songs for size=7")
    expect(len(ids) == len(set(ids)), "a song twice")


@rule("random.filter", MUST, "Random songs keep to the genre and the years asked for; none is ok and empty.",
      "getRandomSongs")
def random_filter(site: Site, endpoint: str) -> None:
    strange = site.read(endpoint, genre=f"{site.mark} genre").get("song") or []
    expect(not strange, f"{len(strange)} songs of an unknown genre")
    years = [s["year"] for s in site.songs if s.get("year")]
    if years:
        rows = site.read(endpoint, fromYear=years[0], toYear=years[0], size=50).get("song") or []
        got = {s.get("year") for s in rows}
        expect(got == {years[0]}, f"fromYear=toYear={years[0]} gave songs of {sorted(got, key=str)[:4]}")


@rule("genre.songs", MUST, "Songs of a genre name it; an unknown genre is ok and empty.", "getSongsByGenre")
def genre_songs(site: Site, endpoint: str) -> None:
    rows = site.read(endpoint, genre=site.genre, count=20).get("song") or []
    expect(rows, f"no song of {site.genre!r}, which getGenres counts songs of")
    for song in rows:
        names = {song.get("genre"), *(g["name"] for g in song.get("genres") or [])} - {None}
        expect(not names or site.genre in names, f"{song['id']} is of {sorted(names)}")
    expect(not site.read(endpoint, genre=f"{site.mark} genre").get("song"), "songs of an unknown genre")


@rule("genre.count", MUST, "Without a count at most ten songs of a genre are given.", "getSongsByGenre")
def genre_count(site: Site, endpoint: str) -> None:
    rows = site.read(endpoint, genre=site.genre).get("song") or []
    expect(len(rows) <= 10, f"{len(rows)} songs")


@rule("playing.listed", MUST, "A song announced by scrobble with submission=false is among those now playing, with "
      "its listener.", "getNowPlaying", needs="write songs")
def playing_listed(site: Site, endpoint: str) -> None:
    site.reply("scrobble", id=site.song["id"], submission="false")
    rows = site.read(endpoint).get("entry") or []
    mine = [e for e in rows if e["id"] == site.song["id"] and e["username"].lower() == site.account.name.lower()]
    expect(mine, f"{len(rows)} now playing, ours is not among them")
    expect(0 <= mine[0]["minutesAgo"] <= 1, f"minutesAgo {mine[0]['minutesAgo']}")


@rule("starred.all", MUST, "Starred songs, albums and artists are listed; unstarred ones are not.", "getStarred",
      "getStarred2", needs="write songs")
def starred_all(site: Site, endpoint: str) -> None:
    wanted = {"song": site.song["id"], "album": site.album["id"], "artist": site.artist["id"]}
    mark = {"id": wanted["song"], "albumId": wanted["album"], "artistId": wanted["artist"]}
    site.later(lambda: site.ask("unstar", mark))
    for name, id_ in mark.items():
        site.ask("unstar", {name: id_})
    site.reply("star", **mark)
    found = site.read(endpoint)
    kinds = wanted if endpoint == "getStarred2" else ("song",)
    for kind in kinds:
        rows = {one["id"]: one for one in found.get(kind) or []}
        expect(wanted[kind] in rows, f"the {kind} is starred, but not listed")
        expect(rows[wanted[kind]].get("starred"), f"the {kind} is listed without a starred date")
    site.reply("unstar", **mark)
    found = site.read(endpoint)
    for kind in kinds:
        expect(wanted[kind] not in {one["id"] for one in found.get(kind) or []}, f"the {kind} is still listed")


@rule("starred.order", SHOULD, "What was starred last comes first.", "getStarred", "getStarred2", needs="write songs")
def starred_order(site: Site, endpoint: str) -> None:
    rows = site.read(endpoint)
    for kind in ("song", "album", "artist"):
        dates = [instant(one.get("starred", "")) for one in rows.get(kind) or []]
        wrong = next(((a, b) for a, b in pairwise([d for d in dates if d]) if a < b), None)
        expect(not wrong, f"{kind}: {wrong and wrong[0]} before {wrong and wrong[1]}")
