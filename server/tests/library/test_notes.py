"""Biographies and reviews that lie beside the music."""

import asyncio

import pytest

from server.library.notes import Note, Notes
from server.tests.shelf import Shelf

MBID = "5441c29d-3602-4898-b1a1-b77fa23b8e50"
ARTIST_NFO = f"""<?xml version="1.0" encoding="UTF-8" standalone="yes" ?>
<artist>
    <name>Zoë</name>
    <musicBrainzArtistID>{MBID}</musicBrainzArtistID>
    <biography>She <b>sings</b> &amp; plays.&lt;br/&gt;&lt;script&gt;alert(1)&lt;/script&gt;</biography>
    <album><title>First</title></album>
</artist>
https://musicbrainz.org/artist/{MBID}
"""
BOMB = """<!DOCTYPE artist [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c SYSTEM "file:///etc/passwd">]>
<artist><biography>&b;&c;</biography></artist>"""


@pytest.fixture
def music(shelf) -> Shelf:
    for disc in (1, 2):
        shelf.track(f"Zoë/First/CD{disc}/1.flac", title=f"One {disc}", artist="Zoë", albumartist="Zoë", album="First",
                    discnumber=disc)  # fmt: skip
    shelf.scan()
    return shelf


def told(shelf: Shelf, kind: str = "of_artist", *writes) -> Note:
    """Return what is told, after some files were written one by one."""
    (number,) = shelf.rows("SELECT id FROM artist" if kind == "of_artist" else "SELECT id FROM album")[0]

    async def ask() -> Note:
        notes = Notes(shelf.db)
        try:
            found = await getattr(notes, kind)(shelf.viewer, number)
            for path, text in writes:
                (shelf.root / path).write_bytes(text.encode() if isinstance(text, str) else text)
                found = await getattr(notes, kind)(shelf.viewer, number)
            return found
        finally:
            await notes.close()

    return asyncio.run(ask())


def test_nothing_lies_there(music):
    assert told(music) == told(music, "of_album") == Note()


def test_an_nfo_of_an_artist_is_read_without_its_markup_as_soon_as_it_is_there(music):
    assert told(music, "of_artist", ("Zoë/artist.nfo", ARTIST_NFO)) == Note("She sings & plays.\nalert(1)", MBID)


def test_an_nfo_counts_before_a_text_and_a_text_where_it_says_nothing(music):
    (music.root / "Zoë/artist.nfo").write_text(f"<artist><musicbrainzartistid>{MBID}</musicbrainzartistid></artist>")
    assert told(music, "of_artist", ("Zoë/biography.txt", "Of <b>her</b> own".encode("utf-16"))) == Note(
        "Of her own", MBID
    )


def test_a_review_lies_in_the_folder_of_an_album_or_above_its_discs(music):
    review = f"<album><review>Fine.</review><musicbrainzalbumid>{MBID}</musicbrainzalbumid></album>"
    assert told(music, "of_album", ("Zoë/First/album.nfo", review)) == Note("Fine.", MBID)


@pytest.mark.parametrize("hostile", [BOMB, b"", b"\0\xff" * 5000, "<artist>" * 60_000, "<artist><biography>",
                                     "x" * 300_000, "<a><biography>\x01</biography></a>"])  # fmt: skip
def test_a_broken_note_is_no_note_and_no_error(music, hostile):
    note = told(music, "of_artist", ("Zoë/artist.nfo", hostile))
    assert "root:" not in note.text and "hahaha" not in note.text
    assert told(music, "of_artist", ("Zoë/biography.txt", "Hers")).text == "Hers"
