# SPDX-License-Identifier: MIT
"""superctl's commands against a superd with two services: hello, which has run, and quiet, which
has not. Nothing here knows whether that superd is the real one: only `control` does."""

import json
import re
import subprocess

import pytest

from fake_control import FakeControl, event
from patience import DEADLINE, wait_until
from superctl import BINARY, answer, superctl


@pytest.fixture
def control(room):
    """`path` is the socket; the rest is what a superd is asked to have seen."""
    with FakeControl(room / "control.sock") as running:
        yield running


def ask(control, *arguments, **options):
    return superctl(*arguments, socket=control.path, **options)


def fine(control, *arguments, **options):
    ended = ask(control, *arguments, **options)
    assert (ended.returncode, ended.stderr) == (0, "")
    return ended.stdout


def test_status_has_a_row_for_each_service(control):
    text = fine(control, "status")
    assert re.match(r"superd \S+, pid \d+, as \w+, serving ", text)
    assert re.search(r"^SERVICE +ADDRESSES +STATE +RUNNING +STARTED +REFUSED +FAILED +LAST USED$",
                     text, re.M)
    assert re.search(r"^hello +\S+ +listening +2 +17 +4 +0 +\d+s ago$", text, re.M)
    assert re.search(r"^ +refused: rate 3, access 1$", text, re.M)
    assert re.search(r"^quiet .* never$", text, re.M)


def test_status_of_some_services(control):
    assert "quiet" not in fine(control, "status", "--active")
    assert "hello" not in fine(control, "status", "quiet")


def test_json_is_what_superd_said(control):
    status = answer("status", socket=control.path)
    assert status["ok"] is True
    assert [one["name"] for one in status["services"]] == ["hello", "quiet"]
    after = ask(control, "status", "quiet", "--json").stdout
    assert json.loads(after)["services"][0]["name"] == "quiet"


def test_ps_lists_connections(control):
    text = fine(control, "ps")
    assert re.search(r"^901 +hello +127\.0\.0\.1:50001 +running +1s +20ms +1M$", text, re.M)
    assert "901" not in fine(control, "ps", "quiet")


def test_events_that_were(control):
    assert fine(control, "events") == (
        "2026-11-22 10:00:00.250 info service 'hello': listening address=127.0.0.1:7001\n"
    )


def test_pause_and_resume(control):
    assert fine(control, "pause", "hello", "quiet") == "hello: paused\nquiet: paused\n"
    assert re.search(r"^hello .*paused", fine(control, "status"), re.M)
    fine(control, "resume", "hello")
    assert answer("status", "hello", socket=control.path)["services"][0]["state"] == "listening"


def test_set_shows_in_status_until_unset(control):
    set_it = fine(control, "set", "hello", "timeout", "10s", "--for", "1h")
    assert set_it == "hello: timeout is '10s' for 1h\n"
    assert re.search(r"set: timeout is '10s' for another (1h|59min)$", fine(control, "status"),
                     re.M)
    assert fine(control, "unset", "hello", "timeout") == "1 override removed\n"
    assert fine(control, "unset", "hello") == "0 overrides removed\n"


@pytest.mark.parametrize("value", ["-5", "", "--x", "a 'b' \"c\" \\d $HOME", "grün"])
def test_values_arrive_as_they_were_given(control, value):
    fine(control, "set", "hello", "description", "--", value)
    overrides = answer("status", "hello", socket=control.path)["services"][0]["overrides"]
    assert overrides[0]["value"] == value


def test_stop_by_service_and_by_pid(control):
    assert fine(control, "stop", "901") == "1 handler asked to end\n"
    assert fine(control, "stop", "hello") == "1 handler asked to end\n"


def test_an_unknown_service_is_wrong_use(control):
    ended = ask(control, "pause", "helo")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr == "superctl: there is no service 'helo'; did you mean 'hello'?\n"


def test_a_service_may_be_named_like_a_command(control):
    assert "'status'" in ask(control, "pause", "status").stderr


