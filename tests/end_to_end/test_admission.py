# SPDX-License-Identifier: MIT
"""Who may come in, how many, how fast, and why not. Visitors come from several addresses of
127.0.0.0/8."""

import contextlib
import datetime
import os
import pwd
import subprocess
from pathlib import Path

import pytest

import daemon as superd_under_test
from clients import ask, connect, read_all, read_line
from patience import DEADLINE, wait_until
from processes import children_of
from superctl import answer, superctl
from visits import GREETING, GREETS, STAYS, Flood, connect_from, leave, stay, visit


def refusals(daemon, service="x"):
    return daemon.control.service(service)["refused"]


def wait_idle(daemon):
    """Handlers that have said all may still be ending."""
    wait_until(lambda: not daemon.control.connections(), "the end of all handlers")


def explain(daemon, *arguments):
    return answer("explain", *arguments, socket=daemon.control.path)


def closed_days():
    """A window that is neither now nor near."""
    return (datetime.datetime.now() + datetime.timedelta(days=3)).strftime("%a")


def lets_in(port, source, host="127.0.0.1"):
    said = visit(port, source, host)
    assert said in (GREETING, b"")
    return said == GREETING


def test_by_address_and_network(superd):
    rules = {"allow": ["127.0.0.1", "127.0.1.0/24"]}
    daemon = superd({"x": {**GREETS, **rules}})
    port = daemon.port("x")
    sources = ["127.0.0.1", "127.0.0.2", "127.0.1.0", "127.0.1.255", "127.0.2.0"]
    assert [lets_in(port, one) for one in sources] == [True, False, True, True, False]
    assert refusals(daemon) == {"address": 2}


def test_deny_alone_lets_all_others_in(superd):
    daemon = superd({"x": {**GREETS, "deny": ["127.0.0.2", "127.1.0.0/16"]}})
    port = daemon.port("x")
    sources = ["127.0.0.1", "127.0.0.2", "127.1.2.3", "127.2.0.1"]
    assert [lets_in(port, one) for one in sources] == [True, False, False, True]


def test_the_longest_prefix_decides_and_a_tie_is_a_deny(superd):
    rules = {
        "allow": ["127.0.0.0/8", "127.0.3.3", "127.0.4.0/24"],
        "deny": ["127.0.3.0/24", "127.0.4.0/24", "127.0.0.9"],
    }
    daemon = superd({"x": {**GREETS, **rules}})
    port = daemon.port("x")
    expected = {
        "127.0.0.1": True,
        "127.0.0.9": False,
        "127.0.3.2": False,
        "127.0.3.3": True,
        "127.0.4.4": False,
    }
    assert {source: lets_in(port, source) for source in expected} == expected


def test_an_empty_allow_is_nobody(superd):
    daemon = superd({"x": {**GREETS, "allow": []}, "y": {**GREETS, "allow": "everyone"}})
    assert not lets_in(daemon.port("x"), "127.0.0.1")
    assert lets_in(daemon.port("y"), "127.0.0.1")


def test_ipv4_through_an_ipv6_socket_is_ipv4(superd):
    rules = {"allow": ["127.0.0.0/24", "::1"], "deny": ["127.0.0.2"]}
    daemon = superd({"x": {**GREETS, "listen": "0", **rules}})
    port = daemon.port("x")
    assert lets_in(port, "127.0.0.1") and lets_in(port, "::1", "::1")
    assert not lets_in(port, "127.0.0.2") and not lets_in(port, "127.0.1.1")
    daemon.log.wait_for("refused peer=127.0.0.2:\\d+ address: deny 127.0.0.2")


def test_a_mapped_rule_is_an_ipv4_rule(superd):
    daemon = superd({"x": {**GREETS, "deny": ["::ffff:127.0.2.0/120"]}})
    assert lets_in(daemon.port("x"), "127.0.0.1")
    assert not lets_in(daemon.port("x"), "127.0.2.7")


def test_ipv6(superd):
    services = {
        "x": {**GREETS, "listen": "[::1]:0", "deny": ["::1"]},
        "y": {**GREETS, "listen": "[::1]:0", "allow": ["::1/128"], "deny": ["::/0"]},
        "z": {**GREETS, "listen": "[::1]:0", "allow": ["0.0.0.0/0"]},
    }
    daemon = superd(services)
    let_in = {name: lets_in(daemon.port(name), "::1", "::1") for name in services}
    assert let_in == {"x": False, "y": True, "z": False}


