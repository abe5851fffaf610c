// SPDX-License-Identifier: MIT
// `run` on datagrams: each peer has a process of its own, at a socket that is connected to it. The
// service's own socket is only for peers that are new; what waits there is sent again to where it
// belongs (server/resender). docs/decisions/0016.
#pragma once

#include <map>
#include <utility>

#include "superd/server/doorman.hpp"
#include "superd/server/listener.hpp"

namespace superd {

class Exchanges : public Doorman, public std::enable_shared_from_this<Exchanges> {
 public:
  explicit Exchanges(Runtime& runtime) : runtime_(runtime) {}

  void serve(HandlerPtr handler, const std::vector<ListenerPtr>& sockets) override;
  void knocked(const ListenerPtr& at) override;
  void adopt(Session session) override;
  void adopt(Accepted visitor) override;
  void retire() override;

 private:
  /// Both ends: the same peer may write to several addresses of ours.
  using Ends = std::pair<Endpoint, Endpoint>;
  class UnderWay;
  class Borrowed;
  using SelfPtr = std::shared_ptr<Exchanges>;

  static awaitable<void> bring(SelfPtr self, ListenerPtr at, InetPeer peer);
  static awaitable<void> begin(SelfPtr self, ListenerPtr at, InetPeer peer, Gate::Verdict verdict);
  static awaitable<void> begin_again(SelfPtr self, Accepted visitor);
  static awaitable<void> go_on(SelfPtr self, Session session);
  static awaitable<void> converse(SelfPtr self, Accepted visitor, Gate::Verdict verdict);
  static awaitable<bool> attend(SelfPtr self, Session session, Accepted& visitor, int turn);
  awaitable<bool> move_first(Listener& at, const InetPeer& peer, int socket);
  Result<UniqueFd> open_for(Listener& at, InetPeer& peer);

  Runtime& runtime_;
  HandlerPtr handler_;
  std::vector<std::weak_ptr<Listener>> sockets_;
  std::map<Ends, unsigned> under_way_;  // and how many datagrams were moved
  bool is_retired_ = false;
};

}  // namespace superd
