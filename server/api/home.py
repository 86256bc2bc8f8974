"""The page at `/` as text: what this is and how to connect an app, without scripts and without anything from elsewhere.

Every value that goes into it is escaped here. The style is part of the page and
allowed by its hash, so a `style=` attribute would do nothing.
"""

import random
from html import escape
from urllib.parse import urlsplit

from server import VERSION
from server.api.look import ICON, LOGO, STYLE
from server.api.state import NOTHING, State, public
from server.library.libraries import Size

APPS = (
    ("Android", (
        ("Symfonium", "Play Store"), ("Tempus", "F-Droid"), ("Ultrasonic", "F-Droid, Play Store"),
        ("DSub", "F-Droid, Play Store"), ("Substreamer", "Play Store"),
    )),
    ("iPhone and iPad", (("Amperfy", "App Store"), ("play:Sub", "App Store"), ("Substreamer", "App Store"))),
    ("Computer", (
        ("Feishin", "Linux, Mac, Windows"), ("Supersonic", "Linux, Mac, Windows"),
        ("Strawberry", "Linux, Mac, Windows"), ("Sublime Music", "Linux"),
    )),
    ("In a browser", (("Aonsoku", "also as a desktop app"), ("Airsonic Refix", "to host yourself"))),
    ("Around the house", (
        ("Music Assistant", "Home Assistant, speakers"), ("Mopidy", "with Subidy, for a Raspberry Pi"),
    )),
)  # fmt: skip

SIGN_IN = (
    ("Wrong user name or password (40)", (
        "Names are the ones that <code>familiar user list</code> shows; capitals make no difference. After many wrong"
        " tries in a row, answers are held back for a while: wait a minute. Forgotten? An administrator gives you a new"
        " password with <code>familiar user passwd NAME</code>."
    )),
    ("Token sign-in is not offered for this account (41)", (
        "Apps usually send a fingerprint of the password, a token, and this account takes none for its own password."
        " Give the app a password of its own: <code>familiar user app-password NAME Phone</code> prints one. Or let the"
        " app send the password itself: the switch is called legacy, plain text or force plain password."
        " Only do that over https or at home."
    )),
    ("This way of signing in is not offered (42)", (
        "The app tried something other than a password, a token or an API key. Choose user name and password in it."
    )),
    ("Invalid API key (44)", (
        "The key is mistyped or was taken back. <code>familiar user api-key NAME Phone</code> prints a new one."
    )),
)  # fmt: skip

SPINES = 64
SLEEVES = (
    "#3e9886", "#0a6355", "#ad794b", "#754a22", "#b6706b", "#7c423e", "#5b8abb", "#305880", "#9f8242", "#6a5118",
    "#5d9669", "#31623d", "#9777af", "#634876", "#d9c7a8", "#2b2622",
)  # fmt: skip


def page(address: str, state: State, base: str) -> str:
    """Return the page at `/`; `address` is where the asker reached this server, `base` the path it is served under."""
    title, lead = _told(state)
    offline = "".join(
        f'<p class="warn">{escape(each.name)} is offline: {escape(public(each.reason))}.'
        " Its music comes back by itself.</p>"
        for each in state.libraries if not each.online
    )  # fmt: skip
    body = (
        f'<h1>{title}</h1><p class="lead">{lead}</p>{offline}'
        f'<div class="shelf" aria-hidden="true">{_shelf(state.total.albums)}</div>'
        "<section><h2>Connect an app</h2><p>Familiar plays to any Subsonic or OpenSubsonic app. Such an app asks for"
        " three things; where it wants to know the kind of server, choose Subsonic.</p>"
        f'<dl><div><dt>Server</dt><dd><span class="address">{escape(address)}</span>{_elsewhere(address)}</dd></div>'
        "<div><dt>User name</dt><dd>Yours. The first one is <code>admin</code> unless another was chosen.</dd></div>"
        "<div><dt>Password</dt><dd>Yours, or one made for that app alone. The first one was printed at the first start."
        "</dd></div></dl></section>"
        f'<section><h2>Which app?</h2><div class="apps">{_apps()}</div></section>'
        '<section id="sign-in"><h2>If signing in fails</h2>'
        "<p>Apps show the number that the server gave as its reason.</p>"
        f"{_help()}</section>"
    )
    return whole("Familiar", body, base)


