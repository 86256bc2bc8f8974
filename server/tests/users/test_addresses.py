from types import SimpleNamespace

import pytest
from multidict import CIMultiDict

from server.kernel.errors import Invalid
from server.users.addresses import networks, peer, place

PROXY = networks(["10.0.0.1", "fd00::/8"])


def request(remote, *forwarded):
    return SimpleNamespace(remote=remote, headers=CIMultiDict([("X-Forwarded-For", line) for line in forwarded]))


def test_a_header_from_anybody_but_a_trusted_proxy_is_ignored():
    assert peer(request("198.51.100.1", "1.1.1.1")) == "198.51.100.1"
    assert peer(request("198.51.100.1", "1.1.1.1"), PROXY) == "198.51.100.1"


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ((), "10.0.0.1"),
        (("203.0.113.9",), "203.0.113.9"),
        (("1.1.1.1, 203.0.113.9",), "203.0.113.9"),
        (("1.1.1.1", "203.0.113.9"), "203.0.113.9"),
        (("1.1.1.1, 203.0.113.9, fd00::7",), "203.0.113.9"),
        (("203.0.113.9:4711",), "203.0.113.9"),
        (("[2001:db8:1:2:3::4]:80",), "2001:db8:1:2::/64"),
        (("203.0.113.9, nonsense",), "10.0.0.1"),
        (("203.0.113.9, ",), "10.0.0.1"),
        (("",), "10.0.0.1"),
        (("' OR 1=1 --",), "10.0.0.1"),
    ],
)
def test_behind_a_trusted_proxy_the_nearest_address_that_it_vouches_for_counts(lines, expected):
    assert peer(request("10.0.0.1", *lines), PROXY) == expected


def test_a_household_is_one_place():
    assert place("2001:db8::1") == place("2001:db8::ffff:1") == "2001:db8::/64"
    assert place("::ffff:192.0.2.1") == place("192.0.2.1") == "192.0.2.1"
    assert place("fe80::1%eth0") == "fe80::/64"
    assert peer(request(None)) == peer(request("")) == "local"


@pytest.mark.parametrize("text", ["0.0.0.0/0", "::/0", "proxy.example.org", "", "10.0.0.1/33"])
def test_a_proxy_that_is_everybody_or_nobody_is_refused(text):
    with pytest.raises(Invalid):
        networks([text])