def test_reload_and_diff_say_what_changes(control):
    assert "opened   127.0.0.1:7002 of 'b'\n" in fine(control, "diff")
    assert fine(control, "reload").endswith("generation 4\n")


@pytest.mark.parametrize("command", ["drain", "shutdown"])
def test_an_end_is_acknowledged(control, command):
    assert fine(control, command).startswith("superd ")


def test_texts_come_as_they_are(control):
    assert fine(control, "show") == 'services:\n  hello:\n    run: "a\\\\b"\n'
    assert fine(control, "metrics").endswith("# EOF\n")


def test_upgrade_tells_the_versions(control):
    assert fine(control, "upgrade") == "superd 0.1.0 has become superd 0.2.0\n"


def test_names_of_services_for_completion(control):
    assert fine(control, "completion", "services") == "hello\nquiet\n"
    assert superctl("completion", "services", socket="/nonexistent").stdout == ""


# What only the fake one can be asked about: how things arrive.


def test_paths_are_absolute_when_they_arrive(control, room):
    fine(control, "diff", "other.yaml", cwd=room)
    fine(control, "upgrade", "./superd", cwd=room)
    assert control.words("diff")[0][1] == f"{room}/other.yaml"
    assert control.words("upgrade")[0][1].startswith(f"{room}/")


def test_words_arrive_in_the_protocol_s_order(control):
    fine(control, "set", "hello", "nice", "5", "--for", "1h")
    fine(control, "set", "hello", "description", "--", "--x")
    fine(control, "events", "--service", "hello")
    assert control.asked == [
        ["set", "--for", "1h", "hello", "nice", "5"],
        ["set", "--", "hello", "description", "--x"],
        ["events", "--service", "hello"],
    ]


def test_the_environment_names_the_socket(control):
    ended = superctl("status", environment={"SUPERD_SOCKET": control.path})
    assert ended.returncode == 0
    ended = superctl("status", socket="/nonexistent", environment={"SUPERD_SOCKET": control.path})
    assert ended.returncode == 4


def test_a_wrong_table_is_told_as_check_tells_it(control):
    diagnostics = "a.yaml:7:3: service 'a': unknown key 'alow'\n    alow: x\n    ^\n"
    control.answers["reload"] = {
        "ok": False,
        "status": 2,
        "error": "the table is wrong",
        "diagnostics": diagnostics,
    }
    ended = ask(control, "reload")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr == diagnostics + "superctl: the table is wrong\n"


def test_warnings_go_to_stderr(control):
    control.answers["diff"] = {"ok": True, "diff": {"kept": 1}, "warnings": "a.yaml: warning: b\n"}
    ended = ask(control, "diff")
    assert (ended.returncode, ended.stdout) == (0, "no change; 1 socket kept\n")
    assert ended.stderr == "a.yaml: warning: b\n"


def test_what_strangers_supplied_is_escaped(control):
    control.events = [event("stderr", service="hello", text="\x1b[2J\nx")]
    control.connections[0]["peer"] = "\x1b]0;title\x07"
    assert "stderr: \\x1b[2J\\nx\n" in fine(control, "events")
    assert "\\x1b]0;title\\x07" in fine(control, "ps")


def test_followed_events_come_at_once(control, room):
    out = room / "events"
    with out.open("wb") as file:
        command = [str(BINARY), "--socket", control.path, "events", "--follow"]
        following = subprocess.Popen(command, stdout=file, stderr=subprocess.STDOUT)
    try:
        wait_until(lambda: control.followers, "a follower")
        control.tell(event("notice", text="first"))
        wait_until(lambda: "superd: first\n" in out.read_text(), out.read_text)
        control.tell(event("notice", text="second"))
        wait_until(lambda: "superd: second\n" in out.read_text(), out.read_text)
        control.stop()
        assert following.wait(timeout=DEADLINE) == 1
    finally:
        following.kill()
        following.wait()
    assert out.read_text().endswith("superctl: superd has ended\n")
