// SPDX-License-Identifier: MIT
// A key of a running service set for a while, in the words and by the reader of the table:
// `superctl set hello timeout 10s`.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "superd/core/host.hpp"
#include "superd/core/service.hpp"

namespace superd {

struct Override {
  std::string key, value;

  bool operator==(const Override&) const = default;
};

/// The keys that can be set at run time. Not those of sockets and of who the program runs as: they
/// belong in the table, where a reload checks them together.
std::span<const std::string_view> keys_to_override();

/// A copy of `service` with `value`, YAML on one line: `10s`, `{nofile: 100}`. It replaces all that
/// the key said, `environment` what was passed on, too; `limits.rate` is one limit alone. Errors
/// are those of the table, without the service's name.
Result<ServicePtr> overridden(const Service& service, const std::string& key,
                              const std::string& value, const Host& host);

}  // namespace superd
