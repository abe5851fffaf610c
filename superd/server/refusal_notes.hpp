// SPDX-License-Identifier: MIT
// Tells the log of refusals: the first of a source for a reason at once, the others of the next ten
// seconds as a number. An attacker at full speed costs the log a line now and then.
#pragma once

#include <string>
#include <unordered_map>

#include "superd/core/ledger.hpp"
#include "superd/core/refusal.hpp"
#include "superd/io/task.hpp"
#include "superd/server/reporter.hpp"

namespace superd {

class RefusalNotes {
 public:
  RefusalNotes(Loop& loop, Reporter& reporter) : reporter_(reporter), timer_(loop) {}

  /// `source`: as the service's limits count the peer.
  void note(const std::string& service, const SourceId& source, const Peer& peer,
            const Refusal& refusal);

 private:
  struct Note {
    std::string service, source;
    Reason reason = Reason::address;
    std::uint64_t more = 0;  // since it was told of last
  };

  void start_timer();
  void sum_up();

  Reporter& reporter_;
  boost::asio::steady_timer timer_;
  std::unordered_map<std::string, Note> notes_;
  std::uint64_t others_ = 0;  // of sources there was no room for
  bool is_running_ = false;
};

}  // namespace superd
