"""The laws of this house, each held by a test of a few lines. `make check` runs them beside the linters."""

import ast
import importlib
import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import server

ROOT = Path(server.__file__).parent.parent
FILES = {
    str(path.relative_to(ROOT)): path
    for top in ("server", "subsonic", "ai", "conformance", "migrations")
    for path in sorted((ROOT / top).rglob("*.py"))
    if "tests" not in path.relative_to(ROOT).parts
}
OURS = {name: path for name, path in FILES.items() if not name.startswith("conformance/")}
WRITES = re.compile(r"\b(?:INSERT INTO|UPDATE|DELETE FROM)\s+([a-z_]+)\b")
STEPS = [name for name in FILES if re.match(r"migrations/\d", name)]
TABLES = {
    re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
    for step in STEPS
    for name in re.findall(r"^class (\w+)\(Table\)", FILES[step].read_text(), re.MULTILINE)
}
MACHINERY = {"server/kernel/db.py": {"version"}, "server/kernel/dump.py": TABLES, **dict.fromkeys(STEPS, TABLES)}
"""Writers that belong to no noun: the counters of versions, and what carries whole databases."""
HEAVY = {"numpy", "PIL", "mutagen", "lxml", "av", "torch", "essentia", "transformers", "tokenizers", "safetensors"}
RUN_IN_CHILDREN = (
    "server/demo/", "server/bench/", "server/library/tags/", "server/library/pictures.py",
    "server/library/placeholder.py", "server/library/feeds.py", "server/library/nfo.py", "ai/models/",
    "ai/features.py", "ai/fingerprint.py", "ai/rhythm.py", "ai/keys.py", "ai/estimates.py",
    "ai/corpus/", "ai/quality/",
    "ai/neighbours.py", "ai/matrix.py", "ai/scales.py", "ai/walk.py", "ai/clusters.py", "ai/order.py", "ai/choosing.py",
    "ai/genetic.py", "ai/longer.py", "ai/moves.py", "ai/races.py", "ai/transitions.py", "ai/wishes.py",
    "ai/own_scores.py",
)  # fmt: skip
TABLES_OF_CODE = {"subsonic/endpoints.py", "subsonic/shapes.py", "migrations/0001_first.py"}
MEET_THE_UNEXPECTED = (
    "subsonic/mount.py", "server/api/", "server/kernel/jobs.py", "server/kernel/db.py", "server/kernel/child.py",
    "server/kernel/lasting.py",
    "server/library/sung/child.py", "server/library/tags/child.py", "server/library/outside.py",
    "ai/models/minilm.py", "ai/models/clap.py",
)  # fmt: skip


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def offences(find: Callable[[ast.AST], bool], but: tuple[str, ...] = ()) -> list[str]:
    """List where `find` is true of a piece of code, outside of some files or folders."""
    return [
        f"{name}:{getattr(node, 'lineno', 0)}"
        for name, path in OURS.items() if not name.startswith(but)
        for node in ast.walk(parsed(path)) if find(node)
    ]  # fmt: skip


