"""Players on this machine: mpv, steered over JSON, and ffplay, which has to be started anew for everything.

A player is a process of its own that a jukebox starts when it is needed. It leads a process group, which is
killed before the leader is reaped: as long as its process id is not given back, no signal can hit a stranger. mpv
talks to us over a pair of sockets and not over one with a name, so nobody else on this machine can speak to it, and
it ends when this server does, however that ends.
"""

import asyncio
import json
import logging
import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Callable
from contextlib import suppress
from time import monotonic
from typing import Protocol

from server.kernel.errors import Unavailable
from server.kernel.run import PASSED_ON
from server.stream.ffmpeg import CONTAINERS

log = logging.getLogger(__name__)

OFF, AUTO = "off", "auto"
ANSWER_S = 5.0
"""How long mpv may think about a word of ours before it is taken for dead."""
_KEPT_WORDS = 4096
_AT_ONCE_S = 2.0
"""Who ends so soon and complained has played nothing."""
_SOUND = (
    "HOME", "XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS", "PULSE_SERVER", "PULSE_COOKIE", "PULSE_SINK",
    "PIPEWIRE_REMOTE", "PIPEWIRE_RUNTIME_DIR", "ALSA_CONFIG_PATH", "AUDIODEV", "SDL_AUDIODRIVER",
)  # fmt: skip
"""What of our environment leads a player to the loudspeakers."""

Over = Callable[[object, bool], None]
"""Is told that a track is over, and whether it could not be played."""


class Player(Protocol):
    """What a jukebox needs. A track is anything that the caller knows it by; only a path says where it is."""

    name: str
    path: str
    now: object | None
    """What sounds, or would if it were not paused."""
    next: object | None
    """What will follow without a gap, and without being asked for."""

    async def play(self, track: object, path: str, offset_s: float, gain: float) -> None: ...
    async def follow(self, track: object | None, path: str = "") -> None: ...
    async def pause(self) -> None: ...
    async def resume(self) -> None: ...
    async def set_gain(self, gain: float) -> None: ...
    async def position_s(self) -> float: ...
    async def close(self) -> None: ...


def find(setting: str, device: str, over: Over) -> Player | None:
    """Return the player that a setting means: off, auto, mpv, ffplay or the path of either; None without one."""
    if is_off(setting):
        return None
    for word in ("mpv", "ffplay") if setting.strip().lower() == AUTO else (setting.strip(),):
        if path := shutil.which(os.path.expanduser(word)):
            # An absolute path: the player starts in another folder than we did.
            made = Ffplay if "ffplay" in os.path.basename(path) else Mpv
            return made(os.path.abspath(path), device, over)
    return None


def is_off(setting: str) -> bool:
    return setting.strip().lower() in ("", OFF)


class _Process:
    """A program at work, and what it complained of."""

    def __init__(self, command: list[str], environment: dict[str, str], pass_fds: tuple[int, ...] = ()):
        passed_on = {name: os.environ[name] for name in (*PASSED_ON, *_SOUND) if name in os.environ}
        try:
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                start_new_session=True, cwd="/", env=passed_on | environment, pass_fds=pass_fds,
            )  # fmt: skip
        except OSError as error:
            name = os.path.basename(command[0])
            raise Unavailable(f"The player {name} cannot be started: {os.strerror(error.errno)}.", 60) from None
        self._loop = asyncio.get_running_loop()
        self.ended: asyncio.Future[int] = self._loop.create_future()
        self._words = b""
        self._complaints = self._process.stderr.fileno()
        os.set_blocking(self._complaints, False)
        self._loop.add_reader(self._complaints, self._listen)

    @property
    def words(self) -> str:
        return self._words.decode(errors="replace").strip()

    async def kill(self) -> None:
        """End the whole group, and return when the process is gone, or hangs in the kernel where nothing ends it."""
        if not self.ended.done():
            os.killpg(self._process.pid, signal.SIGKILL)
            await asyncio.wait((self.ended,), timeout=ANSWER_S)

    def _listen(self) -> None:
        words = os.read(self._complaints, 65536)
        self._words = (self._words + words)[-_KEPT_WORDS:]
        # The end of what it says is its own end. (A pidfd would tell too, where the kernel is newer than a NAS's.)
        if not words:
            self._loop.remove_reader(self._complaints)
            self._process.stderr.close()
            os.killpg(self._process.pid, signal.SIGKILL)  # also what it may have left behind
            self.ended.set_result(self._process.wait())


