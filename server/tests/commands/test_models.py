"""`familiar models`: given, confirmed, listed, used and removed; what tries them stands in for PyTorch."""

import pytest

from ai import towers


@pytest.fixture
def home(familiar, monkeypatch):
    assert familiar("user", "add", "anna", "--admin", typed="correct-horse\n").status == 0
    monkeypatch.setattr(towers, "FUNCTION", "ai.tests.hearing_child:answer")


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "larger_clap_music"
    made.mkdir()
    for name in ("config.json", "preprocessor_config.json", "tokenizer.json", "model.safetensors"):
        (made / name).write_text('{"model_type": "clap"}')
    (made / "README.md").write_text("---\nlicense: apache-2.0\n---\n")
    return made


def test_a_model_is_added_once_its_licence_was_read(familiar, home, folder):
    assert "no models yet" in familiar("models", "list").out
    said = familiar("models", "add", folder)
    assert said.status == 1 and "--licence-read" in said.err
    assert "licence: apache-2.0" in said.out and "model.safetensors" in said.out
    assert "no models yet" in familiar("models", "list").out
    said = familiar("models", "add", folder, "--licence-read")
    assert said.status == 0 and "98 %" in said.out and "sha256" in said.out, said
    listed = familiar("models", "list").out
    assert "larger_clap_music" in listed and "chosen" in listed and "apache-2.0" in listed
    assert "already" in familiar("models", "add", folder, "--licence-read").err
    assert "stands for none" in familiar("models", "add", folder, "--licence-read", "--name", "blocks").err


def test_a_model_is_used_given_up_and_removed(familiar, home, folder):
    assert familiar("models", "add", folder, "--licence-read", "--name", "one").status == 0
    assert "in use" in familiar("models", "remove", "one").err
    assert familiar("models", "use", "one").status == 0
    assert familiar("models", "use", "blocks").status == 0
    assert familiar("models", "remove", "one").out == "Removed one.\n"
    assert familiar("models", "remove", "one").status == 1
    assert familiar("models", "use", "one").status == 1


def test_what_is_no_model_is_refused_in_a_sentence(familiar, home, tmp_path):
    for path in (tmp_path, tmp_path / "none", "/dev/zero"):
        said = familiar("models", "add", path, "--licence-read")
        assert said.status == 1 and len(said.err.strip().splitlines()) == 1


def test_a_model_that_cannot_be_loaded_leaves_nothing_behind(familiar, home, folder, monkeypatch, tmp_path):
    monkeypatch.setattr(towers, "FUNCTION", "ai.tests.hearing_child:broken")
    said = familiar("models", "add", folder, "--licence-read")
    assert said.status == 1 and "damaged" in said.err
    assert "no models yet" in familiar("models", "list").out
    assert not [each for each in tmp_path.rglob("model.safetensors") if each.parent != folder]
