# SPDX-License-Identifier: MIT
"""What a reload does: sockets stay, connections under way keep their rules, options change in place,
counts and pauses survive."""

import concurrent.futures
import grp
import os
import pwd
import signal
import socket
import stat

import pytest

import daemon as superd_under_test
from clients import ask, connect, read_all, read_line, refuses
from log import Log
from patience import wait_until
from processes import is_alive

ECHO = {"run": "/bin/cat"}
HOLDS = ["/bin/sh", "-c", 'echo $$; read word; echo "$0 $word"']
FEW = superd_under_test.has_sanitizer()


def shell(script, **keys):
    return {"run": ["/bin/sh", "-c", script], **keys}


def test_a_service_that_comes_and_one_that_goes(superd):
    daemon = superd({"stays": ECHO, "goes": {**ECHO, "listen": ["127.0.0.1:0", "[::1]:0"]}})
    stays, goes = daemon.port("stays"), ("::1", daemon.port("goes", 1))
    diff = daemon.reload({"stays": ECHO, "comes": ECHO})["diff"]
    assert diff["kept"] == 2  # port 0 of one name is port 0 of another
    assert [one["service"] for one in diff["closed"]] == ["goes"]
    assert (diff["added"], diff["removed"], diff["changed"]) == (["comes"], ["goes"], [])
    daemon.log.wait_for("superd: reloaded, generation 2: .* added=1 removed=1 changed=0")
    (comes,) = daemon.control.service("comes")["addresses"]
    assert ask(int(comes.split(":")[1]), b"x") == ask(stays, b"x") == b"x"
    assert refuses(goes)
    daemon.log.wait_for(rf"service 'goes': no longer listening on \[::1\]:{goes[1]}")


def test_hup_reloads_and_reopens_the_log(superd, room):
    lines = room / "lines"
    settings = {"log": {"to": str(lines)}}
    daemon = superd_under_test.launch(room, {"a": ECHO}, settings)
    with daemon:
        Log(lines).wait_for("superd: ready")
        lines.rename(room / "lines.1")
        daemon.write({"a": ECHO, "b": ECHO}, settings)
        daemon.signal(signal.SIGHUP)
        Log(lines).wait_for("superd: reloaded, generation 2: .* added=1")


def test_port_0_keeps_its_number(superd):
    daemon = superd({"a": ECHO, "b": {**ECHO, "listen": ["127.0.0.1:0", "127.0.0.1:0"]}})
    before = {name: daemon.control.service(name)["addresses"] for name in "ab"}
    daemon.reload({"b": {**ECHO, "listen": ["127.0.0.1:0", "127.0.0.1:0"], "nice": 1}, "a": ECHO})
    assert before == {name: daemon.control.service(name)["addresses"] for name in "ab"}
    diff = daemon.reload({"renamed": ECHO, "b": {**ECHO, "listen": ["127.0.0.1:0"] * 2}})["diff"]
    assert diff["kept"] == 3
    assert daemon.control.service("renamed")["addresses"] == before["a"]


def test_disabled_and_enabled_again(superd, reserved_port):
    port = reserved_port()
    echo = {**ECHO, "listen": f"127.0.0.1:{port}"}
    daemon = superd({"x": echo})
    daemon.reload({"x": {**echo, "enabled": False}})
    assert refuses(port)
    assert daemon.control.service("x")["state"] == "disabled"
    daemon.reload({"x": echo})
    assert ask(port, b"back") == b"back"
    assert daemon.control.service("x")["state"] == "listening"


def test_a_running_handler_keeps_the_rules_it_began_with(superd):
    script = "trap 'echo asked; exit 7' USR1; echo on; while :; do sleep 0.05; done"
    daemon = superd({"x": shell(script, timeout="1500ms", stop_signal="USR1")})
    with connect(daemon.port("x")) as client:
        assert read_line(client) == b"on\n"
        daemon.reload({"x": shell("echo other", timeout="1h", stop_signal="KILL", stop_grace="1s")})
        assert ask(daemon.port("x")) == b"other\n"
        assert read_all(client) == b"asked\n"
    ended = daemon.log.wait_for("service 'x': ended .*connection=1 ")[0].string
    assert "exit=7" in ended and "stopped=timeout" in ended


