import os
import subprocess

import pytest

from server.stream import decide, ffmpeg
from server.tests.stream.playing import ENCODER, make_music, samples, track

NAMES = [
    "-i.flac",
    'it\'s "quoted".flac',
    "two\nlines.flac",
    "$(touch hacked) `id`.flac",
    "concat:a|b.flac",
    "%d 日本語 ünï.flac",
    os.fsdecode(b"caf\xe9.flac"),
]


def planned(music, wish):
    return decide.plan(music, wish, decide.Limits())


def encode(music, wish) -> subprocess.CompletedProcess:
    command = ffmpeg.command(ENCODER.path, music.path, planned(music, wish))
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=30)


def test_a_command_line_is_made_of_our_words_and_whole_numbers(music):
    known = track(music)._replace(path="/music/-x'$(id)\n.flac")
    command = ffmpeg.command("/bin/ffmpeg", known.path, planned(known, decide.Wish("mp3", 200, 30)))
    assert command[:5] == ["/bin/ffmpeg", "-nostdin", "-hide_banner", "-loglevel", "error"]
    assert command[command.index("-i") + 1] == "file:/music/-x'$(id)\n.flac"
    assert command[command.index("-protocol_whitelist") + 1] == "file,pipe"
    assert command[command.index("-map") + 1] == "0:a:0"
    assert command[command.index("-b:a") + 1] == "192k"
    assert command[command.index("-map_metadata") + 1] == "-1"
    assert command.index("-ss") < command.index("-i") < command.index("-vn")
    assert command[-1] == "pipe:1"


@pytest.mark.parametrize("name", NAMES)
def test_a_file_of_any_name_can_be_encoded(music, tmp_path, name):
    os.link(music, tmp_path / name)
    done = encode(track(tmp_path / name), decide.Wish("mp3", 64))
    assert (done.returncode, done.stderr) == (0, b"")
    assert len(samples(done.stdout)) > 8000
    assert os.listdir(tmp_path) == [name]


@pytest.mark.parametrize(
    "content",
    [
        "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{secret}\n#EXT-X-ENDLIST\n",
        "ffconcat version 1.0\nfile {secret}\n",
        "<?xml version='1.0'?><MPD><Period><BaseURL>{secret}</BaseURL></Period></MPD>",
        "v=0\no=- 0 0 IN IP4 127.0.0.1\nc=IN IP4 127.0.0.1\nm=audio 4000 RTP/AVP 0\n",
    ],
    ids=["hls", "ffconcat", "dash", "sdp"],
)
def test_a_playlist_in_disguise_opens_no_other_file(music, tmp_path, content):
    disguised = tmp_path / "song.mp3"
    disguised.write_text(content.format(secret=music))
    done = encode(track(music)._replace(path=str(disguised)), decide.Wish("mp3"))
    assert done.returncode != 0
    assert done.stdout == b""


@pytest.mark.parametrize("word", ["mp3", "opus", "aac", "flac"])
@pytest.mark.parametrize("channels", [1, 2])
def test_every_profile_encodes_to_its_full_length_at_its_lowest_and_highest_rate(music, word, channels):
    known = track(music, channels=channels, suffix="wav", codec="pcm")
    for kbps in (32, 510):
        plan = planned(known, decide.Wish(word))._replace(channels=channels)
        plan = plan._replace(bitrate_kbps=plan.profile.step(kbps, channels))
        done = subprocess.run(ffmpeg.command(ENCODER.path, known.path, plan), capture_output=True, timeout=30)
        assert (done.returncode, done.stderr) == (0, b"")
        assert abs(len(samples(done.stdout)) / 8000 - 4) < 0.1
        assert not plan.expected_bytes or len(done.stdout) <= plan.expected_bytes


def test_nothing_personal_of_the_file_is_passed_on(tmp_path):
    path = make_music(tmp_path / "a.flac")
    tagged = tmp_path / "tagged.flac"
    command = [ENCODER.path, "-nostdin", "-loglevel", "error", "-i", path, "-metadata", "comment=SECRET", tagged]
    subprocess.run(command, check=True)
    for word in ("mp3", "opus", "aac", "flac"):
        assert b"SECRET" not in encode(track(tagged), decide.Wish(word, 0, 1)).stdout


def test_a_setting_that_does_not_work_is_not_replaced_by_another(tmp_path, monkeypatch):
    broken = tmp_path / "ffmpeg"
    broken.write_text("#!/bin/sh\nexit 1\n")
    broken.chmod(0o755)
    assert ffmpeg.find(str(broken)) is None
    assert ffmpeg.find(str(tmp_path / "nothing")) is None
    assert ffmpeg.find(ENCODER.path) == ENCODER


def test_the_path_comes_before_the_wheel(tmp_path, monkeypatch):
    mine = tmp_path / "ffmpeg"
    mine.write_text("#!/bin/sh\necho ffmpeg version mine Copyright somebody\n")
    mine.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert ffmpeg.find() == ffmpeg.Encoder(str(mine), "ffmpeg version mine")
    monkeypatch.setenv("PATH", "")
    assert ffmpeg.find() is None or ffmpeg.find().path != str(mine)


@pytest.mark.parametrize(
    "kind",
    ["mp3 libmp3lame", "ogg libvorbis", "oga flac", "opus libopus", "m4a aac", "m4a alac", "wav pcm_s24le", "aac aac",
     "aiff pcm_s16be", "wma wmav2", "wv wavpack", "tta tta", "mka libopus", "flac flac"],
)  # fmt: skip
def test_every_kind_of_file_that_a_library_holds_can_be_encoded(music, tmp_path, kind):
    suffix, codec = kind.split()
    path = tmp_path / f"song.{suffix}"
    command = [ENCODER.path, "-nostdin", "-loglevel", "error", "-i", music, "-c:a", codec, path]
    subprocess.run(command, check=True)
    done = encode(track(path, suffix=suffix, codec=codec), decide.Wish("mp3" if suffix != "mp3" else "opus", 64))
    assert done.returncode == 0
    assert len(samples(done.stdout)) / 8000 > 3.9


def test_a_seek_that_leaves_four_samples_of_a_block_still_gives_flac(music, tmp_path):
    path = tmp_path / "odd.flac"
    command = [ENCODER.path, "-nostdin", "-loglevel", "error", "-i", music, "-frame_size", "5513", path]
    subprocess.run(command, check=True)
    done = encode(track(path), decide.Wish("flac", 0, 1))
    assert (done.returncode, done.stderr) == (0, b"")
    assert abs(len(samples(done.stdout)) / 8000 - 3) < 0.01
