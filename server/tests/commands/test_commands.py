"""The commands on a real installation: people, a scan, a backup brought back, the doctor."""

import json
import os
import stat

import pytest

from server.commands import scan
from server.demo.audio import write_track
from server.kernel import migrate
from server.kernel.db import open_database
from server.operate import checks


@pytest.fixture
def music(tmp_path):
    folder = tmp_path / "music"
    for number in range(3):
        path = folder / "Anna" / "First" / f"{number}.mp3"
        path.parent.mkdir(parents=True, exist_ok=True)
        write_track(path, seed=number, artist="Anna", album="First", title=f"Song {number}")
    return folder


@pytest.fixture
def home(familiar, music, tmp_path):
    """An installation with a user and a scanned folder."""
    assert familiar("user", "add", "anna", "--admin", typed="correct-horse\n").status == 0
    assert familiar("scan", "--music", music).status == 0
    return tmp_path / "data"


@pytest.mark.parametrize(
    "words", [["user", "list"], ["backup"], ["migrate"], ["scan", "--status"], ["user", "passwd", "x"]]
)
def test_a_command_that_looks_at_an_installation_makes_none(familiar, tmp_path, words):
    said = familiar(*words)
    assert said.status == 1 and "There is no Familiar in" in said.err
    assert not (tmp_path / "data").exists()


def test_people_are_added_listed_changed_and_removed(familiar):
    assert familiar("user", "add", "anna", typed="correct-horse\n").out == "Added anna.\n"
    assert "stream" in familiar("user", "list").out
    assert "jukebox" in familiar("user", "roles", "anna", "--grant", "jukebox").out
    assert familiar("user", "passwd", "anna", typed="short\n").status == 1
    secret = familiar("user", "app-password", "anna", "Phone").out.split()[0]
    assert "Phone" in familiar("user", "lent", "anna").out and secret not in familiar("user", "lent", "anna").out
    assert familiar("user", "revoke", "1").status == 0
    assert familiar("user", "remove", "anna").status == 0
    assert "no users yet" in familiar("user", "list").out


def test_a_scan_says_what_it_found_and_how_it_stands(familiar, music):
    assert "3 files seen, 3 new" in familiar("scan", "--music", music).out
    assert "3 files seen, 0 new" in familiar("scan").out
    status = familiar("scan", "--status").out
    assert f"1  music ({music}): online" in status
    assert "could not be read" not in status
    assert familiar("scan", "--cancel").out == "No worker is scanning.\n"


def test_what_could_not_be_scanned_is_named_with_its_reason(familiar, music, monkeypatch):
    (music / "one.mp3").write_bytes(b"")
    os.symlink(music / "one.mp3", os.fsencode(music) + b"/Ren\xe9.mp3")
    assert "2 unreadable" in familiar("scan", "--music", music).out
    status = familiar("scan", "--status").out
    assert status.endswith("2 could not be read:\n1  René.mp3: The file is empty.\n1  one.mp3: The file is empty.\n")
    monkeypatch.setattr(scan, "BAD_SHOWN", 1)
    assert familiar("scan", "--status").out.endswith("The file is empty.\nand 1 more\n")
    said = familiar("scan", "--music", f"Gone={music / 'gone'}")
    assert said.status == 0
    assert said.err == f"Gone ({music / 'gone'}) is offline: The folder cannot be read: No such file or directory.\n"


def test_a_music_folder_may_have_a_name_that_is_no_utf_8(familiar, music, tmp_path):
    odd = tmp_path / "Mus\udce9e"
    music.rename(odd)
    assert "3 new" in familiar("scan", "--music", odd).out
    assert "3 files seen, 0 new" in familiar("scan").out
    assert "1  Musée (" in familiar("scan", "--status").out
    assert "ok    music Musée" in familiar("doctor", "--music", odd).out


def test_what_is_typed_in_an_old_encoding_is_refused_in_a_sentence(familiar, music):
    familiar("scan", "--music", music)
    said = familiar("podcast", "add", "http://podcast.example/caf\udce9")
    assert said.status == 2 and said.err.startswith("familiar: What was typed is not UTF-8")


def test_two_scans_never_run_at_once(familiar, home):
    db = open_database(f"sqlite://{home / 'familiar.db'}")
    with db.lock("scan"):
        said = familiar("scan")
    db.close()
    assert said.status == 1 and "--status" in said.err


def test_a_backup_is_closed_to_others_and_comes_back(familiar, home, tmp_path):
    said = familiar("backup", tmp_path / "kept.zip")
    assert "1 accounts" in said.out and "3 tracks" in said.out
    assert stat.S_IMODE((tmp_path / "kept.zip").stat().st_mode) == 0o600
    familiar("user", "add", "ben", typed="correct-horse\n")
    assert "is good" in familiar("restore", tmp_path / "kept.zip", "--check").out
    said = familiar("restore", tmp_path / "kept.zip")
    assert said.status == 0 and "What was there before is kept" in said.out
    assert "ben" not in familiar("user", "list").out


