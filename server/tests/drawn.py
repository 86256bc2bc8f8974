"""A small library, drawn: one of everything that a scan has to tell apart.

`Music` is for everybody. `Canary` is a second music folder; everything in it
has the word "canary" in every text, so that a test can see whether any of it
ever reaches somebody who may not hear it.
"""

import struct
import zlib
from pathlib import Path

from server.demo.audio import write_track

RELEASE = "6c1adf3f-7a4b-4d2c-9d3a-0d2f9f6a1b11"
ZOE = "5441c29d-3602-4898-b1a1-b77fa23b8e50"


def png(red: int, green: int, blue: int, side_px: int = 40) -> bytes:
    """Return a square of one colour."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    rows = (b"\0" + bytes((red, green, blue)) * side_px) * side_px
    head = struct.pack(">IIBBBBB", side_px, side_px, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def draw_library(root: Path) -> tuple[tuple[str, str], ...]:
    """Write both music folders below `root` and return them as (name, path)."""
    music, canary = root / "Music", root / "Canary"
    _albums(music)
    _odd_ones(music)
    for at in (1, 2):
        write_track(
            canary / "Canary Choir" / "Canary Album" / f"{at:02} Canary {at}.mp3", seed=900 + at, title=f"Canary {at}",
            artist="Canary Choir", albumartist="Canary Choir", album="Canary Album", tracknumber=at, genre="Canary",
            date="1977", composer="Canary Composer", picture=png(250, 250, 0),
        )  # fmt: skip
    (canary / "Canary Choir" / "Canary Album" / "cover.png").write_bytes(png(255, 255, 0))
    return ("Music", str(music)), ("Canary", str(canary))


def _albums(music: Path) -> None:
    light = music / "Aurora Vale" / "2019 - First Light"
    for at, title in enumerate(("Dawn", "Ember", "Glass Tide", "Homeward"), 1):
        write_track(
            light / f"{at:02} {title}.flac", seed=at, title=title, artist="Aurora Vale", albumartist="Aurora Vale",
            album="First Light", tracknumber=at, discnumber=1, date="2019-05-03", originaldate="2018",
            genre=["Folk", "Dream Pop"], composer="Ida Stone", musicbrainz_albumid=RELEASE, isrc=f"GBAAA190000{at}",
            replaygain_track_gain="-7.31 dB", replaygain_track_peak="0.98", bpm=100 + at, comment="first & <last>",
            label="Tideline", releasetype="album",
        )  # fmt: skip
    (light / "cover.png").write_bytes(png(200, 80, 40))
    (music / "Aurora Vale" / "artist.png").write_bytes(png(20, 80, 140))
    for number, (artist, year) in enumerate((("Aurora Vale", "2021"), ("Zoë Ångström", "1999"))):
        for at in (1, 2):
            write_track(
                music / artist / "Greatest Hits" / f"{at:02}.mp3", seed=20 + 10 * number + at, title=f"Hit {at}",
                artist=artist, albumartist=artist, album="Greatest Hits", tracknumber=at, date=year, genre="Pop",
                albumartistsort="Ångström, Zoë" if number else None, picture=png(10, 200, 10),
                musicbrainz_albumartistid=ZOE if number else None,
            )  # fmt: skip
    for disc in (1, 2):
        for at in (1, 2):
            write_track(
                music / "Longplay" / "Both Sides" / f"CD{disc}" / f"{at:02}.opus", seed=40 + disc * 2 + at,
                title=f"Side {disc}.{at}", artist="Longplay", albumartist="Longplay", album="Both Sides",
                tracknumber=at, discnumber=disc, disctotal=2, date="2005", genre="Rock",
            )  # fmt: skip
    (music / "Longplay" / "Both Sides" / "folder.png").write_bytes(png(1, 2, 3))


def _odd_ones(music: Path) -> None:
    for at, artist in enumerate(("Mira Sol", "Kilo Band", "Juno"), 1):
        write_track(
            music / "Compilations" / "Harbour Nights" / f"{at:02} {artist}.m4a", seed=60 + at, title=f"Night {at}",
            artist=artist, album="Harbour Nights", tracknumber=at, date="2012", genre="Jazz",
        )  # fmt: skip
    write_track(
        music / "Duets" / "01.flac", seed=70, title="Together", artist="Mira Sol feat. Juno",
        artists=["Mira Sol", "Juno"], albumartist="Mira Sol", album="Duets", tracknumber=1, date="2015", genre="Jazz",
        lyrics="one line\nanother line",
    )  # fmt: skip
    for at, title in enumerate(("星空", "夜の音楽"), 1):
        write_track(
            music / "山田太郎" / "東京の夜" / f"{at:02} {title}.ogg", seed=80 + at, title=title, artist="山田太郎",
            albumartist="山田太郎", album="東京の夜", tracknumber=at, date="2010", genre="J-Pop",
        )  # fmt: skip
    write_track(music / "Любэ" / "Песни" / "01 Берёзы.mp3", seed=90, title="Берёзы", artist="Любэ", album="Песни")
    write_track(music / "Lonely Band" / "Basement Tape (1998)" / "03 - Rust.mp3", seed=95)
    write_track(music / "deep" / "a" / "b" / "c" / "d" / "Somebody - Far Down.wav", seconds=0.2, seed=97)
