"""Which hosts and network addresses may be asked, by the text of a URL and by where it leads."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from likeness.destinations import (
    DATA_SCHEME,
    URL_LENGTH_MAX,
    Destination,
    Failure,
    NotFetched,
    destination,
    may_be_asked,
    may_be_told,
    picture_in,
)

HOSTS = {"photos.example.org", "[2001:db8::1]", "intranet:8443", "127.0.0.1:8080"}
BY_TLS = Destination("https", "photos.example.org", 443, "/")
PLAIN = Destination("http", "127.0.0.1", 8080, "/")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://photos.example.org", BY_TLS),
        ("https://photos.example.org/", BY_TLS),
        ("HTTPS://Photos.Example.ORG:443/#part", BY_TLS),
        (
            "https://photos.example.org/a%2Fb/=s96-c?s=1&t=%20#x",
            Destination("https", "photos.example.org", 443, "/a%2Fb/=s96-c?s=1&t=%20"),
        ),
        ("https://[2001:db8::1]/a", Destination("https", "2001:db8::1", 443, "/a")),
        ("https://intranet:8443/a", Destination("https", "intranet", 8443, "/a")),
    ],
)
def test_a_named_host_may_be_asked(url: str, expected: Destination) -> None:
    """In capitals or not, with the port that it has anyway or without."""
    assert expected == destination(url, HOSTS)


def test_a_destination_is_asked_at_an_address_and_by_its_name() -> None:
    """With brackets around IPv6, and no port where it is the scheme's own."""
    six = destination("https://[2001:db8::1]/a?b", HOSTS)
    named = destination("https://intranet:8443/", HOSTS)

    assert six.name == "[2001:db8::1]"
    assert six.url_at("2001:db8::1", 443) == "https://[2001:db8::1]:443/a?b"
    assert named.name == "intranet:8443"
    assert named.url_at("192.0.2.1", 8443) == "https://192.0.2.1:8443/"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "photos.example.org",
        "//photos.example.org/",
        "ftp://photos.example.org/",
        "file:///etc/passwd",
        "data:image/png;base64,AAAA",
        "https://ada@photos.example.org/",
        "https://photos.example.org@evil.example/",
        "https://photos.example.org:0/",
        "https://photos.example.org:65536/",
        "https://photos.example.org:44x3/",
        "https://photos.example.org\\@evil.example/",
        "https://[photos.example.org/",
        "https://photos.example.org /",
        " https://photos.example.org/",
        "https://photos.example.org/a\r\nHost: evil.example",
        "https://photos.example.org/a\tb",
        "https://ph\u200botos.example.org/",
        "https://photos.example.org\uff0f@evil.example/",
        "https://photos.example.org/" + "a" * URL_LENGTH_MAX,
    ],
)
def test_what_two_readers_could_read_in_two_ways_is_no_url(url: str) -> None:
    """Nor is what is none of the web's, or has a user in it."""
    with pytest.raises(NotFetched) as caught:
        destination(url, HOSTS)

    assert Failure.NOT_A_URL is caught.value.why


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/",
        "https://photos.example.org.evil.example/",
        "https://evil-photos.example.org/",
        "https://photos.example.org./",
        "https://photos.example.org:8443/",
        "https://intranet/",
        "https://2130706433/",
        "https://127.0.0.1/",
        "http://photos.example.org:443/",
    ],
)
def test_a_host_that_is_not_named_is_not_asked(url: str) -> None:
    """The port counts, and no part of a name stands for the whole."""
    with pytest.raises(NotFetched) as caught:
        destination(url, HOSTS)

    assert Failure.HOST_NOT_NAMED is caught.value.why


def test_without_tls_nothing_is_asked_but_this_machine() -> None:
    """And that only where it is told."""
    for url in ("http://photos.example.org/", "http://127.0.0.1:8080/"):
        with pytest.raises(NotFetched) as caught:
            destination(url, HOSTS)
        assert Failure.NOT_TLS is caught.value.why

    assert PLAIN == destination("http://127.0.0.1:8080", HOSTS, has_loopback=True)
    assert may_be_asked("127.0.0.1", PLAIN, has_loopback=True)
    assert not may_be_asked("192.0.2.1", PLAIN, has_loopback=True)


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "127.9.9.9", "::1", "0.0.0.0", "::", "0.1.2.3"),
        *("169.254.169.254", "fe80::1", "fe80::1%eth0", "fec0::1"),
        *("100.100.100.200", "fd00:ec2::254", "192.0.0.192"),
        *("224.0.0.1", "239.255.255.255", "ff02::1", "240.0.0.1", "255.255.255.255"),
        *("::ffff:127.0.0.1", "::ffff:169.254.169.254", "::ffff:192.0.2.1", "::127.0.0.1"),
        *("64:ff9b::7f00:1", "64:ff9b:1::a9fe:a9fe", "2002:7f00:1::", "2001::1"),
        *("", "localhost", "1"),
    ],
)
def test_no_name_may_lead_here_or_to_the_link(address: str) -> None:
    """By whatever form of address."""
    assert not may_be_asked(address, BY_TLS)


