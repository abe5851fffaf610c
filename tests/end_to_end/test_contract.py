# SPDX-License-Identifier: MIT
"""What a handler is given: descriptors, signals, session, environment, limits; and nothing more."""

import sys

import pytest

from clients import ask, connect
from contract import Contract, contract_of
from patience import wait_until
from processes import descriptors_of

UMASK_ZERO = ["/bin/sh", "-c", 'umask 0; exec "$@"', "sh"]
HANGUP_IGNORED = ["/bin/sh", "-c", "trap '' HUP PIPE USR2; exec \"$@\"", "sh"]


def test_exactly_three_descriptors_are_open(superd, program):
    given = contract_of(superd, program).descriptors
    assert sorted(given) == [0, 1, 2]
    assert given[0][1] == given[1][1] and given[0][1].startswith("socket:")
    assert given[2][1].startswith("pipe:")


def test_no_descriptor_leaks_from_whoever_started_superd(superd, program):
    leaky = ["/bin/sh", "-c", 'exec 7</dev/null 9</dev/zero; exec "$@"', "sh"]
    given = contract_of(superd, program, prefix=leaky)
    assert sorted(given.descriptors) == [0, 1, 2]


def test_no_descriptor_leaks_while_others_are_connected(superd, program):
    services = {
        "echo": {"run": "/bin/cat", "linger": "5s"},
        "contract": {"run": program("contract")},
    }
    daemon = superd(services)
    with connect(daemon.port("echo")) as one, connect(daemon.port("echo")) as two:
        for client in (one, two):
            client.sendall(b"x")
            assert client.recv(1) == b"x"
        given = Contract(ask(daemon.port("contract")))
    assert sorted(given.descriptors) == [0, 1, 2]


def test_the_descriptors_are_blocking(superd, program):
    given = contract_of(superd, program).descriptors
    assert [given[number][0] for number in (0, 1, 2)] == ["blocking"] * 3


def test_no_signal_is_ignored_or_blocked(superd, program):
    given = contract_of(superd, program)
    assert int(given["SigIgn"], 16) == 0
    assert int(given["SigBlk"], 16) == 0


def test_signals_ignored_by_whoever_started_superd_are_default_again(superd, program):
    given = contract_of(superd, program, prefix=HANGUP_IGNORED)
    assert int(given["SigIgn"], 16) == 0


def test_the_handler_leads_its_own_session_without_a_terminal(superd, program):
    given = contract_of(superd, program)
    assert given["session"] == given["group"] == given["pid"]
    assert given["terminal"] == "none"


def test_umask_is_022_whatever_superd_had(superd, program):
    assert contract_of(superd, program, prefix=UMASK_ZERO)["Umask"] == "0022"


def test_umask_as_configured(superd, program):
    assert contract_of(superd, program, {"umask": "077"})["Umask"] == "0077"


def test_directory_is_the_root_or_as_configured(superd, program):
    assert contract_of(superd, program)["directory"] == "/"
    elsewhere = contract_of(superd, program, {"directory": "/usr"}, name="elsewhere")
    assert elsewhere["directory"] == "/usr"


def test_the_environment_is_exactly_the_documented_one(superd, program):
    keys = {
        "environment": {"COLOUR": "red and blue", "EMPTY": ""},
        "pass_environment": ["PASSED", "NOT_THERE"],
    }
    daemon = superd(
        {"contract": {"run": program("contract"), **keys}},
        environment={"PASSED": "as it was", "LD_LIBRARY_PATH": "/nowhere", "SECRET": "x"},
    )
    with connect(daemon.port("contract")) as client:
        remote = client.getsockname()[1]
        given = Contract(b"".join(iter(lambda: client.recv(65536), b""))).environment
    assert "/usr/bin" in given.pop("PATH").split(":")
    assert given == {
        "SUPERD_SERVICE": "contract",
        "SUPERD_CONNECTION": "1",
        "PROTO": "TCP",
        "TCPLOCALIP": "127.0.0.1",
        "TCPLOCALPORT": str(daemon.port("contract")),
        "TCPREMOTEIP": "127.0.0.1",
        "TCPREMOTEPORT": str(remote),
        "REMOTE_ADDR": "127.0.0.1",
        "REMOTE_PORT": str(remote),
        "REMOTE_HOST": "127.0.0.1",
        "COLOUR": "red and blue",
        "EMPTY": "",
        "PASSED": "as it was",
    }


def test_arguments_are_the_words_as_written(superd, program):
    given = contract_of(superd, program, {"run": [program("contract"), "two words", "", "$HOME *"]})
    assert given.values["argument"] == [program("contract"), "two words", "", "$HOME *"]


def test_a_command_in_one_string_is_split_like_a_shell_splits_words(superd, program):
    command = program("contract") + " 'two words' \"\" back\\ slash $HOME"
    given = contract_of(superd, program, {"run": command})
    assert given.values["argument"][1:] == ["two words", "", "back slash", "$HOME"]


def test_argv0_as_configured(superd, program):
    given = contract_of(superd, program, {"argv0": "in.contractd"})
    assert given.values["argument"] == ["in.contractd"]


def test_nice_as_configured(superd, program):
    assert contract_of(superd, program, {"nice": 7})["nice"] == "7"


def test_rlimits_as_configured(superd, program):
    limits = {"nofile": "100:200", "core": 0, "cpu": "30", "fsize": "1M"}
    given = contract_of(superd, program, {"rlimits": limits})
    assert given["limit nofile"] == "100:200"
    assert given["limit core"] == "0:0"
    assert given["limit cpu"].startswith("30:")
    assert given["limit fsize"].startswith("1048576:")


def test_handlers_have_the_descriptor_limit_that_superd_was_started_with(superd, program):
    given = contract_of(superd, program, prefix=["prlimit", "--nofile=300:2000"])
    assert given["limit nofile"] == "300:2000"


def test_keepalive_and_nodelay_reach_the_connection(superd, program):
    listen = {"address": "127.0.0.1:0", "nodelay": True, "keepalive": True, "backlog": 5}
    daemon = superd(
        {"options": {"listen": listen, "run": [sys.executable, program("socket_options")]}}
    )
    assert ask(daemon.port("options")) == b"nodelay=1 keepalive=1\n"


def test_defaults_hold_for_each_service_and_a_service_overrules_them(superd, program):
    services = {
        "plain": {"run": program("contract")},
        "own": {"run": program("contract"), "umask": "007", "environment": {"B": "own"}},
    }
    defaults = {"umask": "027", "environment": {"A": "default"}}
    daemon = superd(services, defaults=defaults)
    assert Contract(ask(daemon.port("plain")))["Umask"] == "0027"
    assert Contract(ask(daemon.port("own")))["Umask"] == "0007"
    assert Contract(ask(daemon.port("own"))).environment["B"] == "own"


def test_the_daemon_keeps_no_descriptor_of_a_running_handler(superd):
    daemon = superd({"echo": {"run": "/bin/cat"}})
    assert ask(daemon.port("echo"), b"x") == b"x"  # opens the service's log pipe
    daemon.log.event("echo", "ended")
    before = descriptors_of(daemon.pid)
    if before is None:
        pytest.skip("only root may look at superd's descriptors")
    with connect(daemon.port("echo")) as client:
        client.sendall(b"x")
        assert client.recv(1) == b"x"
        wait_until(lambda: descriptors_of(daemon.pid) == before, "the end of superd's copy")
