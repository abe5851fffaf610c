// SPDX-License-Identifier: MIT
// Files of rules that `allow` and `deny` name with @: read again when they have changed. One that
// vanishes or is faulty changes nothing: the rules in force stay, and that is said once.
#pragma once

#include <map>
#include <string>

#include "superd/config/list_file.hpp"
#include "superd/io/aside.hpp"
#include "superd/server/changes.hpp"
#include "superd/server/roster.hpp"

namespace superd {

class ListWatch {
 public:
  ListWatch(Loop& loop, Reporter& reporter, Roster& roster, Changes& changes)
      : reporter_(reporter), roster_(roster), changes_(changes), reading_(loop) {}

  /// Looks at the files every few seconds, off the loop; to be spawned once.
  awaitable<void> follow();

 private:
  /// What tells that a file is another than before, or why it can't be told.
  struct Look {
    std::string state;   // empty: it can't be read
    std::string fault;   // why not
    LoadedList content;  // where the state is a new one
  };
  using Looks = std::map<std::string, Look>;

  std::map<std::string, std::string> states() const;
  awaitable<void> put_to_use(Looks looks);
  bool is_in_force(const std::string& path, const RuleList& list) const;
  void complain(const std::string& path, const std::string& why);

  Reporter& reporter_;
  Roster& roster_;
  Changes& changes_;
  Aside<Looks> reading_;
  std::map<std::string, std::string> known_;       // by path: the state that is in force
  std::map<std::string, std::string> complained_;  // by path: the state that was complained of
};

}  // namespace superd
