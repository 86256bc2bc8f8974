"""What of CLAP needs no torch: LAION's names, the shape read off weights, windows, their mean."""

import wave

import numpy as np
import pytest

from ai.models import laion, windows
from ai.models.decode import Unheard
from server.demo.audio import write_track
from server.kernel.errors import Invalid

ROBERTA = {
    "embeddings.word_embeddings.weight": (300, 128), "embeddings.position_embeddings.weight": (80, 128),
    "embeddings.token_type_embeddings.weight": (1, 128), "embeddings.position_ids": (1, 80),
    "encoder.layer.0.attention.self.query.weight": (128, 128),
    "encoder.layer.1.intermediate.dense.weight": (256, 128),
    "encoder.layer.0.intermediate.dense.weight": (256, 128), "pooler.dense.weight": (128, 128),
}  # fmt: skip


def checkpoint(depths=(2, 2, 6, 2), width: int = 96, heads=(4, 8, 16, 32)) -> dict:
    """Return a state with LAION's names and shapes of which every number is drawn."""
    shapes = {f"text_branch.{name}": shape for name, shape in ROBERTA.items()}
    shapes |= {
        "audio_branch.spectrogram_extractor.stft.conv_real.weight": (2, 1, 2), "audio_branch.bn0.weight": (64,),
        "audio_branch.logmel_extractor.melW": (2, 2), "audio_branch.patch_embed.proj.weight": (width, 1, 4, 4),
        "audio_branch.tscam_conv.weight": (2, 2), "audio_branch.head.weight": (2, 2), "audio_branch.norm.bias": (2,),
        "audio_projection.0.weight": (512, 512), "audio_projection.2.bias": (512,),
        "text_projection.0.weight": (512, 128), "text_projection.2.weight": (512, 512),
        "text_transform.sequential.0.weight": (2, 2), "audio_transform.sequential.3.weight": (2, 2),
        "logit_scale_a": (),
    }  # fmt: skip
    for stage, depth in enumerate(depths):
        for block in range(depth):
            at = f"audio_branch.layers.{stage}.blocks.{block}"
            shapes |= {
                f"{at}.attn.qkv.weight": (9, 3), f"{at}.attn.proj.weight": (3, 3), f"{at}.norm1.weight": (3,),
                f"{at}.attn.relative_position_bias_table": (225, heads[stage]), f"{at}.mlp.fc1.weight": (4, 3),
                f"{at}.mlp.fc2.weight": (3, 4), f"{at}.attn_mask": (2, 2),
            }  # fmt: skip
    chance = np.random.default_rng(1)
    return {"epoch": 3, "state_dict": {f"module.{name}": chance.random(shape) for name, shape in shapes.items()}}


def test_laions_names_become_those_of_transformers():
    state = laion.weights(checkpoint())
    found = laion.renamed(state)
    block = "audio_model.audio_encoder.layers.2.blocks.5"
    assert {
        "text_model.encoder.layer.0.attention.self.query.weight", "text_model.pooler.dense.weight",
        "audio_model.audio_encoder.batch_norm.weight", "audio_model.audio_encoder.patch_embed.proj.weight",
        "audio_model.audio_encoder.norm.bias", f"{block}.attention.output.dense.weight", f"{block}.attn_mask",
        f"{block}.attention.self.relative_position_bias_table", f"{block}.layernorm_before.weight",
        f"{block}.intermediate.dense.weight", f"{block}.output.dense.weight", "audio_projection.linear1.weight",
        "audio_projection.linear2.bias", "text_projection.linear2.weight", "logit_scale_a",
    } <= set(found)  # fmt: skip
    assert not [name for name in found if any(part in name for part in (
        "spectrogram", "logmel", "tscam", "head", "_transform", "position_ids", "branch", "qkv"))]  # fmt: skip


def test_query_key_and_value_are_cut_apart_in_this_order():
    state = laion.weights(checkpoint())
    whole = state["audio_branch.layers.0.blocks.1.attn.qkv.weight"]
    found = laion.renamed(state)
    at = "audio_model.audio_encoder.layers.0.blocks.1.attention.self"
    parts = [found[f"{at}.{part}.weight"] for part in ("query", "key", "value")]
    assert np.array_equal(np.concatenate(parts), whole) and {part.shape for part in parts} == {(3, 3)}


