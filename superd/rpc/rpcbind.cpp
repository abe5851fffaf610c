// SPDX-License-Identifier: MIT
// rpcb_set(3) and its kin, on a connection that is there already.
#include "superd/rpc/rpcbind.hpp"

#include <rpc/rpc.h>
#include <rpc/rpcb_prot.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>

namespace superd {
namespace {

constexpr timeval longest_answer{.tv_sec = 4, .tv_usec = 0};

// libtirpc declares what reads and writes a value with any arguments, and defines it with two.
template <class Value>
xdrproc_t as_xdrproc(bool_t (*function)(XDR*, Value*)) {
  return reinterpret_cast<xdrproc_t>(reinterpret_cast<void (*)()>(function));
}

bool_t no_value(XDR*, void*) { return TRUE; }

Error failure_of(CLIENT* client) {
  rpc_err error{};
  clnt_geterr(client, &error);
  return {clnt_sperrno(error.re_status), 0};
}

// What rpcb_prot.h wants to be given, though it is only read.
char* word(const std::string& text) { return const_cast<char*>(text.c_str()); }

std::string text_of(const char* text) { return text ? text : ""; }

RpcEntry entry_of(const rpcb& one) {
  RpcKey key{static_cast<std::uint32_t>(one.r_prog), static_cast<std::uint32_t>(one.r_vers),
             text_of(one.r_netid)};
  return {{std::move(key), text_of(one.r_addr)}, text_of(one.r_owner)};
}

}  // namespace

struct Rpcbind::Client {
  explicit Client(CLIENT* one) : rpc(one) {}
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  ~Client() { clnt_destroy(rpc); }

  Result<bool> change(rpcproc_t procedure, const RpcKey& key, const std::string& address) {
    const std::string owner;  // it knows
    rpcb wanted{key.program, key.version, word(key.netid), word(address), word(owner)};
    bool_t has_done = FALSE;
    const auto status = clnt_call(rpc, procedure, as_xdrproc(xdr_rpcb), &wanted,
                                  as_xdrproc(xdr_bool), &has_done, longest_answer);
    if (status != RPC_SUCCESS) return failure_of(rpc);
    return has_done == TRUE;
  }

  CLIENT* rpc;
};

Result<Rpcbind> Rpcbind::on(int connection) {
  sockaddr_un path{};
  socklen_t length = sizeof path;
  if (getpeername(connection, reinterpret_cast<sockaddr*>(&path), &length) != 0)
    return system_error("getpeername", errno);
  const netbuf address{sizeof path, length, &path};
  CLIENT* const client = clnt_vc_create(connection, &address, RPCBPROG, RPCBVERS, 0, 0);
  if (!client) return Error{clnt_sperrno(rpc_createerr.cf_stat), 0};
  return Rpcbind(std::make_shared<Client>(client));
}

Result<std::vector<RpcEntry>> Rpcbind::table() {
  rpcblist_ptr list = nullptr;
  const auto status = clnt_call(client_->rpc, RPCBPROC_DUMP, as_xdrproc(no_value), nullptr,
                                as_xdrproc(xdr_rpcblist_ptr), &list, longest_answer);
  if (status != RPC_SUCCESS) return failure_of(client_->rpc);
  std::vector<RpcEntry> all;
  for (const rp__list* one = list; one; one = one->rpcb_next)
    all.push_back(entry_of(one->rpcb_map));
  clnt_freeres(client_->rpc, as_xdrproc(xdr_rpcblist_ptr), &list);
  return all;
}

Result<bool> Rpcbind::set(const RpcRegistration& registration) {
  return client_->change(RPCBPROC_SET, registration.key, registration.address);
}

Result<bool> Rpcbind::unset(const RpcKey& key) { return client_->change(RPCBPROC_UNSET, key, {}); }

}  // namespace superd
