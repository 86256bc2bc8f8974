"""What a backup holds of stations, chat and pictures: all of it, on either database."""

from server.kernel import dump, migrate
from server.kernel.db import open_database
from server.library import avatars, radio
from server.library.radio import Listed
from server.tests.plays.small import ANN, BOB, CHIEF, fill, read, write
from server.users import accounts, chat


def test_stations_messages_and_pictures_come_back(db, tmp_path):
    fill(db)
    picture = bytes(range(256)) * 10
    number = write(db, radio.create, CHIEF, Listed("Waves", "http://waves.invalid/"))
    write(db, radio.set_picture, CHIEF, number, "key", picture)
    write(db, chat.say, ANN, "hello")
    write(db, avatars.choose, CHIEF, "ANN", "own", picture)
    dump.write(db, tmp_path / "backup.zip", {}, {})
    dump.load(tmp_path / "backup.zip", tmp_path / "back.db")
    back = open_database(f"sqlite://{tmp_path}/back.db")
    try:
        assert not migrate.pending(back)
        assert read(back, radio.by_id, number).name == "Waves" and read(back, radio.picture, number) == picture
        assert read(back, chat.messages, BOB)[0].text == "hello"
        assert read(back, avatars.picture, ANN.user_id) == picture
        assert read(back, avatars.shown, BOB, "ann")[1].key == "own"
    finally:
        back.close()


def test_who_leaves_leaves_nothing_behind(db):
    fill(db)
    write(db, chat.say, ANN, "hello")
    write(db, avatars.choose, CHIEF, "ann", "own", b"x")
    write(db, accounts.delete, CHIEF, "ann")
    assert read(db, chat.messages, BOB) == [] and read(db, avatars.picture, ANN.user_id) is None