@pytest.mark.parametrize(
    "address", ["93.184.216.34", "2606:4700::1111", "10.1.2.3", "192.168.0.7", "fd12:3456::1"]
)
def test_a_network_of_ones_own_may_be_asked(address: str) -> None:
    """Whoever names a host in it means it; and the world may be asked anyway."""
    assert may_be_asked(address, BY_TLS)


def test_loopback_may_be_asked_where_it_is_told() -> None:
    """In both families; what only contains it stays forbidden."""
    assert may_be_asked("127.0.0.1", BY_TLS, has_loopback=True)
    assert may_be_asked("::1", BY_TLS, has_loopback=True)
    assert not may_be_asked("64:ff9b::7f00:1", BY_TLS, has_loopback=True)
    assert not may_be_asked("169.254.169.254", BY_TLS, has_loopback=True)


@given(st.ip_addresses())
def test_nothing_that_python_calls_special_is_let_through_by_mistake(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> None:
    """But for private networks, by its own words for the rest."""
    is_special = (
        address.is_loopback
        or address.is_link_local
        or address.is_multicast
        or address.is_unspecified
    )
    if is_special:
        assert not may_be_asked(str(address), BY_TLS)


@given(st.text(max_size=60))
def test_no_text_is_taken_for_a_host_that_it_does_not_name(text: str) -> None:
    """Whatever follows or stands before."""
    for url in (text, f"https://{text}", f"https://{text}photos.example.org/"):
        try:
            wanted = destination(url, HOSTS)
        except NotFetched:
            continue
        assert wanted.name in HOSTS


@pytest.mark.parametrize(
    ("address", "networks", "is_plain", "expected"),
    [
        ("93.184.216.34", [], False, True),
        ("93.184.216.34", [], True, False),
        ("10.1.2.3", [], False, False),
        ("10.1.2.3", ["10.0.0.0/8"], True, True),
        ("127.0.0.1", ["10.0.0.0/8"], False, False),
        ("127.0.0.1", ["127.0.0.0/8"], True, True),
        ("::ffff:10.1.2.3", ["10.0.0.0/8"], False, False),
        ("64:ff9b::a01:203", [], False, False),
        ("169.254.169.254", [], False, False),
        ("nonsense", ["0.0.0.0/0"], True, False),
    ],
)
def test_targets_are_in_the_world_or_in_a_named_network(
    address: str, networks: list[str], is_plain: bool, expected: bool
) -> None:
    """Without TLS only in a named one."""
    named = [ipaddress.ip_network(each) for each in networks]

    assert may_be_told(address, named, is_plain=is_plain) is expected


@pytest.mark.parametrize("kind", ["png", "jpeg", "jpg", "webp", "gif", "heic", "avif"])
def test_a_picture_may_stand_in_the_url(kind: str) -> None:
    """What it is its bytes say."""
    assert picture_in(f"{DATA_SCHEME}image/{kind};base64,QUJD", 3) == b"ABC"


@pytest.mark.parametrize(
    ("url", "failure"),
    [
        ("data:image/png;base64,QUJDRA==", Failure.TOO_LARGE),
        ("data:image/png;base64," + "A" * 100, Failure.TOO_LARGE),
        ("data:image/png;base64,QUJ", Failure.BROKEN_OFF),
        ("data:image/png;base64,QU D", Failure.BROKEN_OFF),
        ("data:image/png;base64,QUÄ=", Failure.BROKEN_OFF),
        ("data:image/png,ABC", Failure.WRONG_TYPE),
        ("data:image/svg+xml;base64,QUJD", Failure.WRONG_TYPE),
        ("data:text/html;base64,QUJD", Failure.WRONG_TYPE),
    ],
)
def test_what_is_no_picture_in_a_url_is_told(url: str, failure: Failure) -> None:
    """Before more of it is in memory than may be."""
    assert picture_in(url, 3) is failure
