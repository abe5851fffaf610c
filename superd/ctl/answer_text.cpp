// SPDX-License-Identifier: MIT
// One row for each command that superd answers.
#include "superd/ctl/answer_text.hpp"

#include "superd/base/text.hpp"
#include "superd/ctl/diff_text.hpp"
#include "superd/ctl/status_text.hpp"

namespace superd {
namespace {

struct Given {
  const Request& request;
  const Json& answer;
  SystemTime now;
  std::optional<std::size_t> width;
};

std::string status(const Given& g) { return status_text(g.answer, g.now, g.width); }
std::string ps(const Given& g) { return ps_text(g.answer, g.width); }
std::string bans(const Given& g) { return bans_text(g.answer, g.width); }
std::string nothing(const Given&) { return {}; }
std::string text(const Given& g) { return safe_lines(text_of(g.answer, "text")); }
std::string diff(const Given& g) { return diff_text(member(g.answer, "diff")); }

std::string reload(const Given& g) {
  return diff(g) + "generation " + std::to_string(number_of(g.answer, "generation")) + "\n";
}

std::string for_each_service(const Given& g, const char* what) {
  std::string lines;
  for (const std::string& service : g.request.arguments)
    lines += escape(service) + ": " + what + "\n";
  return lines;
}

std::string pause(const Given& g) { return for_each_service(g, "paused"); }
std::string resume(const Given& g) { return for_each_service(g, "resumed"); }

std::size_t count(const Json& answer, const char* name) {
  return static_cast<std::size_t>(std::max<std::int64_t>(0, number_of(answer, name)));
}

std::string stop(const Given& g) {
  return count_of(count(g.answer, "stopped"), "handler") + " asked to end\n";
}

std::string set(const Given& g) {
  const auto& given = g.request.arguments;  // SERVICE KEY VALUE
  std::string line = escape(given[0]) + ": " + escape(given[1]) + " is " + quote(given[2]);
  if (g.request.has("--for")) line += " for " + escape(g.request.options.back());
  return line + "\n";
}

std::string unset(const Given& g) {
  return count_of(count(g.answer, "removed"), "override") + " removed\n";
}

std::string ban(const Given& g) { return escape(g.request.arguments[0]) + " is banned\n"; }
std::string unban(const Given& g) {
  return escape(g.request.arguments[0]) + " is no longer banned\n";
}

std::string drain(const Given&) {
  return "superd listens no more, and ends when its handlers have\n";
}

std::string shutdown(const Given&) { return "superd stops its handlers and ends\n"; }

std::string upgrade(const Given& g) {
  return "superd " + escape(text_of(g.answer, "from")) + " has become superd " +
         escape(text_of(g.answer, "to")) + "\n";
}

struct Rendering {
  std::string_view command;
  std::string (*text)(const Given& given);
};

constexpr Rendering renderings[] = {
    {"status", status},   {"ps", ps},        {"events", nothing},
    {"show", text},       {"metrics", text}, {"diff", diff},
    {"reload", reload},   {"pause", pause},  {"resume", resume},
    {"stop", stop},       {"set", set},      {"unset", unset},
    {"explain", text},    {"bans", bans},    {"ban", ban},
    {"unban", unban},     {"drain", drain},  {"shutdown", shutdown},
    {"upgrade", upgrade},
};

}  // namespace

std::string answer_text(const Request& request, const Json& answer, SystemTime now,
                        std::optional<std::size_t> width) {
  for (const Rendering& one : renderings) {
    if (one.command == request.command->name) return one.text({request, answer, now, width});
  }
  return {};
}

std::string complaint_text(const Json& answer) {
  std::string text =
      safe_lines(text_of(answer, "diagnostics")) + safe_lines(text_of(answer, "warnings"));
  const std::string error = text_of(answer, "error");
  if (!error.empty()) text += "superctl: " + escape(error) + "\n";
  return text;
}

}  // namespace superd
