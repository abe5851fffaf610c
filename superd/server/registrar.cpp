// SPDX-License-Identifier: MIT
// Tell, wait, tell. A connection is kept open, for rpcbind closes it by ending, and the next one
// has to be told anew. That there is one again is seen by its socket, or by trying.
#include "superd/server/registrar.hpp"

#include <algorithm>
#include <cerrno>

#include <boost/asio/post.hpp>

#include "superd/base/text.hpp"
#include "superd/os/descriptors.hpp"
#include "superd/os/file_state.hpp"
#include "superd/os/inherited_sockets.hpp"
#include "superd/os/rpcbind_socket.hpp"

namespace superd {
namespace {

constexpr Milliseconds between_looks{2'000};
constexpr Milliseconds between_tries{20'000};  // where others have what we want
constexpr Milliseconds first_pause{1'000};
constexpr Milliseconds longest_pause{60'000};

std::string state_of_rpcbind() {
  auto state = file_state(rpcbind_path);
  return state ? std::move(*state) : std::string();
}

RpcBook::Wishes wishes_of(const Roster& roster) {
  RpcBook::Wishes wishes;
  if (roster.is_closed()) return wishes;
  for (const Roster::Entry& entry : roster.entries()) {
    if (!entry.handler || !entry.handler->service().rpc) continue;
    const Service& service = entry.handler->service();
    for (const ListenerPtr& listener : entry.listeners) {
      const auto bound = listener ? bound_address_of(listener->socket()) : Error{};
      if (!bound) continue;
      for (RpcRegistration& one : registrations_of(*service.rpc, *bound))
        wishes.emplace(std::move(one.key), RpcBook::Wish{std::move(one.address), service.name});
    }
  }
  return wishes;
}

bool is_absent(const Error& error) {
  return error.number == ENOENT || error.number == ECONNREFUSED;
}

}  // namespace

Registrar::Registrar(const OwnRooms& rooms, const Roster& roster, MakeHandler make_handler)
    : rooms_(rooms),
      roster_(roster),
      make_handler_(std::move(make_handler)),
      alarm_(rooms.loop),
      end_(rooms.loop) {}

void Registrar::look() {
  book_.want(wishes_of(roster_));
  if (is_needed()) wake();
}

void Registrar::go_on_with(const std::vector<RpcRegistration>& held) {
  book_.hold(held);
  if (is_needed()) wake();
}

// Not at once: a table is being put to use, and nothing runs before the loop does.
void Registrar::wake() {
  has_news_ = true;
  if (std::exchange(is_tended_, true)) return alarm_.ring();
  boost::asio::post(rooms_.loop,
                    [this] { spawn(rooms_.loop, "tell rpcbind", tend(), rooms_.died); });
}

awaitable<void> Registrar::tend() {
  while (is_needed()) {
    has_news_ = false;
    const auto begin = Clock::now();
    const bool is_told = co_await tell();
    if (is_closing_ && !has_news_) break;
    if (is_told) co_await wait_for_news();
    // One that ends again and again is no reason to be busy.
    const bool is_fine = is_told && (connection_ || Clock::now() - begin > longest_pause);
    pause_ = is_fine ? Milliseconds(0) : std::clamp(2 * pause_, first_pause, longest_pause);
    if (!is_fine && is_needed()) co_await wait_for_rpcbind();
  }
  hang_up();
  is_tended_ = false;
  end_.ring();
}

// False: it has to be tried again.
awaitable<bool> Registrar::tell() {
  const std::vector<RpcTask> tasks = book_.tasks();
  hang_up();
  rpcbind_state_ = state_of_rpcbind();
  auto rpcbind = connect_to_rpcbind();
  if (!rpcbind) {
    const bool matters = !is_closing_ || !is_absent(rpcbind.error());
    if (matters) say_untold(rpcbind.error().text);
    co_return false;
  }
  book_.begin(tasks);
  HandlerPtr handler = make_handler_();
  auto all = tasks;
  const auto outcomes =
      co_await done_by_superd_rpc(rooms_, std::move(handler), rpcbind->get(), std::move(all));
  if (!outcomes) {
    say_untold(outcomes.error().text);
    co_return false;
  }
  is_failure_said_ = false;
  for (const Notice& notice : book_.take(tasks, *outcomes)) rooms_.reporter.report(notice);
  watch(std::move(*rpcbind));
  co_return true;
}

// Only now: whoever waits for it by Asio makes it one that doesn't wait, for superd-rpc, too.
void Registrar::watch(UniqueFd rpcbind) {
  auto high = moved_high(std::move(rpcbind));
  if (!high) return;  // then it is told again after a pause
  connection_ = std::make_shared<Connection>(rooms_.loop, high->release());
  spawn(rooms_.loop, "notice rpcbind's end", follow(connection_), rooms_.died);
}

// Whoever follows it has it, too.
void Registrar::hang_up() {
  boost::system::error_code ignored;
  if (const auto connection = std::exchange(connection_, nullptr)) connection->close(ignored);
}

// It says nothing unasked, so whatever comes is the end.
awaitable<void> Registrar::follow(std::shared_ptr<Connection> connection) {
  co_await readable(*connection);
  if (connection != connection_) co_return;
  connection_.reset();
  book_.forget_what_was_said();
  alarm_.ring();
}

// While all is well: of sockets, or of rpcbind's end.
awaitable<void> Registrar::wait_for_news() {
  const auto next_try = Clock::now() + between_tries;
  const auto has_to_try = [&] { return book_.has_faults() && Clock::now() >= next_try; };
  while (connection_ && !has_news_ && !is_closing_ && !has_to_try())
    if (book_.has_faults())
      co_await alarm_.sleep_until(next_try);
    else
      co_await alarm_.sleep_until_rung();
}

// While it isn't: of sockets, or of another rpcbind, at most for a pause.
awaitable<void> Registrar::wait_for_rpcbind() {
  const auto end = Clock::now() + pause_;
  while (!has_news_ && !is_closing_ && Clock::now() < end) {
    co_await alarm_.sleep_until(std::min(end, Clock::now() + between_looks));
    if (state_of_rpcbind() == rpcbind_state_) continue;
    pause_ = Milliseconds(0);
    co_return;
  }
}

void Registrar::say_untold(const std::string& why) {
  book_.forget_what_was_said();
  if (std::exchange(is_failure_said_, true)) return;
  const std::string what =
      is_closing_ ? "rpcbind may have entries of this superd still: " + why +
                        "; 'rpcinfo -d PROGRAM VERSION' removes one"
                  : "rpcbind can't be told of services with 'rpc': " + why +
                        "; they serve on their ports meanwhile, and it is tried again; is rpcbind "
                        "installed and running?";
  rooms_.reporter.report(Notice{LogLevel::warning, what});
}

awaitable<void> Registrar::finish() {
  is_closing_ = true;
  const auto deadline = Clock::now() + longest_finish;
  alarm_.ring();
  while (is_tended_ && Clock::now() < deadline) co_await end_.sleep_until(deadline);
  is_over_ = true;
}

}  // namespace superd
