"""Who asks: from the parameters of a call to the viewer.

Only parameters count. `/rest` never reads a cookie, so that no page of another
site can act for somebody who is signed in here, and it ignores HTTP Basic,
which one client sends along with its own credentials.
"""

from typing import NamedTuple

from server.users.people import Viewer
from server.users.signin import Refused, SignIn

CONFLICTING, NOT_OFFERED = 43, 42
HELP_PATH = "/#sign-in"
CLIENT_MAX = 64


class Given(NamedTuple):
    """What a call brought to sign in with; None is absent, "" is there and empty."""

    u: str | None
    p: str | None
    t: str | None
    s: str | None
    api_key: str | None


async def identify(signin: SignIn, params, address: str) -> Viewer:
    """Return the viewer or raise Refused.

    `params` has `getall` or maps names to lists; `address` is what `addresses.peer` told.
    """
    every = getattr(params, "getall", None) or params.get
    given = _given(every)
    client = (every("c", None) or ("",))[0][:CLIENT_MAX]
    return signin.identify_fast(*given, address, client) or await signin.identify(*given, address, client)


def help_url(refused: Refused, origin: str, base_path: str = "") -> str | None:
    """Return the address of the page that helps with this refusal, or None; `origin` is from `addresses`."""
    return f"{origin}{base_path}{HELP_PATH}" if refused.help else None


def _given(every) -> Given:
    given = Given(
        _single(every, "u"), _single(every, "p"), _single(every, "t"), _single(every, "s"), _single(every, "apiKey")
    )
    if given.p is given.t is given.api_key is None and every("jwt", None):
        raise Refused(NOT_OFFERED, "Sign-in with a jwt is not offered; use u and p, u, t and s, or apiKey.", help=True)
    return given


def _single(every, name: str) -> str | None:
    """Return the one value; the same twice, as from address and form together, is one."""
    found = every(name, None)
    if not found:
        return None
    if len(found) > 1 and any(value != found[0] for value in found):
        raise Refused(CONFLICTING, f"The parameter '{name}' is there twice with different values.")
    return found[0]
