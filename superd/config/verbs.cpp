// SPDX-License-Identifier: MIT
// check_verbs of validate.hpp: what a verb can't do with the sockets and keys of its service. Where
// superd doesn't see who comes, a rule about it would be a promise that nobody keeps.
#include <algorithm>

#include "superd/base/overloaded.hpp"
#include "superd/base/text.hpp"
#include "superd/config/validate.hpp"

namespace superd {
namespace {

constexpr std::size_t longest_names = 512;  // of all sockets: core/peer_environment has room

struct Row {
  const char* key;
  bool (*is_set)(const Service& service);
};

// Only whoever accepts a connection can ask these.
constexpr Row about_visitors[] = {
    {"allow", [](const Service& s) { return s.terms->access.allow.has_value(); }},
    {"deny", [](const Service& s) { return !s.terms->access.deny.lists.empty(); }},
    {"hosts_access", [](const Service& s) { return !s.terms->hosts_access.empty(); }},
    {"trap", [](const Service& s) { return s.terms->trap.has_value(); }},
    {"limits.per_source", [](const Service& s) { return s.terms->limits.per_source.has_value(); }},
    {"limits.rate_per_source",
     [](const Service& s) { return s.terms->limits.rate_per_source.has_value(); }},
};

// And these need a connection of superd's own.
constexpr Row about_connections[] = {
    {"banner", [](const Service& s) { return !s.terms->banner.accepted.text.empty(); }},
    {"stderr: socket", [](const Service& s) { return s.process->stderr_to == StderrTo::socket; }},
    {"on_client_gone",
     [](const Service& s) { return s.process->on_client_gone != ClientGone::ignore; }},
    {"linger", [](const Service& s) { return s.process->linger.count() > 0; }},
};

// And these are about a program that serves one connection.
constexpr Row about_programs[] = {
    {"stderr: socket", [](const Service& s) { return s.process->stderr_to == StderrTo::socket; }},
    {"on_client_gone",
     [](const Service& s) { return s.process->on_client_gone != ClientGone::ignore; }},
    {"linger", [](const Service& s) { return s.process->linger.count() > 0; }},
    {"timeout", [](const Service& s) { return s.process->timeout.has_value(); }},
};

// A relay takes streams: what comes in messages has none of its own.
bool is_stream(const BindAddress& address) {
  if (is_datagram(address)) return false;
  const auto* local = std::get_if<UnixAddress>(&address);
  if (local) return local->kind == UnixKind::stream;
  const auto* inet = std::get_if<InetAddress>(&address);
  return !inet || inet->transport != Transport::sctp;
}

class Verbs {
 public:
  Verbs(const Service& service, Report& report) : service_(service), report_(report) {}

  void check(const RunHandler& run) {
    check_linger();
    check_warm(run);
    for (const Listen& listen : service_.listen)
      if (is_datagram(listen.address) && std::holds_alternative<UnixAddress>(listen.address))
        say(listen.place, to_text(listen.address) + ": " + no_run());
    const Listen* datagram = first_that(true);
    if (datagram) check_exchanges(*datagram);
    if (run.stop_after && !datagram)
      say("'stop_after' is for `activate`, and for `run` on datagrams; a connection has an end of "
          "its own, and 'timeout' sets another");
  }

  void check(const HandOver& hand_over) {
    check_linger();
    for (const Row& row : about_connections)
      if (row.is_set(service_))
        say(quote(row.key) +
            " needs a connection, and the program of 'activate' accepts them itself; remove it, "
            "or use 'run'");
    const Listen* stream = first_that(false);
    if (stream) check_visitors();
    check_sockets(hand_over);
    if (hand_over.ready == ReadyWhen::notify && sets("NOTIFY_SOCKET"))
      say("'environment' gives NOTIFY_SOCKET, and with 'ready: notify' superd does; remove one");
    const Listen* datagram = first_that(true);
    if (hand_over.stop_after && datagram)
      say(datagram->place, to_text(datagram->address) +
                               ": 'stop_after' counts connections, and datagrams have none; "
                               "remove it: most such programs end by themselves");
  }

