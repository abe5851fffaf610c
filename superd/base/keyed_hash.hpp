// SPDX-License-Identifier: MIT
// SipHash-1-3 (Aumasson and Bernstein): a hash whose collisions nobody can find without its key.
// For tables whose keys strangers choose. Values are for this process alone.
#pragma once

#include <cstdint>
#include <string_view>

namespace superd {

/// Drawn at random once; all zeros only in tests.
struct HashKey {
  std::uint64_t first = 0, second = 0;
};

std::uint64_t keyed_hash(const HashKey& key, std::string_view bytes);

}  // namespace superd
