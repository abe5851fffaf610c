// SPDX-License-Identifier: MIT
// Knock, judge, lend, launch, wait, give back.
#include "superd/server/activator.hpp"

#include <algorithm>

#include "superd/os/datagram.hpp"
#include "superd/os/descriptors.hpp"

namespace superd {
namespace {

// At most so many are turned away before others have their turn.
constexpr int one_turn = 64;
// A program that ends sooner may have taken nothing.
constexpr std::chrono::seconds quick{1};
constexpr unsigned suspicious = 2;  // such programs in a row
constexpr Milliseconds first_rest{100};
constexpr Milliseconds longest_rest{30'000};

bool has_failed(const std::optional<Ending>& ending) {
  return !ending || ending->fault || ending->exit.status != 0;
}

// One that runs, among those that have the sockets.
class Member {
 public:
  Member(Loan& loan, Session& session) : loan_(loan), program_{&session} {
    loan.programs.push_back(&program_);
    loan.bells()->end.ring();  // its time to get ready begins
  }
  ~Member() {
    std::erase(loan_.programs, &program_);
    loan_.bells()->more.ring();
  }
  Member(const Member&) = delete;
  Member& operator=(const Member&) = delete;

 private:
  Loan& loan_;
  Loan::Program program_;
};

}  // namespace

Activator::Activator(Runtime& runtime) : runtime_(runtime) {}

void Activator::serve(HandlerPtr handler, const std::vector<ListenerPtr>& sockets) {
  handler_ = std::move(handler);
  sockets_.assign(sockets.begin(), sockets.end());
  if (const LoanPtr loan = loan_.lock()) loan->bells()->more.ring();
}

void Activator::retire() { is_retired_ = true; }

Activator::LoanPtr Activator::lend() const {
  return std::make_shared<Loan>(sockets_, handler_->service(), runtime_);
}

// Who may not in is turned away: an address that sent a datagram by dropping it, somebody unseen
// (there are hours, say) by accepting and closing.
void Activator::knocked(const ListenerPtr& at) {
  LoanPtr loan = lend();
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

awaitable<void> Activator::ask_and_launch(SelfPtr self, ListenerPtr at, LoanPtr loan, Peer peer,
                                          Gate::Verdict verdict) {
  const Headroom::Slot slot(self->runtime_.headroom);
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

awaitable<void> Activator::launch(SelfPtr self, ListenerPtr at, LoanPtr loan, Peer peer) {
  Runtime& runtime = self->runtime_;
  // superd doesn't end before all that goes on with the sockets.
  const Headroom::Slot slot(runtime.headroom);
  const HandlerPtr handler = self->handler_;
  std::optional<WhoWaits> before;
  if (self->quick_ends_ >= suspicious) before = who_waits_at(*at);
  const auto& verb = std::get<HandOver>(handler->service().activation);
  Result<std::string> notify = as_result(std::string());
  if (verb.ready == ReadyWhen::notify) notify = runtime.notes.address();
  if (!notify) {
    const Run run{handler->service().name, peer, ++runtime.connections, 0};
    runtime.reporter.report(LaunchFailed{run, "notify", notify.error().number});
    co_return co_await self->rest(*at, *loan);
  }
  Session session{Run{handler->service().name, peer, ++runtime.connections, 0},
                  handler,
                  UniqueFd(),
                  Clock::now(),
                  {},
                  Session::Phase::waiting,
                  runtime.gate.let_in(handler, peer),
                  loan->handed(verb.handoff, *notify)};
  if (verb.ready == ReadyWhen::notify) session.says = self->announcement(loan);
  const auto ending = co_await attend(self, std::move(session), loan);
  if (runtime.is_stopping || self->is_retired_) co_return;
  if (self->took_nothing(*at, before, ending)) co_await self->rest(*at, *loan);
}

// Who waits for further programs hears of one that is ready.
AnnouncementPtr Activator::announcement(const LoanPtr& loan, Announcement known) {
  auto announcement = std::make_shared<Announcement>(std::move(known));
  announcement->changed = [bells = loan->bells()] { bells->more.ring(); };
  return announcement;
}

// Known only of who is suspicious: to look costs time.
bool Activator::took_nothing(Listener& at, const std::optional<WhoWaits>& before,
                             const std::optional<Ending>& ending) {
  const bool was_quick = !ending || ending->exit.duration < quick;
  if (!was_quick || !has_arrivals(at.socket())) {
    quick_ends_ = in_vain_ = 0;
    return false;
  }
  ++quick_ends_;
  if (!before) return false;
  const WhoWaits after = who_waits_at(at);
  const bool nothing =
      before->empty() ? has_failed(ending)
                      : std::includes(after.begin(), after.end(), before->begin(), before->end());
  if (!nothing) quick_ends_ = in_vain_ = 0;
  return nothing;
}

// Its sockets are lent still: nobody wakes superd meanwhile.
awaitable<void> Activator::rest(Listener& at, Loan& loan) {
  const unsigned doublings = std::min(in_vain_++, 16U);
  const Milliseconds pause = std::min(first_rest * (1 << doublings), longest_rest);
  if (doublings == 0)
    runtime_.reporter.report(Notice{LogLevel::warning,
                                    "its program ends at once without taking what waits at " +
                                        to_text(at.address()) +
                                        "; it is started again after pauses of up to 30s",
                                    handler_->service().name});
  HeldAlarm held(runtime_);
  ++loan.resting;
  co_await held.alarm().sleep_until(Clock::now() + pause);
  --loan.resting;
  loan.bells()->more.ring();
}

awaitable<std::optional<Ending>> Activator::attend(SelfPtr self, Session session, LoanPtr loan) {
  Runtime& runtime = self->runtime_;
  const Sessions::Member place(runtime.sessions, std::move(session));
  const Member member(*loan, *place);
  self->look_after(loan);
  const auto ending = co_await see_through(*place, runtime);
  co_return ending;
}

void Activator::look_after(const LoanPtr& loan) {
  if (std::exchange(loan->is_looked_after, true)) return;
  loan_ = loan;
  spawn(runtime_.loop, "look for idle programs", stop_idle(shared_from_this(), loan, loan->bells()),
        runtime_.died);
  spawn(runtime_.loop, "look for who waits", start_more(shared_from_this(), loan, loan->bells()),
        runtime_.died);
}

void Activator::adopt(Session session) {
  LoanPtr loan = loan_.lock();  // that of another program
  if (!loan) loan = lend();
  session.handed = loan->handed(Handoff::both, {});
  if (session.says) session.says = announcement(loan, std::move(*session.says));
  spawn(runtime_.loop, "go on with a program",
        go_on(shared_from_this(), std::move(session), std::move(loan)), runtime_.died);
}

awaitable<void> Activator::go_on(SelfPtr self, Session session, LoanPtr loan) {
  const Headroom::Slot slot(self->runtime_.headroom);
  co_await attend(self, std::move(session), loan);
}

}  // namespace superd
