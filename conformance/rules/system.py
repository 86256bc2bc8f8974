"""System: signing in, versions, the list of extensions.

Wrong passwords are tried a few times only: servers rightly slow down those who guess.
"""

from conformance.client import Account, signed
from conformance.model import DOCS, MUST, REFERENCE, SHOULD, SUBSONIC, expect, rule
from conformance.site import Site
from conformance.verdicts import accepted, must_fail

AUTH = f"{REFERENCE}#authentication"
ERRORS = f"{REFERENCE}#error-handling"
KEYS = f"{DOCS}/extensions/apikeyauth/"
EXTENSIONS = "https://opensubsonic.netlify.app/docs/endpoints/getopensubsonicextensions/"


def _as(site: Site, sign: str) -> Account:
    return Account(site.account.name, site.account.password, sign)


@rule("auth.plain", MUST, "The password itself (p) signs in.", "ping", page=SUBSONIC)
def plain(site: Site, endpoint: str) -> None:
    accepted(site.ask(endpoint, account=_as(site, "plain")))


@rule("auth.hex", MUST, "The password as enc: and hexadecimal UTF-8 signs in.", "ping", page=SUBSONIC)
def hexadecimal(site: Site, endpoint: str) -> None:
    accepted(site.ask(endpoint, account=_as(site, "hex")))


@rule("auth.token", MUST, "A token (t, s) signs in, or is error 41 where the server cannot check one.", "ping",
      page=AUTH)
def token(site: Site, endpoint: str) -> None:
    tree = site.ask(endpoint, account=_as(site, "token")).tree()
    code = tree.get("error", {}).get("code")
    expect(tree.get("status") == "ok" or code == 41, f"error {code}")


@rule("auth.token.version", SHOULD, "A token signs in although v is below 1.13.0, as real clients send it.", "ping")
def token_version(site: Site, endpoint: str) -> None:
    accepted(site.ask(endpoint, {"v": "1.11.0"}))


@rule("auth.version", MUST, "A client of an older minor version is served.", "ping", page=SUBSONIC)
def older(site: Site, endpoint: str) -> None:
    accepted(site.ask(endpoint, {"v": "1.1.0"}, account=_as(site, "plain")))


@rule("auth.version.newer", SHOULD, "A client of a newer version is served, or told so by error 30; one of no version "
      "at all is served, or told so by error 10 or 20.", "ping", page=ERRORS)
def newer(site: Site, endpoint: str) -> None:
    for version, codes in (("1.99.0", (30,)), ("2.0.0", (30,)), ("0.9.0", (20,)), ("soon", (0, 10, 20)), (None, (10,))):
        answer = site.ask(endpoint, {"v": version})
        if answer.tree().get("status") != "ok":
            must_fail(answer, codes)


@rule("client.odd", SHOULD, "Any client name will do, even an address; a form's Content-Type on a GET and HTTP "
      "Basic credentials beside the right ones count for nothing.", "ping", page=SUBSONIC)
def client_odd(site: Site, endpoint: str) -> None:
    for name in ("http://player.example:8080", "Pläyer 🎵 2.0 (beta)", "x" * 200):
        accepted(site.ask(endpoint, {"c": name}))
    accepted(site.ask(endpoint, headers={"Content-Type": "application/x-www-form-urlencoded"}))
    accepted(site.ask(endpoint, headers={"Authorization": "Basic bm9ib2R5Om5vdGhpbmc="}))


@rule("auth.form", MUST, "Credentials may stand in a form body.", "ping",
      page=f"{DOCS}/extensions/formpost/", needs="formPost")
def form(site: Site, endpoint: str) -> None:
    for charset in ("", "; charset=UTF-8"):
        kind = {"Content-Type": "application/x-www-form-urlencoded" + charset}
        accepted(site.ask(endpoint, post="form", account=_as(site, "plain"), headers=kind))


@rule("auth.wrong", MUST, "A wrong password is error 40: plain, hexadecimal, bad hexadecimal, token.", "ping",
      page=ERRORS)
def wrong(site: Site, endpoint: str) -> None:
    for sign in ("plain", "hex", "token"):
        must_fail(site.ask(endpoint, account=Account(site.account.name, "not it", sign)), (40,))
        accepted(site.ask(endpoint))
    must_fail(site.ask(endpoint, {"u": site.account.name, "p": "enc:zz"}, account=None), (40,))
    accepted(site.ask(endpoint))


@rule("auth.half", MUST, "A name without a password, a token without its salt: error 10.", "ping", page=ERRORS)
def half(site: Site, endpoint: str) -> None:
    must_fail(site.ask(endpoint, {"u": site.account.name}, account=None), (10,))
    must_fail(site.ask(endpoint, {"u": site.account.name, "t": "00" * 16}, account=None), (10,))


@rule("auth.cookie", SHOULD, "A call signs in by its parameters only; cookies of earlier calls count for nothing.",
      "ping")
