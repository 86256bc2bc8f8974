"""Audio files that mean harm, or were harmed: made here byte by byte, the same every time.

`make_all(folder)` writes them and says of each what it is and whether a scan must read it ("read"), refuse it with a
sentence ("refused") or may do either. None may cost more than its own row: no crash, no hang, no memory.
"""

import random
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

FRAME = b"\xff\xfb\x90\x00" + bytes(413)
MP3 = FRAME * 40
PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)


@dataclass(frozen=True, slots=True)
class Hostile:
    name: str
    why: str
    expect: str = "either"


def noise(count: int, seed: int = 1) -> bytes:
    return random.Random(seed).randbytes(count)


def syncsafe(number: int) -> bytes:
    return bytes(number >> shift & 0x7F for shift in (21, 14, 7, 0))


def frame(name: str, body: bytes, flags: int = 0, claim: int | None = None) -> bytes:
    return name.encode() + syncsafe(len(body) if claim is None else claim) + flags.to_bytes(2, "big") + body


def text(name: str, value: str | bytes, encoding: int = 3) -> bytes:
    return frame(name, bytes([encoding]) + (value.encode() if isinstance(value, str) else value))


def id3(frames: bytes, version: int = 4, flags: int = 0, claim: int | None = None) -> bytes:
    size = syncsafe(len(frames) if claim is None else claim)
    return b"ID3" + bytes((version, 0, flags)) + size + frames


def mp3(frames: bytes, **kw: int) -> bytes:
    return id3(frames, **kw) + MP3