def visit_as(prefix, path):
    """What another user is sent at a UNIX socket."""
    script = (
        "import socket, sys\n"
        "with socket.socket(socket.AF_UNIX) as client:\n"
        f"    client.settimeout({DEADLINE})\n"
        "    client.connect(sys.argv[1])\n"
        "    while data := client.recv(100): sys.stdout.buffer.write(data)\n"
    )
    command = [*prefix, "/usr/bin/python3", "-c", script, str(path)]
    return subprocess.run(command, capture_output=True, check=True, timeout=DEADLINE).stdout


def test_unix_peers_by_user(superd, room, another_user):
    rules = {
        "one": {"allow": ["user:games"]},
        "two": {"deny": ["user:games"]},
        "three": {"allow": ["group:games"]},
        "four": {"allow": ["group:games"], "deny": ["user:games"]},
        "five": {"allow": [f"user:{os.geteuid()}"]},
    }
    services = {
        name: {**GREETS, "listen": f"unix:{room}/{name}", **rule} for name, rule in rules.items()
    }
    daemon = superd(services)
    let_in = {name: (ask(f"{room}/{name}"), visit_as(another_user, room / name)) for name in rules}
    assert let_in == {
        "one": (b"", GREETING),
        "two": (GREETING, b""),
        "three": (b"", GREETING),
        "four": (b"", b""),
        "five": (GREETING, b""),
    }
    uid = pwd.getpwnam("games").pw_uid
    assert explain(daemon, "two", f"uid:{uid}")["decides"]["rule"] == "deny user:games"


def test_a_list_in_a_file(superd, room):
    (room / "list").write_text("# offices\n127.0.0.2\n\n127.0.3.0/24  # another\n")
    daemon = superd({"x": {**GREETS, "deny": ["@list", "127.0.0.9"]}})
    port = daemon.port("x")
    sources = ["127.0.0.1", "127.0.0.2", "127.0.3.3", "127.0.0.9"]
    assert [lets_in(port, one) for one in sources] == [True, False, False, False]
    assert explain(daemon, "x", "127.0.3.3")["decides"]["place"] == f"{room}/list:4"


def test_a_reload_reads_a_list_again(superd, room):
    file = room / "list"
    file.write_text("127.0.0.2\n")
    services = {"x": {**GREETS, "deny": ["@list"]}}
    daemon = superd(services)
    port = daemon.port("x")
    assert lets_in(port, "127.0.0.3") and not lets_in(port, "127.0.0.2")
    file.write_text("127.0.0.3\n")
    daemon.reload(services)
    assert not lets_in(port, "127.0.0.3") and lets_in(port, "127.0.0.2")
    file.unlink()
    daemon.reload_refused(services)
    assert not lets_in(port, "127.0.0.3") and lets_in(port, "127.0.0.2")


def test_a_list_that_changes_is_read_again(superd, room):
    file = room / "list"
    file.write_text("127.0.0.2\n")
    daemon = superd({"x": {**GREETS, "deny": ["@list"]}})
    port = daemon.port("x")
    assert lets_in(port, "127.0.0.3") and not lets_in(port, "127.0.0.2")
    (room / "next").write_text("127.0.0.3\n")
    (room / "next").rename(file)
    wait_until(lambda: not lets_in(port, "127.0.0.3"), "the new list")
    assert lets_in(port, "127.0.0.2")


def test_a_list_that_turns_wrong_or_vanishes_stays_as_it_was(superd, room):
    file = room / "list"
    file.write_text("127.0.0.2\n")
    daemon = superd({"x": {**GREETS, "deny": ["@list"]}})
    port = daemon.port("x")
    file.write_text("127.0.0.3\nno such thing\n")
    daemon.log.wait_for(f"{room}/list:2:1: ")
    assert lets_in(port, "127.0.0.3") and not lets_in(port, "127.0.0.2")
    file.unlink()
    daemon.log.wait_for(f"(error|warning) .*{room}/list.*No such file")
    assert lets_in(port, "127.0.0.3") and not lets_in(port, "127.0.0.2")
    file.mkdir()  # not even root can read that
    daemon.log.wait_for(f"(error|warning) .*{room}/list.*directory; name a file")
    assert lets_in(port, "127.0.0.3") and not lets_in(port, "127.0.0.2")


