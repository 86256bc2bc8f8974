"""Users: made, read, changed, deleted by an administrator.

Every account made here is new, and deleted in the end.
"""

import secrets

from conformance.client import Account
from conformance.model import MUST, SHOULD, expect, rule
from conformance.site import Site
from conformance.verdicts import accepted, must_fail

ROLES = ("adminRole", "settingsRole", "downloadRole", "uploadRole", "playlistRole", "coverArtRole", "commentRole",
         "podcastRole", "streamRole", "jukeboxRole", "shareRole", "videoConversionRole")
TRUE_UNASKED = ("settingsRole", "streamRole")


def _get(site: Site, account: Account) -> dict:
    return site.read("getUser", username=account.name)


@rule("self", MUST, "Every account may read itself.", "getUser", needs="second")
def itself(site: Site, endpoint: str) -> None:
    got = site.read(endpoint, site.second, username=site.second.name)
    expect(got["username"].lower() == site.second.name.lower(), f"username {got['username']!r}")


@rule("scrobbling", SHOULD, "scrobblingEnabled is true: clients stop scrobbling otherwise.", "getUser")
def scrobbling(site: Site, endpoint: str) -> None:
    got = site.read(endpoint, username=site.account.name)["scrobblingEnabled"]
    expect(got is True, f"scrobblingEnabled {got!r}")


@rule("listed", MUST, "All accounts are listed, each once, and say there what getUser says.", "getUsers", needs="admin")
def listed(site: Site, endpoint: str) -> None:
    rows = site.read(endpoint)["user"]
    names = [u["username"] for u in rows]
    expect(len(names) == len(set(names)), "an account twice")
    row = next((u for u in rows if u["username"].lower() == site.account.name.lower()), None)
    expect(row, "the account that asks is not listed")
    alone = site.read("getUser", username=site.account.name)
    parted = [name for name in ROLES if row.get(name) != alone.get(name)]
    expect(not parted, f"{', '.join(parted)} differ from getUser")


@rule("signs.in", MUST, "A new account signs in, by a password sent plain or as enc:.", "createUser",
      needs="write admin")
def signs_in(site: Site, endpoint: str) -> None:
    for hidden in (False, True):
        account = Account(f"{site.mark}-in-{secrets.token_hex(2)}", "ä pässwörd", "plain")
        sent = "enc:" + account.password.encode().hex() if hidden else account.password
        site.later(lambda name=account.name: site.ask("deleteUser", {"username": name}))
        site.reply(endpoint, username=account.name, password=sent, email="someone@example.org")
        accepted(site.ask("ping", account=account))


@rule("roles.unasked", MUST, "Without being asked for, a new account has streamRole and settingsRole only; it is no "
      "administrator.", "createUser", needs="write admin")
def roles_unasked(site: Site, endpoint: str) -> None:
    got = _get(site, site.new_user("plain"))
    for name in ("adminRole", *TRUE_UNASKED):
        expect(got[name] is (name in TRUE_UNASKED), f"{name} is {got[name]}")


@rule("roles.given", MUST, "The roles, and the address, that are asked for are given.", "createUser",
      needs="write admin")
def roles_given(site: Site, endpoint: str) -> None:
    account = site.new_user("given", downloadRole="true", shareRole="true", streamRole="false", commentRole="true")
    got = _get(site, account)
    for name, wanted in (("downloadRole", True), ("shareRole", True), ("streamRole", False), ("commentRole", True)):
        expect(got[name] is wanted, f"{name} is {got[name]}, {wanted} was asked for")
    expect(got.get("email") == f"{account.name}@example.org", f"email {got.get('email')!r}")


@rule("exists", MUST, "A name that is taken is refused with error 0, and the account stays as it was.", "createUser",
      needs="write admin")
def exists(site: Site, endpoint: str) -> None:
    account = site.new_user("taken")
    site.refused(endpoint, (0,), username=account.name, password="another-secret 9", email="x@example.org")
    accepted(site.ask("ping", account=account))


@rule("changes", MUST, "Roles, address and bit rate that are given change; those that are not stay.", "updateUser",
      needs="write admin")
def changes(site: Site, endpoint: str) -> None:
    account = site.new_user("changed", shareRole="true")
    site.reply(endpoint, username=account.name, downloadRole="true", email="new@example.org", maxBitRate=128)
    got = _get(site, account)
    expect(got["downloadRole"] is True, "downloadRole did not change")
    expect(got["shareRole"] is True and got["streamRole"] is True, "roles that were not named changed")
    expect(got.get("email") == "new@example.org", f"email {got.get('email')!r}")
    expect(got.get("maxBitRate") == 128, f"maxBitRate {got.get('maxBitRate')!r}")
    accepted(site.ask("ping", account=account))


@rule("password", MUST, "A password given to updateUser is the new one.", "updateUser", needs="write admin")
def updated_password(site: Site, endpoint: str) -> None:
    account = site.new_user("repassword")
    new = Account(account.name, "new-" + secrets.token_hex(4), account.sign)
    site.reply(endpoint, username=account.name, password=new.password)
    accepted(site.ask("ping", account=new))
    must_fail(site.ask("ping", account=account), (40,))


@rule("folders", SHOULD, "An account may be kept to one music folder, and sees no other.", "updateUser",
      needs="write admin")
def folders(site: Site, endpoint: str) -> None:
    first = site.read("getMusicFolders")["musicFolder"][0]["id"]
    account = site.new_user("kept")
    site.reply(endpoint, username=account.name, musicFolderId=first)
    expect(_get(site, account).get("folder") == [first], f"folder {_get(site, account).get('folder')!r}")
    seen = [f["id"] for f in site.read("getMusicFolders", account)["musicFolder"]]
    expect(seen == [first], f"sees the folders {seen}")


@rule("password", MUST, "After changePassword the new password signs in, and the old one no longer.", "changePassword",
      needs="write admin")
def password(site: Site, endpoint: str) -> None:
    account = site.new_user("password")
    new = Account(account.name, "new-" + secrets.token_hex(4), account.sign)
    site.reply(endpoint, username=account.name, password="enc:" + new.password.encode().hex())
    accepted(site.ask("ping", account=new))
    must_fail(site.ask("ping", account=account), (40,))


@rule("password.own", SHOULD, "An ordinary account may change its own password.", "changePassword",
      needs="write admin")
def password_own(site: Site, endpoint: str) -> None:
    account = site.new_user("own")
    new = Account(account.name, "new-" + secrets.token_hex(4), account.sign)
    site.reply(endpoint, account, username=account.name, password=new.password)
    accepted(site.ask("ping", account=new))


@rule("deleted", MUST, "A deleted account is gone: error 70 when asked for, 40 when it signs in, not listed.",
      "deleteUser", needs="write admin")
def deleted(site: Site, endpoint: str) -> None:
    account = site.new_user("deleted")
    site.reply(endpoint, username=account.name)
    site.refused("getUser", (70,), username=account.name)
    must_fail(site.ask("ping", account=account), (40,))
    expect(account.name not in {u["username"] for u in site.read("getUsers")["user"]}, "still listed")
