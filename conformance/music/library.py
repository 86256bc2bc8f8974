"""The albums of the test library: few, small, and each there for a reason.

Everything follows from this file alone: two runs write the same bytes.
"""

import colorsys
import zlib
from dataclasses import dataclass, field
from pathlib import Path

from conformance.music import tags
from conformance.music.pictures import png
from conformance.music.sound import flac, mp3_frames, opus
from conformance.music.tags import Tags


@dataclass(frozen=True, slots=True)
class Track:
    title: str
    more: Tags = field(default_factory=list)
    beside: dict[str, str] = field(default_factory=dict)  # files beside it, by suffix
    seconds: float = 9


@dataclass(frozen=True, slots=True)
class Album:
    """`picture` says where the cover is: "in" the files, "beside" them as cover.png, or "" for none."""

    folder: str
    form: str
    tags: Tags
    tracks: tuple[Track, ...]
    picture: str = ""
    discs: int = 1


LRC = "[ti:Tide]\n[00:00.50]The tide comes in\n[00:03.00]Ünd the tide goes out\n[00:06.25]日本の海\n"
WORDS = ("[00:00.00]<00:00.00>Count <00:00.40>the <00:00.70>stärs <00:01.50>\n"
         "[00:02.00]<00:02.00>One <00:02.50>日<00:02.90>本 <00:03.50>\n[00:05.00]<00:05.00>Done <00:06.00>\n")
VOICES = ('<tt xmlns="http://www.w3.org/ns/ttml" xmlns:ttm="http://www.w3.org/ns/ttml#metadata" xml:lang="en"><head>'
          '<metadata><ttm:agent xml:id="v1" type="person"/><ttm:agent xml:id="v2" type="person"/></metadata></head>'
          '<body><div><p begin="00:00.500" end="00:02.000" ttm:agent="v1"><span begin="00:00.500" end="00:01.000">Hello'
          '</span> <span begin="00:01.000" end="00:02.000">thére</span></p><p begin="00:02.500" end="00:04.000" '
          'ttm:agent="v2"><span begin="00:02.500" end="00:04.000">Goodbye</span></p></div></body></tt>\n')
SRT = "1\n00:00:01,000 --> 00:00:03,000\nFirst line\n\n2\n00:00:04,500 --> 00:00:06,000\nSecond & last\n\n"

