import os
import subprocess
import sys

import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from server.kernel.errors import Invalid
from server.users.names import checked, key_of
from server.users.secrets import MasterKey, open_key, prepare, token, verify

KEY = MasterKey(b"k" * 32)


def test_a_missing_key_is_made_once_and_only_its_owner_can_read_it(tmp_path):
    path = tmp_path / "master.key"
    made = open_key(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert len(path.read_bytes()) == 32
    assert open_key(path).derive("x") == made.derive("x")
    assert os.listdir(tmp_path) == ["master.key"]


def test_of_two_processes_that_make_the_key_at_once_one_wins_and_both_use_it(tmp_path, monkeypatch):
    path = tmp_path / "master.key"
    theirs = []
    real = os.link

    def late(source, target):
        if not theirs:
            theirs.append(None)
            theirs.append(open_key(path))
        return real(source, target)

    monkeypatch.setattr(os, "link", late)
    assert open_key(path).derive("x") == theirs[1].derive("x")


def test_who_is_killed_while_making_the_key_leaves_none(tmp_path, monkeypatch):
    def killed(source, target):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "link", killed)
    with pytest.raises(KeyboardInterrupt):
        open_key(tmp_path / "master.key")
    assert not (tmp_path / "master.key").exists()


@pytest.mark.parametrize("content", [b"", b"short", b"x" * 31, b"x" * 33])
def test_a_key_of_another_length_is_refused_and_never_replaced(tmp_path, content):
    path = tmp_path / "master.key"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(Invalid, match="32 bytes"):
        open_key(path)
    assert path.read_bytes() == content


@pytest.mark.parametrize("mode", [0o604, 0o644, 0o666, 0o620])
def test_a_key_that_others_can_touch_is_refused_with_the_cure(tmp_path, mode):
    path = tmp_path / "master.key"
    open_key(path)
    path.chmod(mode)
    with pytest.raises(Invalid, match="chmod 600"):
        open_key(path)


def test_purposes_get_their_keys_by_hkdf():
    theirs = HKDF(SHA256(), 32, None, b"familiar seal account password").derive(b"k" * 32)
    assert KEY.derive("seal account password") == theirs
    assert KEY.derive("seal app password") != theirs


def test_what_is_sealed_opens_for_the_same_user_and_credential_only():
    sealed = KEY.seal("app password", "geheim", 3, 4)
    assert b"geheim" not in sealed
    assert KEY.open("app password", sealed, 3, 4) == b"geheim"
    assert KEY.open("app password", sealed, 2, 4) is None
    assert KEY.open("app password", sealed, 3, 5) is None
    assert KEY.open("account password", sealed, 3, 4) is None
    assert MasterKey(b"j" * 32).open("app password", sealed, 3, 4) is None
    assert KEY.open("app password", sealed[:-1], 3, 4) is None
    assert KEY.open("app password", b"", 3, 4) is None
    assert KEY.seal("app password", "geheim", 3, 4) != sealed


def test_a_password_is_checked_by_argon2_and_an_empty_hash_matches_nothing():
    kept = prepare("correct horse").hash
    assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert verify(kept, b"correct horse")
    assert not verify(kept, b"correct hors")
    assert not verify("", b"")
    assert not verify("", b"correct horse")
    assert not verify("no hash", b"correct horse")


@pytest.mark.parametrize(
    ("password", "sentence"),
    [
        ("", "at least 8"),
        ("sieben7", "at least 8"),
        ("x" * 1025, "at most 1024"),
        ("ä" * 600, "at most 1024"),
        ("with\nnewline", "control"),
        ("with\0nul nul", "control"),
        ("Password123", "first that anybody"),
        ("ANNA.SMITH", "first that anybody"),
    ],
)
def test_a_password_that_cannot_be_gets_a_sentence(password, sentence):
    with pytest.raises(Invalid, match=sentence):
        prepare(password, "anna.smith")


def test_a_prepared_password_does_not_show_itself():
    assert "correct horse" not in repr(prepare("correct horse"))


def test_the_token_is_that_of_the_protocol():
    # https://www.subsonic.org/pages/api.jsp: "sesame" with the salt "c19b2d"
    assert token(b"sesame", "c19b2d") == "26719a1196d2a940705a59634eb18eab"


def test_names_are_the_same_whatever_the_case_width_and_blanks():
    assert key_of("Ａnna ") == key_of("ANNA") == key_of("anna") == "anna"
    assert key_of("straße") == key_of("STRASSE")
    assert key_of("anna%") != key_of("anna")
    for name in ("ǅ", "İ", "ẞ", "ﬃ", "ς", "Ὀ", "K", "ſ", "㎏", "ᾳ"):
        assert key_of(key_of(name)) == key_of(name)


@pytest.mark.parametrize("name", ["", "   ", "a" * 65, "a\0b", "a\nb", "a\u202eb", "a\u200bb", "\ud800"])
def test_a_name_that_cannot_be_is_refused(name):
    with pytest.raises(Invalid):
        checked(name)


def test_neither_cryptography_nor_argon2_is_imported_before_it_is_needed():
    code = (
        "import sys, server.users.signin, server.users.cli, subsonic.auth;"
        "print([n for n in ('cryptography', 'argon2') if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