@pytest.mark.parametrize(("depths", "width", "hidden"), [((2, 2, 6, 2), 96, 768), ((2, 2, 12, 2), 128, 1024)])
def test_the_shape_is_read_off_the_weights(depths, width, hidden):
    found = laion.config(laion.weights(checkpoint(depths, width)))
    audio, text = found["audio_config"], found["text_config"]
    assert found["projection_dim"] == audio["projection_dim"] == text["projection_dim"] == 512
    assert (audio["depths"], audio["patch_embeds_hidden_size"], audio["hidden_size"]) == (list(depths), width, hidden)
    assert (audio["num_attention_heads"], audio["window_size"]) == ([4, 8, 16, 32], 8)
    assert (audio["num_mel_bins"], audio["patch_size"]) == (64, 4)
    assert (text["vocab_size"], text["hidden_size"], text["num_hidden_layers"]) == (300, 128, 2)
    assert (text["num_attention_heads"], text["intermediate_size"], text["max_position_embeddings"]) == (2, 256, 80)


def test_what_is_no_checkpoint_of_clap_is_refused():
    for state in ({}, {"state_dict": {"conv.weight": np.zeros(3)}}):
        with pytest.raises(Invalid, match="no checkpoint"):
            laion.weights(state)
    fused = checkpoint()
    fused["state_dict"]["module.audio_branch.patch_embed.mel_conv2d.weight"] = np.zeros(3)
    with pytest.raises(Invalid, match="fused"):
        laion.weights(fused)
    state = laion.weights(checkpoint())
    del state["audio_branch.bn0.weight"]
    with pytest.raises(Invalid, match=r"bn0\.weight"):
        laion.config(state)


@pytest.mark.parametrize(("length_s", "count"), [(0.5, 1), (10, 1), (15, 1), (16, 3), (240, 4), (36_000, 6)])
def test_windows_stand_at_even_places(length_s, count):
    found = windows.places(length_s, 10)
    assert len(found) == count and found == sorted(found) and found[0] >= 0
    assert all(begin + 10 <= max(length_s, 10) + 1e-6 for begin in found)
    middles = [begin + 5 for begin in found]
    assert count == 1 or middles[0] == pytest.approx(max(5, length_s / count / 2))


def test_windows_are_cut_out_of_a_file_where_they_stand(tmp_path):
    samples = np.random.default_rng(3).normal(0, 0.1, 12 * 48_000)
    with wave.open(str(tmp_path / "noise.wav"), "wb") as file:
        file.setparams((1, 2, 48_000, 0, "NONE", ""))
        file.writeframes((samples * 32767).astype("<i2").tobytes())
    found = windows.cut(str(tmp_path / "noise.wav"), 12.0, 2.0, 48_000)
    assert [len(each) for each in found] == [96_000] * 3
    for begin_s, part in zip(windows.places(12.0, 2.0), found, strict=True):
        start = round(begin_s * 48_000)
        assert np.abs(samples[start : start + 96_000] - part).max() < 1e-4


@pytest.mark.parametrize("suffix", [".mp3", ".flac", ".ogg", ".opus", ".m4a"])
def test_windows_of_any_format_are_always_the_same(tmp_path, suffix):
    path = tmp_path / f"tone{suffix}"
    write_track(path, seconds=5, seed=3)
    once, again = (windows.cut(str(path), 5.0, 1.0, 48_000) for _ in range(2))
    assert [len(each) for each in once] == [48_000] * 3
    assert all(np.array_equal(a, b) and np.abs(a).max() > 0.01 for a, b in zip(once, again, strict=True))


def test_a_file_without_sound_is_not_heard(tmp_path):
    (tmp_path / "text.mp3").write_text("no sound at all" * 100)
    for name in ("text.mp3", "missing.mp3"):
        with pytest.raises(Unheard):
            windows.cut(str(tmp_path / name), 10.0, 10.0, 48_000)


def test_samples_are_those_that_16_bits_can_hold():
    found = windows.quantised(np.array([0.0, 0.5, 1.0, -1.0, 7.0, np.nan, np.inf, 1e-9], np.float32))
    assert found == pytest.approx([0, 16383 / 32767, 1, -1, 1, 0, 1, 0])


def test_a_short_window_is_repeated_and_filled_with_silence():
    assert windows.filled(np.array([1, 2, 3], np.float32), 8).tolist() == [1, 2, 3, 1, 2, 3, 0, 0]
    assert windows.filled(np.arange(9, dtype=np.float32), 4).tolist() == [0, 1, 2, 3]


def test_a_track_is_the_mean_of_its_windows_whatever_their_lengths():
    parts = np.array([[2, 0], [0, 1], [0, 5]], np.float32)
    found = windows.pooled(parts, [2, 1])
    assert found == pytest.approx(np.array([[0.5**0.5, 0.5**0.5], [0, 1]]))
