"""`/image/`: pictures by addresses that this server has given out, for those who have no account here."""

from aiohttp import web

from server.app import App
from server.kernel.errors import Failure, Unavailable
from server.library import shown
from server.library.artwork import Artwork
from server.users.signin import SignIn


def mount(router: web.UrlDispatcher, app: App) -> None:
    """Give pictures their addresses."""

    async def picture(request: web.Request) -> web.Response:
        try:
            cover_id, size = shown.understood(app.part(SignIn).key, app.ids, request.match_info["name"])
            source = await app.db.read(shown.place, cover_id)
            response = await app.part(Artwork).show(request, source, size)
            # Web players of other sites read the colours of a cover.
            response.headers["Access-Control-Allow-Origin"] = "*"
            return response
        except Unavailable as error:
            return web.Response(status=503, text=str(error), headers={"Retry-After": str(error.retry_after_s)})
        except Failure:
            return web.Response(status=404, text="There is no such picture.")

    router.add_get(f"{app.config.base_path}{shown.PATH}{{name}}", picture)
