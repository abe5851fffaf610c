// SPDX-License-Identifier: MIT
// Statuses: superd's, and those of errors before superd could say anything.
#include "superd/ctl/answer.hpp"

#include <cerrno>

namespace superd {

bool Answer::ok() const {
  const Json& said = member(json, "ok");
  return said.is_boolean() && said.get<bool>();
}

Verdict Answer::verdict() const {
  if (ok()) return Verdict::fine;
  const std::int64_t status = number_of(json, "status");
  return status == 2 || status == 3 ? static_cast<Verdict>(status) : Verdict::failed;
}

Result<Answer> parse_answer(std::string line) {
  std::optional<Json> json = parse_object(line);
  if (!json) return Error{"what answers is no superd: its first line is not JSON", EPROTO};
  return Answer{std::move(line), std::move(*json)};
}

Verdict verdict_of(const Error& error) {
  switch (error.number) {
    case ENOENT:
    case ENOTDIR:
    case ECONNREFUSED:
      return Verdict::nobody_there;
    case EACCES:
    case EPERM:
      return Verdict::not_permitted;
    case EINVAL:
    case ENAMETOOLONG:
      return Verdict::wrong;
    default:
      return Verdict::failed;
  }
}

Json to_json(const Error& error, Verdict verdict) {
  return {{"ok", false}, {"status", static_cast<int>(verdict)}, {"error", error.text}};
}

}  // namespace superd
