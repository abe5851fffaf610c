// SPDX-License-Identifier: MIT
// One connection: launch → supervise → report. Nothing here is per service or per thread: only this
// connection's story.
#include "superd/server/session.hpp"

#include <cerrno>

#include "superd/os/descriptors.hpp"
#include "superd/os/log_pipe.hpp"
#include "superd/server/relays.hpp"

namespace superd {
namespace {

// How long an accepted connection is held while no process can be made for it.
constexpr std::chrono::seconds longest_hold{30};

bool is_shortage(int error) {
  return error == EAGAIN || error == ENOMEM || error == EMFILE || error == ENFILE;
}

// Why there is no child.
struct Failure {
  const char* step = "";
  Error error;
};

PeerEnvironment environment_of(const Session& session) {
  const Run& run = session.run;
  if (!session.handed) return {run.peer, run.connection};
  const bool by_number = session.handed->handoff != Handoff::standard_input;
  return {run.connection, by_number ? session.handed->sockets.size() : 0, session.handed->names,
          session.handed->notify};
}

// Copies for the moment of a launch, which takes only low descriptors.
Result<std::vector<UniqueFd>> low_copies(const std::vector<int>& sockets) {
  std::vector<UniqueFd> copies;
  for (const int socket : sockets) {
    auto copy = low_copy(socket);
    if (!copy) return copy.error();
    copies.push_back(std::move(*copy));
  }
  return copies;
}

// As the service wants to find them: the first as stdin, all from 3 on, or both.
Result<ChildPtr> start_handing(Session& session, const PeerEnvironment& environment,
                               int error_output, Runtime& runtime) {
  const Handoff how = session.handed->handoff;
  auto copies = low_copies(session.handed->sockets);
  if (!copies) return copies.error();
  auto nothing = how == Handoff::listen_fds ? open_null() : Result<UniqueFd>(UniqueFd());
  if (!nothing) return nothing.error();
  std::vector<int> handed;
  if (how != Handoff::standard_input)
    for (const UniqueFd& copy : *copies) handed.push_back(copy.get());
  const int input = *nothing ? nothing->get() : copies->front().get();
  auto child = runtime.supervisor.start(session.handler, input, error_output, environment,
                                        session.since, &handed);
  if (!child) return child;
  for (UniqueFd& copy : *copies) runtime.supervisor.hand_over(std::move(copy));
  if (*nothing) runtime.supervisor.hand_over(std::move(*nothing));
  return child;
}

Result<ChildPtr> start_beside(Session& session, const PeerEnvironment& environment,
                              int error_output, Runtime& runtime) {
  auto copy = low_copy(session.socket.get());
  if (!copy) return copy.error();
  auto child = runtime.supervisor.start(session.handler, copy->get(), error_output, environment,
                                        session.since);
  if (child) runtime.supervisor.hand_over(std::move(*copy));
  return child;
}

Result<ChildPtr> start_with_socket(Session& session, const PeerEnvironment& environment,
                                   int error_output, Runtime& runtime) {
  if (session.handed) return start_handing(session, environment, error_output, runtime);
  if (session.keeps_socket) return start_beside(session, environment, error_output, runtime);
  return runtime.supervisor.start(session.handler, session.socket.get(), error_output, environment,
                                  session.since);
}

// No child: `failure` says why.
ChildPtr start(Session& session, const PeerEnvironment& environment, Runtime& runtime,
               Failure& failure) {
  const HandlerPtr& handler = session.handler;
  const int socket = session.socket.get();
  auto error_output =
      handler->error_output(socket, runtime.loop, runtime.reporter, runtime.logs, runtime.died);
  if (!error_output) {
    failure = {"stderr", error_output.error()};
    return nullptr;
  }
  auto child = start_with_socket(session, environment, *error_output, runtime);
  if (child) return std::move(*child);
  failure = {"clone", child.error()};
  return nullptr;
}

// A client that takes nothing of what the handler has to say first.
constexpr std::chrono::seconds longest_greeting{10};

// What a warm handler has said already goes to its client first. Of a client that is gone, the
// handler learns by itself.
awaitable<void> move_early_words(EarlyWords& words, const WarmChild& from, int socket,
                                 Runtime& runtime) {
  const auto deadline = Clock::now() + longest_greeting;
  for (;;) {
    const auto moved = words.move(from.stand_in(), socket);
    if (!moved || *moved || runtime.is_stopping || Clock::now() >= deadline) co_return;
    co_await sleep_for(Milliseconds(5));
  }
}

// Whether it has got the connection: it may have been killed just before, and then nobody knows
// yet.
awaitable<bool> has_taken(const WarmChild& warm, Runtime& runtime) {
  Alarm alarm(runtime.loop);
  const int end = warm.stand_in();
  auto watch = runtime.clients.watch(end, EPOLLIN | EPOLLRDHUP, [&alarm] { alarm.ring(); });
  Receipt receipt = was_taken(end);
  while (receipt == Receipt::not_yet) {
    co_await alarm.sleep_until(Clock::now() + Milliseconds(watch ? 500 : 5));
    receipt = was_taken(end);
    if (watch && receipt == Receipt::not_yet) watch->again(EPOLLIN | EPOLLRDHUP);
  }
  co_return receipt == Receipt::yes;
}

// One that waits for a connection gets this one. One that has left its wait meanwhile is replaced,
// and the next asked; but not where the client has heard of it already.
awaitable<bool> start_warm(Session& session, std::shared_ptr<WarmPool> pool, Runtime& runtime) {
  while (const WarmChildPtr warm = pool->take()) {
    const int socket = session.socket.get();
    const WarmPools::HandingOver under_way(runtime.warm);
    EarlyWords words;
    co_await move_early_words(words, *warm, socket, runtime);
    bool is_given = warm->give(socket).has_value();
    if (is_given) is_given = co_await has_taken(*warm, runtime);
    if (!is_given && !words.were_any()) {
      pool->drop(warm);
      continue;
    }
    pool->count_given();
    session.child = warm->take_child();
    co_return true;
  }
  co_return false;
}

// Out of processes or descriptors, an accepted connection isn't lost: it is tried again when there
// may be room. No child: there was none for long, and that is reported.
awaitable<void> launch(Session& session, Runtime& runtime) {
  if (const auto pool = session.handed ? nullptr : runtime.warm.pool_of(session.handler)) {
    const bool was_warm = co_await start_warm(session, pool, runtime);
    if (was_warm) co_return;
  }
  const Run& run = session.run;
  const PeerEnvironment environment = environment_of(session);
  const auto deadline = Clock::now() + longest_hold;
  for (;;) {
    Failure failure;
    session.child = start(session, environment, runtime, failure);
    if (session.child) co_return;
    const Error& error = failure.error;
    if (!is_shortage(error.number) || runtime.is_stopping || Clock::now() >= deadline) {
      runtime.reporter.report(LaunchFailed{run, failure.step, error.number});
      co_return;
    }
    runtime.headroom.ran_out(error.text);
    const auto room = std::make_shared<HeldAlarm>(runtime);  // who calls may come after who waits
    runtime.headroom.when_room([room] { room->alarm().ring(); });
    co_await room->alarm().sleep_until(deadline);
  }
}

// A client that is reset, or closed on both sides: the end of sending alone is a request that is
// complete.
std::optional<ClientWatch::Guard> watch_for_hangup(int socket, Child& child, const Process& process,
                                                   Runtime& runtime) {
  if (process.on_client_gone == ClientGone::ignore) return std::nullopt;
  auto guard = runtime.clients.watch(
      socket, 0, [&child, &runtime] { runtime.supervisor.stop(child, Stop::client_gone); });
  if (guard) return std::move(*guard);
  runtime.reporter.report(
      Notice{LogLevel::warning, "on_client_gone has no effect now: " + guard.error().text});
  return std::nullopt;
}

void report_ending(const Run& run, const Ending& ending, Runtime& runtime) {
  if (ending.fault)
    runtime.reporter.report(LaunchFailed{run, ending.fault->step, ending.fault->error});
  else
    runtime.reporter.report(Ended{run, ending.exit});
}

// Only TCP's way must be cleared: elsewhere unread bytes take nothing with them.
bool resets_when_unread(const Peer& peer) {
  const auto* inet = std::get_if<InetPeer>(&peer);
  return inet && (inet->transport == Transport::tcp || inet->transport == Transport::mptcp);
}

// The handler may have left some of the request unread: closing now would reset the connection and
// could take the answer with it. So superd ends its own side, throws away what comes, and closes
// when the client has.
awaitable<void> linger(Session& session, Runtime& runtime) {
  session.phase = Session::Phase::lingering;
  const int socket = session.socket.get();
  const bool is_tcp = resets_when_unread(session.run.peer);
  const std::uint32_t events = is_tcp ? EPOLLIN | EPOLLRDHUP : EPOLLRDHUP;
  HeldAlarm held(runtime);
  Alarm& alarm = held.alarm();
  shut_sending(socket);
  auto watch = runtime.clients.watch(socket, events, [&alarm] { alarm.ring(); });
  if (!watch) co_return;
  const auto deadline = Clock::now() + session.handler->process()->linger;
  co_await alarm.sleep_until(deadline);
  while (is_tcp && Clock::now() < deadline && !runtime.is_stopping && discard_arrived(socket)) {
    watch->again(events);
    co_await alarm.sleep_until(deadline);
  }
}

// From a child that runs to the end of the connection.
awaitable<Ending> supervise(Session& session, Runtime& runtime) {
  session.phase = Session::Phase::running;
  const Shared<Process> rules = session.handler->process();
  const Process& process = *rules;
  const bool has_connection = !session.handed && !session.keeps_socket;
  const bool lingers = process.linger.count() > 0 && has_connection;
  auto hangup = has_connection
                    ? watch_for_hangup(session.socket.get(), *session.child, process, runtime)
                    : std::nullopt;
  if (!hangup && !lingers && has_connection)
    runtime.supervisor.hand_over(std::move(session.socket));
  const pid_t pid = session.child->pid();
  if (session.says) runtime.notes.listen_to(pid, session.says);
  const Ending ending = co_await runtime.supervisor.wait(*session.child);
  if (session.says) runtime.notes.forget(pid);
  hangup.reset();
  session.child.reset();
  report_ending(session.run, ending, runtime);

  if (lingers) co_await linger(session, runtime);
  co_return ending;
}

// From a connection to its end; absent: there was no process for it.
awaitable<std::optional<Ending>> run(Session& session, Runtime& runtime) {
  co_await launch(session, runtime);
  if (!session.child) co_return std::nullopt;
  session.run.pid = session.child->pid();
  runtime.reporter.report(Started{session.run});
  const Ending ending = co_await supervise(session, runtime);
  co_return ending;
}

// Counted from here on.
Session let_in(Accepted visitor, HandlerPtr handler, Runtime& runtime) {
  auto pass = runtime.gate.let_in(handler, visitor.peer);
  const std::string& banner = handler->service().terms->banner.accepted.text;
  if (!banner.empty()) say(visitor.socket.get(), banner);
  Run about{handler->service().name, std::move(visitor.peer), ++runtime.connections, 0};
  return {std::move(about),        std::move(handler), std::move(visitor.socket), visitor.time, {},
          Session::Phase::waiting, std::move(pass)};
}

// Somebody who may in: launch, and stay to the end of the handler, and of the connection where the
// service lingers.
awaitable<void> serve(Accepted visitor, HandlerPtr handler, Runtime& runtime) {
  const Headroom::Slot slot(runtime.headroom);
  const Sessions::Member member(runtime.sessions,
                                let_in(std::move(visitor), std::move(handler), runtime));
  co_await run(*member, runtime);
}

// Among those asked about, as long as this exists.
class AskedAbout {
 public:
  AskedAbout(const Accepted& visitor, const Service& service, std::list<Visitor>& all)
      : all_(all), at_(all.insert(all.end(), {visitor, service})) {}
  ~AskedAbout() { all_.erase(at_); }
  AskedAbout(const AskedAbout&) = delete;
  AskedAbout& operator=(const AskedAbout&) = delete;

