"""LAION's CLAP checkpoints in the names of transformers' ClapModel: what each weight is called, and how large all is.

Nothing here needs torch: a state is anything by name that has a shape and can be
cut. The rule a newcomer would break: a checkpoint says nothing of its own shape,
so every number is read off the weights; what is guessed would load and be wrong.
"""

import re
from collections.abc import Mapping
from typing import Any

from server.kernel.errors import Invalid

FREQUENCIES_HZ = (50, 14_000)
"""What LAION's mel filters span; with a lower end of 0 the vectors are off by 0.002 of a cosine."""
HEAD_SIZE = 64
"""RoBERTa's heads are so wide in each of its sizes."""
UNUSED = ("spectrogram_extractor", "logmel_extractor", "tscam_conv", "audio_branch.head", "_transform.",
          "embeddings.position_ids")  # fmt: skip
"""What only training needs, and what transformers makes itself."""
CHANGED = (
    ("text_branch", "text_model"), ("audio_branch", "audio_model.audio_encoder"), ("attn", "attention.self"),
    ("self.proj", "output.dense"), ("attention.self_mask", "attn_mask"), ("mlp.fc1", "intermediate.dense"),
    ("mlp.fc2", "output.dense"), ("norm1", "layernorm_before"), ("norm2", "layernorm_after"), ("bn0", "batch_norm"),
)  # fmt: skip
PROJECTION = re.compile(r"_projection\.(\d+)\.")
TEXT, AUDIO = "text_branch.", "audio_branch."


def weights(checkpoint: Mapping[str, Any]) -> dict[str, Any]:
    """Return the weights of a checkpoint under their own names. Raises Invalid for one that is not of CLAP."""
    state = checkpoint.get("state_dict", checkpoint)
    state = {name.removeprefix("module."): value for name, value in state.items()}
    if not {"text_projection.0.weight", "audio_projection.0.weight", f"{AUDIO}patch_embed.proj.weight"} <= set(state):
        raise Invalid("This is no checkpoint of LAION's CLAP with an HTSAT.")
    if any("mel_conv2d" in name for name in state):
        raise Invalid("This checkpoint is a fused one, which is only read as a Hugging Face folder.")
    return state


def renamed(state: Mapping[str, Any]) -> dict[str, Any]:
    """Return weights under the names of ClapModel; query, key and value stand in one matrix and are cut apart."""
    found = {}
    for name, value in state.items():
        if any(part in name for part in UNUSED):
            continue
        for old, new in CHANGED:
            name = name.replace(old, new)
        name = PROJECTION.sub(lambda match: f"_projection.linear{1 if match[1] == '0' else 2}.", name)
        if "qkv" in name:
            size = value.shape[0] // 3
            for at, part in enumerate(("query", "key", "value")):
                found[name.replace("qkv", part)] = value[at * size : (at + 1) * size]
        else:
            found[name] = value
    return found


def config(state: Mapping[str, Any]) -> dict[str, Any]:
    """Return what ClapConfig wants to know of some weights. Raises Invalid where something is missing."""
    try:
        return {
            "text_config": _text(state), "audio_config": _audio(state),
            "projection_dim": state["text_projection.0.weight"].shape[0],
        }  # fmt: skip
    except KeyError as error:
        raise Invalid(f"This checkpoint has no {error.args[0]}.") from None


def _text(state: Mapping[str, Any]) -> dict[str, Any]:
    words, hidden = state[f"{TEXT}embeddings.word_embeddings.weight"].shape
    return {
        "vocab_size": words, "hidden_size": hidden, "num_attention_heads": max(1, hidden // HEAD_SIZE),
        "num_hidden_layers": _count(state, rf"{TEXT}encoder\.layer\.(\d+)\."),
        "intermediate_size": state[f"{TEXT}encoder.layer.0.intermediate.dense.weight"].shape[0],
        "max_position_embeddings": state[f"{TEXT}embeddings.position_embeddings.weight"].shape[0],
        "type_vocab_size": state[f"{TEXT}embeddings.token_type_embeddings.weight"].shape[0],
        "projection_dim": state["text_projection.0.weight"].shape[0],
        # RobertaModel's own, which is what LAION trained with.
        "layer_norm_eps": 1e-5,
    }  # fmt: skip


def _audio(state: Mapping[str, Any]) -> dict[str, Any]:
    first = state[f"{AUDIO}patch_embed.proj.weight"].shape
    stages = _count(state, rf"{AUDIO}layers\.(\d+)\.")
    table = f"{AUDIO}layers.{{}}.blocks.0.attn.relative_position_bias_table"
    return {
        "patch_embeds_hidden_size": first[0], "hidden_size": first[0] << (stages - 1), "patch_size": first[2],
        "depths": [_count(state, rf"{AUDIO}layers\.{stage}\.blocks\.(\d+)\.") for stage in range(stages)],
        "num_attention_heads": [state[table.format(stage)].shape[1] for stage in range(stages)],
        "window_size": round((state[table.format(0)].shape[0] ** 0.5 + 1) / 2),
        "num_mel_bins": state[f"{AUDIO}bn0.weight"].shape[0],
        "projection_dim": state["audio_projection.0.weight"].shape[0],
    }  # fmt: skip


def _count(state: Mapping[str, Any], pattern: str) -> int:
    return 1 + max((int(match[1]) for name in state if (match := re.match(pattern, name))), default=-1)
