// SPDX-License-Identifier: MIT
// Launch, ask and be answered as often as need be, hang up.
#include "superd/server/rpc_child.hpp"

#include <unistd.h>

#include <algorithm>

namespace superd {
namespace {

constexpr Milliseconds longest_life{10'000};

using Outcomes = std::vector<RpcOutcome>;

// What superd-rpc said last, or why it will say nothing more.
struct Heard {
  explicit Heard(Loop& loop) : alarm(loop) {}

  Alarm alarm;
  std::optional<std::string> answer, end;
};

struct Conversation {
  std::shared_ptr<OwnChild> child;
  std::shared_ptr<Heard> heard;
  Clock::time_point deadline = Clock::now() + longest_life;
};

Result<Conversation> begun(const OwnRooms& rooms, const HandlerPtr& handler) {
  auto heard = std::make_shared<Heard>(rooms.loop);
  OwnChild::Arrived arrived = [heard](const std::string& message) {
    if (heard->answer) return std::string("it sent an answer that nobody asked for");
    heard->answer = message;
    heard->alarm.ring();
    return std::string();
  };
  OwnChild::Ended ended = [heard](const std::string& why) {
    heard->end = why;
    heard->alarm.ring();
  };
  auto child =
      OwnChild::start(handler, rooms, longest_rpc_answer, std::move(arrived), std::move(ended));
  if (!child) return Error{"superd-rpc could not be started: " + child.error().text, 0};
  return Conversation{std::move(*child), std::move(heard)};
}

// Its end says why where nothing can be sent.
awaitable<Result<Outcomes>> answer_to(Conversation with, std::vector<RpcTask> tasks,
                                      std::vector<int> descriptors) {
  Heard& heard = *with.heard;
  with.child->send(encode(tasks), descriptors);
  while (!heard.answer && !heard.end) {
    co_await heard.alarm.sleep_until(with.deadline);
    if (Clock::now() >= with.deadline) with.child->stop("was ended: it gave no answer in 10 s");
    if (Clock::now() >= with.deadline) with.deadline += longest_life;
  }
  if (!heard.answer) co_return Error{"superd-rpc " + *heard.end, 0};
  const auto outcomes = parse_rpc_answer(*heard.answer, tasks.size());
  heard.answer.reset();
  if (!outcomes) co_return Error{"superd-rpc sent what is no answer", 0};
  co_return *outcomes;
}

}  // namespace

HandlerPtr rpc_handler(const std::string& program, std::optional<Identity> identity,
                       const rlimit& descriptors) {
  return own_handler(program, std::move(identity), descriptors,
                     {{"RPCBIND_OWNER", rpc_owner(geteuid())}});
}

awaitable<Result<Outcomes>> done_by_superd_rpc(OwnRooms rooms, HandlerPtr handler, int rpcbind,
                                               std::vector<RpcTask> tasks) {
  const auto conversation = begun(rooms, handler);
  if (!conversation) co_return conversation.error();
  Outcomes all;
  std::vector<int> descriptors{rpcbind};  // with the first message
  for (auto begin = tasks.begin(); begin != tasks.end();) {
    const auto count = std::min<std::ptrdiff_t>(tasks.end() - begin, most_rpc_tasks);
    std::vector<RpcTask> some(begin, begin + count);
    std::vector<int> along = std::exchange(descriptors, {});
    const Result<Outcomes> outcomes =
        co_await answer_to(*conversation, std::move(some), std::move(along));
    if (!outcomes) conversation->child->retire();
    if (!outcomes) co_return outcomes.error();
    all.insert(all.end(), outcomes->begin(), outcomes->end());
    begin += count;
  }
  conversation->child->retire();
  co_return as_result(std::move(all));
}

}  // namespace superd
