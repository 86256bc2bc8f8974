"""Covers and portraits are found by their names, in whatever order a disk lists them."""

import pytest

from server.library.images import choose, portrait


@pytest.mark.parametrize(
    ("names", "cover"),
    [
        (["back.jpg", "Cover.JPG", "folder.png"], "Cover.JPG"),
        (["folder.jpg", "front.png"], "folder.jpg"),
        (["cover.png", "cover.jpg"], "cover.jpg"),
        (["AlbumArtSmall.jpg", "AlbumArt_{1B2C}_Large.jpg"], "AlbumArt_{1B2C}_Large.jpg"),
        (["scan.jpg"], "scan.jpg"),
        (["scan1.jpg", "scan2.jpg"], ""),
        (["back.jpg"], ""),
        (["backcover.jpg", "scan.jpg"], "scan.jpg"),
        (["Booklet 01.png", "cd.jpg", "Björk - Homogenic.jpg"], "Björk - Homogenic.jpg"),
        (["artist.jpg"], ""),
        (["Artist - Album (front).jpg", "Artist - Album (back).jpg"], "Artist - Album (front).jpg"),
        (["cover back.jpg", "cover front.jpg"], "cover front.jpg"),
        (["._cover.jpg", ".hidden.png"], ""),
        ([], ""),
    ],
)
def test_the_cover_of_a_folder_is_found_by_its_name(names, cover):
    assert choose(names) == choose(names[::-1]) == cover


@pytest.mark.parametrize(
    ("names", "found"),
    [
        (["cover.jpg", "Artist.png"], "Artist.png"),
        (["artist.png", "artist.jpg"], "artist.jpg"),
        (["band.jpg", "artist.webp"], "artist.webp"),
        (["cover.jpg"], ""),
    ],
)
def test_the_portrait_of_an_artist_is_found_by_its_name(names, found):
    assert portrait(names) == portrait(names[::-1]) == found
