# SPDX-License-Identifier: MIT
"""A handler's stderr: line by line into the log, whoever the handler is and whatever it says."""

from clients import ask, connect, reset
from contract import contract_of


def shell(script, **keys):
    return {"run": ["/bin/sh", "-c", script], **keys}


def test_each_line_is_in_the_log_with_the_service_s_name(superd):
    daemon = superd({"chatty": shell("echo one >&2; echo two >&2; echo answer")})
    assert ask(daemon.port("chatty")) == b"answer\n"
    daemon.log.wait_for("info service 'chatty': stderr: one$")
    daemon.log.wait_for("info service 'chatty': stderr: two$")


def test_dev_stderr_can_be_opened_by_any_user(superd):
    daemon = superd({"chatty": shell("echo opened >/dev/stderr && echo fine")})
    assert ask(daemon.port("chatty")) == b"fine\n"
    daemon.log.wait_for("service 'chatty': stderr: opened$")


def test_stderr_can_be_the_connection(superd):
    daemon = superd({"chatty": shell("echo x >&2", stderr="socket")})
    assert ask(daemon.port("chatty")) == b"x\n"
    assert not daemon.log.find("stderr: x")


def test_stderr_can_be_nothing(superd, program):
    given = contract_of(superd, program, {"stderr": "null"})
    assert given.descriptors[2][1] == "/dev/null"


def test_control_characters_and_binary_are_escaped(superd):
    daemon = superd({"rude": shell(r"printf 'a\033[31mb\001\377\tc\rd\n' >&2")})
    ask(daemon.port("rude"))
    (line,) = daemon.log.wait_for("stderr: (a.*d)$")
    assert line[1] == r"a\x1b[31mb\x01\xff\tc\rd"


def test_text_in_utf8_stays_readable(superd):
    daemon = superd({"polite": shell("printf 'grüße\\n' >&2")})
    ask(daemon.port("polite"))
    daemon.log.wait_for("stderr: grüße$")


def test_a_last_line_without_its_end_is_not_lost(superd):
    daemon = superd({"curt": shell("printf unfinished >&2")})
    ask(daemon.port("curt"))
    daemon.stop()
    assert daemon.log.find("service 'curt': stderr: unfinished$")


def test_a_long_line_is_cut_and_marked_and_the_next_one_is_whole(superd):
    script = "head -c 300000 /dev/zero | tr '\\0' x >&2; echo >&2; echo after >&2"
    daemon = superd({"long": shell(script)})
    ask(daemon.port("long"))
    daemon.log.wait_for("stderr: after$")
    (cut,) = daemon.log.find(r"stderr: (x+) \[line cut\]$")
    assert 100 < len(cut[1]) < 100_000
    assert sum("xxxx" in line for line in daemon.log.lines) == 1


def test_a_talkative_handler_slows_itself_and_no_one_else(superd):
    talker = shell("exec yes 'all work and no play' >&2", on_client_gone="stop")
    daemon = superd({"talker": talker, "other": {"run": "/bin/cat"}})
    talking = connect(daemon.port("talker"))
    daemon.log.wait_for("all work and no play", count=100)
    for _ in range(50):
        assert ask(daemon.port("other"), b"answer\n") == b"answer\n"
    reset(talking)
    daemon.log.wait_for("service 'talker': ended .*stopped=client-gone")


def test_lines_written_at_once_by_many_handlers_stay_lines(superd):
    daemon = superd({"chorus": shell("for i in 1 2 3 4 5; do echo ${i}aaaaaaaaaa >&2; done")})
    clients = [connect(daemon.port("chorus")) for _ in range(40)]
    daemon.log.wait_for(r"stderr: \da{10}$", count=200)
    for client in clients:
        client.close()
    assert len(daemon.log.find("stderr: ")) == 200
