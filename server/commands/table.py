"""The table of settings in the README, from their declaration: `python -m server.commands.table` writes it anew."""

import re
from pathlib import Path

from server.kernel.config import SETTINGS, Setting

README = Path(__file__).parents[2] / "README.md"
BETWEEN = re.compile(r"(<!-- settings: [^\n]*-->\n).*?(<!-- end of settings -->)", re.DOTALL)


def table() -> str:
    """Return the table in Markdown."""
    lines = ["| setting | variable | default | what it is |", "|---|---|---|---|"]
    for setting in SETTINGS:
        lines.append(f"| `{setting.name}` | `{setting.variable}` | {_default(setting)} | {setting.sentence} |")
    return "\n".join(lines) + "\n"


def written(text: str) -> str:
    """Return the README's text with the table as it should be."""
    return BETWEEN.sub(lambda found: found[1] + table() + found[2], text)


def _default(setting: Setting) -> str:
    if setting.default in ("", ()):
        return ""
    return {True: "`on`", False: "`off`"}[setting.default] if setting.kind == "switch" else f"`{setting.default}`"


if __name__ == "__main__":
    README.write_text(written(README.read_text()))