LARGE = (
    Album("Björk Ågren/2019 - Höhle & Höher", "flac", [
        ("albumartist", "Björk Ågren"), ("albumartistsort", "Ågren, Björk"), ("album", "Höhle & Höher"),
        ("albumsort", "Hohle & Hoher"), ("date", "2019-05-03"), ("originaldate", "1999-03-01"), ("genre", "Rock"),
        ("genre", "Jazz & Blues"), ("label", "Nordlicht"), ("releasetype", "album"),
        ("musicbrainz_albumid", "6f2c1d2e-0000-4000-8000-000000000001"), ("replaygain_album_gain", "-7.20 dB"),
        ("replaygain_album_peak", "0.981")], (
            Track("Eins", [("artist", "Björk Ågren"), ("isrc", "SEABC1900001"), ("bpm", "120"), ("mood", "calm"),
                           ("replaygain_track_gain", "-6.50 dB"), ("replaygain_track_peak", "0.95")]),
            Track("Zwei & mehr", [("artist", "Björk Ågren & Ada Lind"), ("artists", "Björk Ågren"),
                                  ("artists", "Ada Lind"), ("composer", "Czerny"), ("composer", "Ada Lind")]),
            Track("Drei", [("artist", "Björk Ågren"), ("work", "Suite Nr. 1"), ("movementname", "Allegro"),
                           ("movement", "1"), ("conductor", "Czerny"), ("comment", "Ein <Kommentar> & mehr")]),
            Track("Vier", [("artist", "Björk Ågren"), ("discsubtitle", "Zugabe")]),
            Track("Fünf", [("artist", "Björk Ågren"), ("discsubtitle", "Zugabe"), ("grouping", "Lieder")])),
        "in", discs=2),
    Album("日本の音/夜明け", "mp3", [
        ("albumartist", "日本の音"), ("album", "夜明け"), ("date", "2004"), ("genre", "Ambient")], (
            Track("朝", [("artist", "日本の音"), ("lyrics", "あさ\nひる")]),
            Track("Tide", [("artist", "日本の音")], {"lrc": LRC}),
            Track("Stars", [("artist", "日本の音")], {"lrc": WORDS}),
            Track("Voices", [("artist", "日本の音")], {"ttml": VOICES}),
            Track("Subtitles 🎵", [("artist", "日本の音 feat. Fjord"), ("artists", "日本の音"), ("artists", "Fjord")],
                  {"srt": SRT}),
            Track("Plain", [("artist", "日本の音")], {"txt": "Nur\nText\n"})), "beside"),
    Album("Various/Summer '88", "mp3", [
        ("albumartist", "Various Artists"), ("compilation", "1"), ("album", "Summer '88"), ("date", "1988-07"),
        ("genre", "Pop"), ("releasetype", "compilation")], tuple(
            Track(f"Hit {n}", [("artist", name)], seconds=5) for n, name in enumerate(
                ("Ada Lind", "Fjord", "The Éclairs", "9 Lives", "Guns N’ Roses", "AC/DC"), 1)), "in"),
    Album("Ada Lind/Paper Boats", "opus", [
        ("albumartist", "Ada Lind"), ("album", "Paper Boats"), ("date", "2021-11-12"), ("genre", "Folk"),
        ("genre", "Ambient")], tuple(
            Track(title, [("artist", "Ada Lind")]) for title in ("Boat", "Paper (reprise)", "River", "Sea")), "in"),
    Album("The Éclairs/Same Name", "mp3", [
        ("albumartist", "The Éclairs"), ("album", "Same Name"), ("date", "1975"), ("genre", "Pop")],
        (Track("Same Song", [("artist", "The Éclairs")]), Track("Other Song", [("artist", "The Éclairs")]))),
    Album("Fjord/Same Name", "flac", [
        ("albumartist", "Fjord"), ("album", "Same Name"), ("date", "1976"), ("genre", "Jazz & Blues")],
        (Track("Same Song", [("artist", "Fjord")]), Track("Third Song", [("artist", "Fjord")])), "beside"),
    Album("9 Lives/A Long Evening", "mp3", [
        ("albumartist", "9 Lives"), ("album", "A Long Evening"), ("date", "2012"), ("genre", "Ambient")], tuple(
            Track(f"Hour {n}", [("artist", "9 Lives")], seconds=2) for n in range(1, 25))),
    Album("Odds and ends", "mp3", [], (Track("without any tag"),)),
)
SMALL = tuple(  # enough albums for several pages, one for each of many years
    Album(f"{artist}/{word} {1970 + n}", "mp3", [
        ("albumartist", artist), ("album", f"{word} {1970 + n}"), ("date", str(1970 + n)), ("genre", genre)],
        (Track(f"{word} Song", [("artist", artist)], seconds=3),))
    for n in range(24)
    for artist, word, genre in [(
        ("Czerny", "The Éclairs", "Fjord", "Zoë")[n % 4], ("Morning", "River", "Copper", "Nöel", "Willow")[n % 5],
        ("Rock", "Pop", "Folk")[n % 3])])


def make(folder: Path) -> int:
    """Write the library into a folder, which may exist, and return how many tracks it has."""
    count = 0
    for album in (*LARGE, *SMALL):
        place = folder / album.folder
        place.mkdir(parents=True, exist_ok=True)
        cover = png(300, _colour(album.folder))
        if album.picture == "beside":
            (place / "cover.png").write_bytes(cover)
        for number, track in enumerate(album.tracks, 1):
            count += 1
            name = f"{number:02d} {track.title}".replace("/", "-") if album.tags else track.title
            inside = cover if album.picture == "in" else b""
            (place / f"{name}.{album.form}").write_bytes(_file(album, track, number, inside, count))
            for suffix, text in track.beside.items():
                (place / f"{name}.{suffix}").write_text(text, encoding="utf-8")
    return count


def _colour(text: str) -> tuple[int, int, int]:
    hue = zlib.crc32(text.encode()) % 360 / 360
    red, green, blue = colorsys.hls_to_rgb(hue, 0.45, 0.4)
    return round(red * 255), round(green * 255), round(blue * 255)


def _file(album: Album, track: Track, number: int, cover: bytes, seed: int) -> bytes:
    """One track. Its seed is its number in the library, so that no two sound the same."""
    written = _tags(album, track, number)
    seconds = track.seconds + seed % 3
    if album.form == "flac":
        blocks = [(4, tags.vorbis(written))] + ([(6, tags.picture_block(cover))] if cover else [])
        return flac(seconds, seed, blocks)
    if album.form == "opus":
        return opus(seconds, seed, tags.vorbis(written, cover))
    return (tags.id3(written, cover) if written else b"") + mp3_frames(seconds, seed)


def _tags(album: Album, track: Track, number: int) -> Tags:
    """The album's tags and the track's own; discs hold the same number of tracks, the last one fewer."""
    if not album.tags:
        return []
    each = -(-len(album.tracks) // album.discs)
    place = [("tracknumber", str((number - 1) % each + 1)), ("discnumber", str((number - 1) // each + 1))]
    return [("title", track.title), *place, *album.tags, *track.more]
