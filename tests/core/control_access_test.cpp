// SPDX-License-Identifier: MIT
// Who may: a table.
#include "superd/core/control_access.hpp"

#include "tests/catch.hpp"

using namespace superd;

namespace {

using May = std::optional<Access>;

constexpr uid_t own_uid = 900;

ControlCaller caller(uid_t uid, gid_t gid, std::vector<gid_t> groups = {}) {
  return {uid, gid, std::move(groups), 4711};
}

}  // namespace

TEST_CASE("users and groups that the table names, root and superd's own user") {
  ControlSettings settings;
  settings.read = {{1000}, {100}};
  settings.change = {{2000, 2001}, {200}};
  struct Row {
    ControlCaller who;
    May may;
  };
  const Row rows[] = {
      {caller(0, 0), Access::change},
      {caller(own_uid, own_uid), Access::change},
      {caller(1000, 1), Access::read},
      {caller(2000, 1), Access::change},
      {caller(2001, 1), Access::change},
      {caller(3000, 100), Access::read},
      {caller(3000, 200), Access::change},
      {caller(3000, 1, {5, 100}), Access::read},
      {caller(3000, 1, {200, 100}), Access::change},
      {caller(1000, 200), Access::change},
      {caller(3000, 1, {5, 6}), std::nullopt},
      {caller(3000, 1000, {2000}), std::nullopt},  // users' numbers are not groups'
      {caller(100, 0), std::nullopt},              // nor is root's group root
  };
  for (const Row& row : rows) {
    CAPTURE(row.who.uid, row.who.gid, row.who.groups);
    CHECK(access_of(row.who, settings, own_uid) == row.may);
  }
}

TEST_CASE("where nobody is named, only root and superd's own user may") {
  CHECK(access_of(caller(0, 0), {}, own_uid) == Access::change);
  CHECK(access_of(caller(own_uid, 1), {}, own_uid) == Access::change);
  CHECK(access_of(caller(1000, 0, {0}), {}, own_uid) == std::nullopt);
}

TEST_CASE("whoever may change may read") { CHECK(Access::change > Access::read); }
