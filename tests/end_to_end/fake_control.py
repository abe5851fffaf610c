# SPDX-License-Identifier: MIT
"""A superd of which only the control socket is there: it speaks docs/CONTROL.md, remembers what it
was asked, and misbehaves where a test wants it to."""

import json
import os
import shlex
import socket
import threading
from contextlib import suppress
from datetime import datetime, timedelta, timezone

from patience import DEADLINE

VERSION = "0.1.0"


def moment(seconds_ago=0):
    then = datetime.now(timezone.utc) - timedelta(seconds=seconds_ago)
    return then.strftime("%Y-%m-%dT%H:%M:%S.") + f"{then.microsecond // 1000:03}+0000"


def service(name, **members):
    return {
        "name": name,
        "description": "",
        "addresses": ["127.0.0.1:7001"],
        "state": "listening",
        "running": 0,
        "started": 0,
        "failed": 0,
        "refused": {},
        "ended": {"fine": 0, "failed": 0, "signal": 0},
        "last_used": None,
        "overrides": [],
        **members,
    }


def connection(number, name="hello", **members):
    return {
        "connection": number,
        "service": name,
        "peer": f"127.0.0.1:{50000 + number}",
        "pid": 900 + number,
        "state": "running",
        "age_ms": 1250 * number,
        "cpu_ms": 20,
        "memory": 1048576,
        **members,
    }


def event(kind, **members):
    return {"time": "2026-11-22T10:00:00.250+0000", "level": "info", "event": kind, **members}


class Refusal(Exception):
    """What superd says instead of an answer."""

    def __init__(self, status, error, **members):
        super().__init__(error)
        self.answer = {"ok": False, "status": status, "error": error, **members}


class FakeControl:
    """Serves `path` in a thread of its own until it is left. `answers[COMMAND]` takes the place of
    an answer: an object, text sent as it is, or a function of the words that gives one."""

    def __init__(self, path):
        self.path = str(path)
        self.asked = []
        self.answers = {}
        self.services = {
            "hello": service("hello", running=2, started=17, refused={"rate": 3, "access": 1}),
            "quiet": service("quiet", addresses=["127.0.0.1:7002", "[::1]:7002"]),
        }
        self.services["hello"]["last_used"] = moment(seconds_ago=3)
        self.connections = [connection(1), connection(2)]
        self.events = [event("listening", service="hello", address="127.0.0.1:7001")]
        self.state, self.paused, self.generation = "serving", None, 3
        self.followers, self.clients = [], []
        self.ended = threading.Event()
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(self.path)
        self.listener.listen(64)
        self.listener.settimeout(0.05)
        self.thread = threading.Thread(target=self._serve)
        self.thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        """Goes away, and every client loses it; can be called again."""
        self.ended.set()
        self.thread.join(DEADLINE)
        assert not self.thread.is_alive()
        self.listener.close()
        for client in [*self.followers, *self.clients]:
            client.close()
        with suppress(FileNotFoundError):
            os.unlink(self.path)

    def words(self, command):
        """What was asked with this command, in order."""
        return [words for words in self.asked if words[0] == command]

    def tell(self, happened):
        """To those that follow."""
        for follower in self.followers:
            follower.sendall(json.dumps(happened).encode() + b"\n")

    def _serve(self):
        while not self.ended.is_set():
            with suppress(TimeoutError):
                client, _ = self.listener.accept()
                client.settimeout(DEADLINE)
                with suppress(ConnectionError, BrokenPipeError):
                    if self._talk(client):
                        client.close()

    def _talk(self, client):
        """False where the client is still to be talked to."""
        with client.makefile("rb") as file:
            words = shlex.split(file.readline(65536).decode())
        self.asked.append(words)
        answer = self.answers.get(words[0])
        if answer is None:
            answer = getattr(self, f"_{words[0]}", self._fine)
        if callable(answer):
            try:
                answer = answer(words)
            except Refusal as refusal:
                answer = refusal.answer
        if answer is HANGS:
            self.clients.append(client)
            return False
        text = answer if isinstance(answer, str) else json.dumps(answer) + "\n"
        client.sendall(text.encode())
        if words[0] == "events" and "--follow" in words:
            self.followers.append(client)
            return False
        return True

    def _fine(self, _words):
        return {"ok": True}

    def _named(self, names):
        for name in names:
            if name not in self.services:
                raise Refusal(2, f"there is no service '{name}'; did you mean 'hello'?")
        return [self.services[name] for name in names or self.services]

    def _status(self, words):
        names = [word for word in words[1:] if word != "--active"]
        services = self._named(names)
        if "--active" in words:
            services = [one for one in services if one["started"]]
        daemon = {
            "version": VERSION,
            "pid": 811,
            "user": "root",
            "started": "2026-11-22T10:00:00.000+0000",
            "uptime_ms": 86400000,
            "state": self.state,
            "table": "/etc/superd/superd.yaml",
            "generation": self.generation,
            "running": 12,
            "instances": 10000,
            "paused": self.paused,
            "connections": sum(one["started"] for one in self.services.values()),
            "dropped_lines": 0,
            "memory": 5242880,
            "descriptors": 48,
        }
        return {"ok": True, "daemon": daemon, "services": services}

    def _ps(self, words):
        names = words[1:] or list(self.services)
        self._named(words[1:])
        return {"ok": True, "connections": [c for c in self.connections if c["service"] in names]}

    def _events(self, _words):
        return "\n".join(['{"ok":true}', *map(json.dumps, self.events)]) + "\n"

    def _pause(self, words):
        for one in self._named(words[1:]):
            one["state"] = "paused" if words[0] == "pause" else "listening"
        return {"ok": True}

    _resume = _pause

    def _stop(self, words):
        stopped = [c for c in self.connections if words[1] in (c["service"], str(c["pid"]))]
        self.connections = [c for c in self.connections if c not in stopped]
        return {"ok": True, "stopped": len(stopped)}

    def _set(self, words):
        lasts = 3600000 if words[1] == "--for" else None
        name, key, value = words[-3:]
        override = {"key": key, "value": value, "expires_ms": lasts}
        self._named([name])[0]["overrides"].append(override)
        return {"ok": True}

    def _unset(self, words):
        one = self._named([words[1]])[0]
        kept = [o for o in one["overrides"] if len(words) > 2 and o["key"] != words[2]]
        removed = len(one["overrides"]) - len(kept)
        one["overrides"] = kept
        return {"ok": True, "removed": removed}

    def _show(self, _words):
        return {"ok": True, "text": "services:\n  hello:\n    run: \"a\\\\b\"\n", "table": {}}

    def _metrics(self, _words):
        return {"ok": True, "text": "# TYPE superd_started counter\n# EOF\n"}

    def _diff(self, _words):
        return {"ok": True, "diff": DIFF, "warnings": ""}

    def _reload(self, _words):
        self.generation += 1
        return {"ok": True, "diff": DIFF, "generation": self.generation, "warnings": ""}

    def _upgrade(self, _words):
        return {"ok": True, "from": VERSION, "to": "0.2.0"}


HANGS = object()  # an answer that never comes

DIFF = {
    "opened": [{"service": "b", "address": "127.0.0.1:7002"}],
    "closed": [{"service": "c", "address": "127.0.0.1:7003"}],
    "kept": 4,
    "moved": [{"address": "127.0.0.1:7001", "from": "old", "to": "new"}],
    "added": ["b", "new"],
    "removed": ["c", "old"],
    "changed": [{"service": "a", "keys": ["timeout", "user"]}],
    "daemon": ["log"],
}
