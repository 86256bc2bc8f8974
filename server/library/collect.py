"""Writing what a scan found: one transaction per batch of folders, so that a batch is all there or not at all.

Tracks go in with their faces already drawn. To draw them the album must be
known, and to know the album all its tracks: so a batch first loads the tracks
of every album it touches, then thinks those albums through again.
"""

import os
from collections import defaultdict
from collections.abc import Collection

from server.kernel.clock import now_ms
from server.kernel.db import Connection
from server.kernel.files import os_name, path_text
from server.kernel.ids import Ids
from server.library import (
    albums,
    artists,
    bad_files,
    casting,
    covers,
    folders,
    gallery,
    genres,
    recognise,
    search,
    tracks,
)
from server.library.batch import Bad, Batch, Found, Tally
from server.library.facts import Renderer
from server.library.folders import Folder
from server.library.gather import People, facts, gather
from server.library.libraries import Library
from server.library.names import WORDS_LENGTH, words, words_of
from server.library.roster import Roster
from server.library.tags import SUFFIXES


class Collector:
    """Holds what a scan knows between batches: names, numbers and what to publish."""

    def __init__(self, conn: Connection, render: Renderer, ids: Ids, libraries: list[Library]):
        self.render, self.ids = render, ids
        self.libraries = {library.id: library for library in libraries}
        self.roster = Roster(conn)
        self.people = People(
            lambda number: self.roster.by_id[number].name, lambda number: self.roster.by_id[number].sort,
            self.roster.id_of,
        )  # fmt: skip
        self.genres = genres.Catalogue(conn)
        self.next_track, self.next_album = tracks.last_id(conn) + 1, albums.last_id(conn) + 1
        self.first_track = self.next_track
        self.first = self.next_track == 1
        """Nothing is known yet, so nothing can have moved."""
        self.touched: set[int] = set()
        self.gallery = gallery.Gallery(self.libraries)
        self.tally = Tally()
        self.moved: set[int] = set()
        self.minted: list[int] = []
        """Artists of this batch who were new: a track must never lead to somebody who is not there yet."""

    def write(self, conn: Connection, batch: Batch) -> None:
        """Write one batch inside the caller's transaction."""
        bad_files.note(conn, batch.library.id, [
            (_path(bad), bad.mtime_ns, bad.size_bytes, bad.reason) for bad in batch.bad
        ])  # fmt: skip
        bad_files.forget(conn, batch.library.id, [_path(found) for found in batch.found])
        folders.store(conn, batch.folders)
        self.touched |= artists.shown_in(conn, batch.restyled)
        self._write_tracks(conn, batch)
        self.tally.bad += len(batch.bad)

    def lose_folders(self, conn: Connection, numbers: list[int]) -> None:
        """Note that folders are no longer on disk, and that nobody is shown by what was in them."""
        folders.lose(conn, numbers)
        self.touched |= artists.shown_in(conn, numbers)

    def publish(self, conn: Connection) -> None:
        """Count artists again and let everybody see what was written since the last time."""
        self.touched |= self.gallery.hang(conn, self.roster)
        if heirs := artists.succeed(conn, self.roster, self.first_track):
            self._hand_over(conn, heirs)
        renamed = artists.respell(conn, self.roster)
        albums.outdate(conn, artists.on_albums(conn, renamed) + genres.on_albums(conn, self.genres.respell(conn)))
        self.touched.update(renamed, artists.forget_mbids(conn, self.roster))
        self._count_artists(conn, self.touched)
        self.touched.clear()
        conn.bump("library")

    def _hand_over(self, conn: Connection, heirs: dict[int, int]) -> None:
        """Give all that some artists have to others, by their ids."""
        album_ids = artists.on_albums(conn, list(heirs))
        known = {draft.id: draft for draft in tracks.drafts(conn, album_ids)}
        old_words = {number: draft.words for number, draft in known.items()}
        for draft in known.values():
            credits = [(role, sub, heirs.get(artist, artist)) for role, sub, artist in draft.credits]
            if credits != draft.credits:
                draft.credits, draft.artist_id = credits, heirs.get(draft.artist_id, draft.artist_id)
                draft.dirty = True
        self._settle(conn, known, {}, set(album_ids))
        self._store_tracks(conn, list(known.values()), old_words)
        self.touched |= {*heirs, *heirs.values()}

    def _count_artists(self, conn: Connection, ids: Collection[int]) -> None:
        changed = artists.refresh(conn, ids, self.render, self._cover_text)
        search.index(conn, "artist", [(c.id, c.old_words, c.words) for c in changed])

    def redraw(self, conn: Connection, album_ids: list[int]) -> None:
        """Draw the faces of some albums, their tracks and artists with the present renderer."""
        known = {draft.id: draft for draft in tracks.drafts(conn, album_ids)}
        old_words = {number: draft.words for number, draft in known.items()}
        self._settle(conn, known, {}, set(album_ids))
        self._store_tracks(conn, list(known.values()), old_words)
        self.touched |= {artist for draft in known.values() for _, _, artist in draft.credits}

    def _write_tracks(self, conn: Connection, batch: Batch) -> None:
        good = self._recognised(conn, batch)
        old_ids = {found.old_id for found in good if found.old_id}
        touched = self._albums_of(conn, batch, old_ids)
        known = {draft.id: draft for draft in tracks.drafts(conn, sorted(touched))}
        lost = {number for number in batch.lost if number not in self.moved}
        kin = recognise.albums_of(conn, batch.library.id, good, known, lost, self._mint_album)
        keys = kin.keys
        more = {*keys.values(), *kin.absorbed} - touched
        known |= {draft.id: draft for draft in tracks.drafts(conn, sorted(more))}
        old_words = {number: draft.words for number, draft in known.items()}
        old_artists = {artist for draft in known.values() for _, _, artist in draft.credits}
        albums.give_up_keys(conn, sorted(kin.absorbed))
        for draft in known.values():
            if album := kin.absorbed.get(draft.album_id) or kin.staying.get(draft.id):
                draft.album_id, draft.dirty = album, True
        for found in good:
            draft = self._draft(batch.library, found, keys[found.identity.album_key], known)
            known[draft.id] = draft
        self._lose_and_recover(batch, known)
        self._settle(conn, known, keys, touched | more)
        self._store_tracks(conn, list(known.values()), old_words)
        self._count_artists(conn, self.minted)
        self.touched |= old_artists | {artist for draft in known.values() for _, _, artist in draft.credits}
        # All that the new ones have is in this batch, so they are counted already.
        self.touched.difference_update(self.minted)
        self.minted.clear()

    def _recognised(self, conn: Connection, batch: Batch) -> list[Found]:
        """Give files that are known from another place their old rows."""
        if self.first:
            return batch.found
        found, moved, homeless = recognise.tracks_of(conn, batch.library.id, batch.found, self._is_gone, self.moved)
        tracks.make_way(conn, homeless)
        self.moved |= moved
        self.tally.moved += len(moved)
        return found

    def _is_gone(self, row: tuple) -> bool:
        _, _, library_id, folder, name, *_ = row
        library = self.libraries.get(library_id)
        if library is None or not library.online:
            return False
        # Also one that is missing may be back, and only this scan has not come to it yet.
        return not os.path.lexists(os_name(path_text(library.path, folder, name)))

    def _albums_of(self, conn: Connection, batch: Batch, old_ids: set[int]) -> set[int]:
        wanted = sorted(old_ids | set(batch.recovered) | set(batch.lost))
        found = {number for (number,) in conn.rows(
            "SELECT DISTINCT t.album_id FROM EACH(:ids) e JOIN track t ON t.id = e.id", ids=wanted)}
        if batch.restyled:
            found |= {number for (number,) in conn.rows(
                "SELECT t.album_id FROM EACH(:ids) e JOIN track t ON t.folder_id = e.id UNION"
                " SELECT t.album_id FROM EACH(:ids) e JOIN folder f ON f.parent_id = e.id"
                " JOIN track t ON t.folder_id = f.id", ids=batch.restyled)}
        return found

    def _mint_album(self) -> int:
        self.next_album += 1
        return self.next_album - 1

    def _draft(self, library: Library, found: Found, album_id: int, known: dict[int, tracks.Draft]) -> tracks.Draft:
        said, identity = found.said, found.identity
        old = known.get(found.old_id) if found.old_id else None
        people = [("artist", "", self.roster.id_of(person)) for person in identity.artists]
        people += [("albumartist", "", self.roster.id_of(person)) for person in identity.album_artists]
        people += [(part.role, part.sub_role, self.roster.id_of(part.person)) for part in identity.parts]
        self._tally(found, old)
        if old is None:
            number, self.next_track = self.next_track, self.next_track + 1
            now = now_ms()
            added_ms = min(now, found.mtime_ns // 1_000_000) if library.scanned_ms is None else now
        else:
            number, added_ms = old.id, old.added_ms
        return tracks.Draft(
            id=number, library_id=library.id, folder_id=found.folder.id, album_id=album_id,
            artist_id=people[0][2], name=found.name, mtime_ns=found.mtime_ns, size_bytes=found.size_bytes,
            audio_hash=said.audio_hash, title=identity.title, sort=words(identity.title),
            artist=identity.artist, track=identity.track, disc=identity.disc,
            year=identity.year, length_ms=said.length_ms,
            bitrate_kbps=said.bitrate_kbps, sample_rate_hz=said.sample_rate_hz,
            channels=said.channels, bit_depth=said.bit_depth, codec=said.codec,
            suffix=said.suffix, added_ms=added_ms, missing_ms=None, picture=said.picture,
            cover_id=None, words="", beside=found.beside, more=identity.more, credits=people, genres=identity.genres,
            lyrics=said.lyrics, fresh=old is None,
        )  # fmt: skip

    def _tally(self, found: Found, old: tracks.Draft | None) -> None:
        if old is None:
            self.tally.added += 1
        elif found.old_id not in self.moved:
            self.tally.changed += 1

    def _lose_and_recover(self, batch: Batch, known: dict[int, tracks.Draft]) -> None:
        now = now_ms()
        for number in batch.lost:
            draft = known[number]
            if number not in self.moved and draft.missing_ms is None:
                draft.missing_ms, draft.dirty = now, True
                self.tally.missing += 1
        for number in batch.recovered:
            known[number].missing_ms, known[number].dirty = None, True
            self.tally.recovered += 1

    def _settle(self, conn: Connection, known: dict[int, tracks.Draft], keys: dict[str, int], before: set[int]) -> None:
        """Think through every album that was touched, draw it and its tracks, and write the albums."""
        members = self._members(known)
        key_of = {number: key for key, number in keys.items()}
        kept = albums.kept(conn, sorted(set(members) | before))
        settled = sorted(members)
        for present in members.values():
            present.sort(key=lambda draft: (draft.disc, draft.track, draft.name))
        places = gallery.rooms(conn, [draft for present in members.values() for draft in present])
        pictures = self.gallery.covers_of(members, places)
        cover_ids = covers.ids(conn, set(pictures.values()))
        written = []
        for number in settled:
            old = kept.get(number)
            if self.gallery.reaches(members[number][0].library_id):
                cover_id = cover_ids.get(pictures.get(number))
            else:
                cover_id = next((draft.cover_id for draft in members[number] if draft.cover_id), None)
            album = gather(
                number, key_of.get(number) or old[0], old[3] if old else 0, members[number], self.people, cover_id
            )
            self._draw(album, members[number], places)
            written.append(album)
        self.minted += artists.flush(conn, self.roster)
        names = {name for album in written for name in album.genres}
        genre_ids = self.genres.ids(conn, names)
        albums.store(conn, written, self.render.version, genre_ids)
        left = [number for number in before if number not in members]
        albums.empty(conn, left)
        search.index(conn, "album", [
            (album.id, kept[album.id][4] if album.id in kept else "", album.words) for album in written
        ] + [(number, kept[number][4], "") for number in left if number in kept])  # fmt: skip

    def _members(self, known: dict[int, tracks.Draft]) -> dict[int, list[tracks.Draft]]:
        """Return the present tracks of each album, and note what those just read or lost say of names."""
        members: dict[int, list[tracks.Draft]] = defaultdict(list)
        for draft in known.values():
            if draft.missing_ms is not None:
                if draft.dirty:
                    self.roster.doubted.update([artist for role, _, artist in draft.credits if role in artists.LISTED])
                continue
            members[draft.album_id].append(draft)
            if draft.lyrics is not None:
                draft.genres = self.genres.spelt(draft.genres)
                if not self.first:
                    self.roster.note(draft.id, draft.credits)
        return members

    def _draw(self, album: albums.Draft, present: list[tracks.Draft], places: dict[int, Folder]) -> None:
        cover = self._cover_text(album.cover_id)
        album.face = self.render.album(facts(album, present, self.people, cover))
        known: dict[tuple, tuple[casting.Cast, list[str]]] = {}
        for draft in present:
            draft.cover_id = album.cover_id
            said = (draft.artist, *draft.credits)
            if said not in known:
                known[said] = casting.cast(draft.credits, self.people.name), self._found_by(draft, album)
            cast, found_by = known[said]
            draft.words = " ".join([draft.sort, *found_by]).strip()[:WORDS_LENGTH]
            path = places[draft.folder_id].path
            face = self.render.track(casting.facts(
                draft, album.name, album.artist, cover, f"{path}/{draft.name}" if path else draft.name, cast,
                SUFFIXES[draft.suffix],
            ))  # fmt: skip
            if face != draft.face:
                draft.face = face
            elif not draft.dirty:
                draft.face = None

    def _found_by(self, draft: tracks.Draft, album: albums.Draft) -> list[str]:
        """Return the words by which a track is found beside those of its title."""
        listed = [self.people.name(artist) for role, _, artist in draft.credits if role in artists.LISTED]
        return list(dict.fromkeys(words_of(name) for name in (draft.artist, *listed, album.name, album.artist)))

    def _store_tracks(self, conn: Connection, drafts: list[tracks.Draft], old_words: dict[int, str]) -> None:
        dirty = [draft for draft in drafts if draft.dirty]
        genre_ids = self.genres.ids(conn, {name for draft in dirty for name in draft.genres})
        tracks.store(conn, dirty, self.render.version, genre_ids)
        redrawn = [draft for draft in drafts if not draft.dirty and draft.face is not None and draft.missing_ms is None]
        tracks.store_faces(conn, redrawn, self.render.version)
        search.index(conn, "track", [(d.id, old_words.get(d.id, ""), d.words) for d in dirty + redrawn])

    def _cover_text(self, cover_id: int | None) -> str:
        return self.ids.text("co", cover_id) if cover_id else ""


def _path(found: Found | Bad) -> str:
    return path_text(found.folder.path, found.name)
