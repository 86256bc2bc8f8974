"""The streams are made once; each test gets copies to write tags into."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from . import samples


@pytest.fixture(scope="session")
def streams(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return samples.make(tmp_path_factory.mktemp("streams"))


@pytest.fixture
def copy(streams: dict[str, Path], tmp_path: Path) -> Callable[[str], Path]:
    def make(name: str) -> Path:
        return Path(shutil.copy(streams[name], tmp_path / name))

    return make
