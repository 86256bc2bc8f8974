"""The chat, newest message first, as clients expect it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.users import chat
from subsonic.endpoints import AddChatMessage, GetChatMessages
from subsonic.protocol import handles
from subsonic.shapes import ChatMessage, ChatMessages

if TYPE_CHECKING:
    from subsonic.mount import Call


@handles(GetChatMessages)
async def messages(call: Call, q: GetChatMessages) -> ChatMessages:
    found = await call.db.read(chat.messages, call.viewer, q.since)
    return ChatMessages(chat_message=tuple(ChatMessage(username=m.name, time=m.said_ms, message=m.text) for m in found))


@handles(AddChatMessage)
async def say(call: Call, q: AddChatMessage) -> None:
    await call.db.write(chat.say, call.viewer, q.message)
