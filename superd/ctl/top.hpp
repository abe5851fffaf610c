// SPDX-License-Identifier: MIT
// The live screen: looks at superd every second, draws, and acts on keys. One loop that waits for
// keys, signals and superd at once.
#pragma once

#include <string>

#include "superd/ctl/answer.hpp"

namespace superd {

/// Runs until q or a signal that ends programs, which ends this one too once the terminal is as it
/// was. Fails at once where no superd answers; when it goes away later, it is waited for. With
/// `json` the answers of each look are printed instead, two lines a second, until superd goes away.
Verdict top(const std::string& socket, bool json);

}  // namespace superd