class Mpv:
    """Plays by mpv: one process for track after track, with no gap between them."""

    name = "mpv"

    def __init__(self, path: str, device: str, over: Over):
        self.path, self._device, self._over = path, device, over
        self.now = self.next = None
        self._process: _Process | None = None
        self._talk: asyncio.Task | None = None
        self._began_s = 0.0
        self._asked = 0
        self._answers: dict[int, tuple[asyncio.Future, object]] = {}
        self._entries: dict[int, object] = {}
        """What the numbers mean that mpv gives to the tracks in its list."""

    async def play(self, track: object, path: str, offset_s: float, gain: float) -> None:
        if self._process is None:
            await self._start()
        self.now, self.next, self._began_s = track, None, offset_s
        await self._ask("set_property", "pause", False)
        await self.set_gain(gain)
        await self._load(track, path, "replace", f"start={offset_s:.3f}")

    async def follow(self, track: object | None, path: str = "") -> None:
        if self._process is None:
            return
        self.next = None
        await self._ask("playlist-clear")
        if track is not None:
            # Where the track before has just ended, it begins at once: "append" alone would leave silence.
            await self._load(track, path, "append-play", "start=0")

    async def pause(self) -> None:
        await self._ask("set_property", "pause", True)

    async def resume(self) -> None:
        await self._ask("set_property", "pause", False)

    async def set_gain(self, gain: float) -> None:
        if self._process is not None:
            await self._ask("set_property", "volume", round(gain * 100, 1))

    async def position_s(self) -> float:
        try:
            found = await self._ask("get_property", "playback-time")
        except Unavailable:
            found = None  # it has just ended, which is told to the jukebox another way
        return self._began_s if found is None else max(0.0, float(found))

    async def close(self) -> None:
        self.now = self.next = None
        if self._process is not None:
            await self._process.kill()
        if self._talk is not None:
            await asyncio.wait((self._talk,), timeout=ANSWER_S)

    async def _start(self) -> None:
        ours, its = socket.socketpair()
        with its:
            try:
                self._process = _Process(self._command(its.fileno()), {}, (its.fileno(),))
            except Unavailable:
                ours.close()
                raise
        ours.setblocking(False)
        reader, self._writer = await asyncio.open_connection(sock=ours)
        self._talk = asyncio.create_task(self._read(reader, self._process))

    def _command(self, handle: int) -> list[str]:
        # A music file is taken for nothing but sound, and opens no other file and no address.
        words = [
            self.path, "--no-config", "--no-terminal", "--idle=yes", "--no-video", "--ytdl=no", "--load-scripts=no",
            "--autoload-files=no", "--access-references=no", "--demuxer=lavf", "--volume-max=100",
            f"--demuxer-lavf-o-append=format_whitelist={CONTAINERS}", f"--input-ipc-client=fd://{handle}",
        ]  # fmt: skip
        return [*words, f"--audio-device={self._device}"] if self._device else words

    async def _load(self, track: object, path: str, how: str, options: str) -> None:
        command = {"name": "loadfile", "url": path, "flags": how, "options": options}
        if await self._send(command, track) is None:
            raise Unavailable("The player does not take this track.", 60)

    async def _ask(self, *words) -> object:
        """Say something to mpv and return its answer, None where it has none."""
        return await self._send(list(words)) if self._process is not None else None

    async def _send(self, command: list | dict, track: object = None) -> object:
        if self._process is None:
            raise Unavailable("The player on the server has just ended.", 5)
        self._asked = number = self._asked + 1
        answer = asyncio.get_running_loop().create_future()
        self._answers[number] = answer, track
        line = json.dumps({"command": command, "request_id": number}, ensure_ascii=False)
        try:
            # The bytes of a name that is not Unicode go out as they are.
            self._writer.write(line.encode("utf-8", "surrogateescape") + b"\n")
            return await asyncio.wait_for(answer, ANSWER_S)
        except (TimeoutError, OSError):
            if self._process is not None:
                await self._process.kill()
            raise Unavailable("The player on the server does not answer.", 5) from None
        finally:
            self._answers.pop(number, None)

    async def _read(self, reader: asyncio.StreamReader, process: _Process) -> None:
        """Take what mpv says until it ends."""
        with suppress(OSError, ValueError):  # a line without end is as good as none
            while line := await reader.readline():
                self._take(json.loads(line.decode(errors="replace")))
        await process.kill()
        self._writer.close()
        self._process = None
        for answer, _ in self._answers.values():
            if not answer.done():
                answer.set_exception(OSError("mpv has ended"))
        self._entries.clear()
        track, self.now, self.next = self.now, None, None
        if track is not None:
            log.warning("mpv ended in the middle of a track. %s", process.words)
            self._over(track, True)

    def _take(self, said: dict) -> None:
        if "request_id" in said and "event" not in said:
            answer, track = self._answers.get(said["request_id"], (None, None))
            data = said.get("data")
            if track is not None and isinstance(data, dict):
                # Noted here and not where the answer is awaited: the track may be over by then.
                self._entries[data["playlist_entry_id"]] = track
                self.next = track if track is not self.now else self.next
            if answer is not None and not answer.done():
                answer.set_result(data)
        elif said.get("event") == "end-file":
            track = self._entries.pop(said.get("playlist_entry_id"), None)
            failed = said.get("reason") == "error"
            if track is not None and track is self.now and (failed or said.get("reason") == "eof"):
                if failed:
                    log.warning("mpv cannot play a track: %s", said.get("file_error", "it does not say why"))
                self.now, self.next, self._began_s = self.next, None, 0.0
                self._over(track, failed)