def test_removing_a_service_lets_500_handlers_finish(superd):
    count = 100 if FEW else 500
    script = 'echo on; read word; echo "answer to $word"; echo "said $word" >&2'
    daemon = superd({"x": shell(script), "other": ECHO})
    port = daemon.port("x")
    clients = [connect(port) for _ in range(count)]
    for client in clients:
        assert read_line(client) == b"on\n"
    daemon.reload({"other": ECHO})
    assert refuses(port)
    assert len(daemon.control.connections("x")) == count
    for number, client in enumerate(clients):
        client.sendall(b"%d\n" % number)
    for number, client in enumerate(clients):
        assert read_all(client) == b"answer to %d\n" % number
        client.close()
    daemon.log.wait_for("service 'x': ended .* exit=0", count)
    daemon.log.wait_for(r"service 'x': stderr: said \d+$", count)
    assert ask(daemon.port("other"), b"x") == b"x"


def test_a_timeout_holds_for_handlers_of_a_removed_service(superd):
    daemon = superd({"x": shell("echo on; exec sleep 1000", timeout="1s"), "other": ECHO})
    with connect(daemon.port("x")) as client:
        assert read_line(client) == b"on\n"
        daemon.reload({"other": ECHO})
        assert read_all(client) == b""
    assert daemon.log.event("x", "ended")["stopped"] == "timeout"


def test_connections_that_wait_at_a_removed_listener_are_served(superd):
    daemon = superd({"x": ECHO, "other": ECHO})
    port = daemon.port("x")
    daemon.control.ask("pause", "x")
    clients = [connect(port) for _ in range(20)]
    for number, client in enumerate(clients):
        client.sendall(b"%d" % number)
        client.shutdown(socket.SHUT_WR)
    assert daemon.control.connections("x") == []
    daemon.reload({"other": ECHO})
    for number, client in enumerate(clients):
        assert read_all(client) == b"%d" % number
        client.close()
    assert refuses(port)


@pytest.mark.parametrize("returns", [False, True])
def test_connections_that_wait_for_a_slot_are_served_though_their_port_goes(
    superd, reserved_port, returns
):
    port = reserved_port()
    services = {"x": {**ECHO, "listen": f"127.0.0.1:{port}"}, "other": ECHO}
    daemon = superd(services, {"instances": 1})
    clients = [connect(port) for _ in range(5)]
    daemon.log.wait_for("warning superd: listeners paused")
    daemon.reload({"other": ECHO}, {"instances": 1})
    if returns:
        daemon.reload(services, {"instances": 1})
    for number, client in enumerate(clients):
        client.sendall(b"%d" % number)
        client.shutdown(socket.SHUT_WR)
    for number, client in enumerate(clients):
        assert read_all(client) == b"%d" % number
        client.close()
    if returns:
        assert ask(port, b"x") == b"x"
    else:
        wait_until(lambda: refuses(port), "the end of the port")


def test_connections_that_wait_while_a_port_moves_go_to_the_new_service(superd, reserved_port):
    port = reserved_port()
    daemon = superd({"old": {**shell("echo old"), "listen": f"127.0.0.1:{port}"}})
    daemon.control.ask("pause", "old")
    clients = [connect(port) for _ in range(5)]
    diff = daemon.reload({"new": {**shell("echo new"), "listen": f"127.0.0.1:{port}"}})["diff"]
    assert diff["moved"] == [{"address": f"127.0.0.1:{port}", "from": "old", "to": "new"}]
    for client in clients:
        assert read_all(client) == b"new\n"
        client.close()


