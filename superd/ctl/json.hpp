// SPDX-License-Identifier: MIT
// What superd answered, as JSON. Looking never fails: another version of superd may leave out a
// member, and superctl goes on with what is there.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace superd {

using Json = nlohmann::ordered_json;

/// One line; absent where it isn't a JSON object.
std::optional<Json> parse_object(std::string_view line);

/// The member, or null where `object` is no object or hasn't got it.
const Json& member(const Json& object, const char* name);

/// A string member; empty where it isn't one.
std::string text_of(const Json& object, const char* name);

/// A whole number; 0 where it isn't one.
std::int64_t number_of(const Json& object, const char* name);

/// One line of JSON, plain ASCII, so that it is harmless on a terminal.
std::string to_line(const Json& object);

}  // namespace superd
