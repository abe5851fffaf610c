// SPDX-License-Identifier: MIT
// Their table, and the readers of hours, limits, banner, trap and hosts_access.
#include "superd/config/admission_keys.hpp"

#include "superd/base/text.hpp"
#include "superd/config/access_keys.hpp"
#include "superd/config/limits_keys.hpp"
#include "superd/config/source.hpp"
#include "superd/core/lookup_message.hpp"

namespace superd {
namespace {

bool is_word(const Value& value, std::string_view word) {
  return value.node.kind == Node::Kind::word && value.node.word == word;
}

void read_hours(const Value& value, Draft& draft) {
  draft.terms.hours.windows.clear();
  if (is_word(value, "always")) return;
  const char* remedy = "give windows such as [Mon-Fri 08:00-18:00, Sat 22:00-02:00], or always";
  for (const Value& item : read_list(value, remedy)) {
    const auto word = read_word(item, remedy);
    if (!word) continue;
    const auto window = parse_window(*word);
    if (window) {
      draft.terms.hours.windows.push_back(*window);
    } else {
      say_fault(item, window.error().text);
    }
  }
  if (value.node.kind == Node::Kind::list && value.node.items.empty()) {
    say_error(value, "'hours' is an empty list; give always, or allow: [] to let nobody in");
  }
}

NodePtr write_hours(const Draft& draft) {
  std::vector<NodePtr> items;
  for (const Window& window : draft.terms.hours.windows) {
    items.push_back(write_word(to_text(window)));
  }
  return items.empty() ? nullptr : write_list(std::move(items));
}

void read_zone(const Value& value, Draft& draft) {
  const auto name = read_word(value, "give the name of a time zone, such as Asia/Seoul");
  if (!name) return;
  if (*name == "local") {
    draft.terms.hours.zone.clear();
  } else if (value.scope.host.has_zone(*name)) {
    draft.terms.hours.zone = *name;
  } else {
    say_fault(value, "there is no such time zone here; give one of /usr/share/zoneinfo, or local");
  }
}

NodePtr write_zone(const Draft& draft) {
  return write_unless(std::string(), draft.terms.hours.zone, write_word);
}

void read_limits(const Value& value, Draft& draft) {
  Limits limits;
  read_keys(value, "give a mapping such as {instances: 20, per_source: 3}", limits_keys(), limits);
  draft.terms.limits = limits;
}

NodePtr write_limits(const Draft& draft) { return write_keys(limits_keys(), draft.terms.limits); }

void read_greeting_file(const Value& value, Greeting& greeting) {
  const auto word = read_word(value, "give the path of a text file");
  if (!word) return;
  const std::string path = absolute_path(value.scope, *word);
  auto source = read_source(path);
  if (!source) return say_error(value, "banner " + quote(path, 200) + ": " + source.error().text);
  if (source->text.size() > longest_greeting) {
    return say_error(value, "banner " + quote(path, 200) + ": it is larger than 16 KiB");
  }
  greeting = {std::move(source->text), path};
}

NodePtr write_greeting_file(const Greeting& greeting) {
  return write_unless(std::string(), greeting.file, write_word);
}

constexpr Key<Greeting> greeting_keys[] = {
    {"file", read_greeting_file, write_greeting_file, "PATH", "", "text to send"},
};
constexpr std::span<const Key<Greeting>> greetings(greeting_keys);

template <Greeting Banner::*greeting>
void read_greeting(const Value& value, Banner& banner) {
  banner.*greeting = {};
  if (value.node.kind == Node::Kind::mapping) {
    return read_keys(value, "", greetings, banner.*greeting);
  }
  const auto text = read_word(value, "give a text such as \"busy\\n\", or {file: PATH}");
  if (!text) return;
  if (text->size() > longest_greeting) return say_error(value, "a banner has at most 16 KiB");
  (banner.*greeting).text = *text;
}

template <Greeting Banner::*greeting>
NodePtr write_greeting(const Banner& banner) {
  const Greeting& one = banner.*greeting;
  if (!one.file.empty()) return write_keys(greetings, one);
  return write_unless(std::string(), one.text, write_word);
}

constexpr Key<Banner> in_banner[] = {
    {"accepted", read_greeting<&Banner::accepted>, write_greeting<&Banner::accepted>,
     "TEXT or {file: PATH}", "", "what a client is sent before the program starts"},
    {"refused", read_greeting<&Banner::refused>, write_greeting<&Banner::refused>,
     "TEXT or {file: PATH}", "", "what a client that is refused is sent"},
};

void read_banner(const Value& value, Draft& draft) {
  draft.terms.banner = {};
  if (is_word(value, "none")) return;
  read_keys(value, "give a mapping such as {refused: \"busy\\n\"}, or none", banner_keys(),
            draft.terms.banner);
}

NodePtr write_banner(const Draft& draft) { return write_keys(banner_keys(), draft.terms.banner); }

void read_ban(const Value& value, Terms& terms) {
  assign(terms.trap, read_duration(value, Milliseconds(1000)));
}

NodePtr write_ban(const Terms& terms) { return write_if(terms.trap, write_duration); }

constexpr Key<Terms> in_trap[] = {
    {"ban", read_ban, write_ban, "DURATION", "", "how long who comes is banned from all services"},
};

void read_trap(const Value& value, Draft& draft) {
  draft.terms.trap.reset();
  if (is_word(value, "none")) return;
  read_keys(value, "give a mapping such as {ban: 30min}, or none", trap_keys(), draft.terms);
  if (value.node.kind == Node::Kind::mapping && value.node.entries.empty()) {
    say_error(value, "'trap' is empty; give {ban: 30min}, or none");
  }
}

NodePtr write_trap(const Draft& draft) { return write_keys(trap_keys(), draft.terms); }

void read_hosts_access(const Value& value, Draft& draft) {
  const auto name = read_word(value, "give a name that is in hosts.allow, or none");
  if (!name) return;
  draft.terms.hosts_access.clear();
  if (*name == "none") return;
  if (!value.scope.host.has_hosts_access()) {
    return say_error(value, "this superd is built without libwrap; remove 'hosts_access'");
  }
  if (!is_hosts_access_name(*name)) {
    return say_fault(value, "give a name of letters, digits and _-.");
  }
  draft.terms.hosts_access = *name;
}

NodePtr write_hosts_access(const Draft& draft) {
  return write_unless(std::string(), draft.terms.hosts_access, write_word);
}

constexpr Key<Draft> keys[] = {
    {"allow", read_allow, write_allow, "list of RULES", "everyone",
     "who may come in; an empty list is nobody"},
    {"deny", read_deny, write_deny, "list of RULES", "", "who may not"},
    {"hours", read_hours, write_hours, "list of WINDOWS", "always",
     "when it is open: Mon-Fri 08:00-18:00, Sat 22:00-02:00"},
    {"zone", read_zone, write_zone, "TIME ZONE", "local", "where `hours` are those on the wall"},
    {"limits", read_limits, write_limits, "mapping", "", "how many at once, and how fast"},
    {"banner", read_banner, write_banner, "mapping", "none", "what clients are sent by superd"},
    {"trap", read_trap, write_trap, "mapping", "none", "bans everyone who comes"},
    {"hosts_access", read_hosts_access, write_hosts_access, "NAME", "none",
     "asks hosts.allow and hosts.deny for this name, too"},
};

}  // namespace

std::span<const Key<Draft>> admission_keys() { return keys; }
std::span<const Key<Banner>> banner_keys() { return in_banner; }
std::span<const Key<Terms>> trap_keys() { return in_trap; }

}  // namespace superd
