// SPDX-License-Identifier: MIT
// The service manager that started superd, as the server speaks with it: in what state it is, and
// that it is alive. Without a manager nothing happens.
#pragma once

#include <functional>

#include "superd/io/task.hpp"
#include "superd/server/reporter.hpp"

namespace superd {

class Readiness {
 public:
  /// `status`: the line that `systemctl status` shows.
  Readiness(Reporter& reporter, std::function<std::string()> status)
      : reporter_(reporter), status_(std::move(status)) {}

  void ready();
  void reloading();
  void stopping(Milliseconds at_most);

  /// Says so as often as the manager wants, and refreshes the status; to be spawned once.
  awaitable<void> stay_alive();

 private:
  void check(const Result<void>& told);

  Reporter& reporter_;
  std::function<std::string()> status_;
  bool has_failed_ = false;  // said once
};

}  // namespace superd
