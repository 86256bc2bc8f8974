"""The server: what only a process that answers requests has, all fronts mounted, and a worker kept beside it."""

import asyncio
import contextlib
import gc
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator

from aiohttp import web

from ai.minds import Minds
from ai.sonic import Ears
from server.api import earspage, images, pages, routes, share
from server.api.signed import Signed
from server.app import App
from server.kernel.config import Config
from server.kernel.connections import Complaints, Doors, most_connections
from server.kernel.errors import Conflict, Invalid
from server.kernel.files import CacheFolder
from server.kernel.quiet import Asking
from server.kernel.run import AsyncChild
from server.library import outside, sonic
from server.library.artwork import Artwork, children
from server.library.logos import Logos
from server.library.notes import Notes
from server.main import GRACE_S, master_key
from server.plays import marks
from server.stream import ffmpeg
from server.stream.decide import Default
from server.stream.hls import Cutter
from server.stream.jukebox import Jukebox
from server.stream.transcode import Transcoder
from server.stream.tuner import Tuner
from server.users import addresses
from server.users.signin import SignIn
from subsonic import chapters, media
from subsonic.mount import Front

log = logging.getLogger("familiar")

# Named and not imported, for a start would wait for it.
marks.RATED.append("ai.taste:rated")

FORM_BYTES = 10 << 20
SETTLED_S = 0.3
"""Who waited for the start has been answered by then, and what else there is to be done can begin."""
WORKER_PAUSE_S, WORKER_PAUSE_MAX_S = 2.5, 60.0


def client_defaults(text: str) -> dict[str, Default]:
    """Read "CLIENT=FORMAT:KBPS, …". Raises Invalid."""
    found = {}
    for item in filter(None, (part.strip() for part in text.split(","))):
        client, _, wish = item.partition("=")
        name, _, kbps = wish.partition(":")
        if not client or not name or (kbps and not kbps.isdigit()):
            raise Invalid(f"client_formats has {item!r}; it should look like DSub=opus:96.")
        found[client.strip()] = Default(name.strip(), int(kbps or 0))
    return found


def equip(app: App) -> AsyncChild:
    """Give the app what only a server needs; return the pool of children to close at the end."""
    config, data = app.config, app.config.data_path
    child = children()
    app.parts[SignIn] = SignIn(app.db, master_key(config))
    app.parts[Artwork] = Artwork(app.db, app.ids, child, CacheFolder(data / "covers", config.cover_cache_mb << 20))
    app.parts[Notes] = Notes(app.db)
    app.parts[outside.SERVICES] = outside.switched_on(app)
    app.parts[Transcoder] = Transcoder(
        data / "transcodes",
        None,
        max_running=config.transcodes or (os.cpu_count() or 1) + 1,
        max_per_user=config.transcodes_per_user,
        max_cache_bytes=config.transcode_cache_mb << 20,
        quiet=Asking(data),
    )
    app.parts[Cutter] = Cutter(app.parts[Transcoder])
    app.parts[Jukebox] = Jukebox(app.db, config.jukebox, config.jukebox_device)
    app.parts[Tuner] = Tuner(app.fetch)
    app.parts[Logos] = Logos(app.db, app.fetch, app.part(Artwork))
    app.parts[Minds] = Minds()
    app.parts[sonic.Engine] = Ears(app.part(Minds))
    app.parts[media.CLIENT_DEFAULTS] = client_defaults(config.client_formats)
    return child


def web_application(app: App) -> web.Application:
    """Mount all fronts."""
    application = web.Application(client_max_size=FORM_BYTES)
    chapters.load(chapters.CHAPTERS[0])
    front = Front(app, addresses.networks(app.config.trusted_proxies))
    front.mount(application.router, app.config.base_path)
    application.on_response_prepare.append(front.head)
    images.mount(application.router, app)
    routes.mount(Signed(application.router, app))
    share.mount(application.router, app)
    earspage.mount(application.router, app)
    pages.mount(application.router, app)
    return application


