"""CLAP itself, with PyTorch: random weights of small models made on the fly. `make test-clap` runs it, `make test` not.

Nothing here says how good real weights are; it says that both kinds of files give the same vectors, that these are
the same every time, and that nothing but weights is loaded.
"""

import base64
import os
import re
import threading
import wave
from pathlib import Path

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer, models, pre_tokenizers, processors, trainers
from transformers import ClapConfig, ClapFeatureExtractor, ClapModel

from ai import towers, weights
from ai.models import clap, laion, windows
from server.kernel.errors import Conflict, Invalid
from server.kernel.run import Child

TEXT = {
    "hidden_size": 64, "num_hidden_layers": 1, "num_attention_heads": 1, "intermediate_size": 37,
    "max_position_embeddings": 80, "type_vocab_size": 1, "layer_norm_eps": 1e-5,
}  # fmt: skip
TINY = {
    "num_mel_bins": 16, "spec_size": 64, "patch_embeds_hidden_size": 16, "hidden_size": 32, "depths": [1, 1],
    "num_attention_heads": [2, 2], "projection_dim": 16,
}  # fmt: skip
FAMILIES = {
    "HTSAT-tiny": {"patch_embeds_hidden_size": 96, "hidden_size": 768, "depths": [2, 2, 6, 2]},
    "HTSAT-base": {"patch_embeds_hidden_size": 128, "hidden_size": 1024, "depths": [2, 2, 12, 2]},
}
BACK = (
    ("text_model.", "text_branch."), ("audio_model.audio_encoder.", "audio_branch."), ("batch_norm", "bn0"),
    ("layernorm_before", "norm1"), ("layernorm_after", "norm2"), ("_projection.linear1", "_projection.0"),
    ("_projection.linear2", "_projection.2"),
)  # fmt: skip


def tokeniser(folder: Path) -> int:
    made = Tokenizer(models.BPE(unk_token="<unk>"))
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    special = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=300, special_tokens=special, initial_alphabet=alphabet)
    made.train_from_iterator(["rainy piano, upbeat electronic with heavy bass"] * 3, trainer)
    made.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0))
    made.save(str(folder / "tokenizer.json"))
    return made.get_vocab_size()


def drawn(folder: Path, audio: dict, projection: int, **extractor) -> ClapModel:
    """Write a Hugging Face folder of random weights."""
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(1)
    config = ClapConfig(
        text_config={**TEXT, "vocab_size": tokeniser(folder), "projection_dim": projection},
        audio_config={**audio, "projection_dim": projection}, projection_dim=projection,
    )  # fmt: skip
    model = ClapModel(config).eval()
    with torch.no_grad():
        # As drawn, all that is heard lies on one point: weights of .02 let nothing through.
        for parameter in model.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.02)
        bn = model.audio_model.audio_encoder.batch_norm
        bn.running_mean.normal_(-30, 5)
        bn.running_var.uniform_(50, 200)
    model.save_pretrained(folder)
    ClapFeatureExtractor(truncation="rand_trunc", padding="repeatpad", frequency_min=50, **extractor).save_pretrained(
        folder
    )
    return model


def as_laion(model: ClapModel) -> dict:
    """Return a model's weights as LAION's trainer saves them."""
    found: dict = {}
    state = {name: value for name, value in model.state_dict().items() if "relative_position_index" not in name}
    for name, value in state.items():
        for new, old in BACK:
            name = name.replace(new, old)
        if name.startswith("audio_branch.layers"):
            name = name.replace("attention.output.dense", "attn.proj").replace("attention.self.", "attn.")
            name = name.replace("intermediate.dense", "mlp.fc1").replace("output.dense", "mlp.fc2")
            if match := re.search(r"attn\.(query|key|value)\.", name):
                found.setdefault(name.replace(match[1], "qkv"), {})[match[1]] = value
                continue
        found[name] = value
    cut = {name: torch.cat([value[part] for part in ("query", "key", "value")]) if isinstance(value, dict) else value
           for name, value in found.items()}  # fmt: skip
    cut |= {"text_transform.sequential.0.weight": torch.zeros(2), "audio_branch.tscam_conv.bias": torch.zeros(2)}
    state = {f"module.{name}": value.contiguous() for name, value in cut.items()}
    return {"epoch": 15, "name": "drawn", "acc": np.float64(0.9), "state_dict": state}


def noise(path: Path, seconds: float, seed: int = 1) -> Path:
    samples = np.cumsum(np.random.default_rng(seed).normal(0, 0.01, round(seconds * 48_000))) % 0.5
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 48_000, 0, "NONE", ""))
        file.writeframes((samples * 32767).astype("<i2").tobytes())
    return path


def added(data: Path, path: Path, name: str) -> weights.Model:
    offer = weights.offered(path)
    staged = weights.stage(data, offer, name)
    told = clap.describe({"folder": str(staged)})
    return weights.settle(data, staged, name, offer, told["dimensions"], str(path))


@pytest.fixture(scope="module")
def tiny(tmp_path_factory) -> weights.Model:
    folder = tmp_path_factory.mktemp("models")
    drawn(folder / "tiny", TINY, 16, feature_size=16, max_length_s=2)
    return added(folder / "data", folder / "tiny", "tiny")


