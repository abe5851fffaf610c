// SPDX-License-Identifier: MIT
// Keeps rpcbind told of the services with `rpc`: after each change of sockets, again until it
// works, and anew when rpcbind has lost it. Costs nothing while there is no such service.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "superd/core/rpc_book.hpp"
#include "superd/server/roster.hpp"
#include "superd/server/rpc_child.hpp"

namespace superd {

class Registrar {
 public:
  /// superd-rpc, ready to launch.
  using MakeHandler = std::function<HandlerPtr()>;

  /// What it refers to outlives it.
  Registrar(const OwnRooms& rooms, const Roster& roster, MakeHandler make_handler);
  Registrar(const Registrar&) = delete;
  Registrar& operator=(const Registrar&) = delete;

  /// Sockets have come or gone.
  void look();
  /// What rpcbind may have of the superd that this one replaces.
  void go_on_with(const std::vector<RpcRegistration>& held);
  std::vector<RpcRegistration> held() const { return book_.held(); }
  static constexpr Milliseconds longest_finish{11'000};
  /// Until rpcbind has nothing more of ours, or can't be told so. After roster.close().
  awaitable<void> finish();

 private:
  using Connection = boost::asio::posix::stream_descriptor;

  void wake();
  awaitable<void> tend();
  awaitable<bool> tell();
  void watch(UniqueFd rpcbind);
  void hang_up();
  awaitable<void> follow(std::shared_ptr<Connection> connection);
  awaitable<void> wait_for_news();
  awaitable<void> wait_for_rpcbind();
  bool is_needed() const { return !book_.is_blank() && !is_over_; }
  void say_untold(const std::string& why);

  OwnRooms rooms_;
  const Roster& roster_;
  MakeHandler make_handler_;
  RpcBook book_;
  Alarm alarm_, end_;
  Milliseconds pause_{0};
  std::shared_ptr<Connection> connection_;  // to rpcbind: lost when that ends
  std::string rpcbind_state_;               // of its socket, when it was last tried
  bool is_tended_ = false, has_news_ = false, is_failure_said_ = false;
  bool is_closing_ = false, is_over_ = false;
};

}  // namespace superd