@contextlib.asynccontextmanager
async def serving(app: App, host: str, port: int) -> AsyncIterator[int]:
    """Answer requests for as long as the context lasts; gives the port."""
    app.db.hasten()
    child = equip(app)
    transcoder: Transcoder = app.part(Transcoder)
    transcoder.open()
    app.part(Minds).attach(asyncio.get_running_loop())
    runner = web.AppRunner(web_application(app), handler_cancellation=True, shutdown_timeout=GRACE_S)
    await runner.setup()
    app.parts[media.ENCODER_SEARCH] = asyncio.create_task(_find_encoder(transcoder, app.config.ffmpeg))
    listening = None
    try:
        listening = await _listen(app, runner.server, host, port)
        yield listening.sockets[0].getsockname()[1]
    finally:
        if listening:
            listening.close()
        await app.parts[media.ENCODER_SEARCH]
        await app.part(Tuner).close()
        await app.part(Logos).close()
        await transcoder.close()
        await runner.cleanup()
        await app.part(Jukebox).close()
        await child.close()
        await app.part(Minds).close()
        await app.part(Notes).close()
        await app.part(SignIn).aclose()


async def _listen(app: App, server: web.Server, host: str, port: int) -> asyncio.Server:
    trusted = addresses.networks(app.config.trusted_proxies)
    doors = Doors(lambda address: addresses.crowd(address, trusted), most_connections())
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(Complaints())
    try:
        return await loop.create_server(lambda: doors.connection(server), host, port, backlog=1024, reuse_address=True)
    except (OSError, OverflowError) as error:
        number = getattr(error, "errno", None) or 0
        # asyncio's own words repeat the address as a tuple; a name that is not known has a number below 0.
        reason = os.strerror(number) if number > 0 else getattr(error, "strerror", None) or "there is no such port"
        raise Conflict(f"Familiar cannot listen on port {port} of {host}: {reason}.") from None


async def _find_encoder(transcoder: Transcoder, setting: str) -> None:
    """Look for ffmpeg once requests are answered: asking one for its version takes 50 ms."""
    transcoder.encoder = await asyncio.to_thread(ffmpeg.find, setting)
    if transcoder.encoder is None:
        log.warning("No ffmpeg was found: tracks are sent as they are, nothing can be transcoded.")
    else:
        await asyncio.to_thread(ffmpeg.warm)


async def serve(app: App, ready) -> None:
    """Serve until told to end. `ready(port)` is called once requests are answered."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    async with serving(app, app.config.host, app.config.port) as port:
        ready(port)
        settling = asyncio.create_task(_settled())
        worker = asyncio.create_task(_keep_worker(app)) if app.config.worker else None
        app.parts["worker"] = worker
        await stop.wait()
        settling.cancel()
        if worker:
            # It takes its time to end, and the streams theirs: both at once, for there are ten seconds in all.
            worker.cancel()
    if worker:
        with contextlib.suppress(asyncio.CancelledError):
            await worker


async def _settled() -> None:
    """Load what the first answers did not need, with room for an answer between each part and the next."""
    try:
        await asyncio.sleep(SETTLED_S)
        for chapter in chapters.CHAPTERS:
            chapters.load(chapter)
            await asyncio.sleep(0.005)
        gc.collect()
        gc.freeze()
    finally:
        gc.enable()


async def _keep_worker(app: App) -> None:
    """Run a worker beside the server, and another one whenever it ends."""
    # A second start of Python would slow the first answers down.
    await asyncio.sleep(SETTLED_S)
    pause_s = WORKER_PAUSE_S
    while True:
        began_s = time.monotonic()
        how = await _one_worker(app.config)
        # One that cannot even start, on a disk that is full, is not started twelve times a minute for ever.
        lived = time.monotonic() - began_s > WORKER_PAUSE_MAX_S
        pause_s = WORKER_PAUSE_S if lived else min(2 * pause_s, WORKER_PAUSE_MAX_S)
        log.warning("The worker %s; another one starts in %d s.", how, pause_s)
        await asyncio.sleep(pause_s)


async def _one_worker(config: Config) -> str:
    """Start a worker, wait until it ends, and return how it did."""
    try:
        process = _start_worker(config)
    except OSError as error:
        # What ended the one before, such as a lack of memory, may still last.
        return f"could not be started ({os.strerror(error.errno)})"
    try:
        await asyncio.to_thread(process.wait)
    finally:
        await asyncio.to_thread(_end, process)
    return f"ended with status {process.returncode}"


def _start_worker(config: Config) -> subprocess.Popen:
    from server.kernel.config import PREFIX, handed_on

    environment = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    environment |= handed_on(config)
    # -P: the folder it was started in holds no modules of ours.
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "server", "work", "--attached"], env=environment, stdin=subprocess.PIPE
    )


def _end(process: subprocess.Popen) -> None:
    """Ask the worker to end, and make it after a while; what it was doing is done again by the next one."""
    process.terminate()
    try:
        process.wait(GRACE_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
