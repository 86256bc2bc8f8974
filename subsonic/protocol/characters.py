"""Which characters may travel: XML 1.0 forbids some, and both formats shall carry the same text."""

import re

FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def clean(text: str) -> str:
    """Return the text without control codes, lone surrogates and U+FFFE/FFFF."""
    return text if text.isprintable() else FORBIDDEN.sub("", text)


def camel(name: str) -> str:
    """Return the wire's spelling of one of our names: `music_brainz_id` is `musicBrainzId`."""
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
