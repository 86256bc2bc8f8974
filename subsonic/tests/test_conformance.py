"""Our own server under the conformance suite, as any other server would be."""

import subprocess
import sys

from server.tests.running import PASSWORDS


def test_nothing_falls_short_of_the_protocol(server):
    command = [
        sys.executable, "-m", "conformance", "--url", server.url,
        "--user", "admin", "--password", PASSWORDS["admin"],
        "--second-user", "alice", "--second-password", PASSWORDS["alice"],
    ]  # fmt: skip
    ran = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert ran.returncode == 0, ran.stdout[-6000:] + ran.stderr[-2000:]
    assert " 0 MUST and 0 SHOULD fell short, 0 known" in ran.stdout
