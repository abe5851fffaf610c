// SPDX-License-Identifier: MIT
// A moment as logs and answers write it, and back. Reads no clock.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace superd {

using Moment = std::chrono::system_clock::time_point;

/// RFC 3339 with milliseconds, in local time: "2026-11-22T10:00:00.000+01:00"; cut, not rounded.
std::string to_timestamp(Moment moment);

/// Reads RFC 3339: "2026-11-22T10:00:00+01:00", "2026-11-22T09:00:00.123Z"; years 1970 to 9999.
/// Digits beyond milliseconds are dropped.
std::optional<Moment> parse_timestamp(std::string_view text);

}  // namespace superd
