"""The model of words: the numbers are BERT's, and a file that is no model is said to be none."""

import math

import numpy as np
import orjson
import pytest

from ai import words
from ai.models import minilm
from ai.models import words as mind
from ai.models.minilm import MiniLM
from ai.tests import tiny
from ai.tests.tiny import HEADS, LAYERS, VOCABULARY, WIDTH, write_model
from server.kernel.config import load
from server.kernel.errors import Invalid

SENTENCES = ["calm rainy piano", "loud metal guitar , no drums", "jazz"]


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    return write_model(tmp_path_factory.mktemp("minilm") / "model")


def by_the_book(weights: dict[str, np.ndarray], tokens: list[int]) -> np.ndarray:
    """Return what BERT makes of one sentence, written as its paper does: word by word, head by head, in 64 bits."""
    weights = {name: value.astype(float) for name, value in weights.items()}

    def linear(x, name):
        return weights[f"{name}.weight"] @ x + weights[f"{name}.bias"]

    def normed(x, name):
        scaled = (x - x.mean()) / math.sqrt(x.var() + 1e-12)
        return scaled * weights[f"{name}.weight"] + weights[f"{name}.bias"]

    def gelu(x):
        return np.array([value * (1 + math.erf(value / math.sqrt(2))) / 2 for value in x])

    table = "embeddings.{}_embeddings.weight".format
    state = [normed(weights[table("word")][token] + weights[table("position")][at] + weights[table("token_type")][0],
                    "embeddings.LayerNorm") for at, token in enumerate(tokens)]  # fmt: skip
    size = WIDTH // HEADS
    for layer in range(LAYERS):
        name = f"encoder.layer.{layer}."
        query, key, value = ([linear(x, f"{name}attention.self.{part}") for x in state]
                             for part in ("query", "key", "value"))  # fmt: skip
        after = []
        for at, x in enumerate(state):
            seen = np.zeros(WIDTH)
            for head in (slice(start, start + size) for start in range(0, WIDTH, size)):
                weight = np.exp([query[at][head] @ other[head] / math.sqrt(size) for other in key])
                seen[head] = sum(share * other[head] for share, other in zip(weight / weight.sum(), value, strict=True))
            x = normed(x + linear(seen, f"{name}attention.output.dense"), f"{name}attention.output.LayerNorm")
            wide = gelu(linear(x, f"{name}intermediate.dense"))
            after.append(normed(x + linear(wide, f"{name}output.dense"), f"{name}output.LayerNorm"))
        state = after
    whole = sum(state) / len(state)
    return whole / np.linalg.norm(whole)


def test_vectors_are_those_of_bert(folder):
    found = MiniLM(folder).encode(SENTENCES)
    weights = tiny.weights(1)
    for sentence, vector in zip(SENTENCES, found, strict=True):
        tokens = [2, *(VOCABULARY.index(word) for word in sentence.split()), 3]
        assert np.abs(vector - by_the_book(weights, tokens)).max() < 1e-6
    assert np.allclose(np.linalg.norm(found, axis=1), 1)


def test_a_sentence_has_one_vector_whatever_stands_beside_it(folder):
    model = MiniLM(folder)
    together, alone = model.encode(SENTENCES * 30), model.encode(SENTENCES[2:])
    assert np.abs(together[2::3] - alone).max() < 1e-6
    assert model.encode([]).shape == (0, WIDTH)
    assert model.encode(["unheard words " * 500, ""]).shape == (2, WIDTH)


def test_the_error_function_is_near_enough():
    x = np.linspace(-6, 6, 4001, dtype=np.float32)
    assert np.abs(minilm.erf(x) - np.array([math.erf(float(value)) for value in x])).max() < 5e-7


def test_the_mind_says_which_model_it_was(folder, minds):
    ask = lambda question: minds.ask("words", question)  # noqa: E731
    found = words.embed(ask, words.CAPTIONS, str(folder), SENTENCES)
    assert found.digest == minilm.digest(folder) == ask({"do": "look", "folder": str(folder)})["digest"]
    assert [len(vector) for vector in found.vectors] == [WIDTH] * 3
    with pytest.raises(Invalid, match="no model of words called"):
        mind.answer({"do": "embed", "kind": "parrot", "folder": str(folder), "texts": []})


def test_a_folder_that_holds_no_model_is_said_to_hold_none(folder, tmp_path):
    with pytest.raises(Invalid, match=r"config\.json is missing"):
        MiniLM(tmp_path)
    write_model(tmp_path)
    config = orjson.loads((tmp_path / "config.json").read_bytes())
    for change in ({"hidden_act": "relu"}, {"num_hidden_layers": 0}, {"hidden_size": "wide"}, {"hidden_size": 10**9}):
        (tmp_path / "config.json").write_bytes(orjson.dumps(config | change))
        with pytest.raises(Invalid):
            MiniLM(tmp_path)
    (tmp_path / "config.json").write_bytes(orjson.dumps(config | {"num_hidden_layers": 5}))
    with pytest.raises(Invalid, match="another kind than BERT"):
        MiniLM(tmp_path).encode(["piano"])
    (tmp_path / "config.json").write_bytes(orjson.dumps(config))
    for name in ("tokenizer.json", "model.safetensors"):
        whole = (tmp_path / name).read_bytes()
        (tmp_path / name).write_bytes(whole[:100])
        with pytest.raises(Invalid, match="cannot be read"):
            MiniLM(tmp_path)
        (tmp_path / name).write_bytes(whole)


def test_the_setting_names_the_model(tmp_path):
    assert words.folder(load({}, {"text_model": str(tmp_path)})) == str(tmp_path)


def test_what_a_model_lacks_is_said_in_a_sentence(folder, tmp_path, monkeypatch):
    assert words.missing(str(folder)) == ""
    assert words.missing(str(tmp_path)) == f"There is no model of words in {tmp_path}: config.json is missing."
    monkeypatch.setattr(words, "PACKAGES", ("no_such_package",))
    assert "pip install '.[words]'" in words.missing(str(folder))
