"""User management.

The verbs decide who may do what. The rule a newcomer would break: a password is
prepared in a thread before the transaction begins, because that takes 30 ms.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from server.kernel.db import Connection
from server.kernel.errors import Forbidden, Invalid
from server.stream.jukebox import Jukebox
from server.users import accounts
from server.users.accounts import Account, Changes
from server.users.names import key_of
from server.users.people import LISTENER, ROLES, Viewer
from server.users.secrets import MasterKey, NewPassword, prepare
from server.users.signin import SignIn
from subsonic import shapes
from subsonic.endpoints import ChangePassword, CreateUser, DeleteUser, GetUser, GetUsers, UpdateUser
from subsonic.protocol import handles

if TYPE_CHECKING:
    from subsonic.mount import Call

FIELDS = {
    "admin": "admin_role",
    "settings": "settings_role",
    "download": "download_role",
    "upload": "upload_role",
    "playlist": "playlist_role",
    "coverArt": "cover_art_role",
    "comment": "comment_role",
    "podcast": "podcast_role",
    "stream": "stream_role",
    "jukebox": "jukebox_role",
    "share": "share_role",
    "videoConversion": "video_conversion_role",
}
"""The protocol's name of each right, as requests and shapes spell it."""
OFFERED = LISTENER | {"admin", "podcast", "share"}
"""Rights behind which something works: an administrator is shown all of these, and clients show what goes with them.

So is the jukebox, where there is one.
"""


@handles(GetUser)
async def user(call: Call, q: GetUser) -> shapes.User:
    return _shown(await call.db.read(accounts.by_name, call.viewer, q.username), _offered(call))


@handles(GetUsers)
async def users(call: Call, q: GetUsers) -> shapes.Users:
    offered = _offered(call)
    found = await call.db.read(accounts.everyone, call.viewer)
    return shapes.Users(user=tuple([_shown(each, offered) for each in found]))


@handles(CreateUser)
async def create(call: Call, q: CreateUser) -> None:
    # The protocol says of playlistRole that it has had no effect since 1.8.0: everybody may have playlists.
    roles = {role for role in ROLES if getattr(q, FIELDS[role])} | {"playlist"}
    password = await _prepared(q.password, q.username)
    libraries = q.music_folder_id or ()
    key, viewer = call.app.part(SignIn).key, call.viewer
    await call.db.write(accounts.create, viewer, key, q.username, password, q.email, roles, libraries)


@handles(UpdateUser)
async def update(call: Call, q: UpdateUser) -> None:
    if q.password is not None and key_of(q.username) == key_of(call.viewer.name):
        _not_by_key(call)
    password = None if q.password is None else await _prepared(q.password, q.username)
    await call.db.write(_update, call.viewer, call.app.part(SignIn).key, q, password)


@handles(DeleteUser)
async def delete(call: Call, q: DeleteUser) -> None:
    await call.db.write(accounts.delete, call.viewer, q.username)


@handles(ChangePassword)
async def change_password(call: Call, q: ChangePassword) -> None:
    _not_by_key(call)
    password = await _prepared(q.password, q.username)
    await call.db.write(accounts.set_password, call.viewer, call.app.part(SignIn).key, q.username, password)


def _update(db: Connection, viewer: Viewer, key: MasterKey, q: UpdateUser, password: NewPassword | None) -> None:
    given = {role: wish for role in ROLES if (wish := getattr(q, FIELDS[role], None)) is not None}
    held = accounts.by_name(db, viewer, q.username).roles if given else frozenset()
    wanted = held.union(r for r, wish in given.items() if wish).difference(r for r, wish in given.items() if not wish)
    changes = Changes(q.email, wanted if given else None, q.music_folder_id, q.max_bit_rate)
    accounts.change(db, viewer, q.username, changes)
    if password is not None:
        accounts.set_password(db, viewer, key, q.username, password)


def _not_by_key(call: Call) -> None:
    """A key is lent to one program, and may be taken back: it must not be enough to take the account over."""
    if call.params.get("apiKey"):
        raise Forbidden("An API key cannot change a password: sign in with the password.")


async def _prepared(password: str, name: str) -> NewPassword:
    if password.startswith("enc:"):
        try:
            password = bytes.fromhex(password[4:]).decode()
        except ValueError:
            raise Invalid("The password begins with 'enc:' but what follows is not the hex of a text.") from None
    return await asyncio.to_thread(prepare, password, name)


def _offered(call: Call) -> frozenset[str]:
    jukebox: Jukebox | None = call.app.parts.get(Jukebox)
    return OFFERED | {"jukebox"} if jukebox and jukebox.player else OFFERED


def _shown(account: Account, offered: frozenset[str]) -> shapes.User:
    held = account.roles | offered if "admin" in account.roles else account.roles
    rights = {field: role in held for role, field in FIELDS.items()}
    return shapes.User(
        username=account.name,
        email=account.email or None,
        max_bit_rate=account.max_bitrate_kbps,
        folder=account.libraries,
        **rights,
    )