def test_two_reloads_at_once_and_many(superd):
    daemon = superd({"x": ECHO})
    with concurrent.futures.ThreadPoolExecutor(20) as pool:
        replies = list(pool.map(lambda _: daemon.control.ask("reload"), range(40)))
    assert sorted(reply["generation"] for reply in replies) == list(range(2, 42))


def test_reload_while_launches_are_under_way(superd, program):
    daemon = superd({"hi": {"run": program("hi")}})
    for number in range(20):
        clients = [connect(daemon.port("hi")) for _ in range(20)]
        daemon.reload({"hi": {"run": program("hi"), "nice": number % 3}})
        for client in clients:
            assert read_all(client) == b"hi\n"
            client.close()
    daemon.log.wait_for("service 'hi': ended .* exit=0", 400)


def options_of(daemon, port):
    """SO_KEEPALIVE, TCP_NODELAY and IP_TOS of the connection, as a handler sees them."""
    return ask(port).decode().split()


def test_socket_options_change_in_place(superd, reserved_port):
    port = reserved_port()
    script = (
        "import socket as s; c = s.socket(fileno=0);"
        "print(c.getsockopt(s.SOL_SOCKET, s.SO_KEEPALIVE), c.getsockopt(s.IPPROTO_TCP,"
        " s.TCP_NODELAY), c.getsockopt(s.IPPROTO_IP, s.IP_TOS))"
    )
    show = {"run": ["/usr/bin/python3", "-Sc", script]}

    def listening(**options):
        return {"x": {**show, "listen": {"address": f"127.0.0.1:{port}", **options}}}

    daemon = superd(listening())
    assert options_of(daemon, port) == ["0", "0", "0"]
    reply = daemon.reload(listening(keepalive=True, nodelay=True, tos=16))
    assert reply["diff"]["kept"] == 1
    assert options_of(daemon, port) == ["1", "1", "16"]
    daemon.reload(listening(nodelay=True, backlog=7))
    assert options_of(daemon, port) == ["0", "1", "0"]
    assert not daemon.log.find("warning")


def test_the_backlog_changes_in_place(superd, reserved_port):
    port = reserved_port()

    def listening(**options):
        return {"x": {**ECHO, "listen": {"address": f"127.0.0.1:{port}", **options}}}

    def backlog():
        command = ["ss", "-Hltn", f"sport = :{port}"]
        return int(superd_under_test.subprocess.check_output(command, text=True).split()[2])

    daemon = superd(listening(backlog=11))
    assert backlog() == 11
    daemon.reload(listening(backlog=22))
    assert backlog() == 22
    daemon.reload(listening())
    assert backlog() > 22


def test_a_unix_path_s_mode_and_owner_change_in_place(superd, room):
    path = room / "x.sock"

    def listening(**options):
        return {"x": {**ECHO, "listen": {"address": f"unix:{path}", **options}}}

    daemon = superd(listening(mode="0600"))
    inode = path.stat().st_ino
    owner = {"owner": "games", "group": "mail"} if os.geteuid() == 0 else {}
    daemon.reload(listening(mode="0660", **owner))
    assert stat.S_IMODE(path.stat().st_mode) == 0o660
    if owner:
        assert path.stat().st_uid == pwd.getpwnam("games").pw_uid
        assert path.stat().st_gid == grp.getgrnam("mail").gr_gid
    daemon.reload(listening())
    assert stat.S_IMODE(path.stat().st_mode) == 0o666
    assert path.stat().st_uid == os.geteuid()
    assert path.stat().st_ino == inode
    assert ask(str(path), b"x") == b"x"


def test_a_removed_unix_path_is_removed(superd, room):
    path = room / "x.sock"
    daemon = superd({"x": {**ECHO, "listen": f"unix:{path}"}, "other": ECHO})
    daemon.reload({"other": ECHO})
    assert not path.exists()


