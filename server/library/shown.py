"""Addresses of pictures that need no account: clients load them as pages do, without the parameters of a call.

An address holds a picture's id, a size and a proof that this server made it. The
rule a newcomer would break: it is good for one picture of one size, so nobody
can count their way from it to others.
"""

import hmac

from server.kernel.db import Connection
from server.kernel.errors import NotFound
from server.kernel.ids import Ids
from server.library import libraries
from server.library.places import Source, source
from server.users.people import Viewer
from server.users.secrets import MasterKey

PATH = "/image/"
SIZES = (100, 300, 1200)
"""Small, medium and large."""
PURPOSE, PROOF_CHARS = "picture", 32


def addresses(key: MasterKey, ids: Ids, origin: str, cover_id: int | None) -> tuple[str, ...]:
    """Return the addresses of a picture, small, medium and large; none of none."""
    if cover_id is None:
        return ()
    names = [f"{ids.text('co', cover_id)}.{size}" for size in SIZES]
    return tuple(f"{origin}{PATH}{name}.{_proof(key, name)}" for name in names)


def understood(key: MasterKey, ids: Ids, text: str) -> tuple[int, int]:
    """Return the cover's id and the size that an address stands for. Raises NotFound for one that we did not make."""
    name, _, proof = text.rpartition(".")
    if not hmac.compare_digest(_proof(key, name).encode(), proof.encode("utf-8", "surrogatepass")):
        raise NotFound("There is no such picture.")
    cover, _, size = name.rpartition(".")
    return ids.number("co", cover), int(size)


def place(db: Connection, cover_id: int) -> Source:
    """Return where a picture is, whoever asks. Raises NotFound."""
    everywhere = tuple(library.id for library in libraries.everything(db))
    return source(db, Viewer(0, "", frozenset(), everywhere), "co", cover_id)


def _proof(key: MasterKey, name: str) -> str:
    return key.digest(PURPOSE, name)[:PROOF_CHARS]