def test_the_master_key_travels_under_a_passphrase_only(familiar, home, tmp_path, monkeypatch):
    file = tmp_path / "kept.zip"
    assert familiar("backup", file, "--with-key", typed="too short\n").status == 1 and not file.exists()
    assert familiar("backup", file, "--with-key", typed="a long passphrase\n").status == 0
    key = (home / "master.key").read_bytes()
    assert key not in file.read_bytes()
    monkeypatch.setenv("FAMILIAR_DATA", str(tmp_path / "other"))
    said = familiar("restore", file, typed="not the passphrase\n")
    assert said.status == 1 and not (tmp_path / "other" / "familiar.db").exists()
    assert familiar("restore", file, typed="a long passphrase\n").status == 0
    assert (tmp_path / "other" / "master.key").read_bytes() == key


def test_a_restore_waits_for_no_server(familiar, home, tmp_path):
    from server.kernel.config import load
    from server.main import lock_data

    familiar("backup", tmp_path / "kept.zip")
    lock = lock_data(load({}, {"data": str(home)}))
    said = familiar("restore", tmp_path / "kept.zip")
    lock.close()
    assert said.status == 1 and "already uses" in said.err


def test_the_doctor_finds_a_sound_installation_sound(familiar, home, music):
    said = familiar("doctor", "--port", "0")
    assert said.status == 0, said.out
    assert "All is well." in said.out


def test_the_doctor_names_each_thing_that_is_wrong(familiar, home, tmp_path):
    (home / "master.key").chmod(0o644)
    empty = tmp_path / "empty"
    empty.mkdir()
    said = familiar("doctor", "--port", "0", "--ffmpeg", "/nowhere/ffmpeg", "--redis", "redis://:hush@127.0.0.1:1",
                    "--jukebox", "/nowhere/mpv", "--music", f"gone={tmp_path / 'gone'}:empty={empty}")  # fmt: skip
    assert said.status == 1 and "hush" not in said.out
    bad = [line.split()[1] for line in said.out.splitlines() if line.startswith("BAD")]
    assert bad == ["ffmpeg", "jukebox", "master", "music", "music", "queue"]
    assert "6 things are wrong." in said.out


@pytest.mark.parametrize(
    ("prefix", "arguments", "state"),
    [
        ("/usr", "'--enable-shared'", checks.OK),
        ("/usr/local", "'--enable-optimizations' '--with-lto'", checks.OK),
        ("/home/anna/versions/3.11.7", "'--enable-shared'", checks.NOTE),
        ("/home/anna/versions/3.11.7", None, checks.NOTE),
    ],
)
def test_the_doctor_notices_a_python_that_was_compiled_without_optimisations(monkeypatch, prefix, arguments, state):
    monkeypatch.setattr("sys.base_prefix", prefix)
    monkeypatch.setattr("sysconfig.get_config_var", {"CONFIG_ARGS": arguments}.get)
    found = checks.python()
    assert found.state == state
    assert ("PYTHON=" in found.sentence) == (state == checks.NOTE)


def test_the_doctor_finds_a_damaged_database(familiar, home):
    raw = bytearray((home / "familiar.db").read_bytes())
    raw[8192:40000] = bytes(31808)
    (home / "familiar.db").write_bytes(raw)
    said = familiar("doctor", "--port", "0")
    assert said.status == 1 and "restore" in said.out


def test_a_checkup_changes_nothing(familiar, tmp_path):
    assert familiar("doctor", "--port", "0").status == 0
    assert not (tmp_path / "data").exists()


def test_the_steps_of_the_database_can_be_looked_at(familiar, home):
    assert "0001_first  taken" in familiar("migrate", "--status").out
    assert familiar("migrate").out == "The database is up to date.\n"


def test_the_demo_library_never_lands_among_other_files(familiar, music):
    said = familiar("demo", music)
    assert said.status == 1 and "has something in it" in said.err


def test_manifests_are_json(familiar, home, tmp_path):
    import zipfile

    familiar("backup", tmp_path / "kept.zip")
    manifest = json.loads(zipfile.ZipFile(tmp_path / "kept.zip").read("manifest.json"))
    assert manifest["version"] and manifest["steps"] == migrate.steps() and manifest["database"] == "sqlite"
    assert manifest["tables"]["track"]["rows"] == 3


def test_every_state_of_a_finding_has_a_sign():
    from server.commands.doctor import SIGNS

    assert set(SIGNS) == {checks.OK, checks.NOTE, checks.WRONG}
