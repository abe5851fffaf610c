// SPDX-License-Identifier: MIT
// Typed, located access to what was written: each function reads a value as one type, or reports
// what is wrong with it and what to write instead. `service 'finger': 'instances' is "ten"; give a
// whole number …`
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "superd/base/number.hpp"
#include "superd/config/node.hpp"
#include "superd/config/report.hpp"
#include "superd/core/host.hpp"

namespace superd {

class ListFiles;

/// What the readers of one file share.
struct Scope {
  Report& report;
  const Host& host;
  std::string directory;       // absolute: relative paths begin here
  std::string services_dir;    // bare program names are looked up here first, where it isn't empty
  std::string search_path;     // and then in these directories, separated by ':'
  std::uint16_t file = 0;      // its number among the files of the table
  ListFiles* lists = nullptr;  // those of the table; absent: none is read twice anyway
};

/// A value, what it is called, and in what. Short-lived: refers to all of it.
struct Value {
  const Scope& scope;
  std::string_view subject;  // "service 'finger'", "daemon"; may be empty
  std::string_view key;
  const Node& node;
  const Node* key_node = nullptr;  // absent for items of a list
};

/// The key of an entry, as a value: what is said of it is said at its place.
Value key_of(const Value& value);

/// Reports "SUBJECT: MESSAGE" at the value.
void say_error(const Value& value, const std::string& message);
void say_warning(const Value& value, const std::string& message);

/// Reports "SUBJECT: 'KEY' is "VALUE"; REMEDY" (or "has no value", "is a list", "is a mapping").
void say_fault(const Value& value, const std::string& remedy);

std::optional<std::string> read_word(const Value& value, const std::string& remedy = "give a word");
std::optional<bool> read_yes_no(const Value& value);
std::optional<std::int64_t> read_number(const Value& value, std::int64_t lowest,
                                        std::int64_t highest);
std::optional<Milliseconds> read_duration(const Value& value, Milliseconds shortest);
std::optional<std::uint64_t> read_size(const Value& value, std::uint64_t highest);
std::optional<unsigned> read_octal(const Value& value, unsigned highest);

/// The position in `words` of the one written.
std::optional<std::size_t> read_choice(const Value& value, std::span<const std::string_view> words);

/// The values of a list; one that isn't a list is a list of itself. Nothing written: a fault, and
/// none.
std::vector<Value> read_list(const Value& value, const std::string& remedy);

/// The entries of a mapping, duplicates reported and left out. Absent where it is none, which is
/// reported.
std::optional<std::vector<Value>> read_mapping(const Value& value, const std::string& remedy);

/// `path` made absolute and tidy; a relative one begins at the directory of the file that holds it.
std::string absolute_path(const Scope& scope, const std::string& path);

/// "a, b or c".
std::string any_of_text(std::span<const std::string_view> words);

/// Takes over what was read; what could not be read has been reported and leaves the target as it
/// is.
template <class Target, class Read>
void assign(Target& target, const std::optional<Read>& read) {
  if (read) target = static_cast<Target>(*read);
}

}  // namespace superd
