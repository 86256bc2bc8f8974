import os

from server.stream import cache
from server.stream.cache import Cache


def opened(folder, max_bytes=1000) -> Cache:
    kept = Cache(folder, max_bytes)
    kept.open()
    return kept


def add(kept: Cache, name: str, size: int):
    part = kept.part(name)
    part.write_bytes(b"x" * size)
    return kept.keep(part, name)


def names(folder) -> set[str]:
    return set(os.listdir(folder))


def test_the_one_that_was_heard_longest_ago_makes_room(tmp_path):
    kept = opened(tmp_path)
    for name in "abc":
        add(kept, name, 300)
    assert kept.find("a") == tmp_path / "a"
    add(kept, "d", 300)
    assert names(tmp_path) == {"a", "c", "d"}
    assert kept.bytes == 900
    assert kept.find("b") is None


def test_a_restart_remembers_what_was_heard_and_sweeps_what_was_not_finished(tmp_path):
    kept = opened(tmp_path)
    for age, name in enumerate("abc"):
        os.utime(add(kept, name, 300), ns=(age, age))
    kept.find("a")
    kept.part("d").write_bytes(b"half")
    again = opened(tmp_path, 600)
    assert names(tmp_path) == {"a", "c"}
    assert again.bytes == 600


def test_hearing_a_file_does_not_change_its_date(tmp_path):
    kept = opened(tmp_path)
    path = add(kept, "a", 10)
    before = path.stat().st_mtime_ns
    kept.find("a")
    assert path.stat().st_mtime_ns == before


def test_what_is_too_big_is_not_kept(tmp_path):
    kept = opened(tmp_path)
    add(kept, "a", 300)
    assert add(kept, "b", 1001) is None
    assert names(tmp_path) == {"a"}


def test_a_file_deleted_behind_our_back_is_made_anew(tmp_path):
    kept = opened(tmp_path)
    add(kept, "a", 300).unlink()
    assert kept.find("a") is None
    assert kept.bytes == 0


def test_the_same_name_counts_once(tmp_path):
    kept = opened(tmp_path)
    add(kept, "a", 300)
    add(kept, "a", 400)
    assert kept.bytes == 400


def test_an_encoder_can_only_append(tmp_path):
    kept = opened(tmp_path)
    handle = cache.create(kept.part("a"))
    os.write(handle, b"one")
    os.lseek(handle, 0, os.SEEK_SET)
    os.write(handle, b"two")
    os.close(handle)
    (part,) = tmp_path.iterdir()
    assert part.read_bytes() == b"onetwo"


def test_on_a_disk_that_is_nearly_full_the_oldest_leave_their_room_to_others(tmp_path, monkeypatch):
    kept = opened(tmp_path)
    for name in "abc":
        add(kept, name, 100)
    monkeypatch.setattr(cache, "crowded", lambda folder: len(names(folder)) > 2)
    kept.part("d")
    assert (names(tmp_path), kept.bytes) == ({"b", "c"}, 200)
    add(kept, "d", 100)
    assert names(tmp_path) == {"c", "d"}
