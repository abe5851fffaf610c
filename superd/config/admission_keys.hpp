// SPDX-License-Identifier: MIT
// The keys of a service that say who may come in; those of `limits` have a room of their own.
#pragma once

#include <span>

#include "superd/config/draft.hpp"
#include "superd/config/key.hpp"

namespace superd {

std::span<const Key<Draft>> admission_keys();
std::span<const Key<Banner>> banner_keys();
std::span<const Key<Terms>> trap_keys();

}  // namespace superd
