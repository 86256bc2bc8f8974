"""The formats that we can make of a track, as data.

Every value here ends up in an encoder's command line, so a profile holds only
words written in this file; what a request may choose are a profile's name and
whole numbers.
"""

from dataclasses import dataclass

from server.kernel.clock import Kbps, Millis

_MP3_STEPS = (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_STEPS = (*_MP3_STEPS, 384, 448, 510)
_RATES = (32000, 44100, 48000)
_HIGH_RATES = (8000, 16000, 22050, *_RATES, 88200, 96000, 176400, 192000)


@dataclass(frozen=True, slots=True)
class Profile:
    name: str
    suffix: str
    content_type: str
    encoder: str
    """ffmpeg's name of the encoder."""
    container: str
    """ffmpeg's name of the container, always one that can be written without seeking back."""
    default_kbps: Kbps
    steps: tuple[Kbps, ...]
    """The bit rates on offer; none for a lossless format."""
    mono_kbps: Kbps
    """The most that the encoder accepts for one channel."""
    rates_hz: tuple[int, ...]
    frames_bytes_s: int
    """What container and framing add in a second of sound, whatever the bit rate."""
    drift: float
    """By how much the encoder may miss its bit rate over a track: measured over noise, tones, bursts and silence."""
    options: tuple[tuple[str, str | int], ...] = ()

    @property
    def lossless(self) -> bool:
        return not self.steps

    def step(self, kbps: Kbps, channels: int) -> Kbps:
        """Return the highest bit rate on offer that is not above `kbps`, or the lowest there is; 0 for lossless."""
        if self.lossless:
            return 0
        ceiling = min(kbps, self.mono_kbps) if channels == 1 else kbps
        return max((step for step in self.steps if step <= ceiling), default=self.steps[0])

    def rate(self, source_hz: int) -> int:
        """Return the sample rate to make: the source's where it is on offer, else one of its family."""
        if source_hz in self.rates_hz:
            return source_hz
        family = 48000 if source_hz and source_hz % 8000 == 0 else 44100
        return family if family in self.rates_hz else self.rates_hz[0]

    def estimated_bytes(self, kbps: Kbps, length_ms: Millis) -> int:
        """Return how many bytes a transcode will not exceed, or 0 where that cannot be known (lossless)."""
        return int(length_ms * (kbps * (1 + self.drift) / 8 + self.frames_bytes_s / 1000)) + 4096 if kbps else 0


PROFILES = {
    profile.name: profile
    for profile in (
        Profile(
            "mp3", "mp3", "audio/mpeg", "libmp3lame", "mp3", 256, _MP3_STEPS, 320, _RATES, 10, 0.005,
            (("write_xing", 0), ("id3v2_version", 0)),
        ),
        # Constrained: maxBitRate is a ceiling, and a length can be promised.
        Profile(
            "opus", "opus", "audio/ogg", "libopus", "ogg", 128, _STEPS, 256, (48000,), 250, 0.005,
            (("vbr", "constrained"),),
        ),
        # ADTS and not fragmented MP4, which players stumble over (navidrome d8bc41fbb).
        Profile("aac", "aac", "audio/aac", "aac", "adts", 256, _MP3_STEPS, 256, _RATES, 400, 0.05),
        # Without a size of its own the encoder takes that of the first frame, which after a seek can be 4 samples
        # and is then refused ("invalid block size").
        Profile(
            "flac", "flac", "audio/flac", "flac", "flac", 0, (), 0, _HIGH_RATES, 0, 0.0,
            (("frame_size", 4096),),
        ),
    )
}  # fmt: skip

ALIASES = {"ogg": "opus", "oga": "opus", "m4a": "aac", "mp4": "aac"}
"""Other names under which clients ask for a profile."""

FALLBACK = PROFILES["mp3"]
"""What every player can play."""

PARTS = PROFILES["aac"]
"""What can be cut at any frame, and is played by all that play lists of parts."""

_LOSSLESS = ("flac", "alac", "wav", "pcm", "aif", "wavpack", "wv", "ape", "monkey", "tta", "dsd", "dsf", "dff", "shn")


def by_name(name: str) -> Profile | None:
    """Return the profile that a client's word means, or None for one that we do not make."""
    word = name.strip().lower().lstrip(".")
    return PROFILES.get(ALIASES.get(word, word))


def is_lossless(codec: str, suffix: str) -> bool:
    """Tell whether a source lost nothing yet, so that any bit rate below its own is a fair one."""
    return (codec or suffix).lower().startswith(_LOSSLESS)


def holds(profile: Profile, codec: str, suffix: str) -> bool:
    """Tell whether a source already is what a profile makes."""
    words = (codec.lower(), suffix.lower())
    return profile.name in words if codec else profile is by_name(suffix)
