"""Notes beside the music, read inside a child: what Kodi and its friends write as artist.nfo and album.nfo.

The rule a newcomer would break: an .nfo is XML by a stranger, often with a bare
address below it, so entities stay unread and what is broken is read as far as
it goes. https://kodi.wiki/view/NFO_files/Artists
"""

from lxml import etree

from server.kernel.files import os_name, read_regular
from server.kernel.markup import CAUTIOUS, plain
from server.library.sung.texts import decode

FILE_BYTES = 256 * 1024
TEXTS = ("biography", "review")
MBIDS = ("musicbrainzartistid", "musicbrainzalbumid")


def read(path: str) -> dict[str, str]:
    """Return "text" and "mbid" of an .nfo or text file, "" for what it does not say."""
    data = read_regular(os_name(path), FILE_BYTES)
    if not path.lower().endswith(".nfo"):
        return {"text": plain(decode(data)), "mbid": ""}
    root = etree.fromstring(data.lstrip(b"\xef\xbb\xbf \t\r\n"), etree.XMLParser(**CAUTIOUS))
    # Some write markup into a biography as it is.
    said = {} if root is None else {
        each.tag.lower(): "".join(each.itertext("*")) for each in root.iterchildren() if isinstance(each.tag, str)
    }  # fmt: skip
    return {"text": plain(_first(said, TEXTS)), "mbid": _first(said, MBIDS).lower()[:36]}


def _first(said: dict[str, str], names: tuple[str, ...]) -> str:
    return next((said[name].strip() for name in names if said.get(name, "").strip()), "")
