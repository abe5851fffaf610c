// SPDX-License-Identifier: MIT
// Fields and nothing else: a UNIX path may hold any byte but NUL.
#include "superd/core/relay_message.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>

#include "superd/base/overloaded.hpp"
#include "superd/core/host_name.hpp"

namespace superd {
namespace {

constexpr std::size_t longest_upstream_text = 300;

constexpr const char* end_names[] = {"closed", "client-reset", "upstream-reset", "no-upstream",
                                     "idle",   "shortage",     "stopped",        "relay-died"};

// ---- fields

class FieldWriter {
 public:
  explicit FieldWriter(std::string_view kind) : text_(kind) {}

  FieldWriter& add(std::string_view field) {
    text_ += '\0';
    text_ += field;
    return *this;
  }
  FieldWriter& add(std::uint64_t number) { return add(std::to_string(number)); }
  FieldWriter& add(const Endpoint& end) {
    return add(to_text(end.address)).add(std::uint64_t{end.port});
  }
  std::string text() { return std::move(text_); }

 private:
  std::string text_;
};

// Takes fields one by one; one that isn't what is asked for spoils the whole.
class FieldReader {
 public:
  explicit FieldReader(std::string_view message) : rest_(message) {}

  bool is_at_end() const { return is_over_; }
  /// All was read, and was as it should be.
  bool is_good() const { return is_good_ && is_over_; }
  void spoil() { is_good_ = false; }

  std::string_view word() {
    if (is_over_) spoil();
    const std::size_t end = rest_.find('\0');
    const std::string_view field = rest_.substr(0, end);
    is_over_ = end == rest_.npos;
    rest_.remove_prefix(is_over_ ? rest_.size() : end + 1);
    return field;
  }

  template <class Number>
  Number number() {
    const std::string_view field = word();
    Number number{};
    const char* const end = field.data() + field.size();
    const auto [stopped, error] = std::from_chars(field.data(), end, number);
    const bool is_number = error == std::errc() && stopped == end;
    if (!is_number || (field.size() > 1 && field.front() == '0')) spoil();
    return number;
  }

  IpAddress address() {
    const auto read = parse_ip(word());
    if (!read) spoil();
    return read.value_or(IpAddress{});
  }

  Endpoint endpoint() {
    const IpAddress host = address();
    return {host, number<std::uint16_t>()};
  }

  std::string host_name() {
    const std::string_view field = word();
    auto name = read_host_name(field);
    if (!name || *name != field) spoil();
    return std::move(name).value_or(std::string());
  }

  template <class Choice>
  Choice choice(std::size_t count) {
    const auto position = number<std::uint8_t>();
    if (position >= count) spoil();
    return static_cast<Choice>(position);
  }