def test_faults_of_a_list_name_the_list(superd, room):
    (room / "list").write_text("127.0.0.2\n10.0.0.0/33\n\nno such thing\n")
    services = {"x": {**GREETS, "deny": ["@list"]}}
    file = room / "wrong.yaml"
    file.write_text(superd_under_test.table(services))
    ended = superd_under_test.run("--config", file)
    assert ended.returncode == 2
    assert f"{room}/list:2:1: " in ended.stderr and f"{room}/list:4:1: " in ended.stderr
    daemon = superd({"x": GREETS})
    assert f"{room}/list:2:1: " in str(daemon.reload_refused(services))
    assert lets_in(daemon.port("x"), "127.0.0.2")


def test_banners(superd, room):
    (room / "banner").write_bytes(b"from a file\n" * 100)
    daemon = superd(
        {
            "x": {
                **GREETS,
                "deny": ["127.0.0.2"],
                "banner": {"accepted": "welcome\n", "refused": "go away\n"},
            },
            "y": {**GREETS, "deny": ["127.0.0.2"], "banner": {"refused": {"file": "banner"}}},
        }
    )
    assert visit(daemon.port("x"), "127.0.0.1") == b"welcome\n" + GREETING
    assert visit(daemon.port("x"), "127.0.0.2") == b"go away\n"
    assert visit(daemon.port("y"), "127.0.0.1") == GREETING
    assert visit(daemon.port("y"), "127.0.0.2") == b"from a file\n" * 100


def test_hours(superd):
    services = {
        "closed": {**GREETS, "hours": [closed_days()]},
        "open": {**GREETS, "hours": ["Mon-Sun 00:00-24:00"]},
    }
    daemon = superd(services)
    assert not lets_in(daemon.port("closed"), "127.0.0.1")
    assert lets_in(daemon.port("open"), "127.0.0.1")
    assert refusals(daemon, "closed") == {"hours": 1}


def test_instances_refuse(superd):
    limits = {"limits": {"instances": 2}, "banner": {"refused": "full\n"}}
    daemon = superd({"x": {**STAYS, **limits}})
    port = daemon.port("x")
    with stay(port) as client, stay(port, "127.0.0.2"):
        assert visit(port, "127.0.0.3") == b"full\n"
        assert explain(daemon, "x", "127.0.0.3")["instances"] == 2
        leave(client)
        wait_until(lambda: daemon.control.service("x")["running"] == 1, "a place")
        with stay(port, "127.0.0.3"):
            assert visit(port) == b"full\n"
    assert refusals(daemon) == {"instances": 2}


def test_many_at_once_are_never_more_than_instances(superd):
    daemon = superd({"x": {**STAYS, "limits": {"instances": 5}}})
    with contextlib.ExitStack() as open_ones:
        clients = [open_ones.enter_context(connect(daemon.port("x"))) for _ in range(100)]
        wait_until(lambda: refusals(daemon) == {"instances": 95}, "all others refused")
        assert daemon.control.service("x")["started"] == 5
        assert sorted(client.recv(100) for client in clients) == [b""] * 95 + [GREETING] * 5


def test_when_full_wait(superd):
    daemon = superd({"x": {**STAYS, "limits": {"instances": 1, "when_full": "wait"}}})
    with contextlib.ExitStack() as open_ones:
        clients = [open_ones.enter_context(connect(daemon.port("x"))) for _ in range(3)]
        for served, client in enumerate(clients, 1):
            assert read_line(client) == GREETING
            status = daemon.control.service("x")
            assert (status["running"], status["started"]) == (1, served)
            leave(client)
    assert refusals(daemon) == {}


def test_when_full_wait_at_several_addresses(superd):
    """A place that the first address has no visitor for is the second one's."""
    keys = {"listen": ["127.0.0.1:0"] * 3, "limits": {"instances": 1, "when_full": "wait"}}
    daemon = superd({"x": {**STAYS, **keys}})
    with stay(daemon.port("x", 0)) as first, connect(daemon.port("x", 2)) as last:
        with connect(daemon.port("x", 1)) as second:
            leave(first)
            wait_until(lambda: daemon.control.service("x")["started"] == 2, "the next one")
            last.sendall(b"\n")
            second.sendall(b"\n")
            served = [read_all(last), read_all(second)]
    # In whichever order.
    assert served == [GREETING + b"bye\n"] * 2
    assert refusals(daemon) == {}


def test_who_waits_is_served_though_a_refused_one_was_before(superd):
    keys = {
        "listen": ["127.0.0.1:0"] * 2,
        "limits": {"instances": 1, "when_full": "wait"},
        "deny": ["127.0.0.9"],
    }
    daemon = superd({"x": {**STAYS, **keys}})
    ports = [daemon.port("x", number) for number in (0, 1)]
    with stay(ports[0]) as first, connect_from("127.0.0.9", ports[0]) as refused:
        with connect(ports[1]) as second:
            leave(first)
            assert read_all(refused) == b""
            assert read_line(second) == GREETING


