# SPDX-License-Identifier: MIT
"""The completions in the shells they are for: the scripts as the build has made them."""

import subprocess

import pytest

from daemon import BUILD
from fake_control import FakeControl
from patience import DEADLINE
from superctl import BINARY, Screen, answer, superctl

SCRIPTS = BUILD.resolve() / "completions"

# Calls the function as bash does for a Tab at the end of the words.
ASK_BASH = """
source "$0"
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
compopt() { :; }
_superctl
printf '%s\\n' "${COMPREPLY[@]}"
"""


@pytest.fixture
def control(room):
    with FakeControl(room / "control.sock") as running:
        yield running


def bash(control, *words):
    """What bash offers for the last of these words."""
    environment = {"PATH": f"{BINARY.parent}:/usr/bin:/bin", "SUPERD_SOCKET": control.path}
    ended = subprocess.run(
        ["bash", "-c", ASK_BASH, str(SCRIPTS / "superctl"), "superctl", *words],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=DEADLINE,
        env=environment,
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    return ended.stdout.split()


def test_the_scripts_are_what_superctl_prints():
    assert (SCRIPTS / "superctl").read_text() == superctl("completion", "bash").stdout
    assert (SCRIPTS / "_superctl").read_text() == superctl("completion", "zsh").stdout
    assert answer("completion", "bash")["text"] == superctl("completion", "bash").stdout


@pytest.mark.parametrize(
    "words, offered",
    [
        (["sta"], ["status"]),
        (["re"], ["reload", "resume"]),
        (["--js"], ["--json"]),
        (["pause", ""], ["hello", "quiet"]),
        (["pause", "hello", "q"], ["quiet"]),
        (["status", "--a"], ["--active"]),
        (["--json", "stop", "h"], ["hello"]),
        (["events", "--service", ""], ["hello", "quiet"]),
        (["set", "hello", "stop_"], ["stop_signal", "stop_grace"]),
        (["unset", "hello", "nic"], ["nice"]),
        (["set", "--for", "1h", "hel"], ["hello"]),
        (["keys", "services_"], ["services_dir"]),
        (["completion", ""], ["bash", "zsh"]),
        (["reload", ""], []),
    ],
    ids=lambda words: " ".join(words),
)
def test_bash(control, words, offered):
    assert bash(control, *words) == offered


def test_bash_completes_files(control, room):
    (room / "table.yaml").touch()
    assert bash(control, "check", f"{room}/ta") == [f"{room}/table.yaml"]


def test_bash_asks_the_socket_that_is_given(control, room):
    with FakeControl(room / "other.sock") as other:
        other.services = {"another": other.services["quiet"] | {"name": "another"}}
        assert bash(control, "--socket", other.path, "pause", "") == ["another"]


def test_names_of_services_are_never_run(control, room):
    name = f"$(touch {room}/run)"
    control.services = {name: control.services["quiet"] | {"name": name}}
    bash(control, "pause", "")
    assert not (room / "run").exists()


def test_zsh(control, room):
    start = f"fpath=({SCRIPTS} $fpath); autoload -U compinit; compinit -D; PS1='> '; unsetopt beep"
    (room / ".zshrc").write_text(start + "\n")
    environment = {
        "ZDOTDIR": room,
        "PATH": f"{BINARY.parent}:/usr/bin:/bin",
        "SUPERD_SOCKET": control.path,
    }
    with Screen(room, ["zsh", "-i"], environment=environment) as screen:
        screen.wait_for(">")
        screen.press("superctl stat", "Tab").wait_for("superctl status")
        screen.press("qu", "Tab").wait_for("superctl status quiet")
        screen.press("C-u", "superctl set hello stop_g", "Tab").wait_for("hello stop_grace")
        screen.press("C-u", "superctl events --fol", "Tab").wait_for("events --follow")
