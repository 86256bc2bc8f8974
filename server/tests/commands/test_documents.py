"""What is written beside the program agrees with it: the README's table, the locks, the examples."""

import re
import tomllib
from pathlib import Path

import pytest

from server import VERSION
from server.commands import COMMANDS, table
from server.kernel.config import BY_NAME, PREFIX

ROOT = Path(__file__).parents[3]
README = (ROOT / "README.md").read_text()
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
LOCKS = sorted((ROOT / "locks").glob("*.txt"))


def test_the_table_of_settings_is_current():
    assert table.written(README) == README, "python -m server.commands.table writes it anew"


def test_every_setting_that_is_named_anywhere_exists():
    for path in (ROOT / "README.md", ROOT / "compose.yaml", ROOT / "Dockerfile"):
        named = set(re.findall(PREFIX + r"([A-Z_]+[A-Z])", path.read_text()))
        assert {name.lower() for name in named} <= BY_NAME.keys(), path


def test_every_command_is_in_the_readme():
    assert all(f"`familiar {name}" in README or f"`{name}`" in README for name in COMMANDS)


def test_every_metric_that_the_readme_names_exists():
    source = "".join(path.read_text() for path in (ROOT / "server").rglob("*.py") if "tests" not in path.parts)
    for name in re.findall(r"`familiar_([a-z_]+)`", README):
        assert f'"{name}"' in source or f"familiar_{name}" in source, name


@pytest.mark.parametrize("path", LOCKS, ids=lambda path: path.stem)
def test_a_lock_has_versions_and_hashes_and_no_address(path):
    text = path.read_text()
    assert "://" not in text and "--index" not in text
    for block in re.split(r"\n(?=\S)", text):
        assert block.startswith("#") or ("==" in block and "--hash=sha256:" in block), block


def test_the_locks_hold_every_dependency_that_is_declared():
    extras = PROJECT["optional-dependencies"]
    wanted = {
        "run": PROJECT["dependencies"] + extras["postgres"] + extras["redis"],
        "ffmpeg": extras["ffmpeg"],
        # PyTorch is gigabytes, which `make test-clap` alone installs.
        "test": [*PROJECT["dependencies"], *(each for name in extras if name != "clap" for each in extras[name])],
    }
    for lock, declared in wanted.items():
        text = (ROOT / "locks" / f"{lock}.txt").read_text()
        for each in declared:
            name = re.match(r"[A-Za-z0-9-]+", each)[0].lower()
            assert re.search(rf"^{re.escape(name)}==", text, re.MULTILINE), f"{name} is not in {lock}: make lock"


def test_the_changelog_has_this_version():
    assert f"## {VERSION}" in (ROOT / "CHANGELOG.md").read_text()
