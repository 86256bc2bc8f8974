"""Who is removed on the command line leaves nothing behind for the next one who gets their number."""

import os
import subprocess
import sys

from server.kernel.db import open_database
from server.tests.test_laws import FILES, ROOT

OWNED = (
    "mark", "play", "now_playing", "now_tuned", "bookmark", "queue", "queue_track", "account_library",
    "avatar", "chat_message", "skip", "dislike", "unlearned", "taste_setting", "discovery",
)  # fmt: skip


def test_nothing_is_left_of_who_is_removed(familiar, tmp_path):
    for name in ("anna", "bob"):
        assert familiar("user", "add", name, "--admin", typed="correct-horse\n").status == 0
    db = open_database(f"sqlite://{tmp_path}/data/familiar.db")
    with db.writing() as conn:
        bob = conn.value("SELECT id FROM account WHERE key = 'bob'")
        for table in OWNED:
            needed = [name for _, name, _, needed, _, _ in conn.rows(f"PRAGMA table_info({table})") if needed]
            columns = dict.fromkeys(needed, 7) | {"user_id": bob}
            conn.run(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join(map(str, columns.values()))})")
    # In a process of its own: in this one, other tests have loaded every part.
    command = [sys.executable, "-m", "server", "user", "remove", "bob", "--data", tmp_path / "data"]
    subprocess.run(command, check=True, cwd=ROOT, env=os.environ, capture_output=True)
    with db.reading() as conn:
        left = [table for table in OWNED if conn.value(f"SELECT count(*) FROM {table} WHERE user_id = :id", id=bob)]
    db.close()
    assert left == []


def test_every_part_that_keeps_something_of_people_is_loaded_then():
    parts = [name for name, path in FILES.items() if "FAREWELLS.append(" in path.read_text()]
    code = "import sys; from server import main; from subsonic import chapters; chapters.load(); print(*sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT, capture_output=True, text=True).stdout
    loaded = set(found.split())
    assert [name for name in parts if name.removesuffix(".py").replace("/", ".") not in loaded] == []