def test_per_source(superd):
    daemon = superd({"x": {**STAYS, "limits": {"per_source": 1, "instances": 3}}})
    port = daemon.port("x")
    with stay(port, "127.0.0.2") as client, stay(port, "127.0.0.3"):
        assert visit(port, "127.0.0.2") == visit(port, "127.0.0.3") == b""
        leave(client)
        wait_until(lambda: daemon.control.service("x")["running"] == 1, "a place")
        with stay(port, "127.0.0.2"):
            pass
    assert refusals(daemon) == {"per_source": 2}


def test_a_network_as_one_source(superd):
    limits = {"per_source": 1, "source_prefix": {"ipv4": 24}}
    daemon = superd({"x": {**STAYS, "limits": limits}})
    with stay(daemon.port("x"), "127.0.5.2"), stay(daemon.port("x"), "127.0.6.2"):
        assert visit(daemon.port("x"), "127.0.5.3") == b""


def test_rate(superd):
    daemon = superd({"x": {**GREETS, "limits": {"rate": "3/d"}}})
    sources = [f"127.0.0.{number}" for number in range(2, 8)]
    let_in = [lets_in(daemon.port("x"), source) for source in sources]
    assert let_in == [True] * 3 + [False] * 3
    assert refusals(daemon) == {"rate": 3}


def test_rate_per_source(superd):
    daemon = superd({"x": {**GREETS, "limits": {"rate_per_source": "1/d burst 2"}}})
    for source in ("127.0.0.2", "127.0.0.3"):
        let_in = [lets_in(daemon.port("x"), source) for _ in range(4)]
        assert let_in == [True, True, False, False]
    assert refusals(daemon) == {"rate_per_source": 4}


def test_pause_closes(superd):
    daemon = superd({"x": {**GREETS, "limits": {"rate": "2/d", "pause": "1h"}}})
    port = daemon.port("x")
    assert [lets_in(port, "127.0.0.1") for _ in range(3)] == [True, True, False]
    daemon.log.wait_for("warning .*service 'x': closed for 1h: ")
    with connect(port) as one, connect(port) as other:
        assert refusals(daemon) == {"rate": 1}
        for key in ("limits.rate", "limits.pause"):
            daemon.control.ask("set", "x", key, "never" if "pause" in key else "unlimited")
        assert read_all(one) == read_all(other) == GREETING
    assert refusals(daemon) == {"rate": 1}


def test_pause_ends(superd):
    daemon = superd({"x": {**GREETS, "limits": {"rate": "2/s", "pause": "1s"}}})
    port = daemon.port("x")
    wait_until(lambda: not lets_in(port, "127.0.0.1"), "a refusal")
    daemon.log.wait_for("service 'x': closed for 1s: ")
    wait_until(lambda: lets_in(port, "127.0.0.1"), "the end of the pause")


def test_who_is_refused_is_not_counted(superd):
    """xinetd counts first: there whoever isn't allowed to come in keeps others out."""
    limits = {"instances": 1, "per_source": 1, "rate": "1/d"}
    daemon = superd({"x": {**STAYS, "deny": ["127.0.0.9"], "limits": limits}})
    port = daemon.port("x")
    for _ in range(200):
        assert visit(port, "127.0.0.9") == b""
    with stay(port):
        for _ in range(200):
            assert visit(port, "127.0.0.9") == b""
    assert refusals(daemon) == {"address": 400}


@pytest.mark.parametrize(
    "keys",
    [
        {"deny": ["127.0.0.9"]},
        {"deny": ["127.0.0.9"], "limits": {"instances": 1, "when_full": "wait"}},
        {"limits": {"rate_per_source": "1/h burst 150"}},
    ],
    ids=["denied", "denied-and-full", "too-fast"],
)
def test_an_attacker_hurts_only_himself(superd, keys):
    daemon = superd({"x": {**GREETS, **keys}})
    port = daemon.port("x")
    with Flood(port, "127.0.0.9") as flood:
        wait_until(lambda: refusals(daemon), "the attack")
        assert [visit(port, "127.0.0.10") for _ in range(100)] == [GREETING] * 100
        seen = flood.visits
        wait_until(lambda: flood.visits > seen, "the attack goes on")


