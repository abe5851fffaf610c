# SPDX-License-Identifier: MIT
"""What the tests of the system service share: an installation, the Debian root, guests."""

import os
import signal
import subprocess
from pathlib import Path

import pytest

# A whole machine boots here and shares the processors; `patience` reads this when it is imported.
os.environ.setdefault("SUPERD_TEST_PATIENCE", "2")

from guest import Guest
from root import debian_root

BUILD = Path(os.environ.get("SUPERD_BUILD") or Path(__file__).resolve().parents[2] / "build")


def pytest_configure():
  """Whoever ends the tests gets an orderly end: guests halted, their groups removed."""
  signal.signal(signal.SIGTERM, lambda *_: pytest.exit("ended by TERM", 1))


def install(root, prefix="/usr"):
  """'cmake --install' below `root`: what it says."""
  return subprocess.run(["cmake", "--install", BUILD, "--prefix", prefix], capture_output=True,
                        text=True, timeout=60, check=True,
                        env={**os.environ, "DESTDIR": str(root)}).stdout


@pytest.fixture(scope="session")
def stage(tmp_path_factory):
  folder = tmp_path_factory.mktemp("stage") / "root"
  folder.mkdir(mode=0o755)
  install(folder)
  return folder


@pytest.fixture(scope="session")
def root(stage):
  if os.geteuid() != 0:
    pytest.skip("a container needs root: run './tests/run service' as root")
  programs = ["usr/sbin/superd", "usr/bin/superctl", "usr/lib/superd/superd-lookup",
              "usr/lib/superd/superd-rpc",
              "usr/lib/superd/services/upper/upper"]
  return debian_root(BUILD.resolve(), [stage / program for program in programs])


@pytest.fixture(scope="module")
def booted(root, stage, tmp_path_factory):
  """A machine that systemd runs."""
  with Guest(root, stage, tmp_path_factory.mktemp("booted"), init=True) as guest:
    yield guest


@pytest.fixture(scope="module")
def plain(root, stage, tmp_path_factory):
  """The same machine without an init."""
  with Guest(root, stage, tmp_path_factory.mktemp("plain"), init=False) as guest:
    yield guest
