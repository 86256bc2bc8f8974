"""Reading files in a child process, with memory and time limits, never in the server.

This is the place that catches everything: a file that breaks a reader in a way nobody thought of must cost its own row
and no more.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator

from server.kernel.files import os_name

from . import NotGiven, Reading, Unreadable, reader
from .source import Source

AHEAD = 16
"""Files that a disk works at while one is understood: to read files from a cold disk took a third of the time so."""


def read_each(paths: Iterable[str]) -> Iterator[Reading | dict]:
    """Yield each file's Reading, or {"error": a sentence for the user}, in the order of the paths.

    "passing" stands beside an error that says nothing of the file itself. The paths are path text.
    """
    coming: deque[Source | dict] = deque()
    try:
        for path in paths:
            coming.append(_told(_ordered, path))
            if len(coming) > AHEAD:
                yield _read(coming.popleft())
        while coming:
            yield _read(coming.popleft())
    finally:
        for left in coming:
            if isinstance(left, Source):
                left.close()


def _ordered(path: str) -> Source:
    return reader.ordered(os_name(path))


def _read(src: Source | dict) -> Reading | dict:
    return src if type(src) is dict else _told(reader.reading, src)


def _told(function: Callable, given: Source | str) -> Reading | Source | dict:
    try:
        return function(given)
    except NotGiven as error:
        return {"error": str(error), "passing": True}
    except Unreadable as error:
        return {"error": str(error)}
    except MemoryError:
        return {"error": "The file asks for more memory than a music file may."}
    except Exception as error:
        return {"error": f"The file could not be understood ({type(error).__name__})."}
