"""Songs by their sound, asked of a small engine that has heard the drawn library."""

from collections.abc import Iterator
from math import cos, radians

import pytest

from server.library import sonic, tracks
from server.tests.running import Server
from subsonic.tests.permissions import canary

SONIC = {"getSonicSimilarTracks": ("id",), "findSonicPath": ("startSongId", "endSongId")}


class Compass:
    """An engine that knows each track by a direction: those that point the same way sound alike."""

    def __init__(self, app):
        with app.db.reading() as conn:
            found = conn.rows("SELECT id FROM track WHERE missing_ms IS NULL ORDER BY id")
        self.degrees = {number: float(at) for at, (number,) in enumerate(found)}
        self.on = True

    def active(self, db) -> bool:
        return self.on

    def alike(self, one: int, other: int) -> float:
        return cos(radians(self.degrees[one] - self.degrees[other]))

    def similar(self, db, viewer, track_id, count):
        if track_id not in self.degrees:
            return []
        heard = tracks.visible(db, viewer, [number for number in self.degrees if number != track_id])
        nearest = sorted(heard, key=lambda number: -self.alike(track_id, number))
        return [(number, self.alike(track_id, number)) for number in nearest[:count]]

    def like(self, db, viewer, track_ids, count):
        return [number for number, _ in self.similar(db, viewer, track_ids[0], count)]

    def path(self, db, viewer, start_id, end_id, count):
        if not {start_id, end_id} <= self.degrees.keys():
            return []
        low, high = sorted((self.degrees[start_id], self.degrees[end_id]))
        way = [number for number, turn in self.degrees.items() if low < turn < high][: count - 2]
        way = tracks.visible(db, viewer, way)
        if self.degrees[start_id] > self.degrees[end_id]:
            way.reverse()
        return [(number, self.alike(start_id, number)) for number in (start_id, *way, end_id)]

    def unwanted(self, db, viewer):
        return []


@pytest.fixture
def engine(server) -> Iterator[Compass]:
    found = server.app.parts[sonic.Engine] = Compass(server.app)
    yield found
    del server.app.parts[sonic.Engine]


def announced(server: Server) -> dict:
    return {each["name"]: each["versions"] for each in server.ask("getOpenSubsonicExtensions", "")}


def songs(server: Server, user: str = "alice") -> list[str]:
    return [song["id"] for song in server.ask("search3", user, query="", songCount=500)["song"]]


def refused(server: Server) -> None:
    assert "sonicSimilarity" not in announced(server)
    for endpoint, names in SONIC.items():
        answer = server.get(endpoint, **dict.fromkeys(names, songs(server)[0]))
        assert (answer.status, answer.error) == (200, 0), endpoint


def test_without_an_engine_the_extension_is_not_there(server):
    refused(server)


def test_an_engine_that_is_not_active_is_no_engine(server, engine):
    engine.on = False
    refused(server)
    engine.on = True
    assert announced(server)["sonicSimilarity"] == [1]


def test_what_sounds_alike_comes_best_first(server, engine):
    seed = songs(server)[3]
    found = server.ask("getSonicSimilarTracks", id=seed)
    assert len(found) == 10
    likeness = [each["similarity"] for each in found]
    assert likeness == sorted(likeness, reverse=True) and all(0 <= each <= 1 for each in likeness)
    ids = [each["entry"]["id"] for each in found]
    assert seed not in ids and len(set(ids)) == 10
    assert all(each["entry"]["isDir"] is False and each["entry"]["title"] for each in found)
    assert [each["entry"]["id"] for each in server.ask("getSonicSimilarTracks", id=seed, count=2)] == ids[:2]
    assert server.ask("getSonicSimilarTracks", id=seed, count=0) == []
    xml = server.get("getSonicSimilarTracks", id=seed, count=1, f="xml").body.decode()
    assert "<sonicMatch><entry " in xml and "<similarity>0.99" in xml


def test_a_path_begins_and_ends_where_it_was_asked_to(server, engine):
    first, *_, last = songs(server)[:8]
    for start, end in ((first, last), (last, first)):
        found = server.ask("findSonicPath", startSongId=start, endSongId=end)
        ids = [each["entry"]["id"] for each in found]
        assert (ids[0], ids[-1]) == (start, end) and len(ids) == len(set(ids)) == 8
        assert found[0]["similarity"] == 1 and found[1]["similarity"] > found[-1]["similarity"]
    assert len(server.ask("findSonicPath", startSongId=first, endSongId=last, count=5)) == 5
    for count in (1, 2):
        ends = server.ask("findSonicPath", startSongId=first, endSongId=last, count=count)
        assert [each["entry"]["id"] for each in ends] == [first, last]
    assert [each["entry"]["id"] for each in server.ask("findSonicPath", startSongId=first, endSongId=first)] == [first]


def test_a_song_that_was_never_heard_has_no_neighbours_and_only_its_ends(server, engine):
    first, last = songs(server)[:2]
    engine.degrees.pop(server.app.ids.number("tr", last))
    assert server.ask("getSonicSimilarTracks", id=last) == []
    path = server.ask("findSonicPath", startSongId=first, endSongId=last)
    assert [(each["entry"]["id"], each["similarity"]) for each in path] == [(first, 1), (last, -1)]


def test_unknown_songs_and_those_of_others_are_not_found(server, engine):
    known = songs(server, "bob")[0]
    for strange in (canary(server, "tr"), "tr-0000000000", "al-x"):
        assert server.get("getSonicSimilarTracks", "bob", id=strange).error == 70
        assert server.get("findSonicPath", "bob", startSongId=known, endSongId=strange).error == 70
        assert server.get("findSonicPath", "bob", startSongId=strange, endSongId=known).error == 70
    for endpoint in SONIC:
        assert server.get(endpoint).error == 10


def test_nobody_is_led_to_what_they_may_not_hear(server, engine):
    mine = songs(server, "bob")
    # An engine that looks at everything, whoever asks.
    engine.similar = lambda db, viewer, track_id, count: [(number, 0.5) for number in engine.degrees][-count:]
    engine.path = lambda db, viewer, start, end, count: [(number, 0.5) for number in engine.degrees]
    for answer in (server.get("getSonicSimilarTracks", "bob", id=mine[0], count=50),
                   server.get("findSonicPath", "bob", startSongId=mine[0], endSongId=mine[1], count=500)):  # fmt: skip
        assert answer.error is None and b"anary" not in answer.body


def test_similar_songs_ask_the_engine_first(server, engine):
    seed = songs(server)[0]
    nearest = [each["entry"]["id"] for each in server.ask("getSonicSimilarTracks", id=seed, count=5)]
    for endpoint in ("getSimilarSongs", "getSimilarSongs2"):
        assert [song["id"] for song in server.ask(endpoint, id=seed, count=5)["song"]] == nearest
