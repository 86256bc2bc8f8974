"""The zip that is made while it is sent: its arithmetic and its names."""

import io
import os
import zipfile

import pytest

from server.kernel.errors import Invalid
from server.stream import archive


def written(found: list[archive.Member]) -> bytes:
    """Put a zip together as it is sent."""
    body, entries = b"", []
    for member in found:
        with open(member.path, "rb") as file:
            checksum = archive._checksum(file.fileno())
            dated = archive._dated(member.mtime_s)
            entry = archive.Entry(member.name.encode(), dated, checksum, member.size, len(body))
            body += archive.heading(entry) + file.read()
        entries.append(entry)
    return body + archive.directory(entries, len(body))


def test_a_zip_holds_the_files_and_is_as_long_as_was_said(tmp_path):
    for name, content in (("a", b"first" * 1000), ("b", b""), ("c", os.urandom(3 << 20))):
        (tmp_path / name).write_bytes(content)
    names = {"a": "1 Zoë – 星空.mp3", "b": "2.flac", "c": "3.opus", "gone": "4"}
    found = archive.members([(name, tmp_path / file) for file, name in names.items()])
    body = written(found)
    assert len(body) == archive.length(found)
    with zipfile.ZipFile(io.BytesIO(body)) as zipped:
        assert zipped.testzip() is None
        assert zipped.namelist() == ["1 Zoë – 星空.mp3", "2.flac", "3.opus"]
        assert all(each.compress_type == zipfile.ZIP_STORED for each in zipped.infolist())
        assert zipped.read("3.opus") == (tmp_path / "c").read_bytes()


def test_dates_that_the_format_cannot_tell_are_the_nearest_it_can():
    for mtime_s, year in ((0, 1980), (-5, 1980), (1_700_000_000, 2023), (1 << 40, 2107)):
        assert (archive._dated(mtime_s)[1] >> 9) + 1980 == year


def test_more_than_the_format_holds_is_refused_with_words(tmp_path, monkeypatch):
    (tmp_path / "a").write_bytes(b"x" * 100)
    monkeypatch.setattr(archive, "BYTES_MAX", 300)
    assert archive.members([("a", tmp_path / "a")])
    with pytest.raises(Invalid, match="one by one"):
        archive.members([("a", tmp_path / "a")] * 3)


@pytest.mark.parametrize(("name", "becomes"), [
    ("../../etc/passwd", "_.._etc_passwd"), ("a/b\\c", "a_b_c"), ("...", "_"), ("", "_"), ("x\0y\n", "x_y_"),
    ("C:\\x", "C__x"), ("星" * 200, "星" * 66), ("\ud800", "_"), (" Ünïcode. ", "Ünïcode"),
])  # fmt: skip
def test_names_lead_nowhere(name, becomes):
    assert archive.clean(name) == becomes
