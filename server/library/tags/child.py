"""Reading a file in a child process, with memory and time limits, never in the server.

This is the place that catches everything: a file that breaks a reader in a way nobody thought of must cost its own row
and no more.
"""

from server.kernel.files import os_name

from . import NotGiven, Reading, Unreadable, read


def read_one(path: str) -> Reading | dict:
    """Return a file's Reading, or {"error": a sentence for the user}.

    "passing" stands beside an error that says nothing of the file itself. The path is path text.
    """
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
