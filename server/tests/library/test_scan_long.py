"""Names without measure: whatever a file or a folder is called, it fits into both databases."""

import random

LONG = "".join(random.Random(1).choices("abcdefghijklmnopqrstuvwxyz0123456789 éß夜", k=30_000))
"""Nothing that a database could compress."""
WIDE = "\ufdfa" * 20_000
"""One sign that becomes eighteen when it is folded."""


def test_long_names_of_everything_are_indexed(shelf):
    shelf.track("1.flac", title=LONG, artist=LONG, album=LONG, albumartist=LONG, genre=LONG, composer=LONG, mood=LONG,
                lyrics=LONG, comment=LONG, label=LONG)  # fmt: skip
    shelf.track("2.flac", title=WIDE, artist=WIDE, album=WIDE, albumartist=WIDE, genre=WIDE)
    shelf.track("3.flac", title="Plain", artist="Anna", musicbrainz_albumid=LONG, musicbrainz_artistid=LONG)
    shelf.track("4.flac", title="Many", artist=[f"{LONG[at:at + 200]}" for at in range(0, 20_000, 200)])
    shelf.scan()
    assert shelf.bad() == {}
    assert len(shelf.rows("SELECT id FROM track")) == 4
    assert len(shelf.found("plain")) == 1
    shelf.scan(full=True)
    assert len(shelf.rows("SELECT id FROM album")) == 4


def test_long_paths_are_indexed_as_far_as_a_database_can(shelf):
    rng = random.Random(2)
    deep = "/".join("".join(rng.choices("夜星音楽東京都夏", k=80)) for _ in range(7))
    shelf.track(f"{deep}/1.mp3")
    (shelf.root / deep / ("b" * 250 + ".mp3")).write_bytes(b"x")
    shelf.track(f"{deep}/{'x' * 240}/too deep.mp3")
    shelf.scan()
    assert [name for (name,) in shelf.rows("SELECT name FROM track")] == ["1.mp3"]
    assert len(shelf.bad()) == 1
    assert shelf.scan().read == 0
