// SPDX-License-Identifier: MIT
// The loop.
#include "superd/ctl/top.hpp"

#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <optional>

#include "superd/ctl/ask.hpp"
#include "superd/ctl/terminal.hpp"
#include "superd/ctl/top_feed.hpp"
#include "superd/ctl/top_page.hpp"
#include "superd/ctl/top_state.hpp"
#include "superd/os/signals.hpp"

namespace superd {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr auto between_looks = 1s;

// What ends the screen: q, or a signal's number.
struct End {
  int signal = 0;
};

class TopScreen {
 public:
  TopScreen(std::string socket, UniqueFd signals, const TopFeed::Answers& first)
      : socket_(std::move(socket)), signals_(std::move(signals)), feed_(socket_) {
    take(first);
  }

  End run() {
    Terminal terminal;
    while (true) {
      terminal.draw(top_page(look_, state_, terminal.width(), terminal.height()));
      if (!wait()) return End{SIGHUP};
      for (const ArrivedSignal& one : arrived_signals(signals_.get())) {
        if (one.number == SIGTERM || one.number == SIGINT || one.number == SIGHUP)
          return End{one.number};
      }
      const std::size_t page = terminal.height() > top_frame ? terminal.height() - top_frame : 1;
      while (const auto key = terminal.key()) {
        if (act(press(*key, state_, look_, page))) return End{};
      }
      hear();
    }
  }

 private:
  Milliseconds until_next_look() const {
    if (feed_.busy()) return between_looks;
    return std::max(0ms, std::chrono::ceil<Milliseconds>(next_look_ - Clock::now()));
  }

  // False when the terminal is gone.
  bool wait() {
    pollfd all[] = {{STDIN_FILENO, POLLIN, 0},
                    {signals_.get(), POLLIN, 0},
                    {feed_.fd(), POLLIN, 0},
                    {action_ ? action_->fd() : -1, POLLIN, 0}};
    const int ready = poll(all, std::size(all), static_cast<int>(until_next_look().count()));
    return ready <= 0 || (all[0].revents & (POLLHUP | POLLERR | POLLNVAL)) == 0;
  }

  // True for q. One action at a time: a second key press waits for the first one's answer.
  bool act(const TopAction& action) {
    if (!action.words.empty() && action_) state_.message = "superd has not answered yet";
    if (!action.words.empty() && !action_) {
      action_.emplace(socket_, action.words);
      asked_ = action.words[0] + " " + action.words[1];
    }
    return action.quit;
  }

  void hear() {
    if (auto answers = feed_.answers()) {
      state_.lost = *answers ? "" : answers->error().text;
      if (*answers) take(**answers);
    }
    if (auto answer = action_ ? action_->answer() : std::nullopt) {
      action_.reset();
      const Result<Answer> done = granted(std::move(*answer));
      state_.message = done ? asked_ + ": done" : done.error().text;
      next_look_ = Clock::now();  // so that it shows
    }
    if (!feed_.busy() && Clock::now() >= next_look_) {
      next_look_ = Clock::now() + between_looks;
      feed_.begin();
    }
  }

  void take(const TopFeed::Answers& answers) {
    const auto now = Clock::now();
    TopLook look = top_look(answers.status, answers.ps);
    if (looked_) add_rates(look, look_, std::chrono::floor<Milliseconds>(now - *looked_));
    look_ = std::move(look);
    looked_ = now;
    arrange(state_, look_);
  }

  std::string socket_;
  UniqueFd signals_;
  TopFeed feed_;
  std::optional<Inquiry> action_;
  std::string asked_;  // what action_ is about
  TopLook look_;
  TopState state_;
  std::optional<Clock::time_point> looked_;
  Clock::time_point next_look_ = Clock::now() + between_looks;
};

// Waits for one whole look; for a start, and for --json.
Result<TopFeed::Answers> one_look(TopFeed& feed) {
  feed.begin();
  while (true) {
    if (auto answers = feed.answers()) return std::move(*answers);
    pollfd one{feed.fd(), POLLIN, 0};
    (void)poll(&one, 1, 1000);
  }
}

// As other programs see it that were ended by this signal. ncurses has put a handler of its own in
// place, which would make it an exit.
void end_by(int number) {
  std::signal(number, SIG_DFL);
  sigset_t only;
  sigemptyset(&only);
  sigaddset(&only, number);
  std::raise(number);
  sigprocmask(SIG_UNBLOCK, &only, nullptr);
}

Verdict print_looks(TopFeed& feed) {
  while (true) {
    const Result<TopFeed::Answers> answers = one_look(feed);
    if (!answers) return complain(answers.error(), true);
    std::fputs((to_line(answers->status) + to_line(answers->ps)).c_str(), stdout);
    if (std::fflush(stdout) != 0) return Verdict::failed;
    (void)poll(nullptr, 0, 1000);
  }
}

}  // namespace

Verdict top(const std::string& socket, bool json) {
  TopFeed feed(socket);
  if (json) return print_looks(feed);
  if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
    return complain({"top needs a terminal; 'superctl status' and 'superctl ps' don't", EINVAL},
                    false);
  const Result<TopFeed::Answers> first = one_look(feed);
  if (!first) return complain(first.error(), false);
  take_signals();
  Result<UniqueFd> signals = signal_descriptor();
  if (!signals) return complain(signals.error(), false);
  const End end = TopScreen(socket, std::move(*signals), *first).run();
  if (end.signal != 0) end_by(end.signal);
  return Verdict::fine;
}

}  // namespace superd
