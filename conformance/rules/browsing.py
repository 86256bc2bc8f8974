"""Browsing: folders, the tag view, and that the two agree with themselves.

A library is read here as clients read it: from the top down by the ids that the answers name.
"""

from itertools import pairwise

from conformance.model import MUST, SHOULD, Skip, expect, rule
from conformance.rules.paging import crawl, search_page
from conformance.site import Site


@rule("folders.some", SHOULD, "There is at least one music folder: clients hang their tree on it.", "getMusicFolders")
def folders_some(site: Site, endpoint: str) -> None:
    expect(site.read(endpoint).get("musicFolder"), "no music folder")


@rule("index.names", SHOULD, "Each letter stands once in the index and holds at least one artist.", "getIndexes",
      "getArtists")
def index_names(site: Site, endpoint: str) -> None:
    index = site.read(endpoint).get("index") or []
    names = [one["name"] for one in index]
    expect(len(names) == len(set(names)), f"twice in the index: {sorted({n for n in names if names.count(n) > 1})}")
    empty = [one["name"] for one in index if not one["artist"]]
    expect(not empty, f"no artists under {', '.join(empty)}")


@rule("index.once", MUST, "No artist or directory stands twice in the index.", "getIndexes", "getArtists")
def index_once(site: Site, endpoint: str) -> None:
    ids = [a["id"] for one in site.read(endpoint).get("index") or [] for a in one["artist"]]
    expect(len(ids) == len(set(ids)), f"{len(ids) - len(set(ids))} of {len(ids)} are there twice")


@rule("index.modified", SHOULD, "Nothing newer than ifModifiedSince: ok without indexes; something newer: the index.",
      "getIndexes")
def index_modified(site: Site, endpoint: str) -> None:
    first = site.read(endpoint)["lastModified"]
    expect(first == site.read(endpoint)["lastModified"], "lastModified changes although nothing did")
    tree = site.reply(endpoint, ifModifiedSince=first)
    expect(not (tree.get("indexes") or {}).get("index"), "the whole index for ifModifiedSince=lastModified")
    if first > 1:  # an empty library may never have changed
        expect("indexes" in site.reply(endpoint, ifModifiedSince=1), "no indexes for ifModifiedSince=1")


@rule("folder.restricts", SHOULD, "A music folder restricts the answer to what is in it; all together are everything.",
      "getIndexes", "getArtists")
def folder_restricts(site: Site, endpoint: str) -> None:
    def ids(**parameters):
        return {a["id"] for one in site.read(endpoint, **parameters).get("index") or [] for a in one["artist"]}

    everything, union = ids(), set()
    for folder in (site.read("getMusicFolders").get("musicFolder") or [])[:20]:
        inside = ids(musicFolderId=folder["id"])
        expect(inside <= everything, f"folder {folder['id']} holds what the whole does not")
        union |= inside
    expect(union == everything, f"{len(union)} in the folders together, {len(everything)} in all")


@rule("directory.opens", MUST, "Every directory that the index names opens, under its own id and name.",
      "getMusicDirectory")
def directory_opens(site: Site, endpoint: str) -> None:
    for one in [a for index in site.read("getIndexes").get("index") or [] for a in index["artist"]][:5]:
        found = site.read(endpoint, id=one["id"])
        expect(found["id"] == one["id"], f"asked for {one['id']}, got {found['id']}")
        expect(found["name"] == one["name"], f"{one['name']!r} in the index, {found['name']!r} inside")


@rule("directory.children", MUST, "Children name their directory as parent; a child directory opens, a child file is "
      "a song of that id.", "getMusicDirectory")
def directory_children(site: Site, endpoint: str) -> None:
    queue, seen = [site.directory], 0
    while queue and seen < 4:
        here, seen = queue.pop(0), seen + 1
        for child in (site.read(endpoint, id=here).get("child") or [])[:5]:
            expect(child.get("parent", here) == here, f"{child['id']} in {here} names the parent {child.get('parent')}")
            if child["isDir"]:
                queue.append(child["id"])
            else:
                got = site.read("getSong", id=child["id"])
                expect(got["id"] == child["id"], f"getSong of {child['id']} gave {got['id']}")


@rule("directory.complete", SHOULD, "Whoever walks down from the index reaches every song, and each under one id.",
      "getMusicDirectory")
