// SPDX-License-Identifier: MIT
// Prepare and commit.
#include "superd/server/roster.hpp"

#include <algorithm>
#include <unordered_map>

#include "superd/os/notify_socket.hpp"
#include "superd/os/socket_options.hpp"
#include "superd/server/activator.hpp"
#include "superd/server/exchanges.hpp"

namespace superd {
namespace {

const Listen& listen_of(const ServiceTable& table, const ListenRef& ref) {
  return table.services[ref.service]->listen[ref.listen];
}

const std::string& name_of(const ServiceTable& table, const ListenRef& ref) {
  return table.services[ref.service]->name;
}

// Who takes those who knock at a service's sockets.
enum class Role : std::uint8_t { nobody, activator, exchanges };

Role role_of(const Service& service) {
  if (std::holds_alternative<HandOver>(service.activation)) return Role::activator;
  const auto& all = service.listen;
  const bool has_datagrams = std::any_of(
      all.begin(), all.end(), [](const Listen& listen) { return is_datagram(listen.address); });
  return has_datagrams ? Role::exchanges : Role::nobody;
}

DoormanPtr doorman_for(Role role, Runtime& runtime) {
  if (role == Role::activator) return std::make_shared<Activator>(runtime);
  if (role == Role::exchanges) return std::make_shared<Exchanges>(runtime);
  return nullptr;
}

// Connections that a service accepts itself knock at no doorman's.
DoormanPtr doorman_at(const BindAddress& address, const Service& service,
                      const DoormanPtr& doorman) {
  const bool accepts = std::holds_alternative<RunHandler>(service.activation);
  return accepts && !is_datagram(address) ? nullptr : doorman;
}

// A socket that isn't there stands for one that waits.
void put_off(Roster::Prepared& prepared, const Service& service, Unbound unbound) {
  if (!may_be_bound_later(service, unbound.listen, unbound.error)) {
    prepared.unbound.push_back(std::move(unbound));
    return;
  }
  prepared.opened.push_back({unbound.listen.address, UniqueFd(), UnixPath()});
  prepared.waiting.push_back(std::move(unbound));
}

void say_waiting(const std::vector<Unbound>& waiting, Reporter& reporter) {
  for (const Unbound& one : waiting)
    reporter.report(
        Notice{LogLevel::warning, "service '" + one.service + "': " + to_text(one.listen.address) +
                                      " waits until it can be bound: " + one.error.text});
}

}  // namespace

Roster::Prepared Roster::prepare(ServiceTable written, Overrides overrides,
                                 std::vector<Inherited>& inherited) const {
  Prepared prepared;
  prepared.overrides = std::move(overrides);
  prepared.table = with(prepared.overrides, written, prepared.dropped);
  prepared.written = std::move(written);
  prepared.diff = diff(table_, prepared.table);
  const std::vector<int> closing = leaving(prepared.diff);
  for (const ListenRef& ref : prepared.diff.opened) {
    const Service& service = *prepared.table.services[ref.service];
    const Listen& listen = service.listen[ref.listen];
    if (auto claimed = claim(inherited, service, listen)) {
      prepared.opened.push_back(std::move(*claimed));
      continue;
    }
    auto bound = bind_socket(service, listen, closing);
    if (auto* socket = std::get_if<OpenSocket>(&bound))
      prepared.opened.push_back(std::move(*socket));
    else
      put_off(prepared, service, std::move(std::get<Unbound>(bound)));
  }
  return prepared;
}

std::vector<int> Roster::leaving(const TableDiff& diff) const {
  std::vector<int> sockets;
  for (const ListenRef& ref : diff.closed)
    if (const ListenerPtr& listener = entries_[ref.service].listeners[ref.listen])
      sockets.push_back(listener->socket());
  for (const ListenerPtr& listener : finishing_)
    if (!listener->has_finished()) sockets.push_back(listener->socket());
  return sockets;
}

void Roster::commit(Prepared prepared, Runtime& runtime) noexcept {
  std::vector<Entry> entries = new_entries(prepared, runtime);
  retire_doormen(entries);
  keep_sockets(prepared, entries, runtime);
  open_sockets(prepared, entries, runtime);
  close_sockets(prepared, runtime);
  for (Entry& entry : entries)
    if (entry.doorman) entry.doorman->serve(entry.handler, entry.listeners);
  std::vector<HandlerPtr> handlers;
  for (const Entry& entry : entries)
    if (entry.handler) handlers.push_back(entry.handler);
  runtime.warm.serve(handlers);
  entries_ = std::move(entries);
  table_ = std::move(prepared.table);
  written_ = std::move(prepared.written);
  overrides_ = std::move(prepared.overrides);
  std::erase_if(paused_, [this](const std::string& name) { return !find(name); });
  say_waiting(prepared.waiting, runtime.reporter);
  for (const auto& changed : changed_) changed();
  if (sockets_changed_) sockets_changed_();
}

// A service that hasn't changed keeps its handler: program, log pipe and all.
std::vector<Roster::Entry> Roster::new_entries(const Prepared& prepared, Runtime& runtime) {
  std::unordered_map<std::string_view, std::size_t> before;
  for (std::size_t i = 0; i < table_.services.size(); ++i)
    if (entries_[i].handler) before.emplace(table_.services[i]->name, i);
  std::vector<Entry> entries;
  entries.reserve(prepared.table.services.size());
  for (const ServicePtr& service : prepared.table.services) {
    Entry& entry = entries.emplace_back();
    if (!service->enabled) continue;
    const auto found = before.find(service->name);
    if (found != before.end() && *table_.services[found->second] == *service) {
      entry.handler = entries_[found->second].handler;
      entry.handler->renew(service);
    } else {
      entry.handler = std::make_shared<Handler>(service, descriptors_);
    }
    entry.listeners.resize(service->listen.size());
    const Role role = role_of(*service);
    if (found != before.end() && role == role_of(*table_.services[found->second]))
      entry.doorman = entries_[found->second].doorman;
    else
      entry.doorman = doorman_for(role, runtime);
  }
  return entries;
}

// Of services that are gone, or have another verb now.
void Roster::retire_doormen(const std::vector<Entry>& next) {
  for (const Entry& entry : entries_) {
    const auto stays = [&](const Entry& one) { return one.doorman == entry.doorman; };
    if (entry.doorman && std::none_of(next.begin(), next.end(), stays)) entry.doorman->retire();
  }
}

void Roster::keep_sockets(const Prepared& prepared, std::vector<Entry>& entries, Runtime& runtime) {
  for (const TableDiff::Kept& kept : prepared.diff.kept) {
    Entry& entry = entries[kept.to.service];
    ListenerPtr& listener = entries_[kept.from.service].listeners[kept.from.listen];
    const Listen& from = listen_of(table_, kept.from);
    const Listen& to = listen_of(prepared.table, kept.to);
    const std::string& name = name_of(prepared.table, kept.to);
    if (!listener) continue;  // it waits on
    listener->serve_with(
        entry.handler,
        doorman_at(to.address, *prepared.table.services[kept.to.service], entry.doorman));
    is_paused(name) ? listener->pause() : listener->resume();
    if (from.options != to.options)
      if (auto changed = change_options(listener->socket(), from, to); !changed)
        runtime.reporter.report(Notice{
            LogLevel::warning, "service '" + name + "': " + to_text(listener->address()) + ": " +
                                   changed.error().text +
                                   " can't be changed while it listens; that waits for a restart"});
    entry.listeners[kept.to.listen] = std::move(listener);
  }
}

void Roster::open_sockets(Prepared& prepared, std::vector<Entry>& entries, Runtime& runtime) {
  for (std::size_t i = 0; i < prepared.opened.size(); ++i) {
    const ListenRef& ref = prepared.diff.opened[i];
    if (!prepared.opened[i].socket) continue;
    Entry& entry = entries[ref.service];
    const Service& service = *prepared.table.services[ref.service];
    entry.listeners[ref.listen] = opened(std::move(prepared.opened[i]), service, entry, runtime);
  }
}

ListenerPtr Roster::opened(OpenSocket socket, const Service& service, const Entry& entry,
                           Runtime& runtime) {
  auto listener = std::make_shared<Listener>(std::move(socket), entry.handler, runtime);
  listener->serve_with(entry.handler, doorman_at(listener->address(), service, entry.doorman));
  runtime.reporter.report(Listening{service.name, to_text(listener->address())});
  if (auto kept = NotifySocket::store(listener->socket()); !kept)
    runtime.reporter.report(Notice{LogLevel::warning, "descriptor store: " + kept.error().text});
  answer_newcomers(listener->socket(), true);
  if (is_paused(service.name))
    listener->pause();
  else
    entry.doorman ? listener->watch_soon() : listener->watch();
  return listener;
}

std::size_t Roster::waiting() const {
  std::size_t count = 0;
  for (const Entry& entry : entries_)
    count += static_cast<std::size_t>(
        std::count(entry.listeners.begin(), entry.listeners.end(), nullptr));
  return count;
}

void Roster::bind_waiting(Runtime& runtime) {
  const std::size_t before = waiting();
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    for (std::size_t k = 0; k < entries_[i].listeners.size(); ++k) {
      if (entries_[i].listeners[k]) continue;
      const Service& service = *table_.services[i];
      auto bound = bind_socket(service, service.listen[k], {});
      if (auto* socket = std::get_if<OpenSocket>(&bound))
        entries_[i].listeners[k] = opened(std::move(*socket), service, entries_[i], runtime);
    }
    if (entries_[i].doorman) entries_[i].doorman->serve(entries_[i].handler, entries_[i].listeners);
  }
  if (waiting() != before && sockets_changed_) sockets_changed_();
}

