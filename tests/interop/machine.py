# SPDX-License-Identifier: MIT
"""A view of the file system that superd and its programs have for themselves: an empty /run, a user
`visitor` whose home is in the test's room, users that a recipe names and no package has made, and
files laid over those of the machine. It's a mount namespace, gone with its last process; nothing of
the machine changes."""

import os
import pwd
import shlex
from pathlib import Path

UID, GID = 61234, 65534
DAEMONS = {"mysql": 61235}  # the package of the program alone makes none


class Machine:
    def __init__(self, room):
        self.home = room / "home"
        self.home.mkdir(mode=0o700)
        self._commands = ["mount -t tmpfs -o mode=755 none /run"]
        accounts = room / "passwd"
        known = Path("/etc/passwd").read_text()
        known += f"visitor:x:{UID}:{GID}:Vera Visitor:{self.home}:/bin/sh\n"
        for name, uid in DAEMONS.items():
            if f"\n{name}:" not in known:
                known += f"{name}:x:{uid}:{GID}::/nonexistent:/usr/sbin/nologin\n"
        accounts.write_text(known)
        self.lay_over("/etc/passwd", accounts)
        own(self.home, UID)

    @staticmethod
    def number_of(user):
        """Of a daemon's user, as this view has it."""
        try:
            return pwd.getpwnam(user).pw_uid
        except KeyError:
            return DAEMONS[user]

    def lay_over(self, place, path):
        """`path` of the test's is seen at `place`, which exists on the machine."""
        self._commands.append(shlex.join(["mount", "--bind", str(path), place]))
        return self

    def directory(self, place, owner="root"):
        """An empty directory in /run; `owner` is a user of this view."""
        self._commands.append(shlex.join(["install", "-d", "-o", owner, place]))
        return self

    def prefix(self):
        """Becomes its last words by exec, in this view."""
        script = " && ".join([*self._commands, 'exec "$@"'])
        return ["unshare", "--mount", "sh", "-c", script, "sh"]


def own(path, user):
    """Gives a file, or a whole tree, to a user of this machine, or to a number."""
    uid = pwd.getpwnam(user).pw_uid if isinstance(user, str) else user
    for each in [path, *path.rglob("*")]:
        os.chown(each, uid, GID, follow_symlinks=False)


