"""The least that an aiohttp server can do: one route, one small JSON answer. `python -m server.bench.bare PORT`."""

import sys

from aiohttp import web

ANSWER = b'{"subsonic-response":{"status":"ok","version":"1.16.1"}}'


async def answer(request: web.Request) -> web.Response:
    return web.Response(body=ANSWER, content_type="application/json")


if __name__ == "__main__":
    application = web.Application()
    application.router.add_get("/rest/ping", answer)
    web.run_app(application, host="127.0.0.1", port=int(sys.argv[1]), access_log=None, print=None)
