// SPDX-License-Identifier: MIT
// Answers administrators: one function for each command of docs/CONTROL.md. Who may ask has been
// decided before (server/control).
#pragma once

#include <functional>

#include "superd/server/changes.hpp"
#include "superd/server/control.hpp"
#include "superd/server/status.hpp"

namespace superd {

/// What may be asked of the daemon's life.
struct Life {
  std::function<void()> drain;      // finish and end
  std::function<void()> shut_down;  // stop handlers now, and end
  std::function<awaitable<std::string>(std::string program, int asked_by)> upgrade;
  std::function<DaemonStatus()> status;
  std::function<std::string()> metrics;
};

class Administration final : public Commands {
 public:
  /// `changes` may be set later, before the first answer: both need each other.
  Administration(Roster& roster, Runtime& runtime, const Metrics& metrics, Life life)
      : roster_(roster), runtime_(runtime), metrics_(metrics), life_(std::move(life)) {}

  void make_changes_through(Changes& changes) { changes_ = &changes; }

  awaitable<ControlReply> answer(ControlCall call) override;

 private:
  ControlReply status(const ControlRequest& request) const;
  ControlReply connections(const ControlRequest& request) const;
  ControlReply show(const ControlRequest& request) const;
  awaitable<ControlReply> compare(const ControlRequest& request);
  awaitable<ControlReply> reload();
  awaitable<ControlReply> explain(const ControlRequest& request);
  ControlReply bans() const;
  ControlReply ban(const ControlRequest& request);
  ControlReply unban(const ControlRequest& request);
  ControlReply pause(const ControlRequest& request);
  ControlReply resume(const ControlRequest& request);
  ControlReply stop(const ControlRequest& request);
  awaitable<ControlReply> set(const ControlRequest& request);
  awaitable<ControlReply> unset(const ControlRequest& request);
  awaitable<ControlReply> upgrade(const ControlRequest& request, int client);

  std::optional<ControlReply> fault_of(const std::vector<std::string>& services) const;

  Roster& roster_;
  Runtime& runtime_;
  const Metrics& metrics_;
  Life life_;
  Changes* changes_ = nullptr;
};

}  // namespace superd
