"""Logging: one line per event on stderr, and no secret in any of them.

The rule a newcomer would break: log the route and what happened, never a raw
query string: it carries passwords, tokens and keys.
"""

import logging
import re
import sys

_SECRETS = re.compile(r"\b(p|t|s|apiKey|password|token|secret)=[^&\s\"']+", re.IGNORECASE)
SPARING_S = 60
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


class OneLine(logging.Formatter):
    """Keeps an event on one line and masks what looks like a credential."""

    def format(self, record: logging.LogRecord) -> str:
        text = super().format(record)
        if record.exc_info:
            return _SECRETS.sub(r"\1=***", text)
        return _CONTROL.sub(" ", _SECRETS.sub(r"\1=***", text))


class Sparing(logging.Filter):
    """Lets the same complaint through once a minute, in one line: on a full disk huey writes two traces a second."""

    def __init__(self):
        super().__init__()
        self._last: dict[str, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        if record.exc_info:
            record.msg, record.args = f"{record.getMessage()}: {record.exc_info[1]}", ()
            record.exc_info = None
        text = record.getMessage()
        if record.created - self._last.get(text, 0.0) < SPARING_S:
            return False
        if len(self._last) > 100:
            self._last.clear()
        self._last[text] = record.created
        return True


def start(level: str) -> None:
    """Log to stderr from now on. `level` is debug, info, warning or error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(OneLine("%(asctime)s %(levelname)s %(name)s: %(message)s", "%Y-%m-%d %H:%M:%S"))
    logging.basicConfig(level=getattr(logging, level.upper(), logging.INFO), handlers=[handler], force=True)
    logging.getLogger("aiohttp.access").disabled = True
    logging.getLogger("huey").setLevel(logging.WARNING)
    for name in ("huey.consumer", "huey.consumer.Worker", "huey.consumer.Scheduler", "huey", "familiar.database"):
        logging.getLogger(name).addFilter(Sparing())
    logging.getLogger("watchfiles").setLevel(logging.WARNING)
    logging.getLogger("peewee").setLevel(logging.WARNING)
