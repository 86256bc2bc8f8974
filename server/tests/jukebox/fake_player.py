"""Stands in for mpv and for ffplay, as far as a jukebox talks to them.

Run as a program named mpv or ffplay, in a folder where it writes down what it is told. As mpv it keeps a list, answers
commands and tells events over the handle it is given, as mpv 0.35 did when it was watched. What sounds is over at
SIGUSR1, a track with "broken" in its name fails, and with a file "deaf" beside it, it hears nothing.
"""

import json
import os
import signal
import socket
import sys
import time

HERE = os.path.dirname(os.path.abspath(sys.argv[0]))


def note(**what) -> None:
    with open(os.path.join(HERE, "told"), "a") as file:
        file.write(json.dumps({"pid": os.getpid(), **what}) + "\n")


class Mpv:
    def __init__(self, line: socket.socket):
        self.line, self.list, self.number, self.offset = line, [], 0, 0.0

    def say(self, **what) -> None:
        self.line.sendall(json.dumps(what).encode() + b"\n")

    def begin(self) -> None:
        while self.list:
            number, path = self.list[0]
            self.say(event="start-file", playlist_entry_id=number)
            if "broken" not in path:
                self.say(event="file-loaded")
                return
            self.over("error", file_error="unrecognized file format")
        self.say(event="idle")

    def over(self, reason: str, **more) -> None:
        number, _ = self.list.pop(0)
        self.offset = 0.0
        self.say(event="end-file", reason=reason, playlist_entry_id=number, **more)

    def end(self, *_) -> None:
        if self.list:
            self.over("eof")
            self.begin()

    def loadfile(self, url: str, flags: str, options: str) -> dict:
        was_idle, self.number = not self.list, self.number + 1
        if flags == "replace":
            while self.list:
                self.over("stop")
            self.offset, was_idle = float(options.removeprefix("start=")), True
        self.list.append((self.number, url))
        return {"playlist_entry_id": self.number}, was_idle

    def obey(self, said: dict) -> None:
        command, answer, begins = said["command"], {"request_id": said["request_id"], "error": "success"}, False
        if isinstance(command, dict):
            words = {name: value for name, value in command.items() if name != "name"}
            answer["data"], begins = self.loadfile(**words)
        elif command[0] == "playlist-clear":
            del self.list[1:]
        elif command[0] == "get_property":
            if self.list:
                answer["data"] = self.offset + 0.25
            else:
                answer["error"] = "property unavailable"
        self.say(**answer)
        if begins:
            self.begin()


def mpv() -> None:
    (handle,) = [int(word.rpartition("/")[2]) for word in sys.argv if word.startswith("--input-ipc-client=fd://")]
    fake = Mpv(socket.socket(fileno=handle))
    signal.signal(signal.SIGUSR1, fake.end)
    for line in fake.line.makefile("rb"):
        said = json.loads(line.decode(errors="surrogateescape"))
        note(said=said["command"])
        if not os.path.exists(os.path.join(HERE, "deaf")):
            fake.obey(said)


def ffplay() -> None:
    signal.signal(signal.SIGUSR1, lambda *_: os._exit(0))
    if "broken" in sys.argv[-1]:
        print("Invalid data found when processing input", file=sys.stderr)
        return
    note(plays=sys.argv[-1])
    time.sleep(60)


if __name__ == "__main__":
    note(argv=sys.argv[1:], environment=sorted(os.environ))
    {"mpv": mpv, "ffplay": ffplay}[os.path.basename(sys.argv[0])]()
