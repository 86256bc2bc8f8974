import pytest

from server.stream import ranges


@pytest.mark.parametrize(
    ("header", "offset", "count"),
    [
        ("bytes=0-", 0, 1000),
        ("bytes=0-0", 0, 1),
        ("bytes=999-", 999, 1),
        ("bytes=100-199", 100, 100),
        ("bytes=900-5000", 900, 100),
        ("bytes=-1", 999, 1),
        ("bytes=-5000", 0, 1000),
        ("Bytes = 10 - 19", 10, 10),
    ],
)
def test_a_range_names_the_bytes_between_its_ends(header, offset, count):
    assert ranges.part(header, 1000) == (offset, count)


@pytest.mark.parametrize("header", ["bytes=1000-", "bytes=1000-2000", "bytes=-0"])
def test_a_range_outside_the_file_is_an_error(header):
    with pytest.raises(IndexError):
        ranges.part(header, 1000)


@pytest.mark.parametrize(
    "header",
    ["", "bytes", "bytes=", "bytes=-", "bytes=5-2", "bytes=a-b", "items=0-5", "bytes=0-1,5-9", "bytes=--1",
     "bytes=1", "bytes=" + "9" * 400 + "-", "bytes=٣-٥", "bytes=0-5\nX: y"],
)  # fmt: skip
def test_a_range_that_is_none_is_ignored(header):
    assert ranges.part(header, 1000) is None


@pytest.mark.parametrize(
    ("if_range", "same"),
    [
        ('"abc"', True),
        ('"other"', False),
        ('W/"abc"', False),
        ("Thu, 01 Jan 2026 00:00:00 GMT", True),
        ("Thu, 01 Jan 2026 00:00:01 GMT", False),
        ("yesterday", False),
        ("", False),
    ],
)
def test_if_range_holds_for_the_strong_tag_and_the_exact_date_only(if_range, same):
    assert ranges.still_the_same(if_range, '"abc"', 1767225600) is same


@pytest.mark.parametrize(
    ("headers", "there"),
    [
        ({}, False),
        ({"If-None-Match": '"abc"'}, True),
        ({"If-None-Match": '"x", W/"abc"'}, True),
        ({"If-None-Match": "*"}, True),
        ({"If-None-Match": '"x"', "If-Modified-Since": "Thu, 01 Jan 2026 00:00:00 GMT"}, False),
        ({"If-Modified-Since": "Thu, 01 Jan 2026 00:00:00 GMT"}, True),
        ({"If-Modified-Since": "Wed, 31 Dec 2025 23:59:59 GMT"}, False),
        ({"If-Modified-Since": "99999999999"}, False),
    ],
)
def test_a_client_keeps_its_copy_when_tag_or_date_say_so(headers, there):
    assert ranges.already_there(headers, '"abc"', 1767225600) is there
