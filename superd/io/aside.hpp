// SPDX-License-Identifier: MIT
// Work that may take long or block (reading a table, asking the resolver) is done aside, on a
// thread of its own, while the loop goes on.
#pragma once

#include <functional>
#include <memory>
#include <thread>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "superd/io/task.hpp"

namespace superd {

/// One piece of work at a time. `Answer` is made on the thread and handed over: what the work
/// touches must be nobody else's meanwhile. Ending this waits for the work.
template <class Answer>
class Aside {
 public:
  explicit Aside(Loop& loop) : loop_(loop) {}
  ~Aside() {
    if (thread_.joinable()) thread_.join();
  }
  Aside(const Aside&) = delete;
  Aside& operator=(const Aside&) = delete;

  awaitable<Answer> run(std::function<Answer()> work) {
    std::function<void()> whole = [this, work = std::move(work)] { answer_.emplace(work()); };
    co_await done_aside(std::move(whole));
    thread_.join();
    Answer answer = std::move(*answer_);
    answer_.reset();
    co_return answer;
  }

 private:
  awaitable<void> done_aside(std::function<void()> work) {
    return boost::asio::async_initiate<const boost::asio::use_awaitable_t<>, void()>(
        [this, work = std::move(work)](auto handler) {
          // Shared, since std::thread copies what it runs.
          auto woken = std::make_shared<decltype(handler)>(std::move(handler));
          thread_ = std::thread(
              [work, woken, &loop = loop_, busy = boost::asio::make_work_guard(loop_)]() mutable {
                work();
                boost::asio::post(loop, [woken = std::move(woken)] { std::move (*woken)(); });
              });
        },
        boost::asio::use_awaitable);
  }

  Loop& loop_;
  std::thread thread_;
  std::optional<Answer> answer_;
};

}  // namespace superd
