import asyncio
import json
import os
import signal
import sys
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from server.app import App
from server.kernel.errors import Invalid, NotFound, Unavailable
from server.library import tracks
from server.plays import nowplaying
from server.stream import players
from server.stream.jukebox import CLIENT, Jukebox
from server.tests.jukebox import fake_player
from server.tests.stream.playing import children, open_files, until
from server.users import accounts
from server.users.people import OPERATOR, Viewer

BOTH = pytest.mark.parametrize("name", ["mpv", "ffplay"])
ONE_DATABASE = pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
"""For tests of what the player does, to which the database is all one."""


class Room:
    """A machine with a fake player, and what that was told."""

    def __init__(self, folder: Path, name: str = "mpv"):
        self.folder, self.name, self.path = folder, name, folder / name
        self.path.write_text(f"#!{sys.executable} -IS\n{Path(fake_player.__file__).read_text()}")
        self.path.chmod(0o755)

    def told(self) -> list[dict]:
        path = self.folder / "told"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    @property
    def pid(self) -> int:
        return self.told()[-1]["pid"]

    @property
    def played(self) -> list[str]:
        """The names of the files that it was to play at once, in their order."""
        if self.name == "ffplay":
            paths = [each["plays"] for each in self.told() if "plays" in each]
        else:
            said = [each["said"] for each in self.told() if isinstance(each.get("said"), dict)]
            paths = [each["url"] for each in said if each["flags"] == "replace"]
        return [os.path.basename(path) for path in paths]

    @property
    def queued(self) -> list[str]:
        """The names of the files that were to follow what played then."""
        said = [each["said"] for each in self.told() if isinstance(each.get("said"), dict)]
        return [os.path.basename(each["url"]) for each in said if each["flags"] != "replace"]

    @property
    def gone(self) -> bool:
        """Whether the player has ended and was reaped, if it ever came to its first word."""
        return not self.told() or self.pid not in children()

    def end_track(self) -> None:
        os.kill(self.pid, signal.SIGUSR1)


def viewer(app: App, name: str) -> Viewer:
    with app.db.reading() as conn:
        return accounts.by_name(conn, OPERATOR, name).viewer


def ids(app: App, pattern: str) -> list[int]:
    """Return the numbers of tracks by title, in its order."""
    with app.db.reading() as conn:
        return [n for (n,) in conn.rows("SELECT id FROM track WHERE title LIKE :p ORDER BY title", p=pattern)]


def break_file(app: App, number: int) -> None:
    with app.db.writing() as conn:
        conn.run("UPDATE track SET name = :name WHERE id = :id", name=f"broken {number}.opus", id=number)


@asynccontextmanager
async def jukebox(app: App, room: Room, **options):
    made = Jukebox(app.db, str(room.path), **options)
    try:
        yield made
    finally:
        await made.close()


def in_room(app: App, tmp_path: Path, journey, name: str = "mpv", **options):
    """Run a journey of (jukebox, room, Alice) and see that nothing is left of it."""
    room = Room(tmp_path, name)

    async def whole():
        # What the database opens once is none of ours.
        await app.db.write(lambda conn: conn.value("SELECT 1"))
        await app.db.read(tracks.all_ids, (1,))
        before = children(), open_files()
        async with jukebox(app, room, **options) as made:
            await journey(made, room, viewer(app, "alice"))
        assert (children(), open_files()) == before

    asyncio.run(whole())


async def at(made: Jukebox, alice: Viewer, index: int) -> None:
    """Return when a track plays."""
    async with asyncio.timeout(10):
        while (await made.show(alice)).current_at != index:  # noqa: ASYNC110 (what is waited for is another process)
            await asyncio.sleep(0.005)


@BOTH
def test_a_list_plays_to_its_end_and_waits_at_its_beginning(library, tmp_path, name):
    hits = ids(library, "Side %")

    async def journey(made, room, alice):
        shown = await made.show(alice)
        assert (shown.current_at, shown.playing, shown.position_s, shown.entries) == (-1, False, 0, ())
        await made.add(alice, hits[:3])
        assert (await made.show(alice)).current_at == 0
        await made.start()
        for index in (1, 2, 0):
            await until(lambda: room.told() and ("plays" in room.told()[-1] or name == "mpv"))
            before = len(room.played)
            room.end_track()
            await at(made, alice, index)
            if name == "ffplay" and index:
                await until(lambda: len(room.played) > before)  # noqa: B023
        shown = await made.show(alice)
        assert (shown.playing, shown.position_s, len(shown.entries)) == (False, 0, 3)

    in_room(library, tmp_path, journey, name)


