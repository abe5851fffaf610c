// SPDX-License-Identifier: MIT
// A service made ready to launch: its plan as the kernel takes it, and where its handlers' stderr
// goes. Connections share it and keep it alive, so that a change of the table can't touch them.
#pragma once

#include <sys/resource.h>

#include <memory>

#include "superd/core/service.hpp"
#include "superd/os/program.hpp"
#include "superd/server/handler_log.hpp"

namespace superd {

class Handler {
 public:
  /// `descriptors`: the RLIMIT_NOFILE that superd was started with; it outlives the handlers.
  Handler(ServicePtr service, const rlimit& descriptors)
      : service_(std::move(service)), descriptors_(&descriptors) {}
  ~Handler();
  Handler(const Handler&) = delete;
  Handler& operator=(const Handler&) = delete;

  const Service& service() const { return *service_; }
  const ServicePtr& shared_service() const { return service_; }
  /// To be copied by whoever needs it for longer than this moment: renew() may let go of it.
  const Shared<Process>& process() const { return service_->process; }
  /// A service that is the same but for where it is written.
  void renew(ServicePtr same) { service_ = std::move(same); }
  /// Made for the first connection and kept: a service that nobody has used yet costs its socket
  /// and what the table says of it, little more.
  const std::shared_ptr<const Program>& program();
  /// The same, started ahead of its connection by `starter`, the path of superd-warm.
  const std::shared_ptr<const Program>& warm_program(const std::string& starter);

  /// The descriptor that becomes a handler's stderr. The log pipe is made for the first connection
  /// and kept: an idle service is one socket. Errors: EMFILE, ENFILE.
  Result<int> error_output(int socket, Loop& loop, Reporter& reporter, HandlerLogs& logs,
                           const TaskDied& died);

  const HandlerLog* log() const { return log_.get(); }  // absent before the first connection
  void use_log(std::shared_ptr<HandlerLog> log) { log_ = std::move(log); }

 private:
  Result<void> open_log(Loop& loop, Reporter& reporter, HandlerLogs& logs, const TaskDied& died);

  ServicePtr service_;
  const rlimit* descriptors_;
  std::shared_ptr<const Program> program_, warm_program_;
  std::shared_ptr<HandlerLog> log_;
  UniqueFd null_;
};

using HandlerPtr = std::shared_ptr<Handler>;

}  // namespace superd
