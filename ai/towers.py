"""The model of sound that was chosen: its space is filled in spare time, and used once it knows nearly everything.

The rule a newcomer would break: until then what was in use stays in use, and it
is kept afterwards to go back to; a model that was chosen costs nobody a search.
"""

import base64
import importlib.util
import logging
import os
import threading
import time
from array import array
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from ai import contest, embed, hearers, progress, spaces, vectors, waiting, weights, words
from ai.minds import Minds
from ai.spaces import ACTIVE, BLOCKS, BOTH, CLAP, RETIRED, SIMILAR, Size, Space
from ai.waiting import Sound
from ai.weights import Model
from server.app import App
from server.kernel import lasting, properties
from server.kernel.db import Connection
from server.kernel.errors import Conflict, Failure, Unavailable
from server.kernel.run import Child, ChildDied, ChildError

log = logging.getLogger("familiar.ears")

CHOSEN = "model of sound"
FUNCTION = "ai.models.clap:answer"
VERSION = 1
"""Of the preparation of sound; another one makes vectors that cannot be compared with these."""
MEMORY_MB = 16_384
"""Of address space; torch and the larger of the models take 1.5 GB of memory."""
LOCK = "model of sound"
AT_ONCE, AT_ONCE_ON_CARD = 2, 32
"""Sounds in one question, 3 to 6 windows each: about 5 s on one core."""
TAKEN = 500
"""So many sounds are looked up at once."""
TURN_S, LATER_S, AGAIN_S, LOAD_S = 60.0, 20.0, 3600.0, 600.0
BATCH_S = 24 * 3600.0
"""Who only gets what nobody else wants may stand still for hours."""
LACKING = "PyTorch and transformers are not installed, which {} needs: pip install '.[clap]' in Familiar's folder."


class Filled(NamedTuple):
    """How far a model is."""

    space: Space | None
    size: Size


def choose(db: Connection, model: Model | None) -> Space | None:
    """Have a model's space made and used, or none: then go back at once to what was used before, and return that.

    Who chooses again what was held back, or was in use before, is not asked for proof a second time.
    """
    before = chosen(db)
    properties.put(db, CHOSEN, model.name if model else "")
    active = spaces.active(db, SIMILAR)
    held = [each.space for each in contest.held(db)]
    if model is not None:
        space = _existing(db, model)
    else:
        # Blocks while blocks are used: it can only mean those that were held back.
        space = next((each for each in held if each.kind == BLOCKS), None) if not before else None
    if space is not None and (space.state == RETIRED or space in held):
        contest.overrule(db, space)
    if model is None and active is not None and active.kind == CLAP:
        return spaces.retire(db, active)
    return active


def chosen(db: Connection) -> str:
    return properties.get(db, CHOSEN)


def filled(db: Connection, model: Model) -> Filled:
    """Return how much of the library a model knows."""
    space = _existing(db, model)
    return Filled(space, spaces.size(db, space) if space else Size(0, 0))


def forget(db: Connection, model: Model) -> None:
    """Drop all vectors of a model. Raises Conflict while it is in use."""
    if chosen(db) == model.name:
        raise Conflict(f"{model.name} is in use. Go back first: familiar models use blocks")
    for space in spaces.everything(db):
        if space.kind == CLAP and space.model == model.digest:
            spaces.drop(db, space)


def describe(folder: Path) -> dict:
    """Load a model that was staged, in a child, and return what it is. Raises the Failures of that."""
    with _child(idle=False) as child:
        try:
            return child.call({"do": "describe", "folder": str(folder)}, LOAD_S)
        except (ChildDied, ChildError) as error:
            raise Unavailable(f"The model cannot be tried: {getattr(error, 'reason', error)}.") from error


def keep_hearing(app: App, stop: threading.Event) -> None:
    """Fill the space of the chosen model until `stop` is set; where another worker does it, stand by."""
    with _child(idle=True) as child, hearers.beside(child, stop):
        lasting.alone(app, stop, LOCK, LATER_S, Job(app, child, stop).turn)


