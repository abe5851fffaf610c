// SPDX-License-Identifier: MIT
// Numbers as people write them: whole numbers, durations with a unit, sizes, file modes; and back
// to text. Parsing is strict: the whole word counts, nothing is guessed. Its errors are remedies
// ("give a whole number from 1 to 10"), so that the caller can say what is wrong with what in one
// sentence.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "superd/base/result.hpp"

namespace superd {

using Milliseconds = std::chrono::milliseconds;

/// A whole decimal number from `lowest` to `highest`; a sign is read where `lowest` is negative.
Result<std::int64_t> parse_number(std::string_view text, std::int64_t lowest, std::int64_t highest);

/// "500ms", "10s", "5min", "2h", "1d": a whole number and a unit, at most ten years.
Result<Milliseconds> parse_duration(std::string_view text);

/// "64K", "16M", "1G" (powers of 1024), "T" too, or plain bytes.
Result<std::uint64_t> parse_size(std::string_view text);

/// Octal, with or without leading zeros: "022", "0660", "7"; at most `highest`.
Result<unsigned> parse_octal(std::string_view text, unsigned highest);

/// "250ms", "1.5s", "3min 20s", "2h 5min": short, for people; cut, not rounded.
std::string duration_to_text(Milliseconds duration);

/// "512", "1.2M": short, for people; bytes below 1024 without a unit; cut, not rounded.
std::string size_to_text(std::uint64_t bytes);

}  // namespace superd
