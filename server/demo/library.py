"""Libraries of a thousand to a million tracks, for tests and benchmarks.

    python -m server.demo.library --tracks 20000 --seed 1 --out /tmp/library

No file costs an encoder run: frames from `pools`, tags from `headers`. Every album
follows from the seed and its number alone, so that the same bytes come out whatever
`--jobs` says: never let one album's chance depend on another's.
"""

import argparse
import json
import os
import random
import re
import shutil
import sys
import time
from bisect import bisect
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import accumulate
from multiprocessing import get_context
from pathlib import Path

from server.demo import headers, names, pools, splice
from server.demo.tags import Tags

_FORMATS = ("mp3", "flac", "m4a", "opus")
_FORMAT_WEIGHTS = (45, 35, 10, 10)
_FIRST_MTIME_S, _MTIME_SPAN_S = 1_420_070_400, 11 * 365 * 86_400


@dataclass(frozen=True, slots=True)
class _Plan:
    """What the library holds: tracks by album, and the weights of its artists summed up."""

    folder: Path
    pool: Path
    ffmpeg: str
    seed: int
    seconds: float
    sizes: tuple[int, ...]
    artists: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class _Album:
    """What the tracks of an album share."""

    number: int
    suffix: str
    old_id3: bool
    artist: names.Artist
    compilation: bool
    tagged: bool  # with MusicBrainz ids, as by Picard
    gain: bool
    discs: int
    size: int
    tags: Tags
    embedded: bytes | None
    cover: bytes | None
    folder: Path
    mtime_s: int


def make_library(
    folder: Path, tracks: int, seed: int = 1, *, ffmpeg: str, jobs: int = 1, seconds: float = 1.2
) -> Path:
    """Write a library and its manifest.jsonl (a line for each file: path, tags as they read), and return the latter.

    The manifest lies beside the folder's music, in the folder itself.
    """
    pool = pools.default_path(ffmpeg)
    pools.load(ffmpeg, pool)
    plan = _plan(folder, pool, ffmpeg, tracks, seed, seconds)
    folder.mkdir(parents=True, exist_ok=True)
    manifest = folder / "manifest.jsonl"
    with manifest.open("w", encoding="utf-8") as out:
        for lines in _batches(plan, jobs):
            out.write(lines)
    return manifest


