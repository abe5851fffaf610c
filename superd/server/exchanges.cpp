// SPDX-License-Identifier: MIT
// Look who it is, judge, open a socket for the peer, have the datagram moved there, converse.
#include "superd/server/exchanges.hpp"

#include <algorithm>
#include <cerrno>

#include "superd/os/datagram.hpp"
#include "superd/os/descriptors.hpp"
#include "superd/os/socket_options.hpp"

namespace superd {
namespace {

// At most so many are turned away before others have their turn.
constexpr int one_turn = 64;
// More never waited at the service's socket when a peer got its own: then they don't arrive there.
constexpr unsigned most_moved = 4096;

bool is_shortage(int error) {
  return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

Milliseconds patience(const Session& session) {
  const auto* verb = std::get_if<RunHandler>(&session.handler->service().activation);
  return verb ? verb->stop_after.value_or(standard_silence) : standard_silence;
}

// How long ago the last one came that was read, if one was since `last`; else it has been silent
// for all that time. Absent: something is unread, or the kernel doesn't tell.
std::optional<Milliseconds> time_since_heard(int socket, std::optional<WallTime>& last) {
  if (has_arrivals(socket)) return std::nullopt;
  const auto read = last_read(socket);
  if (!read) return std::nullopt;
  const bool is_new = *read && *read != last;
  last = *read;
  if (!is_new) return Milliseconds::max();
  const auto age = std::chrono::system_clock::now() - **read;
  return std::max(Milliseconds(0), std::chrono::duration_cast<Milliseconds>(age));
}

// One that runs, for who listens whether its peer is there still.
struct Conversation {
  Session* session;  // null once it has ended
  Alarm ended;
};

// A peer that sends nothing for long has gone, or so its program is told. Whether it has sent
// anything is asked when the time is over: no datagram wakes superd.
awaitable<void> stop_when_silent(std::shared_ptr<Conversation> conversation, Runtime& runtime) {
  const Milliseconds limit = patience(*conversation->session);
  auto heard = Clock::now();
  std::optional<WallTime> last;
  for (;;) {
    co_await conversation->ended.sleep_until(heard + limit);
    if (!conversation->session) co_return;
    Session& session = *conversation->session;
    const auto now = Clock::now();
    const auto age = time_since_heard(session.socket.get(), last);
    if (age && session.child && *age >= limit) runtime.supervisor.stop(*session.child, Stop::idle);
    heard = age && *age < limit ? std::max(heard, now - *age) : now;
  }
}

void listen_for_peer(const std::shared_ptr<Conversation>& conversation, Runtime& runtime) {
  spawn(runtime.loop, "listen for a silent peer", stop_when_silent(conversation, runtime),
        runtime.died);
}

}  // namespace

// Among those whose datagrams aren't new, as long as this exists.
class Exchanges::UnderWay {
 public:
  UnderWay(SelfPtr exchanges, const InetPeer& peer)
      : exchanges_(std::move(exchanges)),
        at_(exchanges_->under_way_.emplace(Ends(peer.remote, peer.local), 0).first) {}
  ~UnderWay() { exchanges_->under_way_.erase(at_); }
  UnderWay(const UnderWay&) = delete;
  UnderWay& operator=(const UnderWay&) = delete;

 private:
  SelfPtr exchanges_;
  std::map<Ends, unsigned>::iterator at_;
};

// The service's socket while its first datagram is moved: nobody else looks at it meanwhile.
class Exchanges::Borrowed {
 public:
  explicit Borrowed(ListenerPtr listener) : listener_(std::move(listener)) { listener_->lend(); }
  ~Borrowed() { listener_->give_back(); }
  Borrowed(const Borrowed&) = delete;
  Borrowed& operator=(const Borrowed&) = delete;

