"""The mind that knows words: it turns sentences into vectors with whichever model it is asked for.

The rule a newcomer would break: every answer says which model it came from, so
that nobody compares its vectors with those of another.
"""

import base64
from pathlib import Path
from typing import Any

from ai.models.minilm import MiniLM, digest
from ai.spaces import CLAP
from ai.words import CAPTIONS
from server.kernel.errors import Invalid

TEXTS_MAX = 1024

_loaded: dict[tuple[str, str], Any] = {}


def answer(question: dict[str, Any]) -> dict[str, Any]:
    """Answer {"do": "embed", "kind": "captions" or "clap", "folder", "texts"} or {"do": "look", "kind", "folder"}.

    `embed` gives {"digest", "dimensions", "vectors": base64 of float32}, each vector of length 1; `look` only the
    digest, without loading anything.
    """
    folder = Path(question["folder"])
    if question["do"] == "look":
        return {"digest": digest(folder)}
    model = _model(question["kind"], folder)
    vectors = model.encode([str(text) for text in question["texts"][:TEXTS_MAX]])
    return {
        "digest": model.digest, "dimensions": model.dimensions,
        "vectors": base64.b64encode(vectors.astype("<f4", copy=False).tobytes()).decode(),
    }  # fmt: skip


def _model(kind: str, folder: Path):
    key = (kind, str(folder))
    if key not in _loaded:
        _loaded.clear()
        _loaded[key] = _load(kind, folder)
    return _loaded[key]


def _load(kind: str, folder: Path):
    if kind == CAPTIONS:
        return MiniLM(folder)
    if kind == CLAP:
        # torch takes seconds and half a gigabyte, which nobody without CLAP shall pay.
        from ai.models import clap

        return clap.Words(folder)
    raise Invalid(f"There is no model of words called {kind[:40]!r}.")
