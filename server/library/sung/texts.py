"""Which format a text is in, and which encoding: both are seen in the text alone.

Taggers put LRC, TTML and subtitles into plain fields, and files named .lrc hold plain words.
"""

import codecs

from server.library.sung import lrc, srt, ttml
from server.library.sung.building import language
from server.library.sung.layers import UNKNOWN, Layer

TEXT_CHARS = 1024 * 1024
MARK_CHARS = 4096


def layers(text: str, lang: str = "") -> list[Layer]:
    """Understand a text; `lang` is what its file or tag says of the language and counts where the text is silent."""
    text = text[:TEXT_CHARS]
    head = text[:MARK_CHARS].lstrip("\ufeff \t\r\n")
    if head.startswith("<") and ttml.known(head):
        found = ttml.read(text)
    elif srt.known(head):
        found = srt.read(text)
    else:
        found = lrc.read(text)
    said = language(lang)
    return [layer._replace(lang=said) if layer.lang == UNKNOWN else layer for layer in found]


def decode(data: bytes) -> str:
    """Return the text of a file whose encoding nobody noted."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", "replace")
    if b"\0" in data[:2]:
        return data.decode("utf-16-be" if data[0] == 0 else "utf-16-le", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")
