"""What a listener gets: the file as it is, or a transcode of it; pure.

The file as it is wins whenever it satisfies the wish: a transcode costs quality,
a core and the ranges of the answer. `format=raw` is a promise and never becomes
a transcode; a format that we cannot make is no reason for an error.
"""

from collections.abc import Mapping
from typing import NamedTuple

from server.kernel.clock import Kbps, Millis, Seconds
from server.kernel.errors import Unavailable
from server.library.facts import TrackFile
from server.stream import profiles
from server.stream.profiles import Profile


class Wish(NamedTuple):
    """What a request asks for; empty and 0 are no wish."""

    format: str = ""
    max_bitrate_kbps: Kbps = 0
    time_offset_s: Seconds = 0
    estimate_content_length: bool = False


class Default(NamedTuple):
    """What a client gets that wishes nothing; empty and 0 leave the file as it is."""

    format: str = ""
    bitrate_kbps: Kbps = 0


class Limits(NamedTuple):
    """What holds whatever is wished: the user's ceiling (0 is none), the client's default, whether we can encode."""

    max_bitrate_kbps: Kbps = 0
    default: Default = Default()
    can_transcode: bool = True


class Raw(NamedTuple):
    """Send the file as it is."""

    suffix: str
    content_type: str


class Transcode(NamedTuple):
    """Make this of it."""

    profile: Profile
    bitrate_kbps: Kbps
    """0 for a lossless format."""
    rate_hz: int
    channels: int
    offset_s: Seconds
    length_ms: Millis
    """What will be heard: the track's length without the offset; 0 when unknown."""
    estimate: bool

    @property
    def expected_bytes(self) -> int:
        """How many bytes it will not exceed, or 0 when nobody can know."""
        return self.profile.estimated_bytes(self.bitrate_kbps, self.length_ms) if self.length_ms else 0


Plan = Raw | Transcode


def plan(track: TrackFile, wish: Wish, limits: Limits) -> Plan:
    """Decide what a listener gets of a track; raises Unavailable where only a transcode would do and none can be made.

    Without an encoder the file goes out as it is, also above what the client wished for (a person would rather
    hear it), but not above the user's own ceiling and not from the start when a later second was asked for.
    """
    raw = Raw(track.suffix, track.content_type)
    if wish.format.strip().lower() == "raw":
        return raw
    source_kbps = kbps_of(track)
    ceiling = _lowest(wish.max_bitrate_kbps or limits.default.bitrate_kbps, limits.max_bitrate_kbps)
    target = _target(track, wish.format or limits.default.format)
    too_much = 0 < ceiling < source_kbps
    if not (too_much or target or wish.time_offset_s > 0):
        return raw
    if not limits.can_transcode:
        if wish.time_offset_s > 0 or 0 < limits.max_bitrate_kbps < source_kbps:
            raise Unavailable("This track would have to be converted, and ffmpeg is not installed.", retry_after_s=3600)
        return raw
    target = target or profiles.by_name(wish.format) or profiles.by_name(limits.default.format)
    if target is None and not too_much:
        target = _own(track)
    if target is None or (target.lossless and too_much):
        target = _lossy(limits.default)
    return _transcode(track, wish, target, ceiling, source_kbps)


def in_parts(track: TrackFile, wished_kbps: Kbps, limits: Limits) -> Transcode:
    """Decide on the transcode that is sent in parts, whatever the track is; raises Unavailable without an encoder."""
    if not limits.can_transcode:
        raise Unavailable("This track would have to be converted, and ffmpeg is not installed.", retry_after_s=3600)
    default_kbps = limits.default.bitrate_kbps or profiles.PARTS.default_kbps
    ceiling = _lowest(wished_kbps or default_kbps, limits.max_bitrate_kbps)
    return _transcode(track, Wish(), profiles.PARTS, ceiling, kbps_of(track))


def default_for(client: str, defaults: Mapping[str, Default]) -> Default:
    """Return the default of the longest name that a client's name begins with, case aside."""
    name = client.lower()
    fitting = [prefix for prefix in defaults if name.startswith(prefix.lower())]
    return defaults[max(fitting, key=len)] if fitting else Default()


def heard_from(track: TrackFile, offset_s: Seconds) -> Seconds:
    """Return where to begin when a later second is asked for."""
    # Beyond the end there is nothing to hear; the last second is an answer that every player can end well.
    return min(offset_s, max(0, track.length_ms // 1000 - 1)) if track.length_ms else offset_s


def kbps_of(track: TrackFile) -> Kbps:
    """Return the bit rate of a file, worked out where its tags do not say it, 0 when nobody can know."""
    return track.bitrate_kbps or (track.size_bytes * 8 // track.length_ms if track.length_ms else 0)


def _lowest(*ceilings: Kbps) -> Kbps:
    return min((ceiling for ceiling in ceilings if ceiling > 0), default=0)


def _target(track: TrackFile, word: str) -> Profile | None:
    """Return the profile that a wish means, unless the source is that already or we do not know the word."""
    wished = profiles.by_name(word)
    if wished is None or word.strip().lower() == track.suffix.lower():
        return None
    return None if profiles.holds(wished, track.codec, track.suffix) else wished


def _own(track: TrackFile) -> Profile | None:
    """Return the profile of the source's own format, when we can make it."""
    return next((p for p in profiles.PROFILES.values() if profiles.holds(p, track.codec, track.suffix)), None)


def _lossy(default: Default) -> Profile:
    wished = profiles.by_name(default.format)
    return wished if wished and not wished.lossless else profiles.FALLBACK


def _transcode(track: TrackFile, wish: Wish, target: Profile, ceiling: Kbps, source_kbps: Kbps) -> Transcode:
    channels = track.channels if track.channels == 1 or target.lossless else 2
    kbps = ceiling or (source_kbps if target is _own(track) else 0) or target.default_kbps
    if source_kbps and not profiles.is_lossless(track.codec, track.suffix):
        kbps = min(kbps, source_kbps)
    offset_s = heard_from(track, wish.time_offset_s)
    return Transcode(
        profile=target,
        bitrate_kbps=target.step(kbps, channels),
        rate_hz=target.rate(track.sample_rate_hz),
        channels=channels,
        offset_s=offset_s,
        length_ms=max(0, track.length_ms - offset_s * 1000),
        estimate=wish.estimate_content_length,
    )
