"""Pools of codec frames, encoded once, from which any number of audio files is spliced.

A frame in a pool decodes wherever it stands: MP3 without bit reservoir, AAC access
units, Opus and long Vorbis packets, WavPack blocks. FLAC frames carry their number,
so a clip's frames keep their order. The pools lie in one cache file per user and
ffmpeg; whatever changes what is in them must change _VERSION.
"""

import getpass
import hashlib
import json
import os
import struct
import subprocess
import tempfile
import zlib
from dataclasses import dataclass, field, fields
from itertools import pairwise
from pathlib import Path

from server.demo.crc import crc8
from server.demo.styles import Piece, bars
from server.demo.synth import RATE as PIECE_RATE
from server.demo.synth import mix

_VERSION = 5
RATE = 44_100
FLAC_BLOCK = 4096
WAVPACK_BLOCK = 4096
_CLIP_S = 6
_ART_SIDES = (300, 500, 600, 800, 1000, 1200)


@dataclass(frozen=True, slots=True)
class Pools:
    """Frames by codec; `flac` and `pcm` hold one clip after the other, `flac_clip` frames each."""

    mp3: list[bytes]
    aac: list[bytes]
    opus: list[bytes]
    opus_head: list[bytes]
    vorbis: list[bytes]
    vorbis_head: list[bytes]
    wavpack: list[bytes]
    flac: list[bytes]
    pcm: list[bytes]
    art: list[bytes]
    sums: dict[tuple[int, int], "hashlib._Hash"] = field(default_factory=dict, compare=False)

    def clip(self, number: int) -> list[bytes]:
        """The FLAC frames of a clip, in their order."""
        size = len(self.flac) // len(self.pcm)
        return self.flac[number * size : (number + 1) * size]

    def md5(self, number: int, frames: int) -> "hashlib._Hash":
        """The MD5 of the samples in a clip's first frames, to be copied and gone on with."""
        if (number, frames) not in self.sums:
            pcm = self.pcm[number][: frames * FLAC_BLOCK * 4]
            self.sums[number, frames] = hashlib.md5(pcm, usedforsecurity=False)
        return self.sums[number, frames]


_BLOBS = [f.name for f in fields(Pools) if f.name != "sums"]


def load(ffmpeg: str, path: Path | None = None) -> Pools:
    """The pools from their cache file, encoded first where there is none."""
    path = path or default_path(ffmpeg)
    if not path.exists():
        _store(_build(ffmpeg), path)
    data = path.read_bytes()
    end = data.index(b"\n") + 1
    pools: dict[str, list[bytes]] = {}
    for name, sizes in json.loads(data[:end]).items():
        pools[name] = []
        for size in sizes:
            pools[name].append(data[end : end + size])
            end += size
    return Pools(**pools)


def default_path(ffmpeg: str) -> Path:
    """Where the pools of this user and this ffmpeg are kept."""
    build = zlib.crc32(f"{ffmpeg} {os.stat(ffmpeg).st_mtime_ns}".encode())
    return Path(tempfile.gettempdir()) / f"familiar-pools-{_VERSION}-{getpass.getuser()}-{build:08x}"


