// SPDX-License-Identifier: MIT
// A draft of the service, one more key read into it, and a service of it again.
#include "superd/config/override.hpp"

#include <algorithm>

#include "superd/base/text.hpp"
#include "superd/config/limits_keys.hpp"
#include "superd/config/read_service.hpp"
#include "superd/config/yaml.hpp"

namespace superd {
namespace {

// Named one by one, so that for each new key somebody decides.
constexpr std::string_view can_be_set[] = {
    "directory",      "umask",   "nice",    "argv0",       "environment",
    "stderr",         "rlimits", "timeout", "stop_signal", "stop_grace",
    "on_client_gone", "linger",  "allow",   "deny",        "hours",
    "zone",           "limits",  "banner",  "trap",        "hosts_access"};
constexpr std::string_view limit_prefix = "limits.";

// For people, who mostly want one limit: all of them one by one, in the place of `limits`.
std::string all_in_words() {
  std::vector<std::string> limits;
  for (const auto& limit : limits_keys()) {
    limits.push_back(std::string(limit_prefix) + std::string(limit.name));
  }
  std::vector<std::string_view> all;
  for (const std::string_view key : can_be_set) {
    if (key == "limits") {
      all.insert(all.end(), limits.begin(), limits.end());
    } else {
      all.push_back(key);
    }
  }
  return any_of_text(all);
}

Error refusal(const std::string& key) {
  if (key.starts_with(limit_prefix)) {
    const auto names = names_of(limits_keys());
    const std::string name = key.substr(limit_prefix.size());
    const auto close = nearest(name, names);
    return {"'limits' has no key " + quote(name) + "; " +
            (close ? "did you mean " + quote(*close) + "?" : "give " + any_of_text(names))};
  }
  const std::string remedy = "; set " + all_in_words();
  if (find_key(all_service_keys(), key) != nullptr) {
    return {quote(key) + " can't be set at run time" + remedy + ", or change the table and reload"};
  }
  if (const auto close = nearest(key, can_be_set)) {
    return {"no key of a service is called " + quote(key) + "; did you mean " + quote(*close) +
            "?"};
  }
  return {"no key of a service is called " + quote(key) + remedy};
}

Error error_of(const Diagnostics& diagnostics) {
  Error error;
  for (const Diagnostic& diagnostic : diagnostics) {
    if (diagnostic.severity != Severity::error) continue;
    if (!error.text.empty()) error.text += '\n';
    error.text += diagnostic.message;
  }
  return error;
}

}  // namespace

std::span<const std::string_view> keys_to_override() { return can_be_set; }

Result<ServicePtr> overridden(const Service& service, const std::string& key,
                              const std::string& value, const Host& host) {
  const auto keys = all_service_keys();
  // "limits.rate" is the limit alone; it is written in `limits`.
  const Key<Limits>* limit = key.starts_with(limit_prefix)
                                 ? find_key(limits_keys(), key.substr(limit_prefix.size()))
                                 : nullptr;
  const std::string name = limit != nullptr ? "limits" : key;
  const Key<Draft>* row = find_key(keys, name);
  const bool is_settable =
      std::find(std::begin(can_be_set), std::end(can_be_set), name) != std::end(can_be_set);
  if (row == nullptr || !is_settable) return refusal(key);

  Report report;
  Source source;
  source.file = std::make_shared<const std::string>("value");
  source.text = value;
  Draft draft = draft_of(service);
  if (const NodePtr node = parse_yaml(source, report)) {
    const Scope scope{report, host, "/", {}, {}};
    if (limit != nullptr) {
      limit->read({scope, {}, limit->name, *node}, draft.terms.limits);
    } else {
      row->read({scope, {}, row->name, *node}, draft);
    }
  }
  if (report.has_errors()) return error_of(report.take());

  set_origin(draft.origins, {0, Origin::at_run_time, static_cast<std::uint8_t>(row - keys.data())});
  Commons commons;
  return std::make_shared<const Service>(service_of(std::move(draft), commons));
}

}  // namespace superd
