"""The file system under a path, read from the text that Linux gives."""

from server.operate import mounts

TABLE = """\
22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
30 22 0:40 / /mnt rw - tmpfs tmpfs rw
31 30 0:41 / /mnt/nas rw - nfs4 host:/music rw
32 30 0:42 / /mnt/my\\040disk rw - cifs //host/music rw
33 22 0:43 / /mnt rw - fuse.sshfs host:/ rw
"""


def test_the_deepest_mount_counts():
    assert mounts.kind_in(TABLE, "/home/anna") == "ext4"
    assert mounts.kind_in(TABLE, "/mnt/nas/Albums") == "nfs4"
    assert mounts.kind_in(TABLE, "/mnt/nasty") == "fuse.sshfs"


def test_spaces_in_names_are_understood():
    assert mounts.kind_in(TABLE, "/mnt/my disk/x") == "cifs"


def test_of_two_mounts_at_one_place_the_later_one_counts():
    assert mounts.kind_in(TABLE, "/mnt/other") == "fuse.sshfs"
