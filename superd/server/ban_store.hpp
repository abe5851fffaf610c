// SPDX-License-Identifier: MIT
// Keeps the bans on disk, so that they survive superd, and ends them in time. A ban more or less
// is written a second later, off the loop.
#pragma once

#include <string>

#include "superd/io/aside.hpp"
#include "superd/server/gate.hpp"

namespace superd {

class BanStore {
 public:
  /// `file`: empty where nothing is to be kept.
  BanStore(Loop& loop, Reporter& reporter, Gate& gate, const TaskDied& died, std::string file);

  /// What an earlier superd has left there.
  void restore();
  /// What the superd that this one replaces had in mind. `are_kept`: it was on disk, too.
  void go_on_with(const std::string& bans, bool are_kept);
  bool are_kept() const { return !is_dirty_ && !is_writing_; }
  /// The bans have changed.
  void changed();
  /// As they are written.
  std::string text() const;
  /// What isn't on disk yet; at the end of superd. Blocks.
  void finish();

 private:
  awaitable<void> write_soon();
  bool add(const std::string& saved, const std::string& where);
  void watch_ends();
  void say_once(const Error& error);

  Loop& loop_;
  Reporter& reporter_;
  Gate& gate_;
  const TaskDied& died_;
  const std::string file_;
  Aside<Result<void>> writing_;
  boost::asio::steady_timer ends_;
  bool is_dirty_ = false;
  bool is_writing_ = false;
  bool has_failed_ = false;  // said once, until it works again
};

}  // namespace superd
