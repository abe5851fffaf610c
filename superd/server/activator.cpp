// SPDX-License-Identifier: MIT
// Knock, judge, lend, launch, wait, give back.
#include "superd/server/activator.hpp"

#include <poll.h>

#include <algorithm>

#include "superd/os/datagram.hpp"
#include "superd/os/descriptors.hpp"
#include "superd/os/socket_diag.hpp"

namespace superd {
namespace {

// At most so many are turned away before others have their turn.
constexpr int one_turn = 64;
// A program that ends sooner may have taken nothing.
constexpr std::chrono::seconds quick{1};
constexpr unsigned suspicious = 2;  // such programs in a row
constexpr Milliseconds first_rest{100};
constexpr Milliseconds longest_rest{30'000};
constexpr Milliseconds between_looks{1'000};

bool is_readable(int socket) {
  pollfd one{.fd = socket, .events = POLLIN, .revents = 0};
  return poll(&one, 1, 0) > 0;
}

// Something that stays the same as long as nothing is taken; empty where the kernel doesn't tell.
std::set<std::string> what_waits(Listener& at) {
  if (is_datagram(at.address())) {
    note_arrivals(at.socket(), true);  // also for what came before
    const std::uint64_t arrival = arrival_of_first(at.socket());
    note_arrivals(at.socket(), false);
    return arrival == 0 ? std::set<std::string>() : std::set{std::to_string(arrival)};
  }
  auto connections = connections_at(at.address());
  return connections ? std::move(connections->who_waits) : std::set<std::string>();
}

bool has_failed(const std::optional<Ending>& ending) {
  return !ending || ending->fault || ending->exit.status != 0;
}

}  // namespace

class Activator::Loan {
 public:
  Loan(const std::vector<std::weak_ptr<Listener>>& sockets, const Service& service,
       Headroom& headroom)
      : slot_(headroom) {
    for (std::size_t i = 0; i < sockets.size(); ++i) {
      auto socket = sockets[i].lock();
      if (!socket || socket->has_finished()) continue;  // it waits to be bound
      sockets_.push_back(std::move(socket));
      const std::string& own = service.listen.at(i).options->name;
      names_ += (names_.empty() ? "" : ":") + (own.empty() ? service.name : own);
    }
    for (const ListenerPtr& socket : sockets_) socket->lend();
  }
  ~Loan() {
    for (const ListenerPtr& socket : sockets_) socket->give_back();
  }
  Loan(const Loan&) = delete;
  Loan& operator=(const Loan&) = delete;

  const std::vector<ListenerPtr>& sockets() const { return sockets_; }

  /// For a launch: they block, as programs expect it.
  std::shared_ptr<const HandedSockets> handed(Handoff handoff) const {
    HandedSockets handed{{}, names_, handoff};
    for (const ListenerPtr& socket : sockets_) {
      let_wait(socket->socket(), true);
      handed.sockets.push_back(socket->socket());
    }
    return std::make_shared<const HandedSockets>(std::move(handed));
  }

 private:
  Headroom::Slot slot_;  // superd doesn't end before all that goes on with them
  std::string names_;    // for LISTEN_FDNAMES
  std::vector<ListenerPtr> sockets_;
};

// One that runs, for who looks after it meanwhile.
struct Activator::Program {
  Session* session;  // null once it has ended
  Alarm ended;
};

Activator::Activator(Runtime& runtime) : runtime_(runtime) {}

void Activator::serve(HandlerPtr handler, const std::vector<ListenerPtr>& sockets) {
  handler_ = std::move(handler);
  sockets_.assign(sockets.begin(), sockets.end());
}

void Activator::retire() { is_retired_ = true; }

// Who may not in is turned away: an address that sent a datagram by dropping it, somebody unseen
// (there are hours, say) by accepting and closing.
void Activator::knocked(const ListenerPtr& at) {
  auto loan = std::make_shared<Loan>(sockets_, handler_->service(), runtime_.headroom);
  if (is_retired_) return;
  const bool takes_datagrams = is_datagram(at->address());
  for (int turn = 0; turn < one_turn; ++turn) {
    const Service& service = handler_->service();
    Peer peer = UnseenPeer{to_text(at->address())};
    if (takes_datagrams) {
      auto sender = first_sender(at->socket(), at->address());
      if (!sender && sender.error().number == EAGAIN) return;
      if (!sender) continue;  // an error that a reply of the program's has brought, now read
      peer = std::move(*sender);
    }
    Gate::Verdict verdict = runtime_.gate.judge(service, peer, -1, {});
    const bool may_in = verdict.question == Gate::Question::none && !verdict.refusal;
    if (may_in)
      return spawn(runtime_.loop, "hand sockets over",
                   launch(shared_from_this(), at, std::move(loan), std::move(peer)), runtime_.died);
    if (!verdict.refusal)
      return spawn(runtime_.loop, "ask about a sender",
                   ask_and_launch(shared_from_this(), at, std::move(loan), std::move(peer),
                                  std::move(verdict)),
                   runtime_.died);
    if (!turn_away(*at, peer, *verdict.refusal)) return;
  }
}

// False: nobody was there any more.
bool Activator::turn_away(Listener& at, const Peer& peer, const Refusal& refusal) {
  const Service& service = handler_->service();
  if (is_datagram(at.address())) {
    runtime_.gate.refused(service, peer, refusal);
    return drop_first(at.socket());
  }
  auto visitor = accept_connection(at.socket(), at.address());
  if (!visitor) return false;
  runtime_.gate.turn_away(service, std::move(*visitor), refusal);
  return true;
}

awaitable<void> Activator::ask_and_launch(SelfPtr self, ListenerPtr at, std::shared_ptr<Loan> loan,
                                          Peer peer, Gate::Verdict verdict) {
  const ServicePtr service = self->handler_->shared_service();
  Gate::Known known;
  while (verdict.question != Gate::Question::none) {
    co_await ask(verdict.question, *service, peer, known, self->runtime_);
    verdict = self->runtime_.gate.judge(*service, peer, -1, known);
  }
  if (self->runtime_.is_stopping || self->is_retired_) co_return;
  if (verdict.refusal)
    self->turn_away(*at, peer, *verdict.refusal);
  else
    co_await launch(self, at, std::move(loan), std::move(peer));
}

awaitable<void> Activator::launch(SelfPtr self, ListenerPtr at, std::shared_ptr<Loan> loan,
                                  Peer peer) {
  Runtime& runtime = self->runtime_;
  const HandlerPtr handler = self->handler_;
  std::optional<std::set<std::string>> before;
  if (self->quick_ends_ >= suspicious) before = what_waits(*at);
  Session session{Run{handler->service().name, peer, ++runtime.connections, 0},
                  handler,
                  UniqueFd(),
                  Clock::now(),
                  {},
                  Session::Phase::waiting,
                  runtime.gate.let_in(handler, peer),
                  loan->handed(std::get<HandOver>(handler->service().activation).handoff)};
  const auto ending = co_await attend(self, std::move(session), loan);
  if (runtime.is_stopping || self->is_retired_) co_return;
  if (self->took_nothing(*at, before, ending)) co_await self->rest(*at);
}

// Known only of who is suspicious: to look costs time.
bool Activator::took_nothing(Listener& at, const std::optional<std::set<std::string>>& before,
                             const std::optional<Ending>& ending) {
  const bool was_quick = !ending || ending->exit.duration < quick;
  if (!was_quick || !is_readable(at.socket())) {
    quick_ends_ = in_vain_ = 0;
    return false;
  }
  ++quick_ends_;
  if (!before) return false;
  const auto after = what_waits(at);
  const bool nothing =
      before->empty() ? has_failed(ending)
                      : std::includes(after.begin(), after.end(), before->begin(), before->end());
  if (!nothing) quick_ends_ = in_vain_ = 0;
  return nothing;
}

// Its sockets are lent still: nobody wakes superd meanwhile.
awaitable<void> Activator::rest(Listener& at) {
  const unsigned doublings = std::min(in_vain_++, 16U);
  const Milliseconds pause = std::min(first_rest * (1 << doublings), longest_rest);
  if (doublings == 0)
    runtime_.reporter.report(Notice{LogLevel::warning,
                                    "its program ends at once without taking what waits at " +
                                        to_text(at.address()) +
                                        "; it is started again after pauses of up to 30s",
                                    handler_->service().name});
  HeldAlarm held(runtime_);
  co_await held.alarm().sleep_until(Clock::now() + pause);
}

awaitable<std::optional<Ending>> Activator::attend(SelfPtr self, Session session,
                                                   std::shared_ptr<Loan> loan) {
  Runtime& runtime = self->runtime_;
  const Sessions::Member member(runtime.sessions, std::move(session));
  const std::shared_ptr<Program> program(new Program{&*member, Alarm(runtime.loop)});
  spawn(runtime.loop, "look for an idle program", stop_when_idle(self, program, loan),
        runtime.died);
  const auto ending = co_await see_through(*member, runtime);
  program->session = nullptr;
  program->ended.ring();
  co_return ending;
}

void Activator::adopt(Session session) {
  auto loan = std::make_shared<Loan>(sockets_, handler_->service(), runtime_.headroom);
  session.handed = std::make_shared<HandedSockets>();
  spawn(runtime_.loop, "go on with a program", go_on(shared_from_this(), std::move(session), loan),
        runtime_.died);
}

awaitable<void> Activator::go_on(SelfPtr self, Session session, std::shared_ptr<Loan> loan) {
  co_await attend(self, std::move(session), loan);
}

// Absent: the kernel doesn't tell.
std::optional<bool> Activator::is_idle(const Loan& loan) {
  for (const ListenerPtr& socket : loan.sockets()) {
    if (is_datagram(socket->address())) continue;  // nobody is ever connected there
    if (socket->has_finished()) return std::nullopt;
    const auto connections = connections_at(socket->address());
    if (!connections) return std::nullopt;
    if (connections->accepted + connections->waiting > 0) return false;
  }
  return true;
}

// Also where its service is gone, or superd is about to end: then as soon as nobody is connected.
awaitable<void> Activator::stop_when_idle(SelfPtr self, std::shared_ptr<Program> program,
                                          std::shared_ptr<Loan> loan) {
  auto idle_since = Clock::now();
  for (;;) {
    co_await program->ended.sleep_until(Clock::now() + between_looks);
    if (!program->session) co_return;
    Session& session = *program->session;
    const auto limit = self->patience(session);
    if (!limit || !session.child) continue;
    if (!is_idle(*loan).value_or(false))
      idle_since = Clock::now();
    else if (Clock::now() - idle_since >= *limit)
      self->runtime_.supervisor.stop(*session.child, Stop::idle);
  }
}

std::optional<Milliseconds> Activator::patience(const Session& session) const {
  if (is_retired_) return Milliseconds(0);
  const auto* verb = std::get_if<HandOver>(&session.handler->service().activation);
  return verb ? verb->stop_after : std::nullopt;
}

}  // namespace superd
