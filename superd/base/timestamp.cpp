// SPDX-License-Identifier: MIT
// Moments to text.
#include "superd/base/timestamp.hpp"

#include <cstdio>
#include <cstdlib>
#include <ctime>

namespace superd {

std::string to_timestamp(Moment moment) {
  const auto second = std::chrono::floor<std::chrono::seconds>(moment);
  const auto thousandths = std::chrono::floor<std::chrono::milliseconds>(moment - second).count();
  const std::time_t seconds = std::chrono::system_clock::to_time_t(second);
  std::tm local{};
  localtime_r(&seconds, &local);
  char date[48];
  const std::size_t length = std::strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &local);
  const long minutes = local.tm_gmtoff / 60;
  char rest[48];
  std::snprintf(rest, sizeof rest, ".%03d%c%02ld:%02ld", static_cast<int>(thousandths),
                minutes < 0 ? '-' : '+', std::labs(minutes) / 60, std::labs(minutes) % 60);
  return std::string(date, length) + rest;
}

}  // namespace superd
