"""The demo library: ten small records and a kitchen tape, so that the first minute shows something.

Composed, drawn, encoded and tagged here, from `catalogue`. Nothing is random twice:
the same records come out on every machine. Gains and peaks in the tags are measured
by the encoder's own run; to guess them would make players play the demo too loud.
"""

import math
import re
import subprocess
import tempfile
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from server.demo import catalogue, covers, tags
from server.demo.catalogue import Record, Song
from server.demo.styles import Piece, bars
from server.demo.synth import RATE, mix

_REFERENCE_LUFS = -18  # ReplayGain 2.0
_LENGTHS_S = range(18, 28)  # and three seconds to ring out
# Quick rather than small: the first start waits for all of this.
_CODECS = {
    "mp3": ("-c:a", "libmp3lame", "-b:a", "160k", "-compression_level", "7", "-ar", "44100", "-id3v2_version", "0"),
    "flac": ("-c:a", "flac", "-sample_fmt", "s16", "-ar", "44100"),
    "opus": ("-c:a", "libopus", "-b:a", "96k", "-compression_level", "4", "-ar", "48000"),
    "m4a": ("-c:a", "aac", "-aac_coder", "fast", "-b:a", "128k", "-ar", "44100", "-movflags", "+faststart"),
}


@dataclass(frozen=True, slots=True)
class _Track:
    record: Record
    song: Song
    disc: int
    number: int
    path: Path


@dataclass(frozen=True, slots=True)
class _Loudness:
    lufs: float
    peak: float


def make_demo(folder: Path, ffmpeg: str) -> int:
    """Make the demo library in a folder and return how many tracks it has."""
    tracks = [track for record in catalogue.RECORDS for track in _tracks(folder, record)]
    tape = folder.joinpath(*catalogue.UNTAGGED)
    for path in [*(t.path for t in tracks), tape]:
        path.parent.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(2) as pool:
        taped = pool.submit(_record, tape, Piece("guitar", "kitchen", "dorian", 24), ffmpeg)
        loudness = list(pool.map(lambda track: _record(track.path, _piece(track), ffmpeg), tracks))
        taped.result()
    measured = dict(zip((t.path for t in tracks), loudness, strict=True))
    for record in catalogue.RECORDS:
        _finish(folder, record, [t for t in tracks if t.record is record], measured)
    return len(tracks) + 1


def _tracks(folder: Path, record: Record) -> list[_Track]:
    home, suffix = _home(folder, record), record.suffix
    return [
        _Track(record, song, disc, number, _disc(home, record, disc) / f"{number:02} - {_plain(song.title)}.{suffix}")
        for disc, songs in enumerate(record.discs, 1)
        for number, song in enumerate(songs, 1)
    ]


def _home(folder: Path, record: Record) -> Path:
    return folder / _plain(record.artist) / _plain(f"{record.title} ({record.date[:4]})")


def _disc(home: Path, record: Record, disc: int) -> Path:
    return home / f"CD {disc}" if len(record.discs) > 1 else home


def _plain(text: str) -> str:
    """A file name that every file system takes."""
    return re.sub(r'[\\/:*?"<>|]', "_", text)


def _piece(track: _Track) -> Piece:
    seed = f"{track.record.artist}/{track.record.title}/{track.disc}/{track.number}"
    seconds = _LENGTHS_S[uuid.uuid5(uuid.NAMESPACE_URL, seed).int % len(_LENGTHS_S)]
    return Piece(track.song.style or track.record.style, seed, track.record.scale, seconds)


