// SPDX-License-Identifier: MIT
// How a request went: the one line that answers it, a JSON object.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace superd {

/// What `superctl` exits with.
enum class ControlFault : std::uint8_t { failed = 1, wrong = 2, not_permitted = 3 };

struct ControlReply {
  bool ok = false;
  std::string line;  // without its end
};

/// {"ok":true, …}: `members` is an object.
ControlReply success(const nlohmann::ordered_json& members);
ControlReply success();

/// {"ok":false,"status":2,"error":"…"}; `diagnostics`: the text that --check would print.
ControlReply failure(ControlFault fault, std::string_view error, std::string_view diagnostics = {});

}  // namespace superd
