"""The page `/ears`, for administrators: how far the music is listened to, and how well that is understood.

The page itself knows nothing: whoever opens it signs in, and its script asks
`/api` with that, for as long as the page is open. Nothing is kept.
"""

from pathlib import Path

from aiohttp import web

from server.api import home, look
from server.app import App

HEADERS = {
    "Content-Security-Policy": (
        f"default-src 'none'; script-src 'self'; style-src '{look.STYLE_HASH}'; img-src data:; connect-src 'self';"
        " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex, nofollow",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-cache",
}
BODY = """<h1>How well the music is heard.</h1>
<p class="lead">For administrators: what has been listened to, how well songs that belong together are found, and
whether what is recommended would have been played.</p>
<form id="sign-in"><dl>
<div><dt><label for="name">User name</label></dt><dd><input id="name" autocomplete="username" required></dd></div>
<div><dt><label for="password">Password</label></dt>
<dd><input id="password" type="password" autocomplete="current-password" required></dd></div>
</dl><p><button>Show it</button></p></form>
<p id="said" class="warn" role="alert"></p>
<div id="told" hidden>
<section><h2>Listening</h2><p id="state" aria-live="polite"></p><dl id="counts"></dl></section>
<section><h2>How well it works here</h2><p id="measured"></p><dl id="lines"></dl>
<p><button id="again" type="button">Measure it anew</button></p></section>
<section id="left" hidden><h2>Left alone</h2><dl id="reasons"></dl></section>
</div>
<noscript><p class="warn">This page needs its script; on the machine itself, <code>familiar quality</code> and
<code>familiar analyse --status</code> say the same.</p></noscript>
<script src="{base}/ears.js"></script>"""


def mount(router: web.UrlDispatcher, app: App) -> None:
    """Give the page and its script their addresses."""
    base = app.config.base_path
    script = Path(__file__).with_name("ears.js").read_bytes()

    async def page(request: web.Request) -> web.Response:
        html = home.whole("Ears · Familiar", BODY.replace("{base}", base), base)
        return web.Response(text=html, content_type="text/html", charset="utf-8", headers=HEADERS)

    async def asset(request: web.Request) -> web.Response:
        return web.Response(body=script, content_type="text/javascript", charset="utf-8", headers=HEADERS)

    router.add_get(f"{base}/ears", page)
    router.add_get(f"{base}/ears.js", asset)
