"""CLAP: sound and words as vectors that can be compared, by transformers' ClapModel, from two kinds of files.

A Hugging Face folder loads as it is; a checkpoint of LAION is given other names
(`laion`). The rule a newcomer would break: nothing is loaded whose digest is not
the manifest's, nothing is unpickled but weights, and nothing is fetched.
"""

import base64
import os
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ai import weights
from ai.models import laion, windows
from ai.models.decode import Unheard
from server.kernel.errors import Failure, Invalid, Unavailable

TOKENS = 77
"""LAION trained with so many; what is longer is cut."""
AT_ONCE, AT_ONCE_ON_CARD = 8, 64
"""Windows in one pass."""

# Read when the libraries are first used: no thread may be started, and nothing asked of anybody.
os.environ |= {"TOKENIZERS_PARALLELISM": "false", "HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1",
               "TRANSFORMERS_VERBOSITY": "error", "HF_DEACTIVATE_ASYNC_LOAD": "1"}  # fmt: skip


class Loaded(NamedTuple):
    """A model with the towers that were asked for, the other one given back."""

    model: Any
    features: Any
    """transformers' ClapFeatureExtractor."""
    tokens: Any
    """A tokeniser, or None where none lies beside the weights."""
    device: str


def answer(question: dict[str, Any]) -> Any:
    """Answer one question: `do` says which of `DOES`."""
    return DOES[question["do"]](question)


def sounds(question: dict) -> list[dict]:
    """Return for each of `sounds` = [[path, length_s], …] its vector (32-bit floats, base64), or why there is none."""
    loaded = load(question["folder"], question["digest"], "audio")
    extractor = loaded.features
    rate, found, whole, counts = extractor.sampling_rate, [], [], []
    window_s = extractor.nb_max_samples / rate
    for path, length_s in question["sounds"]:
        try:
            cut = windows.cut(path, length_s, window_s, rate)
        except Unheard as unheard:
            found.append({"reason": str(unheard)})
            continue
        found.append({})
        whole += cut
        counts.append(len(cut))
    pooled = iter(windows.pooled(heard(loaded, whole), counts) if whole else ())
    return [each or {"vector": base64.b64encode(next(pooled).astype("<f4").tobytes()).decode()} for each in found]


def describe(question: dict) -> dict:
    """Load what was staged in `folder`, hear a second of noise, and return the size of what comes out of it."""
    offer = weights.offered(Path(question["folder"]))
    loaded = _loaded(Path(question["folder"]), offer, "both")
    noise = np.random.default_rng(0).normal(0, 0.1, loaded.features.sampling_rate).astype(np.float32)
    vector = heard(loaded, [noise])[0]
    if not np.isfinite(vector).all() or not vector.any():
        raise Invalid("This model hears nothing in anything: its weights are damaged.")
    words = read(loaded, ["music"])[0] if loaded.tokens is not None else vector
    if len(words) != len(vector):
        raise Invalid("The two towers of this model do not fit each other.")
    size = sum(each.numel() for each in loaded.model.parameters())
    return {"dimensions": len(vector), "parameters": size, "words": loaded.tokens is not None,
            "device": loaded.device}  # fmt: skip


DOES = {"sounds": sounds, "describe": describe}


