"""Tags as Picard would write them, written by mutagen: the other side of what we read.

`RICH` is what a reader must find; each writer puts it into a file in one format's own way.
"""

import base64
from pathlib import Path

from mutagen import id3
from mutagen.aiff import AIFF
from mutagen.apev2 import APEv2
from mutagen.asf import ASF
from mutagen.dsf import DSF
from mutagen.flac import FLAC
from mutagen.flac import Picture as FlacPicture
from mutagen.id3 import ID3
from mutagen.mp4 import MP4, MP4Cover
from mutagen.oggflac import OggFLAC
from mutagen.oggopus import OggOpus
from mutagen.oggvorbis import OggVorbis
from mutagen.trueaudio import TrueAudio
from mutagen.wave import WAVE
from mutagen.wavpack import WavPack

from .samples import png

LONG_WORD = "Donaudampfschifffahrt " * 20

RICH: dict[str, list[str]] = {
    "title": ["Ólafur — 東京 «night» 🎵"],
    "titlesort": ["Olafur"],
    "artist": ["AC/DC feat. Björk"],
    "artists": ["AC/DC", "Björk"],
    "artistsort": ["AC/DC feat. Bjork"],
    "albumartist": ["AC/DC"],
    "albumartistsort": ["AC/DC"],
    "album": ["Straße / Улица"],
    "albumsort": ["Strasse"],
    "tracknumber": ["3"],
    "totaltracks": ["12"],
    "discnumber": ["1"],
    "totaldiscs": ["2"],
    "discsubtitle": ["The first half"],
    "date": ["2001-04-05"],
    "originaldate": ["1999"],
    "genre": ["Trip-Hop", "Jazz"],
    "mood": ["Calm"],
    "composer": ["J. S. Bach", "C. P. E. Bach"],
    "composersort": ["Bach, J. S."],
    "lyricist": ["A. Poet"],
    "conductor": ["A. Baton"],
    "remixer": ["R. Mix"],
    "producer": ["P. One", "P. Two"],
    "engineer": ["E. One"],
    "mixer": ["M. One"],
    "djmixer": ["D. J."],
    "arranger": ["A. Range"],
    "label": ["Salt Records"],
    "catalognumber": ["CAT-1"],
    "barcode": ["0123456789012"],
    "isrc": ["USABC9940724"],
    "media": ["CD"],
    "releasetype": ["album", "live"],
    "releasestatus": ["official"],
    "releasecountry": ["DE"],
    "musicbrainz_releasetrackid": ["78b351f5-5e26-41f3-ae3f-e7715280a49e"],
    "musicbrainz_albumid": ["f0e33235-6200-43a8-8ca6-8bb2ac8c5242"],
    "musicbrainz_artistid": ["741b70be-0070-48cc-89bf-147c74a00ec8", "841b70be-0070-48cc-89bf-147c74a00ec8"],
    "musicbrainz_albumartistid": ["741b70be-0070-48cc-89bf-147c74a00ec8"],
    "musicbrainz_releasegroupid": ["dd02521c-611b-48c5-b129-a081c6878ffc"],
    "musicbrainz_trackid": ["5ab24492-646f-4396-8eaf-830f27bb95ec"],
    "replaygain_track_gain": ["-9.86 dB"],
    "replaygain_track_peak": ["0.637560"],
    "bpm": ["85"],
    "lyrics": ["First line\nsecond line – " + LONG_WORD.strip()],
    "comment": ["Ripped by hand"],
    "compilation": ["1"],
    "grouping": ["Group"],
    "copyright": ["2001 Salt"],
    "work": ["The Work"],
    "movement": ["Allegro"],
    "movementnumber": ["2"],
    "movementtotal": ["4"],
    "subtitle": ["A subtitle"],
    "encodedby": ["A listener"],
    "performer:piano": ["G. Gould"],
    "performer:violin": ["A. Fiddler", "B. Fiddler"],
    "my own field": ["kept"],
}

