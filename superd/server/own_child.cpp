// SPDX-License-Identifier: MIT
// From start to end.
#include "superd/server/own_child.hpp"

#include <sys/wait.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <filesystem>

namespace superd {
namespace {

constexpr rlim_t megabyte = 1024 * 1024;
// Sanitizers reserve terabytes.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr rlim_t most_memory = RLIM_INFINITY;
#else
constexpr rlim_t most_memory = 256 * megabyte;
#endif

// No RLIMIT_NPROC: it counts whatever else runs as the same user.
const std::vector<ResourceLimit> small_limits = {
    {RLIMIT_NOFILE, 64, 64},
    {RLIMIT_CORE, 0, 0},
    {RLIMIT_AS, most_memory, most_memory},
    {RLIMIT_FSIZE, megabyte, megabyte},
    {RLIMIT_STACK, megabyte, megabyte},
    {RLIMIT_MEMLOCK, 0, 0},
};

std::string how_it_ended(const Ending& ending) {
  if (ending.fault)
    return std::string("could not be started: step '") + ending.fault->step +
           "' failed: " + errno_text(ending.fault->error);
  const int status = ending.exit.status;
  return WIFSIGNALED(status) ? "ended by signal " + signal_name(WTERMSIG(status))
                             : "ended with " + std::to_string(WEXITSTATUS(status));
}

}  // namespace

std::string own_program(const std::string& superd, const std::string& name) {
  const std::filesystem::path folder = std::filesystem::path(superd).parent_path();
  std::error_code error;
  const auto beside = folder / name;
  if (std::filesystem::exists(beside, error)) return beside.string();
  return (folder.parent_path() / "lib/superd" / name).string();
}

HandlerPtr own_handler(const std::string& program, std::optional<Identity> identity,
                       const rlimit& descriptors,
                       std::vector<std::pair<std::string, std::string>> environment) {
  Process process;
  process.identity = std::move(identity);
  process.umask = 077;
  process.environment = std::move(environment);
  process.rlimits = small_limits;
  process.stop_signal = SIGKILL;  // it has nothing to lose
  process.stop_grace = Milliseconds(0);
  auto service = std::make_shared<Service>();
  service->name = std::filesystem::path(program).filename().string();
  service->activation = RunHandler{program, {service->name}};
  service->process = std::move(process);
  return std::make_shared<Handler>(std::move(service), descriptors);
}

OwnChild::OwnChild(const OwnRooms& rooms, ChildPtr child, UniqueFd socket, std::size_t longest,
                   Arrived arrived, Ended ended)
    : supervisor_(rooms.supervisor),
      child_(std::move(child)),
      socket_(rooms.loop, socket.release()),
      longest_(longest),
      arrived_(std::move(arrived)),
      ended_(std::move(ended)) {}

Result<std::shared_ptr<OwnChild>> OwnChild::start(const HandlerPtr& handler, const OwnRooms& rooms,
                                                  std::size_t longest, Arrived arrived,
                                                  Ended ended) {
  auto sockets = open_message_sockets();
  if (!sockets) return sockets.error();
  const auto log = handler->error_output(sockets->theirs.get(), rooms.loop, rooms.reporter,
                                         rooms.logs, rooms.died);
  if (!log) return log.error();
  auto child = rooms.supervisor.start(handler, sockets->theirs.get(), *log, {});
  if (!child) return child.error();
  rooms.supervisor.hand_over(std::move(sockets->theirs));
  const std::shared_ptr<OwnChild> self(new OwnChild(rooms, std::move(*child),
                                                    std::move(sockets->ours), longest,
                                                    std::move(arrived), std::move(ended)));
  spawn(rooms.loop, "listen to a program of superd's own", listen(self), rooms.died);
  spawn(rooms.loop, "attend a program of superd's own", attend(self), rooms.died);
  return self;
}

bool OwnChild::send(std::string_view message, std::span<const int> descriptors) {
  return socket_.is_open() &&
         send_message(socket_.native_handle(), message, descriptors).has_value();
}

void OwnChild::retire() {
  arrived_ = nullptr;
  ended_ = nullptr;
  stop({});
}

void OwnChild::stop(std::string why) {
  if (why_.empty()) why_ = std::move(why);
  supervisor_.stop(*child_, Stop::shutdown);
  boost::system::error_code ignored;
  socket_.close(ignored);
}

awaitable<void> OwnChild::listen(std::shared_ptr<OwnChild> self) {
  for (;;) {
    const bool more = co_await readable(self->socket_);
    if (!more || !self->take_messages()) break;
  }
  // What has stopped talking is of no use. Where it has ended already, this changes nothing.
  if (self->socket_.is_open()) self->stop({});
}

// False: there will be no more.
bool OwnChild::take_messages() {
  while (socket_.is_open()) {
    const auto message = receive_message(socket_.native_handle(), longest_);
    if (!message && message.error().number == EAGAIN) return true;
    if (message && message->empty()) return false;
    const Arrived arrived = arrived_;  // it may end what it is called from
    const std::string fault = !message ? "it sent too much" : arrived ? arrived(*message) : "";
    if (fault.empty()) continue;
    stop("was ended: " + fault);
    return false;
  }
  return false;
}

awaitable<void> OwnChild::attend(std::shared_ptr<OwnChild> self) {
  const Ending ending = co_await self->supervisor_.wait(*self->child_);
  const Ended ended = std::exchange(self->ended_, nullptr);
  self->arrived_ = nullptr;
  if (ended) ended(self->why_.empty() ? how_it_ended(ending) : self->why_);
}

}  // namespace superd
