// SPDX-License-Identifier: MIT
// Ask, wait for the answer, say what went wrong.
#include "superd/server/resender.hpp"

#include <algorithm>
#include <utility>

#include "superd/base/text.hpp"
#include "superd/os/raw_socket.hpp"

namespace superd {
namespace {

constexpr Milliseconds longest_wait{5'000};
constexpr Milliseconds longest_idle{60'000};

}  // namespace

Resender::Resender(const OwnRooms& rooms, HandlerPtr handler)
    : rooms_(rooms),
      handler_(std::move(handler)),
      turn_(rooms.loop),
      answered_(rooms.loop),
      idle_(rooms.loop) {}

awaitable<bool> Resender::resend(int socket, int own, Endpoint destination) {
  const Turn::Taken turn = co_await turn_.take();
  if (is_closed_) co_return false;
  is_asked_ = true;
  answer_.reset();
  why_ended_.clear();
  const auto sent = send(socket, own, destination);
  if (sent) co_await answered_.sleep_until(Clock::now() + longest_wait);
  is_asked_ = false;
  last_use_ = Clock::now();
  if (answer_ && answer_->error == 0) {
    is_failure_said_ = false;
    co_return true;
  }
  if (!is_closed_) report_failure(destination, sent);
  co_return false;
}

// Once, until it works again: every datagram would say the same.
void Resender::report_failure(const Endpoint& destination, const Result<void>& sent) {
  std::string why = sent ? why_ended_ : sent.error().text;
  if (answer_) why = errno_text(answer_->error);
  if (why.empty()) why = "superd-resend gave no answer";
  if (sent && !answer_ && child_) std::exchange(child_, nullptr)->retire();
  if (std::exchange(is_failure_said_, true)) return;
  rooms_.reporter.report(
      Notice{LogLevel::error, "datagrams for " + to_text(destination) + " may be lost: " + why});
}

Result<void> Resender::send(int socket, int own, const Endpoint& destination) {
  if (auto started = start_child(); !started) return started.error();
  auto& raw = raw_[destination.address.v6 ? 1 : 0];
  if (!raw) {
    auto opened = open_raw_socket(destination.address.v6);
    if (!opened) return opened.error();
    raw = std::move(*opened);
  }
  const int along[] = {socket, raw.get(), own};
  const std::size_t count = own < 0 ? 2 : 3;
  if (child_->send(encode(ResendRequest{++last_id_, destination}), std::span(along, count)))
    return {};
  return Error{"superd-resend can't be asked", 0};
}

Result<void> Resender::start_child() {
  if (child_) return {};
  OwnChild::Arrived arrived = [this](const std::string& message) { return take(message); };
  OwnChild::Ended ended = [this](const std::string& why) { child_ended(why); };
  auto started = OwnChild::start(handler_, rooms_, longest_resend_message, std::move(arrived),
                                 std::move(ended));
  if (!started) return started.error();
  child_ = std::move(*started);
  if (!std::exchange(is_tended_, true))
    spawn(rooms_.loop, "end superd-resend when it is idle", retire_when_idle(), rooms_.died);
  return {};
}

// What is wrong with it; empty: nothing.
std::string Resender::take(const std::string& message) {
  const auto answer = parse_resend_answer(message);
  if (!answer) return "it sent what is no answer";
  if (!is_asked_ || answer->id != last_id_) return {};  // too late
  answer_ = *answer;
  answered_.ring();
  return {};
}

void Resender::child_ended(const std::string& why) {
  child_ = nullptr;
  why_ended_ = "superd-resend " + why;
  if (!is_asked_) rooms_.reporter.report(Notice{LogLevel::warning, why_ended_});
  answered_.ring();
}

awaitable<void> Resender::retire_when_idle() {
  while (child_) {
    co_await idle_.sleep_until(last_use_ + longest_idle);
    const bool is_idle = !is_asked_ && Clock::now() >= last_use_ + longest_idle;
    if (child_ && is_idle) std::exchange(child_, nullptr)->retire();
    if (is_asked_) last_use_ = Clock::now();
  }
  for (auto& raw : raw_) raw.reset();
  is_tended_ = false;
}

void Resender::use(HandlerPtr handler) {
  handler_ = std::move(handler);
  if (child_ && !is_asked_) std::exchange(child_, nullptr)->retire();
}

void Resender::close() {
  is_closed_ = true;
  if (child_) std::exchange(child_, nullptr)->retire();
  answered_.ring();
  idle_.ring();
}

}  // namespace superd
