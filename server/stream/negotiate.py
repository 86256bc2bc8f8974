"""What a client that says what it can play should get of a track: the file as it is, or which transcode of it; pure.

Rates are bits per second here, as they are in this part of the protocol and nowhere else of it. What a client does not
say is no limit, and what we do not know of a file offends none.
"""

from collections.abc import Sequence
from typing import NamedTuple

from server.kernel.clock import Kbps
from server.library.facts import TrackFile
from server.stream import profiles
from server.stream.decide import Limits, Transcode, kbps_of
from server.stream.profiles import PROFILES, Profile

_CONTAINERS = (
    {"mp3", "mpeg", "mpga"}, {"m4a", "m4b", "mp4", "mov", "3gp"}, {"ogg", "oga", "opus", "spx"}, {"aac", "adts"},
    {"aif", "aiff", "aifc"}, {"wma", "asf"}, {"wav", "wave"}, {"dsf", "dff", "dsd"}, {"flac"}, {"ape"},
    {"wv", "wavpack"}, {"mpc", "musepack"}, {"tta"},
)  # fmt: skip
_CODECS = (
    {"aac", "mp4a", "aac-lc", "mp4a.40.2", "he-aac"}, {"pcm", "wav", "lpcm", "pcm_s16le", "pcm_s24le", "pcm_s16be"},
    {"wma", "wmav1", "wmav2"}, {"dsd", "dsf"}, {"ape", "monkeysaudio"}, {"wavpack", "wv"}, {"mpc", "musepack"},
    {"vorbis", "ogg vorbis"},
)  # fmt: skip
"""Different words for one thing, as clients spell it."""
_MADE_IN = {"mp3": {"mp3", "mpeg"}, "opus": {"ogg", "oga", "opus"}, "aac": {"aac", "adts"}, "flac": {"flac"}}
"""The containers in which we make each format."""


class Limitation(NamedTuple):
    name: str
    comparison: str
    values: tuple[str, ...]
    required: bool


class Codec(NamedTuple):
    """What a client asks of sound in one codec."""

    name: str
    limitations: tuple[Limitation, ...]


class Direct(NamedTuple):
    """Files that a client can play as they are; empty is anything."""

    containers: tuple[str, ...]
    codecs: tuple[str, ...]
    protocols: tuple[str, ...]
    max_channels: int = 0


class Target(NamedTuple):
    """A transcode that a client can play."""

    container: str
    codec: str
    protocol: str
    max_channels: int = 0


class Abilities(NamedTuple):
    """All that a client says of itself; 0 is no limit."""

    direct: tuple[Direct, ...] = ()
    targets: tuple[Target, ...] = ()
    codecs: tuple[Codec, ...] = ()
    max_bit_s: int = 0
    max_transcode_bit_s: int = 0


class Sound(NamedTuple):
    """A stream as clients hear of it; 0 is unknown."""

    container: str
    codec: str
    channels: int
    bit_s: int
    rate_hz: int
    bit_depth: int


class Verdict(NamedTuple):
    direct: bool
    plan: Transcode | None
    reasons: tuple[str, ...]
    """Why each way of playing the file as it is will not do."""
    error: str = ""
    """Why there is no way at all."""


def decide(track: TrackFile, can: Abilities, limits: Limits) -> Verdict:
    """Decide how a client gets a track: as it is where it can play that, else by the first target that we can make."""
    source = of_file(track)
    ceiling = limits.max_bitrate_kbps * 1000
    reasons = [reason for profile in can.direct if (reason := _unfit(source, profile, can.codecs))]
    if 0 < can.max_bit_s < source.bit_s:
        reasons.append(f"The file has {source.bit_s} bit/s, the client takes {can.max_bit_s}.")
    elif 0 < ceiling < source.bit_s:
        reasons.append(f"The file has {source.bit_s} bit/s, the account's limit is {ceiling}.")
    elif len(reasons) < len(can.direct):
        return Verdict(True, None, tuple(reasons))
    if not limits.can_transcode:
        return Verdict(False, None, tuple(reasons), "The file would have to be converted, and ffmpeg is not there.")
    for target in can.targets:
        if plan := _plan(track, source, target, can, ceiling):
            return Verdict(False, plan, tuple(reasons))
    return Verdict(False, None, tuple(reasons), "The client can play neither the file nor anything made of it here.")


def of_file(track: TrackFile) -> Sound:
    """Return a file as clients hear of it."""
    codec = track.codec.lower() or track.suffix
    bit_s = kbps_of(track) * 1000
    return Sound(track.suffix, codec, track.channels, bit_s, track.sample_rate_hz, track.bit_depth)


def of_plan(plan: Transcode, source: Sound) -> Sound:
    """Return a transcode as clients hear of it."""
    name = plan.profile.name
    container = "ogg" if name == "opus" else name
    depth = min(source.bit_depth or 16, 24) if plan.profile.lossless else 0
    return Sound(container, name, plan.channels or source.channels, plan.bitrate_kbps * 1000, plan.rate_hz, depth)