def test_status_and_metrics_count_refusals_by_reason(superd):
    keys = {"deny": ["127.0.0.2"], "limits": {"instances": 1}}
    daemon = superd({"x": {**STAYS, **keys}, "y": GREETS})
    with stay(daemon.port("x")):
        for source in ("127.0.0.2", "127.0.0.2", "127.0.0.3"):
            assert visit(daemon.port("x"), source) == b""
    assert refusals(daemon) == {"address": 2, "instances": 1} and refusals(daemon, "y") == {}
    metrics = superctl("metrics", socket=daemon.control.path).stdout
    assert 'superd_refusals_total{service="x",reason="address"} 2\n' in metrics
    assert 'superd_refusals_total{service="x",reason="instances"} 1\n' in metrics
    assert "address" in superctl("status", socket=daemon.control.path).stdout


def test_the_log_says_a_refusal_once_and_then_how_many_more(superd):
    daemon = superd({"x": {**GREETS, "deny": ["127.0.0.0/24"]}})
    for _ in range(20):
        visit(daemon.port("x"), "127.0.0.2")
    visit(daemon.port("x"), "127.0.0.3")
    daemon.log.wait_for("refused \\d+ more from=127.0.0.2 address")
    more = daemon.log.find("refused (\\d+) more from=127.0.0.2 address")
    firsts = daemon.log.find("refused peer=127.0.0.2:\\d+ address: deny 127.0.0.0/24 ")
    assert len(firsts) + sum(int(one[1]) for one in more) == 20
    assert len(daemon.log.find("refused peer=127.0.0.3:")) == 1
    assert not daemon.log.find("more from=127.0.0.3")


def test_explain(superd, room):
    keys = {
        "allow": ["127.0.0.0/8"],
        "deny": ["127.0.0.2"],
        "hours": ["Mon-Fri 08:00-18:00"],
        "zone": "UTC",
        "limits": {"per_source": 2},
    }
    daemon = superd({"x": {**GREETS, **keys}})

    def verdict(*arguments):
        online = explain(daemon, "x", *arguments)
        offline = answer("explain", "x", *arguments, "--config", daemon.table_file)
        for key in ("verdict", "decides", "next"):
            assert online[key] == offline[key]
        return online

    open_hours, closed_hours = ("--at", "Fri 17:59"), ("--at", "Sat 23:30")
    assert verdict("127.0.0.3", *open_hours)["verdict"] == "admitted"
    late = verdict("127.0.0.3", *closed_hours)
    assert (late["verdict"], late["decides"]["reason"]) == ("refused", "hours")
    assert "Sat 23:30" in late["decides"]["rule"]
    denied = verdict("127.0.0.2", *closed_hours)
    assert denied["decides"]["reason"] == "address"
    assert denied["decides"]["rule"] == "deny 127.0.0.2"
    line = 1 + daemon.table_file.read_text().splitlines().index('        "127.0.0.2"')
    assert denied["decides"]["place"] == f"{daemon.table_file}:{line}"
    assert denied["next"]["reason"] == "hours"
    assert verdict("192.0.2.1", *open_hours)["verdict"] == "refused"
    assert verdict("::ffff:127.0.0.2", *open_hours)["decides"]["rule"] == "deny 127.0.0.2"


def test_explain_changes_nothing(superd):
    daemon = superd({"x": {**GREETS, "limits": {"rate": "1/d", "per_source": 1}}})
    for _ in range(5):
        assert explain(daemon, "x", "127.0.0.1")["verdict"] == "admitted"
    assert lets_in(daemon.port("x"), "127.0.0.1")
    wait_idle(daemon)
    assert explain(daemon, "x", "127.0.0.1")["decides"]["reason"] == "rate"
    assert refusals(daemon) == {}


@pytest.mark.parametrize(
    "wrong",
    [("y", "127.0.0.1"), ("x", "127.0.0.256"), ("x", "127.0.0.1", "--at", "Someday 25:00")],
    ids=" ".join,
)
def test_explain_what_is_not_there(superd, wrong):
    daemon = superd({"x": GREETS})
    online = superctl("explain", *wrong, socket=daemon.control.path)
    offline = superctl("explain", *wrong, "--config", daemon.table_file)
    for ended in (online, offline):
        assert ended.returncode in (1, 2), ended
        assert ended.stderr.startswith("superctl: ") and not ended.stdout


