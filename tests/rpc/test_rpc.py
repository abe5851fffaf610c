# SPDX-License-Identifier: MIT
"""`rpc`: clients find services by rpcbind. The server is Debian's rpcbind, the client rpcinfo."""

import os
import signal
import socket

import pytest

import machine
from machine import ActivatedRpcbind, Rpcbind, port_of, rpcinfo, table
from patience import wait_until

PROGRAM = 0x20000001
OTHER = 0x20000002
BOTH = {(1, "tcp"), (1, "tcp6"), (2, "tcp"), (2, "tcp6")}


def service(handler, versions="1-2", listen="0", program=PROGRAM, **keys):
    return {"listen": listen, "run": handler, "rpc": {"program": program, "versions": versions},
            **keys}


def wait_for_table(keys, program=PROGRAM):
    """What rpcbind has of the program, as soon as it is just these."""
    wait_until(lambda: set(table(program)) == set(keys),
               lambda: f"{keys} in rpcbind, which has {table(program)}")
    return table(program)


def is_ready(netid, version, program=PROGRAM):
    said = rpcinfo("-T", netid, "127.0.0.1", program, version)
    return f"program {program} version {version} ready and waiting" in said.stdout


def test_clients_find_a_service_by_its_program(rpcbind, superd, handler):
    daemon = superd({"x": service(handler)})
    for address, owner in wait_for_table(BOTH).values():
        assert port_of(address) == daemon.port("x")
        assert owner == "superuser"
    assert is_ready("tcp", 1) and is_ready("tcp", 2)
    assert f"{PROGRAM}    2   tcp  {daemon.port('x')}".split() in map(
        str.split, rpcinfo("-p", "127.0.0.1").stdout.splitlines())
    daemon.log.wait_for(f"service 'x': registered with rpcbind: program {PROGRAM}, 4 addresses")


def test_datagrams_are_found_too(rpcbind, superd, handler):
    superd({"x": service(handler, 3), "y": {
        "listen": "udp:0", "activate": handler, "rpc": {"program": PROGRAM, "versions": 3}}})
    wait_for_table({(3, netid) for netid in ("tcp", "tcp6", "udp", "udp6")})
    assert is_ready("udp", 3) and is_ready("tcp", 3)


def test_a_program_can_be_named(rpcbind, superd, handler):
    rpc = {"versions": 2}
    superd({"rusersd": {"listen": "tcp4:0", "run": handler, "rpc": rpc}})
    wait_for_table({(2, "tcp")}, program=100002)


def test_an_address_of_its_own_is_the_one_that_is_told(rpcbind, superd, handler):
    daemon = superd({"x": service(handler, 1, ["127.0.0.1:0", "[::1]:0"])})
    known = wait_for_table({(1, "tcp"), (1, "tcp6")})
    four, six = (daemon.port("x", number) for number in (0, 1))
    assert known[1, "tcp"][0] == f"127.0.0.1.{four >> 8}.{four & 255}"
    assert known[1, "tcp6"][0] == f"::1.{six >> 8}.{six & 255}"


def test_a_reload_changes_what_rpcbind_has(rpcbind, superd, handler):
    daemon = superd({"x": service(handler)})
    port = port_of(wait_for_table(BOTH)[1, "tcp"][0])
    daemon.reload({"x": service(handler, [2, 3], "tcp4:0")})
    known = wait_for_table({(2, "tcp"), (3, "tcp")})
    assert port_of(known[2, "tcp"][0]) == daemon.port("x", 1) != port
    daemon.reload({"y": service(handler, [2, 3], "tcp4:0")})
    assert wait_for_table({(2, "tcp"), (3, "tcp")}) == known  # the socket has moved along
    daemon.reload({"y": {"listen": "tcp4:0", "run": handler}})
    wait_for_table(set())


def test_nothing_is_left_at_the_end(rpcbind, superd, handler):
    daemon = superd({"x": service(handler), "z": service(handler, 7, program=OTHER)})
    wait_for_table(BOTH)
    wait_for_table({(7, "tcp"), (7, "tcp6")}, OTHER)
    daemon.stop()
    assert not table(PROGRAM) and not table(OTHER)


def test_nothing_is_left_where_a_second_term_hurries(rpcbind, superd, handler):
    daemon = superd({"x": service(handler)})
    wait_for_table(BOTH)
    daemon.signal(signal.SIGTERM)
    daemon.signal(signal.SIGINT)
    daemon.wait_end()
    assert not table(PROGRAM)


