"""The checksums that containers of audio want and the standard library lacks."""

import zlib

_REVERSED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


def _table(polynomial: int, bits: int) -> list[int]:
    top, mask, table = 1 << bits - 1, (1 << bits) - 1, []
    for byte in range(256):
        rest = byte << bits - 8
        for _ in range(8):
            rest = (rest << 1 ^ polynomial if rest & top else rest << 1) & mask
        table.append(rest)
    return table


_CRC8, _CRC16 = _table(0x07, 8), _table(0x8005, 16)


def crc8(data: bytes) -> int:
    """The checksum of a FLAC frame's header."""
    rest = 0
    for byte in data:
        rest = _CRC8[rest ^ byte]
    return rest


def crc16(data: bytes) -> int:
    """The checksum of a FLAC frame."""
    rest = 0
    for byte in data:
        rest = rest << 8 & 0xFFFF ^ _CRC16[rest >> 8 ^ byte]
    return rest


def ogg_crc(page: bytes) -> bytes:
    """The checksum of an Ogg page, as it is stored: zlib's with all bits reversed and none inverted."""
    rest = zlib.crc32(page.translate(_REVERSED), 0xFFFFFFFF) ^ 0xFFFFFFFF
    return rest.to_bytes(4, "big").translate(_REVERSED)
