"""Reading many files in a child process: one list of paths in, one list of plain values out.

This is the loop that catches everything per file: a file that breaks a reader in a way nobody thought of must cost
its own row and no more. It is run in a process with memory and time limits, never in the server.
"""

from server.kernel.files import os_name

from . import NotGiven, Reading, Unreadable, read


def read_many(paths: list[str]) -> list[Reading | dict]:
    """For each path its Reading (which orjson writes as an object), or {"error": a sentence for the user}.

    "passing" stands beside an error that says nothing of the file itself. Paths are path text.
    """
    return [_one(path) for path in paths]


def _one(path: str) -> Reading | dict:
    try:
        return read(os_name(path))
    except NotGiven as error:
        return {"error": str(error), "passing": True}
    except Unreadable as error:
        return {"error": str(error)}
    except MemoryError:
        return {"error": "The file asks for more memory than a music file may."}
    except Exception as error:
        return {"error": f"The file could not be understood ({type(error).__name__})."}
