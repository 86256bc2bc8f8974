"""A model of words small enough to be made for a test: a BERT with chance for weights, in the files of a real one."""

from pathlib import Path

import numpy as np
import orjson
from safetensors.numpy import save_file
from tokenizers import Tokenizer, models, pre_tokenizers, processors

WIDTH, LAYERS, HEADS, INNER, LENGTH = 32, 2, 4, 64, 64
VOCABULARY = (
    "[PAD]", "[UNK]", "[CLS]", "[SEP]", "piano", "rain", "rainy", "calm", "quiet", "metal", "guitar", "loud",
    "music", "style", ",", "rock", "pop", "electronic", "no", "drums", "beat", "slow", "fast", "tempo", "happy",
    "sad", "jazz",
)  # fmt: skip


def write_model(folder: Path, seed: int = 1) -> Path:
    """Write the model into a folder, which is made, and return that."""
    folder.mkdir(parents=True, exist_ok=True)
    save_file(weights(seed), folder / "model.safetensors")
    words = {word: at for at, word in enumerate(VOCABULARY)}
    tokens = Tokenizer(models.WordLevel(words, unk_token="[UNK]"))
    tokens.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokens.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    tokens.save(str(folder / "tokenizer.json"))
    (folder / "config.json").write_bytes(orjson.dumps({
        "num_hidden_layers": LAYERS, "num_attention_heads": HEADS, "hidden_size": WIDTH, "hidden_act": "gelu",
        "max_position_embeddings": LENGTH, "layer_norm_eps": 1e-12,
    }))  # fmt: skip
    return folder


def weights(seed: int) -> dict[str, np.ndarray]:
    """Return the weights by the names that BERT has for them."""
    chance = np.random.default_rng(seed)
    shapes = {
        "embeddings.word_embeddings.weight": (len(VOCABULARY), WIDTH),
        "embeddings.position_embeddings.weight": (LENGTH, WIDTH), "embeddings.token_type_embeddings.weight": (2, WIDTH),
        "embeddings.LayerNorm.weight": (WIDTH,), "embeddings.LayerNorm.bias": (WIDTH,),
    }  # fmt: skip
    for layer in range(LAYERS):
        name = f"encoder.layer.{layer}."
        sizes = {"attention.self.query": (WIDTH, WIDTH), "attention.self.key": (WIDTH, WIDTH),
                 "attention.self.value": (WIDTH, WIDTH), "attention.output.dense": (WIDTH, WIDTH),
                 "intermediate.dense": (INNER, WIDTH), "output.dense": (WIDTH, INNER)}  # fmt: skip
        for part, size in sizes.items():
            shapes |= {f"{name}{part}.weight": size, f"{name}{part}.bias": size[:1]}
        for part in ("attention.output.LayerNorm", "output.LayerNorm"):
            shapes |= {f"{name}{part}.weight": (WIDTH,), f"{name}{part}.bias": (WIDTH,)}
    return {name: chance.normal(0, 0.3, shape).astype(np.float32) for name, shape in shapes.items()}
