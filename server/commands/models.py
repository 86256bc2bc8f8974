"""`familiar models`: the models of sound that were given, which of them is used, and how far it is."""

import argparse
from pathlib import Path

from ai import contest, spaces, towers, weights, words
from ai.spaces import ACTIVE, SIMILAR
from ai.weights import Model, Offer
from server.commands.house import current
from server.commands.line import actions
from server.kernel.config import Config
from server.kernel.db import Database
from server.kernel.errors import Invalid

BLOCKS = "blocks"
ABOUT = "List, add, use and remove models of sound. Without one, songs are compared by features that need no model."
MORE = """\
A model is a folder as Hugging Face has them (laion/larger_clap_music, laion/clap-htsat-unfused and their like) or a
checkpoint of LAION (music_audioset_epoch_15_esc_90.14.pt and its like) with RoBERTa's tokenizer.json beside it, for
text. Nothing is downloaded. It needs PyTorch and transformers: pip install '.[clap]' in
Familiar's folder.

The worker hears the library with it in spare time; what was used before stays in use until it knows 98 %.

examples:
  familiar models add ~/larger_clap_music
  familiar models add ~/larger_clap_music --licence-read
  familiar models list
  familiar models use blocks"""


def options(parser: argparse.ArgumentParser) -> None:
    action = actions(parser)
    action("list", "list the models and how much of the library each knows")
    add = action("add", "add a model and use it; shows its licence first")
    add.add_argument("path", metavar="PATH", type=Path, help="a folder, or a checkpoint that ends in .pt")
    add.add_argument("--name", metavar="NAME", help="what to call it [default: as its folder or file is called]")
    add.add_argument("--licence-read", action="store_true", help="say that you have read the licence and may use it")
    use = action("use", "use another model, or none")
    use.add_argument("name", metavar="NAME", help=f"a model, or {BLOCKS} for none")
    remove = action("remove", "delete a model and all that was heard with it")
    remove.add_argument("name", metavar="NAME", help="a model")


def run(given: argparse.Namespace, config: Config) -> None:
    with current(config) as db:
        match given.action:
            case "list":
                _list(db, config.data_path)
            case "add":
                _add(db, config.data_path, given)
            case "use":
                _use(db, config.data_path, given.name)
            case "remove":
                _remove(db, config.data_path, given.name)


def _list(db: Database, data: Path) -> None:
    models = weights.everything(data)
    with db.reading() as conn:
        chosen, active = towers.chosen(conn), spaces.active(conn, SIMILAR)
        if not models:
            print("There are no models yet. Songs are compared by features that need none.")
        for model in models:
            space, size = towers.filled(conn, model)
            known = f"knows {size.embedded} of {size.all} songs" if space else "knows no songs"
            used = space is not None and space.state == ACTIVE
            state = "in use" if used else "chosen" if chosen == model.name else "not used"
            print(f"{model.name:<32} {state:<9} {known}")
            if space is not None and (why := contest.reason(conn, space)):
                print(f"    held back: {why} Use it all the same: familiar models use {model.name}")
            print(f"    CLAP ({model.layout}), {model.dimensions} numbers, {_reads(model.words)},"
                  f" licence: {model.licence}, sha256: {model.digest}")  # fmt: skip
        for each in contest.held(conn):
            if each.space.kind == spaces.BLOCKS:
                print(f"A newer measure of features is held back: {each.reason} Use it: familiar models use {BLOCKS}")
        if models and (active is None or active.kind == spaces.BLOCKS):
            print("Songs are compared by features that need no model." if active else "Nothing can be compared yet.")
        print(words.told(conn))


def _reads(words: bool) -> str:
    return "sound and words" if words else "sound only"


def _add(db: Database, data: Path, given: argparse.Namespace) -> None:
    path = given.path.expanduser().resolve()
    offer = weights.offered(path)
    name = given.name or offer.name
    if name == BLOCKS:
        raise Invalid(f"No model can be called {BLOCKS}, which stands for none. Call it something else with --name.")
    if not given.licence_read:
        _show(offer, name)
        raise Invalid("Read its licence, then add it with --licence-read.")
    staged = weights.stage(data, offer, name)
    try:
        told = towers.describe(staged)
        made = weights.settle(data, staged, name, offer, told["dimensions"], str(path))
    finally:
        weights.drop(staged)
    with db.writing() as conn:
        towers.choose(conn, made)
    print(f"Added {name}: {told['parameters'] / 1e6:.1f} million numbers, {_reads(made.words)}, sha256 {made.digest}.")
    if not made.words:
        print("No tokeniser lies beside it (tokenizer.json of RoBERTa), so text search goes on as before.")
    print("The worker hears the library with it in spare time; it is used once it knows 98 %.")


def _show(offer: Offer, name: str) -> None:
    digests = weights.digests(offer.files)
    print(f"{name}: CLAP ({offer.layout}), {_reads(offer.words)}")
    print(f"licence: {offer.licence}")
    for path in offer.files:
        print(f"  {digests[path.name]}  {path.name}  {path.stat().st_size / 1e6:.1f} MB")


def _use(db: Database, data: Path, name: str) -> None:
    model: Model | None = None if name == BLOCKS else weights.one(data, name)
    with db.writing() as conn:
        active = towers.choose(conn, model)
    if model is not None:
        print(f"{name} is used once it knows 98 % of the library.")
    elif active is not None:
        print("Songs are compared by features that need no model.")
    else:
        print("Nothing can be compared until 50 songs have been listened to.")


def _remove(db: Database, data: Path, name: str) -> None:
    model = weights.one(data, name)
    with db.writing() as conn:
        towers.forget(conn, model)
    weights.remove(data, name)
    print(f"Removed {name}.")