class Words:
    """The tower of words alone, as `ai.models.words` asks for it."""

    def __init__(self, folder: Path):
        found = weights.one(folder.parent.parent, folder.name)
        self._loaded = load(str(folder), found.digest, "text")
        self.digest, self.dimensions = found.digest, found.dimensions

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Return (texts, dimensions) float32, each of length 1."""
        return read(self._loaded, texts) if texts else np.zeros((0, self.dimensions), np.float32)


@lru_cache(maxsize=1)
def load(folder: str, digest: str, tower: str) -> Loaded:
    """Return a model of which only one tower is kept. Raises Conflict where the files are not what they were."""
    path = Path(folder)
    weights.verify(path, digest)
    return _loaded(path, weights.offered(path), tower)


def _loaded(folder: Path, offer: weights.Offer, tower: str) -> Loaded:
    try:
        import torch
        from transformers import ClapFeatureExtractor
    except ImportError as error:
        sentence = "CLAP needs PyTorch and transformers: pip install '.[clap]' in Familiar's folder"
        raise Unavailable(f"{sentence} ({error}).") from error
    # A child may start no thread, and more than one would take the cores from those who listen.
    torch.set_num_threads(1)
    try:
        if offer.layout == weights.LAION:
            model = _from_laion(offer.files[0])
            low, high = laion.FREQUENCIES_HZ
            features = ClapFeatureExtractor(frequency_min=low, frequency_max=high, truncation="rand_trunc",
                                            padding="repeatpad")  # fmt: skip
        else:
            model = _from_folder(folder)
            features = ClapFeatureExtractor.from_pretrained(folder, local_files_only=True)
        tokens = _tokens(folder) if offer.words and tower != "audio" else None
    except Failure:
        raise
    except Exception as error:
        # The libraries raise anything over files that are none of theirs.
        raise Invalid(f"This model cannot be loaded: {type(error).__name__}: {str(error)[:300]}") from error
    if tower == "audio":
        del model.text_model
    elif tower == "text":
        del model.audio_model
    # Words are few and must not wait for a card that hears a library.
    device = "cuda" if tower != "text" and torch.cuda.is_available() else "cpu"
    return Loaded(model.eval().to(device), features, tokens, device)


def _from_folder(folder: Path):
    from transformers import ClapModel

    model, told = ClapModel.from_pretrained(folder, local_files_only=True, output_loading_info=True)
    _complete(told["missing_keys"])
    return model


def _from_laion(path: Path):
    import torch
    from transformers import ClapConfig, ClapModel

    # Trainers leave numbers of numpy among the weights: plain values, that may be read; nothing else may.
    number = np._core.multiarray.scalar
    plain = [number, (number, "numpy.core.multiarray.scalar"), np.dtype,
             *(type(np.dtype(kind)) for kind in (np.float64, np.float32, np.int64))]  # fmt: skip
    with torch.serialization.safe_globals(plain):
        checkpoint = torch.load(path, map_location="cpu", weights_only=True, mmap=True)
    if not isinstance(checkpoint, dict):
        raise Invalid("This is no checkpoint of LAION's CLAP.")
    state = laion.weights(checkpoint)
    model = ClapModel(ClapConfig(**laion.config(state)))
    told = model.load_state_dict(laion.renamed(state), strict=False)
    _complete(told.missing_keys)
    return model


def _complete(missing: Sequence[str]) -> None:
    """Raise Invalid when weights are missing; what follows from the shape alone is no weight."""
    computed = ("position_ids", "relative_position_index", "attn_mask", "token_type_ids", "num_batches_tracked")
    if lacking := [name for name in missing if not name.endswith(computed)]:
        raise Invalid(f"{len(lacking)} weights are missing, {lacking[0]} for one: this is not a whole CLAP.")


def _tokens(folder: Path):
    from transformers import PreTrainedTokenizerFast, RobertaTokenizer

    if not (folder / "tokenizer.json").is_file():
        return RobertaTokenizer(str(folder / "vocab.json"), str(folder / "merges.txt"))
    return PreTrainedTokenizerFast(tokenizer_file=str(folder / "tokenizer.json"), bos_token="<s>", eos_token="</s>",
                                   pad_token="<pad>", unk_token="<unk>", mask_token="<mask>")  # fmt: skip


def heard(loaded: Loaded, cut: Sequence[np.ndarray]) -> np.ndarray:
    """Return the vectors (windows, dimensions) float32 of windows of sound, each of length 1."""
    import torch

    extractor, model, found = loaded.features, loaded.model, []
    step = AT_ONCE if loaded.device == "cpu" else AT_ONCE_ON_CARD
    for start in range(0, len(cut), step):
        part = [windows.filled(each, extractor.nb_max_samples) for each in cut[start : start + step]]
        mels = extractor(part, sampling_rate=extractor.sampling_rate, return_tensors="pt")["input_features"]
        mels = mels.to(device=loaded.device, dtype=torch.float32)
        # The extractor of fused models calls one window at random a long one; none of ours is.
        longer = torch.zeros((len(part), 1), dtype=torch.bool, device=loaded.device)
        with torch.inference_mode():
            out = model.audio_projection(model.audio_model(input_features=mels, is_longer=longer).pooler_output)
        found.append(out.float().cpu().numpy())
    return windows.unit(np.concatenate(found))


def read(loaded: Loaded, texts: Sequence[str]) -> np.ndarray:
    """Return the vectors (texts, dimensions) float32 of some texts, each of length 1."""
    import torch

    if loaded.tokens is None:
        raise Invalid("This model came without a tokeniser: it hears, and does not read.")
    given = loaded.tokens(list(texts), padding=True, truncation=True, max_length=TOKENS, return_tensors="pt")
    with torch.inference_mode():
        told = loaded.model.text_model(input_ids=given["input_ids"], attention_mask=given["attention_mask"])
        out = loaded.model.text_projection(told.pooler_output)
    return windows.unit(out.float().cpu().numpy())
