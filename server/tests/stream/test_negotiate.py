"""What clients can play against what files are."""

import pytest

from server.library.facts import TrackFile
from server.stream.decide import Limits
from server.stream.negotiate import Abilities, Codec, Direct, Limitation, Target, decide, of_file, of_plan

MP3 = Target("mp3", "mp3", "http")
OPUS = Target("ogg", "opus", "http")


def file(suffix: str = "flac", codec: str = "", kbps: int = 900, rate: int = 44100, channels: int = 2, depth: int = 16):
    return TrackFile(1, f"/x.{suffix}", suffix, "audio/x", codec or suffix, 1, 1, 200_000, kbps, rate, channels, depth)


def plays(track: TrackFile, *direct: Direct, codecs: tuple[Codec, ...] = (), **more) -> bool:
    return decide(track, Abilities(direct, codecs=codecs, **more), Limits()).direct


def made(track: TrackFile, *targets: Target, codecs: tuple[Codec, ...] = (), limits: Limits = Limits(), **more):  # noqa: B008
    plan = decide(track, Abilities((), targets, codecs, **more), limits).plan
    return plan and of_plan(plan, of_file(track))


def limited(codec: str, name: str, comparison: str, *values: str, required: bool = True) -> tuple[Codec, ...]:
    return (Codec(codec, (Limitation(name, comparison, values, required),)),)


@pytest.mark.parametrize(
    ("track", "direct"),
    [
        (file("m4a", "alac"), Direct(("mp4",), ("alac", "aac"), ("http",))),
        (file("m4a", "aac"), Direct(("m4a",), ("mp4a",), ("http",))), (file("opus"), Direct(("ogg",), ("opus",), ())),
        (file("oga", "vorbis"), Direct(("OGG",), ("Vorbis",), ("hls", "http"))), (file(), Direct((), (), ())),
        (file("wav", "pcm"), Direct(("wav",), ("pcm",), ("http",))),
    ],
)  # fmt: skip
def test_one_thing_has_many_names(track, direct):
    assert plays(track, direct)


@pytest.mark.parametrize(
    "direct",
    [Direct(("mp3",), (), ()), Direct((), ("mp3",), ()), Direct((), (), ("hls",)), Direct((), (), (), 1)],
)
def test_each_part_of_a_profile_has_to_fit(direct):
    assert not plays(file(), direct)
    assert plays(file(), direct, Direct((), (), ()))
    assert len(decide(file(), Abilities((direct, direct)), Limits()).reasons) == 2


@pytest.mark.parametrize(
    ("name", "comparison", "values", "fits"),
    [
        ("audioSamplerate", "LessThanEqual", ("48000",), True), ("audioSamplerate", "LessThanEqual", ("44099",), False),
        ("audioSamplerate", "Equals", ("48000", "44100"), True), ("audioSamplerate", "NotEquals", ("44100",), False),
        ("audioChannels", "GreaterThanEqual", ("2",), True), ("audioBitrate", "LessThanEqual", ("320000",), False),
        ("audioBitdepth", "LessThanEqual", ("16",), True), ("audioProfile", "Equals", ("LC",), True),
        ("audioSamplerate", "Equals", (), True), ("audioSamplerate", "Equals", ("x" * 99,), True),
    ],
)  # fmt: skip
def test_limitations_of_the_codec_count_when_they_are_required(name, comparison, values, fits):
    anything = Direct((), (), ())
    assert plays(file(), anything, codecs=limited("flac", name, comparison, *values)) is fits
    assert plays(file(), anything, codecs=limited("flac", name, comparison, *values, required=False))
    assert plays(file(), anything, codecs=limited("mp3", name, comparison, *values))


def test_no_more_bits_than_the_client_and_the_account_allow():
    anything = Direct((), (), ())
    assert not plays(file(), anything, max_bit_s=320_000)
    assert plays(file(), anything, max_bit_s=900_000)
    assert not decide(file(), Abilities((anything,)), Limits(max_bitrate_kbps=320)).direct
    assert made(file(), MP3, limits=Limits(max_bitrate_kbps=100)).bit_s == 96_000
    assert made(file(), MP3, max_bit_s=320_000).bit_s == 320_000
    assert made(file(), MP3, max_bit_s=320_000, max_transcode_bit_s=192_000).bit_s == 192_000
    assert made(file("ogg", "vorbis", 96), MP3).bit_s == 96_000


def test_the_first_target_that_we_can_make_is_taken():
    assert made(file(), Target("mp4", "aac", "http"), Target("mp3", "mp3", "hls"), OPUS, MP3).codec == "opus"
    assert made(file(), Target("", "mp4a.40.2", "")).codec == "aac"
    assert made(file(), Target("mp3", "", "http")).codec == "mp3"
    assert made(file(), Target("x", "y", "http")) is None


def test_what_is_lost_does_not_come_back():
    flac = Target("flac", "flac", "http")
    assert made(file("mp3", kbps=320), flac) is None
    assert made(file("m4a", "alac"), flac).codec == "flac"
    assert made(file("m4a", "alac"), flac, max_bit_s=320_000) is None


def test_a_transcode_keeps_the_limits_of_its_codec_and_wishes_where_it_can():
    assert made(file(rate=96000), OPUS).rate_hz == 48000
    assert made(file(), MP3, codecs=limited("mp3", "audioSamplerate", "Equals", "48000")).rate_hz == 48000
    assert made(file(), MP3, codecs=limited("mp3", "audioSamplerate", "Equals", "1")) is None
    assert made(file(), MP3, codecs=limited("mp3", "audioSamplerate", "Equals", "1", required=False)).rate_hz == 44100
    assert made(file(), MP3, codecs=limited("mp3", "audioBitrate", "LessThanEqual", "100000")).bit_s == 96_000
    assert made(file(), MP3, codecs=limited("mp3", "audioBitrate", "GreaterThanEqual", "300000")).bit_s == 320_000
    assert made(file(), MP3, codecs=limited("mp3", "audioChannels", "LessThanEqual", "1")).channels == 1
    assert made(file(channels=6), MP3).channels == 2
    assert made(file(), MP3._replace(max_channels=1)).channels == 1


def test_without_an_encoder_there_is_a_reason():
    verdict = decide(file(), Abilities((), (MP3,)), Limits(can_transcode=False))
    assert verdict.plan is None and "ffmpeg" in verdict.error
