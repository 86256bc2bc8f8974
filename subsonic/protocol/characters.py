"""Which characters may travel: XML 1.0 forbids some, and both formats shall carry the same text."""

import re

FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def clean(text: str) -> str:
    """Return the text without control codes, lone surrogates and U+FFFE/FFFF."""
    return text if text.isprintable() else FORBIDDEN.sub("", text)


def camel(name: str) -> str:
    """Return the wire's spelling of one of our names: `music_brainz_id` is `musicBrainzId`."""
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