 private:
  std::list<Visitor>& all_;
  std::list<Visitor>::iterator at_;
};

// Until there is room, or another reason to refuse.
awaitable<void> wait_in_line(const Service& service, const Accepted& visitor,
                             const Gate::Known& known, Gate::Verdict& verdict, Runtime& runtime) {
  HeldAlarm held(runtime);
  const auto place = runtime.gate.stand_in_line(service, held.alarm());
  if (!place) co_return;
  do {
    co_await held.alarm().sleep_until_rung();
    verdict = runtime.gate.judge(service, visitor.peer, visitor.socket.get(), known);
  } while (!runtime.is_stopping && verdict.refusal && shall_wait(service, *verdict.refusal));
}

awaitable<void> ask_and_serve(Accepted visitor, HandlerPtr handler, Gate::Verdict verdict,
                              Runtime& runtime) {
  const ServicePtr held = handler->shared_service();  // a reload may let go of it meanwhile
  const Service& service = *held;
  co_await ask_and_judge(service, visitor, verdict, runtime);
  if (runtime.is_stopping) co_return;  // like those who wait in the backlog
  if (verdict.refusal)
    runtime.gate.turn_away(service, std::move(visitor), *verdict.refusal);
  else if (needs_relay(service))
    runtime.relays.serve(let_in(std::move(visitor), std::move(handler), runtime));
  else
    co_await serve(std::move(visitor), std::move(handler), runtime);
}

}  // namespace

void receive(Accepted visitor, const HandlerPtr& handler, Runtime& runtime) {
  const Service& service = handler->service();
  Gate::Verdict verdict = runtime.gate.judge(service, visitor.peer, visitor.socket.get(), {});
  if (verdict.question != Gate::Question::none)
    spawn(runtime.loop, "ask about a visitor",
          ask_and_serve(std::move(visitor), handler, std::move(verdict), runtime), runtime.died);
  else if (verdict.refusal)
    runtime.gate.turn_away(service, std::move(visitor), *verdict.refusal);
  else if (needs_relay(service))
    runtime.relays.serve(let_in(std::move(visitor), handler, runtime));
  else
    spawn(runtime.loop, "serve a connection", serve(std::move(visitor), handler, runtime),
          runtime.died);
}

awaitable<void> ask_and_judge(const Service& service, const Accepted& visitor,
                              Gate::Verdict& verdict, Runtime& runtime) {
  const AskedAbout member(visitor, service, runtime.asked_about);
  Gate::Known known;
  while (verdict.question != Gate::Question::none) {
    co_await ask(verdict.question, service, visitor.peer, known, runtime);
    verdict = runtime.gate.judge(service, visitor.peer, visitor.socket.get(), known);
  }
  const auto& refusal = verdict.refusal;
  const bool has_to_wait = refusal ? shall_wait(service, *refusal) : runtime.gate.has_line(service);
  if (has_to_wait && !runtime.is_stopping)
    co_await wait_in_line(service, visitor, known, verdict, runtime);
}

// No answer in time is no match; and where hosts.allow can't be asked, nobody is let in by it.
awaitable<void> ask(Gate::Question question, const Service& service, const Peer& peer,
                    Gate::Known& known, Runtime& runtime) {
  if (question == Gate::Question::name) {
    const IpAddress address = remote_address(peer);
    const NameAnswer names = co_await runtime.lookups.names_of(address);
    known.names = names.value_or(std::vector<std::string>());
    co_return;
  }
  std::string name = service.terms->hosts_access;
  Peer who = peer;
  const HostsAccessAnswer verdict =
      co_await runtime.lookups.hosts_access(std::move(name), std::move(who));
  known.hosts_access =
      verdict == HostsVerdict::allowed ? HostsAccess::permits : HostsAccess::denies;
}

awaitable<std::optional<Ending>> see_through(Session& session, Runtime& runtime) {
  if (!session.child) co_return co_await run(session, runtime);
  const Ending ending = co_await supervise(session, runtime);
  co_return ending;
}

awaitable<void> resume(Session session, Runtime& runtime) {
  const Headroom::Slot slot(runtime.headroom);
  const Sessions::Member member(runtime.sessions, std::move(session));
  switch ((*member).phase) {
    case Session::Phase::waiting:
      co_await run(*member, runtime);
      break;
    case Session::Phase::running:
      co_await supervise(*member, runtime);
      break;
    case Session::Phase::lingering:
      co_await linger(*member, runtime);
  }
}

}  // namespace superd