def directory_complete(site: Site, endpoint: str) -> None:
    index = site.read("getIndexes")
    queue = [a["id"] for one in index.get("index") or [] for a in one["artist"]]
    songs, seen = [c["id"] for c in index.get("child") or [] if not c["isDir"]], set(queue)
    while queue:
        if len(seen) > 400:
            raise Skip("more than 400 directories")
        for child in site.read(endpoint, id=queue.pop()).get("child") or []:
            if not child["isDir"]:
                songs.append(child["id"])
            elif child["id"] not in seen:
                seen.add(child["id"])
                queue.append(child["id"])
    listed, ended = crawl(search_page(site, "song"), 500)
    if not ended:
        raise Skip("too large a library")
    missing = set(listed) - set(songs)
    expect(not missing, f"{len(missing)} of {len(listed)} songs are in no directory, such as {sorted(missing)[:2]}")


@rule("artists.all", SHOULD, "Every artist that an album names is listed.", "getArtists")
def artists_all(site: Site, endpoint: str) -> None:
    listed = {a["id"] for one in site.read(endpoint).get("index") or [] for a in one["artist"]}
    for offset in range(0, 2000, 500):
        albums = site.read("getAlbumList2", type="newest", size=500, offset=offset).get("album") or []
        missing = [a for a in albums if a.get("artistId") and a["artistId"] not in listed]
        expect(not missing, f"{missing and missing[0].get('artist')!r} of {missing and missing[0]['name']!r}")
        if len(albums) < 500:
            break


@rule("genres.all", SHOULD, "Every genre that a song names is listed.", "getGenres")
def genres_all(site: Site, endpoint: str) -> None:
    listed = {g["value"] for g in site.read(endpoint).get("genre") or []}
    for song in search_page(site, "song")(0, 500):
        named = {song.get("genre"), *(g["name"] for g in song.get("genres") or [])} - {None, ""}
        expect(named <= listed, f"{sorted(named - listed)} of {song['id']}")


@rule("genres.names", MUST, "Every genre has a name, and each name stands once.", "getGenres")
def genre_names(site: Site, endpoint: str) -> None:
    names = [g["value"] for g in site.read(endpoint).get("genre") or []]
    expect(all(names), "a genre without a name")
    expect(len(names) == len(set(names)), f"twice: {sorted({n for n in names if names.count(n) > 1})[:3]}")


@rule("genres.counts", SHOULD, "A genre's songCount is the number of songs that getSongsByGenre lists.", "getGenres")
def genre_counts(site: Site, endpoint: str) -> None:
    for genre in (site.read(endpoint).get("genre") or [])[:5]:
        if genre["songCount"] <= 500:
            rows = site.read("getSongsByGenre", genre=genre["value"], count=500).get("song") or []
            expect(len(rows) == genre["songCount"],
                   f"{genre['value']!r}: songCount {genre['songCount']}, {len(rows)} songs listed")


@rule("artist.opens", MUST, "Every artist of getArtists opens, with the albumCount that was said.", "getArtist")
def artist_opens(site: Site, endpoint: str) -> None:
    for one in site.artists[:5]:
        found = site.read(endpoint, id=one["id"])
        expect(found["id"] == one["id"], f"asked for {one['id']}, got {found['id']}")
        expect(found["name"] == one["name"], f"{one['name']!r} in the list, {found['name']!r} opened")
        counts = {one.get("albumCount"), found.get("albumCount")} - {None}
        expect(len(counts) <= 1, f"{one['name']!r}: albumCount {sorted(counts)}")


@rule("artist.albums", SHOULD, "albumCount is the number of albums that getArtist lists, and each of them opens.",
      "getArtist")
def artist_albums(site: Site, endpoint: str) -> None:
    for one in site.artists[:3]:
        found = site.read(endpoint, id=one["id"])
        albums = found["album"]
        expect(found.get("albumCount", len(albums)) == len(albums),
               f"{one['name']!r}: albumCount {found.get('albumCount')}, {len(albums)} albums")
        for album in albums[:3]:
            expect(site.read("getAlbum", id=album["id"])["id"] == album["id"], f"album {album['id']} opens as another")


@rule("album.songs", MUST, "An album lists songCount songs, each of which names it as its album.", "getAlbum")
def album_songs(site: Site, endpoint: str) -> None:
    for one in site.albums[:5]:
        album = site.read(endpoint, id=one["id"])
        songs = album["song"]
        expect(album["songCount"] == len(songs), f"songCount {album['songCount']}, {len(songs)} songs")
        strays = [s["id"] for s in songs if s.get("albumId", album["id"]) != album["id"] or s["isDir"]]
        expect(not strays, f"{strays[:3]} in {album['id']} name another album or are directories")


@rule("album.order", SHOULD, "Songs of an album come by disc and track.", "getAlbum")
def album_order(site: Site, endpoint: str) -> None:
    for one in site.albums[:5]:
        songs = site.read(endpoint, id=one["id"])["song"]
        order = [(s.get("discNumber") or 1, s.get("track") or 0) for s in songs if s.get("track")]
        wrong = next(((a, b) for a, b in pairwise(order) if a > b), None)
        expect(not wrong, f"in {one['name']!r} disc and track {wrong and wrong[0]} before {wrong and wrong[1]}")


