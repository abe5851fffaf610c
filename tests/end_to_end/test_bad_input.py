# SPDX-License-Identifier: MIT
"""Tables that can't be right: each fault has its place, name and remedy, and nothing starts."""

import os
import re
import stat
import subprocess

import pytest

import daemon as superd_under_test

LISTEN = "listen: 127.0.0.1:0"
RUN = "run: /bin/cat"
FINE = "services:\n  fine:\n    listen: 127.0.0.1:0\n    run: /bin/cat\n"


def checked(room, text, name="bad.yaml", arguments=("--check",), **options):
    """What superd says about a table."""
    file = room / name
    if isinstance(text, bytes):
        file.write_bytes(text)
    else:
        file.write_text(text, encoding="utf-8")
    return superd_under_test.run("--config", name, *arguments, cwd=room, **options)


def service(*lines):
    """A table of one service 'x' with these keys; its first key is in line 3."""
    return "services:\n  x:\n" + "".join(f"    {line}\n" for line in lines)


# name: (table, place, what the message says)
FAULTS = {
    "empty": ("", r"", "is empty|no services|nothing"),
    "only a comment": ("# nothing\n", r"", "is empty|no services|nothing"),
    "no services": ("daemon: { instances: 5 }\n", r"", "services"),
    "not YAML": ("services: {\n", r":\d+:\d+", "."),
    "not text": (b"\x7fELF\x02\x01\x01\x00\x00\xff\xfe", r":\d+:\d+", "."),
    "tabs": ("services:\n\tx:\n", r":2:1", "[Tt]ab.*blanks|spaces"),
    "a list at the top": ("- services\n", r":1:1", "list.*mapping|mapping.*list"),
    "a list of services": ("services:\n  - x\n", r":2:3", "mapping"),
    "a service that is a word": ("services:\n  x: /bin/cat\n", r":2:6", "service 'x'.*mapping"),
    "a list for a word": (
        service(LISTEN, RUN, "directory: [/, /usr]"),
        r":5:16",
        "service 'x'.*'directory'",
    ),
    "unknown key at the top": (
        "servces: {}\n" + FINE,
        r":1:1",
        "'servces'; did you mean 'services'",
    ),
    "unknown key of daemon": (
        "daemon: { instanes: 5 }\n" + FINE,
        r":1:11",
        "did you mean 'instances'",
    ),
    "unknown key of a service": (
        service("lisen: 127.0.0.1:0", LISTEN, RUN),
        r":3:5",
        "service 'x': unknown key 'lisen'; did you mean 'listen'",
    ),
    "a key of a later version": (
        service(LISTEN, RUN, "sandbox: yes"),
        r":5:5",
        "service 'x': unknown key 'sandbox'",
    ),
    "unknown key of listen": (
        service("listen: { address: '127.0.0.1:0', backlogg: 5 }", RUN),
        r":3:",
        "did you mean 'backlog'",
    ),
    "duplicate key": (
        service(LISTEN, RUN, "run: /bin/true"),
        r":5:5",
        "'run'.*twice|duplicate.*'run'|'run'.*line 4",
    ),
    "duplicate service": (
        FINE + "  fine:\n    listen: 127.0.0.1:0\n    run: /bin/cat\n",
        r":5:3",
        "'fine'",
    ),
    "no verb": (service(LISTEN), r":2:3", "service 'x'.*run"),
    "no listen": (service(RUN), r":2:3", "service 'x'.*listen"),
    "two verbs": (
        service(LISTEN, RUN, "builtin: echo"),
        r":5:5",
        "service 'x'.*'builtin'",
    ),
    "unknown user": (
        service(LISTEN, RUN, "user: nobdy-at-all"),
        r":5:11",
        "service 'x'.*nobdy-at-all",
    ),
    "unknown group": (
        service(LISTEN, RUN, "group: no-such-group"),
        r":5:12",
        "service 'x'.*no-such-group",
    ),
    "program missing": (service(LISTEN, "run: /no/such/program"), r":4:10", "/no/such/program"),
    "program not in PATH": (service(LISTEN, "run: no-such-program"), r":4:10", "no-such-program"),
    "program not executable": (service(LISTEN, "run: /etc/passwd"), r":4:10", "not executable"),
    "program a directory": (service(LISTEN, "run: /usr"), r":4:10", "is a directory"),
    "empty command": (service(LISTEN, "run: []"), r":4:10", "service 'x'.*'run'"),
    "port over 65535": (service("listen: 127.0.0.1:65536", RUN), r":3:13", "65536.*65535"),
    "unknown port name": (service("listen: no-such-port", RUN), r":3:13", "no-such-port"),
    "unknown host": (service("listen: no-such-host.invalid:1", RUN), r":3:13", "no-such-host"),
    "no address": (service("listen: 300.0.0.1:79", RUN), r":3:13", "300.0.0.1"),
    "UNIX path too long": (
        service("listen: unix:/tmp/" + "x" * 200, RUN),
        r":3:13",
        "107|too long",
    ),
    "not a number": (
        service(LISTEN, RUN, "nice: ten"),
        r":5:11",
        "service 'x': 'nice' is .ten.; give",
    ),
    "duration without unit": (
        service(LISTEN, RUN, "timeout: 10"),
        r":5:14",
        "'timeout' is .10.*10s|unit",
    ),
    "not a boolean": (
        service(LISTEN, RUN, "enabled: perhaps"),
        r":5:14",
        "'enabled' is .perhaps",
    ),
    "unknown signal": (
        service(LISTEN, RUN, "stop_signal: TREM"),
        r":5:18",
        "'stop_signal'.*TERM",
    ),
    "include of nothing": ("include: [nowhere.yaml]\n" + FINE, r":1:11", "nowhere.yaml"),
    "include of itself": ("include: [bad.yaml]\n" + FINE, r":1:11", "itself|already|bad.yaml"),
    "alias to nothing": ("services: *nothing\n", r":1:", "."),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_has_its_place_its_name_and_its_remedy(room, name):
    text, place, words = FAULTS[name]
    ended = checked(room, text)
    assert ended.returncode == 2, ended.stderr
    assert ended.stdout == ""
    first = ended.stderr.splitlines()[0]
    assert re.match(rf"bad\.yaml{place}", first), first
    assert re.search(words, first), first
    assert len(ended.stderr) < 2000


def test_a_fault_shows_its_line_and_a_caret(room):
    ended = checked(room, service(LISTEN, RUN, "nicee: 5"))
    message, line, caret = ended.stderr.splitlines()[:3]
    assert message.startswith("bad.yaml:5:5: service 'x': unknown key 'nicee'; did you mean 'nice'")
    assert line.rstrip().endswith("    nicee: 5")
    assert caret.index("^") == line.index("nicee")


def test_all_faults_are_told_at_once_in_their_order(room):
    ended = checked(
        room, service("listen: 127.0.0.1:65536", "run: /no/such", "nice: ten", "colour: red")
    )
    places = re.findall(r"^bad\.yaml:(\d+):", ended.stderr, re.MULTILINE)
    assert places == ["3", "4", "5", "6"]


def test_without_check_a_faulty_table_is_told_in_the_same_words(room):
    text = service(LISTEN, "run: /no/such/program")
    checking, starting = checked(room, text), checked(room, text, arguments=())
    assert starting.returncode == checking.returncode == 2
    assert starting.stderr == checking.stderr


def test_an_alias_bomb_is_refused(room):
    bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    for n in range(1, 10):
        bomb += f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n"
    ended = checked(room, bomb + "services: *a9\n")
    assert ended.returncode == 2
    assert ended.stderr.startswith("bad.yaml:")
    assert len(ended.stderr) < 100_000


def test_a_10_megabyte_value_is_refused_in_few_words(room):
    ended = checked(room, service(LISTEN, "run: " + "x" * 10_000_000))
    assert ended.returncode == 2
    assert ended.stderr.startswith("bad.yaml")
    assert len(ended.stderr) < 2000


def test_a_long_value_is_not_repeated_at_length(room):
    ended = checked(room, service(LISTEN, "run: " + "x" * 1_000_000))
    assert ended.returncode == 2
    assert ended.stderr.startswith("bad.yaml:4:10: ")
    assert len(ended.stderr) < 2000


def test_nesting_without_end_is_refused(room):
    ended = checked(room, "services: " + "[" * 100_000)
    assert ended.returncode == 2
    assert ended.stderr.startswith("bad.yaml:")


def test_a_table_that_is_not_there(room):
    ended = superd_under_test.run("--config", room / "nowhere.yaml", "--check")
    assert ended.returncode == 2
    assert "nowhere.yaml" in ended.stderr and "No such file" in ended.stderr


def test_a_table_that_is_a_directory(room):
    ended = superd_under_test.run("--config", room, "--check")
    assert ended.returncode == 2
    assert str(room) in ended.stderr and "directory" in ended.stderr


def test_an_included_file_s_fault_has_that_file_s_name(room):
    (room / "more.yaml").write_text(service(LISTEN, "run: /no/such/program"))
    ended = checked(room, "include: [more.yaml]\n")
    assert ended.returncode == 2
    assert re.match(r"(.*/)?more\.yaml:4:10: service 'x'", ended.stderr)


def test_two_files_that_include_each_other(room):
    (room / "more.yaml").write_text("include: [bad.yaml]\n" + FINE)
    ended = checked(room, "include: [more.yaml]\n")
    assert ended.returncode == 2
    assert re.match(r"(.*/)?more\.yaml:1:11: ", ended.stderr)


def test_an_included_file_that_may_not_be_read(room, another_user, reachable_superd):
    (room / "secret.yaml").write_text(FINE)
    (room / "secret.yaml").chmod(0)
    (room / "bad.yaml").write_text("include: [secret.yaml]\n")
    command = [*another_user, reachable_superd, "--config", "bad.yaml", "--check"]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=room)
    assert ended.returncode == 2
    assert re.match(r"bad\.yaml:1:11: .*secret\.yaml.*Permission denied", ended.stderr)


