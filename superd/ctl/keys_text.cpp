// SPDX-License-Identifier: MIT
// Rows of the table of keys as text and as JSON.
#include "superd/ctl/keys_text.hpp"

#include <cerrno>

#include "superd/base/text.hpp"
#include "superd/config/keys.hpp"

namespace superd {
namespace {

Error no_such_key(const std::string& name) {
  std::vector<std::string_view> names;
  for (const KeyHelp& key : all_keys()) names.push_back(key.name);
  const auto close = nearest(name, names);
  const std::string hint =
      close ? "did you mean " + quote(*close) + "?" : "'superctl keys' lists all";
  return {"there is no key " + quote(name) + "; " + hint, EINVAL};
}

Result<std::vector<KeyHelp>> keys_named(const std::string& name) {
  std::vector<KeyHelp> found;
  for (const KeyHelp& key : all_keys()) {
    if (name.empty() || key.name == name) found.push_back(key);
  }
  if (found.empty()) return no_such_key(name);
  return found;
}

std::string to_text(const KeyHelp& key) {
  std::string text = key.section.empty() ? "" : std::string(key.section) + ": ";
  text.append(key.name).append(": ").append(key.value).append("\n    ").append(key.help);
  if (!key.standard.empty()) text.append(" (default: ").append(key.standard).append(")");
  return text + "\n";
}

Json to_json(const KeyHelp& key) {
  Json json{
      {"section", key.section}, {"name", key.name}, {"value", key.value}, {"default", nullptr}};
  if (!key.standard.empty()) json["default"] = key.standard;
  json["help"] = key.help;
  return json;
}

}  // namespace

Result<std::string> keys_text(const std::string& name) {
  const auto keys = keys_named(name);
  if (!keys) return keys.error();
  std::string text;
  for (const KeyHelp& key : *keys) text += to_text(key);
  return as_result(std::move(text));
}

Result<Json> keys_json(const std::string& name) {
  const auto keys = keys_named(name);
  if (!keys) return keys.error();
  Json list = Json::array();
  for (const KeyHelp& key : *keys) list.push_back(to_json(key));
  return as_result(Json{{"ok", true}, {"keys", std::move(list)}});
}

}  // namespace superd
