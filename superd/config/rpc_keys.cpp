// SPDX-License-Identifier: MIT
// Names of programs are those of rpc(5).
#include "superd/config/rpc_keys.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "superd/base/text.hpp"

namespace superd {
namespace {

constexpr std::int64_t highest = std::numeric_limits<std::uint32_t>::max();

bool is_digits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == text.npos;
}

std::optional<std::uint32_t> program_from(const Value& value, const std::string& word) {
  if (!is_digits(word)) return value.scope.host.rpc_program(word);
  const auto number = parse_number(word, 1, highest);
  if (!number) return std::nullopt;
  return static_cast<std::uint32_t>(*number);
}

void read_program(const Value& value, WantedRpc& rpc) {
  const std::string remedy = "give a program's number, or a name that /etc/rpc has";
  const auto word = read_word(value, remedy);
  if (word) rpc.program = program_from(value, *word);
  rpc.is_faulty |= !rpc.program;
  if (word && !rpc.program) return say_fault(value, remedy);
  if (rpc.program != rpcbind_program) return;
  rpc.is_faulty = true;
  say_fault(value, "that is rpcbind itself; give the number of another program");
}

NodePtr write_program(const WantedRpc& rpc) { return write_if(rpc.program, write_number); }

// "3", "1-3": whether it was that.
bool add_versions(std::string_view word, std::vector<std::uint32_t>& versions) {
  const std::size_t dash = word.find('-');
  const auto first = parse_number(word.substr(0, dash), 1, highest);
  const auto last = dash == word.npos ? first : parse_number(word.substr(dash + 1), 1, highest);
  if (!first || !last || *first > *last) return false;
  if (*last - *first >= static_cast<std::int64_t>(most_rpc_versions)) return false;
  for (std::int64_t one = *first; one <= *last; ++one)
    versions.push_back(static_cast<std::uint32_t>(one));
  return true;
}

void read_versions(const Value& value, WantedRpc& rpc) {
  const std::string remedy = "give a number, 1-3, or a list of them; at most " +
                             std::to_string(most_rpc_versions) + " versions";
  const auto fault_before = std::exchange(rpc.is_faulty, true);
  std::vector<std::uint32_t> versions;
  for (const Value& item : read_list(value, remedy))
    if (item.node.kind != Node::Kind::word || !add_versions(item.node.word, versions))
      return say_fault(item, remedy);
  std::sort(versions.begin(), versions.end());
  versions.erase(std::unique(versions.begin(), versions.end()), versions.end());
  if (versions.size() > most_rpc_versions) return say_fault(value, remedy);
  rpc.is_faulty = fault_before || versions.empty();
  rpc.versions = std::move(versions);
}

NodePtr write_versions(const WantedRpc& rpc) {
  std::vector<NodePtr> ranges;
  for (auto first = rpc.versions.begin(); first != rpc.versions.end();) {
    auto last = first;
    while (last + 1 != rpc.versions.end() && *(last + 1) == *last + 1) ++last;
    const std::string begin = std::to_string(*first);
    ranges.push_back(write_word(first == last ? begin : begin + "-" + std::to_string(*last)));
    first = last + 1;
  }
  return ranges.size() == 1 ? ranges.front() : write_list(std::move(ranges));
}

constexpr Key<WantedRpc> in_rpc[] = {
    {"program", read_program, write_program, "NUMBER or NAME", "the service's name",
     "which program it is: its number, or its name in /etc/rpc"},
    {"versions", read_versions, write_versions, "NUMBER, FIRST-LAST or list", "",
     "the versions that it answers to"},
};

// Else something was reported already: that more is missing follows from it.
bool has_known_keys(const Value& value) {
  const auto& entries = value.node.entries;
  return value.node.kind == Node::Kind::mapping &&
         std::all_of(entries.begin(), entries.end(), [](const Entry& entry) {
           return find_key(rpc_keys(), entry.key->word) != nullptr;
         });
}

}  // namespace

std::span<const Key<WantedRpc>> rpc_keys() { return in_rpc; }

void read_rpc(const Value& value, Draft& draft) {
  WantedRpc rpc;
  read_keys(value, "give a mapping such as {program: 100001, versions: 1-3}", rpc_keys(), rpc);
  if (rpc.is_faulty || !has_known_keys(value)) return;
  if (rpc.versions.empty())
    return say_error(value, "'rpc' has no `versions`; add those that the program answers to, 1-3");
  if (!rpc.program) rpc.program = value.scope.host.rpc_program(draft.name);
  if (!rpc.program)
    return say_error(value, "'rpc' has no `program`, and /etc/rpc has none that is named " +
                                quote(draft.name) + "; add its number, or a name of /etc/rpc");
  draft.rpc = RpcProgram{*rpc.program, std::move(rpc.versions)};
}

NodePtr write_rpc(const Draft& draft) {
  if (!draft.rpc) return nullptr;
  return write_keys(rpc_keys(), WantedRpc{draft.rpc->number, draft.rpc->versions});
}

}  // namespace superd
