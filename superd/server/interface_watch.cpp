// SPDX-License-Identifier: MIT
// Look, wait, compare.
#include "superd/server/interface_watch.hpp"

#include <algorithm>

#include "superd/os/address_watch.hpp"
#include "superd/os/interface.hpp"
#include "superd/os/socket_options.hpp"

namespace superd {
namespace {

std::uint32_t scope_of(const Listen& listen) {
  const auto* inet = std::get_if<InetAddress>(&listen.address);
  return inet && inet->host ? inet->host->scope : 0;
}

bool has_interface(const Listen& listen) {
  const SocketOptions& options = *listen.options;
  return !options.device.empty() || scope_of(listen) != 0 || !options.multicast.empty();
}

}  // namespace

InterfaceWatch::InterfaceWatch(Roster& roster, Runtime& runtime)
    : roster_(roster), runtime_(runtime) {
  roster_.when_changed([this] { look(); });
}

void InterfaceWatch::look() {
  const auto& services = roster_.table().services;
  const bool needed = std::any_of(services.begin(), services.end(), [](const ServicePtr& service) {
    return service->enabled &&
           std::any_of(service->listen.begin(), service->listen.end(), has_interface);
  });
  given_up_.clear();
  note_names();
  if (!needed) return watch_.reset();
  if (!watch_) {
    auto watch = watch_addresses();
    if (!watch)
      return runtime_.reporter.report(Notice{
          LogLevel::warning, "interfaces that come again aren't noticed: " + watch.error().text +
                                 "; reload to try again"});
    watch_.emplace(runtime_.loop, watch->release());
    follow();
  }
  check();  // also what has happened before
}

void InterfaceWatch::follow() {
  watch_->async_wait(watch_->wait_read, [this](const boost::system::error_code& error) {
    if (error) return;
    if (addresses_have_changed(watch_->native_handle())) check();
    follow();
  });
}

void InterfaceWatch::check() {
  const ServiceTable& table = roster_.table();
  for (std::size_t i = 0; i < roster_.entries().size(); ++i) {
    const auto& listeners = roster_.entries()[i].listeners;
    for (std::size_t k = 0; k < listeners.size(); ++k) {
      const Listen& listen = table.services[i]->listen[k];
      if (listeners[k] && has_interface(listen))
        check(*listeners[k], listen, table.services[i]->name);
    }
  }
}

void InterfaceWatch::check(Listener& listener, const Listen& listen, const std::string& service) {
  const std::string name = interface_of(listen);
  const std::uint32_t now = name.empty() ? 0 : interface_index(name);
  const bool is_deaf = now != 0 && bound_interface(listener.socket()) != now;
  if (is_deaf) {
    if (const auto bound = bind_to_interface(listener.socket(), now); !bound) {
      if (std::exchange(given_up_[&listener], now) != now)
        say(LogLevel::warning, listener, service,
            "is deaf, since '" + name + "' was made anew: " + bound.error().text +
                "; restart superd to bind it");
      return;
    }
    say(LogLevel::info, listener, service, "is bound to '" + name + "' again, which was made anew");
  }
  if (join_again(listener.socket(), *listen.options) && !is_deaf)
    say(LogLevel::info, listener, service, "has joined its groups again");
}

// A table that was read holds the numbers alone that addresses had then.
void InterfaceWatch::note_names() {
  for (const ServicePtr& service : roster_.table().services)
    for (const Listen& listen : service->listen) {
      const std::uint32_t scope = scope_of(listen);
      const std::string name = scope == 0 ? "" : interface_name(scope);
      if (!name.empty()) names_[scope] = name;
    }
}

std::string InterfaceWatch::interface_of(const Listen& listen) const {
  if (!listen.options->device.empty()) return listen.options->device;
  const auto known = names_.find(scope_of(listen));
  return known == names_.end() ? "" : known->second;
}

void InterfaceWatch::say(LogLevel level, const Listener& listener, const std::string& service,
                         const std::string& what) {
  runtime_.reporter.report(Notice{level, to_text(listener.address()) + " " + what, service});
}

}  // namespace superd
