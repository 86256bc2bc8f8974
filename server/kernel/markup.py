"""Texts by strangers, freed of markup: some clients show them as HTML, others as they are."""

import html
import re

TEXT_CHARS = 20_000
CAUTIOUS = {
    "resolve_entities": False, "no_network": True, "load_dtd": False, "remove_comments": True, "remove_pis": True,
    "collect_ids": False,
    # Half of what there is is not quite XML, so what can be understood is.
    "recover": True,
}  # fmt: skip
"""How a child tells lxml to read XML by a stranger."""
_BREAK = re.compile(r"<\s*(?:br|/p|/div)\b[^<>]*>", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]*>")
_SPACES = re.compile(r"[^\S\n]+")
_LINES = re.compile(r"\n\s*\n\s*")


def plain(marked: str) -> str:
    """Return the words of a text; nothing that is left of it can begin a tag."""
    found = _BREAK.sub("\n", marked[: 4 * TEXT_CHARS])
    found = html.unescape(_TAG.sub("", found))
    found = _TAG.sub("", found).replace("<", "‹").replace(">", "›")
    found = "".join(c for c in found if c in "\n\t" or c.isprintable())
    return _LINES.sub("\n\n", _SPACES.sub(" ", found)).strip()[:TEXT_CHARS]
