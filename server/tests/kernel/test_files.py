"""Names of any bytes survive the way through text; joins stay inside; caches keep their bound."""

import os
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from server.kernel import files
from server.kernel.errors import Invalid, NotFound
from server.kernel.files import CacheFolder

NAMES = st.binary(min_size=1, max_size=40).filter(lambda raw: b"\0" not in raw)
FAR_PAST_S = 2 * files.STALE_S


@given(NAMES)
@example(b"Bj\xf6rk/J\xf3ga.mp3")
@example("\uf780\uf7ff".encode())
@example(b"\xef\x9e" + "\uf780".encode() + b"\x80")
def test_any_name_survives_the_way_through_text(raw):
    text = files.name_text(os.fsdecode(raw))
    assert os.fsencode(files.os_name(text)) == raw
    text.encode()


@given(st.text(alphabet=st.characters(exclude_categories=["Cs", "Co"])))
def test_a_name_of_ordinary_letters_is_its_own_text(name):
    assert files.name_text(name) == name == files.os_name(name)


@given(NAMES, NAMES)
def test_two_names_never_have_the_same_text(one, other):
    assert (files.name_text(os.fsdecode(one)) == files.name_text(os.fsdecode(other))) == (one == other)


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        (b"Bj\xf6rk", "Björk"),
        ("Björk".encode(), "Björk"),
        ("\uf780".encode(), "\uf780"),
        (b"two\nlines", "two\ufffdlines"),
    ],
)
def test_people_see_a_readable_name(raw, shown):
    assert files.display(files.name_text(os.fsdecode(raw))) == shown


@given(NAMES)
def test_display_never_fails(raw):
    files.display(files.name_text(os.fsdecode(raw))).encode()


def test_a_join_stays_inside(tmp_path):
    inside, outside = tmp_path / "music", tmp_path / "music-secrets"
    inside.mkdir()
    outside.mkdir()
    (inside / "a.jpg").write_bytes(b"a")
    (outside / "b.jpg").write_bytes(b"b")
    (inside / "way-out").symlink_to(outside)
    (inside / "round").symlink_to(inside)
    assert files.safe_join(str(inside), "a.jpg") == str(inside / "a.jpg")
    assert files.safe_join(str(inside), "round/a.jpg") == str(inside / "a.jpg")
    for text in ("../music-secrets/b.jpg", "way-out/b.jpg", "/etc/passwd", "a\0b", str(outside / "b.jpg")):
        with pytest.raises(NotFound):
            files.safe_join(str(inside), text)
    assert files.join(str(inside), "way-out/b.jpg") == str(inside / "way-out/b.jpg")
    for text in ("../music-secrets/b.jpg", "round/../../music-secrets/b.jpg", "/etc/passwd", "a\0b"):
        with pytest.raises(NotFound):
            files.join(str(inside), text)


def test_only_regular_files_of_a_sane_size_are_read(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "big").write_bytes(bytes(2000))
    before = len(os.listdir("/proc/self/fd"))
    for name in ("pipe", ".", "nothing"):
        with pytest.raises(NotFound):
            files.read_regular(str(tmp_path / name), 1000)
    with pytest.raises(Invalid):
        files.read_regular(str(tmp_path / "big"), 1000)
    assert len(files.read_regular(str(tmp_path / "big"), 2000)) == 2000
    assert len(os.listdir("/proc/self/fd")) == before


def test_a_file_is_written_whole_or_not_at_all(tmp_path, monkeypatch):
    target = tmp_path / "key"
    files.write_whole(target, b"old")
    assert target.stat().st_mode & 0o777 == 0o600

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="No space"):
        files.write_whole(target, b"new")
    assert target.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["key"]


def test_a_cache_drops_what_was_not_used_for_longest(tmp_path):
    cache = CacheFolder(tmp_path / "covers", 10 * files.BLOCK_BYTES)
    for at in range(10):
        cache.put(f"key-{at}", b"x" * 100)
    assert cache.get("key-0")
    cache.put("key-10", b"x" * 5000)
    kept = [at for at in range(11) if cache.get(f"key-{at}")]
    assert kept == [0, 4, 5, 6, 7, 8, 9, 10]
    assert cache.bytes == 9 * files.BLOCK_BYTES
    assert sum(1 for path in (tmp_path / "covers").rglob("*") if path.is_file()) == len(kept)


def test_on_a_disk_that_is_nearly_full_a_cache_leaves_room_to_others_also_one_of_an_earlier_run(tmp_path, monkeypatch):
    first = CacheFolder(tmp_path, 1 << 20)
    for at in range(8):
        os.utime(first.put(f"key-{at}", b"x"), (at, at))
    monkeypatch.setattr(files, "crowded", lambda folder: True)
    cache = CacheFolder(tmp_path, 1 << 20)
    with cache.temporary():
        assert [at for at in range(8) if first.get(f"key-{at}")] == [4, 5, 6, 7]
    assert cache.put("new", b"x").exists()
    assert cache.bytes <= 2 * files.BLOCK_BYTES


def test_a_disk_is_crowded_when_little_is_free_on_it(tmp_path, monkeypatch):
    assert files.crowded(tmp_path / "gone") is False
    monkeypatch.setattr(files, "ROOM_BYTES", 1 << 62)
    assert files.crowded(tmp_path) is True


def test_a_cache_goes_on_where_an_earlier_run_stopped(tmp_path):
    first = CacheFolder(tmp_path, 10 * files.BLOCK_BYTES)
    now = time.time()
    for at in range(9):
        os.utime(first.put(f"key-{at}", b"x"), (now - 1000, now - (at * 7 + 3) % 9))
    again = CacheFolder(tmp_path, 10 * files.BLOCK_BYTES)
    again.put("new-1", b"y" * 2 * files.BLOCK_BYTES)
    oldest = sorted(range(9), key=lambda at: -((at * 7 + 3) % 9))
    assert [at for at in oldest if again.get(f"key-{at}")] == oldest[2:]
    assert again.get("new-1").read_bytes()[:1] == b"y"


def test_what_a_crash_left_half_written_is_swept(tmp_path):
    (tmp_path / "tmp").mkdir()
    for name, age_s in (("crashed", FAR_PAST_S), ("working", 0)):
        (tmp_path / "tmp" / name).write_bytes(b"half")
        os.utime(tmp_path / "tmp" / name, (time.time() - age_s,) * 2)
    CacheFolder(tmp_path, 1 << 20).put("key", b"x")
    assert os.listdir(tmp_path / "tmp") == ["working"]


def test_a_cache_file_that_went_away_is_a_miss(tmp_path):
    cache = CacheFolder(tmp_path, 1 << 20)
    cache.put("key", b"x").unlink()
    assert cache.get("key") is None
    assert cache.bytes == 0


@pytest.mark.parametrize("key", ["", "../../etc/passwd", "a/b", ".hidden", "Ä", "a" * 200])
def test_a_key_is_never_a_path(tmp_path, key):
    with pytest.raises(Invalid):
        CacheFolder(tmp_path, 1 << 20).place(key)


def test_path_text_of_parts_has_no_empty_names():
    assert files.path_text("/music", "", "a.mp3") == "/music/a.mp3"
    assert files.path_text("/music", "Album/CD 1", "a.mp3") == "/music/Album/CD 1/a.mp3"
    assert files.path_text("", "a.mp3") == "a.mp3" and files.path_text("", "") == ""
