# SPDX-License-Identifier: MIT
"""Who a handler is: under root, exactly the user and groups written; else whoever runs superd."""

import grp
import os
import pwd

import pytest

from contract import contract_of


def group_id(name):
    return grp.getgrnam(name).gr_gid


def user_with_groups():
    """A user that is in groups besides its own, if this machine has one."""
    for group in grp.getgrall():
        for member in group.gr_mem:
            try:
                return pwd.getpwnam(member)
            except KeyError:
                continue
    return pytest.skip("no user here is in a group besides its own")


def ids(given, name):
    """Real, effective, saved and file system id."""
    return {int(word) for word in given[name].split()}


def test_as_root_a_handler_is_nobody_unless_told_otherwise(superd, program, as_root):
    given = contract_of(superd, program)
    nobody = pwd.getpwnam("nobody")
    assert ids(given, "Uid") == {nobody.pw_uid}
    assert ids(given, "Gid") == {nobody.pw_gid}
    assert 0 not in given.groups


def test_root_where_it_is_written(superd, program, as_root):
    given = contract_of(superd, program, {"user": "root"})
    assert ids(given, "Uid") == {0}


def test_user_brings_its_group_and_no_group_of_root(superd, program, as_root):
    given = contract_of(superd, program, {"user": "games"})
    games = pwd.getpwnam("games")
    assert ids(given, "Uid") == {games.pw_uid}
    assert ids(given, "Gid") == {games.pw_gid}
    assert 0 not in given.groups


def test_user_by_number(superd, program, as_root):
    given = contract_of(superd, program, {"user": pwd.getpwnam("games").pw_uid})
    assert ids(given, "Uid") == {pwd.getpwnam("games").pw_uid}


def test_group_as_configured(superd, program, as_root):
    given = contract_of(superd, program, {"user": "games", "group": "mail"})
    assert ids(given, "Gid") == {group_id("mail")}


def test_groups_are_exactly_those_listed(superd, program, as_root):
    given = contract_of(superd, program, {"user": "games", "groups": ["mail", "news"]})
    assert given.groups == sorted([group_id("mail"), group_id("news")])


def test_groups_none(superd, program, as_root):
    assert contract_of(superd, program, {"user": "games", "groups": "none"}).groups == []


def test_groups_of_the_user(superd, program, as_root):
    user = user_with_groups()
    given = contract_of(superd, program, {"user": user.pw_name, "groups": "user"})
    assert given.groups == sorted(os.getgrouplist(user.pw_name, user.pw_gid))


def test_a_handler_that_gave_up_root_has_no_capability(superd, program, as_root):
    given = contract_of(superd, program, {"user": "games"})
    assert int(given["CapEff"], 16) == int(given["CapPrm"], 16) == 0


def test_as_an_ordinary_user_a_handler_is_that_user(
    superd, program, another_user, reachable_superd
):
    given = contract_of(superd, program, prefix=another_user, binary=reachable_superd)
    assert ids(given, "Uid") == {pwd.getpwnam("games").pw_uid}


def test_as_an_ordinary_user_oneself_may_be_written(
    superd, program, another_user, reachable_superd
):
    keys = {"user": "games"}
    given = contract_of(superd, program, keys, prefix=another_user, binary=reachable_superd)
    assert ids(given, "Uid") == {pwd.getpwnam("games").pw_uid}
