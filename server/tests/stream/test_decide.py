
import pytest

from server.kernel.errors import Unavailable
from server.library.facts import TrackFile
from server.stream.decide import Default, Limits, Raw, Transcode, Wish, default_for, plan

FLAC = TrackFile(1, "/m/a.flac", "flac", "audio/flac", "flac", 30_000_000, 1, 240_000, 1000, 44100, 2, 16)
MP3 = TrackFile(2, "/m/a.mp3", "mp3", "audio/mpeg", "mp3", 9_600_000, 1, 240_000, 320, 44100, 2, 0)
M4A = MP3._replace(suffix="m4a", codec="aac", content_type="audio/mp4", bitrate_kbps=256)
OPUS = MP3._replace(suffix="opus", codec="opus", content_type="audio/ogg", bitrate_kbps=96, sample_rate_hz=48000)
VORBIS = MP3._replace(suffix="ogg", codec="vorbis", content_type="audio/ogg", bitrate_kbps=192)
HIRES = FLAC._replace(sample_rate_hz=96000, bit_depth=24, bitrate_kbps=2800)
WMA = MP3._replace(suffix="wma", codec="wma", content_type="audio/x-ms-wma", bitrate_kbps=128)
NO_WISH, NO_LIMIT = Wish(), Limits()


def made(track, wish=NO_WISH, limits=NO_LIMIT):
    """Return a plan in short: "raw", or (profile, kbit/s)."""
    found = plan(track, wish, limits)
    return "raw" if isinstance(found, Raw) else (found.profile.name, found.bitrate_kbps)


@pytest.mark.parametrize("track", [FLAC, MP3, M4A, OPUS, VORBIS, HIRES, WMA])
def test_without_a_wish_every_file_goes_out_as_it_is(track):
    assert plan(track, NO_WISH, NO_LIMIT) == Raw(track.suffix, track.content_type)


@pytest.mark.parametrize(
    ("track", "wish"),
    [
        (MP3, Wish("mp3")),
        (MP3, Wish("MP3", 320)),
        (MP3, Wish("mp3", 500)),
        (M4A, Wish("aac")),
        (M4A, Wish("m4a", 256)),
        (VORBIS, Wish("ogg")),
        (OPUS, Wish("opus", 128)),
        (OPUS, Wish("", 128)),
        (FLAC, Wish("flac")),
        (FLAC, Wish("mpc")),
        (MP3, Wish("../../etc")),
        (FLAC, Wish("raw", 64)),
        (FLAC, Wish("raw", 64, 30)),
    ],
)
def test_a_file_that_satisfies_the_wish_goes_out_as_it_is(track, wish):
    assert made(track, wish) == "raw"


@pytest.mark.parametrize(
    ("track", "wish", "result"),
    [
        (FLAC, Wish("mp3"), ("mp3", 256)),
        (FLAC, Wish("mp3", 192), ("mp3", 192)),
        (FLAC, Wish("", 192), ("mp3", 192)),
        (FLAC, Wish("", 200), ("mp3", 192)),
        (FLAC, Wish("", 8), ("mp3", 32)),
        (FLAC, Wish("opus"), ("opus", 128)),
        (FLAC, Wish("opus", 510), ("opus", 510)),
        (FLAC, Wish("ogg"), ("opus", 128)),
        (FLAC, Wish("mp3", 999), ("mp3", 320)),
        (FLAC, Wish("flac", 320), ("mp3", 320)),
        (FLAC, Wish("mpc", 320), ("mp3", 320)),
        (MP3, Wish("mp3", 128), ("mp3", 128)),
        (MP3, Wish("flac"), ("flac", 0)),
        (WMA, Wish("mp3"), ("mp3", 128)),
        (WMA, Wish("mp3", 320), ("mp3", 128)),
        (VORBIS, Wish("opus"), ("opus", 128)),
        (HIRES, Wish("", 320), ("mp3", 320)),
    ],
)
def test_a_transcode_is_made_to_the_wish_and_never_above_a_lossy_source(track, wish, result):
    assert made(track, wish) == result


