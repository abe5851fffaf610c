# SPDX-License-Identifier: MIT
"""sshd and dropbear, with OpenSSH's client and dropbear's: keys of the test's own, a command, five
megabytes there and back, and no entry with another key."""

import hashlib
import os
import subprocess

import pytest

import processes
from machine import UID, own
from patience import DEADLINE

MEGABYTES = os.urandom(5 << 20)


@pytest.fixture
def keys(room, machine, run):
    """The visitor's key is `good`; `wrong` is nobody's."""
    for name in ("good", "wrong", "host"):
        run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", room / name)
    folder = machine.home / ".ssh"
    folder.mkdir(mode=0o700)
    (folder / "authorized_keys").write_text((room / "good.pub").read_text())
    (folder / "authorized_keys").chmod(0o600)
    own(machine.home, UID)
    return room


@pytest.fixture
def sshd(serve, machine, keys):
    settings = keys / "sshd_config"
    settings.write_text(
        f"HostKey {keys}/host\nPasswordAuthentication no\nKbdInteractiveAuthentication no\n"
        f"PidFile none\nStrictModes no\nLogLevel VERBOSE\n"
    )
    machine.directory("/run/sshd")
    return serve("ssh", {"/etc/ssh/sshd_config": settings})


@pytest.fixture
def dropbear(serve, keys, run):
    host_key = keys / "dropbear_key"
    run("dropbearkey", "-t", "ed25519", "-f", host_key)
    return serve("dropbear", {"/etc/dropbear/dropbear_ed25519_host_key": host_key})


def ssh(room, port, key="good"):
    known = f"UserKnownHostsFile={room}/known_hosts"
    options = ["BatchMode=yes", "IdentitiesOnly=yes", "StrictHostKeyChecking=accept-new", known]
    return [
        *("ssh", "-F", "none", "-i", room / key, "-p", port),
        *(word for option in options for word in ("-o", option)),
        "visitor@127.0.0.1",
    ]


def check_login(run, room, port):
    assert run(*ssh(room, port), "id -u; echo in $HOME") == f"{UID}\nin {room}/home\n"
    assert "Permission denied" in run(*ssh(room, port, "wrong"), "true", fails=True)
    run(*ssh(room, port), "exit 7", fails=True)


def check_copy(run, room, port):
    """Through the remote shell: what was written there is what is read back."""
    (room / "sent").write_bytes(MEGABYTES)
    command = " ".join(map(str, ssh(room, port)))
    run("sh", "-c", f"{command} 'cat > file' < sent && {command} 'cat file' > back")
    assert (room / "home" / "file").read_bytes() == MEGABYTES
    digest = run(*ssh(room, port), "sha256sum < file").split()[0]
    assert digest == hashlib.sha256((room / "back").read_bytes()).hexdigest()


def test_sshd_lets_in_who_has_the_key(sshd, room, run):
    check_login(run, room, sshd.port("ssh"))
    sshd.log.wait_for(r"service 'ssh': .*Accepted publickey for visitor from 127\.0\.0\.1")


def test_sshd_copies(sshd, room, run):
    check_copy(run, room, sshd.port("ssh"))


def test_a_session_outlives_an_upgrade_and_its_service(sshd, room):
    limit = ["timeout", str(2 * DEADLINE)]
    command = [*limit, *map(str, ssh(room, sshd.port("ssh"))), "cat"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as session:
        processes.ours.add(session.pid)
        assert said_back(session, b"before\n")
        sshd.control.ask("upgrade")
        sshd.log.wait_for("superd: ready, ", 2)
        assert said_back(session, b"upgraded\n")
        sshd.reload({})
        assert said_back(session, b"removed\n")
        session.stdin.close()
        assert session.wait(DEADLINE) == 0
        processes.ours.discard(session.pid)
    sshd.log.event("ssh", "ended")


def said_back(session, line):
    session.stdin.write(line)
    session.stdin.flush()
    return session.stdout.readline() == line


def test_dropbear_lets_in_who_has_the_key(dropbear, room, run):
    check_login(run, room, dropbear.port("dropbear"))
    assert len(dropbear.log.find("service 'dropbear': started")) == 3


def test_dropbear_copies(dropbear, room, run):
    check_copy(run, room, dropbear.port("dropbear"))


def test_dropbear_and_its_own_client(dropbear, room, run):
    run("dropbearconvert", "openssh", "dropbear", room / "good", room / "good.dropbear")
    said = run(
        *("dbclient", "-y", "-i", room / "good.dropbear", "-p", dropbear.port("dropbear")),
        *("visitor@127.0.0.1", "echo hello"),
    )
    assert said == "hello\n"