def test_without_rpcbind_a_service_serves_and_is_registered_when_there_is_one(superd, handler):
    daemon = superd({"x": service(handler)})
    daemon.log.wait_for(r"warning .*rpcbind can't be told of .*rpcbind\.sock: No such file")
    with socket.create_connection(("127.0.0.1", daemon.port("x"))):
        daemon.log.wait_for("service 'x': started")
    with Rpcbind():
        wait_for_table(BOTH)
        daemon.log.wait_for("registered with rpcbind")
        daemon.stop()
        assert not table(PROGRAM)
    assert len(daemon.log.find("rpcbind can't be told")) == 1


def test_an_end_without_rpcbind_is_an_end(superd, handler):
    daemon = superd({"x": service(handler)})
    daemon.log.wait_for("rpcbind can't be told")
    daemon.stop()
    assert not daemon.log.find("entries of this superd")


@pytest.mark.parametrize("kind", [Rpcbind, ActivatedRpcbind])
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_rpcbind_that_is_started_anew_is_told_anew(superd, handler, how, kind):
    with kind() as rpcbind:
        daemon = superd({"x": service(handler)})
        known = wait_for_table(BOTH)
        rpcbind.stop(how)
        rpcbind.start()
        assert wait_for_table(BOTH) == known
        daemon.stop()
        assert not table(PROGRAM)


def test_who_was_first_stays(rpcbind, superd, handler):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        address = f"127.0.0.1.{port >> 8}.{port & 255}"
        assert machine.call(1, PROGRAM, 2, "tcp", address)
        daemon = superd({"x": service(handler)})
        daemon.log.wait_for(
            rf"warning service 'x': rpcbind has program {PROGRAM} version 2, tcp at 127\.0\.0\.1:{port}, "
            "registered by superuser, and that stays")
        assert wait_for_table(BOTH)[2, "tcp"] == (address, "superuser")
        daemon.stop()
        assert table(PROGRAM) == {(2, "tcp"): (address, "superuser")}


def test_a_place_that_becomes_free_is_taken(rpcbind, superd, handler):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert machine.call(1, PROGRAM, 2, "tcp", f"127.0.0.1.{port >> 8}.{port & 255}")
        daemon = superd({"x": service(handler)})
        daemon.log.wait_for("and that stays")
    daemon.log.wait_for("service 'x': registered with rpcbind")
    assert port_of(table(PROGRAM)[2, "tcp"][0]) == daemon.port("x")


def test_what_is_another_users_stays_though_nobody_serves_it(rpcbind, superd, handler):
    assert registered_by_nobody(PROGRAM, 1, "tcp", "127.0.0.1.0.9")
    daemon = superd({"x": service(handler, 1, "tcp4:0")})
    daemon.log.wait_for(r"rpcbind has program .* at 127\.0\.0\.1:9, registered by 65534, and that stays")
    assert table(PROGRAM) == {(1, "tcp"): ("127.0.0.1.0.9", "65534")}


def registered_by_nobody(*registration):
    child = os.fork()
    if child == 0:
        os.setgid(65534)
        os.setuid(65534)
        os._exit(0 if machine.call(1, *registration) else 1)
    return os.waitpid(child, 0)[1] == 0


def test_what_a_superd_that_crashed_left_is_replaced(rpcbind, superd, handler, room):
    daemon = superd({"x": service(handler)})
    left = wait_for_table(BOTH)
    daemon.kill()
    assert table(PROGRAM) == left
    after = superd({"x": service(handler)}, name="after")
    after.log.wait_for("registered with rpcbind")
    assert {port_of(address) for address, _ in table(PROGRAM).values()} == {after.port("x")}


def test_superd_that_is_not_root_registers_as_itself(rpcbind, superd, handler):
    someone = ["setpriv", "--reuid", "61234", "--regid", "61234", "--clear-groups"]
    daemon = superd({"x": service(handler, 1, "tcp4:0")}, prefix=someone)
    assert wait_for_table({(1, "tcp")})[1, "tcp"][1] == "61234"
    assert is_ready("tcp", 1)
    daemon.stop()
    assert not table(PROGRAM)


def test_an_upgrade_leaves_no_gap(rpcbind, superd, handler):
    daemon = superd({"x": service(handler), "y": service(handler, 1, program=OTHER)})
    known = wait_for_table(BOTH)
    daemon.control.ask("upgrade")
    assert table(PROGRAM) == known
    daemon.reload({"x": service(handler)})
    wait_for_table(set(), OTHER)
    assert table(PROGRAM) == known
    daemon.stop()
    assert not table(PROGRAM)


def test_a_pause_is_no_end(rpcbind, superd, handler):
    daemon = superd({"x": service(handler)})
    known = wait_for_table(BOTH)
    daemon.control.ask("pause", "x")
    daemon.control.ask("resume", "x")
    assert table(PROGRAM) == known


def test_a_table_without_rpc_starts_nothing(superd, handler):
    daemon = superd({"x": {"listen": "0", "run": handler}})
    daemon.stop()
    assert not daemon.log.find("rpcbind")
