"""What was heard against what is true: every number of the table."""

import subprocess
from collections.abc import Mapping, Sequence
from itertools import combinations
from pathlib import Path

import numpy as np

from ai import fingerprint, races, scales, tempo_prior
from ai.corpus import Truth
from ai.quality import scores
from ai.quality.heard import Heard, alone
from server.stream import ffmpeg

FOUR = ("4/4", "6/8")
"""Two beats a bar or four: not three."""


def values(truths: Sequence[Truth], heard: Mapping[str, Heard]) -> dict[str, float]:
    """Return what single values reached: tempo, key, metre, estimates."""
    beats = [truth for truth in truths if truth.steady]
    floating = [truth for truth in truths if not truth.steady]
    tuned = [truth for truth in truths if truth.key is not None]
    said = {truth.id: heard[truth.file].values for truth in truths}

    def share(of: Sequence[Truth], right) -> float:
        return float(np.mean([right(truth) for truth in of]))

    keys = [scores.key_score(_key(said[truth.id]), (truth.key, truth.mode)) for truth in tuned]
    return {
        "tempo Acc1": share(beats, lambda t: scores.tempo_right(said[t.id].get("tempo_bpm"), t.tempo_bpm)),
        "tempo Acc2": share(beats, lambda t: scores.tempo_right(said[t.id].get("tempo_bpm"), t.tempo_bpm, True)),
        "tempo Acc1 with genre tags": share(beats, lambda t: scores.tempo_right(_tagged(t, said[t.id]), t.tempo_bpm)),
        "no steady beat, told": share(floating, lambda t: "tempo_bpm" not in said[t.id]),
        "key exact": float(np.mean([score == 1 for score in keys])),
        "key MIREX": float(np.mean(keys)),
        "metre, three or four": share(beats, lambda t: (said[t.id].get("metre", 0) in (4, 6)) == (t.metre in FOUR)
                                      and "metre" in said[t.id]),
        "loudness, rho": scores.correlation([said[t.id]["loudness_lufs"] for t in truths],
                                            [t.level_db for t in truths]),
        "energy, rho": scores.correlation([said[t.id]["energy"] for t in truths], [t.energy for t in truths]),
        "danceability, AUC": scores.separation([said[t.id].get("danceability", 0) for t in truths],
                                               [t.danceable for t in truths]),
        "acousticness, AUC": scores.separation([said[t.id]["acousticness"] for t in tuned],
                                               [t.acoustic for t in tuned]),
        "drums, AUC": scores.separation([said[t.id]["percussive"] for t in tuned], [t.drums for t in tuned]),
        "speech, AUC": scores.separation([said[t.id]["speechiness"] for t in truths], [t.speech for t in truths]),
    }  # fmt: skip


def _key(said: Mapping) -> tuple[int, str] | None:
    return (said["key"], said["mode"]) if "key" in said else None


def _tagged(truth: Truth, said: Mapping) -> float | None:
    bpm = said.get("tempo_bpm")
    return None if bpm is None else tempo_prior.octave(bpm, [truth.genre], said.get("tempo_alternates", ()))


def neighbours(truths: Sequence[Truth], heard: Mapping[str, Heard], bliss: Sequence[np.ndarray],
               count: int) -> dict[str, float]:  # fmt: skip
    """Return how well what lies near belongs together; `bliss`: the scaled vectors to compare with, the best counts.

    `count`: how many of a style there are besides each.
    """
    music = [at for at, truth in enumerate(truths) if not truth.speech]
    styles, artists = [truths[at].style for at in music], [truths[at].artist for at in music]
    raw = np.stack([heard[truths[at].file].blocks for at in music])
    distances = scores.apart(scales.scale(scales.fit(raw), raw))
    few = min(3, (count + 1) // 2)
    ours = scores.precision(distances, styles, few, artists)
    theirs = max(scores.precision(scores.apart(each[music]), styles, few, artists) for each in bliss)
    lists = scores.occurrences(distances, 5)
    return {
        "style among the nearest": scores.precision(distances, styles, count),
        "style by another artist": ours,
        "times as good as 23 numbers": ours / theirs,
        "hub, in so many lists of five": float(lists.max()),
        "orphans, in no list": float((lists == 0).mean()),
    }


def copies(truths: Sequence[Truth], heard: Mapping[str, Heard]) -> dict[str, float]:
    """Return whether the copies of a recording are found, by their vectors and by their fingerprints."""
    raw = np.stack([heard[truth.file].blocks for truth in truths])
    fit = scales.fit(raw)
    vectors = scales.scale(fit, raw)
    first, least = [], 1.0
    for at, truth in enumerate(truths):
        for _, file in truth.copies:
            copy = scales.scale(fit, heard[file].blocks[None])[0]
            first.append(int(np.argmin(np.linalg.norm(vectors - copy, axis=1))) == at)
            least = min(least, fingerprint.alike(heard[file].fingerprint, heard[truth.file].fingerprint))
    others = [fingerprint.alike(heard[one.file].fingerprint, heard[other.file].fingerprint)
              for one, other in combinations(truths, 2) if one.style == other.style]  # fmt: skip
    return {
        "copies found first": float(np.mean(first)),
        "fingerprints alike, least of copies": least,
        "fingerprints alike, most of others": max(others),
    }


def flow(lists: int) -> dict[str, float]:
    """Return how often ordering was not beaten by greedy and 2-opt, over so many drawn playlists."""
    told = races.trial(lists)
    lost = max(told["lost_to_greedy"], told["lost_to_two_opt"])
    return {"flow never below greedy and 2-opt": 1 - lost / lists}


def costs(folder: Path, truths: Sequence[Truth], essentia: bool) -> dict[str, float]:
    """Return what listening to four minutes takes: of a medley, so that there is all kinds of music in it."""
    encoder = ffmpeg.find()
    medley, length_s = folder / "medley.mp3", 240
    if not medley.exists():
        songs = [truth.file for truth in truths if truth.steady]
        parts = [word for file in songs[:: max(1, len(songs) // 12)] for word in ("-i", str(folder / file))]
        count = len(parts) // 2
        joined = "".join(f"[{at}:a]" for at in range(count)) + f"concat=n={count}:v=0:a=1"
        subprocess.run([encoder.path, "-nostdin", "-loglevel", "error", "-y", *parts, "-filter_complex", joined,
                        "-t", str(length_s), "-c:a", "libmp3lame", "-b:a", "192k", medley],
                       check=True, capture_output=True)  # fmt: skip
    cpu_s, memory_mb = alone(medley, essentia)
    return {"CPU seconds of 4 minutes": cpu_s, "memory, MB": memory_mb}
