"""What stands for `ai.models.clap` where there is no torch: vectors drawn from the names of files."""

import base64
import os
import random
from array import array

from server.kernel.errors import Invalid

DIMENSIONS = 16


def answer(question: dict):
    """Answer as `ai.models.clap:answer` does. A file called "kills…" ends the process, "silent…" holds no sound."""
    if question["do"] == "describe":
        return {"dimensions": DIMENSIONS, "parameters": 57_606, "words": True, "device": "cpu"}
    return [_heard(os.path.basename(path)) for path, _ in question["sounds"]]


def _heard(name: str) -> dict:
    if name.startswith("kills"):
        os._exit(3)
    if name.startswith("silent"):
        return {"reason": "Nothing of it can be decoded."}
    chance = random.Random(name)
    values = [chance.gauss(0, 1) for _ in range(DIMENSIONS)]
    size = sum(value * value for value in values) ** 0.5
    return {"vector": base64.b64encode(array("f", [value / size for value in values]).tobytes()).decode()}


def broken(question: dict):
    """Answer as a child does whose model cannot be loaded."""
    raise Invalid("This model hears nothing in anything: its weights are damaged.")