def test_a_limit_is_overridden(superd):
    daemon = superd({"x": {**STAYS, "limits": {"instances": 1}}})
    port = daemon.port("x")
    with stay(port):
        assert visit(port) == b""
        daemon.control.ask("set", "x", "limits.instances", "2")
        with stay(port):
            assert visit(port) == b""
            daemon.control.ask("unset", "x", "limits.instances")
            assert visit(port) == b""
        daemon.control.refused("set", "x", "limits.instances", "0")
        daemon.control.refused("set", "x", "limits.instances", "-1")
        daemon.control.refused("set", "x", "limits.no_such", "1")
    assert refusals(daemon) == {"instances": 3}


def test_a_limit_that_grows_serves_who_waits(superd):
    daemon = superd({"x": {**STAYS, "limits": {"instances": 1, "when_full": "wait"}}})
    with stay(daemon.port("x")), connect(daemon.port("x")) as waiting:
        daemon.control.ask("set", "x", "limits.instances", "2")
        assert read_line(waiting) == GREETING


def test_counts_go_on_after_an_upgrade(superd):
    limits = {"instances": 3, "per_source": 2}
    daemon = superd({"x": {**STAYS, "limits": limits}})
    port = daemon.port("x")
    with stay(port, "127.0.0.2") as client, stay(port, "127.0.0.2"):
        daemon.control.ask("upgrade")
        assert visit(port, "127.0.0.2") == b""
        with stay(port, "127.0.0.3"):
            assert visit(port, "127.0.0.4") == b""
            leave(client)
            wait_until(lambda: daemon.control.service("x")["running"] == 2, "a place")
            with stay(port, "127.0.0.2"):
                assert visit(port, "127.0.0.4") == b""
    assert refusals(daemon) == {"per_source": 1, "instances": 2}


def test_who_waits_is_served_after_an_upgrade(superd):
    daemon = superd({"x": {**STAYS, "limits": {"instances": 1, "when_full": "wait"}}})
    with stay(daemon.port("x")) as client, connect(daemon.port("x")) as waiting:
        daemon.control.ask("upgrade")
        assert daemon.control.service("x")["started"] == 1
        leave(client)
        assert read_line(waiting) == GREETING


def lookup_processes(daemon):
    return [one for one in children_of(daemon.pid) if comm_of(one) == "superd-lookup\n"]


def comm_of(pid):
    try:
        return Path(f"/proc/{pid}/comm").read_text()
    except OSError:
        return ""  # it has ended meanwhile


def test_a_name(superd, open_superd):
    services = {
        "x": {**GREETS, "allow": ["localhost"]},
        "y": {**GREETS, "deny": ["localhost"]},
        "z": {**GREETS, "allow": ["127.0.0.1"], "deny": ["localhost"]},
    }
    daemon = superd(services, binary=open_superd)
    assert lets_in(daemon.port("z"), "127.0.0.1")
    assert lookup_processes(daemon) == []  # a network has decided
    assert lets_in(daemon.port("x"), "127.0.0.1")
    (helper,) = lookup_processes(daemon)
    if os.geteuid() == 0:
        status = Path(f"/proc/{helper}/status").read_text()
        nobody = pwd.getpwnam("nobody").pw_uid
        assert f"Uid:\t{nobody}\t{nobody}\t{nobody}\t{nobody}\n" in status
    assert not lets_in(daemon.port("y"), "127.0.0.1")
    assert refusals(daemon, "y") == {"name": 1}


def test_a_name_and_a_full_service(superd, open_superd):
    """Who waits for a name is no reason to refuse the next one."""
    keys = {"allow": ["localhost"], "limits": {"instances": 1, "when_full": "wait"}}
    daemon = superd({"x": {**STAYS, **keys}}, binary=open_superd)
    with contextlib.ExitStack() as open_ones:
        clients = [open_ones.enter_context(connect(daemon.port("x"))) for _ in range(4)]
        served = 0
        for client in clients:
            assert client.recv(100) == GREETING, refusals(daemon)
            leave(client)
            served += 1
    assert served == 4 and refusals(daemon) == {}


def test_libwrap_or_its_absence(superd, room):
    file = room / "wrapped.yaml"
    file.write_text(superd_under_test.table({"x": {**GREETS, "hosts_access": "superd-test"}}))
    checked = superctl("check", file)
    if checked.returncode != 0:
        assert "built without libwrap" in checked.stderr
        return
    daemon = superd({"x": {**GREETS, "hosts_access": "superd-test"}})
    assert lets_in(daemon.port("x"), "127.0.0.1")  # the machine's files don't know the name
