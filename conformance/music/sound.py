"""The least that is valid MP3, FLAC and Ogg Opus, without an encoder.

No two files hold the same sound: servers that know a file by its audio would take the second for the first moved.
MP3 and Opus are silence whose spare bytes differ, FLAC is a quiet tone, sample by sample.
"""

import hashlib
import math
import struct
from functools import cache

MP3_FRAME = 96  # 24 ms at 48 kHz and 32 kbit/s, mono
FLAC_RATE, FLAC_BLOCK = 8000, 576
OPUS_RATE, OPUS_FRAME = 48000, 960


def mp3_frames(seconds: float, seed: int) -> bytes:
    """Frames whose granules are empty; what is behind them is ancillary data, which nobody plays."""
    head = b"\xff\xfb\x14\xc0" + bytes(17)
    spare = hashlib.sha256(str(seed).encode()).hexdigest().encode()
    frame = (head + spare + bytes(MP3_FRAME))[:MP3_FRAME]
    return frame * round(seconds * 1000 / 24)


# --------------------------------------------------------------------------- FLAC


def flac(seconds: float, seed: int, blocks: list[tuple[int, bytes]]) -> bytes:
    """A FLAC file of a tone: its frames are stored, not compressed. `blocks` are metadata blocks by number."""
    count = round(seconds * FLAC_RATE / FLAC_BLOCK)
    wave = _wave(220 + seed * 7 % 660)
    samples = (wave * (count * FLAC_BLOCK // len(wave) + 1))[: count * FLAC_BLOCK]
    packed = [struct.pack(f">{FLAC_BLOCK}h", *samples[at : at + FLAC_BLOCK])
              for at in range(0, len(samples), FLAC_BLOCK)]
    digest = hashlib.md5(struct.pack(f"<{len(samples)}h", *samples), usedforsecurity=False).digest()
    info = struct.pack(">HH", FLAC_BLOCK, FLAC_BLOCK) + bytes(6) + (
        FLAC_RATE << 44 | 0 << 41 | 15 << 36 | len(samples)).to_bytes(8, "big") + digest
    chain = [(0, info), *blocks]
    head = b"".join(bytes([number | (0x80 if at == len(chain) - 1 else 0)]) + len(data).to_bytes(3, "big") + data
                    for at, (number, data) in enumerate(chain))
    return b"fLaC" + head + b"".join(_flac_frame(at, block) for at, block in enumerate(packed))


@cache
def _wave(hertz: int) -> tuple[int, ...]:
    """One second of a quiet tone."""
    return tuple(round(900 * math.sin(2 * math.pi * hertz * at / FLAC_RATE)) for at in range(FLAC_RATE))


def _flac_frame(number: int, samples: bytes) -> bytes:
    head = b"\xff\xf8" + bytes([0x24, 0x08]) + chr(number).encode()  # 576 samples, 8 kHz, mono, 16 bits
    head += bytes([_crc(head, 0x07, 8)])
    body = head + b"\x02" + samples  # one subframe, verbatim
    return body + _crc(body, 0x8005, 16).to_bytes(2, "big")


@cache
def _crc_table(polynomial: int, width: int) -> tuple[int, ...]:
    top, mask, table = 1 << width - 1, (1 << width) - 1, []
    for byte in range(256):
        value = byte << width - 8
        for _ in range(8):
            value = (value << 1 ^ polynomial if value & top else value << 1) & mask
        table.append(value)
    return tuple(table)


def _crc(data: bytes, polynomial: int, width: int) -> int:
    table, mask, shift, value = _crc_table(polynomial, width), (1 << width) - 1, width - 8, 0
    for byte in data:
        value = (value << 8 & mask) ^ table[(value >> shift) ^ byte]
    return value


# --------------------------------------------------------------------------- Ogg Opus


def opus(seconds: float, seed: int, comment: bytes) -> bytes:
    """An Ogg Opus file of silence; `comment` is its block of Vorbis comments."""
    padding = 20 + seed % 60
    packet = bytes([0xFB, 0x41, padding, 0xFF, 0xFE]) + bytes(padding)
    count, serial = round(seconds * OPUS_RATE / OPUS_FRAME), 1000 + seed
    head = b"OpusHead" + struct.pack("<BBHIhB", 1, 1, 312, OPUS_RATE, 0, 0)
    pages = [_page(serial, 0, 0, 2, [head]), *_pages(serial, 1, b"OpusTags" + comment)]
    for at in range(0, count, 50):
        many = min(50, count - at)
        last = 4 if at + many == count else 0
        pages.append(_page(serial, len(pages), (at + many) * OPUS_FRAME, last, [packet] * many))
    return b"".join(pages)


def _pages(serial: int, number: int, packet: bytes) -> list[bytes]:
    """A packet of any length over as many pages as it needs."""
    most, made = 255 * 255, []
    for at in range(0, len(packet) + 1, most):
        part = packet[at : at + most]
        ends = at + most > len(packet)
        laces = [255] * (len(part) // 255) + ([len(part) % 255] if ends else [])
        made.append(_page_of(serial, number + len(made), 0 if ends else -1, 1 if at else 0, laces, part))
    return made


def _page(serial: int, number: int, granule: int, flags: int, packets: list[bytes]) -> bytes:
    laces = [lace for packet in packets for lace in [255] * (len(packet) // 255) + [len(packet) % 255]]
    return _page_of(serial, number, granule, flags, laces, b"".join(packets))


def _page_of(serial: int, number: int, granule: int, flags: int, laces: list[int], body: bytes) -> bytes:
    head = struct.pack("<4sBBqIII", b"OggS", 0, flags, granule, serial, number, 0) + bytes([len(laces)]) + bytes(laces)
    crc = _crc(head + body, 0x04C11DB7, 32)
    return head[:22] + struct.pack("<I", crc) + head[26:] + body
