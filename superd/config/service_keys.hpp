// SPDX-License-Identifier: MIT
// The keys of a service; those that `defaults` has too are a table of their own.
#pragma once

#include <span>

#include "superd/config/draft.hpp"
#include "superd/config/key.hpp"

namespace superd {

std::span<const Key<Draft>> service_keys();  // only in a service
std::span<const Key<Draft>> process_keys();  // in a service and in defaults
std::span<const Key<Draft>> shared_keys();   // these, and those of admission

}  // namespace superd