class Job:
    """What one worker does about it."""

    def __init__(self, app: App, child: Child, stop: threading.Event):
        self._app, self._db, self._child, self._stop = app, app.db, child, stop
        self._said = ""
        self._model: Model | None = None
        self._todo: list[str] = []
        self._passed: set[str] = set()
        """What could not be heard; it is tried again after an hour."""
        self._passed_s = 0.0
        self._measured_s = -AGAIN_S
        """When the space was last held against the one in use."""

    def turn(self) -> None:
        """Hear for a while; a database that was restarted has forgotten who holds the lock."""
        until_s = time.monotonic() + TURN_S
        while not self._stop.is_set() and time.monotonic() < until_s:
            try:
                model = self._wanted()
                busy = model is not None and self.step(model) > 0
            except Failure as failure:
                self._complain(f"The model of sound waits: {failure}")
                busy = False
            if not busy:
                # It gives its memory back.
                self._child.close()
                self._stop.wait(LATER_S)

    def step(self, model: Model) -> int:
        """Hear some sounds that have no vector yet and keep theirs, or use the space if nothing is left.

        Return how many sounds were taken in hand; 0 when nothing is left that can be heard now.
        """
        space = self._space(model)
        count = AT_ONCE_ON_CARD if card() else AT_ONCE
        batch, self._todo = self._todo[:count], self._todo[count:]
        if not batch:
            self._use(space, model)
            return 0
        with self._db.reading() as conn:
            sounds = [sound for sound in waiting.of(conn, batch) if hearers.as_scanned(sound)]
        heard = self._heard(model, sounds) if sounds else {}
        if self._stop.is_set():
            return 0
        self._passed |= set(batch) - set(heard)
        with self._db.writing() as conn:
            vectors.put(conn, space, list(heard.items()))
        return len(batch)

    def _wanted(self) -> Model | None:
        """Return the model to hear with now; None where there is nothing to do or it may not be done."""
        with self._db.reading() as conn:
            name = chosen(conn)
            if not name or progress.brief(conn, self._app.config).state != progress.RESTING:
                return None
        if importlib.util.find_spec("torch") is None or importlib.util.find_spec("transformers") is None:
            raise Unavailable(LACKING.format(name))
        return weights.one(self._app.config.data_path, name)

    def _space(self, model: Model) -> Space:
        """Return the space of a model, made if need be, with something to do if there is anything."""
        now_s = time.monotonic()
        if self._model != model or now_s - self._passed_s > AGAIN_S:
            self._model, self._todo, self._passed, self._passed_s = model, [], set(), now_s
        with self._db.reading() as conn:
            space = _existing(conn, model)
        if space is None:
            with self._db.writing() as conn:
                space = spaces.create(
                    conn, BOTH if model.words else SIMILAR, CLAP, model.dimensions, model=model.digest,
                    towers=model.digest if model.words else "", version=VERSION,
                )  # fmt: skip
        if not self._todo:
            with self._db.reading() as conn:
                found = spaces.lacking(conn, space, TAKEN + len(self._passed))
            self._todo = [each for each in found if each not in self._passed]
        return space

    def _use(self, space: Space, model: Model) -> None:
        """Use a space that nothing can be added to, unless somebody has chosen otherwise meanwhile."""
        with self._db.reading() as conn:
            if space.state == ACTIVE or chosen(conn) != model.name:
                return
            if contest.reason(conn, space) and time.monotonic() - self._measured_s < AGAIN_S:
                return
        self._measured_s = time.monotonic()
        if embed.bring_into_use(self._db, self._app.part(Minds), space).state == ACTIVE and model.words:
            with self._db.writing() as conn:
                words.put_folder(conn, CLAP, model.folder)

    def _heard(self, model: Model, sounds: Sequence[Sound]) -> dict[str, array]:
        """Return the vectors of some sounds by their hashes; what ends the child is tried alone, and left out then."""
        question = {"do": "sounds", "folder": model.folder, "digest": model.digest,
                    "sounds": [[sound.path, sound.length_s] for sound in sounds]}  # fmt: skip
        try:
            answers = self._child.call(question, BATCH_S)
        except ChildDied as died:
            if self._stop.is_set():
                return {}
            if len(sounds) > 1:
                return {key: value for sound in sounds for key, value in self._heard(model, [sound]).items()}
            log.warning("%s is not heard by the model %s: its process %s.", sounds[0].name, model.name, died.reason)
            return {}
        except ChildError as error:
            raise Unavailable(f"{model.name} cannot hear: {error}.") from error
        found = {}
        for sound, answer in zip(sounds, answers, strict=True):
            if "vector" in answer:
                found[sound.audio_hash] = array("f", base64.b64decode(answer["vector"]))
            else:
                log.info("%s is not heard by the model %s: %s", sound.name, model.name, answer["reason"])
        return found

    def _complain(self, sentence: str) -> None:
        if sentence != self._said:
            log.warning("%s", sentence)
        self._said = sentence


def _existing(db: Connection, model: Model) -> Space | None:
    return next((space for space in spaces.everything(db)
                 if (space.kind, space.model, space.version) == (CLAP, model.digest, VERSION)), None)  # fmt: skip


def _child(idle: bool) -> Child:
    return Child(FUNCTION, idle=idle, memory_mb=MEMORY_MB, card=card())


def card() -> bool:
    """Tell whether this machine has a graphics card that computes, as far as its devices show."""
    return any(os.path.exists(device) for device in ("/dev/nvidiactl", "/dev/kfd"))
