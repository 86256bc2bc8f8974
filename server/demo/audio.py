"""One small tagged audio file, quickly: what the tests of the scanner are made of.

The payload follows from the seed and the length alone: another seed is another
recording, the same seed with other tags is the same recording retagged. The
tags are written by mutagen, so that our own reader is never its own judge.
"""

import random
from functools import lru_cache
from pathlib import Path

from server.demo import headers, pools, splice, tags

_EMPTY = headers.vorbis({})


def write_track(
    path: Path,
    *,
    seconds: float = 1,
    seed: int = 0,
    picture: bytes | None = None,
    ffmpeg: str | None = None,
    **picard: object,
) -> Path:
    """Write an mp3, flac, ogg, opus, m4a, wav, aiff or wv file with tags by Picard's names.

    A value is one text or number, or a list of them; None leaves a tag out. For names with a colon pass
    `**{"performer:cello": "…"}`. Without an ffmpeg it is the one that imageio-ffmpeg brings.
    """
    rng, pool = random.Random(f"{path.suffix}:{seed}"), _pools(ffmpeg)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(_untagged(path.suffix.lower(), rng, pool, seconds))
    wanted = {name: _texts(value) for name, value in picard.items() if value is not None}
    if wanted or picture:
        tags.write(path, wanted, picture)
    return path


@lru_cache(maxsize=2)
def _pools(ffmpeg: str | None) -> pools.Pools:
    if ffmpeg is None:
        from imageio_ffmpeg import get_ffmpeg_exe

        ffmpeg = get_ffmpeg_exe()
    return pools.load(ffmpeg)


def _texts(value: object) -> list[str]:
    return [str(v) for v in value] if isinstance(value, list | tuple) else [str(value)]


def _untagged(suffix: str, rng: random.Random, pool: pools.Pools, seconds: float) -> bytes:
    makers = {
        ".mp3": lambda: splice.mp3(rng, pool, b"", seconds),
        ".flac": lambda: splice.flac(rng, pool, _EMPTY, None, seconds),
        ".ogg": lambda: splice.vorbis(rng, pool, _EMPTY, seconds),
        ".opus": lambda: splice.opus(rng, pool, _EMPTY, seconds),
        ".m4a": lambda: splice.m4a(rng, pool, headers.ilst({}, None), seconds),
        ".wav": lambda: splice.wav(rng, pool, seconds),
        ".aiff": lambda: splice.aiff(rng, pool, seconds),
        ".wv": lambda: splice.wavpack(rng, pool, seconds),
    }
    return makers[suffix]()
