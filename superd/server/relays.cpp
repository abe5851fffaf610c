// SPDX-License-Identifier: MIT
// Which relay is whose.
#include "superd/server/relays.hpp"

#include <algorithm>

#include "superd/os/descriptors.hpp"

namespace superd {
namespace {

// A service of which only the name and the terms are known: what is under way goes on by its relay.
HandlerPtr handler_of_the_past(const std::string& name, const Roster& roster,
                               const rlimit& descriptors) {
  auto service = std::make_shared<Service>();
  service->name = name;
  service->activation = Forward{};
  if (const HandlerPtr now = roster.handler(name)) service->terms = now->service().terms;
  return std::make_shared<Handler>(std::move(service), descriptors);
}

bool is_as_planned(const Handler& handler, const std::string& plan) {
  const auto* forward = std::get_if<Forward>(&handler.service().activation);
  return forward && encode(RelayPlan{*forward->rules}) == plan;
}

}  // namespace

bool needs_relay(const Service& service) {
  return std::holds_alternative<Forward>(service.activation);
}

// One that is over has no connections; the next one makes another.
RelayPtr Relays::relay_of(const HandlerPtr& handler) {
  RelayPtr& relay = all_[handler.get()];
  if (relay) return relay;
  const Handler* const key = handler.get();
  relay = std::make_shared<Relay>(rooms_, handler, [this, key] {
    all_.erase(key);
    std::erase_if(former_, [&](const RelayPtr& one) { return one->served().get() == key; });
  });
  return relay;
}

void Relays::serve(Session session) {
  const RelayPtr relay = relay_of(session.handler);
  session.is_forwarded = true;
  relay->take(std::move(session));
}

bool Relays::stop(const Session& session, Stop reason) {
  const auto has_it = [&](const RelayPtr& one) { return one->drop(session, reason); };
  if (std::any_of(former_.begin(), former_.end(), has_it)) return true;
  const auto found = all_.find(session.handler.get());
  return found != all_.end() && has_it(RelayPtr(found->second));
}

void Relays::use(MakeHandler make) {
  rooms_.handler = std::move(make);
  for (auto& [handler, relay] : std::exchange(all_, {})) former_.push_back(std::move(relay));
}

void Relays::close() {
  const auto all = all_;  // one that is over leaves it
  for (const auto& [handler, relay] : all) relay->close();
  const auto former = former_;
  for (const RelayPtr& relay : former) relay->close();
}

bool Relays::is_at_rest() const {
  const auto rests = [](const RelayPtr& one) { return one->is_at_rest(); };
  return std::all_of(former_.begin(), former_.end(), rests) &&
         std::all_of(all_.begin(), all_.end(), [&](const auto& one) { return rests(one.second); });
}

void Relays::save(SavedState& state) const {
  for (const RelayPtr& relay : former_) relay->save(state);
  for (const auto& [handler, relay] : all_) relay->save(state);
}

void Relays::go_on_with(SavedState& state, const Roster& roster, const rlimit& descriptors,
                        Gate& gate) {
  std::vector<RelayPtr> relays;
  for (const SavedState::Relay& saved : state.relays) {
    HandlerPtr handler = roster.handler(saved.service);
    const bool is_same =
        handler && is_as_planned(*handler, saved.plan) && !all_.contains(handler.get());
    if (!is_same) handler = handler_of_the_past(saved.service, roster, descriptors);
    relays.push_back(relay_of(handler));
    relays.back()->adopt(saved);
  }
  for (SavedState::Forwarded& saved : state.forwarded) {
    const RelayPtr& relay = relays.at(saved.relay);
    HandlerPtr handler = relay->served();
    auto pass = gate.resume(handler, saved.run.peer);
    const bool is_sent = saved.socket < 0;
    Session session{
        std::move(saved.run),    std::move(handler), UniqueFd(saved.socket), saved.since, {},
        Session::Phase::waiting, std::move(pass)};
    session.is_forwarded = true;
    relay->adopt(std::move(session), is_sent);
  }
}

}  // namespace superd
