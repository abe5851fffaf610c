// SPDX-License-Identifier: MIT
// Which services serve on which sockets: the table in use, made real. It changes as a whole:
// prepare() may fail and has touched nothing then, commit() can't fail. Start-up is a change from
// the empty table.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "superd/core/host.hpp"
#include "superd/core/table_diff.hpp"
#include "superd/server/binding.hpp"
#include "superd/server/doorman.hpp"
#include "superd/server/handler.hpp"
#include "superd/server/listener.hpp"
#include "superd/server/overrides.hpp"

namespace superd {

class Roster {
 public:
  /// A change that is ready to be made: all that could fail has been done.
  struct Prepared {
    ServiceTable written;  // as loaded
    Overrides overrides;
    ServiceTable table;  // with the overrides
    TableDiff diff;
    std::vector<OpenSocket> opened;    // one for each of diff.opened; without a socket: it waits
    std::vector<Unbound> waiting;      // those, and why
    std::vector<Unbound> unbound;      // with one of them it can't be committed
    std::vector<std::string> dropped;  // overrides that no longer fit, and why
  };

  /// A service in use.
  struct Entry {
    HandlerPtr handler;                  // absent: disabled
    std::vector<ListenerPtr> listeners;  // as its `listen`; absent: it waits to be bound
    DoormanPtr doorman;                  // absent: superd accepts whoever knocks
  };

  /// `descriptors`: the RLIMIT_NOFILE that superd was started with. Both outlive the roster.
  Roster(const Host& host, const rlimit& descriptors) : host_(host), descriptors_(descriptors) {}

  /// Binds what `written` asks for and the roster hasn't, preferring sockets from `inherited`.
  Prepared prepare(ServiceTable written, Overrides overrides,
                   std::vector<Inherited>& inherited) const;
  /// Sockets that stay keep their backlog; connections that wait at those that go are served still,
  /// and connections under way go on by the rules they began with.
  void commit(Prepared prepared, Runtime& runtime) noexcept;

  /// A table with overrides; those that no longer fit leave them, and `dropped` says why.
  ServiceTable with(Overrides& overrides, const ServiceTable& written,
                    std::vector<std::string>& dropped) const {
    return overrides.applied_to(written, host_, dropped);
  }

  /// Whether a service of the roster can be overridden so; otherwise why not.
  Result<void> try_override(const std::string& service, const std::string& key,
                            const std::string& value) const;

  const Host& host() const { return host_; }
  const ServiceTable& table() const { return table_; }  // with the overrides
  const ServiceTable& written() const { return written_; }
  const Overrides& overrides() const { return overrides_; }
  const std::vector<Entry>& entries() const { return entries_; }  // as the table's services

  /// The position of a service; absent where there is none.
  std::optional<std::size_t> find(const std::string& name) const;
  /// Of an enabled service; absent where there is none.
  HandlerPtr handler(const std::string& name) const;
  /// Of an enabled service that has one; absent where there is none.
  DoormanPtr doorman(const std::string& name) const;
  bool is_paused(const std::string& name) const { return paused_.contains(name); }
  const std::set<std::string>& paused() const { return paused_; }
  /// Leaves connections in the backlog, across reloads, until it is resumed. False: it was already.
  bool pause(std::size_t service);
  bool resume(std::size_t service);
  /// Before commit(): services that another superd had paused.
  void remember_paused(std::set<std::string> names) { paused_ = std::move(names); }

  /// Told of every commit.
  void when_changed(std::function<void()> changed) { changed_ = std::move(changed); }
  /// Told whenever sockets have begun to serve, or ended.
  void when_sockets_changed(std::function<void()> changed) {
    sockets_changed_ = std::move(changed);
  }
  /// Sockets that wait to be bound, with `retry`.
  std::size_t waiting() const;
  /// Binds those of them that can be now, and serves on them.
  void bind_waiting(Runtime& runtime);

  std::size_t services() const;  // that serve
  std::size_t listeners() const;
  /// Whether everybody who knocked at sockets that are gone has been let in.
  bool has_finished() const;
  /// Whose UNIX paths are to stay when superd ends: a service manager keeps the sockets.
  void keep_paths();
  /// Listens no more, and changes no more; for the end of superd.
  void close();
  /// Forgets all services, for they hold on to the loop.
  void let_go();
  bool is_closed() const { return is_closed_; }

 private:
  std::vector<int> leaving(const TableDiff& diff) const;
  HandlerPtr handler_for(const ServicePtr& service) const;
  std::vector<Entry> new_entries(const Prepared& prepared, Runtime& runtime);
  void retire_doormen(const std::vector<Entry>& next);
  void keep_sockets(const Prepared& prepared, std::vector<Entry>& entries, Runtime& runtime);
  void open_sockets(Prepared& prepared, std::vector<Entry>& entries, Runtime& runtime);
  ListenerPtr opened(OpenSocket socket, const Service& service, const Entry& entry,
                     Runtime& runtime);
  void close_sockets(const Prepared& prepared, Runtime& runtime);

  const Host& host_;
  const rlimit& descriptors_;
  ServiceTable written_, table_;
  Overrides overrides_;
  std::vector<Entry> entries_;
  std::vector<ListenerPtr> finishing_;  // of services that are gone
  std::set<std::string> paused_;
  std::function<void()> changed_, sockets_changed_;
  bool is_closed_ = false;
};

}  // namespace superd
