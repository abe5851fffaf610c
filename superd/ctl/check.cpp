// SPDX-License-Identifier: MIT
// Diagnostics for people, and for machines besides.
#include "superd/ctl/check.hpp"

#include "superd/base/text.hpp"

namespace superd {
namespace {

Json to_json(const Diagnostic& one) {
  const Place& place = one.place;
  return {{"severity", one.severity == Severity::error ? "error" : "warning"},
          {"file", place.file ? Json(*place.file) : Json()},
          {"line", place.line},
          {"column", place.column},
          {"message", one.message}};
}

void add_counts(Json& json, const ServiceTable& table) {
  std::size_t services = 0, listeners = 0;
  for (const ServicePtr& service : table.services) {
    if (!service->enabled) continue;
    ++services;
    listeners += service->listen.size();
  }
  json["services"] = services;
  json["listeners"] = listeners;
}

}  // namespace

Json check_json(const std::string& path, const Loaded& loaded) {
  Json json{{"ok", loaded.table.has_value()}};
  if (!loaded.table) {
    json["status"] = 2;
    json["error"] = "the table " + quote(path, path.size()) + " is wrong";
  }
  json["table"] = path;
  if (loaded.table) add_counts(json, *loaded.table);
  json["diagnostics"] = to_text(loaded.diagnostics);
  json["faults"] = Json::array();
  for (const Diagnostic& one : loaded.diagnostics) json["faults"].push_back(to_json(one));
  return json;
}

}  // namespace superd
