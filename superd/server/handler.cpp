// SPDX-License-Identifier: MIT
// Handlers.
#include "superd/server/handler.hpp"

namespace superd {

const std::shared_ptr<const Program>& Handler::program() {
  if (!program_) program_ = std::make_shared<const Program>(plan_launch(*service_, *descriptors_));
  return program_;
}

const std::shared_ptr<const Program>& Handler::warm_program(const std::string& starter) {
  if (!warm_program_)
    warm_program_ =
        std::make_shared<const Program>(warmed_up(plan_launch(*service_, *descriptors_), starter));
  return warm_program_;
}

Handler::~Handler() {
  if (log_) log_->retire();
}

Result<int> Handler::error_output(int socket, Loop& loop, Reporter& reporter, HandlerLogs& logs,
                                  const TaskDied& died) {
  switch (process()->stderr_to) {
    case StderrTo::socket:
      return socket;
    case StderrTo::null:
      if (!null_) {
        auto null = open_null();
        if (!null) return null.error();
        null_ = std::move(*null);
      }
      return null_.get();
    case StderrTo::log:
      break;
  }
  if (!log_)
    if (auto opened = open_log(loop, reporter, logs, died); !opened) return opened.error();
  return log_->write_end();
}

Result<void> Handler::open_log(Loop& loop, Reporter& reporter, HandlerLogs& logs,
                               const TaskDied& died) {
  const auto& identity = process()->identity;
  auto pipe = open_log_pipe(identity ? std::optional(identity->uid) : std::nullopt);
  if (!pipe) return pipe.error();
  log_ = std::make_shared<HandlerLog>(loop, reporter, logs, service_->name, std::move(*pipe));
  spawn(loop, "follow a handler's stderr", HandlerLog::follow(log_), died);
  return {};
}

}  // namespace superd
