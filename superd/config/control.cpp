// SPDX-License-Identifier: MIT
// One key of one file, by the reader that the loader uses.
#include "superd/config/control.hpp"

#include "superd/config/control_keys.hpp"
#include "superd/config/source.hpp"
#include "superd/config/yaml.hpp"

namespace superd {
namespace {

NodePtr entry_of(const Node& mapping, std::string_view key) {
  for (const Entry& entry : mapping.entries) {
    if (entry.key->word == key) return entry.value;
  }
  return nullptr;
}

}  // namespace

std::optional<ControlSettings> control_settings_of(const std::string& table_path,
                                                   const Host& host) {
  const auto source = read_source(table_path);
  if (!source) return std::nullopt;
  Report report;
  const NodePtr root = parse_yaml(*source, report);
  if (!root) return std::nullopt;
  Daemon daemon;
  const NodePtr settings = entry_of(*root, "daemon");
  if (const NodePtr control = settings ? entry_of(*settings, "control") : nullptr) {
    const Scope scope{report, host, directory_of(table_path), {}, {}};
    read_control({scope, "daemon", "control", *control}, daemon);
  }
  if (report.has_errors()) return std::nullopt;
  return daemon.control;
}

}  // namespace superd