def _plan(folder: Path, pool: Path, ffmpeg: str, tracks: int, seed: int, seconds: float) -> _Plan:
    rng = random.Random(f"{seed}:plan")
    sizes: list[int] = []
    left = tracks
    while left:
        usual = rng.choices((1, rng.gauss(11.5, 2.5), rng.randint(14, 32)), (8, 74, 18))[0]
        sizes.append(min(left, max(1, int(usual))))
        left -= sizes[-1]
    weights = accumulate((i + 3) ** -0.85 for i in range(max(3, len(sizes) * 2 // 5)))
    return _Plan(folder, pool, ffmpeg, seed, seconds, tuple(sizes), tuple(weights))


def _batches(plan: _Plan, jobs: int) -> Iterator[str]:
    """The manifest in pieces, in the albums' order."""
    step = 100
    starts = range(0, len(plan.sizes), step)
    if jobs == 1:
        yield from (_make(plan, range(a, min(a + step, len(plan.sizes)))) for a in starts)
        return
    with ProcessPoolExecutor(jobs, mp_context=get_context("forkserver")) as workers:
        ranges = [range(a, min(a + step, len(plan.sizes))) for a in starts]
        yield from workers.map(_make, [plan] * len(ranges), ranges)


def _make(plan: _Plan, numbers: range) -> str:
    """Write some albums and return their lines of the manifest."""
    pool = pools.load(plan.ffmpeg, plan.pool) if _loaded.get("path") != plan.pool else _loaded["pools"]
    _loaded.update(path=plan.pool, pools=pool)
    lines: list[str] = []
    for number in numbers:
        _write_album(plan, pool, number, lines)
    return "".join(lines)


_loaded: dict = {}  # a worker keeps its pools between batches


def _write_album(plan: _Plan, pool: pools.Pools, number: int, lines: list[str]) -> None:
    rng = random.Random(f"{plan.seed}:album:{number}")
    album = _album(rng, plan, pool, number)
    per_disc = -(-album.size // album.discs)
    folder = album.folder
    for i in range(album.size):
        disc, track = i // per_disc + 1, i % per_disc + 1
        if album.discs > 1:
            folder = album.folder / f"CD{disc}"
        if track == 1:
            folder.mkdir(parents=True, exist_ok=True)
        tags = _track_tags(rng, plan, album, disc, track, per_disc)
        path = f"{folder}/{track:02} - {_file_name(tags['title'][0])}.{album.suffix}"
        _put(path, _file(rng, pool, album, tags, plan.seconds * rng.uniform(0.7, 1.5)), album.mtime_s)
        lines.append(_line(plan, album, path, tags))
    if album.cover:
        _put(f"{album.folder}/cover.jpg", album.cover, album.mtime_s)


def _album(rng: random.Random, plan: _Plan, pool: pools.Pools, number: int) -> _Album:
    size = plan.sizes[number]
    suffix = rng.choices(_FORMATS, _FORMAT_WEIGHTS)[0]
    compilation = size > 4 and rng.random() < 0.05
    artist = names.VARIOUS if compilation else _anybody(rng, plan)
    title = names.title(rng)
    if rng.random() < 0.06:
        title += rng.choice((" (Deluxe Edition)", " EP", " [Remastered]", ": Greatest Hits", " Vol. 2"))
    year = min(2026, max(1955, int(2027 - rng.expovariate(1 / 18))))
    tagged, gain, art = rng.random() < 0.7, rng.random() < 0.6, rng.random()
    tags = _album_tags(rng, artist, title, year)
    if compilation:
        tags["compilation"] = ["1"]
    if tagged:
        tags |= _picard_tags(rng, artist, size)
    if gain:
        tags |= _gain(rng, "album")
    discs = rng.choice((2, 2, 3)) if size >= 16 and rng.random() < 0.6 else 1
    picture = _picture(rng, pool, number, small=art < 0.25) if art < 0.8 else None
    folder = plan.folder / _file_name(artist.name) / _file_name(f"{year} - {title} [{number}]")
    return _Album(
        number, suffix, suffix == "mp3" and rng.random() < 0.15, artist, compilation, tagged, gain, discs, size, tags,
        picture if art < 0.25 else None, picture if art >= 0.25 else None, folder,
        _FIRST_MTIME_S + rng.randrange(_MTIME_SPAN_S),
    )  # fmt: skip


def _anybody(rng: random.Random, plan: _Plan) -> names.Artist:
    return names.artist(plan.seed, bisect(plan.artists, rng.random() * plan.artists[-1]))


def _album_tags(rng: random.Random, artist: names.Artist, title: str, year: int) -> Tags:
    full = f"{year}-{rng.randrange(1, 13):02}-{rng.randrange(1, 29):02}"
    genres = rng.choices(names.GENRES, cum_weights=names.GENRE_WEIGHTS, k=rng.choice((1, 1, 1, 2, 3)))
    tags = {
        "album": [title], "albumartist": [artist.name], "albumartistsort": [artist.sort],
        "date": [full if rng.random() < 0.5 else str(year)], "genre": list(dict.fromkeys(genres)),
    }  # fmt: skip
    if rng.random() < 0.4:
        tags["originaldate"] = [str(max(1950, year - rng.choice((0, 0, 1, 5, 20))))]
    return tags


def _picard_tags(rng: random.Random, artist: names.Artist, size: int) -> Tags:
    tags = {
        "musicbrainz_albumid": [names.mbid(rng)], "musicbrainz_releasegroupid": [names.mbid(rng)],
        "releasetype": ["album" if size > 6 else "ep" if size > 2 else "single"],
        "releasecountry": [rng.choice(("US", "GB", "JP", "DE", "XW"))], "label": [rng.choice(names.LABELS)],
        "catalognumber": [f"CAT-{rng.randrange(10_000):04}"],
    }  # fmt: skip
    if artist.mbid:
        tags["musicbrainz_albumartistid"] = [artist.mbid]
    return tags


def _gain(rng: random.Random, what: str) -> Tags:
    return {
        f"replaygain_{what}_gain": [f"{rng.gauss(-7, 3):.2f} dB"],
        f"replaygain_{what}_peak": [f"{rng.uniform(0.6, 1):.6f}"],
    }


def _picture(rng: random.Random, pool: pools.Pools, number: int, small: bool) -> bytes:
    """A pool picture, made this album's own by a JPEG comment."""
    jpeg = rng.choice([picture for picture in pool.art if len(picture) < 100_000] if small else pool.art)
    note = f"album {number}".encode()
    return jpeg[:2] + b"\xff\xfe" + (len(note) + 2).to_bytes(2, "big") + note + jpeg[2:]


def _track_tags(rng: random.Random, plan: _Plan, album: _Album, disc: int, track: int, per_disc: int) -> Tags:
    people = [_anybody(rng, plan) if album.compilation else album.artist]
    if rng.random() < 0.1 and (guest := _anybody(rng, plan)) not in people:
        people.append(guest)
    last = album.size - per_disc * (album.discs - 1) if disc == album.discs else per_disc
    tags = {"title": [names.title(rng)], "tracknumber": [str(track)], "totaltracks": [str(last)], **album.tags}
    called = [person.name for person in people]
    tags["artist"] = called
    if len(people) > 1 and rng.random() < 0.5:  # one name to show, and the list beside it
        tags["artist"], tags["artists"] = [" feat. ".join(called)], called
    if album.discs > 1:
        tags["discnumber"], tags["totaldiscs"] = [str(disc)], [str(album.discs)]
        if disc % 2 and album.number % 5 == 0:
            tags["discsubtitle"] = [f"Part {disc}"]
    if album.tagged:
        tags["musicbrainz_trackid"], tags["musicbrainz_releasetrackid"] = [names.mbid(rng)], [names.mbid(rng)]
        tags["artistsort"], tags["isrc"] = [people[0].sort], [f"QZFAM{rng.randrange(10**7):07}"]
        if all(person.mbid for person in people):
            tags["musicbrainz_artistid"] = [person.mbid for person in people]
    if album.gain:
        tags |= _gain(rng, "track")
    return tags | _extras(rng)


def _extras(rng: random.Random) -> Tags:
    """What only some tracks have."""
    tags: Tags = {}
    if rng.random() < 0.3:
        tags["composer"] = [names.person(rng)]
    if rng.random() < 0.2:
        tags["bpm"], tags["mood"] = [str(rng.randrange(60, 190))], [rng.choice(names.MOODS)]
    if rng.random() < 0.05:
        tags["lyrics"] = ["\n".join(f"[00:{second:02}.00]{names.title(rng)}" for second in range(0, 40, 4))]
    if rng.random() < 0.15:
        tags["comment"] = [f"Ripped by {names.word(rng)}"]
    return tags


def _file(rng: random.Random, pool: pools.Pools, album: _Album, tags: Tags, seconds: float) -> bytes:
    art = album.embedded
    if album.suffix == "mp3":
        kept = headers.v23(tags) if album.old_id3 else tags
        return splice.mp3(rng, pool, headers.id3(kept, art, album.old_id3), seconds)
    if album.suffix == "flac":
        return splice.flac(rng, pool, headers.vorbis(tags), headers.picture(art) if art else None, seconds)
    if album.suffix == "opus":
        return splice.opus(rng, pool, headers.vorbis(tags, art), seconds)
    return splice.m4a(rng, pool, headers.ilst(tags, art), seconds)


def _put(path: str, data: bytes, mtime_s: int) -> None:
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    with os.fdopen(fd, "wb", buffering=0) as out:
        out.write(data)
    os.utime(path, (mtime_s, mtime_s))


def _line(plan: _Plan, album: _Album, path: str, tags: Tags) -> str:
    row = {
        "path": path[len(str(plan.folder)) + 1 :],
        "tags": headers.v23(tags) if album.old_id3 else tags,
        "embedded": album.embedded is not None,
        "cover": album.cover is not None,
    }
    return json.dumps(row, ensure_ascii=False) + "\n"


def _file_name(text: str) -> str:
    text = re.sub(r'[/\\:*?"<>|\x00-\x1f]', "_", text).strip(" .")
    return text.encode()[:120].decode(errors="ignore") or "_"


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m server.demo.library", description="Make music to test with.")
    parser.add_argument("--tracks", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seconds", type=float, default=1.2, help="mean length of a track")
    parser.add_argument("--jobs", type=int, default=1, help="processes that write")
    parser.add_argument("--ffmpeg", default=shutil.which("ffmpeg"), help="where ffmpeg is, if not on the PATH")
    args = parser.parse_args()
    if not args.ffmpeg:
        parser.error("no ffmpeg on the PATH: say --ffmpeg")
    start = time.perf_counter()
    manifest = make_library(args.out, args.tracks, args.seed, ffmpeg=args.ffmpeg, jobs=args.jobs, seconds=args.seconds)
    took = time.perf_counter() - start
    print(f"{args.tracks} tracks in {took:.1f} s ({args.tracks / took:.0f}/s); tags in {manifest}", file=sys.stderr)


if __name__ == "__main__":
    main()
