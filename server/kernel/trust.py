"""The authorities whose certificates are believed, read when the first https address is asked for and not before.

aiohttp reads them when it is loaded, whether or not anybody will ever ask: 25 ms of every start of a server.
"""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache


@cache
def context() -> ssl.SSLContext:
    """Return what checks the certificates of servers that are asked, as Python's `ssl` has it by default."""
    return ssl.create_default_context()


@contextmanager
def later() -> Iterator[None]:
    """Let what is loaded meanwhile make contexts without authorities: they believe nobody, so no harm can come of it.

    Not for threads: what others do with `ssl` in the meantime would be concerned as well.
    """
    usual = ssl.create_default_context
    ssl.create_default_context = lambda *_, **__: ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        yield
    finally:
        ssl.create_default_context = usual
