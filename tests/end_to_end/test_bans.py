# SPDX-License-Identifier: MIT
"""Bans: by hand and by a trap, from all services, until they end; and superd forgets none."""

import datetime
import json

import pytest

from patience import wait_until
from superctl import answer, superctl
from visits import GREETING, GREETS, STAYS, stay, visit

SERVICES = {"x": GREETS, "y": GREETS}


def ctl(daemon, *arguments):
    return answer(*arguments, socket=daemon.control.path)


def banned(daemon):
    return [one["network"] for one in ctl(daemon, "bans")["bans"]]


def let_in(daemon, source):
    """The services that let this address in."""
    said = {name: visit(daemon.port(name), source) for name in SERVICES}
    assert set(said.values()) <= {GREETING, b""}
    return [name for name in SERVICES if said[name]]


def test_a_trap_bans_from_all_services(superd):
    daemon = superd({**SERVICES, "trap": {**GREETS, "trap": {"ban": "1h"}}})
    assert let_in(daemon, "127.0.0.5") == ["x", "y"]
    assert visit(daemon.port("trap"), "127.0.0.5") == GREETING
    assert let_in(daemon, "127.0.0.5") == [] and let_in(daemon, "127.0.0.6") == ["x", "y"]
    assert visit(daemon.port("trap"), "127.0.0.5") == b""
    (ban,) = ctl(daemon, "bans")["bans"]
    assert (ban["network"], ban["by_hand"]) == ("127.0.0.5", False)
    assert "trap" in ban["reason"] and 0 < ban["left_ms"] <= 3_600_000
    daemon.log.wait_for("banned 127.0.0.5 for 1h: trap 'trap'")
    assert daemon.control.service("x")["refused"] == {"ban": 1}
    ctl(daemon, "unban", "127.0.0.5")
    assert let_in(daemon, "127.0.0.5") == ["x", "y"] and banned(daemon) == []


def test_the_ban_of_a_trap_ends(superd):
    daemon = superd({**SERVICES, "trap": {**GREETS, "trap": {"ban": "1s"}}})
    visit(daemon.port("trap"), "127.0.0.5")
    daemon.log.wait_for("banned 127.0.0.5 for 1s")
    wait_until(lambda: let_in(daemon, "127.0.0.5") == ["x", "y"], "the end of the ban")
    daemon.log.wait_for("127.0.0.5 is no longer banned|unbanned 127.0.0.5|ban of 127.0.0.5")
    assert banned(daemon) == []


def test_who_a_trap_refuses_is_not_banned(superd):
    keys = {"trap": {"ban": "1h"}, "deny": ["127.0.0.5"]}
    daemon = superd({**SERVICES, "trap": {**GREETS, **keys}})
    assert visit(daemon.port("trap"), "127.0.0.5") == b""
    assert banned(daemon) == [] and let_in(daemon, "127.0.0.5") == ["x", "y"]


def test_a_trap_bans_the_whole_source(superd):
    keys = {"trap": {"ban": "1h"}, "limits": {"source_prefix": {"ipv4": 24}}}
    daemon = superd({**SERVICES, "trap": {**GREETS, **keys}})
    visit(daemon.port("trap"), "127.0.5.5")
    assert banned(daemon) == ["127.0.5.0/24"]
    assert let_in(daemon, "127.0.5.77") == [] and let_in(daemon, "127.0.6.5") == ["x", "y"]


def test_by_hand(superd):
    daemon = superd(SERVICES)
    ctl(daemon, "ban", "127.0.0.2", "--for", "1h", "--reason", "broke the china")
    ctl(daemon, "ban", "127.0.3.0/24")
    assert let_in(daemon, "127.0.0.2") == let_in(daemon, "127.0.3.9") == []
    assert let_in(daemon, "127.0.0.3") == ["x", "y"]
    told = {one["network"]: one for one in ctl(daemon, "bans")["bans"]}
    assert sorted(told) == ["127.0.0.2", "127.0.3.0/24"]
    assert told["127.0.0.2"]["reason"] == "broke the china" and told["127.0.0.2"]["by_hand"]
    assert "broke the china" in superctl("bans", socket=daemon.control.path).stdout
    assert ctl(daemon, "explain", "x", "127.0.3.4")["decides"]["reason"] == "ban"
    ctl(daemon, "unban", "127.0.3.0/24")
    assert banned(daemon) == ["127.0.0.2"] and let_in(daemon, "127.0.3.9") == ["x", "y"]


