// SPDX-License-Identifier: MIT
// libwrap.
#include "superd/lookup/hosts_access.hpp"

#if SUPERD_HAS_LIBWRAP

#include <pwd.h>
#include <syslog.h>
#include <tcpd.h>
#include <unistd.h>

#include <cerrno>

#include "superd/os/socket_address.hpp"

// libwrap expects its caller to have these.
int allow_severity = LOG_INFO;
int deny_severity = LOG_WARNING;

namespace superd {
namespace {

// Within superd's own deadline: better a rule that finds no user than no answer.
constexpr int seconds_for_ident = 2;

// For libwrap a file that can't be read says nothing, and hosts.deny that says nothing lets all in.
bool is_closed_to_us(const char* file) {
  if (access(file, R_OK) == 0 || errno == ENOENT) return false;
  syslog(LOG_ERR, "cannot read %s: %m", file);
  return true;
}

std::string user_name(uid_t uid) {
  const passwd* const account = getpwuid(uid);
  return account ? account->pw_name : std::to_string(uid);
}

KernelAddress kernel_address(const Endpoint& end) {
  return to_kernel(InetAddress{Transport::tcp, end.address.v6 ? IpFamily::v6 : IpFamily::v4,
                               end.address, end.port});
}

// Names are looked up only if a rule needs one, and checked both ways by libwrap, too.
bool is_allowed(const std::string& daemon, const InetPeer& peer) {
  KernelAddress remote = kernel_address(peer.remote), local = kernel_address(peer.local);
  request_info request{};
  request_init(&request, RQ_DAEMON, daemon.c_str(), RQ_CLIENT_SIN, remote.get(), RQ_SERVER_SIN,
               local.get(), 0);
  sock_methods(&request);
  return hosts_access(&request) != 0;
}

// A client without an address: ALL and UNKNOWN can match it.
bool is_allowed(const std::string& daemon, const VsockPeer&) {
  request_info request{};
  request_init(&request, RQ_DAEMON, daemon.c_str(), 0);
  return hosts_access(&request) != 0;
}

// Not asked about: superd doesn't see who it is.
bool is_allowed(const std::string&, const UnseenPeer&) { return false; }

// And USER@.
bool is_allowed(const std::string& daemon, const UnixPeer& peer) {
  const std::string user = user_name(peer.uid);
  request_info request{};
  request_init(&request, RQ_DAEMON, daemon.c_str(), RQ_USER, user.c_str(), 0);
  return hosts_access(&request) != 0;
}

}  // namespace

LookupOutcome hosts_access_verdict(const HostsAccessQuestion& question) {
  openlog("superd-lookup", LOG_PERROR, LOG_DAEMON);  // its complaints are for superd's log
  if (is_closed_to_us(hosts_allow_table) || is_closed_to_us(hosts_deny_table))
    return LookupFailed{};
  // The option `twist` would replace the program that asks: for a resident one it is an error, and
  // the client is refused.
  resident = 1;
  rfc931_timeout = seconds_for_ident;
  const bool is_in = std::visit([&](const auto& peer) { return is_allowed(question.daemon, peer); },
                                question.peer);
  return is_in ? HostsVerdict::allowed : HostsVerdict::denied;
}

}  // namespace superd

#else

namespace superd {

LookupOutcome hosts_access_verdict(const HostsAccessQuestion&) { return LookupFailed{}; }

}  // namespace superd

#endif
