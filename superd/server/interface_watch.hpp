// SPDX-License-Identifier: MIT
// Sockets of an interface that goes and comes again: whoever made it anew gave it another number,
// and the kernel goes on to compare with the old one. They are bound to the new one, backlog,
// programs that have them and all. Idle, and without a descriptor, where no socket is of one
// interface.
#pragma once

#include <map>
#include <optional>

#include "superd/server/roster.hpp"

namespace superd {

class InterfaceWatch {
 public:
  /// Both outlive it.
  InterfaceWatch(Roster& roster, Runtime& runtime);

 private:
  void look();
  void follow();
  void check();
  void check(Listener& listener, const Listen& listen, const std::string& service);
  void note_names();
  std::string interface_of(const Listen& listen) const;
  void say(LogLevel level, const Listener& listener, const std::string& service,
           const std::string& what);

  Roster& roster_;
  Runtime& runtime_;
  std::optional<boost::asio::posix::stream_descriptor> watch_;
  std::map<std::uint32_t, std::string> names_;         // of the numbers in addresses
  std::map<const Listener*, std::uint32_t> given_up_;  // and on what
};

}  // namespace superd
