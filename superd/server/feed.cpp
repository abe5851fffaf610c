// SPDX-License-Identifier: MIT
// A ring of events, and queues of lines.
#include "superd/server/feed.hpp"

namespace superd {
namespace {

bool passes(const Feed::Filter& filter, const Event& event) {
  if (!filter) return true;
  const std::string* service = service_of(event);
  return service && *service == *filter;
}

}  // namespace

const char* name_of(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return "debug";
    case LogLevel::info:
      return "info";
    case LogLevel::warning:
      return "warning";
    case LogLevel::error:
      return "error";
  }
  return "info";
}

const std::string* service_of(const Event& event) {
  return std::visit(
      [](const auto& e) -> const std::string* {
        if constexpr (requires { e.run.service; }) {
          return &e.run.service;
        } else if constexpr (requires { e.service; }) {
          return &e.service;
        } else {
          return nullptr;
        }
      },
      event);
}

std::string to_json_line(Moment time, const Event& event) {
  return "{\"time\":\"" + to_timestamp(time) + "\",\"level\":\"" + name_of(level_of(event)) +
         "\"," + to_json(event);
}

void Feed::Follower::add(const std::string& line) {
  if (count_ + missed_ == 0) arrived_.ring();
  if (count_ == longest_queue || lines_.size() + line.size() > largest_queue || missed_ > 0) {
    ++missed_;
    return;
  }
  ++count_;
  lines_ += line;
}

// The note stands where lines are missing: after those that found room, before those to come.
std::string Feed::Follower::take() {
  if (missed_ > 0)
    lines_ += to_json_line(std::chrono::system_clock::now(), LinesDropped{missed_}) + "\n";
  count_ = 0;
  missed_ = 0;
  return std::exchange(lines_, {});
}

void Feed::publish(const Event& event) {
  const Moment now = std::chrono::system_clock::now();
  if (ring_.size() < most_remembered) {
    tell(ring_.emplace_back(Remembered{now, event}));
    return;
  }
  Remembered& slot = ring_[oldest_];
  oldest_ = (oldest_ + 1) % most_remembered;
  slot.time = now;
  slot.event = event;  // reuses the strings of one of its kind
  tell(slot);
}

// Rendered at most once, however many follow.
void Feed::tell(const Remembered& news) {
  if (followers_.empty()) return;
  std::string line;
  std::erase_if(followers_, [&](const std::weak_ptr<Follower>& weak) {
    const auto follower = weak.lock();
    if (!follower) return true;
    if (!passes(follower->filter_, news.event)) return false;
    if (line.empty()) line = to_json_line(news.time, news.event) + "\n";
    follower->add(line);
    return false;
  });
}

std::string Feed::remembered(const Filter& filter) const {
  std::string lines;
  for (std::size_t i = 0; i < ring_.size(); ++i) {
    const Remembered& one = ring_[(oldest_ + i) % ring_.size()];
    if (passes(filter, one.event)) lines += to_json_line(one.time, one.event) + "\n";
  }
  return lines;
}

std::shared_ptr<Feed::Follower> Feed::follow(Filter filter, Alarm& arrived) {
  auto follower = std::make_shared<Follower>(std::move(filter), arrived);
  followers_.push_back(follower);
  return follower;
}

}  // namespace superd
