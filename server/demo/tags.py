"""Writes tags as MusicBrainz Picard writes them, in every format that it knows.

Tags travel as {Picard's name: [values]}: `musicbrainz_trackid` is the recording,
`tracknumber` and `totaltracks` stand apart, `performer:cello` names a role.
A name that a format has no place for is a KeyError here, not a silent loss.
Mutagen is imported inside: the server's process never loads it.
"""

import base64
from pathlib import Path

Tags = dict[str, list[str]]

ID3_FRAMES = {
    "title": "TIT2", "artist": "TPE1", "albumartist": "TPE2", "album": "TALB", "date": "TDRC", "originaldate": "TDOR",
    "genre": "TCON", "composer": "TCOM", "lyricist": "TEXT", "conductor": "TPE3", "remixer": "TPE4", "isrc": "TSRC",
    "bpm": "TBPM", "label": "TPUB", "artistsort": "TSOP", "albumartistsort": "TSO2", "albumsort": "TSOA",
    "titlesort": "TSOT", "composersort": "TSOC", "compilation": "TCMP", "discsubtitle": "TSST", "mood": "TMOO",
    "key": "TKEY", "language": "TLAN", "media": "TMED", "copyright": "TCOP", "grouping": "TIT1", "subtitle": "TIT3",
    "movement": "MVNM", "movementnumber": "MVIN",
}  # fmt: skip
ID3_PEOPLE = ("producer", "engineer", "arranger", "mixer", "djmixer")
_ID3_ROLES = {"mixer": "mix", "djmixer": "DJ-mix"}
# Free-text frames in ID3 and free-form atoms in MP4 share these names.
FREE_NAMES = {
    "artists": "ARTISTS", "barcode": "BARCODE", "catalognumber": "CATALOGNUMBER", "asin": "ASIN", "script": "SCRIPT",
    "originalyear": "originalyear", "musicbrainz_albumid": "MusicBrainz Album Id",
    "musicbrainz_artistid": "MusicBrainz Artist Id", "musicbrainz_albumartistid": "MusicBrainz Album Artist Id",
    "musicbrainz_releasegroupid": "MusicBrainz Release Group Id", "musicbrainz_workid": "MusicBrainz Work Id",
    "musicbrainz_releasetrackid": "MusicBrainz Release Track Id", "releasetype": "MusicBrainz Album Type",
    "releasestatus": "MusicBrainz Album Status", "releasecountry": "MusicBrainz Album Release Country",
    "replaygain_track_gain": "REPLAYGAIN_TRACK_GAIN", "replaygain_track_peak": "REPLAYGAIN_TRACK_PEAK",
    "replaygain_album_gain": "REPLAYGAIN_ALBUM_GAIN", "replaygain_album_peak": "REPLAYGAIN_ALBUM_PEAK",
    "itunesadvisory": "ITUNESADVISORY", "work": "WORK", "albumversion": "ALBUMVERSION",
}  # fmt: skip
MP4_ATOMS = {
    "title": "\xa9nam", "artist": "\xa9ART", "albumartist": "aART", "album": "\xa9alb", "date": "\xa9day",
    "genre": "\xa9gen", "composer": "\xa9wrt", "lyrics": "\xa9lyr", "comment": "\xa9cmt", "grouping": "\xa9grp",
    "artistsort": "soar", "albumartistsort": "soaa", "albumsort": "soal", "titlesort": "sonm", "composersort": "soco",
    "copyright": "cprt", "movement": "\xa9mvn", "work": "\xa9wrk",
}  # fmt: skip
MP4_FREE = FREE_NAMES | {
    "musicbrainz_trackid": "MusicBrainz Track Id", "key": "initialkey",
    "originaldate": "ORIGINALDATE",
    **{n: n.upper() for n in ("isrc", "label", "mood", "media", "discsubtitle", "conductor", "lyricist", "remixer",
                              "producer", "engineer", "arranger", "mixer", "djmixer", "language", "subtitle")},
}  # fmt: skip
_APE_NAMES = {
    "albumartist": "Album Artist", "tracknumber": "Track", "discnumber": "Disc", "date": "Year", "bpm": "BPM",
    "isrc": "ISRC", "remixer": "MixArtist", "discsubtitle": "DiscSubtitle", "label": "Label",
}  # fmt: skip


def write(path: Path, tags: Tags, picture: bytes | None = None) -> None:
    """Replace the tags of an audio file; the picture is a JPEG or PNG front cover."""
    kind = path.suffix.lower()
    if kind in (".mp3", ".wav", ".aiff"):
        _write_id3(path, kind, tags, picture)
    elif kind == ".m4a":
        _write_mp4(path, tags, picture)
    elif kind == ".wv":
        _write_ape(path, tags, picture)
    elif kind in (".flac", ".ogg", ".opus"):
        _write_vorbis(path, kind, tags, picture)
    else:
        raise ValueError(f"tags cannot be written into a {kind} file")


def numbered(tags: Tags, item: str) -> str:
    """"3/12" from tracknumber and totaltracks ("track"), or from the disc's ("disc"); "" when untagged."""
    number, total = tags.get(f"{item}number", [""])[0], tags.get(f"total{item}s", [""])[0]
    return f"{number}/{total}" if total else number


def _mime(picture: bytes) -> str:
    return "image/png" if picture.startswith(b"\x89PNG") else "image/jpeg"


