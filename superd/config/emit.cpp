// SPDX-License-Identifier: MIT
// The writers of the key tables, one after the other.
#include "superd/config/emit.hpp"

#include <algorithm>

#include "superd/config/daemon_keys.hpp"
#include "superd/config/read_service.hpp"
#include "superd/config/yaml_text.hpp"

namespace superd {
namespace {

using FilePtr = std::shared_ptr<const std::string>;

Place place_of(const Origin& origin, const ServiceTable& table) {
  static const FilePtr by_hand = std::make_shared<const std::string>("set at run time");
  static const FilePtr command_line = std::make_shared<const std::string>("command line");
  if (origin.file == Origin::at_run_time) return {by_hand, 0, 0};
  if (origin.file >= table.files.size()) return {command_line, 0, 0};
  return {table.files[origin.file], static_cast<int>(origin.line), 0};
}

NodePtr key_node(const Key<Draft>& key, const ServiceTable& table, const Service& service) {
  auto node = std::make_shared<Node>(*write_word(key.name));
  const auto index = static_cast<std::uint8_t>(&key - all_service_keys().data());
  for (const Origin& origin : service.origins) {
    if (origin.key == index) node->place = place_of(origin, table);
  }
  return node;
}

NodePtr service_node(const ServiceTable& table, const Service& service) {
  const Draft draft = draft_of(service);
  auto node = new_mapping();
  for (const Key<Draft>& key : all_service_keys()) {
    if (NodePtr value = key.write(draft)) {
      node->entries.push_back({key_node(key, table, service), std::move(value)});
    }
  }
  return node;
}

NodePtr services_node(const ServiceTable& table, std::span<const std::string> names) {
  auto node = new_mapping();
  for (const ServicePtr& service : table.services) {
    const bool is_wanted =
        names.empty() || std::find(names.begin(), names.end(), service->name) != names.end();
    if (is_wanted) add_entry(*node, service->name, service_node(table, *service));
  }
  return node;
}

NodePtr table_node(const ServiceTable& table, std::span<const std::string> services) {
  auto node = new_mapping();
  if (services.empty()) add_entry(*node, "daemon", write_keys(daemon_keys(), table.daemon));
  add_entry(*node, "services", services_node(table, services));
  return node;
}

std::string text_of(const NodePtr& node) { return node ? json_text(*node) : std::string(); }

template <class Target>
std::vector<std::string> differing_keys(std::span<const Key<Target>> keys, const Target& from,
                                        const Target& to) {
  std::vector<std::string> names;
  for (const Key<Target>& key : keys) {
    if (text_of(key.write(from)) != text_of(key.write(to))) names.emplace_back(key.name);
  }
  return names;
}

void add_once(std::vector<std::string>& names, const std::string& name) {
  if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
}

std::optional<uid_t> uid_of(const Service& service) {
  const auto& identity = service.process->identity;
  return identity ? std::optional(identity->uid) : std::nullopt;
}

}  // namespace

std::string emit_yaml(const ServiceTable& table, std::span<const std::string> services) {
  return yaml_text(*table_node(table, services));
}

std::string emit_json(const ServiceTable& table, std::span<const std::string> services) {
  return json_text(*table_node(table, services));
}

Place place_of_key(const ServiceTable& table, const Service& service, std::string_view key) {
  const auto keys = all_service_keys();
  for (const Origin& origin : service.origins) {
    if (keys[origin.key].name == key) return place_of(origin, table);
  }
  return {};
}

std::vector<std::string> changed_keys(const Service& from, const Service& to) {
  auto names = differing_keys(all_service_keys(), draft_of(from), draft_of(to));
  const CommandLine* const before = command_of(from.activation);
  const CommandLine* const after = command_of(to.activation);
  const bool same_words = before && after && before->arguments == after->arguments;
  if (from.activation != to.activation && same_words && names.empty()) add_once(names, "run");
  if (uid_of(from) != uid_of(to)) add_once(names, "user");
  return names;
}

std::vector<std::string> changed_keys(const Daemon& from, const Daemon& to) {
  return differing_keys(daemon_keys(), from, to);
}

}  // namespace superd
