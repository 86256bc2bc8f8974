"""User names: what may be one, and when two of them are the same.

Names are kept as they were typed and compared by their key alone. The rule a
newcomer would break: never compare names in SQL with LIKE or lower().
"""

import unicodedata

from server.kernel.errors import Invalid

NAME_MAX = 64


def key_of(name: str) -> str:
    """Return what makes a name unique: `Ａnna `, `ANNA` and `anna` are one person."""
    folded = unicodedata.normalize("NFKC", name.strip()).casefold()
    return unicodedata.normalize("NFKC", folded).strip()


def checked(name: str) -> str:
    """Return a new user's name without blanks at its ends. Raises Invalid with the reason."""
    name = unicodedata.normalize("NFC", name.strip())
    if not name or not key_of(name):
        raise Invalid("A user needs a name.")
    if len(name) > NAME_MAX or len(key_of(name)) > NAME_MAX:
        raise Invalid(f"A user name can have at most {NAME_MAX} characters.")
    if not name.isprintable():
        raise Invalid("A user name cannot hold control characters or invisible ones.")
    return name
