// SPDX-License-Identifier: MIT
// nlohmann's JSON without its exceptions.
#include "superd/ctl/json.hpp"

namespace superd {

std::optional<Json> parse_object(std::string_view line) {
  Json parsed = Json::parse(line, nullptr, /*allow_exceptions=*/false);
  if (!parsed.is_object()) return std::nullopt;
  return parsed;
}

const Json& member(const Json& object, const char* name) {
  static const Json none;
  if (!object.is_object()) return none;
  const auto found = object.find(name);
  return found == object.end() ? none : *found;
}

std::string text_of(const Json& object, const char* name) {
  const Json& found = member(object, name);
  return found.is_string() ? found.get<std::string>() : std::string();
}

std::int64_t number_of(const Json& object, const char* name) {
  const Json& found = member(object, name);
  return found.is_number_integer() ? found.get<std::int64_t>() : 0;
}

std::string to_line(const Json& object) {
  return object.dump(-1, ' ', true, Json::error_handler_t::replace) + "\n";
}

}  // namespace superd
