// SPDX-License-Identifier: MIT
// Where to: nothing is looked up here, since names are looked up for each connection.
#include "superd/config/forward.hpp"

#include <algorithm>

#include "superd/base/text.hpp"
#include "superd/core/host_name.hpp"

namespace superd {
namespace {

constexpr Milliseconds shortest{1};
constexpr Milliseconds longest_connect{std::chrono::minutes(10)};
constexpr const char* upstream_form =
    "give HOST:PORT or a UNIX socket: 127.0.0.1:80, \"[::1]:80\", www.example.org:80, "
    "unix:/run/x.sock";
const ForwardRules standard;

std::optional<Upstream> read_unix(const Value& value, std::string_view word) {
  UnixAddress address;
  address.abstract = word.starts_with('@');
  if (address.abstract) word.remove_prefix(1);
  if (word.empty()) {
    say_fault(value, "give a path, or '@' and a name: unix:/run/x.sock, unix:@x");
    return std::nullopt;
  }
  address.path =
      address.abstract ? std::string(word) : absolute_path(value.scope, std::string(word));
  if (address.path.size() <= longest_unix_path) return address;
  say_fault(value, "the path of a UNIX socket has at most " + std::to_string(longest_unix_path) +
                       " bytes, and this one has " + std::to_string(address.path.size()) +
                       "; give a shorter one");
  return std::nullopt;
}

std::optional<std::uint16_t> read_port(const Value& value, const std::string& port) {
  if (const auto number = parse_number(port, 1, 65535)) return static_cast<std::uint16_t>(*number);
  if (port.find_first_not_of("0123456789") == port.npos) {
    say_fault(value, "port " + quote(port) + " is none to connect to; give one from 1 to 65535");
    return std::nullopt;
  }
  if (const auto known = value.scope.host.service_port(port, Transport::tcp)) return known;
  say_fault(value, "no TCP service is called " + quote(port) + " here; give the port's number");
  return std::nullopt;
}

// With a name a later look is worth something, so none is taken now.
std::optional<Upstream> read_host(const Value& value, const std::string& host, std::uint16_t port) {
  if (const auto address = parse_ip(host)) return Endpoint{unmapped(*address), port};
  if (auto name = read_host_name(host)) return NamedHost{std::move(*name), port};
  say_fault(value, quote(host) + " is neither an address nor a host's name; " + upstream_form);
  return std::nullopt;
}

std::optional<Upstream> read_inet(const Value& value, std::string_view word) {
  const bool in_brackets = word.starts_with('[');
  const std::size_t colon = word.rfind(':');
  const std::string_view host = word.substr(0, std::min(colon, word.size()));
  const bool is_split = colon != word.npos && !host.empty() && colon + 1 < word.size() &&
                        (!in_brackets || host.ends_with(']'));
  if (!is_split) {
    say_fault(value, upstream_form);
    return std::nullopt;
  }
  if (!in_brackets && host.find(':') != host.npos) {
    say_fault(value, "put an IPv6 address in brackets and quotes: \"[::1]:80\"");
    return std::nullopt;
  }
  const auto port = read_port(value, std::string(word.substr(colon + 1)));
  if (!port) return std::nullopt;
  return read_host(value, std::string(in_brackets ? host.substr(1, host.size() - 2) : host), *port);
}

std::optional<Upstream> read_upstream(const Value& value) {
  const auto word = read_word(value, upstream_form);
  if (!word) return std::nullopt;
  const std::string_view text = *word;
  if (text.starts_with("unix:")) return read_unix(value, text.substr(5));
  for (const std::string_view other : {"udp:", "unix-dgram:", "unix-seqpacket:", "vsock:"}) {
    if (!text.starts_with(other)) continue;
    say_fault(value, "this version forwards streams only, TCP and unix:");
    return std::nullopt;
  }
  return read_inet(value, text.starts_with("tcp:") ? text.substr(4) : text);
}

void read_to(const Value& value, ForwardRules& rules) {
  const auto values = read_list(value, upstream_form);
  rules.to.clear();
  for (const Value& one : values)
    if (auto upstream = read_upstream(one)) rules.to.push_back(std::move(*upstream));
  if (rules.to.size() > most_upstreams)
    say_error(value, quote(value.key) + " has " + std::to_string(rules.to.size()) +
                         " addresses; at most " + std::to_string(most_upstreams) + " are tried");
}

NodePtr write_to(const ForwardRules& rules) {
  std::vector<std::string> words;
  for (const Upstream& one : rules.to) words.push_back(to_text(one));
  return words.size() == 1 ? write_word(words.front()) : write_words(words);
}

void read_connect_timeout(const Value& value, ForwardRules& rules) {
  const auto timeout = read_duration(value, shortest);
  if (timeout && *timeout > longest_connect)
    return say_fault(value, "nobody waits that long; give at most 10min");
  assign(rules.connect_timeout, timeout);
}

NodePtr write_connect_timeout(const ForwardRules& rules) {
  return write_unless(standard.connect_timeout, rules.connect_timeout, write_duration);
}

void read_idle_timeout(const Value& value, ForwardRules& rules) {
  if (value.node.word == "unlimited")
    rules.idle_timeout.reset();
  else
    assign(rules.idle_timeout, read_duration(value, shortest));
}

NodePtr write_idle_timeout(const ForwardRules& rules) {
  return write_if(rules.idle_timeout, write_duration);
}

constexpr std::string_view proxy_words[] = {"none", "v1", "v2"};

void read_proxy_protocol(const Value& value, ForwardRules& rules) {
  assign(rules.proxy_protocol, read_choice(value, proxy_words));
}

NodePtr write_proxy_protocol(const ForwardRules& rules) {
  return write_choice(proxy_words, rules.proxy_protocol);
}

constexpr Key<ForwardRules> in_forward[] = {
    {"to", read_to, write_to, "ADDRESS or list", "",
     "where connections go on to: HOST:PORT or unix:/run/x.sock; of a list the first that answers"},
    {"connect_timeout", read_connect_timeout, write_connect_timeout, "DURATION", "5s",
     "how long each of them may take to accept"},
    {"idle_timeout", read_idle_timeout, write_idle_timeout, "DURATION or unlimited", "unlimited",
     "how long a connection lives without a byte either way"},
    {"proxy_protocol", read_proxy_protocol, write_proxy_protocol, "none | v1 | v2", "none",
     "which PROXY header tells the upstream the client's address"},
};

}  // namespace

std::span<const Key<ForwardRules>> forward_keys() { return in_forward; }

void read_forward(const Value& value, Draft& draft) {
  draft.verb_place = value.node.place;
  draft.forward.emplace();
  if (value.node.kind != Node::Kind::mapping) return read_to(value, *draft.forward);
  read_keys(value, upstream_form, forward_keys(), *draft.forward);
  const auto& entries = value.node.entries;
  const bool has_to = std::any_of(entries.begin(), entries.end(),
                                  [](const Entry& entry) { return entry.key->word == "to"; });
  if (!has_to) say_error(value, "'forward' has no `to`; add one, such as to: 127.0.0.1:8080");
}

NodePtr write_forward(const Draft& draft) {
  if (!draft.forward) return nullptr;
  ForwardRules plain;
  plain.to = draft.forward->to;
  return plain == *draft.forward ? write_to(plain) : write_keys(forward_keys(), *draft.forward);
}

}  // namespace superd
