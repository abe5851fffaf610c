// SPDX-License-Identifier: MIT
// Changes of the table while superd serves: load, compare, prepare, commit. One at a time; on any
// fault the table in use serves on, and the reasons are told in the words of --check.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "superd/config/load.hpp"
#include "superd/io/aside.hpp"
#include "superd/io/turn.hpp"
#include "superd/server/control.hpp"
#include "superd/server/readiness.hpp"
#include "superd/server/roster.hpp"
#include "superd/server/table_change.hpp"

namespace superd {

/// Where the table comes from, and what the command line says on top of it.
struct TableSource {
  /// Where administrators ask. One that nobody asked for may be missing.
  struct Control {
    std::string path;
    bool is_asked_for = false;
  };

  /// superd's own, ready to launch.
  struct OwnPrograms {
    HandlerPtr lookup, resend, rpc;
  };

  std::string path;              // empty: the command line is the table
  std::function<Loaded()> load;  // called on a thread of its own
  std::function<Loaded(const std::string& path)> load_other;  // the same for another file
  std::function<LogSettings(const Daemon&)> log;
  std::function<OwnPrograms(const Daemon&)> programs;
  std::function<std::optional<Control>(const Daemon&)> control;  // absent: there shall be none
};

/// Opens it; where that fails, `diagnostics` gets an error or, where nobody asked, a warning.
std::optional<ControlSocket> open_control(const TableSource& source, const Daemon& daemon,
                                          Diagnostics& diagnostics);

/// What became of a change, or what would.
struct ChangeOutcome {
  std::optional<TableChange> change;  // absent: refused
  Diagnostics diagnostics;            // of a refusal the reasons; warnings too
  std::vector<Unbound> unbound = {};  // sockets that were refused, not yet among them

  std::size_t errors() const;
  std::string first_error() const;  // a line; empty: none
};

class Changes {
 public:
  Changes(TableSource source, Roster& roster, Control& control, Runtime& runtime, Daemon& settings,
          Readiness& readiness);

  /// Reads the table again and puts it to use. `begun` is told when its turn has come.
  awaitable<ChangeOutcome> reload(std::function<void()> begun);
  awaitable<ChangeOutcome> reload() { return reload({}); }
  /// What a reload of this file would do; without one, of the table's own.
  awaitable<ChangeOutcome> compare(std::optional<std::string> file);
  /// Changes the table as written, without reading it again: for files that it refers to.
  awaitable<ChangeOutcome> edit_table(std::function<void(ServiceTable&)> edit);
  /// Sets or ends overrides.
  awaitable<ChangeOutcome> override_with(std::function<void(Overrides&)> edit);

  /// Until no change is under way; none begins before the answer ends.
  awaitable<Turn::Taken> hold() { return turn_.take(); }

  /// After the first commit: ends overrides whose time is over.
  void watch_expiry();

 private:
  struct Replacements {
    std::unique_ptr<LogWriter> log;
    std::optional<ControlSocket> control;
    bool closes_control = false;
  };

  awaitable<ChangeOutcome> told(ChangeOutcome outcome);
  ChangeOutcome install(ServiceTable table, Overrides overrides, Diagnostics diagnostics);
  Replacements prepare_replacements(const Daemon& next, Diagnostics& diagnostics);
  void replace(Replacements replacements, const Daemon& next);
  void report(const ChangeOutcome& outcome);
  awaitable<void> end_expired();

  TableSource source_;
  Roster& roster_;
  Control& control_;
  Runtime& runtime_;
  Daemon& settings_;
  Readiness& readiness_;
  Turn turn_;
  Aside<Loaded> loading_;
  Aside<Diagnostics> telling_;
  boost::asio::steady_timer expiry_;
};

}  // namespace superd