def _record(path: Path, piece: Piece, ffmpeg: str) -> _Loudness:
    """Play a piece into an encoder, which measures it on the way."""
    length_s = piece.bars * 240 / piece.bpm + 3
    chain = (
        f"{piece.filters},alimiter=limit=0.89:level=0,apad,atrim=0:{length_s:.3f},"
        f"afade=t=out:st={length_s - 2.5:.3f}:d=2.5,ebur128=framelog=quiet:peak=sample"
    )
    command = [
        ffmpeg, "-hide_banner", "-y", "-f", "s32le", "-ar", str(RATE), "-ac", "2", "-i", "-", "-af", chain,
        "-map_metadata", "-1", "-bitexact", "-threads", "1", *_CODECS[path.suffix[1:]], str(path),
    ]  # fmt: skip
    # A file and not a pipe: fed in pieces of 4 KiB, the encoder would wait for this thread's turn at each.
    with tempfile.TemporaryFile() as pcm:
        pcm.writelines(mix(bars(piece), piece.bpm))
        pcm.seek(0)
        ran = subprocess.run(command, stdin=pcm, capture_output=True, check=False)
    if ran.returncode:
        raise RuntimeError(f"ffmpeg could not make {path.name}: {ran.stderr.decode(errors='replace')[-400:]}")
    summary = ran.stderr.decode(errors="replace").rpartition("Summary:")[2]
    lufs, peak_db = (float(re.search(p, summary)[1]) for p in (r"I:\s+(\S+) LUFS", r"Peak:\s+(\S+) dBFS"))
    return _Loudness(lufs, 10 ** (peak_db / 20))


def _finish(folder: Path, record: Record, tracks: list[_Track], measured: dict[Path, _Loudness]) -> None:
    """Draw the cover, then tag each track."""
    cover = covers.draw(record.art, record.drawn_title or record.title, record.drawn_artist or record.artist)
    home = _home(folder, record)
    if record.cover == "file":
        (home / "cover.jpg").write_bytes(cover)
    if record.artist == "Wren Hallowby":
        (home.parent / "artist.jpg").write_bytes(covers.portrait(record.artist))
    power = sum(10 ** (measured[t.path].lufs / 10) for t in tracks) / len(tracks)
    album = _Loudness(10 * math.log10(power), max(measured[t.path].peak for t in tracks))
    for track in tracks:
        gains = _gain("track", measured[track.path]) | _gain("album", album)
        tags.write(track.path, _tags(track) | gains, cover if record.cover == "embedded" else None)
        if track.song.title == "Streetlight Arithmetic":
            track.path.with_suffix(".lrc").write_text(catalogue.SYNCED_LYRICS + "\n", encoding="utf-8")


def _gain(what: str, loudness: _Loudness) -> tags.Tags:
    return {
        f"replaygain_{what}_gain": [f"{_REFERENCE_LUFS - loudness.lufs:.2f} dB"],
        f"replaygain_{what}_peak": [f"{loudness.peak:.6f}"],
    }


def _tags(track: _Track) -> tags.Tags:
    """The tags of a track as Picard would fill them in."""
    record, song = track.record, track.song
    own = {name: text.split(";") for name, text in (record.tags | song.tags).items()}
    if "bpm" in own:
        own["bpm"] = [str(_piece(track).bpm)]
    named = song.artist or record.artist
    people = song.artists or (named,)
    filled = {
        "title": [song.title], "album": [record.title], "albumartist": [record.artist], "artist": [named],
        "artists": list(people), "artistsort": [_sort(named, people)], "albumartistsort": [_sort(record.artist)],
        "tracknumber": [str(track.number)], "totaltracks": [str(len(record.discs[track.disc - 1]))],
        "discnumber": [str(track.disc)], "totaldiscs": [str(len(record.discs))],
        "date": [record.date], "originaldate": [record.date], "genre": list(record.genres),
        "releasetype": ["album"], "releasestatus": ["official"], "releasecountry": ["XW"],
        "musicbrainz_artistid": [_mbid("artist", name) for name in people],
        "musicbrainz_albumartistid": [_mbid("artist", record.artist)],
        "musicbrainz_albumid": [_mbid("release", record.artist, record.title)],
        "musicbrainz_releasegroupid": [_mbid("group", record.artist, record.title)],
        "musicbrainz_trackid": [_mbid("recording", record.title, named, song.title)],
        "musicbrainz_releasetrackid": [_mbid("track", record.artist, record.title, song.title)],
        "isrc": [f"QZFAM{record.date[2:4]}{int(_mbid('isrc', named, song.title)[:8], 16) % 100_000:05}"],
    }  # fmt: skip
    return filled | own


def _sort(named: str, people: tuple[str, ...] = ()) -> str:
    """The sorting name: of each one in a "A feat. B"."""
    for person in people or (named,):
        named = named.replace(person, catalogue.SORT_NAMES.get(person, person))
    return named


def _mbid(*what: str) -> str:
    """A stable id in the shape of MusicBrainz's."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, "familiar-demo/" + "/".join(what)))
