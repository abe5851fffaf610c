// SPDX-License-Identifier: MIT
// A limit of zero is refused with what would do what it seems to mean.
#include "superd/config/limits_keys.hpp"

#include "superd/base/text.hpp"

namespace superd {
namespace {

constexpr std::int64_t most = 1'000'000;
constexpr std::string_view unlimited = "unlimited";
const Limits standard;

bool is_unlimited(const Value& value) {
  return value.node.kind == Node::Kind::word && value.node.word == unlimited;
}

// Zero lets nobody in, and other keys say that.
bool is_zero(const Value& value) {
  const std::string& word = value.node.word;
  if (word.empty() || word.find_first_not_of("0.") != word.npos || word.front() == '.')
    return false;
  say_fault(value,
            "zero would let nobody in; give allow: [] or enabled: no for that, or unlimited");
  return true;
}

template <std::optional<std::uint32_t> Limits::*limit>
void read_count(const Value& value, Limits& limits) {
  if (is_unlimited(value)) {
    (limits.*limit).reset();
  } else if (const auto number = parse_number(value.node.word, 1, most);
             number && value.node.kind == Node::Kind::word) {
    limits.*limit = static_cast<std::uint32_t>(*number);
  } else if (!is_zero(value)) {
    say_fault(value, "give a whole number from 1 to 1000000, or unlimited");
  }
}

template <std::optional<std::uint32_t> Limits::*limit>
NodePtr write_count(const Limits& limits) {
  return write_if(limits.*limit, write_number);
}

template <std::optional<Rate> Limits::*limit>
void read_rate(const Value& value, Limits& limits) {
  if (is_unlimited(value)) {
    (limits.*limit).reset();
  } else if (const auto rate = parse_rate(value.node.word)) {
    limits.*limit = *rate;
  } else if (!is_zero(value)) {
    say_fault(value, rate.error().text);
  }
}

template <std::optional<Rate> Limits::*limit>
NodePtr write_rate(const Limits& limits) {
  return write_if(limits.*limit, [](const Rate& rate) { return write_word(to_text(rate)); });
}

void read_source_prefix(const Value& value, Limits& limits) {
  SourcePrefix prefix;
  read_keys(value, "give a mapping such as {ipv4: 32, ipv6: 64}", source_prefix_keys(), prefix);
  limits.source_prefix = prefix;
}

NodePtr write_source_prefix(const Limits& limits) {
  return write_keys(source_prefix_keys(), limits.source_prefix);
}

void read_load(const Value& value, Limits& limits) {
  if (is_unlimited(value)) {
    limits.load.reset();
  } else if (const auto load = parse_load(value.node.word)) {
    limits.load = *load;
  } else if (!is_zero(value)) {
    say_fault(value, load.error().text);
  }
}

NodePtr write_load(const Limits& limits) {
  return write_if(limits.load, [](std::uint32_t load) { return write_word(load_to_text(load)); });
}

constexpr std::string_view when_full_words[] = {"refuse", "wait"};

void read_when_full(const Value& value, Limits& limits) {
  assign(limits.when_full, read_choice(value, when_full_words));
}

NodePtr write_when_full(const Limits& limits) {
  return write_choice(when_full_words, limits.when_full);
}

void read_pause(const Value& value, Limits& limits) {
  if (value.node.word == "never" || is_unlimited(value)) {
    limits.pause.reset();
  } else {
    assign(limits.pause, read_duration(value, Milliseconds(1)));
  }
}

NodePtr write_pause(const Limits& limits) { return write_if(limits.pause, write_duration); }

constexpr Key<Limits> keys[] = {
    {"instances", read_count<&Limits::instances>, write_count<&Limits::instances>,
     "NUMBER or unlimited", "unlimited; 1 with activate", "programs that may run at once"},
    {"per_source", read_count<&Limits::per_source>, write_count<&Limits::per_source>,
     "NUMBER or unlimited", "unlimited", "of these, for one source"},
    {"source_prefix", read_source_prefix, write_source_prefix, "mapping", "",
     "how many leading bits of an address make one source"},
    {"rate", read_rate<&Limits::rate>, write_rate<&Limits::rate>, "RATE or unlimited", "unlimited",
     "starts in a time, from all sources"},
    {"rate_per_source", read_rate<&Limits::rate_per_source>, write_rate<&Limits::rate_per_source>,
     "RATE or unlimited", "unlimited", "starts in a time, from one source"},
    {"load", read_load, write_load, "NUMBER or unlimited", "unlimited",
     "no starts while the load average of the last minute is as high"},
    {"when_full", read_when_full, write_when_full, "refuse | wait", "refuse",
     "whether who comes when `instances` are running waits in the backlog"},
    {"pause", read_pause, write_pause, "DURATION or never", "never",
     "how long not to accept once `rate` is exceeded"},
};

void read_ipv4(const Value& value, SourcePrefix& prefix) {
  assign(prefix.ipv4, read_number(value, 1, 32));
}

NodePtr write_ipv4(const SourcePrefix& prefix) {
  return write_unless(standard.source_prefix.ipv4, prefix.ipv4, write_number);
}

void read_ipv6(const Value& value, SourcePrefix& prefix) {
  assign(prefix.ipv6, read_number(value, 1, 128));
}

NodePtr write_ipv6(const SourcePrefix& prefix) {
  return write_unless(standard.source_prefix.ipv6, prefix.ipv6, write_number);
}

constexpr Key<SourcePrefix> prefix_keys[] = {
    {"ipv4", read_ipv4, write_ipv4, "1 to 32", "32", "bits of an IPv4 address"},
    {"ipv6", read_ipv6, write_ipv6, "1 to 128", "64", "bits of an IPv6 address"},
};

}  // namespace

std::span<const Key<Limits>> limits_keys() { return keys; }
std::span<const Key<SourcePrefix>> source_prefix_keys() { return prefix_keys; }

}  // namespace superd
