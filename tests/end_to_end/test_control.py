# SPDX-License-Identifier: MIT
"""The control socket: whatever comes in there, who may ask, what is in the way, and bounds that keep
superd out of harm."""

import json
import os
import pwd
import socket
import stat
import subprocess
import sys

import pytest

import daemon as superd_under_test
from clients import ask
from control import Control
from patience import DEADLINE, wait_until

ECHO = {"run": "/bin/cat"}


@pytest.fixture
def daemon(superd):
    return superd({"x": ECHO})


@pytest.mark.parametrize(
    "request_line, words",
    [
        (b"\n", "command"),
        (b"   \n", "command"),
        (b"nonsense\n", "nonsense"),
        (b"statsu\n", "did you mean 'status'?"),
        (b"\0\xff\xfe\x80\n", ""),
        (b"\x1b[31mred\n", ""),
        (b"status 'unfinished\n", "quote"),
        (b"status nobody\n", "there is no service 'nobody'"),
        (b"status --loud\n", "--loud"),
        (b"events --service nobody\n", "there is no service 'nobody'"),
        (b"pause\n", ""),
        (b"pause X\n", "did you mean 'x'?"),
        (b"stop 1\n", "no handler has pid 1"),
        (b"stop 99999999999999999999\n", "no service '99999999999999999999'"),
        (b"stop -1\n", ""),
        (b"stop\n", ""),
        (b"set x\n", ""),
        (b"set x timeot 1s\n", "did you mean 'timeout'?"),
        (b"set x timeout soon\n", "timeout"),
        (b"set x timeout 1s --for soon\n", "soon"),
        (b"set nobody timeout 1s\n", "there is no service 'nobody'"),
        (b"unset nobody\n", "there is no service 'nobody'"),
        (b"diff /no/such/file\n", ""),
        (b"reload now\n", ""),
        (b"metrics x\n", ""),
        (b"upgrade a b\n", ""),
    ],
    ids=lambda value: value.decode(errors="replace").strip() if isinstance(value, bytes) else "",
)
def test_a_request_that_is_wrong(daemon, request_line, words):
    (reply,) = daemon.control.lines(request_line)
    assert reply["ok"] is False and reply["status"] in (1, 2)
    assert words in reply["error"] and reply["error"].isprintable()
    assert ask(daemon.port("x"), b"x") == b"x"


def test_a_request_of_64_kib_and_one_that_is_longer(daemon):
    (reply,) = daemon.control.lines(b"status " + b"x" * (64 * 1024 - 100) + b"\n")
    assert "there is no service" in reply["error"]
    with daemon.control.connect() as client:
        try:
            for _ in range(200):
                client.sendall(b"x" * 65536)
        except (BrokenPipeError, ConnectionResetError):
            pass
    assert daemon.control.ask("status")["ok"]


def test_a_request_in_pieces_and_one_without_its_end(daemon):
    with daemon.control.connect() as client:
        for byte in b"status\n":
            client.sendall(bytes([byte]))
        assert json.loads(client.makefile().readline())["ok"]
    with daemon.control.connect() as client:
        client.sendall(b"status")
        client.shutdown(socket.SHUT_WR)
        assert json.loads(client.makefile().readline())["ok"]
    with daemon.control.connect() as client:
        client.sendall(b"status\nreload\nshutdown\n")
        assert len(client.makefile().readlines()) == 1
    assert daemon.control.daemon()["generation"] == 1


def test_a_client_that_says_nothing_or_half_is_told_and_dropped(daemon):
    with daemon.control.connect() as silent, daemon.control.connect() as slow:
        slow.sendall(b"stat")
        for client in (silent, slow):
            assert json.loads(client.makefile().readline())["ok"] is False


def test_a_client_that_goes_at_once_hurts_nobody(daemon):
    for request in (b"", b"stat", b"status\n", b"ps\n", b"events --follow\n", b"reload\n"):
        for _ in range(20):
            with daemon.control.connect() as client:
                client.sendall(request)
    assert daemon.control.daemon()["state"] == "serving"


