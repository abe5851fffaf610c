# SPDX-License-Identifier: MIT
"""A view of the file system that superd and its programs have for themselves: an empty /run, a user
`visitor` whose home is in the test's room, and files laid over those of the machine. It's a mount
namespace, gone with its last process; nothing of the machine changes."""

import os
import pwd
import shlex
from pathlib import Path

UID, GID = 61234, 65534


class Machine:
    def __init__(self, room):
        self.home = room / "home"
        self.home.mkdir(mode=0o700)
        self._commands = ["mount -t tmpfs -o mode=755 none /run"]
        accounts = room / "passwd"
        visitor = f"visitor:x:{UID}:{GID}:Vera Visitor:{self.home}:/bin/sh\n"
        accounts.write_text(Path("/etc/passwd").read_text() + visitor)
        self.lay_over("/etc/passwd", accounts)
        own(self.home, UID)

    def lay_over(self, place, path):
        """`path` of the test's is seen at `place`, which exists on the machine."""
        self._commands.append(shlex.join(["mount", "--bind", str(path), place]))
        return self

    def directory(self, place):
        """An empty directory in /run."""
        self._commands.append(shlex.join(["mkdir", "-p", place]))
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


