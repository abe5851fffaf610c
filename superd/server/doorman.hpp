// SPDX-License-Identifier: MIT
// Whoever takes those who knock where superd doesn't just accept them: one for each service that
// has such sockets.
#pragma once

#include <memory>
#include <vector>

#include "superd/server/handler.hpp"
#include "superd/server/sessions.hpp"

namespace superd {

class Listener;
using ListenerPtr = std::shared_ptr<Listener>;

class Doorman {
 public:
  Doorman() = default;
  Doorman(const Doorman&) = delete;
  Doorman& operator=(const Doorman&) = delete;
  virtual ~Doorman() = default;

  /// From now on by `handler`, at these sockets, which are those of the service's `listen`; absent
  /// ones aren't bound yet. Programs that run go on as they began.
  virtual void serve(HandlerPtr handler, const std::vector<ListenerPtr>& sockets) = 0;
  /// Somebody knocks at one of them.
  virtual void knocked(const ListenerPtr& at) = 0;
  /// Goes on with what another superd began (server/upgrade).
  virtual void adopt(Session session) = 0;
  /// Somebody about whom something was being asked there, at a socket of his own.
  virtual void adopt(Accepted) {}
  /// Its service is gone: no more programs.
  virtual void retire() = 0;
};

using DoormanPtr = std::shared_ptr<Doorman>;

}  // namespace superd