def test_a_ban_by_hand_ends(superd):
    daemon = superd(SERVICES)
    ctl(daemon, "ban", "127.0.0.2", "--for", "1s")
    wait_until(lambda: banned(daemon) == [], "the end of the ban")
    assert let_in(daemon, "127.0.0.2") == ["x", "y"]


def test_who_is_in_stays_in(superd):
    daemon = superd({**SERVICES, "z": STAYS})
    with stay(daemon.port("z"), "127.0.0.2") as client:
        ctl(daemon, "ban", "127.0.0.2")
        client.sendall(b"\n")
        assert client.recv(100) == b"bye\n"
    assert visit(daemon.port("z"), "127.0.0.2") == b""


@pytest.mark.parametrize(
    "wrong",
    [
        ["ban", "no such thing"],
        ["ban", "127.0.0.0/33"],
        ["ban", "127.0.0.1", "--for", "never"],
        ["ban", "127.0.0.2", "--for", "0s"],
        ["ban", "0.0.0.0/0", "extra"],
        ["unban", "127.0.0.2"],
        ["unban", "x"],
    ],
    ids=" ".join,
)
def test_what_cannot_be_banned(superd, wrong):
    daemon = superd(SERVICES)
    ended = superctl(*wrong, socket=daemon.control.path)
    assert ended.returncode in (1, 2) and ended.stderr.startswith("superctl: "), ended
    assert banned(daemon) == [] and let_in(daemon, "127.0.0.2") == ["x", "y"]


def test_bans_survive(superd):
    services = {**SERVICES, "trap": {**GREETS, "trap": {"ban": "1h"}}}
    daemon = superd(services)
    visit(daemon.port("trap"), "127.0.0.5")
    ctl(daemon, "ban", "127.0.0.2", "--for", "1h", "--reason", "broke the china")
    before = {one["network"]: one for one in ctl(daemon, "bans")["bans"]}

    def check(daemon):
        after = {one["network"]: one for one in ctl(daemon, "bans")["bans"]}
        assert sorted(after) == ["127.0.0.2", "127.0.0.5"]
        for network, ban in after.items():
            assert ban["left_ms"] <= before[network]["left_ms"]
            for key in ("reason", "by_hand"):
                assert ban[key] == before[network][key]
        assert let_in(daemon, "127.0.0.2") == let_in(daemon, "127.0.0.5") == []
        assert let_in(daemon, "127.0.0.6") == ["x", "y"]

    daemon.reload(services)
    check(daemon)
    daemon.control.ask("upgrade")
    check(daemon)
    daemon.stop()
    next_one = superd(services)
    check(next_one)
    next_one.log.wait_for("2 bans are in force")


def test_bans_survive_a_kill(superd):
    daemon = superd(SERVICES)
    ctl(daemon, "ban", "127.0.0.2", "--for", "1h")
    file = daemon.state / "bans.json"
    wait_until(file.exists, "the bans on disk")
    assert file.stat().st_mode & 0o777 == 0o600
    daemon.kill()
    assert let_in(superd(SERVICES), "127.0.0.2") == []


def test_a_ban_ends_after_an_upgrade_and_after_a_restart(superd):
    daemon = superd(SERVICES)
    ctl(daemon, "ban", "127.0.0.2", "--for", "2s")
    daemon.control.ask("upgrade")
    wait_until(lambda: let_in(daemon, "127.0.0.2") == ["x", "y"], "the end of the ban")
    ctl(daemon, "ban", "127.0.0.2", "--for", "2s")
    daemon.stop()
    daemon = superd(SERVICES)
    wait_until(lambda: banned(daemon) == [], "the end of the ban")
    assert let_in(daemon, "127.0.0.2") == ["x", "y"]