def test_a_glob_that_matches_nothing_is_no_fault(room):
    ended = checked(room, "include: [nowhere/*.yaml]\n" + FINE)
    assert ended.returncode == 0, ended.stderr


def test_a_table_that_others_may_write_is_a_warning_to_root(room, as_root):
    (room / "bad.yaml").write_text(FINE)
    (room / "bad.yaml").chmod(0o666)
    ended = superd_under_test.run("--config", "bad.yaml", "--check", cwd=room)
    assert ended.returncode == 0
    assert re.match(r"bad\.yaml:.* warning: .*writ", ended.stderr)
    assert stat.S_IMODE(os.stat(room / "bad.yaml").st_mode) == 0o666


def test_as_an_ordinary_user_only_oneself_may_be_user(room, another_user, reachable_superd):
    (room / "bad.yaml").write_text(service(LISTEN, RUN, "user: root"))
    command = [*another_user, reachable_superd, "--config", "bad.yaml", "--check"]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=room)
    assert ended.returncode == 2
    assert re.match(r"bad\.yaml:5:11: service 'x': .*root", ended.stderr)
    assert "games" in ended.stderr


def test_what_looks_like_yaml_s_traps_means_what_it_looks_like(room):
    text = service(LISTEN, RUN, "umask: 022", "enabled: no", "nice: 010")
    ended = checked(room, text)
    assert ended.returncode in (0, 2)
    assert "umask" not in ended.stderr and "enabled" not in ended.stderr


def test_control_characters_of_a_table_do_not_reach_the_terminal(room):
    ended = checked(
        room, 'services:\n  "x\\e[31m":\n    listen: 127.0.0.1:0\n    run: /bin/cat\n    oops: 1\n'
    )
    assert ended.returncode == 2
    assert "\x1b" not in ended.stderr
