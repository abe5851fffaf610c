// SPDX-License-Identifier: MIT
// Tasks.
#include "superd/io/task.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace superd {
namespace {

constexpr auto no_throw = boost::asio::as_tuple(boost::asio::use_awaitable);

}  // namespace

void spawn(Loop& loop, const char* name, awaitable<void> task, const TaskDied& died) {
  boost::asio::co_spawn(loop, std::move(task), [name, &died](std::exception_ptr fault) {
    if (!fault) return;
    try {
      std::rethrow_exception(fault);
    } catch (const std::exception& e) {
      died(name, e.what());
    } catch (...) {
      died(name, "an exception of unknown type");
    }
  });
}

awaitable<bool> readable(boost::asio::posix::stream_descriptor& descriptor) {
  const auto [error] = co_await descriptor.async_wait(descriptor.wait_read, no_throw);
  co_return !error;
}

awaitable<bool> writable(boost::asio::posix::stream_descriptor& descriptor) {
  const auto [error] = co_await descriptor.async_wait(descriptor.wait_write, no_throw);
  co_return !error;
}

awaitable<void> sleep_for(Milliseconds duration) {
  boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor, duration);
  co_await timer.async_wait(no_throw);
}

awaitable<void> Alarm::sleep_until(Clock::time_point deadline) {
  timer_.expires_at(deadline);
  co_await timer_.async_wait(no_throw);
}

template <class Handler>
struct Alarm::SleeperWith final : Sleeper {
  SleeperWith(Loop& to, Handler&& h) : loop(to), handler(std::move(h)) {}
  void wake() override { boost::asio::post(loop, std::move(handler)); }
  Loop& loop;
  Handler handler;
};

awaitable<void> Alarm::sleep_until_rung() {
  return boost::asio::async_initiate<const boost::asio::use_awaitable_t<>, void()>(
      [this](auto handler) {
        sleeper_ = std::make_unique<SleeperWith<decltype(handler)>>(loop_, std::move(handler));
      },
      boost::asio::use_awaitable);
}

void Alarm::ring() {
  timer_.cancel();
  if (const auto sleeper = std::move(sleeper_)) sleeper->wake();
}

}  // namespace superd
