"""Real audio of every format, a second each, made by ffmpeg once for all tests of tags.

ffmpeg writes the streams, mutagen the tags: both know nothing of our readers.
"""

import struct
import subprocess
from pathlib import Path

import imageio_ffmpeg

TONE = ("-f", "lavfi", "-i", "aevalsrc=0.3*sin(440*2*PI*t)+0.1*sin(997*2*PI*t*t)|0.3*sin(660*2*PI*t):s=44100:d=1.2")
NOISE = ("-f", "lavfi", "-i", "anoisesrc=d=1.2:c=pink:r=44100:a=0.4:seed=3")

# name: input, arguments
STREAMS = {
    "cbr.mp3": (TONE, "-c:a libmp3lame -b:a 128k"),
    "vbr.mp3": (TONE, "-c:a libmp3lame -q:a 4"),
    "bare.mp3": (TONE, "-c:a libmp3lame -b:a 192k -write_xing 0 -id3v2_version 0"),
    "bare_vbr.mp3": (NOISE, "-c:a libmp3lame -q:a 5 -write_xing 0 -id3v2_version 0"),
    "mono.mp3": (NOISE, "-c:a libmp3lame -ac 1 -ar 22050 -b:a 56k"),
    "low.mp3": (NOISE, "-c:a libmp3lame -ac 1 -ar 8000 -b:a 16k"),
    "layer2.mp2": (TONE, "-c:a mp2 -b:a 192k"),
    "plain.flac": (TONE, "-c:a flac -sample_fmt s16"),
    "deep.flac": (NOISE, "-c:a flac -sample_fmt s32 -ar 96000"),
    "plain.ogg": (TONE, "-c:a libvorbis -q:a 3"),
    "plain.opus": (TONE, "-c:a libopus -b:a 64k"),
    "flac.oga": (TONE, "-c:a flac -sample_fmt s16 -f ogg"),
    "last.m4a": (TONE, "-c:a aac -b:a 96k"),
    "first.m4a": (TONE, "-c:a aac -b:a 96k -movflags +faststart"),
    "alac.m4a": (TONE, "-c:a alac -sample_fmt s16p"),
    "alac24.m4a": (NOISE, "-c:a alac -sample_fmt s32p -ar 48000 -ac 1"),
    "plain.wav": (TONE, "-c:a pcm_s16le"),
    "deep.wav": (TONE, "-c:a pcm_s24le"),
    "float.wav": (TONE, "-c:a pcm_f32le"),
    "plain.aiff": (TONE, "-c:a pcm_s16be"),
    "plain.wma": (TONE, "-c:a wmav2 -b:a 96k"),
    "plain.wv": (TONE, "-c:a wavpack -sample_fmt s16p"),
    "plain.tta": (TONE, "-c:a tta -sample_fmt s16"),
    "plain.aac": (TONE, "-c:a aac -b:a 96k -f adts"),
}


def make(folder: Path) -> dict[str, Path]:
    """Every stream of the table, without tags."""
    ffmpeg = imageio_ffmpeg.get_ffmpeg_exe()
    command = [ffmpeg, "-v", "error", "-nostdin", "-y"]
    maps: list[str] = [*TONE, *NOISE]
    for name, (source, arguments) in STREAMS.items():
        number = "0" if source is TONE else "1"
        maps += ["-map", number, "-bitexact", "-map_metadata", "-1", *arguments.split(), str(folder / name)]
    subprocess.run([*command, *maps], check=True)
    (folder / "plain.dsf").write_bytes(dsf())
    return {name: folder / name for name in (*STREAMS, "plain.dsf")}


def dsf(seconds: float = 0.1, channels: int = 2) -> bytes:
    """A DSF file of silence at 2.8 MHz."""
    blocks = int(2822400 * seconds) // 8 // 4096 + 1
    data = b"\x69" * (blocks * 4096 * channels)
    samples = blocks * 4096 * 8
    fmt = b"fmt " + struct.pack("<QIIIIIIQII", 52, 1, 0, 2, channels, 2822400, 1, samples, 4096, 0)
    body = fmt + b"data" + struct.pack("<Q", 12 + len(data)) + data
    return b"DSD " + struct.pack("<QQQ", 28, 28 + len(body), 0) + body


def png(size: int = 0) -> bytes:
    """The smallest PNG, with rubbish behind it up to this many bytes."""
    small = bytes.fromhex(
        "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
        "1f15c4890000000d49444154789c6360000002000001e221bc330000000049454e44ae426082"
    )
    return small + bytes((i * 37 + 11) & 0xFF for i in range(max(size - len(small), 0)))
