"""A tag means the same whatever format, version or habit it was written in."""

import base64
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from mutagen import apev2, flac, id3, mp4, oggopus

from server.library import tags
from server.library.tags import clean, genres
from server.tests.library import hostile

from .samples import png
from .written import flac_picture

Copy = Callable[[str], Path]


def of_id3(frames: bytes, tmp_path: Path, **kw: int) -> dict[str, list[str]]:
    path = tmp_path / "x.mp3"
    path.write_bytes(hostile.mp3(frames, **kw))
    return tags.read(str(path)).tags


def plain(name: str, body: bytes) -> bytes:
    """A frame as v2.3 writes it."""
    return name.encode() + struct.pack(">IH", len(body), 0) + body


@pytest.mark.parametrize(
    ("value", "names"),
    [
        ("17", ["Rock"]),
        ("(17)", ["Rock"]),
        ("(17)Rock", ["Rock"]),
        ("(4)Eurodisco", ["Disco", "Eurodisco"]),
        ("(51)(39)", ["Techno-Industrial", "Noise"]),
        ("(RX)", ["Remix"]),
        ("CR", ["Cover"]),
        ("((Strange", ["(Strange"]),
        ("(999)", ["999"]),
        ("Rock/Pop", ["Rock/Pop"]),
        ("1984", ["1984"]),
        ("(Unfinished", ["(Unfinished"]),
    ],
)
def test_numbered_genres_become_names(value: str, names: list[str]) -> None:
    assert clean.tags({"genre": [value]})["genre"] == names


def test_the_genre_list_is_complete() -> None:
    assert len(genres.NAMES) == 192
    assert (genres.NAMES[0], genres.NAMES[79], genres.NAMES[191]) == ("Blues", "Hard Rock", "Psybient")


def test_a_slash_parts_numbers_but_no_names(tmp_path: Path) -> None:
    frames = (
        plain("TPE1", b"\0AC/DC") + plain("TRCK", b"\x003/12") + plain("TPOS", b"\x001/2") + plain("TIT2", b"\0A/B")
    )
    found = of_id3(frames, tmp_path, version=3)
    assert found["artist"] == ["AC/DC"] and found["title"] == ["A/B"]
    assert (found["tracknumber"], found["totaltracks"]) == (["3"], ["12"])
    assert (found["discnumber"], found["totaldiscs"]) == (["1"], ["2"])


def test_year_and_day_of_v23_make_a_date(tmp_path: Path) -> None:
    frames = plain("TYER", b"\x002001") + plain("TDAT", b"\x000504") + plain("TORY", b"\x001999")
    found = of_id3(frames, tmp_path, version=3)
    assert (found["date"], found["originaldate"]) == (["2001-04-05"], ["1999"])


def test_a_time_of_day_is_no_part_of_a_date() -> None:
    assert clean.tags({"date": ["2001-04-05T12:00:00"]})["date"] == ["2001-04-05"]


def test_values_of_v24_are_parted_by_nul(tmp_path: Path) -> None:
    found = of_id3(hostile.text("TPE1", "A\0B\0A\0") + hostile.text("TDRL", "2002"), tmp_path)
    assert found["artist"] == ["A", "B"] and found["releasedate"] == ["2002"]


def test_comments_with_a_description_are_no_comment(tmp_path: Path) -> None:
    frames = [hostile.frame("COMM", b"\x03eng" + body) for body in (b"iTunNORM\0 0001", b"Songs-DB\0x", b"\0mine")]
    found = of_id3(b"".join(frames), tmp_path)
    assert found["comment"] == ["mine"] and found["comment:songs-db"] == ["x"]
    assert not any("itun" in key for key in found)


def test_sizes_that_old_itunes_wrote_are_understood(tmp_path: Path) -> None:
    # Version 2.4 with plain sizes: a title of 300 bytes would end in its middle.
    frames = plain("TIT2", b"\x03" + b"t" * 300) + plain("TALB", b"\x03album") + plain("TPE1", b"\x03artist")
    found = of_id3(frames, tmp_path)
    assert (found["title"], found["album"], found["artist"]) == (["t" * 300], ["album"], ["artist"])