@pytest.mark.parametrize(
    ("track", "result"),
    [(FLAC, ("flac", 0)), (MP3, ("mp3", 320)), (M4A, ("aac", 256)), (OPUS, ("opus", 96)), (VORBIS, ("mp3", 192))],
)
def test_a_time_offset_keeps_the_format_where_we_can_make_it(track, result):
    found = plan(track, Wish(time_offset_s=30), NO_LIMIT)
    assert made(track, Wish(time_offset_s=30)) == result
    assert (found.offset_s, found.length_ms) == (30, 210_000)


def test_an_offset_beyond_the_end_gives_the_last_second():
    found = plan(MP3, Wish(time_offset_s=9999), NO_LIMIT)
    assert (found.offset_s, found.length_ms) == (239, 1000)


def test_the_users_ceiling_holds_above_every_wish_but_raw():
    limits = Limits(max_bitrate_kbps=128)
    assert made(MP3, NO_WISH, limits) == ("mp3", 128)
    assert made(FLAC, Wish("opus", 320), limits) == ("opus", 128)
    assert made(OPUS, NO_WISH, limits) == "raw"


def test_a_clients_default_holds_where_it_wishes_nothing():
    limits = Limits(default=Default("opus", 96))
    assert made(FLAC, NO_WISH, limits) == ("opus", 96)
    assert made(FLAC, Wish("", 192), limits) == ("opus", 192)
    assert made(FLAC, Wish("mp3", 192), limits) == ("mp3", 192)
    assert made(FLAC, Wish("mpc", 192), limits) == ("opus", 192)
    assert made(OPUS, NO_WISH, limits) == "raw"
    assert made(FLAC, Wish("raw"), limits) == "raw"


def test_the_longest_client_name_wins():
    defaults = {"D": Default("mp3", 128), "DSub": Default("opus", 96), "Jam": Default("mp3", 64)}
    assert default_for("dsub 5.5", defaults) == Default("opus", 96)
    assert default_for("Dino", defaults) == Default("mp3", 128)
    assert default_for("Feishin", defaults) == Default()


def test_an_unknown_bit_rate_is_taken_from_size_and_length():
    assert made(MP3._replace(bitrate_kbps=0), Wish("", 192)) == ("mp3", 192)
    assert made(MP3._replace(bitrate_kbps=0, length_ms=0), Wish("mp3", 192)) == "raw"


def test_without_an_encoder_the_file_goes_out_where_that_is_no_lie():
    limits = Limits(can_transcode=False)
    assert made(FLAC, Wish("mp3", 128), limits) == "raw"
    for wish, limit in ((Wish(time_offset_s=5), limits), (NO_WISH, Limits(128, can_transcode=False))):
        with pytest.raises(Unavailable, match="ffmpeg"):
            plan(FLAC, wish, limit)


def test_rates_and_channels_are_such_as_every_encoder_takes():
    assert plan(HIRES, Wish("mp3"), NO_LIMIT).rate_hz == 48000
    assert plan(FLAC._replace(sample_rate_hz=88200), Wish("aac"), NO_LIMIT).rate_hz == 44100
    assert plan(FLAC._replace(sample_rate_hz=0), Wish("mp3"), NO_LIMIT).rate_hz == 44100
    assert plan(FLAC, Wish("opus"), NO_LIMIT).rate_hz == 48000
    assert plan(FLAC._replace(channels=6), Wish("mp3"), NO_LIMIT).channels == 2
    assert plan(FLAC._replace(channels=1), Wish("opus", 510), NO_LIMIT).bitrate_kbps == 256


def test_a_plan_says_what_will_arrive():
    raw, transcode = plan(M4A, NO_WISH, NO_LIMIT), plan(FLAC, Wish("opus"), NO_LIMIT)
    assert (raw.content_type, raw.suffix) == ("audio/mp4", "m4a")
    assert (transcode.profile.content_type, transcode.profile.suffix) == ("audio/ogg", "opus")
    assert isinstance(transcode, Transcode)
    assert transcode.expected_bytes > 240 * 128 * 125
    assert plan(MP3, Wish("flac"), NO_LIMIT).expected_bytes == 0
