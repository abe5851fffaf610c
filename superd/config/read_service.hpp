// SPDX-License-Identifier: MIT
// One entry of `services:` -> a draft; and the names that services may have.
#pragma once

#include <string>
#include <string_view>

#include "superd/config/draft.hpp"
#include "superd/config/key.hpp"

namespace superd {

/// Both tables of a service; `Origin::key` is a position here.
std::span<const Key<Draft>> all_service_keys();

/// Reads the mapping `value` into a draft that begins as a copy of `defaults`.
Draft read_service(const Value& value, const Draft& defaults);

/// Reads the mapping `value` over what `outer` says.
Draft read_defaults(const Value& value, const Draft& outer);

/// `name` with what a service's name can't hold replaced by '_'; itself if it is one.
std::string tidy_service_name(std::string_view name);

}  // namespace superd
