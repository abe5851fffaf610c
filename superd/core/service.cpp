// SPDX-License-Identifier: MIT
// What all verbs have in common.
#include "superd/core/service.hpp"

#include "superd/base/overloaded.hpp"

namespace superd {

const CommandLine* command_of(const Activation& activation) {
  return std::visit(Overloaded{[](const Forward&) -> const CommandLine* { return nullptr; },
                               [](const CommandLine& command) { return &command; }},
                    activation);
}

}  // namespace superd