_FRAMES = {
    "title": id3.TIT2, "titlesort": id3.TSOT, "artist": id3.TPE1, "artistsort": id3.TSOP, "albumartist": id3.TPE2,
    "albumartistsort": id3.TSO2, "album": id3.TALB, "albumsort": id3.TSOA, "discsubtitle": id3.TSST,
    "date": id3.TDRC, "originaldate": id3.TDOR, "genre": id3.TCON, "mood": id3.TMOO, "composer": id3.TCOM,
    "composersort": id3.TSOC, "lyricist": id3.TEXT, "conductor": id3.TPE3, "remixer": id3.TPE4, "label": id3.TPUB,
    "isrc": id3.TSRC, "media": id3.TMED, "bpm": id3.TBPM, "compilation": id3.TCMP, "grouping": id3.TIT1,
    "copyright": id3.TCOP, "subtitle": id3.TIT3, "encodedby": id3.TENC, "movement": id3.MVNM,
}  # fmt: skip
_FREE = {
    "artists": "ARTISTS", "catalognumber": "CATALOGNUMBER", "barcode": "BARCODE",
    "releasetype": "MusicBrainz Album Type", "releasestatus": "MusicBrainz Album Status",
    "releasecountry": "MusicBrainz Album Release Country",
    "musicbrainz_releasetrackid": "MusicBrainz Release Track Id", "musicbrainz_albumid": "MusicBrainz Album Id",
    "musicbrainz_artistid": "MusicBrainz Artist Id", "musicbrainz_albumartistid": "MusicBrainz Album Artist Id",
    "musicbrainz_releasegroupid": "MusicBrainz Release Group Id", "replaygain_track_gain": "REPLAYGAIN_TRACK_GAIN",
    "replaygain_track_peak": "REPLAYGAIN_TRACK_PEAK", "work": "WORK", "my own field": "My Own Field",
}  # fmt: skip
_ROLES = {"producer": "producer", "engineer": "engineer", "mixer": "mix", "djmixer": "DJ-mix", "arranger": "arranger"}


def frames(encoding: int, picture: bytes = b"") -> list[id3.Frame]:
    """RICH as ID3 frames, a picture among them."""
    made: list[id3.Frame] = [kind(encoding=encoding, text=RICH[key]) for key, kind in _FRAMES.items()]
    half = len(made) // 2
    if picture:
        made.insert(half, id3.APIC(encoding=encoding, mime="image/png", type=3, desc="Covér", data=picture))
    made += [id3.TXXX(encoding=encoding, desc=name, text=RICH[key]) for key, name in _FREE.items()]
    made += [
        id3.TRCK(encoding=encoding, text="3/12"),
        id3.TPOS(encoding=encoding, text="1/2"),
        id3.MVIN(encoding=encoding, text="2/4"),
        id3.COMM(encoding=encoding, lang="eng", desc="", text=RICH["comment"]),
        id3.COMM(encoding=encoding, lang="eng", desc="iTunNORM", text="00000FF2 0000107F"),
        id3.USLT(encoding=encoding, lang="eng", desc="", text=RICH["lyrics"][0]),
        id3.UFID(owner="http://musicbrainz.org", data=RICH["musicbrainz_trackid"][0].encode()),
        id3.TIPL(encoding=encoding, people=[[role, one] for key, role in _ROLES.items() for one in RICH[key]]),
        id3.TMCL(
            encoding=encoding,
            people=[["Piano", "G. Gould"], ["violin", "A. Fiddler"], ["violin", "B. Fiddler"]],
        ),
    ]
    return made


def tag(encoding: int, picture: bytes = b"") -> ID3:
    made = ID3()
    for frame in frames(encoding, picture):
        made.add(frame)
    return made


def write_id3(path: Path, version: int, encoding: int, picture: bytes = b"") -> None:
    made = tag(encoding, picture)
    if version == 3:
        made.update_to_v23()
    made.save(path, v2_version=version, v23_sep=None)


def write_inside(path: Path, picture: bytes = b"") -> None:
    """ID3 in a chunk of WAV, AIFF and DSF, and in front of TTA."""
    kind = {".wav": WAVE, ".aiff": AIFF, ".dsf": DSF, ".tta": TrueAudio}[path.suffix]
    file = kind(path)
    if file.tags is None:
        file.add_tags()
    for frame in frames(3, picture):
        file.tags.add(frame)
    file.save()


def comments() -> dict[str, list[str]]:
    """RICH as Vorbis comments."""
    made = {key.upper(): values for key, values in RICH.items() if not key.startswith("performer:")}
    made["MOVEMENTNAME"], made["MOVEMENT"] = made["MOVEMENT"], made.pop("MOVEMENTNUMBER")
    made["PERFORMER"] = ["G. Gould (Piano)", "A. Fiddler (violin)", "B. Fiddler (violin)"]
    made["TRACKTOTAL"], made["ALBUM ARTIST"] = made.pop("TOTALTRACKS"), ["dropped: ALBUMARTIST counts"]
    return made


def flac_picture(data: bytes) -> FlacPicture:
    picture = FlacPicture()
    picture.type, picture.mime, picture.desc, picture.data = 3, "image/png", "Covér", data
    return picture


