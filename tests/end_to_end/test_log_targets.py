# SPDX-License-Identifier: MIT
"""Where the log goes: a file that is reopened when it is told, syslog, the journal."""

import shutil
import signal
import socket
import subprocess

import pytest

from clients import ask
from daemon import Superd, run, table
from log import Log
from patience import DEADLINE

SAYS_HI = ["/bin/sh", "-c", "echo hi; echo said >&2"]

# In a mount namespace: an empty /dev with links to what was there, and with our /dev/log.
WITH_OUR_DEV_LOG = """
mkdir "$0/dev" && mount --rbind /dev "$0/dev" && mount -t tmpfs none /dev || exit 99
for name in null zero random urandom fd stdin stdout stderr; do
  ln -s "$0/dev/$name" "/dev/$name"
done
ln -s "$0/log.sock" /dev/log
exec "$@"
"""
WITH_OUR_JOURNAL = """
mount -t tmpfs none /run && mkdir -p /run/systemd/journal || exit 99
ln -s "$0/journal.sock" /run/systemd/journal/socket
exec "$@"
"""


def own_mounts(room, script):
    """A prefix that runs a command with other mounts; skips where there can be none."""
    unshare = shutil.which("unshare")
    prefix = [unshare, "--mount", "--propagation", "private", "/bin/sh", "-c", script, str(room)]
    if (
        not unshare
        or subprocess.run([*prefix, "true"], capture_output=True, timeout=DEADLINE).returncode
    ):
        pytest.skip("needs a mount namespace")
    shutil.rmtree(room / "dev", ignore_errors=True)
    return prefix


class Receiver:
    """A datagram socket that stands for syslogd or the journal."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(path))
        path.chmod(0o666)
        self.socket.settimeout(DEADLINE)

    def until(self, words):
        """The first message with these words."""
        while True:
            message = self.socket.recv(1 << 16).decode(errors="replace")
            if words in message:
                return message


def start(room, services, log, prefix=()):
    file = room / "superd.yaml"
    file.write_text(table(services, {"log": log}), encoding="utf-8")
    return Superd(room, ["--config", file], prefix=prefix)


@pytest.mark.parametrize("how", [signal.SIGHUP, signal.SIGUSR1])
def test_a_log_file_is_opened_anew_at_a_signal(room, how):
    old, new = room / "superd.log.1", room / "lines"
    path = f"{room}/hi.sock"
    services = {"hi": {"listen": f"unix:{path}", "run": SAYS_HI}}
    with start(room, services, {"to": str(new)}) as daemon:
        Log(new).wait_for("superd: ready")
        new.rename(old)
        ask(path)
        Log(old).wait_for("stderr: said")
        Log(old).wait_for("service 'hi': ended")
        daemon.signal(how)
        Log(new).wait_for("info superd: log file opened anew")
        ask(path)
        Log(new).wait_for("service 'hi': started .*connection=2")
        daemon.stop()
    assert not Log(new).find("connection=1 ") and not Log(old).find("connection=2 ")


def test_a_log_file_is_appended_to(room):
    lines = room / "lines"
    lines.write_text("what was there\n")
    with start(room, {"hi": {"run": SAYS_HI}}, {"to": str(lines)}):
        Log(lines).wait_for("superd: ready")
    assert lines.read_text().startswith("what was there\n")
    assert lines.read_text().endswith("superd: stopped\n")


def test_a_log_file_that_can_not_be_opened_is_told_at_start(room):
    file = room / "superd.yaml"
    log = {"to": str(room / "nowhere" / "lines")}
    file.write_text(table({"hi": {"run": SAYS_HI}}, {"log": log}))
    ended = run("--config", file)
    assert ended.returncode in (1, 2)
    assert "/nowhere" in ended.stderr and "no such" in ended.stderr.lower()


def test_a_log_file_that_can_not_be_opened_anew_leaves_the_old_one(room):
    lines, path = room / "logs" / "lines", f"{room}/hi.sock"
    lines.parent.mkdir()
    with start(
        room, {"hi": {"listen": f"unix:{path}", "run": SAYS_HI}}, {"to": str(lines)}
    ) as daemon:
        Log(lines).wait_for("superd: ready")
        lines.parent.rename(room / "moved")
        daemon.signal(signal.SIGUSR1)
        Log(room / "moved" / "lines").wait_for("error superd: log file .*the old one goes on")
        assert ask(path) == b"hi\n"


def test_a_handler_does_not_have_the_log_file(room, program):
    lines, path = room / "lines", f"{room}/c.sock"
    services = {"contract": {"listen": f"unix:{path}", "run": program("contract")}}
    with start(room, services, {"to": str(lines)}):
        Log(lines).wait_for("superd: ready")
        assert str(lines).encode() not in ask(path)


def test_syslog(room, as_root):
    prefix = own_mounts(room, WITH_OUR_DEV_LOG)
    receiver, path = Receiver(room / "log.sock"), f"{room}/hi.sock"
    services = {"hi": {"listen": f"unix:{path}", "run": SAYS_HI}}
    with start(room, services, {"to": "syslog"}, prefix) as daemon:
        ready = receiver.until("superd: ready")
        assert ready.startswith("<30>") and f"superd[{daemon.pid}]" in ready  # daemon.info
        assert ask(path) == b"hi\n"
        assert "pid=" in receiver.until("service 'hi': started")
        receiver.until("service 'hi': stderr: said")


def test_the_journal(room, as_root):
    prefix = own_mounts(room, WITH_OUR_JOURNAL)
    receiver, path = Receiver(room / "journal.sock"), f"{room}/hi.sock"
    services = {"hi": {"listen": f"unix:{path}", "run": SAYS_HI}}
    with start(room, services, {"to": "journal"}, prefix):
        fields = receiver.until("superd: ready").splitlines()
        assert "PRIORITY=6" in fields and "SYSLOG_IDENTIFIER=superd" in fields
        assert ask(path) == b"hi\n"
        receiver.until("MESSAGE=service 'hi': started")
