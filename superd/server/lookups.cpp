// SPDX-License-Identifier: MIT
// Questions: asked, shared, sent in turn, settled. All times are kept by one task, which is there
// while there is anything to wait for.
#include "superd/server/lookups.hpp"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "superd/base/overloaded.hpp"
#include "superd/base/text.hpp"

namespace superd {
namespace {

// Who shares a part: a stranger has a whole /64 of IPv6, and often a /24.
std::string network_of(const IpAddress& address) {
  IpAddress network = address;
  network.scope = 0;
  std::fill(network.bytes.begin() + (address.v6 ? 8 : 3), network.bytes.end(), std::uint8_t{0});
  return to_text(network);
}

std::string network_of(const LookupQuestion& question) {
  if (const auto* names = std::get_if<NamesQuestion>(&question)) return network_of(names->address);
  const Peer& peer = std::get<HostsAccessQuestion>(question).peer;
  if (const auto* inet = std::get_if<InetPeer>(&peer)) return network_of(inet->remote.address);
  return host_text(peer);
}

// The resolver would wait 5 s for a packet that is lost, and then it is too late. A name is what it
// is: with a list of domains to search, a stranger's "www" could be taken for ours.
std::vector<std::pair<std::string, std::string>> resolver_environment() {
  const char* const options = getenv("RES_OPTIONS");
  return {{"RES_OPTIONS", options ? options : "timeout:2 attempts:2"}, {"LOCALDOMAIN", "."}};
}

}  // namespace

HandlerPtr lookup_handler(const std::string& program, std::optional<Identity> identity,
                          const rlimit& descriptors) {
  return own_handler(program, std::move(identity), descriptors, resolver_environment());
}

struct Lookups::Question {
  LookupQuestion asked;
  std::string text, network;
  std::optional<Clock::time_point> sent;
  std::optional<LookupOutcome> outcome;
  std::vector<Alarm*> waiting;
};

Lookups::Lookups(const OwnRooms& rooms, HandlerPtr handler, const LookupLimits& limits)
    : rooms_(rooms), handler_(std::move(handler)), limits_(limits), alarm_(rooms.loop) {}

awaitable<NameAnswer> Lookups::names_of(IpAddress address) {
  const IpAddress whose = unmapped(address);
  ++counts_.asked;
  if (const LookupOutcome* known = cache_.find(whose, Clock::now())) {
    ++counts_.known;
    const auto* all = std::get_if<ConfirmedNames>(known);
    co_return all ? NameAnswer(all->names) : std::nullopt;
  }
  LookupQuestion question = NamesQuestion{whose};
  const LookupOutcome outcome = co_await outcome_of(std::move(question));
  const auto* all = std::get_if<ConfirmedNames>(&outcome);
  co_return all ? NameAnswer(all->names) : std::nullopt;
}

// Never kept: an edit of hosts.deny holds at once.
awaitable<HostsAccessAnswer> Lookups::hosts_access(std::string name, Peer peer) {
  ++counts_.asked;
  LookupQuestion question = HostsAccessQuestion{std::move(name), std::move(peer)};
  const LookupOutcome outcome = co_await outcome_of(std::move(question));
  const auto* verdict = std::get_if<HostsVerdict>(&outcome);
  co_return verdict ? HostsAccessAnswer(*verdict) : std::nullopt;
}

awaitable<LookupOutcome> Lookups::outcome_of(LookupQuestion asked) {
  const auto deadline = Clock::now() + limits_.longest_wait;
  LookupOutcome outcome = LookupFailed{};
  const QuestionPtr question = enter(std::move(asked));
  if (!question) co_return outcome;
  Alarm alarm(rooms_.loop);
  question->waiting.push_back(&alarm);
  wake();
  while (!question->outcome && Clock::now() < deadline) co_await alarm.sleep_until(deadline);
  leave(question, alarm);
  if (question->outcome) outcome = *question->outcome;
  if (std::holds_alternative<LookupFailed>(outcome)) ++counts_.unanswered;
  co_return outcome;
}

// The question, which others may have asked before; null where too many wait.
Lookups::QuestionPtr Lookups::enter(LookupQuestion asked) {
  const std::string network = network_of(asked);
  const auto part = networks_.find(network);
  const bool is_full = waiting_ >= limits_.waiting ||
                       (part != networks_.end() && part->second.waiting >= limits_.waiting_of_one);
  if (is_closed_ || is_full) {
    ++counts_.refused;
    return nullptr;
  }
  ++waiting_;
  ++networks_[network].waiting;
  QuestionPtr& open = open_[to_text(asked)];
  if (open) return open;
  open = std::make_shared<Question>();
  open->text = to_text(asked);
  open->network = network;
  open->asked = std::move(asked);
  queue_.push_back(open);
  return open;
}

// One that nobody waits for any more needs no answer, unless it is on its way: then the cache will
// have it.
void Lookups::leave(const QuestionPtr& question, const Alarm& alarm) {
  std::erase(question->waiting, &alarm);
  --waiting_;
  --networks_[question->network].waiting;
  give_back(question->network);
  if (question->outcome || question->sent || !question->waiting.empty()) return;
  open_.erase(question->text);
  queue_.remove(question);
}

void Lookups::settle(const QuestionPtr& question, LookupOutcome outcome) {
  question->outcome = std::move(outcome);
  open_.erase(question->text);
  if (question->sent) --networks_[question->network].at_once;
  give_back(question->network);
  for (Alarm* one : question->waiting) one->ring();
}

void Lookups::give_back(const std::string& network) {
  const auto found = networks_.find(network);
  if (found == networks_.end()) return;
  if (found->second.waiting == 0 && found->second.at_once == 0) networks_.erase(found);
}

void Lookups::wake() {
  if (std::exchange(is_tended_, true)) return alarm_.ring();
  spawn(rooms_.loop, "tend to lookups", tend(), rooms_.died);
}

awaitable<void> Lookups::tend() {
  for (;;) {
    const auto next = act();
    if (!next) break;
    co_await alarm_.sleep_until(*next);
  }
  is_tended_ = false;
}

// Does what is due; the time of what will be. Absent: there is nothing to wait for.
std::optional<Clock::time_point> Lookups::act() {
  const auto now = Clock::now();
  if (child_ && !sent_.empty()) {
    const auto end = *sent_.begin()->second->sent + limits_.longest_silence;
    if (now >= end) {
      child_->stop("was ended: it gave no answer for long");
      return now + limits_.first_pause;
    }
  }
  if (!queue_.empty() && !child_ && !is_closed_ && now >= may_start_) start_child();
  if (child_) send_what_may_go();
  const bool is_idle = queue_.empty() && sent_.empty();
  if (child_ && is_idle && now >= last_use_ + limits_.idle)
    std::exchange(child_, nullptr)->retire();
  if (!child_) return is_idle ? std::nullopt : std::optional(std::max(may_start_, now));
  if (is_idle) return last_use_ + limits_.idle;
  if (sent_.empty()) return now + limits_.longest_pause;
  return *sent_.begin()->second->sent + limits_.longest_silence;
}

// First come first served, but for networks that have their part already.
void Lookups::send_what_may_go() {
  for (auto next = queue_.begin(); next != queue_.end() && sent_.size() < limits_.at_once;) {
    const QuestionPtr question = *next;
    Part& part = networks_[question->network];
    if (part.at_once >= limits_.at_once_of_one) {
      ++next;
      continue;
    }
    if (!child_->send(encode(LookupRequest{++last_id_, question->asked})))
      return;  // its end will be heard of
    last_use_ = Clock::now();
    question->sent = last_use_;
    sent_.emplace(last_id_, question);
    ++part.at_once;
    ++counts_.looked_up;
    next = queue_.erase(next);
  }
}

void Lookups::start_child() {
  OwnChild::Arrived arrived = [this](const std::string& message) { return take(message); };
  OwnChild::Ended ended = [this](const std::string& why) { child_ended(why); };
  auto started = OwnChild::start(handler_, rooms_, longest_lookup_answer, std::move(arrived),
                                 std::move(ended));
  if (started)
    child_ = std::move(*started);
  else
    child_ended("could not be started: " + started.error().text);
}

// What is wrong with it; empty: nothing.
std::string Lookups::take(const std::string& message) {
  const auto answer = parse_lookup_answer(message);
  if (!answer) return "it sent what is no answer";
  const auto found = sent_.find(answer->id);
  if (found == sent_.end()) return {};
  const QuestionPtr question = found->second;
  const bool is_of_names = std::holds_alternative<NamesQuestion>(question->asked);
  const bool is_other = is_of_names ? std::holds_alternative<HostsVerdict>(answer->outcome)
                                    : std::holds_alternative<ConfirmedNames>(answer->outcome);
  if (is_other) return "it sent an answer to another question";
  sent_.erase(found);
  last_use_ = Clock::now();
  pause_ = Milliseconds(0);
  is_failure_said_ = false;
  if (is_of_names)
    cache_.keep(std::get<NamesQuestion>(question->asked).address, answer->outcome, last_use_);
  settle(question, answer->outcome);
  wake();
  return {};
}

// Whoever waited for it has no answer. Who asks next has another child, after a pause that grows:
// one that dies at once must not keep superd busy, nor its log.
void Lookups::child_ended(const std::string& why) {
  child_ = nullptr;
  pause_ = std::clamp(2 * pause_, limits_.first_pause, limits_.longest_pause);
  may_start_ = Clock::now() + pause_;
  const auto lost = std::exchange(sent_, {});
  if (!std::exchange(is_failure_said_, true))
    rooms_.reporter.report(Notice{
        LogLevel::error,
        "superd-lookup " + why + "; " + count_of(lost.size(), "lookup") + " without an answer"});
  for (const auto& [id, question] : lost) settle(question, LookupFailed{});
  wake();
}

void Lookups::use(HandlerPtr handler) {
  handler_ = std::move(handler);
  if (!child_) return;
  std::exchange(child_, nullptr)->retire();
  for (const auto& [id, question] : std::exchange(sent_, {})) settle(question, LookupFailed{});
  wake();
}

void Lookups::close() {
  is_closed_ = true;
  if (child_) std::exchange(child_, nullptr)->retire();
  for (const auto& [id, question] : std::exchange(sent_, {})) settle(question, LookupFailed{});
  for (const QuestionPtr& question : std::exchange(queue_, {})) settle(question, LookupFailed{});
  wake();
}

}  // namespace superd