def cookie(site: Site, endpoint: str) -> None:
    given = accepted_answer(site, endpoint).header("set-cookie").partition(";")[0]
    headers = {"Cookie": given} if given else {}
    must_fail(site.ask(endpoint, account=None, headers=headers), (10, 40))


def accepted_answer(site: Site, endpoint: str):
    answer = site.ask(endpoint)
    accepted(answer)
    return answer


@rule("auth.key.unknown", MUST, "An API key that does not exist is error 44.", "ping", "tokenInfo", page=KEYS,
      needs="apiKeyAuthentication")
def key_unknown(site: Site, endpoint: str) -> None:
    must_fail(site.ask(endpoint, {"apiKey": "no-such-key"}, account=None), (44,))


@rule("auth.key", MUST, "An API key signs in alone, plain and in a form body.", "ping", page=KEYS,
      needs="apiKeyAuthentication key")
def key_alone(site: Site, endpoint: str) -> None:
    accepted(site.ask(endpoint, account=site.key))
    accepted(site.ask(endpoint, account=site.key, post="form"))


@rule("auth.key.owner", MUST, "tokenInfo says whose key it is.", "tokenInfo", page=KEYS, needs="key")
def key_owner(site: Site, endpoint: str) -> None:
    got = site.read(endpoint, site.key)["username"]
    expect(got.lower() == site.account.name.lower(), f"username {got!r}")


@rule("auth.key.conflict", MUST, "An API key together with u, p or t is error 43.", "ping", page=KEYS,
      needs="apiKeyAuthentication")
def key_conflict(site: Site, endpoint: str) -> None:
    must_fail(site.ask(endpoint, {"apiKey": "no-such-key", "u": site.account.name}, account=None), (43,))
    must_fail(site.ask(endpoint, {"apiKey": "no-such-key"} | signed(site.account), account=None), (43,))
    if site.key:
        must_fail(site.ask(endpoint, {"u": site.account.name}, account=site.key), (43,))


@rule("auth.key.absent", SHOULD, "A server without API keys answers one with error 42.", "ping", page=KEYS,
      needs="opensubsonic")
def key_absent(site: Site, endpoint: str) -> None:
    if "apiKeyAuthentication" not in site.extensions:
        must_fail(site.ask(endpoint, {"apiKey": "no-such-key"}, account=None), (42, 10))


@rule("format.unknown", SHOULD, "An unknown format is answered with an envelope all the same.", "ping", page=SUBSONIC)
def format_unknown(site: Site, endpoint: str) -> None:
    expect(site.ask(endpoint, {"f": "yaml"}).tree().get("status") in ("ok", "failed"), "no status")


@rule("callback", SHOULD, "A callback that is no identifier is never written into the answer.", "ping", page=SUBSONIC)
def callback(site: Site, endpoint: str) -> None:
    answer = site.ask(endpoint, {"callback": "alert(1)//"}, form="jsonp")
    expect(b"alert(1)" not in answer.body, f"{answer.asked} answered {answer.brief()}")


@rule("unknown.method", SHOULD, "A method that does not exist is HTTP 404 or a failure in the envelope, not 70.",
      "ping", page=REFERENCE)
def unknown_method(site: Site, endpoint: str) -> None:
    answer = site.ask("noSuchMethod")
    expect(answer.status in (200, 404), f"HTTP {answer.status}")
    if answer.status == 200:
        must_fail(answer, (0,))


@rule("license.valid", SHOULD, "The licence is valid: clients refuse to work without.", "getLicense")
def license_valid(site: Site, endpoint: str) -> None:
    expect(site.read(endpoint).get("valid") is True, "valid is not true")


@rule("extensions.anonymous", MUST, "The list of extensions is answered without any credentials.",
      "getOpenSubsonicExtensions", page=EXTENSIONS)
def anonymous(site: Site, endpoint: str) -> None:
    tree = accepted(site.ask(endpoint, account=None))
    expect(isinstance(tree.get("openSubsonicExtensions"), list), "no list of extensions")


@rule("extensions.wrong", SHOULD, "The list of extensions is answered even with wrong credentials.",
      "getOpenSubsonicExtensions", page=EXTENSIONS)
def extensions_wrong(site: Site, endpoint: str) -> None:
    # Nobody's: some clients ask before anybody has signed in, with credentials that they made up.
    accepted(site.ask(endpoint, account=Account("nobody-here", "no password", "plain")))


@rule("extensions.versions", MUST, "Every extension is announced once, with at least one version; the template is "
      "not announced.", "getOpenSubsonicExtensions", page=EXTENSIONS)
def extension_versions(site: Site, endpoint: str) -> None:
    found = site.read(endpoint)
    names = [one["name"] for one in found]
    expect(len(names) == len(set(names)), f"announced twice: {sorted({n for n in names if names.count(n) > 1})}")
    expect("template" not in names, "template is announced")
    empty = [one["name"] for one in found if not one["versions"]]
    expect(not empty, f"no versions of {', '.join(empty)}")
