# SPDX-License-Identifier: MIT
"""`linger`: the answer of a handler that doesn't read its request arrives all the same."""

import concurrent.futures
import socket

from clients import connect, read_all
from patience import wait_until

BODY = b"x" * 20_000
REQUEST = b"POST / HTTP/1.0\r\nContent-Length: 20000\r\n\r\n" + BODY
ANSWER = b"HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nfine"
NEVER_READS = ["/bin/sh", "-c", r"printf 'HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nfine'"]


def request(target):
    """As HTTP clients do it: all of the request, then read; no half-close."""
    with connect(target) as client:
        for start in range(0, len(REQUEST), 4000):
            client.sendall(REQUEST[start : start + 4000])
        return read_all(client)


def test_none_of_200_clients_loses_its_answer(superd):
    daemon = superd({"health": {"run": NEVER_READS, "linger": "20s"}})
    port = daemon.port("health")
    with concurrent.futures.ThreadPoolExecutor(8) as clients:
        answers = list(clients.map(request, [port] * 200))
    assert answers == [ANSWER] * 200


def test_over_a_unix_socket_too(superd, room):
    path = str(room / "health.sock")
    daemon = superd({"health": {"listen": f"unix:{path}", "run": NEVER_READS, "linger": "20s"}})
    assert [request(path) for _ in range(20)] == [ANSWER] * 20
    daemon.log.wait_for("service 'health': ended .* exit=0", count=20)


def test_a_client_that_never_stops_sending_is_let_go_in_the_end(superd):
    daemon = superd({"health": {"run": NEVER_READS, "linger": "300ms"}})
    with connect(daemon.port("health")) as client:
        assert read_all(client) == ANSWER

        def is_closed():
            try:
                client.sendall(BODY)
            except (ConnectionResetError, BrokenPipeError):
                return True
            return False

        wait_until(is_closed, "the connection's end after `linger`")


def test_a_lingering_connection_does_not_keep_superd_from_ending(superd):
    daemon = superd({"health": {"run": NEVER_READS, "linger": "1h"}})
    with connect(daemon.port("health")) as client:
        assert read_all(client) == ANSWER
        daemon.stop()


def test_what_a_handler_reads_itself_is_not_touched(superd):
    daemon = superd({"sort": {"run": "/usr/bin/sort", "linger": "20s"}})
    with connect(daemon.port("sort")) as client:
        client.sendall(b"b\na\n")
        client.shutdown(socket.SHUT_WR)
        assert read_all(client) == b"a\nb\n"
