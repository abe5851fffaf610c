// SPDX-License-Identifier: MIT
// Lines of words and nothing else: numbers are decimal, one space is between two words.
#include "superd/core/rpc_message.hpp"

#include <algorithm>
#include <limits>

#include "superd/base/number.hpp"
#include "superd/base/overloaded.hpp"

namespace superd {
namespace {

constexpr std::size_t longest_word = 80;
constexpr std::size_t longest_reason = 200;
constexpr std::string_view failed = "failed ";

using Words = std::vector<std::string_view>;

Words split(std::string_view text, char separator) {
  Words words;
  for (;;) {
    const std::size_t end = text.find(separator);
    words.push_back(text.substr(0, end));
    if (end == text.npos) return words;
    text.remove_prefix(end + 1);
  }
}

bool is_plain(char c) { return c > ' ' && c <= '~'; }

bool is_word(std::string_view text) {
  return !text.empty() && text.size() <= longest_word &&
         std::all_of(text.begin(), text.end(), is_plain);
}

std::optional<std::uint32_t> number_from(std::string_view word) {
  const auto number = parse_number(word, 0, std::numeric_limits<std::uint32_t>::max());
  if (!number || std::to_string(*number) != word) return std::nullopt;
  return static_cast<std::uint32_t>(*number);
}

bool is_netid(std::string_view word) {
  constexpr std::string_view netids[] = {"tcp", "tcp6", "udp", "udp6"};
  return std::find(std::begin(netids), std::end(netids), word) != std::end(netids);
}

std::optional<RpcTask> task_from(std::string_view line) {
  const Words words = split(line, ' ');
  if (words.size() != 5 || (words[0] != "set" && words[0] != "unset")) return std::nullopt;
  const auto program = number_from(words[1]);
  const auto version = number_from(words[2]);
  if (!program || !version || !is_netid(words[3]) || !parse_universal_address(words[4]))
    return std::nullopt;
  const auto wish = words[0] == "set" ? RpcTask::Wish::registered : RpcTask::Wish::gone;
  return RpcTask{
      wish, RpcRegistration{{*program, *version, std::string(words[3])}, std::string(words[4])}};
}

std::optional<RpcOutcome> outcome_from(std::string_view line) {
  if (line == "done") return RpcDone{};
  if (line == "refused") return RpcRefused{};
  const Words words = split(line, ' ');
  if (words.size() != 3 || words[0] != "taken" || !is_word(words[1]) || !is_word(words[2]))
    return std::nullopt;
  return RpcTaken{std::string(words[1]), std::string(words[2])};
}

std::string to_line(const RpcTask& task) {
  const auto& [key, address] = task.registration;
  const std::string verb = task.wish == RpcTask::Wish::registered ? "set " : "unset ";
  return verb + std::to_string(key.program) + " " + std::to_string(key.version) + " " + key.netid +
         " " + address;
}

std::string to_line(const RpcOutcome& outcome) {
  return std::visit(Overloaded{[](const RpcDone&) { return std::string("done"); },
                               [](const RpcRefused&) { return std::string("refused"); },
                               [](const RpcTaken& taken) {
                                 return "taken " + as_rpc_word(taken.address) + " " +
                                        as_rpc_word(taken.owner);
                               }},
                    outcome);
}

template <class Line>
std::string joined(const std::vector<Line>& all) {
  std::string text;
  for (const Line& one : all) text += (text.empty() ? "" : "\n") + to_line(one);
  return text;
}

// Lines, each read by `read`; none where one of them is none.
template <class Line>
std::optional<std::vector<Line>> lines_from(std::string_view message,
                                            std::optional<Line> (*read)(std::string_view)) {
  std::vector<Line> all;
  for (const std::string_view line : split(message, '\n')) {
    auto one = read(line);
    if (!one || all.size() == most_rpc_tasks) return std::nullopt;
    all.push_back(std::move(*one));
  }
  return all;
}

}  // namespace

std::string rpc_owner(std::uint32_t uid) { return uid == 0 ? "superuser" : std::to_string(uid); }

std::string as_rpc_word(std::string_view text) {
  std::string word(text.substr(0, longest_word));
  for (char& c : word)
    if (!is_plain(c)) c = '?';
  return word.empty() ? "?" : word;
}

std::string encode(const std::vector<RpcTask>& tasks) { return joined(tasks); }
std::string encode(const std::vector<RpcOutcome>& outcomes) { return joined(outcomes); }

std::string encode(const Error& failure) {
  std::string why = failure.text.substr(0, longest_reason);
  for (char& c : why)
    if (c != ' ' && !is_plain(c)) c = '?';
  return std::string(failed) + why;
}

std::optional<std::vector<RpcTask>> parse_rpc_request(std::string_view message) {
  if (message.size() > longest_rpc_request) return std::nullopt;
  return lines_from(message, task_from);
}

std::optional<Result<std::vector<RpcOutcome>>> parse_rpc_answer(std::string_view message,
                                                                std::size_t tasks) {
  if (message.size() > longest_rpc_answer) return std::nullopt;
  if (message.starts_with(failed)) {
    const std::string_view why = message.substr(failed.size());
    const auto may_be_in = [](char c) { return c == ' ' || is_plain(c); };
    if (why.size() > longest_reason || !std::all_of(why.begin(), why.end(), may_be_in))
      return std::nullopt;
    return Result<std::vector<RpcOutcome>>(Error{std::string(why), 0});
  }
  auto outcomes = lines_from(message, outcome_from);
  if (!outcomes || outcomes->size() != tasks) return std::nullopt;
  return as_result(std::move(*outcomes));
}

}  // namespace superd
