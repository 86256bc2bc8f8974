"""subsonic-api, a JavaScript client from the npm registry: `journey.mjs` goes all the way through with it.

It needs Node.js and npm. The package is installed once, into pytest's cache, exactly as the lock file names it.
"""

import hashlib
import shutil
import subprocess
from pathlib import Path

import pytest

from server.tests.running import PASSWORDS

HERE = Path(__file__).parent
NODE = shutil.which("node") and shutil.which("npm")


@pytest.fixture(scope="module")
def journey(request) -> Path:
    """The script, in a folder of the cache where its package is installed."""
    lock = (HERE / "package-lock.json").read_bytes()
    folder = Path(request.config.cache.mkdir(f"npm-{hashlib.sha256(lock).hexdigest()[:16]}"))
    for name in ("package.json", "package-lock.json", "journey.mjs"):
        shutil.copyfile(HERE / name, folder / name)
    installed = folder / "installed"
    if not installed.exists():
        command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        installed.touch()
    return folder / "journey.mjs"


@pytest.mark.skipif(not NODE, reason="needs Node.js and npm")
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_javascript_client_finds_its_way_through_everything(journey, server, method):
    command = ["node", str(journey), server.url, "admin", PASSWORDS["admin"], method]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == f"17 steps by {method}"
