// SPDX-License-Identifier: MIT
// A value or the reason why there is none. Failures travel as results; exceptions are bugs.
#pragma once

#include <string>
#include <utility>

#include <boost/system/result.hpp>

namespace superd {

/// Why something failed, in words for the user; `number` is the errno behind it, 0 where there is
/// none.
struct Error {
  std::string text;
  int number = 0;
};

template <class T>
using Result = boost::system::result<T, Error>;

/// A result that is `value`, said outright: text alone could be taken for an Error.
template <class T>
Result<T> as_result(T value) {
  return Result<T>(boost::system::in_place_value, std::move(value));
}

/// What an errno value means: "No such file or directory"; never empty.
std::string errno_text(int number);

/// An Error for `number` (an errno value): "WHAT: No such file or directory".
Error system_error(std::string what, int number);

/// Called by Result when a value is taken that isn't there: a bug, so it throws std::logic_error.
[[noreturn]] void throw_exception_from_error(const Error& error,
                                             const boost::source_location& place);

}  // namespace superd
