// SPDX-License-Identifier: MIT
// The first line of superd's answer, and what superctl's exit status says of it.
#pragma once

#include <string>

#include "superd/base/result.hpp"
#include "superd/ctl/json.hpp"

namespace superd {

/// superctl's exit status. The first four are the `status` of superd's answer, too.
enum class Verdict { fine = 0, failed = 1, wrong = 2, not_permitted = 3, nobody_there = 4 };

struct Answer {
  std::string line;  // as it came
  Json json;

  bool ok() const;
  Verdict verdict() const;
};

/// Error: it is no JSON object.
Result<Answer> parse_answer(std::string line);

/// Of an error of Conversation: by its errno.
Verdict verdict_of(const Error& error);

/// The error as superd would have answered it: {"ok":false,"status":4,"error":"…"}.
Json to_json(const Error& error, Verdict verdict);

}  // namespace superd
