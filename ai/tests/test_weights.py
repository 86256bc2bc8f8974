"""Models that people give: what is taken for one, its licence, its manifest, and digests that do not match."""

import orjson
import pytest

from ai import weights
from server.kernel.errors import Conflict, Invalid, NotFound


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "Larger_CLAP music"
    made.mkdir()
    (made / "config.json").write_text('{"model_type": "clap"}')
    for name in ("preprocessor_config.json", "tokenizer.json"):
        (made / name).write_text("{}")
    (made / "model.safetensors").write_bytes(b"weights")
    (made / "pytorch_model.bin").write_bytes(b"the same once more")
    (made / "README.md").write_text("---\nlanguage: en\nlicense: apache-2.0\n---\n# A model")
    return made


def added(data, folder, name="music"):
    offer = weights.offered(folder)
    return weights.settle(data, weights.stage(data, offer, name), name, offer, 512, str(folder))


def test_a_hugging_face_folder_is_a_model_with_the_licence_of_its_card(folder):
    offer = weights.offered(folder)
    assert (offer.kind, offer.layout, offer.licence, offer.words) == ("clap", "Hugging Face", "apache-2.0", True)
    assert offer.name == "larger_clap-music"
    assert {path.name for path in offer.files} == {
        "config.json", "preprocessor_config.json", "model.safetensors", "tokenizer.json"}  # fmt: skip


def test_a_checkpoint_is_a_model_that_reads_where_a_tokeniser_lies_beside_it(tmp_path):
    path = tmp_path / "music_audioset_epoch_15.pt"
    path.write_bytes(b"weights")
    offer = weights.offered(path)
    assert (offer.layout, offer.name, offer.words) == ("LAION", "music_audioset_epoch_15", False)
    assert offer.licence == weights.UNKNOWN
    (tmp_path / "vocab.json").write_text("{}")
    assert not weights.offered(path).words
    (tmp_path / "merges.txt").write_text("")
    (tmp_path / "LICENSE").write_text("\n  CC0 1.0 Universal\n")
    offer = weights.offered(tmp_path)
    assert offer.words and offer.licence == "CC0 1.0 Universal"


def test_what_is_no_model_is_refused(folder, tmp_path):
    with pytest.raises(Invalid, match="no model at"):
        weights.offered(tmp_path / "missing")
    with pytest.raises(Invalid, match="neither"):
        weights.offered(tmp_path)
    (folder / "config.json").write_text('{"model_type": "bert"}')
    with pytest.raises(Invalid, match="'bert'"):
        weights.offered(folder)
    for text in ("[]", "{", '{"model_type": []}'):
        (folder / "config.json").write_text(text)
        with pytest.raises(Invalid):
            weights.offered(folder)
    (folder / "config.json").write_text('{"model_type": "clap"}')
    for name in ("model.safetensors", "pytorch_model.bin"):
        (folder / name).unlink()
    with pytest.raises(Invalid, match="not complete"):
        weights.offered(folder)


def test_what_was_added_is_listed_and_can_be_removed(folder, tmp_path):
    data = tmp_path / "data"
    assert weights.everything(data) == []
    made = added(data, folder)
    assert weights.everything(data) == [made] == [weights.one(data, "music")]
    assert made.dimensions == 512 and made.licence == "apache-2.0" and len(made.digest) == 64
    assert weights.verify(data / "models" / "music", made.digest) == made
    with pytest.raises(Conflict, match="already"):
        weights.stage(data, weights.offered(folder), "music")
    weights.remove(data, "music")
    assert weights.everything(data) == []
    with pytest.raises(NotFound):
        weights.one(data, "music")


def test_the_same_files_have_the_same_digest_whatever_they_are_called(folder, tmp_path):
    one, other = (added(tmp_path / "data", folder, name) for name in ("one", "other"))
    assert one.digest == other.digest


@pytest.mark.parametrize("name", ["", "..", "a/b", "A", ".hidden", "x" * 65])
def test_a_name_is_no_path(folder, tmp_path, name):
    with pytest.raises(Invalid):
        weights.stage(tmp_path / "data", weights.offered(folder), name)
    with pytest.raises(NotFound):
        weights.one(tmp_path / "data", name)


@pytest.mark.parametrize("name", ["model.safetensors", "config.json"])
def test_what_is_not_what_was_added_is_not_loaded(folder, tmp_path, name):
    data = tmp_path / "data"
    made = added(data, folder)
    path = data / "models" / "music" / name
    path.write_bytes(path.read_bytes() + b" ")
    with pytest.raises(Conflict, match=f"{name} is not the file"):
        weights.verify(path.parent, made.digest)
    path.unlink()
    with pytest.raises(Conflict, match="is gone"):
        weights.verify(path.parent, made.digest)


def test_a_manifest_that_was_changed_with_its_files_is_another_model(folder, tmp_path):
    data = tmp_path / "data"
    made = added(data, folder)
    inside = data / "models" / "music"
    (inside / "model.safetensors").write_bytes(b"others")
    told = orjson.loads((inside / "manifest.json").read_bytes())
    told["files"] = weights.digests([inside / name for name in told["files"]])
    (inside / "manifest.json").write_bytes(orjson.dumps(told))
    with pytest.raises(Conflict, match="another one"):
        weights.verify(inside, made.digest)


def test_a_broken_manifest_is_no_model(folder, tmp_path):
    data = tmp_path / "data"
    added(data, folder)
    for text in ("{", "{}", "[]", '{"name": "music", "evil": 1}'):
        (data / "models" / "music" / "manifest.json").write_text(text)
        assert weights.everything(data) == []
