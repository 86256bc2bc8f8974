"""huey as the carrier of job numbers: a file by default, Redis by URL. Messages are JSON, never pickle."""

from datetime import datetime
from pathlib import Path

import orjson
from huey import Huey, SqliteHuey
from huey.registry import Message
from huey.serializer import Serializer


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
    return SqliteHuey(
        "familiar", filename=str(file), results=False, serializer=JsonSerializer(), fsync=True, cache_mb=1
    )


def _plain(value) -> str:
    return str(value)


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
