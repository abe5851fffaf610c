// SPDX-License-Identifier: MIT
// ServiceTable -> text: what holds, with where it comes from, written by the table of keys that
// reads it. Standard values are left out, names are numbers where only those are known, and
// defaults, includes and passed variables are what they came to.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "superd/core/service.hpp"

namespace superd {

/// YAML that loads as the same table. After each key of a service, `# FILE:LINE` tells where it was
/// written, in its defaults too. With names in `services`: only those services.
std::string emit_yaml(const ServiceTable& table, std::span<const std::string> services = {});

/// The same as JSON on one line, without places. All values are strings, as they would be written.
std::string emit_json(const ServiceTable& table, std::span<const std::string> services = {});

/// Where `key` of a service was written, in its defaults too; no line: nowhere.
Place place_of_key(const ServiceTable& table, const Service& service, std::string_view key);

/// The keys whose values differ, as they are written and as they were resolved: a program may be
/// found elsewhere, or a user have another number, though the words are the same.
std::vector<std::string> changed_keys(const Service& from, const Service& to);
std::vector<std::string> changed_keys(const Daemon& from, const Daemon& to);

}  // namespace superd
