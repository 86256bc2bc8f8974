"""Reads tags back through mutagen into Picard's names: the judge of all that writes them."""

from pathlib import Path

import mutagen

from server.demo.tags import FREE_NAMES, ID3_FRAMES, MP4_ATOMS, MP4_FREE, Tags

_FRAMES = {frame: name for name, frame in ID3_FRAMES.items()}
_FREE = {text: name for name, text in FREE_NAMES.items()}
_ATOMS = {atom: name for name, atom in MP4_ATOMS.items()}
_MP4_FREE = {f"----:com.apple.iTunes:{text}": name for name, text in MP4_FREE.items()}


def read(path: Path) -> tuple[Tags, list[bytes]]:
    """The tags of a file and its pictures."""
    opened = mutagen.File(path)
    if path.suffix in (".mp3", ".wav", ".aiff"):
        return _id3(opened.tags)
    if path.suffix == ".m4a":
        return _mp4(opened.tags)
    return _pairs(opened)


def _numbers(found: Tags, item: str, number: object, total: object) -> None:
    found[f"{item}number"] = [str(number)]
    if total:
        found[f"total{item}s"] = [str(total)]


def _id3(tags) -> tuple[Tags, list[bytes]]:
    found: Tags = {}
    for frame in tags.values():
        name = frame.FrameID
        if name in _FRAMES:
            found[_FRAMES[name]] = [str(text) for text in frame.text]
        elif name == "TXXX":
            found[_FREE[frame.desc]] = list(frame.text)
        elif name in ("TRCK", "TPOS"):
            _numbers(found, "track" if name == "TRCK" else "disc", *frame.text[0].split("/"))
        elif name == "UFID":
            found["musicbrainz_trackid"] = [frame.data.decode()]
        elif name in ("TIPL", "TMCL"):
            for role, person in frame.people:
                found.setdefault(f"performer:{role}" if name == "TMCL" else role, []).append(person)
        elif name in ("COMM", "USLT"):
            found["comment" if name == "COMM" else "lyrics"] = [frame.text] if name == "USLT" else list(frame.text)
    return found, [frame.data for frame in tags.getall("APIC")]


def _mp4(tags) -> tuple[Tags, list[bytes]]:
    found: Tags = {}
    for atom, value in tags.items():
        if atom in ("trkn", "disk"):
            _numbers(found, "track" if atom == "trkn" else "disc", *value[0])
        elif atom == "cpil":
            found["compilation"] = [str(int(value))]
        elif atom == "tmpo":
            found["bpm"] = [str(value[0])]
        elif atom in _ATOMS:
            found[_ATOMS[atom]] = list(value)
        elif atom in _MP4_FREE:
            found[_MP4_FREE[atom]] = [text.decode() for text in value]
        elif atom.endswith(":PERFORMER"):
            _performers(found, [text.decode() for text in value])
    return found, [bytes(picture) for picture in tags.get("covr", [])]


def _performers(found: Tags, values: list[str]) -> None:
    for value in values:
        person, _, role = value[:-1].rpartition(" (")
        found.setdefault(f"performer:{role}", []).append(person)


def _pairs(opened) -> tuple[Tags, list[bytes]]:
    """Vorbis comments."""
    found: Tags = {}
    for name, value in opened.tags:
        if name.lower() == "performer":
            _performers(found, [value])
        elif name.lower() not in ("tracktotal", "disctotal", "metadata_block_picture"):
            found.setdefault(name.lower(), []).append(value)
    if hasattr(opened, "pictures"):
        return found, [picture.data for picture in opened.pictures]
    import base64

    from mutagen.flac import Picture

    blocks = opened.get("metadata_block_picture", [])
    return found, [Picture(base64.b64decode(block)).data for block in blocks]
