// SPDX-License-Identifier: MIT
// A few pipes are kept, since to make one costs more than to use it.
#include "superd/relay/workspace.hpp"

namespace superd {
namespace {

constexpr std::size_t most_spare = 16;

}  // namespace

std::optional<StreamPipe> Workspace::borrow() {
  if (!spare_.empty()) {
    StreamPipe pipe = std::move(spare_.back());
    spare_.pop_back();
    return pipe;
  }
  auto fresh = open_stream_pipe(pipe_size);
  if (!fresh) return std::nullopt;
  return std::move(*fresh);
}

void Workspace::give_back(StreamPipe pipe) {
  if (spare_.size() < most_spare) spare_.push_back(std::move(pipe));
}

}  // namespace superd
