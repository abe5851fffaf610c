// SPDX-License-Identifier: MIT
// Two conversations, one after the other.
#include "superd/ctl/top_feed.hpp"

#include <cerrno>

#include "superd/base/text.hpp"

namespace superd {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr auto patience = 10s;
// superd takes clients at once or is stuck; the screen must not be.
constexpr Milliseconds connecting = 500ms;
// Above this only services that do something are shown: to list all would cost superd more than
// to serve them.
constexpr std::size_t many_services = 1000;

int errno_of(Verdict verdict) { return verdict == Verdict::not_permitted ? EACCES : EIO; }

}  // namespace

Inquiry::Inquiry(const std::string& socket, std::vector<std::string> words)
    : conversation_(Conversation::open(socket, words, connecting)), end_(Clock::now() + patience) {}

int Inquiry::fd() const { return conversation_ ? conversation_->fd() : -1; }

std::optional<Result<Answer>> Inquiry::answer() {
  if (!conversation_) return conversation_.error();
  const Result<bool> more = conversation_->read_what_came();
  if (auto line = conversation_->take_line()) return parse_answer(std::move(*line));
  if (!more) return more.error();
  if (!*more) return Error{"superd went away without an answer", ECONNRESET};
  if (Clock::now() >= end_) return Error{"superd does not answer", ETIMEDOUT};
  return std::nullopt;
}

void TopFeed::begin() {
  if (inquiry_) return;
  status_.reset();
  std::vector<std::string> words{"status"};
  if (many_) words.emplace_back("--active");
  inquiry_.emplace(socket_, std::move(words));
}

std::optional<Result<TopFeed::Answers>> TopFeed::answers() {
  if (!inquiry_) return std::nullopt;
  std::optional<Result<Answer>> came = inquiry_->answer();
  if (!came) return std::nullopt;
  inquiry_.reset();
  Result<Answer> answer = granted(std::move(*came));
  if (!answer) return answer.error();
  if (!status_) {
    status_ = std::move(answer->json);
    many_ = many_ || member(*status_, "services").size() > many_services;
    inquiry_.emplace(socket_, std::vector<std::string>{"ps"});
    return std::nullopt;
  }
  return Answers{std::move(*std::exchange(status_, std::nullopt)), std::move(answer->json)};
}

Result<Answer> granted(Result<Answer> answer) {
  if (answer && !answer->ok())
    return Error{text_of(answer->json, "error"), errno_of(answer->verdict())};
  return answer;
}

}  // namespace superd
