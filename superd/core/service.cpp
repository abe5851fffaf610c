// SPDX-License-Identifier: MIT
// What all verbs have in common.
#include "superd/core/service.hpp"

namespace superd {

const CommandLine& command_of(const Activation& activation) {
  return std::visit([](const auto& verb) -> const CommandLine& { return verb; }, activation);
}

}  // namespace superd
