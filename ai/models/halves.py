"""Both halves of a track, described each for itself; runs in a child.

The rule a newcomer would break: both are levelled as the whole is, or a loud
second half would not be the same song.
"""

from ai import features
from ai.models.bounded import limit_for
from ai.models.decode import Unheard, decode

SHORTEST_S = 20.0
"""Half of less than this is too little to tell a song by."""


def listen(payload: dict) -> list[float]:
    """Return the blocks of the first half and then of the second of `payload["path"]`; none where it has no two."""
    limit_for(payload["length_s"])
    return described(payload["path"])


def described(path: str) -> list[float]:
    """Do that, without a limit."""
    try:
        sound = decode(path, fine=False)
    except Unheard:
        return []
    if sound.length_s < SHORTEST_S or sound.loudness_lufs < -60:
        return []
    middle = len(sound.samples) // 2
    return [
        value for half in (sound.samples[:middle], sound.samples[middle:])
        for value in features.hear(half, sound.loudness_lufs, sound.range_lu).blocks.tolist()
    ]  # fmt: skip