 private:
  ListenerPtr listener_;
};

void Exchanges::serve(HandlerPtr handler, const std::vector<ListenerPtr>& sockets) {
  handler_ = std::move(handler);
  sockets_.assign(sockets.begin(), sockets.end());
  for (const ListenerPtr& socket : sockets) {
    if (!socket || !is_datagram(socket->address())) continue;
    share_port(socket->socket(), true);
    note_destinations(socket->socket());
  }
}

void Exchanges::retire() {
  is_retired_ = true;
  for (const auto& one : sockets_)
    if (const auto socket = one.lock(); socket && !socket->has_finished())
      forget_destinations(socket->socket());
}

void Exchanges::knocked(const ListenerPtr& at) {
  const HandlerPtr handler = handler_;
  for (int turn = 0; turn < one_turn; ++turn) {
    const auto sender = first_sender(at->socket(), at->address());
    if (!sender && sender.error().number == EAGAIN) break;
    if (!sender) continue;  // an error that an answer has brought, now read
    const auto& peer = std::get<InetPeer>(*sender);
    if (under_way_.contains(Ends(peer.remote, peer.local)))
      return spawn(runtime_.loop, "move a datagram", bring(shared_from_this(), at, peer),
                   runtime_.died);
    Gate::Verdict verdict = runtime_.gate.judge(handler->service(), *sender, -1, {});
    if (!verdict.refusal)
      return spawn(runtime_.loop, "serve a peer",
                   begin(shared_from_this(), at, peer, std::move(verdict)), runtime_.died);
    runtime_.gate.refused(handler->service(), *sender, *verdict.refusal);
    drop_first(at->socket());
  }
  at->watch();
}

// It came before its peer had a socket, behind the first one.
awaitable<void> Exchanges::bring(SelfPtr self, ListenerPtr at, InetPeer peer) {
  const Headroom::Slot slot(self->runtime_.headroom);
  const Borrowed borrowed(at);
  const auto found = self->under_way_.find(Ends(peer.remote, peer.local));
  if (++found->second > most_moved) {
    drop_first(at->socket());
    co_return;
  }
  const bool moved = co_await self->runtime_.resender.resend(at->socket(), -1, peer.local);
  if (!moved) drop_first(at->socket());
}

awaitable<void> Exchanges::begin(SelfPtr self, ListenerPtr at, InetPeer peer,
                                 Gate::Verdict verdict) {
  const Headroom::Slot slot(self->runtime_.headroom);
  std::optional<Borrowed> borrowed(at);
  auto socket = self->open_for(*at, peer);
  if (!socket) co_return;
  const UnderWay under_way(self, peer);
  const bool is_here = co_await self->move_first(*at, peer, socket->get());
  borrowed.reset();
  if (!is_here) co_return;
  Accepted visitor{std::move(*socket), peer};
  co_await converse(self, std::move(visitor), std::move(verdict));
}

// Its own address, where the peer wrote to a group or the kernel didn't say.
Result<UniqueFd> Exchanges::open_for(Listener& at, InetPeer& peer) {
  const Service& service = handler_->service();
  std::size_t place = 0;
  while (sockets_.at(place).lock().get() != &at) ++place;
  auto socket = open_exchange(*service.listen.at(place).options, peer);
  if (socket) peer.local = exchange_end(socket->get());
  if (socket) return socket;
  if (is_shortage(socket.error().number)) {
    runtime_.headroom.ran_out(socket.error().text);
  } else {
    const Run run{service.name, peer, ++runtime_.connections, 0};
    runtime_.reporter.report(LaunchFailed{run, "socket", socket.error().number});
    drop_first(at.socket());
  }
  return socket;
}

// The kernel gives what comes from now on to the peer's own socket, which is no reason to be read
// before the first one; and whoever sent there between its bind and its connect is sent on.
awaitable<bool> Exchanges::move_first(Listener& at, const InetPeer& peer, int socket) {
  const bool sent = co_await runtime_.resender.resend(at.socket(), socket, peer.local);
  if (!sent) drop_first(at.socket());
  forget_destinations(socket);
  const bool is_here = sent && has_arrivals(socket);
  co_return is_here;
}

void Exchanges::adopt(Accepted visitor) {
  spawn(runtime_.loop, "serve a peer", begin_again(shared_from_this(), std::move(visitor)),
        runtime_.died);
}

awaitable<void> Exchanges::begin_again(SelfPtr self, Accepted visitor) {
  const Headroom::Slot slot(self->runtime_.headroom);
  const UnderWay under_way(self, std::get<InetPeer>(visitor.peer));
  Gate::Verdict verdict =
      self->runtime_.gate.judge(self->handler_->service(), visitor.peer, -1, {});
  co_await converse(self, std::move(visitor), std::move(verdict));
}

void Exchanges::adopt(Session session) {
  spawn(runtime_.loop, "go on with a peer", go_on(shared_from_this(), std::move(session)),
        runtime_.died);
}

awaitable<void> Exchanges::go_on(SelfPtr self, Session session) {
  const Headroom::Slot slot(self->runtime_.headroom);
  const UnderWay under_way(self, std::get<InetPeer>(session.run.peer));
  Accepted visitor{UniqueFd(), session.run.peer};
  const bool more = co_await attend(self, std::move(session), visitor);
  if (!more) co_return;
  Gate::Verdict verdict =
      self->runtime_.gate.judge(self->handler_->service(), visitor.peer, -1, {});
  co_await converse(self, std::move(visitor), std::move(verdict));
}

// A program, and another one as long as the one before has left something of what it could read.
awaitable<void> Exchanges::converse(SelfPtr self, Accepted visitor, Gate::Verdict verdict) {
  Runtime& runtime = self->runtime_;
  for (;;) {
    const HandlerPtr handler = self->handler_;
    const Service& service = handler->service();
    if (verdict.question != Gate::Question::none ||
        (verdict.refusal && shall_wait(service, *verdict.refusal)))
      co_await ask_and_judge(service, visitor, verdict, runtime);
    if (runtime.is_stopping || self->is_retired_) co_return;
    if (verdict.refusal) {
      runtime.gate.refused(service, visitor.peer, *verdict.refusal);
      co_return;
    }
    Session session{Run{service.name, visitor.peer, ++runtime.connections, 0},
                    handler,
                    std::move(visitor.socket),
                    visitor.time,
                    {},
                    Session::Phase::waiting,
                    runtime.gate.let_in(handler, visitor.peer)};
    session.keeps_socket = true;
    const bool more = co_await attend(self, std::move(session), visitor);
    if (!more) co_return;
    verdict = runtime.gate.judge(self->handler_->service(), visitor.peer, -1, {});
  }
}

// False: nothing waits any more, or the program took nothing of it, and another one wouldn't
// either. Else the socket is the visitor's again. Nothing is lost between a look and the end: what
// comes after leave_exchange() comes to the service's own socket.
awaitable<bool> Exchanges::attend(SelfPtr self, Session session, Accepted& visitor) {
  Runtime& runtime = self->runtime_;
  const Sessions::Member member(runtime.sessions, std::move(session));
  const auto before = last_read((*member).socket.get());
  const std::shared_ptr<Conversation> conversation(new Conversation{&*member, Alarm(runtime.loop)});
  listen_for_peer(conversation, runtime);
  co_await see_through(*member, runtime);
  conversation->session = nullptr;
  conversation->ended.ring();

  const int socket = (*member).socket.get();
  leave_exchange(socket);
  if (runtime.is_stopping || self->is_retired_ || !has_arrivals(socket)) co_return false;
  const auto after = last_read(socket);
  const bool took_nothing = !after || after == before;
  if (took_nothing) co_return false;
  if (!rejoin_exchange(socket, std::get<InetPeer>(visitor.peer))) co_return false;
  visitor.socket = std::move((*member).socket);
  visitor.time = Clock::now();
  co_return true;
}

}  // namespace superd
