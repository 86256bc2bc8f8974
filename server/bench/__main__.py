"""`python -m server.bench`: the same as `familiar bench`."""

import sys

from server.bench.run import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