@ONE_DATABASE
def test_mpv_is_told_what_follows_so_that_there_is_no_gap(library, tmp_path):
    sides = ids(library, "Side %")

    async def journey(made, room, alice):
        await made.add(alice, sides)
        await made.start()
        assert len(room.played) == 1 and len(room.queued) == 1
        room.end_track()
        await at(made, alice, 1)
        await until(lambda: len(room.queued) == 2)
        assert len(room.played) == 1
        await made.remove(alice, 2)
        assert room.told()[-2]["said"] == ["playlist-clear"]
        assert len(room.queued) == 3 and len({each["pid"] for each in room.told()}) == 1

    in_room(library, tmp_path, journey)


@ONE_DATABASE
@BOTH
def test_stop_keeps_the_place_and_start_goes_on_from_there(library, tmp_path, name):
    sides = ids(library, "Side %")

    async def journey(made, room, alice):
        await made.add(alice, sides)
        await made.skip(alice, 2, 7)
        shown = await made.show(alice)
        assert (shown.current_at, shown.playing) == (2, True) and 7 <= shown.position_s < 60
        await made.stop()
        stopped = await made.show(alice)
        await made.stop()
        assert await made.show(alice) == stopped
        assert (stopped.current_at, stopped.playing) == (2, False) and 7 <= stopped.position_s < 60
        await made.start()
        assert stopped.position_s <= (await made.show(alice)).position_s < 60
        await made.set_gain(0.25)
        shown = await made.show(alice)
        assert (shown.gain, shown.playing, shown.current_at) == (0.25, True, 2)
        if name == "ffplay":
            await until(lambda: any("25" in each.get("argv", ()) for each in room.told()))
            argv = [each["argv"] for each in room.told() if "argv" in each][-1]
            assert argv[argv.index("-volume") + 1] == "25" and float(argv[argv.index("-ss") + 1]) >= 7
        else:
            assert ["set_property", "volume", 25.0] in [each.get("said") for each in room.told()]

    in_room(library, tmp_path, journey, name)


@ONE_DATABASE
def test_a_silent_player_is_let_go_and_started_again_where_it_was(library, tmp_path):
    async def journey(made, room, alice):
        await made.add(alice, ids(library, "Side %"))
        await made.skip(alice, 1, 5)
        await made.stop()
        await until(lambda: room.gone)
        await made.start()
        shown = await made.show(alice)
        assert (shown.current_at, shown.playing, shown.position_s) == (1, True, 5)
        assert len({each["pid"] for each in room.told()}) == 2

    in_room(library, tmp_path, journey, idle_s=0.01)


def test_set_leaves_what_plays_alone(library, tmp_path):
    sides, hits = ids(library, "Side %"), ids(library, "Hit %")

    async def journey(made, room, alice):
        await made.put(alice, sides)
        await made.skip(alice, 1)
        await made.put(alice, [hits[0], sides[1], hits[1]])
        assert (await made.show(alice)).current_at == 1
        await made.put(alice, hits)
        shown = await made.show(alice)
        assert (shown.current_at, shown.playing, len(shown.entries)) == (-1, True, len(hits))
        assert len(room.played) == 1
        room.end_track()
        await at(made, alice, 0)
        await made.stop()
        await made.put(alice, sides)
        assert ((await made.show(alice)).current_at, (await made.show(alice)).position_s) == (0, 0)
        await made.put(alice, [])
        assert (await made.show(alice)).current_at == -1

    in_room(library, tmp_path, journey)


@ONE_DATABASE
def test_removing_what_plays_begins_the_next_and_clearing_ends_all(library, tmp_path):
    sides = ids(library, "Side %")

    async def journey(made, room, alice):
        await made.add(alice, sides)
        await made.skip(alice, 1)
        await made.remove(alice, 0)
        assert (await made.show(alice)).current_at == 0 and len(room.played) == 1
        await made.remove(alice, 0)
        assert (await made.show(alice)).current_at == 0 and len(room.played) == 2
        await made.remove(alice, 1)
        await made.remove(alice, 0)
        shown = await made.show(alice)
        assert (shown.current_at, shown.playing, shown.entries) == (-1, False, ())
        for index in (-1, 0, 5):
            with pytest.raises(Invalid):
                await made.skip(alice, index)
        await made.start()
        assert not (await made.show(alice)).playing
        await made.add(alice, sides)
        await made.start()
        await made.clear()
        assert (await made.show(alice))[:2] == (-1, False) and room.gone

    in_room(library, tmp_path, journey)