def texts(path: Path) -> Iterator[str]:
    """Yield every piece of text in a module, with a mark for the holes of f-strings."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.JoinedStr):
            yield "".join(part.value if isinstance(part, ast.Constant) else " ? " for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def owned(path: Path) -> set[str]:
    for node in parsed(path).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "OWNS":
            return set(ast.literal_eval(node.value))
    return set()


def imported(node: ast.AST) -> set[str]:
    if isinstance(node, ast.Import):
        return {alias.name.partition(".")[0] for alias in node.names}
    return {(node.module or "").partition(".")[0]} if isinstance(node, ast.ImportFrom) else set()


def called(node: ast.AST) -> str:
    return getattr(node.func, "id", "") or getattr(node.func, "attr", "") if isinstance(node, ast.Call) else ""


def test_only_the_file_that_owns_a_table_writes_it():
    for name, path in FILES.items():
        written = {table for text in texts(path) for table in WRITES.findall(text)} & TABLES
        assert written <= owned(path) | MACHINERY.get(name, set()), name


def test_every_table_has_one_owner():
    owners = [table for path in FILES.values() for table in owned(path)]
    assert sorted([*owners, "version"]) == sorted(TABLES)


def test_only_the_kernel_and_the_twins_ask_which_database_it_is():
    def asks(node: ast.AST) -> bool:
        return isinstance(node, ast.Compare) and any(getattr(each, "attr", "") == "dialect" for each in ast.walk(node))

    assert not offences(asks, but=("server/kernel/", "server/library/search", "ai/vectors", "server/operate/",
                               "migrations/"))  # fmt: skip


def test_nothing_runs_a_shell_or_what_a_stranger_wrote():
    assert not offences(lambda node: bool(imported(node) & {"pickle", "marshal", "shelve", "yaml"}))
    assert not offences(lambda node: isinstance(node, ast.keyword) and node.arg == "shell")
    assert not offences(lambda node: called(node) in ("system", "popen"))
    assert not offences(lambda node: called(node) in ("eval", "exec") and isinstance(node.func, ast.Name))


def test_heavy_imports_stand_where_children_run_or_inside_functions():
    top = {name: set().union(*map(imported, parsed(path).body)) & HEAVY for name, path in OURS.items()}
    assert not {name for name, found in top.items() if found and not name.startswith(RUN_IN_CHILDREN)}


SERVING = """
import json, sys
from server import main, serving
from server.kernel.config import load
app = main.open_app(load({}, {"data": sys.argv[1], "music": {"Music": sys.argv[2]}}))
serving.equip(app)
serving.web_application(app)
from subsonic import chapters, endpoints
assert chapters.HANDLERS.keys() >= {endpoints.Ping} and endpoints.GetArtists not in chapters.HANDLERS
assert chapters.handler_of(endpoints.GetArtists)
assert {f"subsonic.{each}" for each in chapters.CHAPTERS} <= sys.modules.keys()
print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})))
"""


def test_the_server_process_imports_nothing_heavy(tmp_path):
    from server.kernel import migrate
    from server.kernel.db import open_database

    # A database as a second start finds it: only a first start needs what takes it there.
    (tmp_path / "music").mkdir()
    db = open_database(f"sqlite://{tmp_path}/familiar.db")
    migrate.migrate(db)
    db.close()
    command = [sys.executable, "-c", SERVING, tmp_path, tmp_path / "music"]
    found = json.loads(subprocess.run(command, capture_output=True, check=True, text=True, cwd=ROOT).stdout)
    assert not set(found) & (HEAVY | {"peewee", "playhouse", "watchfiles", "huey", "psycopg2", "redis", "pytest"})


def test_a_short_command_loads_no_web_server():
    code = "import sys; from server import main; from server.library import scan; print(*sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True, cwd=ROOT).stdout
    assert not set(found.split()) & {"aiohttp", "server.serving", "subsonic.mount"}


def test_broad_excepts_stand_only_where_strangers_are_met():
    def broad(node: ast.AST) -> bool:
        anything = isinstance(node, ast.ExceptHandler) and (node.type is None or getattr(node.type, "id", ""))
        return anything is True or anything == "Exception"

    assert not offences(broad, but=MEET_THE_UNEXPECTED)


def test_every_module_says_what_it_is_for():
    for name in FILES:
        if not name.endswith("__main__.py"):
            module = importlib.import_module(name[:-3].replace("/", ".").removesuffix(".__init__"))
            assert (module.__doc__ or "").strip(), name


def test_no_file_is_too_long_to_be_read():
    lines = {name: len(path.read_text().splitlines()) for name, path in OURS.items() if name not in TABLES_OF_CODE}
    assert not {name: count for name, count in lines.items() if count > 420}


def test_every_python_gets_the_same_version_of_what_we_depend_on():
    """The tests run on one Python: a release that only others get is one that nobody tried.

    numpy's last release for 3.11 is older than that for the others; essentia has wheels for some Pythons only.
    """
    for lock in sorted((ROOT / "locks").glob("*.txt")):
        names = re.findall(r"^([\w.-]+)==", lock.read_text(), re.MULTILINE)
        assert {name for name in names if names.count(name) > 1} <= {"numpy", "essentia"}, lock.name