def write_flac(path: Path, picture: bytes = b"") -> None:
    file = FLAC(path)
    file.update(comments())
    if picture:
        file.add_picture(flac_picture(picture))
    file.save()


def write_ogg(path: Path, picture: bytes = b"") -> None:
    file = {".ogg": OggVorbis, ".opus": OggOpus, ".oga": OggFLAC}[path.suffix](path)
    made = comments()
    if picture:
        made["METADATA_BLOCK_PICTURE"] = [base64.b64encode(flac_picture(picture).write()).decode()]
    file.update(made)
    file.save()


def write_mp4(path: Path, picture: bytes = b"") -> None:
    names = {
        "title": "\xa9nam", "artist": "\xa9ART", "albumartist": "aART", "album": "\xa9alb", "date": "\xa9day",
        "genre": "\xa9gen", "composer": "\xa9wrt", "grouping": "\xa9grp", "comment": "\xa9cmt", "lyrics": "\xa9lyr",
        "encodedby": "\xa9too", "copyright": "cprt", "titlesort": "sonm", "artistsort": "soar", "albumsort": "soal",
        "albumartistsort": "soaa", "composersort": "soco", "work": "\xa9wrk", "movement": "\xa9mvn",
    }  # fmt: skip
    file = MP4(path)
    done = {"tracknumber", "totaltracks", "discnumber", "totaldiscs", "bpm", "compilation"}
    done |= {"movementnumber", "movementtotal"}
    for key, values in RICH.items():
        if key in names:
            file[names[key]] = values
        elif key.startswith("performer:"):
            one = [f"{name} ({key[10:]})".encode() for name in values]
            file.tags.setdefault("----:com.apple.iTunes:PERFORMER", []).extend(one)
        elif key not in done:
            name = _FREE.get(key, key.upper() if key != "musicbrainz_trackid" else "MusicBrainz Track Id")
            file[f"----:com.apple.iTunes:{name}"] = [value.encode() for value in values]
    file["trkn"], file["disk"], file["tmpo"], file["cpil"] = [(3, 12)], [(1, 2)], [85], True
    file["\xa9mvi"], file["\xa9mvc"] = [2], [4]
    file["----:com.apple.iTunes:iTunSMPB"] = [b" 00000000 00000840"]
    if picture:
        file["covr"] = [MP4Cover(picture, MP4Cover.FORMAT_PNG)]
    file.save()


def write_ape(path: Path, picture: bytes = b"") -> None:
    """RICH as Picard's APEv2: WavPack, Monkey's Audio, Musepack, and behind MP3."""
    made = {key.title(): values for key, values in RICH.items() if not key.startswith("performer:")}
    made["Year"], made["Album Artist"] = made.pop("Date"), made.pop("Albumartist")
    made["Track"], made["Disc"] = ["3/12"], ["1/2"]
    made["MixArtist"], made["Movementname"] = made.pop("Remixer"), made.pop("Movement")
    made["Movement"] = made.pop("Movementnumber")
    for gone in ("Tracknumber", "Totaltracks", "Discnumber", "Totaldiscs"):
        del made[gone]
    made["Performer"] = ["G. Gould (Piano)", "A. Fiddler (violin)", "B. Fiddler (violin)"]
    if path.suffix == ".wv":
        file = WavPack(path)
        if file.tags is None:
            file.add_tags()
        tags = file.tags
    else:
        file = tags = APEv2()
    for key, values in made.items():
        tags[key] = values
    if picture:
        tags["Cover Art (Front)"] = b"front.png\0" + picture
    file.save(path)


def write_asf(path: Path) -> list[str]:
    """What WMA has names for; answers those keys."""
    names = {
        "title": "Title", "artist": "Author", "album": "WM/AlbumTitle", "albumartist": "WM/AlbumArtist",
        "tracknumber": "WM/TrackNumber", "totaltracks": "TotalTracks", "discnumber": "WM/PartOfSet",
        "date": "WM/Year", "genre": "WM/Genre", "composer": "WM/Composer", "artists": "WM/ARTISTS",
        "lyrics": "WM/Lyrics", "label": "WM/Publisher", "isrc": "WM/ISRC", "bpm": "WM/BeatsPerMinute",
        "compilation": "WM/IsCompilation", "musicbrainz_albumid": "MusicBrainz/Album Id", "comment": "Description",
        "releasetype": "MusicBrainz/Album Type", "replaygain_track_gain": "REPLAYGAIN_TRACK_GAIN",
    }  # fmt: skip
    file = ASF(path)
    for key, name in names.items():
        file[name] = RICH[key]
    file["WM/IsCompilation"] = [True]
    file.save()
    return list(names)


BIG = png(300_000)
