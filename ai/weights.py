"""Models that people give: a folder each below DATA/models, with a manifest of what is in it.

Weights decide what everybody hears next and are loaded by code that trusts them,
so a manifest keeps the digest of every file, and what is not as it was when it
was added is not loaded. The rule a newcomer would break: nothing is fetched;
whoever runs the installation brings the files and has read their licence.
"""

import hashlib
import os
import re
import shutil
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from server.kernel.clock import now_ms
from server.kernel.errors import Conflict, Invalid, NotFound

CLAP = "clap"
HUGGING_FACE, LAION = "Hugging Face", "LAION"
MANIFEST = "manifest.json"
NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
NEEDED = ("config.json", "preprocessor_config.json")
WEIGHTS = ("model.safetensors", "pytorch_model.bin")
"""The first that is there is taken."""
WORDS = ("tokenizer.json", "tokenizer_config.json", "vocab.json", "merges.txt", "special_tokens_map.json",
         "added_tokens.json")  # fmt: skip
CHECKPOINTS = (".pt", ".pth", ".ckpt")
LICENCES = ("LICENSE", "LICENSE.txt", "LICENSE.md", "LICENCE", "COPYING")
UNKNOWN = "unknown: no licence lies beside the weights"
CARD_BYTES = 1 << 20


class Offer(NamedTuple):
    """What somebody points at."""

    kind: str
    layout: str
    files: tuple[Path, ...]
    licence: str
    words: bool
    """Whether a tokeniser is there: without one a model hears and does not read."""

    @property
    def name(self) -> str:
        first = self.files[0]
        stem = first.parent.name if self.layout == HUGGING_FACE else first.stem
        return re.sub(r"[^a-z0-9._-]+", "-", stem.lower()).strip("-._")[:64] or "model"


class Model(NamedTuple):
    """What a manifest says."""

    name: str
    kind: str
    layout: str
    digest: str
    """SHA-256 over all files' digests and names."""
    files: dict[str, str]
    licence: str
    words: bool
    dimensions: int
    source: str
    added_ms: int
    folder: str = ""


def offered(path: Path) -> Offer:
    """Return what lies at a path. Raises Invalid when it is no model that is known here."""
    if path.is_file() and path.suffix in CHECKPOINTS:
        return _checkpoint(path)
    if not path.is_dir():
        raise Invalid(f"There is no model at {path}: name a folder, or a checkpoint that ends in .pt.")
    if (path / NEEDED[0]).is_file():
        return _folder(path)
    found = sorted(each for each in path.iterdir() if each.suffix in CHECKPOINTS)
    if len(found) != 1:
        raise Invalid(f"{path} holds neither a config.json nor exactly one checkpoint that ends in .pt.")
    return _checkpoint(found[0])


def _folder(path: Path) -> Offer:
    if missing := [name for name in NEEDED if not (path / name).is_file()]:
        raise Invalid(f"{path} is not complete: {missing[0]} is missing.")
    kind = _json(path / NEEDED[0]).get("model_type")
    if kind != "clap":
        raise Invalid(f"{path} holds a model of the kind {str(kind)[:40]!r}; only CLAP is known here.")
    weights = [path / name for name in WEIGHTS if (path / name).is_file()][:1]
    if not weights:
        raise Invalid(f"{path} is not complete: {WEIGHTS[0]} is missing.")
    return Offer(CLAP, HUGGING_FACE, (*(path / name for name in NEEDED), *weights, *_words(path)), _licence(path),
                 bool(_words(path)))  # fmt: skip


def _checkpoint(path: Path) -> Offer:
    words = _words(path.parent)
    return Offer(CLAP, LAION, (path, *words), _licence(path.parent), bool(words))


def _words(path: Path) -> tuple[Path, ...]:
    found = tuple(path / name for name in WORDS if (path / name).is_file())
    there = {each.name for each in found}
    return found if "tokenizer.json" in there or {"vocab.json", "merges.txt"} <= there else ()