def test_version_22_is_read_with_its_picture(tmp_path: Path) -> None:
    def short(name: str, body: bytes) -> bytes:
        return name.encode() + len(body).to_bytes(3, "big") + body

    art = b"\0PNG\x03\0" + png()
    frames = (
        short("CNT", bytes(4))
        + short("TT2", b"\0Title")
        + short("TP1", b"\x01\xff\xfeA\0")
        + short("PIC", art)
        + short("TRK", b"\x002/9")
    )
    path = tmp_path / "x.mp3"
    path.write_bytes(hostile.mp3(frames, version=2))
    found = tags.read(str(path))
    assert found.tags == {"title": ["Title"], "artist": ["A"], "tracknumber": ["2"], "totaltracks": ["9"]}
    assert tags.picture(str(path)) == (png(), "image/png")


def test_flagged_frames_are_unwrapped(tmp_path: Path) -> None:
    body = b"\x03packed title"
    packed = hostile.frame("TIT2", hostile.syncsafe(len(body)) + zlib.compress(body), flags=0x09)
    unsync = hostile.frame("TALB", hostile.syncsafe(4) + b"\0a\xff\x00\xfe", flags=0x03)
    grouped = hostile.frame("TPE1", b"\x07\x03artist", flags=0x40)
    found = of_id3(packed + unsync + grouped, tmp_path)
    assert found == {"title": ["packed title"], "album": ["aÿþ"], "artist": ["artist"]}


def test_an_unsynchronised_tag_is_read_with_its_picture(tmp_path: Path) -> None:
    image = b"\xff\xd8\xff\xe0" + bytes(range(256)) * 4 + b"\xff\x00\xff\xe1"
    frames = plain("APIC", b"\0image/jpeg\0\x03\0" + image) + plain("TIT2", b"\0after")
    path = tmp_path / "x.mp3"
    path.write_bytes(hostile.mp3(frames.replace(b"\xff", b"\xff\x00"), version=3, flags=0x80))
    assert tags.read(str(path)).tags == {"title": ["after"]}
    assert tags.picture(str(path)) == (image, "image/jpeg")


def test_an_extended_header_and_a_footer_are_stepped_over(copy: Copy) -> None:
    path = copy("bare.mp3")
    audio = path.read_bytes()
    frames = hostile.syncsafe(6) + b"\x01\0" + hostile.text("TIT2", "x")
    path.write_bytes(hostile.id3(frames, flags=0x50) + b"3DI" + bytes(7) + audio)
    assert tags.read(str(path)).tags["title"] == ["x"]
    assert tags.read(str(path)).length_ms == pytest.approx(1228, abs=2)


def test_people_become_roles_and_performers(tmp_path: Path) -> None:
    pairs = "producer\0P\0DJ-mix\0D\0Guitar (solo)\0G\0\0N"
    found = of_id3(hostile.text("TIPL", pairs), tmp_path)
    assert found == {"producer": ["P"], "djmixer": ["D"], "performer:guitar (solo)": ["G"], "performer": ["N"]}


def test_synchronised_lyrics_become_lrc(tmp_path: Path) -> None:
    made = id3.SYLT(encoding=3, lang="eng", format=2, type=1, desc="", text=[("One", 1500), ("Two", 61230)])
    path = tmp_path / "x.mp3"
    path.write_bytes(hostile.MP3)
    held = id3.ID3()
    held.add(made)
    held.save(path)
    assert tags.read(str(path)).tags["syncedlyrics"] == ["[la:eng]\n[00:01.500]One\n[01:01.230]Two"]


def test_id3v1_alone_is_read(tmp_path: Path) -> None:
    v1 = b"TAG" + b"".join(
        text.ljust(size, b"\0") for text, size in ((b"T", 30), (b"A", 30), (b"L", 30), (b"1999", 4), (b"c", 28))
    )
    path = tmp_path / "x.mp3"
    path.write_bytes(hostile.MP3 + v1 + b"\0\x07\x11")
    expected = {"title": "T", "artist": "A", "album": "L", "date": "1999", "comment": "c", "tracknumber": "7"}
    assert tags.read(str(path)).tags == {key: [value] for key, value in expected.items()} | {"genre": ["Rock"]}


