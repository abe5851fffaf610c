// SPDX-License-Identifier: MIT
// Scripts that complete superctl's words in a shell: made from the tables of commands and keys.
// Names of services are asked of the running superd at the moment of completion.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "superd/base/result.hpp"

namespace superd {

/// "bash" or "zsh". Error: another one.
Result<std::string> completion_script(const std::string& shell);

std::string bash_completion();
std::string zsh_completion();

/// Keys that `set` can change.
std::vector<std::string_view> service_key_names();
/// Keys of all sections, each once.
std::vector<std::string_view> all_key_names();

/// "a b c".
std::string joined(const std::vector<std::string_view>& words);

/// What `completion services` prints: a name on each line; nothing where no superd answers in
/// `socket` at once, for nobody wants to wait for a key press.
std::string service_names(const std::string& socket);

}  // namespace superd