def _licence(path: Path) -> str:
    """Return what a model card or a licence beside the weights says, in a line."""
    with suppress(OSError):
        card = (path / "README.md").read_bytes()[:CARD_BYTES].decode(errors="replace")
        if card.startswith("---") and (said := re.search(r"^licen[cs]e:\s*(\S.{0,80})$", card.split("---")[1], re.M)):
            return said[1].strip()
    for name in LICENCES:
        with suppress(OSError):
            lines = (path / name).read_bytes()[:CARD_BYTES].decode(errors="replace").split("\n")
            if line := next((each.strip() for each in lines if each.strip()), ""):
                return line[:80]
    return UNKNOWN


def _json(path: Path) -> dict[str, Any]:
    try:
        found = orjson.loads(path.read_bytes()[:CARD_BYTES])
    except (OSError, orjson.JSONDecodeError) as error:
        raise Invalid(f"{path} cannot be read: {error}.") from None
    if not isinstance(found, dict):
        raise Invalid(f"{path} is no JSON object.")
    return found


def everything(data: Path) -> list[Model]:
    """List the models that were added, by name; what has no whole manifest is none."""
    found = []
    for folder in sorted((data / "models").glob("*/")):
        with suppress(NotFound):
            found.append(one(data, folder.name))
    return found


def one(data: Path, name: str) -> Model:
    folder = data / "models" / name
    try:
        told = orjson.loads((folder / MANIFEST).read_bytes()) if NAME.fullmatch(name) else None
        return Model(**told, folder=str(folder.resolve()))
    except (OSError, orjson.JSONDecodeError, TypeError):
        raise NotFound(f"There is no model {name!r}. `familiar models list` shows what there is.") from None


def digests(files: Sequence[Path]) -> dict[str, str]:
    """Return the SHA-256 of some files by their names."""
    found = {}
    for path in files:
        with open(path, "rb") as file:
            found[path.name] = hashlib.file_digest(file, "sha256").hexdigest()
    return found


def whole(files: Mapping[str, str]) -> str:
    """Return one digest for all files."""
    return hashlib.sha256("".join(f"{files[name]}  {name}\n" for name in sorted(files)).encode()).hexdigest()


def stage(data: Path, offer: Offer, name: str) -> Path:
    """Copy what was offered into a folder that no list shows yet, and return that. Raises Conflict, Invalid."""
    if not NAME.fullmatch(name):
        raise Invalid("A model's name has small letters, digits, dots and dashes only, 64 at most.")
    if (data / "models" / name).exists():
        raise Conflict(f"There is a model {name!r} already.")
    staged = data / "models" / f".{name}"
    shutil.rmtree(staged, ignore_errors=True)
    staged.mkdir(mode=0o700, parents=True)
    try:
        for path in offer.files:
            shutil.copyfile(path, staged / path.name)
    except OSError as error:
        shutil.rmtree(staged, ignore_errors=True)
        raise Invalid(f"The model cannot be copied to {staged.parent}: {error.strerror}.") from error
    return staged


def settle(data: Path, staged: Path, name: str, offer: Offer, dimensions: int, source: str) -> Model:
    """Write the manifest of what was staged, and have it in the list."""
    files = digests([staged / path.name for path in offer.files])
    made = Model(name, offer.kind, offer.layout, whole(files), files, offer.licence, offer.words, dimensions, source,
                 now_ms())  # fmt: skip
    told = made._asdict()
    del told["folder"]
    (staged / MANIFEST).write_bytes(orjson.dumps(told, option=orjson.OPT_INDENT_2))
    os.replace(staged, data / "models" / name)
    return one(data, name)


def drop(staged: Path) -> None:
    shutil.rmtree(staged, ignore_errors=True)


def remove(data: Path, name: str) -> None:
    """Delete a model's files."""
    shutil.rmtree(one(data, name).folder)


def verify(folder: Path, digest: str) -> Model:
    """Return the manifest of a folder whose files all are what they were. Raises Conflict when one is not."""
    found = one(folder.parent.parent, folder.name)
    there = [folder / name for name in found.files]
    if missing := [path for path in there if not path.is_file()]:
        raise Conflict(f"The model {found.name!r} is not loaded: {missing[0].name} is gone.")
    now = digests(there)
    if changed := [name for name, told in found.files.items() if now[name] != told]:
        raise Conflict(f"The model {found.name!r} is not loaded: {changed[0]} is not the file that was added.")
    if whole(now) != digest:
        raise Conflict(f"The model {found.name!r} is not loaded: it is another one than the vectors were made with.")
    return found
