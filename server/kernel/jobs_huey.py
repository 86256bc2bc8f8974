"""huey as the carrier of job numbers: a file by default, Redis by URL. Messages are JSON, never pickle."""

import logging
import sqlite3
from datetime import datetime
from pathlib import Path

import orjson
from huey import Huey, SqliteHuey
from huey.registry import Message
from huey.serializer import Serializer

log = logging.getLogger(__name__)


class JsonSerializer(Serializer):
    """Writes messages as JSON: whoever can write to the queue must not be able to run code."""

    def _serialize(self, data) -> bytes:
        if isinstance(data, Message):
            return orjson.dumps({"message": list(data)}, default=_plain)
        return orjson.dumps({"value": data}, default=_plain)

    def _deserialize(self, data):
        found = orjson.loads(bytes(data))
        if "message" in found:
            message = Message(*found["message"])
            return message._replace(
                args=tuple(message.args), eta=_moment(message.eta), expires_resolved=_moment(message.expires_resolved)
            )
        return found["value"]


def open_huey(redis_url: str, file: Path) -> Huey:
    """Open the queue in Redis, or in a file of its own beside the database."""
    if redis_url:
        from huey import PriorityRedisHuey

        return PriorityRedisHuey("familiar", url=redis_url, results=False, serializer=JsonSerializer())
    try:
        return _in_file(file)
    except sqlite3.OperationalError:
        raise
    except sqlite3.DatabaseError as error:
        # The jobs are rows of the database: each that waits gets a new message.
        log.warning("The queue %s is damaged (%s): it is put aside, a new one takes its place.", file, error)
        for end in ("-wal", "-shm"):
            file.with_name(file.name + end).unlink(missing_ok=True)
        file.replace(file.with_name(file.name + ".damaged"))
        return _in_file(file)


def _in_file(file: Path) -> Huey:
    return SqliteHuey(
        "familiar", filename=str(file), results=False, serializer=JsonSerializer(), fsync=True, cache_mb=1
    )


def _plain(value) -> str:
    return str(value)


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
