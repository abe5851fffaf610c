// SPDX-License-Identifier: MIT
// An explanation as JSON: what docs/CONTROL.md says of `explain`.
#include <nlohmann/json.hpp>

#include "superd/core/admission.hpp"

namespace superd {
namespace {

using Json = nlohmann::ordered_json;

Json to_value(const Refusal* refusal) {
  if (!refusal) return Json();
  Json json{{"reason", name_of(refusal->reason)}, {"rule", refusal->rule}};
  if (refusal->place.line > 0) json["place"] = to_text(refusal->place);
  return json;
}

}  // namespace

std::string to_json(const Explanation& explanation) {
  const Json json{{"service", explanation.service},
                  {"peer", explanation.peer},
                  {"verdict", explanation.verdict() ? "refused" : "admitted"},
                  {"decides", to_value(explanation.verdict())},
                  {"next", to_value(explanation.next())},
                  {"needs_name", explanation.needs_name},
                  {"source", explanation.source},
                  {"instances", explanation.usage.instances},
                  {"per_source", explanation.usage.per_source},
                  {"text", to_text(explanation)}};
  return json.dump(-1, ' ', true, Json::error_handler_t::replace);
}

}  // namespace superd
