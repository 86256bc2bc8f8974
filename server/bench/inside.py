"""What is measured inside one process: `python -m server.bench.inside rescan DATA MUSIC` or `read MUSIC COUNT`.

Work and reference take turns in it, and both have all that they need imported.
"""

import os
import random
import resource
import sys
from pathlib import Path
from statistics import median

import orjson

from server.bench.measure import cpu_s


def rescan(data: str, music: str) -> dict[str, float]:
    """Return CPU seconds of a scan that finds nothing new, and of a walk that stats every file."""
    from server.kernel import properties
    from server.kernel.db import open_database
    from server.kernel.ids import Ids
    from server.library.scan import scan
    from subsonic.present import Faces

    db = open_database(f"sqlite://{Path(data, 'familiar.db')}")
    with db.reading() as conn:
        ids = Ids(int(properties.get(conn, "id key")))
    spent: dict[str, list[float]] = {"rescan_s": [], "walk_s": []}
    for _ in range(5):
        for name, work in (("rescan_s", lambda: scan(db, ids, Faces(ids.text))), ("walk_s", lambda: _walk(music))):
            before = _spent()
            work()
            spent[name].append(_spent() - before)
    db.close()
    return {name: median(each) for name, each in spent.items()}


def read(music: str, count: str) -> dict[str, float]:
    """Return CPU milliseconds for one file, by our reader and by mutagen."""
    import mutagen

    from server.library.sung.child import read_many

    paths = [str(path) for path in Path(music).rglob("*") if path.suffix in (".mp3", ".flac", ".opus", ".m4a")]
    chosen = random.Random(1).sample(paths, min(int(count), len(paths)))
    for path in chosen:
        os.stat(path)
    spent: dict[str, list[float]] = {"ours_ms": [], "mutagen_ms": []}
    for start in range(0, len(chosen), 100):
        some = chosen[start : start + 100]
        for name, work in (("ours_ms", lambda paths: read_many([(path, []) for path in paths])),
                           ("mutagen_ms", lambda paths: list(map(mutagen.File, paths)))):  # fmt: skip
            before = _spent()
            work(some)
            spent[name].append((_spent() - before) / len(some) * 1000)
    return {name: median(each) for name, each in spent.items()}


def _walk(music: str) -> int:
    return sum(os.stat(f"{folder}/{name}").st_size for folder, _, names in os.walk(music) for name in names)


def _spent() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return cpu_s(os.getpid()) + children.ru_utime + children.ru_stime


if __name__ == "__main__":
    work = {"rescan": rescan, "read": read}[sys.argv[1]]
    sys.stdout.buffer.write(orjson.dumps(work(*sys.argv[2:])))
