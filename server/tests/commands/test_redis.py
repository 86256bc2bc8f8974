"""The queue in a real Redis: it carries jobs, and when Redis dies only the carrying stops until it is back."""

import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from server.demo.audio import write_track
from server.kernel import jobs
from server.kernel.db import open_database
from server.operate import checks
from server.tests.commands.test_serving import Process


class Redis:
    """A Redis that keeps nothing, at a socket of its own; it can be killed and come back."""

    def __init__(self, folder: Path):
        self.url = f"unix://{folder}/r.sock"
        self._command = [
            "redis-server",
            "--port",
            "0",
            "--unixsocket",
            f"{folder}/r.sock",
            "--save",
            "",
            "--dir",
            folder,
        ]
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen(self._command, stdout=subprocess.PIPE, text=True)
        assert any("eady to accept connections" in line for line in self.process.stdout)

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.communicate()


@pytest.fixture
def redis() -> Iterator[Redis]:
    assert shutil.which("redis-server"), "these tests need redis-server: apt install redis-server"
    # The path of a socket has a hundred letters at most.
    folder = Path(tempfile.mkdtemp(prefix="familiar-redis-"))
    found = Redis(folder)
    yield found
    found.kill()
    shutil.rmtree(folder)


def test_a_server_scans_by_a_queue_in_redis(redis, tmp_path):
    (tmp_path / "music").mkdir()
    write_track(tmp_path / "music" / "one.mp3", title="One")
    process = Process(tmp_path / "data", "--music", str(tmp_path / "music"), "--redis", redis.url)
    process.until("1 files seen, 1 new")
    assert process.end()[0] == 0
    assert not (tmp_path / "data" / "queue.db").exists()
    assert checks.redis(redis.url).state == checks.OK


def test_a_job_asked_for_while_redis_is_away_waits_and_is_sent_when_it_is_back(redis, tmp_path, monkeypatch):
    from server.kernel import migrate

    monkeypatch.setattr(jobs, "AGAIN_S", 0.05)
    db = open_database(f"sqlite://{tmp_path}/x.db")
    migrate.migrate(db)
    queue = jobs.Queue(redis.url, tmp_path / "queue.db")
    redis.kill()
    number = queue.submit(db, "scan")
    assert checks.redis(redis.url).state == checks.WRONG
    redis.start()
    sent = []
    monkeypatch.setattr(queue, "_send", lambda number: sent.append(number) or _stop())
    with pytest.raises(Stop):
        queue._send_again(db)
    assert sent == [number]
    db.close()


class Stop(BaseException):
    pass


def _stop():
    raise Stop
