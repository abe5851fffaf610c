# SPDX-License-Identifier: MIT
"""Programs whose package can't be installed beside that of another: taken out of it, once for all
runs, into a folder that is in the place of /usr/local/sbin where superd runs."""

import shutil
import subprocess
import tempfile
from pathlib import Path

from daemon import BUILD

FOLDER = BUILD.resolve() / "interop-programs"
PACKAGES = {"atftpd": "atftpd"}  # by program; this one conflicts with tftpd-hpa


def provide():
    FOLDER.mkdir(parents=True, exist_ok=True)
    for program, package in PACKAGES.items():
        if not shutil.which(program) and not (FOLDER / program).exists():
            take(program, package)


def take(program, package):
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["apt-get", "download", package], cwd=folder, check=True, timeout=120)
        (archive,) = Path(folder).glob("*.deb")
        subprocess.run(["dpkg", "-x", archive, folder], check=True, timeout=60)
        shutil.move(Path(folder) / "usr" / "sbin" / program, FOLDER)