def nothing(base: str) -> str:
    """Return the page for an address at which there is nothing."""
    body = (
        '<h1>Nothing at this address.</h1><p class="lead">The music is one door further:'
        f' <a href="{escape(base)}">this is Familiar</a>.</p>'
    )
    return whole("Nothing here · Familiar", body, base.rstrip("/"))


def _elsewhere(address: str) -> str:
    """Return the hint that a phone needs when this machine is looked at from itself, else nothing."""
    host = urlsplit(address).hostname or ""
    if host != "localhost" and not host.startswith("127.") and host != "::1":
        return ""
    return f"<br>On a phone or another machine, put the name or address of this one in place of {escape(host)}."


def _told(state: State) -> tuple[str, str]:
    """Return the headline and the sentence below it, as HTML."""
    size = state.total
    if state.scanning:
        seen = (state.scan.progress if state.scan else {}).get("seen", 0)
        return (
            "Putting your records on the shelf.",
            f"<strong>{_number(seen, 'file')}</strong> looked at so far, {_amount(size)} ready to play."
            " You can start listening before it finishes.",
        )
    if not state.libraries:
        return (
            "No music yet.",
            "Familiar knows of no music folder. Start it with <code>--music /path/to/music</code>.",
        )
    if size == NOTHING:
        return "The shelf is empty.", "The music folder was looked through, and nothing that can be played was found."
    return "Your records are on the shelf.", f"{_amount(size)}, ready to play."


def _amount(size: Size) -> str:
    return (
        f"<strong>{_number(size.albums, 'album')}</strong> with <strong>{_number(size.tracks, 'song')}</strong>"
        f" by <strong>{_number(size.artists, 'artist')}</strong>"
    )


def _number(number: int, word: str) -> str:
    return f"{number:,} {word}{'' if number == 1 else 's'}"


def _shelf(albums: int) -> str:
    """Draw a spine for each album, as far as they fit, and outlines where there is room. It is the same each time."""
    rng = random.Random(7)
    drawn, x = [], 0
    for number in range(SPINES):
        width, height = rng.choice((11, 14, 16, 18, 22, 26)), rng.randrange(70, 126)
        colour, stripe = rng.choice(SLEEVES), rng.choice(SLEEVES)
        top = 136 - height
        lean = f' transform="rotate(7 {x + width} 136)"' if number in (min(albums, SPINES) - 1,) and albums > 3 else ""
        if number < albums:
            drawn.append(
                f'<g{lean}><rect x="{x}" y="{top}" width="{width}" height="{height}" rx="1" fill="{colour}"/>'
                f'<rect x="{x}" y="{top + rng.randrange(8, 30)}" width="{width}" height="{rng.choice((3, 6, 14))}"'
                f' fill="{stripe}"/></g>'
            )
        else:
            drawn.append(
                f'<rect class="gap" x="{x + 0.5}" y="{top + 0.5}" width="{width - 1}" height="{height}" rx="1"/>'
            )
        x += width + (18 if lean else 2)
    return f'<svg viewBox="0 0 1180 136" preserveAspectRatio="xMinYMax slice">{"".join(drawn)}</svg>'


def _apps() -> str:
    return "".join(
        f"<div><h3>{escape(where)}</h3><ul>"
        + "".join(f"<li>{escape(name)}<small>{escape(source)}</small></li>" for name, source in apps)
        + "</ul></div>"
        for where, apps in APPS
    )


def _help() -> str:
    return "".join(f"<details><summary>{escape(what)}</summary><p>{how}</p></details>" for what, how in SIGN_IN)


def whole(title: str, body: str, base: str) -> str:
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport"'
        f' content="width=device-width,initial-scale=1"><title>{title}</title><link rel="icon" href="{ICON}">'
        f'<style>{STYLE}</style></head><body><header><a class="mark" href="{escape(base)}/">'
        f"{LOGO.format('currentColor')}Familiar</a></header><main>{body}</main><footer><span>Familiar {VERSION}</span>"
        f'<span>Free software, AGPL 3.0 or later</span><a href="{escape(base)}/health">Health</a>'
        f'<a href="{escape(base)}/metrics">Metrics</a></footer></body></html>'
    )
