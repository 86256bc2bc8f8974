"""Which file system a path is on, as Linux tells it."""

from pathlib import Path

NETWORK = frozenset((
    "nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "glusterfs", "fuse.sshfs", "fuse.rclone", "fuse.s3fs",
    "fuse.glusterfs", "fuse.davfs", "davfs",
))  # fmt: skip
"""File systems whose changes from elsewhere raise no events, and whose locks cannot be relied upon."""
TABLE = Path("/proc/self/mountinfo")


def kind_of(path: Path) -> str:
    """Return the kind of file system that holds an existing path, or "" where the system does not tell."""
    try:
        text = TABLE.read_text()
    except OSError:
        return ""
    return kind_in(text, str(path.resolve()))


def kind_in(table: str, path: str) -> str:
    """Read the kind out of the text of `mountinfo` (proc(5)): of mounts over each other the last one counts."""
    found, kind = "", ""
    for line in table.splitlines():
        left, _, right = line.partition(" - ")
        place = left.split(" ")[4].replace(r"\040", " ")
        if len(place) >= len(found) and (path == place or path.startswith(place.rstrip("/") + "/")):
            found, kind = place, right.split(" ")[0]
    return kind