def test_id3v2_wins_and_apev2_fills_what_is_missing(copy: Copy) -> None:
    path = copy("cbr.mp3")
    held = id3.ID3()
    held.add(id3.TIT2(encoding=3, text="front"))
    held.save(path, v1=2)
    behind = apev2.APEv2()
    behind["Title"], behind["Album Artist"], behind["REPLAYGAIN_TRACK_GAIN"] = "behind", "AA", "-3.00 dB"
    behind.save(path)
    found = tags.read(str(path)).tags
    assert found["title"] == ["front"]
    assert (found["albumartist"], found["replaygain_track_gain"]) == (["AA"], ["-3.00 dB"])


def test_the_right_name_beats_its_aliases(copy: Copy) -> None:
    path = copy("plain.flac")
    file = flac.FLAC(path)
    file.update({"YEAR": "1", "DATE": "2", "ALBUM ARTIST": "x", "LABEL": ["a"], "PUBLISHER": ["b"], "TRACKTOTAL": "5"})
    file["TRACKNUMBER"] = "1/9"
    file.save()
    found = tags.read(str(path)).tags
    assert (found["date"], found["albumartist"], found["label"]) == (["2"], ["x"], ["a"])
    assert (found["tracknumber"], found["totaltracks"]) == (["1"], ["5"])


@pytest.mark.parametrize(("number", "word"), [(1, "explicit"), (4, "explicit"), (2, "clean"), (0, None)])
def test_the_advisory_of_itunes_becomes_a_word(copy: Copy, number: int, word: str | None) -> None:
    path = copy("last.m4a")
    file = mp4.MP4(path)
    file["rtng"] = [number]
    file.save()
    assert tags.read(str(path)).tags.get("explicit") == (None if word is None else [word])


def test_opus_output_gain_is_told_in_decibels(copy: Copy) -> None:
    path = copy("plain.opus")
    data = bytearray(path.read_bytes())
    at = data.find(b"OpusHead")
    data[at + 16 : at + 18] = struct.pack("<h", -640)
    path.write_bytes(data)
    assert tags.read(str(path)).tags["opus_output_gain"] == ["-2.50 dB"]


def test_texts_lose_what_xml_forbids_and_keep_the_rest() -> None:
    found = clean.tags(
        {"title": ["a\0b\x08\ud800c\ufffe"], "lyrics": ["one\r\ntwo\tx"], "album": [" x\ny "], "mood": ["\0"]}
    )
    assert found == {"title": ["abc"], "lyrics": ["one\ntwo\tx"], "album": ["x y"]}


def test_tags_have_limits() -> None:
    many = clean.tags({f"k{number}": ["v"] for number in range(999)})
    assert len(many) == 200
    players = {"performer": [f"N ({number})" for number in range(60)]}
    assert len(clean.tags({f"k{number}": ["v"] for number in range(199)} | players)) == 200
    assert len(clean.tags({"artist": [str(number) for number in range(999)]})["artist"]) == 64
    assert len(clean.tags({"title": ["x" * 99999]})["title"][0]) == 4096
    assert len(clean.tags({"lyrics": ["x" * 999999]})["lyrics"][0]) == 262144
    heavy = clean.tags({f"k{number}": ["x" * 4000 + str(number) for number in range(64)] for number in range(9)})
    assert sum(len(value) for values in heavy.values() for value in values) <= 524288


def test_a_picture_in_opus_is_read_and_several_are_counted(copy: Copy) -> None:
    path = copy("plain.opus")
    file = oggopus.OggOpus(path)
    file["METADATA_BLOCK_PICTURE"] = [
        base64.b64encode(flac_picture(png(size)).write()).decode() for size in (100, 90_000, 200)
    ]
    file["TITLE"] = "behind"
    file.save()
    found = tags.read(str(path))
    assert [picture.length for picture in found.pictures] == [100, 90_000, 200]
    assert found.tags["title"] == ["behind"]
    for index, size in enumerate((100, 90_000, 200)):
        assert tags.picture(str(path), index) == (png(size), "image/png")
    assert tags.picture(str(path), 3) is None
