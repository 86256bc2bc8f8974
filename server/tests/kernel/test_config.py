"""Settings: where they come from, which wins, and what is said of those that cannot be."""

import os

import pytest

from server.kernel.config import SECRET, SETTINGS, handed_on, load
from server.kernel.errors import Invalid


def test_everything_has_a_default_a_kind_and_a_sentence():
    config = load({})
    for setting in SETTINGS:
        assert setting.name in config.values
        assert setting.sentence.endswith("."), setting.name
        assert setting.variable == f"FAMILIAR_{setting.name.upper()}"
    assert config.port == 4533
    assert len({setting.name for setting in SETTINGS}) == len(SETTINGS)


def test_the_file_gives_way_to_the_environment_and_both_to_a_flag(tmp_path):
    (tmp_path / "familiar.toml").write_text('port = 1001\nhost = "10.0.0.1"\nscan_every = 5\n')
    config = load({"FAMILIAR_DATA": str(tmp_path), "FAMILIAR_HOST": "10.0.0.2", "FAMILIAR_SCAN_EVERY": "6"},
                  {"scan_every": "7", "port": None})  # fmt: skip
    assert (config.port, config.host, config.scan_every) == (1001, "10.0.0.2", 7)


def test_an_empty_variable_is_one_that_is_not_set():
    assert load({"FAMILIAR_PORT": ""}).port == 4533


@pytest.mark.parametrize(("given", "expected"), [
    ("/srv/music", (("music", "/srv/music"),)),
    ("/srv/music/", (("music", "/srv/music"),)),
    ("Ours=/srv/a:/srv/b", (("Ours", "/srv/a"), ("b", "/srv/b"))),
    ("/srv/a=b", (("a=b", "/srv/a=b"),)),
    (["Ours=/srv/a", "/srv/b"], (("Ours", "/srv/a"), ("b", "/srv/b"))),
    ({"Ours": "/srv/a"}, (("Ours", "/srv/a"),)),
    ("Ours = /srv/a", (("Ours", "/srv/a"),)),
    ("", ()),
])  # fmt: skip
def test_music_folders_have_a_path_and_a_name(given, expected):
    assert load({}, {"music": given}).music == expected


def test_a_public_address_is_one_of_a_server():
    assert load({}, {"public_url": " https://music.example/familiar/ "}).public_url == "https://music.example/familiar"
    assert load({}, {"public_url": ""}).public_url == ""
    for wrong in ("music.example", "ftp://music.example", "https://", "https://music.example/?a=b", "http://[::1"):
        with pytest.raises(Invalid, match="public_url"):
            load({}, {"public_url": wrong})


def test_paths_are_made_whole(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", "/home/ann")
    config = load({}, {"music": "~/Music:here", "data": "d"})
    assert config.music == (("Music", "/home/ann/Music"), ("here", os.path.join(tmp_path, "here")))
    assert config.data == os.path.join(tmp_path, "d")
    assert config.database_url == f"sqlite://{tmp_path}/d/familiar.db"


@pytest.mark.parametrize(("name", "value"), [
    ("port", "http"), ("port", "-1"), ("port", True), ("worker", "perhaps"), ("music", "/a:/a"), ("music", "=/a"),
    ("trusted_proxies", "10.0.0.0/99"), ("trusted_proxies", "proxy.example"),
    ("music", "Ours="), ("music", {"Ours": ""}), ("music", {"Ours": "/srv/a", "port": 4533}),
    ("base_path", "/my music"), ("base_path", "/a{b}"), ("base_path", "/a//b"), ("base_path", "/a/../b"),
    ("base_path", "/a?b"), ("log_level", "loud"), ("port", 4533.7), ("scan_every", "9" * 20), ("host", ["10.0.0.1"]),
    ("redis", "garbage"), ("redis", "localhost:6379"), ("redis", "http://localhost"),
])  # fmt: skip
def test_a_value_that_cannot_be_is_refused_by_name(name, value):
    with pytest.raises(Invalid, match=name):
        load({}, {name: value})


@pytest.mark.parametrize(("given", "expected"), [
    ("/music", "/music"), ("music", "/music"), ("/music/", "/music"), ("a/b/", "/a/b"), ("/", ""), ("", ""),
])  # fmt: skip
def test_a_base_path_begins_with_a_slash_and_ends_without_one(given, expected):
    assert load({}, {"base_path": given}).base_path == expected


def test_a_level_may_be_written_large():
    assert load({}, {"log_level": "WARNING"}).log_level == "warning"


def test_a_settings_file_is_utf_8_and_may_begin_with_the_mark_of_it(tmp_path):
    (tmp_path / "familiar.toml").write_bytes('\ufeffport = 1001\nmusic = "/srv/Müsik"\n'.encode())
    config = load({}, {"data": str(tmp_path)})
    assert (config.port, config.music) == (1001, (("Müsik", "/srv/Müsik"),))


@pytest.mark.parametrize("word", ["1", "true", "YES", "on", True])
def test_switches_go_on_by_many_words(word):
    assert load({}, {"worker": word}).worker is True
    assert load({}, {"worker": "off"}).worker is False


def test_another_process_is_handed_the_same_settings_whatever_signs_a_folder_has(tmp_path):
    (tmp_path / "familiar.toml").write_text(
        'trusted_proxies = ["10.0.0.1", "10.1.0.0/16"]\nwatch = false\nscan_every = 0\n'
        '[music]\n"Live: 1999" = "/srv/Live: 1999"\n"Rock/Pop=1" = "/srv/a=b"\n"[[" = "/srv/Müsik \\"x\\""\n'
    )
    config = load({}, {"data": str(tmp_path), "admin_password": "canary"})
    environment = handed_on(config)
    assert "canary" not in str(environment)
    assert load(environment).values == config.values | {"admin_password": ""}


def test_an_unknown_setting_is_refused_with_the_nearest_one(tmp_path):
    with pytest.raises(Invalid, match=r"Did you mean FAMILIAR_PORT\?"):
        load({"FAMILIAR_PROT": "1"})
    (tmp_path / "familiar.toml").write_text("prot = 1\n")
    with pytest.raises(Invalid, match=r"Did you mean port\?"):
        load({}, {"data": str(tmp_path)})


def test_a_settings_file_that_is_named_has_to_be_there_and_readable(tmp_path):
    with pytest.raises(Invalid, match="no settings file"):
        load({}, file=str(tmp_path / "none.toml"))
    (tmp_path / "bad.toml").write_text("port = = 1")
    with pytest.raises(Invalid, match="cannot be read"):
        load({}, file=str(tmp_path / "bad.toml"))
    (tmp_path / "binary.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(Invalid, match="cannot be read"):
        load({}, file=str(tmp_path / "binary.toml"))


def test_secrets_are_masked_wherever_settings_are_shown():
    config = load(
        {}, {"admin_password": "canary", "database": "postgresql://u:canary@h/d", "redis": "redis://:canary@h"}
    )
    assert "canary" not in str(config.shown())
    assert config.shown()["admin_password"] == SECRET
    assert "canary" not in repr(config)
    with pytest.raises(AttributeError):
        _ = config.nothing_of_the_kind


def test_a_secret_that_cannot_be_is_not_repeated():
    from server.kernel import config as settings

    setting = settings.Setting("token", "number", 0, "A number.", secret=True)
    with pytest.raises(Invalid) as caught:
        settings._value(setting, "canary", "the environment")
    assert "canary" not in str(caught.value)