@pytest.mark.parametrize(
    "content",
    [
        b"{",
        b"\xff" * 100,
        b'{"bans": []}',
        b"[1]",
        b'[{"network": "x"}]',
    ],
)
def test_a_broken_state_is_said_and_superd_serves(superd, room, content):
    state = room / "superd.state"
    state.mkdir()
    (state / "bans.json").write_bytes(content)
    daemon = superd(SERVICES)
    assert let_in(daemon, "127.0.0.2") == ["x", "y"] and banned(daemon) == []
    ctl(daemon, "ban", "127.0.0.2", "--for", "1h")
    daemon.stop()
    (ban,) = json.loads((state / "bans.json").read_text())
    assert ban["network"] == "127.0.0.2"
    assert daemon.log.find("warning .*bans")


def test_of_a_partly_wrong_list_the_right_ones_hold(superd, room):
    state = room / "superd.state"
    state.mkdir()
    until = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=1)
    right = {
        "network": "127.0.0.2",
        "reason": "broke the china",
        "until": until.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "lasts_ms": 3_600_000,
    }
    over = {**right, "network": "127.0.0.3", "until": "2020-01-01T00:00:00Z"}
    wrong = [{**right, "network": f"no\x1bthing {number}"} for number in range(20)]
    (state / "bans.json").write_text(json.dumps([*wrong, right, over, {**right, "until": "soon"}]))
    daemon = superd(SERVICES)
    assert banned(daemon) == ["127.0.0.2"] and let_in(daemon, "127.0.0.2") == []
    said = daemon.log.find("warning .*: bans of .*/bans.json: (.*)")
    assert len(said) == 11
    assert "entry 1: its 'network' is " in said[0][1] and "\x1b" not in said[0][1]
    assert said[10][1] == "left out 11 more"


def test_bans_end_by_the_clock_on_the_wall_and_never_last_longer(superd, room):
    """The machine's clock was a day ahead when they were written, or is a day behind now."""
    state = room / "superd.state"
    state.mkdir()
    now = datetime.datetime.now(datetime.timezone.utc)
    tomorrow = (now + datetime.timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    yesterday = (now - datetime.timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    bans = [
        {"network": "127.0.0.2", "until": tomorrow, "lasts_ms": 600_000},
        {"network": "127.0.0.3", "until": yesterday, "lasts_ms": 600_000},
    ]
    (state / "bans.json").write_text(json.dumps(bans))
    daemon = superd(SERVICES)
    (ban,) = ctl(daemon, "bans")["bans"]
    assert ban["network"] == "127.0.0.2" and ban["left_ms"] <= 600_000
    assert let_in(daemon, "127.0.0.3") == ["x", "y"]


def test_an_upgrade_writes_bans_only_where_there_is_something_new(superd):
    daemon = superd(SERVICES)
    daemon.control.ask("upgrade")
    daemon.stop()
    assert not (daemon.state / "bans.json").exists()
    daemon = superd(SERVICES)
    ctl(daemon, "ban", "127.0.0.2", "--for", "1h")
    daemon.control.ask("upgrade")
    daemon.stop()
    (ban,) = json.loads((daemon.state / "bans.json").read_text())
    assert ban["network"] == "127.0.0.2"


def test_what_was_lifted_stays_lifted_after_an_upgrade(superd):
    daemon = superd(SERVICES)
    ctl(daemon, "ban", "127.0.0.2", "--for", "1h")
    wait_until((daemon.state / "bans.json").exists, "the ban on disk")
    ctl(daemon, "unban", "127.0.0.2")
    daemon.control.ask("upgrade")
    assert banned(daemon) == [] and let_in(daemon, "127.0.0.2") == ["x", "y"]
    daemon.stop()
    assert json.loads((daemon.state / "bans.json").read_text()) == []
