// SPDX-License-Identifier: MIT
// A moment as logs and answers write it. Reads no clock.
#pragma once

#include <chrono>
#include <string>

namespace superd {

using Moment = std::chrono::system_clock::time_point;

/// RFC 3339 with milliseconds, in local time: "2026-11-22T10:00:00.000+01:00"; cut, not rounded.
std::string to_timestamp(Moment moment);

}  // namespace superd
