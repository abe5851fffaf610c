# SPDX-License-Identifier: MIT
"""TCP listeners: families, several at once, two thousand in one table."""

import errno
import random
import resource
import socket

import pytest

from clients import ask, connect, read_all, refuses
from contract import Contract

WHO = ["/bin/sh", "-c", "echo $REMOTE_ADDR $TCPREMOTEIP $TCPLOCALIP"]


@pytest.fixture
def ipv6():
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError as error:
        assert error.errno in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT)
        pytest.skip("needs IPv6 on the loopback interface")


@pytest.mark.parametrize("written", ["0", "*:0", "tcp:0"])
def test_a_bare_port_takes_both_families_and_ipv4_stays_ipv4(superd, ipv6, written):
    daemon = superd({"who": {"listen": written, "run": WHO}})
    port = daemon.port("who")
    assert ask(("127.0.0.1", port)) == b"127.0.0.1 127.0.0.1 127.0.0.1\n"
    assert ask(("::1", port)) == b"::1 ::1 ::1\n"
    daemon.log.wait_for(r"started .*peer=127\.0\.0\.1:")
    daemon.log.wait_for(r"started .*peer=\[::1\]:")


def test_tcp4_is_not_ipv6(superd, ipv6):
    daemon = superd({"who": {"listen": "tcp4:0", "run": WHO}})
    assert ask(("127.0.0.1", daemon.port("who"))).startswith(b"127.0.0.1 ")
    assert refuses(("::1", daemon.port("who")))


def test_tcp6_is_not_ipv4(superd, ipv6):
    daemon = superd({"who": {"listen": "tcp6:0", "run": WHO}})
    assert ask(("::1", daemon.port("who"))).startswith(b"::1 ")
    assert refuses(("127.0.0.1", daemon.port("who")))


def test_v6only_as_configured(superd, ipv6):
    listen = {"address": "tcp:0", "v6only": True}
    daemon = superd({"who": {"listen": listen, "run": WHO}})
    assert ask(("::1", daemon.port("who"))).startswith(b"::1 ")
    assert refuses(("127.0.0.1", daemon.port("who")))


def test_the_environment_over_ipv6(superd, program, ipv6):
    daemon = superd({"contract": {"listen": "[::1]:0", "run": program("contract")}})
    with connect(("::1", daemon.port("contract"))) as client:
        remote = str(client.getsockname()[1])
        given = Contract(read_all(client)).environment
    assert given["PROTO"] == "TCP"
    assert given["TCPLOCALIP"] == given["TCPREMOTEIP"] == given["REMOTE_ADDR"] == "::1"
    assert given["TCPLOCALPORT"] == str(daemon.port("contract"))
    assert given["TCPREMOTEPORT"] == given["REMOTE_PORT"] == remote


def test_a_host_name_is_all_its_addresses(superd):
    daemon = superd({"who": {"listen": "localhost:0", "run": WHO}})
    addresses = [text.rpartition(":") for text in daemon.addresses("who")]
    assert "127.0.0.1" in [host for host, _, _ in addresses]
    for host, _, port in addresses:
        assert ask((host.strip("[]"), int(port))).startswith(host.strip("[]").encode() + b" ")


def test_a_service_listens_on_each_address_of_its_list(superd, room):
    listen = ["127.0.0.1:0", {"address": "127.0.0.2:0"}, f"unix:{room}/echo.sock"]
    daemon = superd({"echo": {"listen": listen, "run": "/bin/cat"}})
    first, second, path = daemon.addresses("echo")
    assert ask(("127.0.0.1", int(first.rpartition(":")[2])), b"1") == b"1"
    assert ask(("127.0.0.2", int(second.rpartition(":")[2])), b"2") == b"2"
    assert path == f"unix:{room}/echo.sock" and ask(f"{room}/echo.sock", b"3") == b"3"
    daemon.log.wait_for("superd: ready, 1 service, 3 listeners")


def test_an_address_that_is_listened_on_is_not_open_elsewhere(superd):
    daemon = superd({"echo": {"run": "/bin/cat"}})
    assert refuses(("127.0.0.2", daemon.port("echo")))


def test_a_service_that_is_not_enabled_does_not_listen(superd):
    services = {"echo": {"run": "/bin/cat"}, "off": {"run": "/bin/cat", "enabled": False}}
    daemon = superd(services)
    assert not daemon.log.find("service 'off'")
    daemon.log.wait_for("superd: ready, 1 service, 1 listener")


def test_2000_listeners_in_one_table(superd):
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < 2500:
        pytest.skip(f"needs 2,500 descriptors, and the hard limit is {hard}")
    services = {f"s{n}": {"run": ["/bin/echo", str(n)]} for n in range(2000)}
    # superd raises its own soft limit to the hard one.
    daemon = superd(services, prefix=["prlimit", f"--nofile=256:{hard}"])
    daemon.log.wait_for("superd: ready, 2000 services, 2000 listeners")
    for n in random.sample(range(2000), 30):
        assert ask(daemon.port(f"s{n}")) == b"%d\n" % n
