// SPDX-License-Identifier: MIT
// Notes of dropped lines.
#include "superd/server/drop_notes.hpp"

#include <utility>

namespace superd {

void DropNotes::log(const spdlog::details::log_msg& message) {
  const std::size_t dropped = dropped_();
  if (const std::size_t news = dropped - std::exchange(noted_, dropped); news > 0) {
    const std::string text = note_(news);
    to_->log(spdlog::details::log_msg(message.logger_name, spdlog::level::warn, text));
  }
  to_->log(message);
}

}  // namespace superd