def vectors(answers: list[dict]) -> np.ndarray:
    return np.array([np.frombuffer(base64.b64decode(each["vector"]), "<f4") for each in answers])


@pytest.mark.parametrize("family", FAMILIES)
def test_both_kinds_of_files_give_the_same_vectors(tmp_path, family):
    model = drawn(tmp_path / "folder", FAMILIES[family], 512)
    (tmp_path / "laion").mkdir()
    torch.save(as_laion(model), tmp_path / "laion" / "music.pt")
    tokeniser(tmp_path / "laion")
    one, other = (clap._loaded(path, weights.offered(path), "both") for path in (tmp_path / "folder",
                                                                                 tmp_path / "laion"))  # fmt: skip
    chance = np.random.default_rng(2)
    cut = [windows.quantised((chance.normal(0, 0.1, size) * np.sin(np.arange(size) / 900)).astype(np.float32))
           for size in (480_000, 100_000)]  # fmt: skip
    texts = ["rainy piano", "upbeat electronic with heavy bass"]
    with torch.inference_mode():
        features = one.features([windows.filled(each, 480_000) for each in cut], sampling_rate=48_000,
                                return_tensors="pt")  # fmt: skip
        theirs = model.get_audio_features(**features).pooler_output.numpy()
    for a, b in ((clap.heard(one, cut), clap.heard(other, cut)), (clap.read(one, texts), clap.read(other, texts)),
                 (clap.heard(one, cut), theirs)):  # fmt: skip
        assert (a * b).sum(axis=1) == pytest.approx(1, abs=1e-5)
        assert np.abs(a[0] - a[1]).max() > 1e-4


def test_a_child_hears_and_says_what_it_cannot_hear(tiny, tmp_path):
    long, short = noise(tmp_path / "long.wav", 20), noise(tmp_path / "short.wav", 0.5, 2)
    (tmp_path / "text.mp3").write_text("no sound")
    question = {"do": "sounds", "folder": tiny.folder, "digest": tiny.digest,
                "sounds": [[str(long), 20.0], [str(tmp_path / "text.mp3"), 3.0], [str(short), 0.5]]}  # fmt: skip
    with Child(towers.FUNCTION, memory_mb=towers.MEMORY_MB) as child:
        once, again = (child.call(question, 300) for _ in range(2))
    assert once == again and "cannot be opened" in once[1]["reason"]
    assert np.linalg.norm(vectors([once[0], once[2]]), axis=1) == pytest.approx(1)


def test_nothing_starts_a_thread_which_a_child_may_not(tiny, tmp_path, monkeypatch):
    (tmp_path / "laion").mkdir()
    model = drawn(tmp_path / "tiny", FAMILIES["HTSAT-tiny"], 512)
    torch.save(as_laion(model), tmp_path / "laion" / "music.pt")
    tokeniser(tmp_path / "laion")
    monkeypatch.setattr(threading.Thread, "start", lambda thread: pytest.fail("a thread was started"))
    for folder in (Path(tiny.folder), tmp_path / "laion"):
        assert clap.describe({"folder": str(folder)})["words"]


def test_words_are_read_by_the_mind_of_words(tiny):
    question = {"do": "embed", "kind": "clap", "folder": tiny.folder, "texts": ["rainy piano", "x" * 5000, ""]}
    with Child("ai.models.words:answer", memory_mb=8192) as child:
        told = child.call(question, 300)
    found = np.frombuffer(base64.b64decode(told["vectors"]), "<f4").reshape(3, 16)
    assert (told["digest"], told["dimensions"]) == (tiny.digest, 16)
    assert np.linalg.norm(found, axis=1) == pytest.approx(1)


def test_what_is_not_what_was_added_is_not_loaded(tmp_path):
    drawn(tmp_path / "tiny", TINY, 16, feature_size=16, max_length_s=2)
    made = added(tmp_path / "data", tmp_path / "tiny", "tiny")
    (Path(made.folder) / "model.safetensors").write_bytes(b"others")
    with pytest.raises(Conflict):
        clap.load(made.folder, made.digest, "audio")


class Evil:
    def __reduce__(self):
        return os.mkdir, ("evil",)


def test_a_checkpoint_runs_nothing(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    torch.save({"state_dict": {"x": torch.zeros(1)}, "more": Evil()}, tmp_path / "evil.pt")
    with pytest.raises(Invalid, match="cannot be loaded"):
        clap.describe({"folder": str(tmp_path / "evil.pt")})
    assert not (tmp_path / "evil").exists()


def test_weights_that_are_missing_are_noticed(tmp_path):
    model = drawn(tmp_path / "tiny", FAMILIES["HTSAT-tiny"], 512)
    state = as_laion(model)
    del state["state_dict"]["module.audio_branch.norm.weight"]
    torch.save(state, tmp_path / "cut.pt")
    with pytest.raises(Invalid, match="missing"):
        clap.describe({"folder": str(tmp_path / "cut.pt")})
    (tmp_path / "tiny" / "model.safetensors").write_bytes(b"\0" * 100)
    with pytest.raises(Invalid, match="cannot be loaded"):
        clap.describe({"folder": str(tmp_path / "tiny")})
    assert laion.config(laion.weights(as_laion(model)))["audio_config"]["depths"] == [2, 2, 6, 2]