@rule("album.duration", SHOULD, "An album is as long as its songs together.", "getAlbum")
def album_duration(site: Site, endpoint: str) -> None:
    for one in site.albums[:5]:
        album = site.read(endpoint, id=one["id"])
        total = sum(s.get("duration") or 0 for s in album["song"])
        expect(abs(album["duration"] - total) <= len(album["song"]), f"duration {album['duration']}, songs {total}")


@rule("album.agrees", SHOULD, "An album says the same of itself in a list and when it is opened.", "getAlbum")
def album_agrees(site: Site, endpoint: str) -> None:
    for one in site.albums[:5]:
        album = site.read(endpoint, id=one["id"])
        for name in ("name", "artist", "artistId", "year", "genre", "songCount", "duration", "created", "coverArt"):
            expect(one.get(name) == album.get(name), f"{name}: {one.get(name)!r} listed, {album.get(name)!r} opened")


@rule("song.agrees", SHOULD, "A song says the same of itself in its album and alone.", "getSong")
def song_agrees(site: Site, endpoint: str) -> None:
    if not site.albums:
        raise Skip("no albums")
    for one in site.read("getAlbum", id=site.albums[0]["id"])["song"][:5]:
        song = site.read(endpoint, id=one["id"])
        parted = [n for n in (*one, *song) if one.get(n) != song.get(n) and n not in ("playCount", "played")]
        expect(not parted, f"{sorted(set(parted))[:4]} of {one['id']} differ")


@rule("song.ids", MUST, "A song's albumId and artistId open with getAlbum and getArtist.", "getSong")
def song_ids(site: Site, endpoint: str) -> None:
    for one in site.songs[:4]:
        song = site.read(endpoint, id=one["id"])
        for name, opener in (("albumId", "getAlbum"), ("artistId", "getArtist")):
            if name in song:
                got = site.read(opener, id=song[name])["id"]
                expect(got == song[name], f"{name} {song[name]} opens as {got}")


@rule("song.file", SHOULD, "A song says isDir false, type music, its duration, suffix, contentType and size.",
      "getSong")
def song_file(site: Site, endpoint: str) -> None:
    for one in site.songs[:4]:
        song = site.read(endpoint, id=one["id"])
        missing = [n for n in ("duration", "suffix", "contentType", "size") if not song.get(n)]
        expect(not missing, f"{one['id']} without {', '.join(missing)}")
        expect(song.get("isDir") is False and song.get("type") == "music",
               f"isDir {song.get('isDir')}, type {song.get('type')!r}")


@rule("info.ids", SHOULD, "Information is given for ids of either view: no data is ok and empty, not an error.",
      "getArtistInfo", "getArtistInfo2", "getAlbumInfo", "getAlbumInfo2")
def info_ids(site: Site, endpoint: str) -> None:
    ids = [site.song["id"], site.album["id"]]
    if "Artist" in endpoint:
        ids.append(site.artist["id"])
    for id_ in ids:
        expect(isinstance(site.read(endpoint, id=id_), dict), f"no object for {id_}")


@rule("similar.ids", SHOULD, "Similar songs are given for a song, an album and an artist: none is ok and empty.",
      "getSimilarSongs", "getSimilarSongs2")
def similar_ids(site: Site, endpoint: str) -> None:
    for id_ in (site.song["id"], site.album["id"], site.artist["id"]):
        songs = site.read(endpoint, id=id_, count=3).get("song") or []
        expect(len(songs) <= 3, f"{len(songs)} songs for count=3")


@rule("top.nobody", MUST, "Top songs of an artist whom nobody knows are ok and empty.", "getTopSongs")
def top_nobody(site: Site, endpoint: str) -> None:
    found = site.read(endpoint, artist=f"{site.mark} nobody").get("song") or []
    expect(not found, f"{len(found)} songs of nobody")


@rule("top.count", SHOULD, "Top songs are at most count.", "getTopSongs")
def top_count(site: Site, endpoint: str) -> None:
    found = site.read(endpoint, artist=site.artist["name"], count=1).get("song") or []
    expect(len(found) <= 1, f"{len(found)} songs for count=1")


@rule("top.id", MUST, "Top songs can be asked for by the artist's id.", "getTopSongs", needs="topSongsByArtistId",
      page="https://opensubsonic.netlify.app/docs/extensions/topsongsbyartistid/")
def top_id(site: Site, endpoint: str) -> None:
    site.read(endpoint, id=site.artist["id"])
    site.refused(endpoint, (70,), id="ar-99999999999999999")