@ONE_DATABASE
def test_shuffle_keeps_every_track_and_begins_with_what_plays(library, tmp_path):
    sides = ids(library, "Side %")

    async def journey(made, room, alice):
        await made.add(alice, sides)
        await made.skip(alice, 2)
        await made.shuffle()
        shown = await made.show(alice)
        found = [each.id for each in shown.entries]
        assert (shown.current_at, found[0], sorted(found)) == (0, sides[2], sorted(sides))
        assert len(room.played) == 1

    in_room(library, tmp_path, journey)


def test_nobody_adds_or_sees_what_they_may_not_hear(library, tmp_path):
    sides, (canary, *_) = ids(library, "Side %"), ids(library, "Canary %")

    async def journey(made, room, alice):
        bob = viewer(library, "bob")
        for wrong in ([canary], [sides[0], canary], [0]):
            for verb in (made.add, made.put):
                with pytest.raises(NotFound):
                    await verb(bob, wrong)
        await made.add(alice, [canary, *sides])
        await made.start()
        shown = await made.show(bob)
        assert (shown.current_at, shown.playing, len(shown.entries)) == (-1, True, len(sides))
        assert b"canary" not in b"".join(each.face for each in shown.entries).lower()
        await made.skip(bob, 0)
        assert ((await made.show(bob)).current_at, (await made.show(alice)).current_at) == (0, 1)
        with pytest.raises(Invalid):
            await made.remove(bob, len(sides))

    in_room(library, tmp_path, journey)


@ONE_DATABASE
@BOTH
def test_a_track_that_cannot_be_played_is_passed_over(library, tmp_path, caplog, name):
    sides = ids(library, "Side %")
    for number in sides[1:3]:
        break_file(library, number)

    async def journey(made, room, alice):
        await made.add(alice, sides[1:])
        await made.start()
        await at(made, alice, 2)
        assert (await made.show(alice)).playing
        assert caplog.text.count("cannot play a track") == 2

    in_room(library, tmp_path, journey, name)


@ONE_DATABASE
@BOTH
def test_without_a_loudspeaker_it_stops_instead_of_rushing_through_the_list(library, tmp_path, caplog, name):
    sides = ids(library, "Side %")
    for number in sides:
        break_file(library, number)

    async def journey(made, room, alice):
        await made.add(alice, sides * 20)
        await made.start()
        await until(lambda: "3 tracks in a row" in caplog.text)
        assert not (await made.show(alice)).playing
        assert len(room.played) <= 3

    in_room(library, tmp_path, journey, name)


@ONE_DATABASE
def test_a_player_that_dies_is_replaced_for_the_next_track(library, tmp_path, caplog):
    async def journey(made, room, alice):
        await made.add(alice, ids(library, "Side %"))
        await made.start()
        os.kill(room.pid, signal.SIGKILL)
        await at(made, alice, 1)
        assert (await made.show(alice)).playing and "mpv ended in the middle of a track" in caplog.text
        await made.stop()
        os.kill(room.pid, signal.SIGKILL)
        await until(lambda: room.gone)
        await made.start()
        assert (await made.show(alice)).playing

    in_room(library, tmp_path, journey)


@ONE_DATABASE
def test_a_player_that_does_not_answer_is_ended(library, tmp_path, monkeypatch):
    monkeypatch.setattr(players, "ANSWER_S", 0.05)
    (tmp_path / "deaf").touch()

    async def journey(made, room, alice):
        await made.add(alice, ids(library, "Side %"))
        with pytest.raises(Unavailable, match="does not answer"):
            await made.start()
        await until(lambda: room.gone)
        assert not (await made.show(alice)).playing

    in_room(library, tmp_path, journey)


@ONE_DATABASE
def test_without_a_player_everything_is_refused_and_nothing_starts(library, tmp_path):
    async def journey():
        for setting, why in (("off", "switched off"), ("", "switched off"), (str(tmp_path / "mpv"), "no player")):
            made = Jukebox(library.db, setting)
            with pytest.raises(Unavailable, match=why):
                await made.show(viewer(library, "alice"))
            await made.close()
        unable = tmp_path / "mpv"
        unable.write_text("#!/there/is/nothing\n")
        unable.chmod(0o755)
        made = Jukebox(library.db, str(unable))
        await made.add(viewer(library, "alice"), ids(library, "Side %"))
        with pytest.raises(Unavailable, match="cannot be started"):
            await made.start()
        assert not (await made.show(viewer(library, "alice"))).playing
        await made.close()

    asyncio.run(journey())


