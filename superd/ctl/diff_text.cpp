// SPDX-License-Identifier: MIT
// One part of the diff after the other.
#include "superd/ctl/diff_text.hpp"

#include <algorithm>

#include "superd/base/text.hpp"

namespace superd {
namespace {

constexpr std::size_t longest_verb = 7;

std::string line(std::string_view verb, const std::string& what) {
  std::string text(verb);
  text.append(longest_verb + 2 - std::min(longest_verb, verb.size()), ' ');
  return text.append(what).append("\n");
}

std::string quoted(const Json& object, const char* name) { return quote(text_of(object, name)); }

std::string names(const Json& list) {
  std::string text;
  for (const Json& one : list) {
    if (!one.is_string()) continue;
    if (!text.empty()) text += ", ";
    escape_to(text, one.get<std::string>());
  }
  return text;
}

std::string sockets(const Json& diff, const char* part) {
  std::string text;
  for (const Json& one : member(diff, part))
    text += line(part, escape(text_of(one, "address")) + " of " + quoted(one, "service"));
  return text;
}

std::string services(const Json& diff, const char* part) {
  const std::string all = names(member(diff, part));
  return all.empty() ? "" : line(part, all);
}

}  // namespace

std::string diff_text(const Json& diff) {
  std::string text = sockets(diff, "opened") + sockets(diff, "closed");
  for (const Json& one : member(diff, "moved"))
    text += line("moved", escape(text_of(one, "address")) + " from " + quoted(one, "from") +
                              " to " + quoted(one, "to"));
  text += services(diff, "added") + services(diff, "removed");
  for (const Json& one : member(diff, "changed"))
    text += line("changed", escape(text_of(one, "service")) + ": " + names(member(one, "keys")));
  text += services(diff, "daemon");
  const auto kept = static_cast<std::size_t>(number_of(diff, "kept"));
  if (text.empty()) return "no change; " + count_of(kept, "socket") + " kept\n";
  return text + line("kept", count_of(kept, "socket"));
}

}  // namespace superd
