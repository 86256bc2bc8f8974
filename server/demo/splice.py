"""Audio files spliced from pool frames, in every container that the tests need.

Each function takes a seeded chance, the pools, the tag already as bytes (or the tags
for MP4) and a length, and returns the whole file. No two payloads are alike: frames
are drawn at random, and where they cannot be (FLAC) a last frame of noise is added.
"""

import random
import struct
from array import array

from server.demo.crc import crc8, crc16, ogg_crc
from server.demo.headers import box
from server.demo.pools import FLAC_BLOCK, RATE, WAVPACK_BLOCK, Pools


def mp3(rng: random.Random, pools: Pools, tag: bytes, seconds: float) -> bytes:
    """An MP3 file with an Info header that tells its length."""
    frames = rng.choices(pools.mp3, k=max(8, int(seconds * RATE / 1152)))
    audio = b"".join(frames)
    head = bytearray(len(frames[0]))
    head[:4] = frames[0][:4]
    head[36:52] = b"Info" + struct.pack(">III", 3, len(frames), len(audio) + len(head))
    return tag + bytes(head) + audio


def flac(rng: random.Random, pools: Pools, comment: bytes, picture: bytes | None, seconds: float) -> bytes:
    """A FLAC file with a right MD5: a clip's first frames and one of noise."""
    number = rng.randrange(len(pools.pcm))
    clip = pools.clip(number)
    count = min(max(2, round(seconds * RATE / FLAC_BLOCK)), len(clip))
    noise = [rng.getrandbits(9) - 256 for _ in range(32)]
    md5 = pools.md5(number, count).copy()
    md5.update(struct.pack("<32h", *[noise[i // 2 + 16 * (i % 2)] for i in range(32)]))
    total = count * FLAC_BLOCK + 16
    info = struct.pack(">HH6xQ", FLAC_BLOCK, FLAC_BLOCK, RATE << 44 | 1 << 41 | 15 << 36 | total) + md5.digest()
    blocks = [(0, info), (4, comment), *([(6, picture)] if picture else []), (0x81, bytes(1024))]
    meta = [struct.pack(">I", kind << 24 | len(body)) + body for kind, body in blocks]
    return b"".join((b"fLaC", *meta, *clip[:count], _noise_frame(count, noise)))


def _noise_frame(number: int, samples: list[int]) -> bytes:
    """A FLAC frame of 16 verbatim stereo samples, left before right."""
    head = bytes((0xFF, 0xF8, 0x69, 0x18, number, 15))
    left, right = struct.pack(">16h", *samples[:16]), struct.pack(">16h", *samples[16:])
    frame = head + bytes((crc8(head), 2)) + left + b"\2" + right
    return frame + struct.pack(">H", crc16(frame))


def opus(rng: random.Random, pools: Pools, comment: bytes, seconds: float) -> bytes:
    """An Ogg Opus file, a second to a page."""
    packets = rng.choices(pools.opus, k=max(10, int(seconds * 50)))
    heads = [pools.opus_head[0], b"OpusTags" + comment]
    return _ogg(rng.getrandbits(32), heads, packets, 50, [960 * (i + 1) for i in range(len(packets))])


def vorbis(rng: random.Random, pools: Pools, comment: bytes, seconds: float) -> bytes:
    """An Ogg Vorbis file of long blocks."""
    packets = rng.choices(pools.vorbis, k=max(10, int(seconds * RATE / 1024) + 1))
    heads = [pools.vorbis_head[0], b"\x03vorbis" + comment + b"\1", pools.vorbis_head[1]]
    return _ogg(rng.getrandbits(32), heads, packets, 20, [1024 * i for i in range(len(packets))])


def _ogg(serial: int, heads: list[bytes], packets: list[bytes], per_page: int, ends: list[int]) -> bytes:
    """Pages: the first header alone, the others from a fresh page, then packets; ends are granule positions."""
    pages = [_page(2, 0, serial, 0, _lacing(heads[0]), heads[0])]
    lacing, body, at = b"".join(map(_lacing, heads[1:])), b"".join(heads[1:]), 0
    for start in range(0, len(lacing), 255):
        part = lacing[start : start + 255]
        size, granule = sum(part), 0 if part[-1] < 255 or min(part) < 255 else -1
        continued = 1 if start and lacing[start - 1] == 255 else 0
        pages.append(_page(continued, granule, serial, len(pages), part, body[at : at + size]))
        at += size
    for start in range(0, len(packets), per_page):
        part = packets[start : start + per_page]
        last = 4 if start + per_page >= len(packets) else 0
        granule, lacing = ends[start + len(part) - 1], b"".join(map(_lacing, part))
        pages.append(_page(last, granule, serial, len(pages), lacing, b"".join(part)))
    return b"".join(pages)


def _page(flags: int, granule: int, serial: int, number: int, lacing: bytes, body: bytes) -> bytes:
    head = struct.pack("<4sBBqII", b"OggS", 0, flags, granule, serial, number)
    tail = bytes((len(lacing),)) + lacing + body
    return head + ogg_crc(head + b"\0\0\0\0" + tail) + tail


def _lacing(packet: bytes) -> bytes:
    return b"\xff" * (len(packet) // 255) + bytes((len(packet) % 255,))


# ES descriptor: AAC LC, 44.1 kHz, two channels, 80 kbit/s.
_ESDS = bytes.fromhex("00000000 0319 000000 0411 4015 000000 00013880 00013880 0502 1210 0601 02")
_MP4A = box(
    b"mp4a", bytes(6), struct.pack(">H", 1), bytes(8), struct.pack(">HHHHI", 2, 16, 0, 0, RATE << 16),
    box(b"esds", _ESDS),
)  # fmt: skip
_STSD = box(b"stsd", struct.pack(">II", 0, 1), _MP4A)
_MATRIX = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
_FTYP = box(b"ftyp", b"M4A \0\0\2\0M4A mp42isom")
_DINF = box(b"dinf", box(b"dref", struct.pack(">II", 0, 1), box(b"url ", b"\0\0\0\1")))
_MDIR = box(b"hdlr", bytes(8), b"mdirappl", bytes(9))
_SOUN = box(b"hdlr", bytes(8), b"soun", bytes(12), b"\0")


def m4a(rng: random.Random, pools: Pools, ilst: bytes, seconds: float) -> bytes:
    """An M4A file; its moov stands first in three of five."""
    units = rng.choices(pools.aac, k=max(8, int(seconds * RATE / 1024)))
    meta, mdat = box(b"udta", box(b"meta", bytes(4), _MDIR, ilst)), box(b"mdat", *units)
    if rng.random() < 0.6:
        size = len(_moov(units, 0, meta))
        return _FTYP + _moov(units, len(_FTYP) + size + 8, meta) + mdat
    return _FTYP + mdat + _moov(units, len(_FTYP) + 8, meta)


def _moov(units: list[bytes], offset: int, meta: bytes) -> bytes:
    count, length, pack = len(units), len(units) * 1024, struct.pack
    tables = box(
        b"stbl", _STSD, box(b"stts", pack(">IIII", 0, 1, count, 1024)),
        box(b"stsc", pack(">IIIII", 0, 1, 1, count, 1)),
        box(b"stsz", pack(f">III{count}I", 0, 0, count, *map(len, units))), box(b"stco", pack(">III", 0, 1, offset)),
    )  # fmt: skip
    times = box(b"mdhd", pack(">IIIIIHH", 0, 0, 0, RATE, length, 0x55C4, 0))
    mdia = box(b"mdia", times, _SOUN, box(b"minf", box(b"smhd", bytes(8)), _DINF, tables))
    tkhd = box(b"tkhd", pack(">IIIIII8xHHHH", 7, 0, 0, 1, 0, length, 0, 0, 0x100, 0), _MATRIX, bytes(8))
    mvhd = box(b"mvhd", pack(">IIIIIIH10x", 0, 0, 0, RATE, length, 0x10000, 0x100), _MATRIX, bytes(24), pack(">I", 2))
    return box(b"moov", mvhd, box(b"trak", tkhd, mdia), meta)


def wavpack(rng: random.Random, pools: Pools, seconds: float) -> bytes:
    """An untagged WavPack file: blocks, each told where it stands."""
    blocks = rng.choices(pools.wavpack, k=max(2, round(seconds * RATE / WAVPACK_BLOCK)))
    out = []
    for i, block in enumerate(blocks):
        place = struct.pack("<II", len(blocks) * WAVPACK_BLOCK, i * WAVPACK_BLOCK)
        out.append(block[:12] + place + block[20:])
    return b"".join(out)


def wav(rng: random.Random, pools: Pools, seconds: float) -> bytes:
    """An untagged WAV file: 16 bit, stereo, 44.1 kHz."""
    pcm = _samples(rng, pools, seconds).tobytes()
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 2, RATE, RATE * 4, 4, 16)
    return struct.pack("<4sI4s", b"RIFF", len(pcm) + 36, b"WAVE") + form + struct.pack("<4sI", b"data", len(pcm)) + pcm


def aiff(rng: random.Random, pools: Pools, seconds: float) -> bytes:
    """An untagged AIFF file: 16 bit, stereo, 44.1 kHz."""
    samples = _samples(rng, pools, seconds)
    samples.byteswap()
    pcm = samples.tobytes()
    rate = bytes.fromhex("400eac44000000000000")  # 44100 as an 80-bit float
    comm = struct.pack(">4sIHIH", b"COMM", 18, 2, len(pcm) // 4, 16) + rate
    ssnd = struct.pack(">4sIII", b"SSND", len(pcm) + 8, 0, 0) + pcm
    return struct.pack(">4sI4s", b"FORM", 4 + len(comm) + len(ssnd), b"AIFF") + comm + ssnd


def _samples(rng: random.Random, pools: Pools, seconds: float) -> array:
    """Samples of a clip, the first of them noise."""
    pcm = rng.choice(pools.pcm)[: round(seconds * RATE) * 4]
    return array("h", rng.randbytes(min(256, len(pcm))) + pcm[256:])