class Ffplay:
    """Plays by ffplay, which takes no orders: a pause, another volume or another place is another process."""

    name = "ffplay"

    def __init__(self, path: str, device: str, over: Over):
        self.path, self._device, self._over = path, device, over
        self.now = self.next = None
        self._process: _Process | None = None
        self._watch: asyncio.Task | None = None
        self._file, self._gain, self._offset_s, self._since = "", 1.0, 0.0, 0.0

    async def play(self, track: object, path: str, offset_s: float, gain: float) -> None:
        await self._end()
        self.now, self._file, self._offset_s, self._gain = track, path, offset_s, gain
        await self.resume()

    async def follow(self, track: object | None, path: str = "") -> None:
        """Nothing follows by itself: the jukebox begins the next track when one is over."""

    async def pause(self) -> None:
        self._offset_s = await self.position_s()
        await self._end()

    async def resume(self) -> None:
        # ALSA's name of the device, and PulseAudio's: SDL asks one of them.
        device = {"AUDIODEV": self._device, "PULSE_SINK": self._device} if self._device else {}
        self._process, self._since = _Process(self._command(), device), monotonic()
        self._watch = asyncio.create_task(self._see(self._process, self.now))

    async def set_gain(self, gain: float) -> None:
        self._gain = gain
        if self._process is not None:
            await self.pause()
            await self.resume()

    async def position_s(self) -> float:
        return self._offset_s + (monotonic() - self._since if self._process else 0.0)

    async def close(self) -> None:
        self.now = None
        await self._end()

    async def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            await process.kill()
            await asyncio.wait((self._watch,), timeout=ANSWER_S)

    def _command(self) -> list[str]:
        return [
            self.path, "-nodisp", "-autoexit", "-hide_banner", "-nostats", "-loglevel", "error", "-vn", "-sn",
            "-volume", str(round(self._gain * 100)), "-ss", f"{self._offset_s:.3f}",
            "-protocol_whitelist", "file", "-format_whitelist", CONTAINERS, "-i", f"file:{self._file}",
        ]  # fmt: skip

    async def _see(self, process: _Process, track: object) -> None:
        """See one process through; an end that we did not make is the end of the track."""
        code = await process.ended
        if self._process is process:
            self._process = self.now = None
            # Its status says nothing: it is 0 too where there is no such file, or no loudspeaker.
            failed = code != 0 or (bool(process.words) and monotonic() - self._since < _AT_ONCE_S)
            if failed:
                log.warning("ffplay cannot play a track (status %s). %s", code, process.words[-500:])
            self._over(track, failed)
