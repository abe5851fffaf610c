// SPDX-License-Identifier: MIT
// The table of a service, and the readers that need no room of their own.
#include "superd/config/service_keys.hpp"

#include "superd/base/text.hpp"
#include "superd/config/admission_keys.hpp"
#include "superd/config/command.hpp"
#include "superd/config/environment.hpp"
#include "superd/config/forward.hpp"
#include "superd/config/identity.hpp"
#include "superd/config/listen.hpp"
#include "superd/config/rlimits.hpp"
#include "superd/config/rpc_keys.hpp"
#include "superd/config/stop_signal.hpp"
#include "superd/config/warm_keys.hpp"

namespace superd {
namespace {

constexpr Milliseconds none{0};
constexpr Milliseconds shortest{1};
const Process standard;

void read_description(const Value& value, Draft& draft) {
  assign(draft.description, read_word(value, "say in a few words what the service does"));
}

NodePtr write_description(const Draft& draft) {
  return write_unless(std::string(), draft.description, write_word);
}

void read_enabled(const Value& value, Draft& draft) { assign(draft.enabled, read_yes_no(value)); }

NodePtr write_enabled(const Draft& draft) {
  return write_unless(true, draft.enabled, write_yes_no);
}

void read_directory(const Value& value, Draft& draft) {
  const auto path = read_word(value, "give a directory");
  if (!path) return;
  const std::string directory = absolute_path(value.scope, *path);
  if (const auto fault = value.scope.host.directory_fault(directory)) {
    return say_error(value, "directory " + quote(directory) + ": " + *fault + "; give another");
  }
  draft.process.directory = directory;
}

NodePtr write_directory(const Draft& draft) {
  return write_unless(standard.directory, draft.process.directory, write_word);
}

void read_umask(const Value& value, Draft& draft) {
  assign(draft.process.umask, read_octal(value, 0777));
}

NodePtr write_umask(const Draft& draft) {
  return write_unless(standard.umask, draft.process.umask, write_octal);
}

void read_nice(const Value& value, Draft& draft) {
  assign(draft.process.nice, read_number(value, -20, 19));
}

NodePtr write_nice(const Draft& draft) { return write_if(draft.process.nice, write_number); }

void read_argv0(const Value& value, Draft& draft) {
  assign(draft.process.argv0, read_word(value, "give the name that the program sees"));
}

NodePtr write_argv0(const Draft& draft) { return write_if(draft.process.argv0, write_word); }

constexpr std::string_view stderr_words[] = {"log", "socket", "null"};

void read_stderr(const Value& value, Draft& draft) {
  assign(draft.process.stderr_to, read_choice(value, stderr_words));
}

NodePtr write_stderr(const Draft& draft) {
  return write_choice(stderr_words, draft.process.stderr_to);
}

void read_timeout(const Value& value, Draft& draft) {
  if (value.node.word == "unlimited") {
    draft.process.timeout.reset();
  } else {
    assign(draft.process.timeout, read_duration(value, shortest));
  }
}

NodePtr write_timeout(const Draft& draft) {
  return write_if(draft.process.timeout, write_duration);
}

void read_stop_grace(const Value& value, Draft& draft) {
  assign(draft.process.stop_grace, read_duration(value, none));
}

NodePtr write_stop_grace(const Draft& draft) {
  return write_unless(standard.stop_grace, draft.process.stop_grace, write_duration);
}

constexpr std::string_view on_client_gone_words[] = {"ignore", "stop"};

void read_on_client_gone(const Value& value, Draft& draft) {
  assign(draft.process.on_client_gone, read_choice(value, on_client_gone_words));
}

NodePtr write_on_client_gone(const Draft& draft) {
  return write_choice(on_client_gone_words, draft.process.on_client_gone);
}

void read_linger(const Value& value, Draft& draft) {
  assign(draft.process.linger, read_duration(value, none));
}

NodePtr write_linger(const Draft& draft) {
  return write_unless(standard.linger, draft.process.linger, write_duration);
}

constexpr std::string_view handoff_words[] = {"both", "stdin", "listen_fds"};

void read_handoff(const Value& value, Draft& draft) {
  assign(draft.handoff, read_choice(value, handoff_words));
}

NodePtr write_handoff(const Draft& draft) { return write_choice(handoff_words, draft.handoff); }

void read_stop_after(const Value& value, Draft& draft) {
  assign(draft.stop_after, read_duration(value, shortest));
}

NodePtr write_stop_after(const Draft& draft) { return write_if(draft.stop_after, write_duration); }

constexpr std::string_view ready_words[] = {"exec", "notify"};

void read_ready(const Value& value, Draft& draft) {
  assign(draft.ready, read_choice(value, ready_words));
}

NodePtr write_ready(const Draft& draft) { return write_choice(ready_words, draft.ready); }

void read_start_timeout(const Value& value, Draft& draft) {
  assign(draft.start_timeout, read_duration(value, shortest));
}

NodePtr write_start_timeout(const Draft& draft) {
  return write_if(draft.start_timeout, write_duration);
}

constexpr Key<Draft> only_service[] = {
    {"description", read_description, write_description, "TEXT", "",
     "what the service is for, in a few words"},
    {"listen", read_listen, write_listen, "ADDRESS, mapping or list", "",
     "what to bind: 79, finger, 127.0.0.1:79, \"[::1]:79\", tcp6:79, unix:/run/x.sock"},
    {"run", read_run, write_run, "COMMAND", "",
     "program started for each connection, which is its stdin and stdout; by UDP for each peer"},
    {"activate", read_activate, write_activate, "COMMAND", "",
     "program that gets the listening sockets themselves when somebody knocks, until it ends"},
    {"forward", read_forward, write_forward, "ADDRESS, list or mapping", "",
     "where each connection goes on to: 127.0.0.1:80, www.example.org:80, unix:/run/x.sock"},
    {"handoff", read_handoff, write_handoff, "both | stdin | listen_fds", "both",
     "how activate hands them over: as stdin (inetd's wait), from descriptor 3 on (systemd)"},
    {"stop_after", read_stop_after, write_stop_after, "DURATION", "",
     "how long a program of activate may be without a connection, one of run without a datagram"},
    {"ready", read_ready, write_ready, "exec | notify", "exec",
     "when a program of activate is ready: once it runs, or when it says so by sd_notify(3)"},
    {"start_timeout", read_start_timeout, write_start_timeout, "DURATION", "30s",
     "with ready: notify, how long it may take to be ready before it is stopped"},
    {"rpc", read_rpc, write_rpc, "mapping", "",
     "which program of ONC RPC it is: rpcbind is told where"},
    {"warm", read_warm, write_warm, "NUMBER or mapping", "0",
     "programs of run that are kept started, so that a connection needn't wait for a start"},
};

constexpr Key<Draft> shared[] = {
    {"enabled", read_enabled, write_enabled, "yes or no", "yes",
     "no: checked like the others, but not bound"},
    {"user", read_user, write_user, "USER", "nobody; superd's own where that isn't root",
     "who the program runs as, by name or number"},
    {"group", read_group, write_group, "GROUP", "the user's primary group",
     "its group, by name or number"},
    {"groups", read_groups, write_groups, "list of groups; user, none", "user",
     "its supplementary groups; 'user' stands for the user's own"},
    {"directory", read_directory, write_directory, "PATH", "/", "the directory it starts in"},
    {"umask", read_umask, write_umask, "OCTAL", "022", "permissions that files it makes don't get"},
    {"nice", read_nice, write_nice, "-20 to 19", "that of superd",
     "its priority; the lowest is 19"},
    {"argv0", read_argv0, write_argv0, "TEXT", "the command's first word",
     "the name the program sees"},
    {"environment", read_environment, write_environment, "mapping of NAME: TEXT", "",
     "variables it gets besides those of every handler"},
    {"pass_environment", read_pass_environment, write_pass_environment, "list of names", "",
     "variables it gets as superd has them when the table is loaded"},
    {"stderr", read_stderr, write_stderr, "log | socket | null", "log", "where its stderr goes"},
    {"rlimits", read_rlimits, write_rlimits, "mapping of LIMIT: SOFT or SOFT:HARD",
     "those of superd", "resource limits, setrlimit(2); one value sets both"},
    {"timeout", read_timeout, write_timeout, "DURATION or unlimited", "unlimited",
     "its longest life"},
    {"stop_signal", read_stop_signal, write_stop_signal, "SIGNAL", "TERM", "what asks it to end"},
    {"stop_grace", read_stop_grace, write_stop_grace, "DURATION", "5s",
     "after stop_signal, before KILL"},
    {"on_client_gone", read_on_client_gone, write_on_client_gone, "ignore | stop", "ignore",
     "whether it is stopped once the connection is reset, or closed on both sides"},
    {"linger", read_linger, write_linger, "DURATION", "0s",
     "after its end, how long to wait for the client to read the answer and close"},
};

}  // namespace

std::span<const Key<Draft>> service_keys() { return only_service; }
std::span<const Key<Draft>> process_keys() { return shared; }

std::span<const Key<Draft>> shared_keys() {
  static const std::vector<Key<Draft>> all = [] {
    std::vector<Key<Draft>> keys(process_keys().begin(), process_keys().end());
    keys.insert(keys.end(), admission_keys().begin(), admission_keys().end());
    return keys;
  }();
  return all;
}

}  // namespace superd
