# SPDX-License-Identifier: MIT
"""git, rsync, svn and ftp: their own clients get what is there, and put what is new."""

import os
from concurrent.futures import ThreadPoolExecutor

import pytest

from machine import own

ODD_NAMES = ["plain", "with space", " leading", "new\nline", "quote'\"", "-dash", "ünïcödé", "a*?["]


@pytest.fixture
def repository(room, run):
    """A bare repository with one commit, nobody's; and the work tree it came from."""
    work = room / "work"
    run("git", "init", "-q", "-b", "main", work)
    (work / "file").write_text("first\n" * 10000)
    commit(run, work, "first")
    (room / "git").mkdir()
    run("git", "clone", "-q", "--bare", work, room / "git" / "project.git")
    own(room / "git", "nobody")
    return work


def commit(run, work, message):
    run("git", "-C", work, "add", ".")
    author = ["-c", "user.name=Vera", "-c", "user.email=vera@example.org"]
    run("git", "-C", work, *author, "commit", "-q", "-m", message)


def test_git_clones_twenty_at_once(serve, room, run, repository):
    daemon = serve("git", {"/srv/git": room / "git"})
    url = f"git://127.0.0.1:{daemon.port('git')}/project.git"
    with ThreadPoolExecutor(20) as threads:
        list(threads.map(lambda n: run("git", "clone", "-q", url, room / f"{n}"), range(20)))
    head = run("git", "-C", repository, "rev-parse", "HEAD")
    for number in range(20):
        assert run("git", "-C", room / f"{number}", "rev-parse", "HEAD") == head
        run("git", "-C", room / f"{number}", "fsck", "--strict")


def test_git_takes_a_push_where_it_may(serve, room, run, repository):
    places = {"/srv/git": room / "git"}
    pushing, reading = serve("git-push", places), serve("git", places)
    (repository / "file").write_text("second\n")
    commit(run, repository, "second")
    url = f"git://127.0.0.1:{reading.port('git')}/project.git"
    assert "access denied" in run("git", "-C", repository, "push", url, "main", fails=True)
    reading.log.wait_for(r"service 'git': stderr: .*'receive-pack': service not enabled")
    url = f"git://127.0.0.1:{pushing.port('git-push')}/project.git"
    run("git", "-C", repository, "push", url, "main")
    run("git", "clone", "-q", url, room / "copy")
    assert (room / "copy" / "file").read_text() == "second\n"


def tree_of(folder):
    return {path.relative_to(folder): path.is_file() and path.read_bytes() for path in folder.rglob("*")}


@pytest.fixture
def rsyncd(serve, room):
    modules = room / "modules"
    modules.mkdir()
    for name in ODD_NAMES:
        (modules / name).mkdir()
        (modules / name / name).write_bytes(os.urandom(100_000))
    (room / "rsyncd.conf").write_text(
        f"use chroot = no\n[tree]\npath = {modules}\n"
        f"[inbox]\npath = {room}/inbox\nread only = no\n"
    )
    (room / "inbox").mkdir()
    own(room / "inbox", "nobody")
    return serve("rsync", {"/etc/rsyncd.conf": room / "rsyncd.conf"})


def test_rsync_copies_odd_names_once(rsyncd, room, run):
    url = f"rsync://127.0.0.1:{rsyncd.port('rsync')}/tree/"
    first = run("rsync", "-a", "--stats", url, room / "copy")
    assert f"Number of regular files transferred: {len(ODD_NAMES)}\n" in first
    assert tree_of(room / "copy") == tree_of(room / "modules")
    second = run("rsync", "-a", "--stats", url, room / "copy")
    assert "Number of regular files transferred: 0\n" in second


def test_rsync_lists_and_takes(rsyncd, room, run):
    url = f"rsync://127.0.0.1:{rsyncd.port('rsync')}/"
    assert [line.split()[0] for line in run("rsync", url).splitlines()] == ["tree", "inbox"]
    run("rsync", "-r", f"{room}/modules/", f"{url}inbox/")
    assert tree_of(room / "inbox") == tree_of(room / "modules")
    assert "read only" in run("rsync", "-r", f"{room}/modules/", f"{url}tree/", fails=True)


def test_svn_checks_out_and_commits(serve, room, run):
    repository = room / "svn" / "project"
    repository.parent.mkdir()
    run("svnadmin", "create", repository)
    (repository / "conf" / "svnserve.conf").write_text("[general]\nanon-access = write\n")
    own(repository, "nobody")
    daemon = serve("svn", {"/srv/svn": room / "svn"})
    url = f"svn://127.0.0.1:{daemon.port('svn')}/project"
    svn = ["svn", "--non-interactive", "--config-dir", room / "svn-settings"]
    run(*svn, "checkout", url, "one")
    (room / "one" / "file").write_text("hello\n" * 50000)
    run(*svn, "add", "one/file")
    assert "Committed revision 1." in run(*svn, "commit", "-m", "hello", "one")
    run(*svn, "checkout", url, "two")
    assert (room / "two" / "file").read_text() == "hello\n" * 50000


@pytest.fixture
def vsftpd(serve, room, machine):
    """Anonymous visitors read all, and write into inbox."""
    files = room / "ftp"
    (files / "inbox").mkdir(parents=True)
    own(files / "inbox", "ftp")
    (files / "file").write_bytes(os.urandom(3 << 20))
    settings = room / "vsftpd.conf"
    settings.write_text(
        f"listen=NO\nlisten_ipv6=YES\nanonymous_enable=YES\nanon_root={files}\nwrite_enable=YES\n"
        "anon_upload_enable=YES\nanon_umask=022\nsecure_chroot_dir=/run/vsftpd/empty\n"
    )
    machine.directory("/run/vsftpd/empty")
    return serve("ftp", {"/etc/vsftpd.conf": settings})


def test_ftp_passive_down_and_up(vsftpd, room, run):
    url = f"ftp://127.0.0.1:{vsftpd.port('ftp')}"
    curl = ["curl", "-sS", "--ftp-pasv"]
    assert " file\n" in run(*curl, f"{url}/")
    run(*curl, "-o", "down", f"{url}/file")
    assert (room / "down").read_bytes() == (room / "ftp" / "file").read_bytes()
    run(*curl, "-T", "down", f"{url}/inbox/up")
    assert (room / "ftp" / "inbox" / "up").read_bytes() == (room / "down").read_bytes()
    assert "Access denied" in run(*curl, "-u", "root:x", f"{url}/", fails=True)
