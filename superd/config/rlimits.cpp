// SPDX-License-Identifier: MIT
// One value sets the soft and the hard limit; SOFT:HARD sets each.
#include "superd/config/rlimits.hpp"

#include <sys/resource.h>

#include <limits>

#include "superd/base/text.hpp"

namespace superd {
namespace {

// Seconds and microseconds may be written as durations or as the plain numbers that ulimit takes.
enum class Unit { bytes, number, seconds, microseconds };

struct LimitName {
  std::string_view name;
  int resource;
  Unit unit;
};
constexpr LimitName limit_names[] = {
    {"as", RLIMIT_AS, Unit::bytes},
    {"core", RLIMIT_CORE, Unit::bytes},
    {"cpu", RLIMIT_CPU, Unit::seconds},
    {"data", RLIMIT_DATA, Unit::bytes},
    {"fsize", RLIMIT_FSIZE, Unit::bytes},
    {"locks", RLIMIT_LOCKS, Unit::number},
    {"memlock", RLIMIT_MEMLOCK, Unit::bytes},
    {"msgqueue", RLIMIT_MSGQUEUE, Unit::bytes},
    {"nice", RLIMIT_NICE, Unit::number},
    {"nofile", RLIMIT_NOFILE, Unit::number},
    {"nproc", RLIMIT_NPROC, Unit::number},
    {"rss", RLIMIT_RSS, Unit::bytes},
    {"rtprio", RLIMIT_RTPRIO, Unit::number},
    {"rttime", RLIMIT_RTTIME, Unit::microseconds},
    {"sigpending", RLIMIT_SIGPENDING, Unit::number},
    {"stack", RLIMIT_STACK, Unit::bytes},
};

const LimitName* find_limit(std::string_view name) {
  for (const LimitName& limit : limit_names) {
    if (limit.name == name) return &limit;
  }
  return nullptr;
}

const char* remedy_for(Unit unit) {
  switch (unit) {
    case Unit::bytes:
      return "give a size such as 64M, SOFT:HARD, or unlimited";
    case Unit::number:
      return "give a whole number, SOFT:HARD, or unlimited";
    case Unit::seconds:
    case Unit::microseconds:
      break;
  }
  return "give a duration such as 30s, SOFT:HARD, or unlimited";
}

std::optional<rlim_t> parse_time(std::string_view word, Unit unit) {
  const auto plain = parse_number(word, 0, std::numeric_limits<std::int64_t>::max());
  if (plain) return static_cast<rlim_t>(*plain);
  const auto duration = parse_duration(word);
  if (!duration) return std::nullopt;
  const auto milliseconds = static_cast<rlim_t>(duration->count());
  // Rounded up: a limit of 500ms of CPU time must not become one of 0s.
  return unit == Unit::microseconds ? milliseconds * 1000 : (milliseconds + 999) / 1000;
}

std::optional<rlim_t> parse_limit(std::string_view word, Unit unit) {
  if (word == "unlimited") return RLIM_INFINITY;
  if (unit == Unit::seconds || unit == Unit::microseconds) return parse_time(word, unit);
  if (unit == Unit::bytes) {
    const auto size = parse_size(word);
    return size ? std::optional<rlim_t>(*size) : std::nullopt;
  }
  const auto number = parse_number(word, 0, std::numeric_limits<std::int64_t>::max());
  return number ? std::optional<rlim_t>(*number) : std::nullopt;
}

std::optional<ResourceLimit> read_limit(const Value& value, const LimitName& name) {
  const std::string_view word = value.node.word;
  const std::size_t colon = word.find(':');
  const auto soft = parse_limit(word.substr(0, colon), name.unit);
  const auto hard = colon == word.npos ? soft : parse_limit(word.substr(colon + 1), name.unit);
  if (!soft || !hard) {
    say_fault(value, remedy_for(name.unit));
    return std::nullopt;
  }
  if (*soft > *hard) {  // RLIM_INFINITY is the largest number
    say_fault(value, "the soft limit can't be above the hard one; give SOFT:HARD");
    return std::nullopt;
  }
  return ResourceLimit{name.resource, *soft, *hard};
}

std::string limit_word(rlim_t limit, Unit unit) {
  if (limit == RLIM_INFINITY) return "unlimited";
  return unit == Unit::bytes ? write_size(limit)->word : std::to_string(limit);
}

NodePtr write_limit(const ResourceLimit& limit, const LimitName& name) {
  const std::string soft = limit_word(limit.soft, name.unit);
  if (limit.soft == limit.hard) return write_word(soft);
  return write_word(soft + ":" + limit_word(limit.hard, name.unit));
}

void say_unknown_limit(const Value& value) {
  std::vector<std::string_view> names;
  for (const LimitName& limit : limit_names) names.push_back(limit.name);
  const auto close = nearest(value.key, names);
  const std::string hint =
      close ? "did you mean " + quote(*close) + "?" : "give " + any_of_text(names);
  say_error(key_of(value), "'rlimits' has no " + quote(value.key) + "; " + hint);
}

}  // namespace

void read_rlimits(const Value& value, Draft& draft) {
  const auto entries = read_mapping(value, "give a mapping such as {nofile: 64, cpu: 10s}");
  if (!entries) return;
  draft.process.rlimits.clear();
  for (const Value& entry : *entries) {
    if (const LimitName* name = find_limit(entry.key)) {
      if (const auto limit = read_limit(entry, *name)) draft.process.rlimits.push_back(*limit);
    } else {
      say_unknown_limit(entry);
    }
  }
}

NodePtr write_rlimits(const Draft& draft) {
  auto mapping = new_mapping();
  for (const ResourceLimit& limit : draft.process.rlimits) {
    for (const LimitName& name : limit_names) {
      if (name.resource == limit.resource) add_entry(*mapping, name.name, write_limit(limit, name));
    }
  }
  return mapping->entries.empty() ? nullptr : mapping;
}

}  // namespace superd
