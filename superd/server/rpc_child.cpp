// SPDX-License-Identifier: MIT
// Launch, ask and be answered as often as need be, hang up. A deadline of the process ends it all.
#include "superd/server/rpc_child.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "superd/os/descriptors.hpp"

namespace superd {
namespace {

constexpr Milliseconds longest_life{10'000};

using Outcomes = std::vector<RpcOutcome>;

// A running superd-rpc, and whoever waits for its end.
struct Running {
  Running(const LookupRooms& rooms, ChildPtr started, UniqueFd socket)
      : supervisor(rooms.supervisor),
        child(std::move(started)),
        conversation(rooms.loop, socket.release()),
        alarm(rooms.loop) {}

  Supervisor& supervisor;
  ChildPtr child;
  boost::asio::posix::stream_descriptor conversation;
  std::optional<Ending> ending;
  Alarm alarm;
};
using RunningPtr = std::shared_ptr<Running>;

// Beside the conversation: it keeps the deadline, and the end of the program ends that.
awaitable<void> attend(RunningPtr running) {
  running->ending = co_await running->supervisor.wait(*running->child);
  running->alarm.ring();
}

Result<RunningPtr> launched(const LookupRooms& rooms, const HandlerPtr& handler, int rpcbind) {
  auto low = low_copy(rpcbind);
  if (!low) return low.error();
  auto sockets = open_message_sockets();
  if (!sockets) return sockets.error();
  const auto log = handler->error_output(sockets->theirs.get(), rooms.loop, rooms.reporter,
                                         rooms.logs, rooms.died);
  if (!log) return log.error();
  const std::vector<int> handed{low->get()};
  auto child =
      rooms.supervisor.start(handler, sockets->theirs.get(), *log, {}, Clock::now(), &handed);
  if (!child) return child.error();
  rooms.supervisor.hand_over(std::move(sockets->theirs));
  rooms.supervisor.hand_over(std::move(*low));
  auto running = std::make_shared<Running>(rooms, std::move(*child), std::move(sockets->ours));
  spawn(rooms.loop, "attend superd-rpc", attend(running), rooms.died);
  return running;
}

// Empty: there won't be one.
awaitable<std::string> answer_to(RunningPtr running, std::string request) {
  const int socket = running->conversation.native_handle();
  if (!send_message(socket, request)) co_return std::string();
  for (;;) {
    const bool more = co_await readable(running->conversation);
    if (!more) co_return std::string();
    const auto message = receive_message(socket, longest_rpc_answer);
    if (message) co_return *message;
    if (message.error().number != EAGAIN) co_return std::string();
  }
}

awaitable<Result<Outcomes>> conversation(RunningPtr running, std::vector<RpcTask> tasks) {
  Outcomes all;
  for (auto begin = tasks.begin(); begin != tasks.end();) {
    const auto count = std::min<std::ptrdiff_t>(tasks.end() - begin, most_rpc_tasks);
    const std::vector<RpcTask> some(begin, begin + count);
    std::string request = encode(some);
    const std::string answer = co_await answer_to(running, std::move(request));
    auto outcomes = parse_rpc_answer(answer, some.size());
    if (!outcomes) co_return Error{};
    if (!*outcomes) co_return outcomes->error();
    all.insert(all.end(), (*outcomes)->begin(), (*outcomes)->end());
    begin += count;
  }
  co_return as_result(std::move(all));
}

}  // namespace

HandlerPtr rpc_handler(const std::string& program, std::optional<Identity> identity,
                       const rlimit& descriptors) {
  Process process = small_process(std::move(identity));
  process.timeout = longest_life;
  auto service = std::make_shared<Service>();
  service->name = "superd-rpc";
  service->activation = RunHandler{program, {"superd-rpc", rpc_owner(geteuid())}};
  service->process = std::move(process);
  return std::make_shared<Handler>(std::move(service), descriptors);
}

awaitable<Result<Outcomes>> done_by_superd_rpc(LookupRooms rooms, HandlerPtr handler, int rpcbind,
                                               std::vector<RpcTask> tasks) {
  auto started = launched(rooms, handler, rpcbind);
  if (!started) co_return Error{"superd-rpc could not be started: " + started.error().text, 0};
  const RunningPtr running = *started;
  Result<Outcomes> outcomes = co_await conversation(running, std::move(tasks));
  running->conversation.close();
  while (!running->ending) co_await running->alarm.sleep_until_rung();
  if (!outcomes && outcomes.error().text.empty())
    co_return Error{"superd-rpc " + in_words(*running->ending), 0};
  co_return outcomes;
}

}  // namespace superd
