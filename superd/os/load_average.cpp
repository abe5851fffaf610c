// SPDX-License-Identifier: MIT
// Asked rarely, for every connection may want to know.
#include "superd/os/load_average.hpp"

#include <chrono>
#include <cstdlib>

namespace superd {

std::uint32_t load_average() {
  using Clock = std::chrono::steady_clock;
  static Clock::time_point asked;
  static std::uint32_t hundredths = 0;
  const auto now = Clock::now();
  if (asked != Clock::time_point() && now - asked < std::chrono::seconds(1)) return hundredths;
  asked = now;
  double load = 0;
  hundredths = getloadavg(&load, 1) == 1 ? static_cast<std::uint32_t>(load * 100) : 0;
  return hundredths;
}

}  // namespace superd