def _store(pools: Pools, path: Path) -> None:
    """Write the cache file whole: two sessions may make it at once."""
    content = {name: getattr(pools, name) for name in _BLOBS}
    index = {name: [len(blob) for blob in blobs] for name, blobs in content.items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as out:
        out.write(json.dumps(index).encode() + b"\n")
        for blobs in content.values():
            out.writelines(blobs)
    os.replace(out.name, path)


def _build(ffmpeg: str) -> Pools:
    found: dict[str, list[bytes]] = {name: [] for name in _BLOBS}
    with tempfile.TemporaryDirectory() as folder:
        for style in ("chip", "groove", "guitar"):
            _add_clip(ffmpeg, Path(folder), style, found)
        for i, side in enumerate(_ART_SIDES * 2):
            found["art"].append(_art(ffmpeg, Path(folder) / "art.jpg", side, i + 1))
    return Pools(**found)


def _add_clip(ffmpeg: str, folder: Path, style: str, found: dict[str, list[bytes]]) -> None:
    piece = Piece(style, "pool", "dorian", _CLIP_S)
    raw = ("-f", "s32le", "-ar", str(PIECE_RATE), "-ac", "2", "-i", "-", "-t", str(_CLIP_S))
    pcm = b"".join(mix(bars(piece), piece.bpm))

    def encode(suffix: str, *args: str) -> bytes:
        path = folder / f"clip.{suffix}"
        command = [ffmpeg, "-v", "error", "-y", *raw, "-ar", str(RATE), *args, "-bitexact", str(path)]
        subprocess.run(command, input=pcm, check=True, capture_output=True)
        return path.read_bytes()

    found["mp3"] += _mp3_frames(encode("mp3", "-b:a", "96k", "-reservoir", "0", "-id3v2_version", "0"))
    found["aac"] += _adts_units(encode("aac", "-b:a", "80k"))
    opus = _ogg_packets(encode("opus", "-ar", "48000", "-b:a", "64k"))
    found["opus_head"], found["opus"] = opus[:1], found["opus"] + opus[2:-2]
    if not found["vorbis"]:  # packets belong to the setup header of their own stream
        vorbis = _ogg_packets(encode("ogg", "-c:a", "libvorbis", "-q:a", "2"))
        found["vorbis_head"] = [vorbis[0], vorbis[2]]
        found["vorbis"] = [packet for packet in vorbis[3:-2] if packet[0] & 0b1111 == 0b1110]
    found["wavpack"] += _wavpack_blocks(encode("wv", "-sample_fmt", "s16p", "-frame_size", str(WAVPACK_BLOCK)))
    frames = _flac_frames(encode("flac", "-sample_fmt", "s16", "-frame_size", str(FLAC_BLOCK)))
    found["flac"] += frames[:60]
    found["pcm"].append(encode("pcm", "-f", "s16le"))


def _art(ffmpeg: str, path: Path, side: int, seed: int) -> bytes:
    """A soft-grained gradient: about a photograph's bytes per pixel."""
    drawn = f"gradients=s=240x240:n=8:seed={seed},noise=alls=10:all_seed={seed},scale={side}:{side}"
    command = [ffmpeg, "-v", "error", "-y", "-f", "lavfi", "-i", drawn, "-frames:v", "1", "-pix_fmt", "yuvj420p"]
    subprocess.run([*command, "-q:v", "20", "-bitexact", str(path)], check=True, capture_output=True)
    return path.read_bytes()


def _mp3_frames(data: bytes) -> list[bytes]:
    bitrates = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
    frames, at = [], 0
    while at + 4 <= len(data):
        size = 144_000 * bitrates[data[at + 2] >> 4] // RATE + (data[at + 2] >> 1 & 1)
        frames.append(data[at : at + size])
        at += size
    return [f for f in frames if b"Info" not in f[:80] and b"Xing" not in f[:80]][4:-4]


def _adts_units(data: bytes) -> list[bytes]:
    units, at = [], 0
    while at + 7 <= len(data):
        size = (data[at + 3] & 3) << 11 | data[at + 4] << 3 | data[at + 5] >> 5
        units.append(data[at + 7 : at + size])
        at += size
    return units[4:-4]


def _ogg_packets(data: bytes) -> list[bytes]:
    packets, current, at = [], b"", 0
    while at < len(data):
        count = data[at + 26]
        body = at + 27 + count
        for size in data[at + 27 : body]:
            current += data[body : body + size]
            body += size
            if size < 255:
                packets.append(current)
                current = b""
        at = body
    return packets


def _wavpack_blocks(data: bytes) -> list[bytes]:
    blocks, at = [], 0
    while at < len(data):
        size, samples = struct.unpack_from("<I", data, at + 4)[0] + 8, struct.unpack_from("<I", data, at + 20)[0]
        if samples == WAVPACK_BLOCK:
            blocks.append(data[at : at + size])
        at += size
    return blocks


def _flac_frames(data: bytes) -> list[bytes]:
    """The whole frames: each starts with its number and the header's own checksum."""
    starts, at = [], data.index(b"\xff\xf8")
    while len(starts) < 128:
        at = data.find(b"\xff\xf8\xc9", at)
        if at < 0:
            break
        if data[at + 4] == len(starts) and crc8(data[at : at + 5]) == data[at + 5]:
            starts.append(at)
        at += 1
    return [data[a:b] for a, b in pairwise(starts)]
