// SPDX-License-Identifier: MIT
// A table of questions. refuse() asks until one says no, explain() asks all.
#include "superd/core/admission.hpp"

#include <algorithm>

#include "superd/base/overloaded.hpp"
#include "superd/base/text.hpp"

namespace superd {
namespace {

using Answer = std::optional<Refusal>;

const IpAddress* address_of(const Peer& peer) {
  const auto* inet = std::get_if<InetPeer>(&peer);
  return inet == nullptr ? nullptr : &inet->remote.address;
}

// By network, or by account. No rule is about a virtual machine.
std::optional<AppliedRule> decide_by_peer(const AccessRules& access, const Facts& facts) {
  using Rule = std::optional<AppliedRule>;
  return std::visit(
      Overloaded{[&](const InetPeer& inet) { return decide(access, inet.remote.address); },
                 [&](const UnixPeer& local) { return decide(access, local, facts.groups); },
                 [&](const VsockPeer&) -> Rule { return std::nullopt; },
                 [&](const UnseenPeer&) -> Rule { return std::nullopt; }},
      facts.peer);
}

Answer by_rule(Reason reason, const AppliedRule& rule) {
  if (rule.allows) return std::nullopt;
  return Refusal{reason, "deny " + rule.rule, rule.place};
}

Answer without_rule(Reason reason, const AccessRules& access) {
  if (!access.allow) return std::nullopt;
  return Refusal{reason, "not in allow", {}};
}

bool may_have_name(const AccessRules& access, const Peer& peer) {
  return address_of(peer) != nullptr && has_names(access);
}

Answer ask_ban(const Service&, const Facts& facts) {
  const IpAddress* address = address_of(facts.peer);
  const Ban* ban = facts.bans && address ? facts.bans->find(*address, facts.now) : nullptr;
  if (ban == nullptr) return std::nullopt;
  return Refusal{Reason::ban, to_text(ban->network) + ", " + ban->reason, {}};
}

bool has_bans(const Service&, const Facts& facts) { return facts.bans && facts.bans->size() > 0; }

bool has_rules(const AccessRules& access) { return access.allow || !access.deny.lists.empty(); }

Answer ask_address(const Service& service, const Facts& facts) {
  const AccessRules& access = service.terms->access;
  if (!has_rules(access)) return std::nullopt;
  // Who waits there comes from anywhere; a table has no rules for such a service.
  if (std::holds_alternative<UnseenPeer>(facts.peer)) return std::nullopt;
  if (const auto rule = decide_by_peer(access, facts)) return by_rule(Reason::address, *rule);
  // Names have the last word where there are any.
  if (may_have_name(access, facts.peer)) return std::nullopt;
  return without_rule(Reason::address, access);
}

Answer ask_name(const Service& service, const Facts& facts) {
  const AccessRules& access = service.terms->access;
  if (!may_have_name(access, facts.peer) || decide_by_peer(access, facts)) return std::nullopt;
  if (facts.name.state == PeerName::State::known) {
    if (const auto rule = decide(access, facts.name.text)) return by_rule(Reason::name, *rule);
  }
  return without_rule(Reason::name, access);
}

Answer ask_hosts_access(const Service& service, const Facts& facts) {
  const std::string& name = service.terms->hosts_access;
  if (name.empty() || facts.hosts_access != HostsAccess::denies) return std::nullopt;
  return Refusal{Reason::hosts_access, "hosts.deny of '" + name + "'", {}};
}

Answer ask_hours(const Service& service, const Facts& facts) {
  const Schedule& hours = service.terms->hours;
  if (hours.windows.empty() || (facts.local && is_open(hours, *facts.local))) return std::nullopt;
  const std::string now = facts.local ? "it is " + to_text(*facts.local) : "the time is unknown";
  return Refusal{Reason::hours, now + ", open " + to_text(hours), {}};
}

Answer ask_load(const Service& service, const Facts& facts) {
  const auto& most = service.terms->limits.load;
  if (!most || facts.load < *most) return std::nullopt;
  return Refusal{Reason::load, load_to_text(facts.load) + " of " + load_to_text(*most), {}};
}

Answer ask_number(Reason reason, std::uint32_t running, std::optional<std::uint32_t> most) {
  if (!most || running < *most) return std::nullopt;
  return Refusal{
      reason, std::to_string(running) + " of " + std::to_string(*most) + " are running", {}};
}

Answer ask_daemon(const Service&, const Facts& facts) {
  if (facts.most_instances == 0) return std::nullopt;
  return ask_number(Reason::daemon_instances, facts.ledger.running(), facts.most_instances);
}

Answer ask_instances(const Service& service, const Facts& facts) {
  const auto& most = service.terms->limits.instances;
  if (!most) return std::nullopt;
  return ask_number(Reason::instances, facts.ledger.running(service.name), most);
}

Usage usage_of(const Service& service, const Facts& facts) {
  const Limits& limits = service.terms->limits;
  return facts.ledger.usage(service.name, limits, source_of(limits, facts.peer), facts.now);
}

Answer ask_per_source(const Service& service, const Facts& facts) {
  const auto& most = service.terms->limits.per_source;
  if (!most) return std::nullopt;
  return ask_number(Reason::per_source, usage_of(service, facts).per_source, most);
}

Answer ask_rate_of(Reason reason, const std::optional<Rate>& rate, Milliseconds wait) {
  if (!rate || wait == Milliseconds(0)) return std::nullopt;
  return Refusal{reason, to_text(*rate) + ", the next in " + duration_to_text(wait), {}};
}

Answer ask_rate(const Service& service, const Facts& facts) {
  const auto& rate = service.terms->limits.rate;
  if (!rate) return std::nullopt;
  return ask_rate_of(Reason::rate, rate, usage_of(service, facts).rate);
}

Answer ask_rate_per_source(const Service& service, const Facts& facts) {
  const auto& rate = service.terms->limits.rate_per_source;
  if (!rate) return std::nullopt;
  return ask_rate_of(Reason::rate_per_source, rate, usage_of(service, facts).rate_per_source);
}

struct Question {
  Reason reason;
  Answer (*ask)(const Service& service, const Facts& facts);
  bool (*is_asked)(const Service& service, const Facts& facts);
};

const Question questions[] = {
    {Reason::ban, ask_ban, has_bans},
    {Reason::address, ask_address,
     [](const Service& s, const Facts&) { return has_rules(s.terms->access); }},
    {Reason::name, ask_name,
     [](const Service& s, const Facts& f) { return may_have_name(s.terms->access, f.peer); }},
    {Reason::hosts_access, ask_hosts_access,
     [](const Service& s, const Facts&) { return !s.terms->hosts_access.empty(); }},
    {Reason::hours, ask_hours,
     [](const Service& s, const Facts&) { return !s.terms->hours.windows.empty(); }},
    {Reason::load, ask_load,
     [](const Service& s, const Facts&) { return s.terms->limits.load.has_value(); }},
    {Reason::daemon_instances, ask_daemon,
     [](const Service&, const Facts& f) { return f.most_instances > 0; }},
    {Reason::instances, ask_instances,
     [](const Service& s, const Facts&) { return s.terms->limits.instances.has_value(); }},
    {Reason::per_source, ask_per_source,
     [](const Service& s, const Facts&) { return s.terms->limits.per_source.has_value(); }},
    {Reason::rate, ask_rate,
     [](const Service& s, const Facts&) { return s.terms->limits.rate.has_value(); }},
    {Reason::rate_per_source, ask_rate_per_source,
     [](const Service& s, const Facts&) { return s.terms->limits.rate_per_source.has_value(); }},
};

// Whether nothing before the question about `reason` refuses.
bool comes_to(Reason reason, const Service& service, const Facts& facts) {
  for (const Question& question : questions) {
    if (question.reason == reason) return true;
    if (question.ask(service, facts)) return false;
  }
  return false;
}

std::vector<AppliedRule> rules_for(const Service& service, const Facts& facts) {
  const AccessRules& access = service.terms->access;
  using Rules = std::vector<AppliedRule>;
  auto rules = std::visit(
      Overloaded{[&](const InetPeer& inet) { return applied(access, inet.remote.address); },
                 [&](const UnixPeer& local) { return applied(access, local, facts.groups); },
                 [&](const VsockPeer&) { return Rules(); },
                 [&](const UnseenPeer&) { return Rules(); }},
      facts.peer);
  if (facts.name.state == PeerName::State::known && may_have_name(access, facts.peer)) {
    for (AppliedRule& rule : applied(access, facts.name.text)) rules.push_back(std::move(rule));
  }
  return rules;
}

}  // namespace

std::optional<Refusal> refuse(const Service& service, const Facts& facts) {
  for (const Question& question : questions) {
    if (auto refusal = question.ask(service, facts)) return refusal;
  }
  return std::nullopt;
}

bool needs_name(const Service& service, const Facts& facts) {
  const AccessRules& access = service.terms->access;
  return facts.name.state == PeerName::State::unasked && may_have_name(access, facts.peer) &&
         !ask_ban(service, facts) && !decide_by_peer(access, facts);
}

bool needs_hosts_access(const Service& service, const Facts& facts) {
  return !service.terms->hosts_access.empty() && facts.hosts_access == HostsAccess::unasked &&
         address_of(facts.peer) != nullptr && comes_to(Reason::hosts_access, service, facts);
}

bool shall_wait(const Service& service, const Refusal& refusal) {
  return service.terms->limits.when_full == WhenFull::wait &&
         (refusal.reason == Reason::instances || refusal.reason == Reason::daemon_instances);
}

Explanation explain(const Service& service, const Facts& facts) {
  Explanation explanation;
  explanation.service = service.name;
  explanation.peer = to_text(facts.peer);
  if (const IpAddress* address = address_of(facts.peer)) {
    explanation.peer = to_text(unmapped(*address));
  }
  for (const Question& question : questions) {
    explanation.steps.push_back(
        {question.reason, question.is_asked(service, facts), question.ask(service, facts)});
  }
  explanation.rules = rules_for(service, facts);
  explanation.needs_name = needs_name(service, facts);
  explanation.source = to_text(source_of(service.terms->limits, facts.peer));
  explanation.usage = usage_of(service, facts);
  explanation.all_instances = facts.ledger.running();
  return explanation;
}

const Refusal* Explanation::refusal(std::size_t number) const {
  for (const Step& step : steps) {
    if (step.refusal && number-- == 0) return &*step.refusal;
  }
  return nullptr;
}

}  // namespace superd
