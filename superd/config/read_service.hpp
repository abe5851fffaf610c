// SPDX-License-Identifier: MIT
// One entry of `services:` -> a draft; and the names that services may have.
#pragma once

#include <string>
#include <string_view>

#include "superd/config/draft.hpp"

namespace superd {

/// Reads the mapping `value` into a draft that begins as a copy of `defaults`.
Draft read_service(const Value& value, const Draft& defaults);

/// Reads the mapping `value` over what `outer` says.
Draft read_defaults(const Value& value, const Draft& outer);

/// `name` with what a service's name can't hold replaced by '_'; itself if it is one.
std::string tidy_service_name(std::string_view name);

}  // namespace superd