def test_a_thousand_idle_clients_keep_nobody_from_asking(daemon):
    idle = [daemon.control.connect() for _ in range(1000)]
    for _ in range(5):
        assert daemon.control.ask("status")["ok"]
    assert daemon.control.daemon()["descriptors"] < 200
    assert ask(daemon.port("x"), b"x") == b"x"
    for client in idle:
        client.close()


def test_a_slow_reader_of_events_misses_some_and_is_told(superd, program, crowd):
    daemon = superd({"hi": {"run": program("hi")}})
    with daemon.control.connect() as slow:
        slow.sendall(b"events --follow\n")
        clients = crowd(daemon.port("hi"), b"hi\n", clients=16)
        clients.wait_for_more(4000)
        memory = daemon.control.daemon()["memory"]
        served = clients.check()["served"]
        lines, missed = slow.makefile("rb"), 0
        assert json.loads(lines.readline())["ok"]
        seen = 0
        while seen + missed < 2 * served:
            event = json.loads(lines.readline())
            if event["event"] == "lines_dropped":
                missed += event["count"]
            elif event["event"] in ("started", "ended"):
                seen += 1
    assert missed > 0 and seen > 0 and seen + missed >= 2 * served
    assert superd_under_test.has_sanitizer() or memory < 64 << 20


def test_a_file_in_the_way(superd, room):
    way = room / "way"
    way.write_text("precious")
    (room / "x.yaml").write_text(superd_under_test.table({"x": ECHO}))
    ended = superd_under_test.run("--config", room / "x.yaml", "--control", way)
    assert ended.returncode == 1
    assert str(way) in ended.stderr and "in the way" in ended.stderr
    assert way.read_text() == "precious"


def test_a_superd_that_lives_is_not_robbed(daemon, room):
    (room / "second.yaml").write_text(superd_under_test.table({"x": ECHO}))
    ended = superd_under_test.run("--config", room / "second.yaml", "--control", daemon.control.path)
    assert ended.returncode == 1
    assert "another superd answers at" in ended.stderr and daemon.control.path in ended.stderr
    assert daemon.control.ask("status")["ok"]


def test_the_socket_of_a_superd_that_was_killed_is_taken_over(superd):
    killed = superd({"x": ECHO})
    killed.kill()
    heir = superd({"x": ECHO}, name="heir", arguments=["--control", killed.control.path], control=False)
    assert killed.control.daemon()["pid"] == heir.pid
    heir.stop()
    assert not os.path.exists(killed.control.path)


def default_place(room):
    """For superd as root the place is the system's; as another user it can be the test's."""
    (room / "runtime").mkdir()
    (room / "runtime").chmod(0o777)
    return {"XDG_RUNTIME_DIR": str(room / "runtime")}


def test_the_second_at_the_standard_place_only_warns(superd, another_user, reachable_superd, room):
    environment = default_place(room)
    usual = {"prefix": another_user, "binary": reachable_superd, "environment": environment}
    (room / "none.yaml").write_text("{}")
    tables = [json.loads(superd_under_test.table({"x": ECHO})) for _ in range(2)]
    daemons = []
    for number, table in enumerate(tables):
        del table["daemon"]["control"]
        file = room / f"d{number}.yaml"
        file.write_text(json.dumps(table))
        one = superd_under_test.Superd(
            room, ["--config", file], control=False, name=f"d{number}", **usual
        )
        daemons.append(one.wait_ready())
    try:
        control = Control(room / "runtime" / "superd" / "control.sock")
        assert control.daemon()["pid"] == daemons[0].pid
        daemons[1].log.wait_for("warning: another superd answers at .*; without it superctl")
        assert ask(daemons[1].port("x"), b"x") == b"x"
        assert control.daemon()["pid"] == daemons[0].pid
    finally:
        for one in daemons:
            one.stop()