def test_the_list_is_there_again_after_a_restart(library, tmp_path):
    room, alice, sides = Room(tmp_path), viewer(library, "alice"), ids(library, "Side %")

    async def first():
        async with jukebox(library, room) as made:
            await made.add(alice, sides)
            await made.set_gain(0.75)
            await made.skip(alice, 2, 9)

    async def second():
        async with jukebox(library, room) as made:
            shown = await made.show(alice)
            assert [each.id for each in shown.entries] == sides
            assert shown[:4] == (2, False, 0.75, 9)

    asyncio.run(first())
    asyncio.run(second())


def test_others_see_what_it_plays_in_the_name_of_who_put_it_there(library, tmp_path):
    sides, alice, bob = ids(library, "Side %"), viewer(library, "alice"), viewer(library, "bob")

    def listening():
        with library.db.reading() as conn:
            found = nowplaying.listening(conn, alice)
        return [(each.name, each.track.id, each.state) for each in found if each.client == CLIENT]

    async def journey(made, room, alice):
        await made.add(alice, sides[:1])
        await made.add(bob, sides[1:2])
        await made.start()
        assert listening() == [("alice", sides[0], "playing")]
        room.end_track()
        await at(made, alice, 1)
        assert listening() == [("bob", sides[1], "playing")]
        await made.stop()
        assert listening() == [("bob", sides[1], "paused")]

    in_room(library, tmp_path, journey)
    assert listening() == []


def test_who_may_no_longer_hear_it_no_longer_plays_it(library, tmp_path):
    sides, (canary, *_) = ids(library, "Side %"), ids(library, "Canary %")

    async def journey(made, room, alice):
        await made.add(alice, [canary, sides[0]])
        await made.start()
        await made.stop()
        with library.db.writing() as conn:
            conn.run("UPDATE account SET all_libraries = 0 WHERE name = 'alice'")
            first = conn.value("SELECT min(id) FROM library")
            conn.run("INSERT INTO account_library (user_id, library_id) VALUES (:u, :l)", u=alice.user_id, l=first)
        await made.skip(alice, 0)
        assert (await made.show(alice))[:2] == (1, True)
        assert room.played[0].startswith("01 Canary") and not room.played[-1].startswith("01 Canary")

    in_room(library, tmp_path, journey)


@ONE_DATABASE
@BOTH
def test_a_player_is_told_nothing_but_what_it_needs(library, tmp_path, monkeypatch, name):
    monkeypatch.setenv("FAMILIAR_ADMIN_PASSWORD", "secret")
    monkeypatch.setenv("PULSE_SERVER", "unix:/tmp/pulse")
    sides = ids(library, "Side %")
    with library.db.writing() as conn:
        conn.run("UPDATE track SET name = '-rf %n \"x\".opus' WHERE id = :id", id=sides[0])

    async def journey(made, room, alice):
        await made.add(alice, sides)
        await made.start()
        await until(lambda: len(room.told()) > 1)
        begun = room.told()[0]
        assert "PULSE_SERVER" in begun["environment"]
        assert not [word for word in begun["environment"] if word.startswith("FAMILIAR")]
        if name == "mpv":
            assert {"--no-config", "--ytdl=no", "--access-references=no", "--audio-device=hall"} <= set(begun["argv"])
        else:
            path = begun["argv"][-1]
            assert path.startswith("file:/") and path.endswith('/-rf %n "x".opus')
        if name == "mpv":
            assert room.played == ['-rf %n "x".opus']

    in_room(library, tmp_path, journey, name, device="hall")


def test_a_setting_finds_its_player(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    told = []

    def found(setting):
        return getattr(players.find(setting, "", told.append), "name", None)

    assert [found(word) for word in ("auto", "mpv", "off", "", "OFF")] == [None] * 5
    Room(tmp_path, "ffplay")
    assert (found("auto"), found("mpv"), found("ffplay")) == ("ffplay", None, "ffplay")
    Room(tmp_path, "mpv")
    assert (found("auto"), found(str(tmp_path / "ffplay")), found("AUTO")) == ("mpv", "ffplay", "mpv")