def bomb(total: int) -> bytes:
    """A compressed frame that inflates to this many bytes."""
    packer = zlib.compressobj(9)
    parts = [packer.compress(b"\x03bomb\0")]
    parts += [packer.compress(b"A" * 65536) for _ in range(total // 65536)]
    packed = b"".join([*parts, packer.flush()])
    return frame("TXXX", syncsafe(min(total, (1 << 28) - 1)) + packed, flags=0x09)


def block(kind: int, body: bytes, last: bool = False, claim: int | None = None) -> bytes:
    return bytes([kind | (0x80 if last else 0)]) + (len(body) if claim is None else claim).to_bytes(3, "big") + body


def streaminfo(samples: int = 40960, rate: int = 44100) -> bytes:
    packed = rate << 44 | 1 << 41 | 15 << 36 | samples
    return struct.pack(">HH", 4096, 4096) + bytes(6) + packed.to_bytes(8, "big") + bytes(16)


def crc8(data: bytes) -> int:
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc << 1 ^ 0x107) if crc & 0x80 else crc << 1
    return crc


def flac_frames(count: int = 10) -> bytes:
    """Frames of 4096 silent samples in two channels."""
    made = []
    for number in range(count):
        head = b"\xff\xf8\xc9\x18" + bytes([number])
        made.append(head + bytes([crc8(head)]) + bytes(8))
    return b"".join(made)


def flac(*blocks: bytes, info: bytes | None = None) -> bytes:
    return b"fLaC" + block(0, streaminfo() if info is None else info) + b"".join(blocks) + flac_frames()


def comments(pairs: list[bytes], count: int | None = None) -> bytes:
    made = [struct.pack("<I", 1) + b"t", struct.pack("<I", len(pairs) if count is None else count)]
    return b"".join(made + [struct.pack("<I", len(pair)) + pair for pair in pairs])


def picture(mime: bytes, data: bytes, claim: int | None = None) -> bytes:
    size = len(data) if claim is None else claim
    head = struct.pack(">I", 3) + struct.pack(">I", len(mime)) + mime + struct.pack(">I", 0)
    return head + struct.pack(">IIIII", 1, 1, 24, 0, size) + data


def page(body: bytes, number: int, flags: int = 0, granule: int = 0, lacing: bytes | None = None) -> bytes:
    if lacing is None:
        lacing = b"\xff" * (len(body) // 255) + bytes([len(body) % 255])
    return b"OggS\0" + struct.pack("<BqIIIB", flags, granule, 7, number, 0, len(lacing)) + lacing + body


def opus(tags: bytes, granule: int = 48000, head: bytes | None = None, more: bytes = b"") -> bytes:
    first = b"OpusHead\x01\x02" + struct.pack("<HIhB", 312, 48000, 0, 0) if head is None else head
    return page(first, 0, 2) + page(b"OpusTags" + tags, 1) + more + page(bytes(200) * 20, 2, 4, granule)


def atom(name: bytes, body: bytes, size: int | None = None) -> bytes:
    return struct.pack(">I", (8 + len(body)) & 0xFFFFFFFF if size is None else size) + name + body


def trak(scale: int = 44100, units: int = 44100, entry: bytes | None = None, kind: bytes = b"soun") -> bytes:
    mdhd = atom(b"mdhd", struct.pack(">IIIIIHH", 0, 0, 0, scale, units, 0, 0) + bytes(8))
    hdlr = atom(b"hdlr", bytes(8) + kind + bytes(13))
    sample = bytes(6) + struct.pack(">HIIHHIHH", 1, 0, 0, 2, 16, 0, 44100, 0)
    made = atom(b"mp4a", sample) if entry is None else entry
    stsd = atom(b"stsd", struct.pack(">II", 0, 1) + made)
    return atom(b"trak", atom(b"mdia", mdhd + hdlr + atom(b"minf", atom(b"stbl", stsd))))


def ilst(*items: bytes) -> bytes:
    return atom(b"udta", atom(b"meta", bytes(4) + atom(b"ilst", b"".join(items))))


def item(name: bytes, data: bytes, kind: int = 1) -> bytes:
    return atom(name, atom(b"data", struct.pack(">II", kind, 0) + data))


def mp4(moov: bytes, data: bytes = bytes(16000)) -> bytes:
    return atom(b"ftyp", b"M4A \0\0\0\0M4A ") + atom(b"moov", moov) + atom(b"mdat", data)


def nested(depth: int) -> bytes:
    body = b""
    for number in range(depth):
        body = atom(b"udta" if number % 2 else b"moov", body)
    return atom(b"ftyp", b"M4A \0\0\0\0M4A ") + body


def wav(riff: int | None = None, data: int | None = None, rate: int = 44100, width: int = 4) -> bytes:
    samples = bytes(8820)
    fmt = b"fmt " + struct.pack("<IHHIIHH", 16, 1, 2, rate, rate * width, width, 16)
    body = b"WAVE" + fmt + b"data" + struct.pack("<I", len(samples) if data is None else data) + samples
    return b"RIFF" + struct.pack("<I", len(body) if riff is None else riff) + body


def ape_tag(items: bytes, count: int, size: int | None = None) -> bytes:
    length = len(items) + 32 if size is None else size
    return items + b"APETAGEX" + struct.pack("<IIII", 2000, length & 0xFFFFFFFF, count, 0) + bytes(8)


SMALL_FLAC = flac(block(4, comments([b"TITLE=ok", b"ARTIST=ok"]), last=True))
ENDLESS = b"".join(page(bytes(255), number + 1, bool(number), -1, b"\xff") for number in range(64))
XSS = "</title><script>alert(1)</script>"

CASES: list[tuple[str, str, str, Callable[[], bytes]]] = [
    ("ok.mp3", "a sound MP3, as a control", "read", lambda: mp3(text("TIT2", "ok"))),
    ("ok.flac", "a sound FLAC, as a control", "read", lambda: SMALL_FLAC),
    ("ok.opus", "a sound Opus, as a control", "read", lambda: opus(comments([b"TITLE=ok"]))),
    ("ok.m4a", "a sound M4A, as a control", "read", lambda: mp4(trak() + ilst(item(b"\xa9nam", b"ok")))),
    ("ok.wav", "a sound WAV, as a control", "read", lambda: wav()),
    ("zero.mp3", "no bytes", "refused", lambda: b""),
    ("zero.flac", "no bytes", "refused", lambda: b""),
    ("one_byte.ogg", "one byte", "refused", lambda: b"O"),
    ("noise.mp3", "64 KiB of noise", "refused", lambda: noise(65536)),
    ("nothing.mp3", "64 KiB of zeros", "refused", lambda: bytes(65536)),
    ("ones.mp3", "64 KiB of 0xFF, all of it sync", "refused", lambda: b"\xff" * 65536),
    ("text.mp3", "a text", "refused", lambda: b"hello, this is no audio\n" * 50),
    ("page.mp3", "an HTML page that a download saved", "refused", lambda: b"<!doctype html><title>404</title>" * 9),
    ("image.mp3", "a picture", "refused", lambda: PNG + noise(5000)),
    ("hls.mp3", "a playlist that names local files and hosts", "refused", lambda: b"#EXTM3U\nfile:///etc/passwd\n"),
    ("concat.mp3", "an ffconcat script", "refused", lambda: b"ffconcat version 1.0\nfile '/etc/passwd'\n"),
    ("video.m4a", "MP4 with a picture track only", "refused", lambda: mp4(trak(kind=b"vide"))),
    ("matroska.mp3", "WebM", "refused", lambda: b"\x1aE\xdf\xa3" + noise(3000)),
    ("tag_only.mp3", "a tag and no audio", "refused", lambda: id3(text("TIT2", "x"))),
    ("id3_claims_256M.mp3", "the tag claims 256 MB", "read", lambda: mp3(text("TIT2", "x"), claim=(1 << 28) - 1)),
    ("apic_claims_200M.mp3", "a picture claims 200 MB", "read",
     lambda: mp3(frame("APIC", b"\0image/png\0\x03\0" + PNG, claim=200 << 20))),
    ("zlib_bomb.mp3", "64 KB that inflate to 64 MB", "read", lambda: mp3(bomb(64 << 20))),
    ("frames_20000.mp3", "20,000 frames", "read",
     lambda: mp3(b"".join(text("TXXX", b"k%d\0v" % number) for number in range(20000)))),
    ("title_1M.mp3", "a title of 1 MB", "read", lambda: mp3(text("TIT2", "T" * (1 << 20)))),
    ("extended_lies.mp3", "an extended header that claims 2 GB", "either",
     lambda: mp3(b"\x7f\x7f\x7f\x7f" + text("TIT2", "x"), version=3, flags=0x40)),
    ("unsync_lies.mp3", "a tag that says unsynchronised and ends in FF", "read",
     lambda: mp3(text("TIT2", b"a\xff") + b"\xff", version=3, flags=0x80)),
    ("encoding_9.mp3", "a text in encoding 9", "read", lambda: mp3(text("TIT2", "x", 9))),
    ("half_utf16.mp3", "UTF-16 of odd length, with a lone surrogate", "read",
     lambda: mp3(text("TIT2", b"\xff\xfe\x00\xd8x\0y", 1))),
    ("controls.mp3", "control and direction signs, a line break, NUL", "read",
     lambda: mp3(text("TIT2", "a\x1b[31m\u202eb\x07\nc\0d") + text("TALB", XSS))),
    ("numbers.mp3", "numbers out of any range", "read",
     lambda: mp3(text("TRCK", "9" * 400 + "/-1") + text("TDRC", "99999-99-99") + text("TCON", "(999)(" * 50))),
    ("linked_art.mp3", "a picture that is a link", "read",
     lambda: mp3(frame("APIC", b"\0-->\0\x03\0http://169.254.169.254/"))),
    ("xing_lies.mp3", "a Xing header that promises 2^32 frames", "read",
     lambda: FRAME[:36] + b"Xing\0\0\0\x01\xff\xff\xff\xff" + bytes(len(FRAME) - 48) + MP3),
    ("ape_lies.mp3", "an APE tag larger than the file", "read", lambda: MP3 + ape_tag(b"", 1 << 31, 0x7FFFFFFF)),
    ("ape_item_lies.mp3", "an APE item that claims 4 GB", "read",
     lambda: MP3 + ape_tag(b"\xff\xff\xff\xff\0\0\0\0Title\0x", 9)),
    ("id3_chain.mp3", "a thousand tags in a row", "either", lambda: id3(b"") * 1000 + MP3),
    ("no_streaminfo.flac", "FLAC without its header", "refused", lambda: b"fLaC" + block(4, comments([]), last=True)),
    ("truncated.flac", "FLAC cut in its first frame", "either", lambda: SMALL_FLAC[:-130]),
    ("block_lies.flac", "a block that reaches 16 MB past the end", "refused",
     lambda: b"fLaC" + block(0, streaminfo()) + block(4, b"x" * 32, last=True, claim=(1 << 24) - 1)),
    ("count_lies.flac", "four thousand million comments", "read",
     lambda: flac(block(4, comments([b"TITLE=x"], 0xFFFFFFFF), last=True))),
    ("picture_lies.flac", "a picture of 2 GB in a small block", "read",
     lambda: flac(block(6, picture(b"image/png", PNG, 2 << 30), last=True))),
    ("linked_art.flac", "a picture that is a link", "read",
     lambda: flac(block(6, picture(b"-->", b"file:///etc/passwd"), last=True))),
    ("days.flac", "a header that claims 18 days", "read",
     lambda: flac(block(1, b"", last=True), info=streaminfo((1 << 36) - 1))),
    ("rate0.flac", "a sample rate of 0", "refused", lambda: flac(block(1, b"", last=True), info=streaminfo(rate=0))),
    ("blocks.flac", "blocks without end", "either", lambda: b"fLaC" + block(0, streaminfo()) + block(1, b"") * 5000),
    ("endless.opus", "a packet that goes on for ever", "refused",
     lambda: page(b"OpusHead\x01\x02" + struct.pack("<HIhB", 312, 48000, 0, 0), 0, 2) + ENDLESS),
    ("vendor_lies.opus", "a vendor of 4 GB", "read", lambda: opus(b"\xff\xff\xff\xffabc")),
    ("days.opus", "a last granule of 6 million years", "refused", lambda: opus(comments([]), 1 << 62)),
    ("head_only.opus", "the header and nothing else", "refused", lambda: opus(comments([]))[:47]),
    ("no_channels.ogg", "Vorbis with no channels at 0 Hz", "refused",
     lambda: page(b"\x01vorbis" + bytes(23), 0, 2) + page(b"\x03vorbis" + comments([]), 1) + page(b"\x05", 2)),
    ("theora.ogg", "Ogg with something unknown", "refused", lambda: page(b"\x80theora" + bytes(40), 0, 2)),
    ("deep.m4a", "5,000 atoms in one another", "refused", lambda: nested(5000)),
    ("sizes.m4a", "atoms of size 0, 1 and 7", "refused",
     lambda: atom(b"ftyp", b"M4A ") + atom(b"moov", atom(b"udta", b"", 7)) + atom(b"free", b"\x80" + bytes(7), 1)
     + atom(b"moov", b"", 0)),
    ("many.m4a", "100,000 atoms", "refused", lambda: atom(b"ftyp", b"M4A ") + atom(b"free", b"") * 100_000),
    ("years.m4a", "a track that claims 3 years", "refused", lambda: mp4(trak(1, 100_000_000))),
    ("scale0.m4a", "a time scale of 0", "either", lambda: mp4(trak(0, 1))),
    ("locked.m4a", "a file under DRM", "refused", lambda: mp4(trak(entry=atom(b"drms", bytes(36))))),
    ("cover_lies.m4a", "a cover of 4 GB", "read",
     lambda: mp4(trak() + ilst(atom(b"covr", atom(b"data", bytes(8) + PNG, 0xFFFFFFF0))))),
    ("no_index.m4a", "the index was never written", "refused",
     lambda: atom(b"ftyp", b"M4A ") + atom(b"mdat", noise(5000))),
    ("sizes_lie.wav", "sizes of 4 GB, 0 bytes a second", "read", lambda: wav(0xFFFFFFFF, 0xFFFFFFFF, width=4)),
    ("rate0.wav", "a sample rate of 0", "refused", lambda: wav(rate=0)),
    ("no_data.wav", "a header alone", "refused", lambda: wav()[:40]),
    ("bad.wma", "a WMA header of 2^63 bytes", "refused",
     lambda: bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c") + struct.pack("<QI", 1 << 63, 0xFFFFFFFF) + bytes(99)),
    ("bad.wv", "WavPack and then noise", "refused", lambda: b"wvpk" + noise(2000)),
    ("bad.ape", "Monkey's Audio and then noise", "refused", lambda: b"MAC " + bytes(2000)),
    ("bad.dsf", "DSD and then noise", "refused", lambda: b"DSD " + noise(2000)),
    ("bad.tta", "TTA and then zeros", "refused", lambda: b"TTA1" + bytes(2000)),
    ("bad.mpc", "Musepack without packets", "refused", lambda: b"MPCK" + bytes(2000)),
]  # fmt: skip


def make_all(folder: Path) -> list[Hostile]:
    """Write every hostile file into the folder."""
    for name, _, _, make in CASES:
        (folder / name).write_bytes(make())
    return [Hostile(name, why, expect) for name, why, expect, _ in CASES]