def test_none_is_none(superd):
    daemon = superd({"x": ECHO}, arguments=["--control", "none"], control=False)
    assert ask(daemon.port("x"), b"x") == b"x"
    assert not os.path.exists(daemon.control.path)


def as_user(name, path, request):
    """What a user is answered, or the errno of connect."""
    account = pwd.getpwnam(name)

    def become():
        os.setgroups([])
        os.setgid(account.pw_gid)
        os.setuid(account.pw_uid)

    script = (
        "import socket, sys; s = socket.socket(socket.AF_UNIX)\n"
        "try: s.connect(sys.argv[1])\n"
        "except OSError as e: print(e.errno); sys.exit()\n"
        "s.sendall(sys.argv[2].encode() + b'\\n'); print(s.makefile().read())"
    )
    command = ["/usr/bin/python3", "-Sc", script, str(path), request]
    answer = subprocess.run(
        command, preexec_fn=become, stdout=subprocess.PIPE, check=True, timeout=DEADLINE
    )
    return json.loads(answer.stdout)


def test_others_can_not_even_connect(daemon, as_root):
    assert stat.S_IMODE(os.stat(daemon.control.path).st_mode) == 0o600
    assert as_user("nobody", daemon.control.path, "status") == 13


def test_who_may_read_may_not_change(superd, as_root):
    daemon = superd({"x": ECHO}, {"control_access": {"read": ["games"], "change": ["@mail"]}})
    path = daemon.control.path
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o666
    assert as_user("games", path, "status")["ok"]
    for request in ("reload", "pause x", "stop x", "shutdown", "upgrade", "diff /etc/shadow"):
        reply = as_user("games", path, request)
        assert (reply["ok"], reply["status"]) == (False, 3), reply
        assert "may not" in reply["error"]
    assert as_user("mail", path, "reload")["ok"]
    assert as_user("mail", path, "status")["ok"]
    for request in ("status", "reload", "nonsense"):
        assert as_user("nobody", path, request)["status"] == 3
    daemon.reload({"x": ECHO}, {"control_access": {"read": ["nobody"]}})
    assert as_user("nobody", path, "status")["ok"]
    assert as_user("games", path, "status")["status"] == 3
    daemon.reload({"x": ECHO})
    assert as_user("nobody", path, "status") == 13


def test_strangers_keep_nobody_away(superd, as_root):
    daemon = superd({"x": ECHO}, {"control_access": {"read": ["games"]}})
    script = (
        "import os, socket, sys\n"
        "os.setgroups([]); os.setgid(65534); os.setuid(65534)\n"
        "all = [socket.socket(socket.AF_UNIX) for _ in range(200)]\n"
        "[s.connect(sys.argv[1]) for s in all]; print(flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", script, daemon.control.path]
    strangers = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    superd_under_test.processes.ours.add(strangers.pid)
    try:
        strangers.stdout.readline()
        for _ in range(10):
            assert daemon.control.ask("status")["ok"]
    finally:
        strangers.communicate(timeout=DEADLINE)
        superd_under_test.processes.ours.discard(strangers.pid)


def test_mode_owner_and_group_as_configured(superd, as_root):
    control = {"owner": "games", "group": "mail", "mode": "0660"}
    daemon = superd({"x": ECHO}, {"control": control})
    found = os.stat(daemon.control.path)
    assert stat.S_IMODE(found.st_mode) == 0o660
    assert found.st_uid == pwd.getpwnam("games").pw_uid


def test_a_superd_of_an_ordinary_user_obeys_that_user_and_root(
    superd, another_user, reachable_superd, room
):
    room.chmod(0o777)
    daemon = superd({"x": ECHO}, prefix=another_user, binary=reachable_superd)
    assert as_user("games", daemon.control.path, "reload")["ok"]
    assert daemon.control.ask("reload")["ok"]


def test_the_socket_is_removed_at_the_end(superd):
    daemon = superd({"x": ECHO})
    assert os.path.exists(daemon.control.path)
    daemon.stop()
    wait_until(lambda: not os.path.exists(daemon.control.path), "the end of the path")
