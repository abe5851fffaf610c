// SPDX-License-Identifier: MIT
// Lending, and looking at what is lent. All looks leave the sockets as they are: programs share
// them.
#include "superd/server/loan.hpp"

#include <algorithm>

#include "superd/os/datagram.hpp"
#include "superd/os/descriptors.hpp"
#include "superd/os/socket_diag.hpp"
#include "superd/os/unix_diag.hpp"

namespace superd {

Loan::Loan(const std::vector<std::weak_ptr<Listener>>& sockets, const Service& service,
           Runtime& runtime)
    : runtime_(runtime), bells_(std::make_shared<Bells>(runtime.loop)) {
  for (std::size_t i = 0; i < sockets.size(); ++i) {
    auto socket = sockets[i].lock();
    if (!socket || socket->has_finished()) continue;  // it waits to be bound
    sockets_.push_back(std::move(socket));
    const std::string& own = service.listen.at(i).options->name;
    names_ += (names_.empty() ? "" : ":") + (own.empty() ? service.name : own);
  }
  for (const ListenerPtr& socket : sockets_) socket->lend();
}

Loan::~Loan() {
  knocks_.clear();
  for (const ListenerPtr& socket : sockets_) socket->give_back();
  bells_->more.ring();
  bells_->end.ring();
}

bool Loan::has(const Listener& socket) const {
  return std::any_of(sockets_.begin(), sockets_.end(),
                     [&](const ListenerPtr& one) { return one.get() == &socket; });
}

std::shared_ptr<const HandedSockets> Loan::handed(Handoff handoff, std::string notify) const {
  HandedSockets handed{{}, names_, handoff, std::move(notify)};
  for (const ListenerPtr& socket : sockets_) {
    let_wait(socket->socket(), true);
    handed.sockets.push_back(socket->socket());
  }
  return std::make_shared<const HandedSockets>(std::move(handed));
}

// Where the kernel doesn't tell who it is, "somebody" stands for all of them.
WhoWaits Loan::who_waits() const {
  WhoWaits all;
  for (std::size_t i = 0; i < sockets_.size(); ++i) {
    Listener& socket = *sockets_[i];
    if (socket.has_finished() || !has_arrivals(socket.socket())) continue;
    const std::string place = std::to_string(i) + " ";
    const WhoWaits here = who_waits_at(socket);
    for (const std::string& one : here) all.insert(place + one);
    if (here.empty() && !is_datagram(socket.address())) all.insert(place + "somebody");
  }
  return all;
}

ListenerPtr Loan::knocked_at() const {
  for (const ListenerPtr& socket : sockets_)
    if (!socket->has_finished() && has_arrivals(socket->socket())) return socket;
  return nullptr;
}

void Loan::ring_at_knock() {
  if (!knocks_.empty()) {
    for (ClientWatch::Guard& knock : knocks_) knock.again(EPOLLIN);
    return;
  }
  for (const ListenerPtr& socket : sockets_) {
    if (socket->has_finished()) continue;
    auto knock =
        runtime_.clients.watch(socket->socket(), EPOLLIN, [bells = bells_] { bells->more.ring(); });
    if (knock) knocks_.push_back(std::move(*knock));
  }
}

std::optional<bool> Loan::is_idle() const {
  for (const ListenerPtr& socket : sockets_) {
    if (is_datagram(socket->address())) continue;  // nobody is ever connected there
    if (socket->has_finished()) return std::nullopt;
    const auto connections = connections_at(socket->address());
    if (!connections) return std::nullopt;
    if (connections->accepted + connections->waiting > 0) return false;
  }
  return true;
}

// Of datagrams the first stands for all: they are taken in order.
WhoWaits who_waits_at(Listener& socket) {
  if (is_datagram(socket.address())) {
    const std::uint64_t arrival = arrival_of_first(socket.socket());
    return arrival == 0 ? WhoWaits() : WhoWaits{std::to_string(arrival)};
  }
  if (std::holds_alternative<UnixAddress>(socket.address())) {
    auto who = who_waits_at_unix(socket.socket());
    return who ? std::move(*who) : WhoWaits();
  }
  auto connections = connections_at(socket.address());
  return connections ? std::move(connections->who_waits) : WhoWaits();
}

}  // namespace superd
