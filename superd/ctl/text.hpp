// SPDX-License-Identifier: MIT
// Pieces of what superctl prints: safe on a terminal, short, for people.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "superd/base/number.hpp"

namespace superd {

using SystemTime = std::chrono::sys_time<Milliseconds>;

/// Many lines as they are, but for what could move a terminal's cursor: that is escaped. Unlike
/// `escape` it leaves backslashes alone, so that YAML stays what it is. Ends with a line end.
std::string safe_lines(std::string_view text);

/// RFC 3339 with milliseconds and a numeric zone, "2026-11-22T10:00:00.000+0100", as superd writes
/// times; absent where it isn't that.
std::optional<SystemTime> parse_time(std::string_view text);

/// "3s ago", "2h ago", "now" below a second; "never" for an empty time.
std::string ago(const std::string& time, SystemTime now);

/// The larger unit alone: "59min", "1d", "12s"; cut, not rounded.
std::string roughly(Milliseconds duration);

/// The columns that `text` takes on a terminal, as far as characters tell.
std::size_t columns_of(std::string_view text);

/// `text` in at most `columns`, the last of them "…" where it was cut.
std::string fit(std::string_view text, std::size_t columns);

}  // namespace superd
