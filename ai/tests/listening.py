"""A child that listens to nothing: what it answers, and how it dies, stands in the name of the file."""

import os
import signal
import time
from pathlib import Path

from ai.models import bounded


def listen(payload: dict) -> dict:
    name = Path(payload["path"]).stem
    if "crash" in name:
        os.kill(os.getpid(), signal.SIGSEGV)
    if "raise" in name:
        raise ValueError("that was odd")
    if "spin" in name:
        bounded.limit(0)
        while True:
            pass
    while "wait" in name and not Path(payload["path"] + ".go").exists():
        time.sleep(0.005)
    return {"state": "ok", "reason": "", "values": {"tempo_bpm": [120.0, 0.9, "ours"]}, "blocks": [0.5] * 149,
            "fingerprint": [1, 2], "cpu_ms": 10}  # fmt: skip
