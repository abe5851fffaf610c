// SPDX-License-Identifier: MIT
// What tests tell: a Result by its error, and why something was left out.
#pragma once

#include <string>

#include "superd/base/result.hpp"
#include "tests/catch.hpp"

template <class T>
struct Catch::StringMaker<boost::system::result<T, superd::Error>> {
  static std::string convert(const boost::system::result<T, superd::Error>& result) {
    return result ? "a value" : "error: " + result.error().text;
  }
};

namespace superd {

/// For `return skipped("…")`: this machine or this user can't do it.
inline void skipped(const std::string& why) { WARN("skipped: " << why); }

}  // namespace superd