def _write_id3(path: Path, kind: str, tags: Tags, picture: bytes | None) -> None:
    from mutagen import aiff, id3, mp3, wave

    opened = {".mp3": mp3.MP3, ".wav": wave.WAVE, ".aiff": aiff.AIFF}[kind](path)
    if opened.tags is None:
        opened.add_tags()
    opened.tags.clear()
    for frame in _id3_frames(tags):
        opened.tags.add(frame)
    if picture:
        opened.tags.add(id3.APIC(encoding=0, mime=_mime(picture), type=3, desc="", data=picture))
    opened.save()


def _id3_frames(tags: Tags):
    from mutagen import id3

    musicians, people = [], []
    for item, frame in (("track", id3.TRCK), ("disc", id3.TPOS)):
        if text := numbered(tags, item):
            yield frame(encoding=3, text=[text])
    for name, values in tags.items():
        if name in ("tracknumber", "totaltracks", "discnumber", "totaldiscs"):
            continue
        if name in ID3_FRAMES:
            yield getattr(id3, ID3_FRAMES[name])(encoding=3, text=values)
        elif name in ID3_PEOPLE:
            people += [[_ID3_ROLES.get(name, name), value] for value in values]
        elif name.startswith("performer:"):
            musicians += [[name.partition(":")[2], value] for value in values]
        elif name == "musicbrainz_trackid":
            yield id3.UFID(owner="http://musicbrainz.org", data=values[0].encode())
        elif name == "comment":
            yield id3.COMM(encoding=3, lang="eng", desc="", text=values)
        elif name == "lyrics":
            yield id3.USLT(encoding=3, lang="eng", desc="", text=values[0])
        else:
            yield id3.TXXX(encoding=3, desc=FREE_NAMES[name], text=values)
    if people:
        yield id3.TIPL(encoding=3, people=people)
    if musicians:
        yield id3.TMCL(encoding=3, people=musicians)


def _write_mp4(path: Path, tags: Tags, picture: bytes | None) -> None:
    from mutagen.mp4 import MP4, MP4Cover

    opened = MP4(path)
    if opened.tags is None:
        opened.add_tags()
    atoms = opened.tags
    atoms.clear()
    _fill_mp4(atoms, tags)
    if picture:
        shape = MP4Cover.FORMAT_PNG if _mime(picture) == "image/png" else MP4Cover.FORMAT_JPEG
        atoms["covr"] = [MP4Cover(picture, shape)]
    opened.save()


def _fill_mp4(atoms, tags: Tags) -> None:
    from mutagen.mp4 import AtomDataType, MP4FreeForm

    for item, atom in (("track", "trkn"), ("disc", "disk")):
        if text := numbered(tags, item):
            number, _, total = text.partition("/")
            atoms[atom] = [(int(number), int(total or 0))]
    for name, values in tags.items():
        if name in ("tracknumber", "totaltracks", "discnumber", "totaldiscs"):
            continue
        if name == "compilation":
            atoms["cpil"] = values == ["1"]
        elif name == "bpm":
            atoms["tmpo"] = [int(values[0])]
        elif name == "itunesadvisory":
            atoms["rtng"] = [int(values[0])]
        elif name == "movementnumber":
            number, _, total = values[0].partition("/")
            atoms["\xa9mvi"], atoms["\xa9mvc"] = [int(number)], [int(total or 0)]
        elif name in MP4_ATOMS:
            atoms[MP4_ATOMS[name]] = values
        else:
            key = f"----:com.apple.iTunes:{'PERFORMER' if name.startswith('performer:') else MP4_FREE[name]}"
            role = f" ({name.partition(':')[2]})" if name.startswith("performer:") else ""
            free = [MP4FreeForm(f"{v}{role}".encode(), AtomDataType.UTF8) for v in values]
            atoms[key] = [*atoms.get(key, []), *free]


def comments(tags: Tags) -> list[tuple[str, str]]:
    """The Vorbis comments for tags: roles go into the value, totals are named twice as Picard does."""
    out = []
    for name, values in tags.items():
        key, _, role = name.partition(":")
        for value in values:
            out.append((key.upper(), f"{value} ({role})" if role else value))
            if name in ("totaltracks", "totaldiscs"):
                out.append((f"{name[5:-1]}total".upper(), value))
    return out


def _write_vorbis(path: Path, kind: str, tags: Tags, picture: bytes | None) -> None:
    from mutagen import flac, oggopus, oggvorbis

    opened = {".flac": flac.FLAC, ".ogg": oggvorbis.OggVorbis, ".opus": oggopus.OggOpus}[kind](path)
    if opened.tags is None:
        opened.add_tags()
    opened.tags.clear()
    for name, value in comments(tags):
        opened.tags.append((name, value))
    if kind == ".flac":
        opened.clear_pictures()
    if picture:
        block = flac.Picture()
        block.type, block.mime, block.data = 3, _mime(picture), picture
        if kind == ".flac":
            opened.add_picture(block)
        else:
            opened["METADATA_BLOCK_PICTURE"] = [base64.b64encode(block.write()).decode()]
    opened.save()


def _write_ape(path: Path, tags: Tags, picture: bytes | None) -> None:
    from mutagen.apev2 import APEBinaryValue, APEv2

    ape = APEv2()
    for item, key in (("track", "Track"), ("disc", "Disc")):
        if text := numbered(tags, item):
            ape[key] = text
    for name, values in tags.items():
        if name in ("tracknumber", "totaltracks", "discnumber", "totaldiscs"):
            continue
        key, _, role = name.partition(":")
        ape[_APE_NAMES.get(key, key.title() if "_" not in key else key.upper())] = [
            f"{value} ({role})" if role else value for value in values
        ]
    if picture:
        ape["Cover Art (Front)"] = APEBinaryValue(b"cover.jpg\0" + picture)
    ape.save(path)
