# SPDX-License-Identifier: MIT
"""superctl where superd isn't there, doesn't answer, or isn't superd; and wrong use."""

import json
import os
import shutil
import socket

import pytest

from fake_control import HANGS, FakeControl
from superctl import BINARY, answer, superctl


@pytest.fixture
def control(room):
    with FakeControl(room / "control.sock") as running:
        yield running


def test_no_superd_at_all(room):
    ended = superctl("status", socket=room / "none.sock")
    assert (ended.returncode, ended.stdout) == (4, "")
    assert ended.stderr == (
        f"superctl: no superd is there: '{room}/none.sock' does not exist\n"
    )


def test_a_socket_that_a_dead_superd_left(room):
    path = room / "left.sock"
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(path))
    ended = superctl("ps", socket=path)
    assert ended.returncode == 4
    assert "nobody listens" in ended.stderr


def test_a_socket_that_others_may_not_open(control, room, another_user):
    os.chmod(control.path, 0o600)
    binary = shutil.copy(BINARY, room / "superctl")  # the build tree may be closed to others
    ended = superctl("status", socket=control.path, prefix=another_user, binary=binary)
    assert ended.returncode == 3
    assert "you may not talk to the superd" in ended.stderr


def test_superd_says_no(control):
    control.answers["drain"] = {"ok": False, "status": 3, "error": "you may only read"}
    ended = superctl("drain", socket=control.path)
    assert (ended.returncode, ended.stderr) == (3, "superctl: you may only read\n")


@pytest.mark.parametrize(
    "sent, said",
    [
        ("", "went away"),
        ('{"ok":tr', "went away in the middle of its answer"),
        ("SSH-2.0-x\n", "is no superd"),
    ],
)
def test_answers_that_are_none(control, sent, said):
    control.answers["status"] = sent
    ended = superctl("status", socket=control.path)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert said in ended.stderr


def test_no_answer_in_time(control):
    control.answers["status"] = HANGS
    ended = superctl("status", socket=control.path)
    assert ended.returncode == 1
    assert ended.stderr == "superctl: superd gave no answer within 10s\n"


def test_failures_are_json_too(control, room):
    control.answers["drain"] = {"ok": False, "status": 3, "error": "no"}
    ended = superctl("--json", "drain", socket=control.path)
    assert ended.returncode == 3 and json.loads(ended.stdout)["error"] == "no"
    ended = superctl("--json", "drain", socket=room / "none.sock")
    assert ended.returncode == 4 and ended.stderr == ""
    assert json.loads(ended.stdout)["status"] == 4


@pytest.mark.parametrize(
    "arguments, said",
    [
        ([], "subcommand is required"),
        (["stauts"], "did you mean 'status'?"),
        (["pause"], "SERVICE is required"),
        (["set", "hello", "timeout"], "VALUE is required"),
        (["stop", "hello", "quiet"], "quiet"),
        (["status", "--folow"], "--folow"),
        (["set", "hello", "description", "a\nb"], "line end"),
        (["completion", "fish"], "bash or zsh"),
        (["keys", "lingr"], "did you mean 'linger'?"),
        (["top"], "needs a terminal"),
    ],
    ids=" ".join,
)
def test_wrong_use_is_told(control, arguments, said):
    ended = superctl(*arguments, socket=control.path)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert said in ended.stderr


def test_what_can_not_be_written_is_told():
    with open("/dev/full", "w", encoding="utf-8") as full:
        ended = superctl("keys", stdout=full)
    assert ended.returncode == 1
    assert "lost" in ended.stderr


def test_check_and_keys_as_json(room):
    table = room / "a.yaml"
    table.write_text("services: {a: {listen: 127.0.0.1:0, run: /bin/cat}}\n")
    fine = answer("check", table)
    assert (fine["services"], fine["listeners"], fine["faults"]) == (1, 1, [])
    table.write_text("services: {a: {listen: 127.0.0.1:0, runn: /bin/cat}}\n")
    ended = superctl("--json", "check", table)
    wrong = json.loads(ended.stdout)
    assert (ended.returncode, ended.stderr, wrong["ok"]) == (2, "", False)
    assert wrong["faults"][0]["line"] == 1
    assert wrong["diagnostics"] == superctl("check", table).stderr
    keys = answer("keys", "linger")["keys"]
    assert [key["name"] for key in keys] == ["linger"]
