// SPDX-License-Identifier: MIT
// Failures in words.
#include "superd/base/result.hpp"

#include <stdexcept>
#include <system_error>
#include <utility>

namespace superd {

std::string errno_text(int number) { return std::generic_category().message(number); }

Error system_error(std::string what, int number) {
  return {std::move(what) + ": " + errno_text(number), number};
}

void throw_exception_from_error(const Error& error, const boost::source_location& place) {
  throw std::logic_error("a value was taken from a failure (" + error.text + ") at " +
                         place.to_string());
}

}  // namespace superd
