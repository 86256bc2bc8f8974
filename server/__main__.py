"""The command `familiar`: reads what was typed, runs it, and ends with one sentence where something is wrong."""

import gc
import os
import signal
import sys
from typing import NoReturn

from server.commands import line
from server.kernel.errors import Failure

ENOUGH = 128 + signal.SIGPIPE
"""The status of a program whose output nobody reads any more."""


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return the exit status: 1 when it failed, 2 when it was mistyped."""
    typed = sys.argv[1:] if arguments is None else arguments
    try:
        module, given, config = line.read(typed, os.environ)
        status = module.run(given, config) or 0
        sys.stdout.flush()
        return status
    except line.Usage as error:
        print(f"familiar: {error}", file=sys.stderr)
        return 2
    except Failure as error:
        print(f"familiar: {error}", file=sys.stderr)
        return 1
    except UnicodeEncodeError:
        if not any("\udc80" <= sign <= "\udcff" for word in typed for sign in word):
            raise
        print("familiar: What was typed is not UTF-8; only names of files and folders may be that.", file=sys.stderr)
        return 2
    except BrokenPipeError:
        # Whoever reads what is said here, such as `head`, has seen enough; what is left to say goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ENOUGH
    except OSError as error:
        # A disk, a port or a right that is not there is no mistake of the program's.
        print(f"familiar: {told(error)}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def told(error: OSError) -> str:
    """Return what the system complains about as a sentence."""
    where = f"{error.filename}: " if error.filename else ""
    return f"{where}{error.strerror or error}."


def program() -> NoReturn:
    """Be the command itself: run one and end."""
    status = main()
    # Python's last search for cycles would take 30 ms, and all is given back to the system anyway.
    gc.freeze()
    sys.exit(status)


if __name__ == "__main__":
    program()
