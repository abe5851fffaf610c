# SPDX-License-Identifier: MIT
"""Daemons that superd hands the listening socket: TFTP's the way of inetd, MariaDB and CUPS by
LISTEN_FDS. Each is unchanged, has its own client, ends, and is started again by the next visit."""

import os
from concurrent.futures import ThreadPoolExecutor

import pytest

from machine import own
from patience import wait_until
from processes import children_of

CROWD = 100
DOWNLOADS = {
    "tftp": lambda port, to: ["tftp", "-m", "binary", "127.0.0.1", port, "-c", "get", "file", to],
    "curl": lambda port, to: ["curl", "-sS", "-o", to, f"tftp://127.0.0.1:{port}/file"],
}


@pytest.fixture
def files(room):
    folder = room / "tftp"
    folder.mkdir()
    (folder / "file").write_bytes(os.urandom(100_000))
    return folder


def fetch(run, room, client, port, name):
    run(*DOWNLOADS[client](port, name))
    return (room / name).read_bytes()


def fetch_many(run, room, client, port):
    with ThreadPoolExecutor(CROWD) as threads:
        names = [f"{client}{number}" for number in range(CROWD)]
        return list(threads.map(lambda name: fetch(run, room, client, port, name), names))


def check_downloads(daemon, name, run, room, files):
    """From the socket as the recipe has it, of both families."""
    wanted = (files / "file").read_bytes()
    for client in DOWNLOADS:
        assert fetch_many(run, room, client, daemon.port(name)) == [wanted] * CROWD
    wait_until(lambda: daemon.control.service(name)["running"] == 0, "its end")  # idle
    before = len(daemon.log.find(f"service '{name}': started"))
    assert fetch(run, room, "curl", daemon.port(name), "again") == wanted
    assert len(daemon.log.find(f"service '{name}': started")) == before + 1
    assert not daemon.log.find(" (warning|error) |exit=[1-9]")


def test_tftp_serves_a_hundred_at_once(serve, room, run, files):
    daemon = serve("tftp", {"/srv/tftp": files, "--timeout 300": "--timeout 2"}, "udp:0")
    check_downloads(daemon, "tftp", run, room, files)


def test_atftp_serves_a_hundred_at_once(serve, room, run, files):
    places = {"/srv/tftp": files, "--tftpd-timeout 300": "--tftpd-timeout 2"}
    daemon = serve("atftp", places, "udp:0")
    check_downloads(daemon, "atftp", run, room, files)


@pytest.fixture
def mariadb(serve, room, machine, run):
    """It has been asked for nothing yet, so it doesn't run. Who isn't connected to it for a second
    lets it be stopped."""
    tables = room / "tables"
    make = ["mariadb-install-db", "--no-defaults", f"--datadir={tables}", "--user=root"]
    run(*make, "--auth-root-authentication-method=normal", "--skip-test-db")
    own(tables, machine.number_of("mysql"))
    machine.directory("/run/mysqld", owner="mysql")
    places = {"/var/lib/mysql": tables, "stop_after: 10min": "stop_after: 1s"}
    return serve("mariadb", places, f'[127.0.0.1:0, "unix:{room}/mysqld.sock"]')


def test_mariadb_runs_while_somebody_is_connected(mariadb, room, run):
    mysql = ["mariadb", "--no-defaults", "-u", "root", "-N"]
    by_port = [*mysql, "-h", "127.0.0.1", "-P", mariadb.port("mariadb"), "-e"]
    by_path = [*mysql, "-S", room / "mysqld.sock", "-e"]
    assert children_of(mariadb.pid) == []
    run(*by_port, "create database d; create table d.t (n int); insert into d.t values (6), (7)")
    ended = mariadb.log.event("mariadb", "ended")
    assert (ended["exit"], ended["stopped"]) == ("0", "idle")
    assert run(*by_path, "select sum(n) from d.t") == "13\n"  # it was started again
    assert run(*by_port, "select sleep(4)") == "0\n"  # longer than stop_after: who is served stays
    mariadb.log.wait_for("service 'mariadb': ended .* exit=0 .* stopped=idle", 2)
    assert run(*by_path, "select count(*) from d.t") == "2\n"
    started = mariadb.log.find("service 'mariadb': started")
    assert len(started) == len(mariadb.log.find("service 'mariadb': ended")) + 1


CUPS_FILES = """
ServerRoot {room}
RequestRoot {room}/spool
CacheDir {room}/cache
StateDir {room}/state
TempDir {room}/tmp
AccessLog stderr
ErrorLog stderr
PageLog stderr
SystemGroup root
"""
CUPS = """
WebInterface No
IdleExitTimeout 1
DirtyCleanInterval 1
<Location />
Order allow,deny
Allow all
</Location>
"""


def test_cups_answers_its_client(serve, room, machine, run):
    for name in ("spool", "cache", "state", "tmp"):
        (room / name).mkdir()
    (room / "cupsd.conf").write_text(CUPS)
    (room / "cups-files.conf").write_text(CUPS_FILES.format(room=room))
    machine.lay_over("/var/cache/cups", room / "cache")
    places = {f"/etc/cups/{name}": room / name for name in ("cupsd.conf", "cups-files.conf")}
    daemon = serve("cups", places)
    for number in (1, 2):
        lpstat = run("lpstat", "-h", f"127.0.0.1:{daemon.port('cups')}", "-r")
        assert lpstat == "scheduler is running\n"
        daemon.log.wait_for("service 'cups': ended .* exit=0", number)  # nothing to do
    assert len(daemon.log.find("service 'cups': started")) == 2
