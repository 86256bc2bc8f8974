"""Sentences to vectors: a BERT of the MiniLM kind in numpy, equal to sentence-transformers within 1e-6.

It wants a folder as sentence-transformers writes it: config.json, tokenizer.json
and model.safetensors. The rule a newcomer would break: nothing here may start a
thread, for the child that runs it may not.
"""

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from ai.words import FILES
from server.kernel.errors import Invalid

# Read by the tokenizer's library when it is first used.
os.environ["TOKENIZERS_PARALLELISM"] = "false"

TOKENS = 128
"""A caption has about 80; what is longer is cut."""
AT_ONCE = 32
LAYERS_MAX, WIDTH_MAX = 48, 4096


class MiniLM:
    """One model, loaded."""

    def __init__(self, folder: Path):
        from safetensors.numpy import load_file
        from tokenizers import Tokenizer

        self.digest = digest(folder)
        config = _config(folder)
        self.layers, self.heads = config["num_hidden_layers"], config["num_attention_heads"]
        self.epsilon, self.dimensions = config["layer_norm_eps"], config["hidden_size"]
        try:
            self._tokens = Tokenizer.from_file(str(folder / "tokenizer.json"))
            found = load_file(folder / "model.safetensors")
        except Exception as error:
            # Both libraries raise bare ones over a file that is none of theirs.
            raise Invalid(f"The model of words in {folder} cannot be read: {str(error)[:200]}.") from error
        self._tokens.enable_truncation(min(TOKENS, config["max_position_embeddings"]))
        self._tokens.enable_padding()
        self._weights = {
            name.removeprefix("bert."): np.ascontiguousarray(value.T if _transposed(name) else value, np.float32)
            for name, value in found.items() if value.dtype.kind == "f"
        }  # fmt: skip

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Return (texts, dimensions) float32, each of length 1."""
        if not texts:
            return np.zeros((0, self.dimensions), np.float32)
        # Texts of one length pad each other least.
        order = sorted(range(len(texts)), key=lambda at: len(texts[at]))
        found = np.zeros((len(texts), self.dimensions), np.float32)
        for start in range(0, len(order), AT_ONCE):
            part = order[start : start + AT_ONCE]
            found[part] = self._encode([texts[at] for at in part])
        return found

    def _encode(self, texts: list[str]) -> np.ndarray:
        read = self._tokens.encode_batch(texts)
        ids = np.array([each.ids for each in read])
        mask = np.array([each.attention_mask for each in read], np.float32)
        try:
            x = self._weights["embeddings.word_embeddings.weight"][ids]
            x = x + self._weights["embeddings.position_embeddings.weight"][: ids.shape[1]]
            x = self._normed(x + self._weights["embeddings.token_type_embeddings.weight"][0], "embeddings.LayerNorm")
            for layer in range(self.layers):
                x = self._layer(x, mask, f"encoder.layer.{layer}.")
        except (KeyError, IndexError, ValueError) as error:
            raise Invalid(f"The model of words is of another kind than BERT: {str(error)[:100]}.") from error
        whole = (x * mask[..., None]).sum(1) / mask.sum(1, keepdims=True)
        return whole / np.linalg.norm(whole, axis=1, keepdims=True)

    def _layer(self, x: np.ndarray, mask: np.ndarray, name: str) -> np.ndarray:
        batch, length, _ = x.shape

        def part(which: str) -> np.ndarray:
            found = self._linear(x, f"{name}attention.self.{which}")
            return found.reshape(batch, length, self.heads, -1).transpose(0, 2, 1, 3)

        query, key, value = part("query"), part("key"), part("value")
        weight = query @ key.transpose(0, 1, 3, 2) / np.float32(np.sqrt(query.shape[-1]))
        weight += (1 - mask)[:, None, None, :] * np.float32(-1e9)
        weight = np.exp(weight - weight.max(-1, keepdims=True))
        weight /= weight.sum(-1, keepdims=True)
        seen = (weight @ value).transpose(0, 2, 1, 3).reshape(batch, length, -1)
        x = self._normed(x + self._linear(seen, f"{name}attention.output.dense"), f"{name}attention.output.LayerNorm")
        wide = self._linear(x, f"{name}intermediate.dense")
        wide = np.float32(0.5) * wide * (1 + erf(wide * np.float32(0.5**0.5)))
        return self._normed(x + self._linear(wide, f"{name}output.dense"), f"{name}output.LayerNorm")

    def _linear(self, x: np.ndarray, name: str) -> np.ndarray:
        return x @ self._weights[f"{name}.weight"] + self._weights[f"{name}.bias"]

    def _normed(self, x: np.ndarray, name: str) -> np.ndarray:
        middle, spread = x.mean(-1, keepdims=True), x.var(-1, keepdims=True)
        scaled = (x - middle) / np.sqrt(spread + np.float32(self.epsilon))
        return scaled * self._weights[f"{name}.weight"] + self._weights[f"{name}.bias"]


def digest(folder: Path) -> str:
    """Return the SHA-256 of a model's weights in hexadecimal digits. Raises Invalid when it is not there."""
    if missing := [name for name in FILES if not (folder / name).is_file()]:
        raise Invalid(f"There is no model of words in {folder}: {missing[0]} is missing.")
    with open(folder / "model.safetensors", "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def erf(x: np.ndarray) -> np.ndarray:
    """Return the error function within 2e-7: numpy has none. Abramowitz and Stegun, Mathematical Functions, 7.1.26.

    What six layers make of that is 1e-7 in a vector, and a query is answered sooner than with an exact one.
    """
    size = np.abs(x)
    t = 1 / (1 + np.float32(0.3275911) * size)
    total = np.float32(1.061405429)
    for term in (-1.453152027, 1.421413741, -0.284496736, 0.254829592):
        total = total * t + np.float32(term)
    return np.copysign(1 - total * t * np.exp(-size * size), x)


def _config(folder: Path) -> dict[str, Any]:
    try:
        config = orjson.loads((folder / "config.json").read_bytes())
        sizes = [config[name] for name in ("num_hidden_layers", "num_attention_heads", "hidden_size",
                                           "max_position_embeddings")]  # fmt: skip
        fits = config.get("hidden_act", "gelu") == "gelu" and isinstance(config["layer_norm_eps"], float)
    except (orjson.JSONDecodeError, KeyError, AttributeError, TypeError, OSError) as error:
        raise Invalid(f"The model of words in {folder} has no config.json of a BERT.") from error
    if not fits or not all(isinstance(size, int) and size > 0 for size in sizes):
        raise Invalid(f"The model of words in {folder} is of another kind than MiniLM.")
    if sizes[0] > LAYERS_MAX or sizes[2] > WIDTH_MAX or sizes[2] % sizes[1]:
        raise Invalid(f"The model of words in {folder} is larger than what runs here.")
    return config


def _transposed(name: str) -> bool:
    return name.endswith(".weight") and "embeddings" not in name and "LayerNorm" not in name
