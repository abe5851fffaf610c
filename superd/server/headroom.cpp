// SPDX-License-Identifier: MIT
// Pausing and healing. The timer runs only while somebody had to wait.
#include "superd/server/headroom.hpp"

#include <boost/asio/post.hpp>

namespace superd {

Headroom::Headroom(Loop& loop, Reporter& reporter, unsigned instances)
    : loop_(loop), reporter_(reporter), idle_(loop), timer_(loop), instances_(instances) {}

void Headroom::ran_out(const std::string& what) {
  is_short_ = true;
  begin_episode(what);
}

void Headroom::when_room(Resume resume) {
  if (!is_short_) begin_episode("daemon.instances (" + std::to_string(instances_) + ") is reached");
  had_to_wait_ = true;
  waiting_.push_back(std::move(resume));
}

// Posted: a slot ends in a destructor, and resuming accepts connections.
void Headroom::slot_freed() {
  --running_;
  is_short_ = false;
  if (running_ == 0) idle_.ring();
  if (!waiting_.empty()) boost::asio::post(loop_, [this] { resume_one(); });
}

void Headroom::close() {
  waiting_.clear();
  timer_.cancel();
}

void Headroom::resume_one() {
  if (waiting_.empty()) return;
  const Resume resume = std::move(waiting_.front());
  waiting_.pop_front();
  resume();
}

void Headroom::begin_episode(const std::string& reason) {
  had_to_wait_ = true;
  if (paused_) return;
  paused_ = reason;
  since_ = Clock::now();
  reporter_.report(Paused{reason});
  tick();
}

void Headroom::tick() {
  timer_.expires_after(std::chrono::seconds(1));
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) look_again();
  });
}

void Headroom::look_again() {
  is_short_ = false;
  for (std::size_t left = waiting_.size(); left > 0 && has_room(); --left) resume_one();
  if (waiting_.empty() && !had_to_wait_) {
    paused_.reset();
    reporter_.report(Resumed{std::chrono::duration_cast<Milliseconds>(Clock::now() - since_)});
    return;
  }
  had_to_wait_ = !waiting_.empty();
  tick();
}

}  // namespace superd