def test_the_log_moves_to_another_file_format_and_level(superd, room):
    first, second = room / "first", room / "second"
    daemon = superd_under_test.launch(room, {"x": ECHO}, {"log": {"to": str(first)}})
    with daemon:
        Log(first).wait_for("superd: ready")
        reply = daemon.reload({"x": ECHO}, {"log": {"to": str(second), "format": "json"}})
        assert reply["diff"]["daemon"] == ["log"]
        Log(second).wait_for('"event":"reloaded"')
        ask(int(Log(first).find("listening on 127.0.0.1:(.*)")[0][1]), b"x")
        Log(second).wait_for('"event":"ended"')
        daemon.reload({"x": ECHO}, {"log": {"to": str(second), "level": "error"}})
        lines = len(Log(second).refresh())
        ask(int(Log(first).find("listening on 127.0.0.1:(.*)")[0][1]), b"x")
        wait_until(lambda: daemon.control.service("x")["ended"]["fine"] == 2, "the end")
        daemon.reload({"x": ECHO}, {"log": {"to": str(second)}})
        Log(second).wait_for("info superd: reloaded")
        assert len(Log(second).refresh()) == lines + 1
    assert not Log(first).find("connection=")


def test_a_log_that_can_not_be_opened_refuses_the_reload(superd, room):
    daemon = superd({"x": ECHO})
    reply = daemon.reload_refused({"x": ECHO, "y": ECHO}, {"log": {"to": str(room / "no" / "log")}})
    assert "no such directory" in reply["diagnostics"]
    (room / "folder").mkdir()
    reply = daemon.reload_refused({"x": ECHO, "y": ECHO}, {"log": {"to": str(room / "folder")}})
    assert "directory" in reply["diagnostics"]
    assert ask(daemon.port("x"), b"x") == b"x"
    assert daemon.control.daemon()["generation"] == 1


def test_the_limit_of_instances_changes(superd):
    daemon = superd({"x": ECHO}, {"instances": 1})
    clients = [connect(daemon.port("x")) for _ in range(3)]
    daemon.log.wait_for("warning superd: listeners paused")
    assert daemon.control.daemon()["paused"]
    daemon.reload({"x": ECHO}, {"instances": 4})
    daemon.log.wait_for("service 'x': started", 3)
    wait_until(lambda: daemon.control.daemon()["paused"] is None, "the end of the pause")
    daemon.reload({"x": ECHO}, {"instances": 2})
    assert daemon.control.daemon()["running"] == 3
    for client in clients:
        client.close()
    daemon.log.wait_for("service 'x': ended", 3)
    assert ask(daemon.port("x"), b"x") == b"x"


def test_the_control_socket_moves(superd, room):
    first, second = room / "first.sock", room / "second.sock"
    daemon = superd({"x": ECHO}, {"control": str(first)}, control=False)
    daemon.control.path = str(first)
    daemon.reload({"x": ECHO}, {"control": str(second)})
    assert not first.exists()
    daemon.control.path = str(second)
    assert daemon.control.daemon()["generation"] == 2
    daemon.reload({"x": ECHO}, {"control": {"path": str(second), "mode": "0660"}})
    assert stat.S_IMODE(second.stat().st_mode) == 0o660
    (room / "in-the-way").write_text("precious")
    reply = daemon.reload_refused({"x": ECHO}, {"control": str(room / "in-the-way")})
    assert "in the way" in reply["diagnostics"]
    assert (room / "in-the-way").read_text() == "precious"
    assert daemon.control.daemon()["generation"] == 3
    daemon.reload({"x": ECHO}, {"control": "none"})
    assert not second.exists()
    daemon.write({"x": ECHO}, {"control": str(first)})
    daemon.signal(signal.SIGHUP)
    wait_until(first.exists, "the control socket")


