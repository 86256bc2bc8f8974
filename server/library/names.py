"""How names are compared, sorted and searched: folded once, when they are stored.

Both databases compare the same bytes, so nothing here may depend on a locale or
on a database's collation.
"""

import hashlib
import re
import unicodedata
from functools import cache, lru_cache

IGNORED_ARTICLES = "The El La Los Las Le Les"
"""Leading words that do not count when names are put in order, as Subsonic reports them."""

VARIOUS_ARTISTS = "Various Artists"
VARIOUS_ARTISTS_MBID = "89ad4ac3-39f7-470e-963a-56509c546377"
UNKNOWN_ARTIST = "[Unknown Artist]"
UNKNOWN_ALBUM = "[Unknown Album]"

KEY_LENGTH = 500
WORDS_LENGTH = 20_000
"""Nobody types more; PostgreSQL's search takes a megabyte, and one sign can become eighteen when it is folded."""

_ARTICLES = tuple(article.lower() + " " for article in IGNORED_ARTICLES.split())
_WORD = re.compile(r"[^\W_]+")
_APOSTROPHES = str.maketrans("", "", "'’ʼ`´")
_TYPED = str.maketrans(
    {"ø": "o", "œ": "oe", "æ": "ae", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ħ": "h", "ŧ": "t", "ŋ": "n", "ı": "i",
     "ə": "e", "ʻ": "", "ʽ": ""}
)  # fmt: skip
"""Letters that do not come apart under NFKD, and what those type who lack them; step 0017 holds the same."""


def fold(text: str) -> str:
    """Return text without case and diacritics, for comparing: "Sigur Rós" and "SIGUR ROS" are one."""
    if text.isascii():
        return text.lower()
    plain = unicodedata.normalize("NFKD", text)
    return "".join([c for c in plain if not unicodedata.combining(c)]).casefold()


NOBODY = (fold(UNKNOWN_ARTIST), fold(VARIOUS_ARTISTS))
"""Under these, folded, stands what is by all kinds of people."""


def somebody(number: int | None, name: str) -> tuple[int, str]:
    """Return an artist as given, or 0 and "" for one who stands for nobody: two songs have not him in common."""
    return (number or 0, name) if fold(name) not in NOBODY else (0, "")


def words(*texts: str) -> str:
    """Return the folded words of several texts, one space apart, as anybody can type them: "Røyksopp" is "royksopp".

    Han, kana and hangul are written without spaces, so each of their signs is a
    word of its own and a phrase finds any run of them.
    """
    text = " ".join(texts)
    folded = fold(text.translate(_APOSTROPHES))
    if not folded.isascii():
        # Hangul comes apart under NFKD; put together again, one syllable is one sign.
        folded = _alone().sub(r" \1 ", unicodedata.normalize("NFC", folded).translate(_TYPED))
    return " ".join(_WORD.findall(folded[:WORDS_LENGTH]))


@cache
def _alone() -> re.Pattern:
    """Return what finds such signs; made when first needed, for it takes 4 ms and every process of ours loads this."""
    return re.compile(r"([\u1100-\u11ff\u2e80-\u2fdf\u3005-\u30ff\u3100-\u31ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]"
                      r"|[\U00020000-\U0003ffff])")


@lru_cache(8192)
def words_of(name: str) -> str:
    """Return the words of a name that many tracks share."""
    return words(name)


def bounded(text: str) -> str:
    """Return text as a key that fits into an index: PostgreSQL's take 2,704 bytes, so a long one's rest is hashed."""
    if len(text) <= KEY_LENGTH:
        return text
    return text[: KEY_LENGTH - 34] + "\x1f" + hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def sort_key(name: str) -> str:
    """Return what a name is sorted by: folded, without a leading article."""
    folded = fold(name).strip()
    if folded.startswith(_ARTICLES):
        rest = folded.partition(" ")[2].lstrip()
        return rest or folded
    return folded


def letter(sort: str) -> str:
    """Return the index letter of a sort key: an upper-case letter, or "#" for all that is none."""
    first = sort[:1].upper()
    return first[:1] if first.isalpha() else "#"