void Roster::close_sockets(const Prepared& prepared, Runtime& runtime) {
  std::erase_if(finishing_, [](const ListenerPtr& one) { return one->has_finished(); });
  for (const ListenRef& ref : prepared.diff.closed) {
    ListenerPtr listener = std::move(entries_[ref.service].listeners[ref.listen]);
    if (!listener) continue;                   // it was never bound
    NotifySocket::forget(listener->socket());  // where that fails, so did store()
    listener->finish();
    runtime.reporter.report(StoppedListening{name_of(table_, ref), to_text(listener->address())});
    if (!listener->has_finished()) finishing_.push_back(std::move(listener));
  }
}

Result<void> Roster::try_override(const std::string& service, const std::string& key,
                                  const std::string& value) const {
  const auto tried = overridden(*table_.services[*find(service)], key, value, host_);
  if (!tried) return tried.error();
  return {};
}

std::optional<std::size_t> Roster::find(const std::string& name) const {
  const auto& services = table_.services;
  const auto found = std::find_if(services.begin(), services.end(),
                                  [&](const ServicePtr& one) { return one->name == name; });
  if (found == services.end()) return std::nullopt;
  return static_cast<std::size_t>(found - services.begin());
}

HandlerPtr Roster::handler(const std::string& name) const {
  const auto service = find(name);
  return service ? entries_[*service].handler : nullptr;
}

