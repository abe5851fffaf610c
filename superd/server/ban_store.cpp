// SPDX-License-Identifier: MIT
// Bans to disk and back.
#include "superd/server/ban_store.hpp"

#include "superd/os/state_file.hpp"

namespace superd {
namespace {

constexpr Milliseconds before_writing{1000};

}  // namespace

BanStore::BanStore(Loop& loop, Reporter& reporter, Gate& gate, const TaskDied& died,
                   std::string file)
    : loop_(loop),
      reporter_(reporter),
      gate_(gate),
      died_(died),
      file_(std::move(file)),
      writing_(loop),
      ends_(loop) {}

void BanStore::restore() {
  if (file_.empty()) return;
  const auto text = read_state_file(file_);
  if (!text) return say_once(text.error());
  if (text->empty()) return;
  if (!add(*text, file_)) return;
  if (const auto count = gate_.bans().size(); count > 0)
    reporter_.report(
        Notice{LogLevel::info, std::to_string(count) + " bans are in force, from " + file_});
}

void BanStore::go_on_with(const std::string& bans, bool are_kept) {
  add(bans, "the state");
  if (!are_kept) changed();
}

// What is no ban is said, and the others hold.
bool BanStore::add(const std::string& saved, const std::string& where) {
  const auto added = gate_.bans().restore(saved, Clock::now(), std::chrono::system_clock::now());
  watch_ends();
  if (!added) {
    say_once({where + ": " + added.error().text, 0});
    return false;
  }
  for (const std::string& fault : added->faults)
    reporter_.report(Notice{LogLevel::warning, "bans of " + where + ": " + fault + "; left out"});
  if (added->more_faults > 0)
    reporter_.report(Notice{LogLevel::warning, "bans of " + where + ": left out " +
                                                   std::to_string(added->more_faults) + " more"});
  return true;
}

void BanStore::changed() {
  watch_ends();
  is_dirty_ = true;
  if (file_.empty() || std::exchange(is_writing_, true)) return;
  spawn(loop_, "write the bans", write_soon(), died_);
}

awaitable<void> BanStore::write_soon() {
  while (is_dirty_) {
    co_await sleep_for(before_writing);
    is_dirty_ = false;
    std::function<Result<void>()> work = [file = file_, content = text()] {
      return write_state_file(file, content);
    };
    const Result<void> written = co_await writing_.run(std::move(work));
    if (written)
      has_failed_ = false;
    else
      say_once(written.error());
  }
  is_writing_ = false;
}

void BanStore::finish() {
  ends_.cancel();
  if (file_.empty() || !is_dirty_) return;
  if (auto written = write_state_file(file_, text()); !written) say_once(written.error());
}

std::string BanStore::text() const {
  return gate_.bans().save(Clock::now(), std::chrono::system_clock::now());
}

void BanStore::watch_ends() {
  const auto next = gate_.bans().next_end();
  if (!next) {
    ends_.cancel();
    return;
  }
  ends_.expires_at(*next);
  ends_.async_wait([this](const boost::system::error_code& error) {
    if (error) return;
    for (const Ban& over : gate_.bans().expire(Clock::now()))
      reporter_.report(Unbanned{over.network, false});
    changed();
  });
}

void BanStore::say_once(const Error& error) {
  if (std::exchange(has_failed_, true)) return;
  reporter_.report(Notice{LogLevel::warning, "bans aren't kept: " + error.text});
}

}  // namespace superd