 private:
  std::string_view rest_;
  bool is_over_ = false, is_good_ = true;
};

// ---- parts

void add_upstream(FieldWriter& fields, const Upstream& upstream) {
  std::visit(Overloaded{[&](const Endpoint& end) { fields.add("inet").add(end); },
                        [&](const NamedHost& host) {
                          fields.add("host").add(host.name).add(std::uint64_t{host.port});
                        },
                        [&](const UnixAddress& local) {
                          fields.add(local.abstract ? "abstract" : "unix").add(local.path);
                        }},
             upstream);
}

Upstream read_upstream(FieldReader& fields) {
  const std::string_view kind = fields.word();
  if (kind == "inet") return fields.endpoint();
  if (kind == "host") {
    std::string name = fields.host_name();
    return NamedHost{std::move(name), fields.number<std::uint16_t>()};
  }
  const std::string_view path = fields.word();
  const bool is_unix = kind == "unix" || kind == "abstract";
  if (!is_unix || path.empty() || path.size() > longest_unix_path) fields.spoil();
  return UnixAddress{std::string(path), kind == "abstract", UnixKind::stream};
}

RelayPlan read_plan(FieldReader& fields) {
  ForwardRules rules;
  rules.connect_timeout = Milliseconds(fields.number<std::uint32_t>());
  const Milliseconds idle(fields.number<std::uint64_t>() & INT64_MAX);
  if (idle.count() > 0) rules.idle_timeout = idle;
  rules.proxy_protocol = fields.choice<ProxyProtocol>(3);
  while (!fields.is_at_end() && rules.to.size() < most_upstreams)
    rules.to.push_back(read_upstream(fields));
  if (rules.to.empty()) fields.spoil();
  return {std::move(rules)};
}

// What an upstream isn't told isn't told to the relay either.
Take read_take(FieldReader& fields) {
  const auto id = fields.number<std::uint64_t>();
  if (fields.is_at_end()) return {id, UnseenPeer{}};
  const Endpoint remote = fields.endpoint();
  return {id, InetPeer{Transport::tcp, remote, fields.endpoint()}};
}

HostFound read_host_found(FieldReader& fields) {
  HostFound found{fields.host_name(), {}};
  while (!fields.is_at_end() && found.addresses.size() < most_host_addresses)
    found.addresses.push_back(fields.address());
  return found;
}

Finished read_finished(FieldReader& fields) {
  Finished finished;
  finished.id = fields.number<std::uint64_t>();
  finished.bytes_in = fields.number<std::uint64_t>();
  finished.bytes_out = fields.number<std::uint64_t>();
  finished.end = fields.choice<RelayEnd>(std::size(end_names));
  finished.error = static_cast<int>(fields.number<std::uint16_t>());
  finished.upstream = fields.word();
  if (finished.upstream.size() > longest_upstream_text) fields.spoil();
  return finished;
}

}  // namespace

bool is_fault(RelayEnd end) {
  return end == RelayEnd::no_upstream || end == RelayEnd::shortage || end == RelayEnd::relay_died;
}

const char* name_of(RelayEnd end) { return end_names[static_cast<std::size_t>(end)]; }

std::string encode(const RelayOrder& order) {
  return std::visit(
      Overloaded{[](const RelayPlan& plan) {
                   FieldWriter fields("forward");
                   const auto idle = plan.rules.idle_timeout.value_or(Milliseconds(0)).count();
                   fields.add(static_cast<std::uint64_t>(plan.rules.connect_timeout.count()))
                       .add(static_cast<std::uint64_t>(idle))
                       .add(static_cast<std::uint64_t>(plan.rules.proxy_protocol));
                   for (const Upstream& upstream : plan.rules.to) add_upstream(fields, upstream);
                   return fields.text();
                 },
                 [](const Take& take) {
                   FieldWriter fields("take");
                   fields.add(take.id);
                   if (const auto* inet = std::get_if<InetPeer>(&take.peer))
                     fields.add(inet->remote).add(inet->local);
                   return fields.text();
                 },
                 [](const HostFound& found) {
                   FieldWriter fields("host");
                   fields.add(found.name);
                   const std::size_t count = std::min(found.addresses.size(), most_host_addresses);
                   for (std::size_t i = 0; i < count; ++i) fields.add(to_text(found.addresses[i]));
                   return fields.text();
                 },
                 [](const Drop& drop) { return FieldWriter("drop").add(drop.id).text(); }},
      order);
}

std::string encode(const RelayReport& report) {
  return std::visit(
      Overloaded{[](const Taken& taken) { return FieldWriter("taken").add(taken.id).text(); },
                 [](const WantHost& want) { return FieldWriter("host").add(want.name).text(); },
                 [](const Finished& finished) {
                   return FieldWriter("finished")
                       .add(finished.id)
                       .add(finished.bytes_in)
                       .add(finished.bytes_out)
                       .add(static_cast<std::uint64_t>(finished.end))
                       .add(static_cast<std::uint64_t>(finished.error))
                       .add(finished.upstream.substr(0, longest_upstream_text))
                       .text();
                 }},
      report);
}

std::optional<RelayOrder> parse_relay_order(std::string_view message) {
  if (message.size() > longest_relay_order) return std::nullopt;
  FieldReader fields(message);
  const std::string_view kind = fields.word();
  std::optional<RelayOrder> order;
  if (kind == "forward") order = read_plan(fields);
  if (kind == "take") order = read_take(fields);
  if (kind == "host") order = read_host_found(fields);
  if (kind == "drop") order = Drop{fields.number<std::uint64_t>()};
  return fields.is_good() ? order : std::nullopt;
}

std::optional<RelayReport> parse_relay_report(std::string_view message) {
  if (message.size() > longest_relay_report) return std::nullopt;
  FieldReader fields(message);
  const std::string_view kind = fields.word();
  std::optional<RelayReport> report;
  if (kind == "taken") report = Taken{fields.number<std::uint64_t>()};
  if (kind == "host") report = WantHost{fields.host_name()};
  if (kind == "finished") report = read_finished(fields);
  return fields.is_good() ? report : std::nullopt;
}

}  // namespace superd