def _unfit(source: Sound, profile: Direct, codecs: Sequence[Codec]) -> str:
    """Return why a file is not what this profile lets through, "" when it is."""
    if profile.containers and not _among(source.container, profile.containers, _CONTAINERS):
        return f"The container {source.container} is not among {', '.join(profile.containers)}."
    if profile.codecs and not _among(source.codec, profile.codecs, _CODECS):
        return f"The codec {source.codec} is not among {', '.join(profile.codecs)}."
    if profile.protocols and "http" not in profile.protocols:
        return "The file can only be sent by http."
    if 0 < profile.max_channels < source.channels:
        return f"The file has {source.channels} channels, more than {profile.max_channels}."
    for limitation in _limitations(source.codec, codecs):
        value = _value(source, limitation.name)
        if limitation.required and not _keeps(value, limitation):
            wanted = ", ".join(limitation.values[:9])
            return f"{limitation.name} is {value}, not {limitation.comparison} {wanted}."
    return ""


def _among(word: str, offered: Sequence[str], families: Sequence[set[str]]) -> bool:
    words = next((family for family in families if word in family), {word})
    return any(each.strip().lower() in words for each in offered)


def _limitations(codec: str, codecs: Sequence[Codec]) -> list[Limitation]:
    return [each for one in codecs if _among(codec, (one.name,), _CODECS) for each in one.limitations]


def _value(sound: Sound, name: str) -> int:
    return {
        "audioChannels": sound.channels, "audioBitrate": sound.bit_s, "audioSamplerate": sound.rate_hz,
        "audioBitdepth": sound.bit_depth,
    }.get(name, 0)  # fmt: skip


def _keeps(value: int, limitation: Limitation) -> bool:
    wanted = [int(text) for text in limitation.values if len(text) < 16 and text.isascii() and text.isdecimal()]
    if not value or not wanted:
        return True
    match limitation.comparison:
        case "Equals":
            return value in wanted
        case "NotEquals":
            return value not in wanted
        case "LessThanEqual":
            return value <= wanted[0]
        case _:
            return value >= wanted[0]


def _plan(track: TrackFile, source: Sound, target: Target, can: Abilities, ceiling: int) -> Transcode | None:
    """Return the transcode that a target means, or None where we cannot make one within all limits."""
    profile = _profile(target)
    if profile is None or target.protocol not in ("", "http"):
        return None
    highest = min([limit for limit in (ceiling, can.max_bit_s, can.max_transcode_bit_s) if limit > 0], default=0)
    if profile.lossless and (not profiles.is_lossless(track.codec, track.suffix) or 0 < highest < source.bit_s):
        return None
    limitations = _limitations(profile.name, can.codecs)
    for kept in (limitations, [each for each in limitations if each.required]):
        if plan := _offer(track, source, profile, target.max_channels, highest // 1000, kept):
            return plan
    return None


def _profile(target: Target) -> Profile | None:
    codec, container = target.codec.strip().lower(), target.container.strip().lower()
    profile = profiles.by_name(codec or container)
    if profile is None and codec:
        profile = next((p for p in PROFILES.values() if _among(p.name, (codec,), _CODECS)), None)
    return profile if profile and (not container or container in _MADE_IN[profile.name]) else None


def _offer(track: TrackFile, source: Sound, profile: Profile, max_channels: int, ceiling: Kbps,
           kept: Sequence[Limitation]) -> Transcode | None:
    """Return what we can make in a format that is nearest to the source within all limits."""
    first_hz = profile.rate(track.sample_rate_hz)
    rates = [first_hz, *sorted((r for r in profile.rates_hz if r != first_hz), key=lambda r: (r > first_hz, -r))]
    channels = [track.channels] if profile.lossless else [1] if track.channels == 1 else [2, 1]
    count = _first([each for each in channels if not 0 < max_channels < each], "audioChannels", kept)
    rate = _first(rates, "audioSamplerate", kept)
    if count is None or rate is None:
        return None
    wanted = ceiling or profile.default_kbps
    if source.bit_s and not profiles.is_lossless(track.codec, track.suffix):
        wanted = min(wanted, source.bit_s // 1000)
    best = profile.step(wanted, count)
    steps = [best, *sorted((s for s in profile.steps if s < best), reverse=True)]
    steps += [s for s in profile.steps if s > best and not ceiling and (count > 1 or s <= profile.mono_kbps)]
    kbps = _first([step for step in steps if not 0 < ceiling < step], "audioBitrate", kept, 1000)
    if kbps is None:
        return None
    plan = Transcode(profile, kbps, rate, count, 0, track.length_ms, False)
    depth = of_plan(plan, source).bit_depth
    return plan if all(_keeps(depth, each) for each in kept if each.name == "audioBitdepth") else None


def _first(offers: Sequence[int], name: str, kept: Sequence[Limitation], factor: int = 1) -> int | None:
    """Return the first of some values that all limitations of this name allow."""
    named = [each for each in kept if each.name == name]
    return next((offer for offer in offers if all(_keeps(offer * factor, each) for each in named)), None)
