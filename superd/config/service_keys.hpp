// SPDX-License-Identifier: MIT
// The keys of a service: the table, and the readers that its rows name, by room.
#pragma once

#include <span>

#include "superd/config/draft.hpp"
#include "superd/config/key.hpp"

namespace superd {

std::span<const Key<Draft>> service_keys();  // only in a service
std::span<const Key<Draft>> process_keys();  // in a service and in defaults

// listen
void read_listen(const Value& value, Draft& draft);

// command
void read_run(const Value& value, Draft& draft);

// identity
void read_user(const Value& value, Draft& draft);
void read_group(const Value& value, Draft& draft);
void read_groups(const Value& value, Draft& draft);

// environment
void read_environment(const Value& value, Draft& draft);
void read_pass_environment(const Value& value, Draft& draft);

// rlimits
void read_rlimits(const Value& value, Draft& draft);

// stop
void read_stop_signal(const Value& value, Draft& draft);

}  // namespace superd
