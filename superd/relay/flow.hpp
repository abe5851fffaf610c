// SPDX-License-Identifier: MIT
// One direction of a forwarded connection: bytes from a source to a sink, no more of them under way
// than the sink takes; then the end of the one is the end of the other. Never waits.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "superd/os/fd.hpp"
#include "superd/relay/workspace.hpp"

namespace superd {

/// A socket, and what epoll said of it that no call has disproved yet.
struct End {
  UniqueFd socket;
  bool readable = false, writable = false;
  bool has_hung_up = false;  // it will send no more: what is there ends with the end
};

class Flow {
 public:
  Flow(End& source, End& sink) : source_(source), sink_(sink) {}
  Flow(const Flow&) = delete;
  Flow& operator=(const Flow&) = delete;

  enum class Step : std::uint8_t {
    waits,         // for the source or the sink
    goes_on,       // it has had its turn, and there may be more
    done,          // the source ended, and the sink was told
    source_fails,  // errno in error()
    sink_fails,
  };
  /// Moves what can be moved in one turn.
  Step move(Workspace& space);

  /// Goes to the sink before anything else; doesn't count as bytes.
  void begin_with(std::string bytes);
  /// No more: the sink takes nothing.
  void give_up();
  bool is_done() const { return is_done_; }
  /// Whether the last turn moved anything.
  bool has_moved() const { return has_moved_; }
  std::uint64_t bytes() const { return bytes_; }
  int error() const { return error_; }

 private:
  // The last: where the kernel can't splice.
  enum class Way : std::uint8_t { copies, splices, only_copies };

  struct Rest {
    std::string bytes;
    std::size_t at = 0;
  };

  bool has_something() const { return rest_ || in_pipe_ > 0; }
  std::optional<Step> deliver();
  std::optional<Step> deliver_rest();
  std::optional<Step> deliver_pipe();
  std::optional<Step> take(Workspace& space);
  std::optional<Step> copy(Workspace& space);
  std::optional<Step> splice(Workspace& space);
  std::optional<Step> end_of_source(std::int64_t result);
  std::optional<Step> refused_by_sink();
  void put_pipe_back(Workspace& space);

  End& source_;
  End& sink_;
  std::unique_ptr<Rest> rest_;        // of a copy: what the sink didn't take
  std::unique_ptr<StreamPipe> pipe_;  // while something is under way in it
  std::uint64_t bytes_ = 0;
  std::size_t in_pipe_ = 0;
  int error_ = 0;
  Way way_ = Way::copies;
  bool has_ended_ = false, is_done_ = false, has_moved_ = false;
};

}  // namespace superd