DoormanPtr Roster::doorman(const std::string& name) const {
  const auto service = find(name);
  return service ? entries_[*service].doorman : nullptr;
}

bool Roster::pause(std::size_t service) {
  if (!paused_.insert(table_.services[service]->name).second) return false;
  for (const ListenerPtr& listener : entries_[service].listeners)
    if (listener) listener->pause();
  return true;
}

bool Roster::resume(std::size_t service) {
  if (paused_.erase(table_.services[service]->name) == 0) return false;
  for (const ListenerPtr& listener : entries_[service].listeners)
    if (listener) listener->resume();
  return true;
}

std::size_t Roster::services() const {
  return static_cast<std::size_t>(
      std::count_if(entries_.begin(), entries_.end(),
                    [](const Entry& entry) { return entry.handler != nullptr; }));
}

std::size_t Roster::listeners() const {
  std::size_t count = 0;
  for (const Entry& entry : entries_) count += entry.listeners.size();
  return count - waiting();
}

bool Roster::has_finished() const {
  return std::all_of(finishing_.begin(), finishing_.end(),
                     [](const ListenerPtr& one) { return one->has_finished(); });
}

void Roster::keep_paths() {
  for (const Entry& entry : entries_)
    for (const ListenerPtr& listener : entry.listeners)
      if (listener) listener->keep_path();
}

void Roster::let_go() {
  close();
  entries_.clear();
  table_ = written_ = {};
}

void Roster::close() {
  is_closed_ = true;
  retire_doormen({});
  for (Entry& entry : entries_) entry.listeners.clear();
  finishing_.clear();
  if (sockets_changed_) sockets_changed_();
}

}  // namespace superd