  void check(const Forward&) {
    for (const Row& row : about_programs)
      if (row.is_set(service_))
        say(quote(row.key) +
            " needs a program, and 'forward' has none; remove it, or set its "
            "standard value here where it comes from `defaults`");
    for (const Listen& listen : service_.listen)
      if (!is_stream(listen.address))
        say(listen.place, to_text(listen.address) +
                              ": this version forwards streams only; listen on TCP, unix: or "
                              "vsock:, or use another verb");
  }

 private:
  static std::string no_run() {
    return "'run' is one process per peer, and who writes to such a socket need have no address to "
           "be answered at; use 'activate', whose program reads them all";
  }

  // A peer's datagrams come to a socket of its own, but they are no connection.
  void check_exchanges(const Listen& datagram) {
    for (const Row& row : about_connections)
      if (row.is_set(service_))
        say(quote(row.key) + " needs a connection, and " + to_text(datagram.address) +
            " has none; remove it, or make it a service of its own");
  }

  // What a connection's variables tell isn't known before there is one.
  void check_warm(const RunHandler& run) {
    if (run.warm.ready == 0 && (run.warm.always || run.warm != Warmth{}))
      say("'warm' keeps no program ready; say how many, such as warm: {ready: 4}, or remove it");
    if (run.warm.ready == 0) return;
    if (const Listen* datagram = first_that(true))
      say(datagram->place, to_text(datagram->address) +
                               ": 'warm' is for connections, and datagrams have none; remove it");
    const std::string name = run.program.substr(run.program.rfind('/') + 1);
    for (const std::string_view one : {"whoami", "http-hello"})
      if (name == one)
        report_.warning(service_.place,
                        "service " + quote(service_.name) + ": " + quote(name) +
                            " shows variables of its connection, and with 'warm' it has none of "
                            "them; remove 'warm', or take another program");
  }

  // SCTP knows no connection that is closed on one side alone.
  void check_linger() {
    for (const Listen& listen : service_.listen) {
      const auto* inet = std::get_if<InetAddress>(&listen.address);
      if (!inet || inet->transport != Transport::sctp || service_.process->linger.count() == 0)
        continue;
      say(listen.place,
          "'linger' is not for SCTP, and " + to_text(listen.address) + " is; set linger: 0s");
    }
  }

  bool sets(std::string_view name) const {
    const auto& variables = service_.process->environment;
    return std::any_of(variables.begin(), variables.end(),
                       [&](const auto& one) { return one.first == name; });
  }

  void check_visitors() {
    for (const Row& row : about_visitors)
      if (row.is_set(service_))
        say(quote(row.key) +
            " asks who comes, and with 'activate' the program accepts, so superd never sees it; "
            "use 'run', or leave it to the program and the firewall");
  }

  void check_sockets(const HandOver& hand_over) {
    const auto count = service_.listen.size();
    if (hand_over.handoff == Handoff::standard_input && count > 1)
      say("'handoff: stdin' hands over one socket, and there are " + std::to_string(count) +
          "; use listen_fds, or a service for each");
    if (count > most_handed_over)
      say("'activate' hands over at most " + std::to_string(most_handed_over) +
          " sockets, and there are " + std::to_string(count) + "; make it several services");
    std::size_t length = 0;
    for (const Listen& listen : service_.listen)
      length += std::max(listen.options->name.size(), service_.name.size()) + 1;
    if (length > longest_names)
      say("the names of its sockets are too long, " + std::to_string(length) + " of at most " +
          std::to_string(longest_names) + " characters in all; give shorter ones by 'name'");
  }

  const Listen* first_that(bool takes_datagrams) const {
    for (const Listen& listen : service_.listen)
      if (is_datagram(listen.address) == takes_datagrams) return &listen;
    return nullptr;
  }

  void say(const std::string& what) { say(service_.place, what); }
  void say(const Place& place, const std::string& what) {
    report_.error(place, "service " + quote(service_.name) + ": " + what);
  }

  const Service& service_;
  Report& report_;
};

}  // namespace

void check_verbs(const std::vector<ServicePtr>& services, Report& report) {
  for (const ServicePtr& service : services)
    std::visit([&](const auto& verb) { Verbs(*service, report).check(verb); }, service->activation);
}

}  // namespace superd
