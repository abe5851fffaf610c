// SPDX-License-Identifier: MIT
// How busy the machine is, as getloadavg(3) says.
#pragma once

#include <cstdint>

namespace superd {

/// The average of the last minute, in hundredths; the kernel computes it every five seconds, and it
/// is asked once a second at most. 0 where nobody knows.
std::uint32_t load_average();

}  // namespace superd