def test_a_paused_service_stays_paused(superd):
    daemon = superd({"x": ECHO, "other": ECHO})
    daemon.control.ask("pause", "x")
    daemon.reload({"x": {**ECHO, "nice": 1}, "other": ECHO})
    assert daemon.control.service("x")["state"] == "paused"
    with connect(daemon.port("x")) as client:
        client.sendall(b"waits")
        client.shutdown(socket.SHUT_WR)
        assert ask(daemon.port("other"), b"x") == b"x"
        assert daemon.control.connections("x") == []
        daemon.control.ask("resume", "x")
        assert read_all(client) == b"waits"


def test_counts_survive(superd):
    daemon = superd({"x": ECHO})
    for _ in range(3):
        ask(daemon.port("x"))
    daemon.log.wait_for("service 'x': ended", 3)
    before = daemon.control.service("x")
    daemon.reload({"x": {**ECHO, "nice": 1}})
    assert daemon.control.service("x") == before
    assert before["started"] == before["ended"]["fine"] == 3


def test_overrides_survive_a_reload_and_are_dropped_with_their_service(superd):
    daemon = superd({"x": ECHO, "other": ECHO})
    daemon.control.ask("set", "x", "timeout", "1h")
    daemon.reload({"x": {**ECHO, "nice": 1}, "other": ECHO})
    assert daemon.control.service("x")["overrides"] == [
        {"key": "timeout", "value": "1h", "expires_ms": None}
    ]
    daemon.reload({"other": ECHO})
    daemon.log.wait_for("warning superd: service 'x': the override of 'timeout' is dropped: ")


def test_a_diff_changes_nothing(superd, room):
    daemon = superd({"a": ECHO, "b": ECHO})
    daemon.write({"a": {**ECHO, "timeout": "1s"}, "c": ECHO})
    diff = daemon.control.ask("diff")["diff"]
    assert (diff["added"], diff["removed"]) == (["c"], ["b"])
    assert diff["changed"] == [{"service": "a", "keys": ["timeout"]}]
    other = room / "other.yaml"
    other.write_text(superd_under_test.table({"a": ECHO}))
    assert daemon.control.ask("diff", other)["diff"]["removed"] == ["b"]
    assert daemon.control.daemon()["generation"] == 1
    assert ask(daemon.port("b"), b"x") == b"x"
    other.write_text("broken: [")
    reply = daemon.control.refused("diff", other)
    assert reply["status"] == 2 and "other.yaml" in reply["diagnostics"]


def test_a_service_of_the_command_line_has_nothing_to_reload(room):
    arguments = ["--listen", "127.0.0.1:0", "--", "/bin/cat"]
    with superd_under_test.Superd(room, arguments) as daemon:
        daemon.wait_ready()
        daemon.signal(signal.SIGHUP)
        daemon.log.wait_for("superd: reloaded, generation 2: .* kept=1 closed=0")
        assert ask(daemon.port("cat"), b"x") == b"x"
        assert daemon.control.daemon()["table"] is None


def test_relative_paths_begin_where_superd_was_started(room):
    (room / "x.yaml").write_text(superd_under_test.table({"x": ECHO}))
    daemon = superd_under_test.Superd(room, ["--config", "x.yaml"], cwd=room)
    with daemon.wait_ready():
        daemon.table_file = room / "x.yaml"
        daemon.reload({"x": ECHO, "y": ECHO})
        assert daemon.control.daemon()["table"] == str(room / "x.yaml")


def test_a_reload_while_superd_drains_is_refused(superd):
    daemon = superd({"x": {"run": HOLDS}}, {"stop_after": "1h"})
    with connect(daemon.port("x")) as client:
        pid = int(read_line(client))
        daemon.signal(signal.SIGTERM)
        daemon.log.wait_for("superd: draining")
        assert "about to end" in daemon.control.refused("reload")["diagnostics"]
        assert daemon.control.daemon()["state"] == "draining"
        assert is_alive(pid)
        client.sendall(b"x\n")
        read_all(client)
    assert daemon.wait_end() == 0
