// SPDX-License-Identifier: MIT
// From knock to farewell.
#include "superd/server/control.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "superd/base/text.hpp"
#include "superd/os/descriptors.hpp"

namespace superd {
namespace {

// At most so many before others have their turn.
constexpr int one_turn = 16;
// After an accept that failed for want of something: neither spin nor go deaf.
constexpr Milliseconds pause_after_failure{200};
constexpr Milliseconds time_to_end{1000};

ControlReply not_permitted(const ControlCaller& caller, const std::string& what) {
  return failure(ControlFault::not_permitted, "user " + std::to_string(caller.uid) + " may not " +
                                                  what + "; daemon.control_access says who may");
}

}  // namespace

Control::Control(Loop& loop, Commands& commands, Feed& feed, const TaskDied& died,
                 ControlPatience patience)
    : loop_(loop),
      commands_(commands),
      feed_(feed),
      died_(died),
      patience_(patience),
      left_(loop) {}

Control::~Control() {
  stop_listening();
  for (const auto& client : present()) client->cut({});
}

void Control::listen_on(ControlSocket socket) {
  stop_listening();
  listener_ = std::make_shared<Descriptor>(loop_, socket.socket.release());
  socket_ = std::move(socket);
  spawn(loop_, "take in control clients", accept_clients(listener_), died_);
}

std::optional<ControlSocket> Control::stop_listening() {
  if (!listener_) return std::nullopt;
  socket_.socket.reset(std::exchange(listener_, nullptr)->release());
  return std::exchange(socket_, {});
}

awaitable<void> Control::accept_clients(std::shared_ptr<Descriptor> listener) {
  while (listener->is_open()) {
    Next next = Next::more;
    for (int i = 0; i < one_turn && next == Next::more && listener->is_open(); ++i)
      next = accept_one(listener->native_handle());
    if (next == Next::pause) {
      co_await sleep_for(pause_after_failure);
    } else {
      co_await readable(*listener);
    }
  }
}

// A client that is gone again is not our fault: the next one may be fine.
Control::Next Control::accept_one(int listener) {
  auto client = accept_control_client(listener);
  if (client) {
    admit(std::move(*client));
    return Next::more;
  }
  switch (client.error().number) {
    case EAGAIN:
      return Next::wait;
    case ECONNABORTED:
    case EINTR:
      return Next::more;
    default:
      return Next::pause;
  }
}

void Control::admit(UniqueFd socket) {
  auto caller = caller_of(socket.get());
  if (!caller) return;
  const bool has_room = make_room_for(*caller);
  auto client = take_in(std::move(socket), std::move(*caller));
  if (has_room) {
    spawn(loop_, "attend a control client", attend(std::move(client)), died_);
    return;
  }
  client->say(failure(
      ControlFault::failed,
      "superd serves " + count_of(most_clients, "control client") + " already; try again later"));
  part_from(std::move(client));
}

ControlClientPtr Control::take_in(UniqueFd socket, ControlCaller caller) {
  auto client =
      std::make_shared<ControlClient>(loop_, std::move(socket), std::move(caller), patience_);
  clients_.push_back(client);
  return client;
}

// The one that has asked nothing for longest goes. Strangers first: whoever may do nothing here
// can't keep away those who may.
bool Control::make_room_for(const ControlCaller& caller) {
  const auto all = present();
  if (all.size() < most_clients) return true;
  const auto is_better = [&](const ControlClientPtr& one, const ControlClientPtr& other) {
    if (one->is_asking() != other->is_asking()) return one->is_asking();
    const bool strange = is_stranger(one->caller());
    if (strange != is_stranger(other->caller())) return strange;
    return one->since() < other->since();
  };
  const auto& first = *std::min_element(all.begin(), all.end(), is_better);
  if (!first->is_asking()) return false;
  if (is_stranger(caller) && !is_stranger(first->caller())) return false;
  first->cut("others came while no request did; superd serves " +
             count_of(most_clients, "control client") + " at once");
  return true;
}

bool Control::is_stranger(const ControlCaller& caller) const {
  return !access_of(caller, settings_, geteuid());
}

// Those who have been cut are on their way out and don't count.
std::vector<ControlClientPtr> Control::present() {
  std::vector<ControlClientPtr> all;
  std::erase_if(clients_, [&](const auto& weak) {
    auto client = weak.lock();
    if (!client) return true;
    if (!client->is_cut()) all.push_back(std::move(client));
    return false;
  });
  return all;
}

std::size_t Control::clients() {
  std::erase_if(clients_, [](const auto& weak) { return weak.expired(); });
  return clients_.size();
}

awaitable<void> Control::attend(ControlClientPtr client) {
  co_await converse(*client);
  part_from(std::move(client));
}

awaitable<void> Control::converse(ControlClient& client) {
  const Result<std::string> line = co_await client.request();
  if (!line) {
    const auto fault = client.is_cut() ? ControlFault::failed : ControlFault::wrong;
    if (!line.error().text.empty()) client.say(failure(fault, line.error().text));
    co_return;
  }
  const auto understood = understand(*line, client.caller());
  const auto* request = std::get_if<ControlRequest>(&understood);
  if (!request) {
    client.say(std::get<ControlReply>(understood));
    co_return;
  }
  const ControlCall call{*request, client.caller(), client.descriptor()};
  ControlReply reply = co_await commands_.answer(call);
  std::string text = std::move(reply.line);
  text += '\n';
  const bool sent = co_await client.send(std::move(text));
  if (!sent || !reply.ok || request->command != Command::events) co_return;
  co_await client.send_events(feed_, request->service, request->follow);
}

std::variant<ControlRequest, ControlReply> Control::understand(const std::string& line,
                                                               const ControlCaller& caller) const {
  const auto access = access_of(caller, settings_, geteuid());
  if (!access) return not_permitted(caller, "ask superd anything");
  auto request = parse_control_request(line);
  if (!request) return failure(ControlFault::wrong, request.error().text);
  if (*access >= needed_access(*request)) return std::move(*request);
  const CommandShape& shape = shape_of(request->command);
  std::string what = "use " + quote(shape.name);
  if (*access >= shape.access) what += " with arguments";
  return not_permitted(caller, what);
}

void Control::part_from(ControlClientPtr client) {
  client->discard_rest();
  client.reset();
  left_.ring();
}

void Control::reply_to(UniqueFd client, ControlReply reply) {
  auto high = moved_high(std::move(client));  // it came through exec: close-on-exec again
  if (!high) return;
  auto taken = take_in(std::move(*high), {});
  spawn(loop_, "answer for an earlier superd", deliver(std::move(taken), std::move(reply)), died_);
}

awaitable<void> Control::deliver(ControlClientPtr client, ControlReply reply) {
  std::string text = std::move(reply.line);
  text += '\n';
  co_await client->send(std::move(text));
  part_from(std::move(client));
}

awaitable<void> Control::end() {
  stop_listening();
  for (const auto& client : present()) {
    client->is_asking() ? client->cut("superd is stopping") : client->end();
  }
  const auto deadline = Clock::now() + time_to_end;
  while (clients() > 0 && Clock::now() < deadline) co_await left_.sleep_until(deadline);
  for (const auto& client : present()) client->cut({});
}

}  // namespace superd
