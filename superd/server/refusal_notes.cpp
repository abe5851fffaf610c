// SPDX-License-Identifier: MIT
// The first, and how many more.
#include "superd/server/refusal_notes.hpp"

namespace superd {
namespace {

constexpr std::size_t most_notes = 1024;
constexpr std::chrono::seconds between_sums{10};

}  // namespace

void RefusalNotes::note(const std::string& service, const SourceId& id, const Peer& peer,
                        const Refusal& refusal) {
  const std::string source = to_text(id);
  const std::string key = service + '\0' + name_of(refusal.reason) + '\0' + source;
  const auto found = notes_.find(key);
  if (found != notes_.end()) {
    ++found->second.more;
    return;
  }
  start_timer();
  if (notes_.size() == most_notes) {
    ++others_;
    return;
  }
  notes_.emplace(key, Note{service, source, refusal.reason, 0});
  reporter_.report(Refused{service, peer, refusal});
}

void RefusalNotes::start_timer() {
  if (std::exchange(is_running_, true)) return;
  timer_.expires_after(between_sums);
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) sum_up();
  });
}

// Who goes on being refused is told of as a number, every ten seconds; who has stopped is
// forgotten.
void RefusalNotes::sum_up() {
  is_running_ = false;
  for (auto at = notes_.begin(); at != notes_.end();) {
    Note& note = at->second;
    if (note.more == 0) {
      at = notes_.erase(at);
      continue;
    }
    reporter_.report(
        RefusedMore{note.service, note.source, note.reason, std::exchange(note.more, 0)});
    ++at;
  }
  if (const auto others = std::exchange(others_, 0))
    reporter_.report(Notice{LogLevel::info, "refused " + std::to_string(others) +
                                                " more, of sources there was no room to note"});
  if (!notes_.empty()) start_timer();
}

}  // namespace superd
