// SPDX-License-Identifier: MIT
// Commands written as one string: POSIX quoting (XCU 2.2) without any expansion.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "superd/base/result.hpp"

namespace superd {

/// Splits like a POSIX shell splits words: blanks, '…', "…", backslash; no expansion of any kind.
/// An unquoted shell operator ( | & ; < > $ ` ( ) * ? [ # ~ at a word's start where it would mean
/// something) stays a plain character. Error: an open quote or a backslash at the end.
Result<std::vector<std::string>> split_words(std::string_view text);

}  // namespace superd
