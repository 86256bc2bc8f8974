"""OPML: the list of followed podcasts as other programs write and read it. http://opml.org/spec2.opml

What a stranger wrote is read in a child; an address in it is checked as one that
somebody types is.
"""

import tempfile
from typing import NamedTuple
from xml.sax.saxutils import quoteattr

from server.kernel.db import Connection
from server.kernel.errors import Failure, Invalid
from server.kernel.run import Child, ChildDied, ChildError
from server.library import podcasts
from server.library.episodes import allow
from server.users.people import Viewer

WORK = "server.library.feeds:work"
BYTES_MAX = 4 << 20
READ_S = 20.0
REFUSED_MAX = 20


class Taken(NamedTuple):
    """What became of a list."""

    added: int
    known: int
    refused: list[str]
    """Why, in words; the first few."""


def written(db: Connection, viewer: Viewer) -> str:
    """Return all followed podcasts as a file."""
    outlines = "".join(
        f"    <outline type=\"rss\" text={quoteattr(each.title)} title={quoteattr(each.title)}"
        f" xmlUrl={quoteattr(each.url)}/>\n" for each in podcasts.listed(db, viewer)
    )  # fmt: skip
    head = '<?xml version="1.0" encoding="UTF-8"?>\n<opml version="2.0">\n  <head><title>Podcasts</title></head>\n'
    return f"{head}  <body>\n{outlines}  </body>\n</opml>\n"


def read(data: bytes) -> list[dict[str, str]]:
    """Return the feeds that a file names, as url and title. Takes a while; raises Invalid."""
    if len(data) > BYTES_MAX:
        raise Invalid(f"The list is larger than {BYTES_MAX >> 20} MB.")
    with tempfile.NamedTemporaryFile(prefix="familiar-opml-") as file, Child(WORK, memory_mb=384) as child:
        file.write(data)
        file.flush()
        try:
            return child.call({"do": "list", "path": file.name}, READ_S)
        except (ChildDied, ChildError):
            raise Invalid("The list could not be understood.") from None


def take(db: Connection, viewer: Viewer, feeds: list[dict[str, str]]) -> Taken:
    """Follow what a list names and is not followed yet. Raises Forbidden."""
    allow(viewer)
    seen = podcasts.keys(db)
    added = known = 0
    refused = []
    for feed in feeds:
        try:
            key = podcasts.key_of(feed["url"])
            if key in seen:
                known += 1
                continue
            podcasts.follow(db, viewer, feed["url"], feed["title"])
            seen.add(key)
            added += 1
        except Failure as failure:
            refused.append(f"{feed['title'] or 'A feed without a name'}: {failure}")
    return Taken(added, known, refused[:REFUSED_MAX])
