"""A corpus listened to: what the real children say of every file.

The rule a newcomer would break: nothing is measured in this process, so that
what is printed is what a server would have found.
"""

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import local
from typing import Any, NamedTuple

import numpy as np

from ai.analyses import Analysis, Value
from ai.corpus import Truth
from server.kernel.run import Child

LISTEN, BLISS = "ai.models.hearing:listen", "ai.quality.bliss:listen"
MEMORY_MB, PATIENCE_S = 2048, 600


class Heard(NamedTuple):
    """What was said of one file."""

    state: str
    told: dict[str, Value]
    blocks: np.ndarray | None
    fingerprint: np.ndarray
    cpu_ms: int

    @property
    def values(self) -> dict[str, Any]:
        return {name: value.value for name, value in self.told.items()}

    def analysis(self) -> Analysis:
        return Analysis(self.state, "", self.told)


def corpus(folder: Path, truths: Sequence[Truth], essentia: bool, workers: int = 2) -> dict[str, Heard]:
    """Listen to every track and copy; by file."""
    files = [truth.file for truth in truths] + [file for truth in truths for _, file in truth.copies]
    asked = [{"path": _place(folder / file), "essentia": essentia} for file in files]
    return dict(zip(files, map(_read, _ask(LISTEN, asked, workers)), strict=True))


def bliss(folder: Path, truths: Sequence[Truth], workers: int = 2) -> np.ndarray:
    """Return the numbers (n, 23) to compare with."""
    return np.array(_ask(BLISS, [{"path": _place(folder / truth.file)} for truth in truths], workers))


def alone(path: Path, essentia: bool) -> tuple[float, float]:
    """Return CPU seconds and the most memory (MB) that listening to one file takes."""
    with Child(LISTEN, memory_mb=MEMORY_MB) as child:
        answer = child.call({"path": _place(path), "essentia": essentia}, PATIENCE_S)
        told = Path(f"/proc/{child.pid}/status")
        lines = told.read_text().splitlines() if told.exists() else []
    most = next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM")), float("nan"))
    return answer["cpu_ms"] / 1000, most


def _place(path: Path) -> str:
    """Return a path as children find it, who work in another folder than this process."""
    return str(path.absolute())


def _ask(function: str, questions: Iterable[dict], workers: int) -> list[Any]:
    """Ask as many children as there are workers; a child belongs to its thread."""
    own, children = local(), []

    def ask(question: dict) -> Any:
        if not hasattr(own, "child"):
            own.child = Child(function, memory_mb=MEMORY_MB)
            children.append(own.child)
        return own.child.call(question, PATIENCE_S)

    with ThreadPoolExecutor(workers) as pool:
        try:
            return list(pool.map(ask, questions))
        finally:
            for child in children:
                child.close()


def _read(answer: dict) -> Heard:
    blocks = None if answer["blocks"] is None else np.array(answer["blocks"], np.float32)
    told = {name: Value(*parts) for name, parts in answer["values"].items()}
    return Heard(answer["state"], told, blocks, np.array(answer["fingerprint"], np.uint32), answer["cpu_ms"])
