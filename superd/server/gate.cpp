// SPDX-License-Identifier: MIT
// Facts, verdicts, doors.
#include "superd/server/gate.hpp"

#include <boost/asio/post.hpp>

#include "superd/base/number.hpp"
#include "superd/os/control_socket.hpp"
#include "superd/os/load_average.hpp"
#include "superd/os/random_key.hpp"

namespace superd {
namespace {

// At one service. Each is a connection that superd holds.
constexpr std::size_t longest_line = 256;

bool asks_nothing(const Service& service, const Bans& bans) {
  return service.terms.is_same({}) && bans.size() == 0;
}

bool has_account_rules(const Terms& terms) {
  return any_list(terms.access, [](const RuleList& list) { return !list.accounts.empty(); });
}

std::vector<gid_t> groups_of(const Service& service, const Peer& peer, int socket) {
  if (!std::holds_alternative<UnixPeer>(peer) || !has_account_rules(*service.terms)) return {};
  auto caller = caller_of(socket);
  return caller ? std::move(caller->groups) : std::vector<gid_t>();
}

}  // namespace

Gate::Gate(Loop& loop, Reporter& reporter, Metrics& metrics)
    : loop_(loop),
      reporter_(reporter),
      metrics_(metrics),
      ledger_(random_key()),
      bans_(random_key()),
      notes_(loop, reporter) {}

// Only what the service's terms need: each fact has its price.
Facts Gate::facts_for(const Service& service, const Peer& peer, std::span<const gid_t> groups,
                      const Known& known) {
  const Terms& terms = *service.terms;
  Facts facts{.peer = peer, .now = Clock::now(), .ledger = ledger_, .bans = &bans_};
  facts.groups = groups;
  if (known.names) facts.name.state = PeerName::State::unknown;
  facts.hosts_access = known.hosts_access;
  if (!terms.hours.windows.empty()) facts.local = time_in(terms.hours.zone);
  if (terms.limits.load) facts.load = load_average();
  return facts;
}

// A zone that can't be read any more was there when the table was loaded: UTC then.
std::optional<LocalTime> Gate::time_in(const std::string& zone) {
  const Moment now = std::chrono::system_clock::now();
  if (zone.empty()) return local_time(now);
  const auto known = zones_.find(zone);
  if (known != zones_.end()) return known->second.at(now);
  auto loaded = TimeZone::load(zone);
  return zones_.emplace(zone, loaded ? std::move(*loaded) : TimeZone()).first->second.at(now);
}

Gate::Verdict Gate::judge(const Service& service, const Peer& peer, int socket,
                          const Known& known) {
  if (asks_nothing(service, bans_)) return {};
  const auto groups = groups_of(service, peer, socket);
  const Facts facts = facts_for(service, peer, groups, known);
  if (needs_name(service, facts)) return {Question::name, {}};
  if (needs_hosts_access(service, facts)) return {Question::hosts_access, {}};
  const bool has_names = known.names && !known.names->empty();
  return {Question::none,
          has_names ? refuse_by_names(service, facts, *known.names) : refuse(service, facts)};
}

// A peer may have several names, and chose them itself: one that is denied is enough, and so is one
// that may in where none is denied.
std::optional<Refusal> Gate::refuse_by_names(const Service& service, Facts facts,
                                             const std::vector<std::string>& names) {
  std::optional<Refusal> first;
  bool may_in = false;
  for (const std::string& name : names) {
    facts.name = {PeerName::State::known, name};
    auto refusal = refuse(service, facts);
    const bool is_denied =
        refusal && refusal->reason == Reason::name && refusal->rule.starts_with("deny ");
    if (is_denied) return refusal;
    may_in |= !refusal;
    if (!first) first = std::move(refusal);
  }
  return may_in ? std::nullopt : first;
}

Gate::Pass Gate::let_in(const HandlerPtr& handler, const Peer& peer) {
  const Service& service = handler->service();
  const Limits& limits = service.terms->limits;
  SourceId source = source_of(limits, peer);
  ledger_.begin(service.name, limits, source, Clock::now());
  if (service.terms->trap) spring_trap(service, peer);
  return {*this, handler, std::move(source)};
}

Gate::Pass Gate::resume(const HandlerPtr& handler, const Peer& peer) {
  SourceId source = source_of(handler->service().terms->limits, peer);
  ledger_.resume(handler->service().name, source);
  return {*this, handler, std::move(source)};
}

void Gate::left(Pass& pass) {
  const std::string& service = pass.handler_->service().name;
  ledger_.end(service, pass.source_);
  if (doors_.empty()) return;
  const auto door = doors_.find(service);
  if (door != doors_.end()) call_next(door->second);
}

void Gate::turn_away(const Service& service, Accepted visitor, const Refusal& refusal) {
  const std::string& words = service.terms->banner.refused.text;
  if (!words.empty()) say(visitor.socket.get(), words);
  refused(service, visitor.peer, refusal);
}

void Gate::refused(const Service& service, const Peer& peer, const Refusal& refusal) {
  metrics_.refused(service.name, name_of(refusal.reason));
  notes_.note(service.name, source_of(service.terms->limits, peer), peer, refusal);
  if (refusal.reason == Reason::rate && service.terms->limits.pause) close_door(service);
}

bool Gate::is_open(const Service& service) {
  const Limits& limits = service.terms->limits;
  const bool may_be_full = limits.when_full == WhenFull::wait && limits.instances;
  if (!may_be_full && !limits.pause) return true;
  if (may_be_full && ledger_.running(service.name) >= *limits.instances) return false;
  if (may_be_full && has_line(service)) return false;  // who was let that far comes first
  const auto door = doors_.find(service.name);
  return door == doors_.end() || door->second.closed_until <= Clock::now();
}

void Gate::when_open(const Service& service, std::function<void()> resume) {
  doors_[service.name].waiting.push_back(std::move(resume));
}

void Gate::look_again() {
  for (auto& [name, door] : doors_) {
    call_next(door);
    call_all(door);
  }
}

std::unique_ptr<Gate::Place> Gate::stand_in_line(const Service& service, Alarm& called) {
  Door& door = doors_[service.name];
  if (door.line.size() >= longest_line) return nullptr;
  return std::make_unique<Place>(*this, door, called);
}

bool Gate::has_line(const Service& service) const {
  const auto door = doors_.find(service.name);
  return door != doors_.end() && !door->second.line.empty();
}

Gate::Place::Place(Gate& gate, Door& door, Alarm& called)
    : gate_(gate), door_(door), at_(door.line.insert(door.line.end(), &called)) {}

Gate::Place::~Place() {
  door_.line.erase(at_);
  gate_.call_next(door_);
}

std::map<std::string, Clock::time_point> Gate::closed_doors() const {
  std::map<std::string, Clock::time_point> closed;
  for (const auto& [name, door] : doors_)
    if (door.closed_until > Clock::now()) closed.emplace(name, door.closed_until);
  return closed;
}

void Gate::keep_closed(const std::map<std::string, Clock::time_point>& doors) {
  for (const auto& [name, until] : doors) {
    Door& door = doors_[name];
    door.closed_until = until;
    watch_end_of_pause(door);
  }
}

void Gate::close_door(const Service& service) {
  Door& door = doors_[service.name];
  const Milliseconds pause = *service.terms->limits.pause;
  door.closed_until = Clock::now() + pause;
  reporter_.report(
      Notice{LogLevel::warning,
             "closed for " + duration_to_text(pause) + ": its rate is exceeded; 'pause' says so",
             service.name});
  watch_end_of_pause(door);
}

void Gate::watch_end_of_pause(Door& door) {
  if (!door.timer) door.timer = std::make_unique<boost::asio::steady_timer>(loop_);
  door.timer->expires_at(door.closed_until);
  door.timer->async_wait([this, &door](const boost::system::error_code& error) {
    if (!error) call_next(door);
  });
}

// The first in the line, who calls the next in turn. Without a line all listeners: whose backlog is
// empty by now has no use for the place.
void Gate::call_next(Door& door) { door.line.empty() ? call_all(door) : door.line.front()->ring(); }

// Who isn't let in asks again, and waits behind the others as before.
void Gate::call_all(Door& door) {
  for (auto& next : std::exchange(door.waiting, {}))
    boost::asio::post(loop_, [next = std::move(next)] { next(); });
}

void Gate::spring_trap(const Service& service, const Peer& peer) {
  const auto* inet = std::get_if<InetPeer>(&peer);
  if (!inet) return;  // all on this machine have one address: none
  const auto banned =
      ban({.network = source_of(service.terms->limits.source_prefix, inet->remote.address),
           .reason = "trap '" + service.name + "'",
           .by_hand = false,
           .lasts = *service.terms->trap,
           .until = Clock::now() + *service.terms->trap},
          service.name);
  if (!banned) reporter_.report(Notice{LogLevel::warning, banned.error().text});
}

Result<void> Gate::ban(Ban ban, const std::string& service) {
  const Banned event{service, ban.network, ban.reason, ban.lasts};
  if (auto added = bans_.add(std::move(ban)); !added) return added.error();
  reporter_.report(event);
  if (bans_changed_) bans_changed_();
  return {};
}

bool Gate::unban(const Network& network) {
  const auto gone = bans_.remove(network);
  if (!gone) return false;
  reporter_.report(Unbanned{network, true});
  if (bans_changed_) bans_changed_();
  return true;
}

Explanation Gate::explain_visit(const Service& service, const Peer& peer, const Known& known,
                                const std::optional<LocalTime>& at) {
  Facts facts = facts_for(service, peer, {}, known);
  if (known.names && !known.names->empty())
    facts.name = {PeerName::State::known, known.names->front()};
  if (at) facts.local = at;
  return explain(service, facts);
}

}  // namespace superd
