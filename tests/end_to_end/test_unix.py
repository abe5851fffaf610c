# SPDX-License-Identifier: MIT
"""UNIX sockets: who is at the other end; and the path: mode, owner, in the way, stale, removed."""

import grp
import os
import pwd
import socket
import stat
import subprocess

import pytest

import daemon as superd_under_test
from clients import ask, connect, read_all
from contract import Contract
from processes import take_orphans


@pytest.fixture
def path(room):
    return room / "x.sock"


def echo_at(path, **options):
    return {"echo": {"listen": {"address": f"unix:{path}", **options}, "run": "/bin/cat"}}


def check_start(room, services):
    """superd that is expected not to start: its status and what it says."""
    file = room / "second.yaml"
    file.write_text(superd_under_test.table(services), encoding="utf-8")
    ended = superd_under_test.run("--config", file)
    return ended.returncode, ended.stderr


def test_bytes_come_back_and_half_close_works(superd, path):
    superd(echo_at(path))
    assert ask(str(path), b"x" * 300_000) == b"x" * 300_000


def test_the_environment_tells_the_peer_s_credentials(superd, program, path):
    superd({"contract": {"listen": f"unix:{path}", "run": program("contract")}})
    given = Contract(ask(str(path)))
    environment = given.environment
    assert "/usr/bin" in environment.pop("PATH")
    assert environment == {
        "SUPERD_SERVICE": "contract",
        "SUPERD_CONNECTION": "1",
        "PROTO": "IPC",
        "IPCLOCALPATH": str(path),
        "IPCREMOTEEUID": str(os.geteuid()),
        "IPCREMOTEEGID": str(os.getegid()),
        "IPCREMOTEPID": str(os.getpid()),
    }
    assert sorted(given.descriptors) == [0, 1, 2]


def test_another_user_s_credentials(superd, program, path, another_user):
    superd({"contract": {"listen": f"unix:{path}", "run": program("contract")}})
    client = (
        "import socket, sys; s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1]);"
        "print(b''.join(iter(lambda: s.recv(65536), b'')).decode())"
    )
    command = [*another_user, "/usr/bin/python3", "-c", client, str(path)]
    answer = subprocess.run(command, capture_output=True, check=True, timeout=60)
    environment = Contract(answer.stdout).environment
    assert environment["IPCREMOTEEUID"] == str(pwd.getpwnam("games").pw_uid)
    assert environment["IPCREMOTEEGID"] == str(pwd.getpwnam("games").pw_gid)


def test_the_log_names_the_peer(superd, path):
    daemon = superd(echo_at(path))
    ask(str(path))
    peer = daemon.log.event("echo", "started")["peer"]
    assert peer == f"uid:{os.geteuid()},pid:{os.getpid()}"


def test_an_abstract_socket(superd, room):
    name = f"@{room.name}"
    daemon = superd({"echo": {"listen": f"unix:{name}", "run": "/bin/cat"}})
    assert daemon.addresses("echo") == [f"unix:{name}"]
    assert ask(name, b"abstract") == b"abstract"


def test_anyone_may_connect_unless_told_otherwise(superd, path):
    superd(echo_at(path), prefix=["/bin/sh", "-c", 'umask 077; exec "$@"', "sh"])
    assert stat.S_IMODE(path.stat().st_mode) == 0o666


def test_mode_as_configured(superd, path):
    superd(echo_at(path, mode="0600"))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_owner_and_group_as_configured(superd, path, as_root):
    superd(echo_at(path, owner="games", group="mail", mode="0660"))
    assert path.stat().st_uid == pwd.getpwnam("games").pw_uid
    assert path.stat().st_gid == grp.getgrnam("mail").gr_gid


def test_the_path_is_removed_at_the_end(superd, path):
    daemon = superd(echo_at(path))
    assert path.is_socket()
    daemon.stop()
    assert not path.exists()


def test_a_path_that_is_someone_else_s_by_now_is_not_removed(superd, path):
    daemon = superd(echo_at(path))
    path.unlink()
    path.write_text("mine")
    daemon.stop()
    assert path.read_text() == "mine"


def test_the_socket_of_a_dead_daemon_is_taken_over(superd, path):
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))
    superd(echo_at(path))
    assert ask(str(path), b"taken over") == b"taken over"


def test_the_socket_of_a_superd_that_was_killed_is_taken_over(superd, path):
    killed = superd(echo_at(path))
    killed.kill()
    assert path.is_socket()
    superd(echo_at(path), name="heir")
    assert ask(str(path), b"taken over") == b"taken over"


def test_a_live_daemon_is_not_robbed(superd, room, path):
    superd(echo_at(path))
    status, said = check_start(room, echo_at(path))
    assert status == 1
    assert "second.yaml:" in said and str(path) in said and "in use" in said
    assert ask(str(path), b"still mine") == b"still mine"


def test_a_file_in_the_way_is_told_and_left_alone(room, path):
    path.write_text("precious")
    status, said = check_start(room, echo_at(path))
    assert status == 1
    assert "second.yaml:" in said and str(path) in said and "in the way" in said
    assert path.read_text() == "precious"


def test_a_directory_that_is_not_there_is_told(room):
    status, said = check_start(room, echo_at(room / "nowhere" / "x.sock"))
    assert status in (1, 2)
    assert "second.yaml:" in said and "No such file or directory" in said


def test_nothing_is_left_of_a_start_that_failed(room, path):
    services = echo_at(path)
    (room / "in-the-way").write_text("")
    services["other"] = {"listen": f"unix:{room}/in-the-way", "run": "/bin/cat"}
    status, _ = check_start(room, services)
    assert status == 1
    assert not path.exists()
    assert take_orphans() == []


def test_a_client_that_resets_is_seen_here_too(superd, path):
    keys = {"listen": f"unix:{path}", "on_client_gone": "stop"}
    daemon = superd({"held": {"run": ["/bin/sh", "-c", "echo on; exec sleep 1000"], **keys}})
    with connect(str(path)) as client:
        assert client.recv(3) == b"on\n"
    assert daemon.log.event("held", "ended")["stopped"] == "client-gone"


def test_many_clients_over_one_path(superd, path):
    superd(echo_at(path))
    clients = [connect(str(path)) for _ in range(50)]
    for number, client in enumerate(clients):
        client.sendall(b"%d" % number)
        client.shutdown(socket.SHUT_WR)
    for number, client in enumerate(clients):
        assert read_all(client) == b"%d" % number
        client.close()
