// SPDX-License-Identifier: MIT
// Words and nothing else: numbers are decimal, one space is between two words.
#include "superd/core/lookup_message.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

#include "superd/base/overloaded.hpp"
#include "superd/core/host_name.hpp"

namespace superd {
namespace {

constexpr std::size_t longest_daemon_name = 64;

using Words = std::vector<std::string_view>;

// None where a word is empty: there is one way to write a message.
std::optional<Words> words_of(std::string_view message, std::size_t longest) {
  if (message.size() > longest) return std::nullopt;
  Words words;
  for (;;) {
    const std::size_t space = message.find(' ');
    if (space == 0 || message.empty()) return std::nullopt;
    words.push_back(message.substr(0, space));
    if (space == message.npos) return words;
    message.remove_prefix(space + 1);
  }
}

template <class Number>
std::optional<Number> number_from(std::string_view word) {
  Number number{};
  const char* const end = word.data() + word.size();
  const auto [stopped, error] = std::from_chars(word.data(), end, number);
  if (error != std::errc() || stopped != end || (word.size() > 1 && word.front() == '0'))
    return std::nullopt;
  return number;
}

std::string word_of(const Endpoint& end) {
  return to_text(end.address) + " " + std::to_string(end.port);
}

std::optional<Endpoint> endpoint_from(std::string_view address, std::string_view port) {
  const auto ip = parse_ip(address);
  const auto number = number_from<std::uint16_t>(port);
  if (!ip || !number) return std::nullopt;
  return Endpoint{*ip, *number};
}

std::optional<Peer> peer_from(const Words& words, std::size_t first) {
  if (words.size() == first + 2 && words[first] == "uid") {
    const auto uid = number_from<uid_t>(words[first + 1]);
    if (!uid) return std::nullopt;
    UnixPeer peer;
    peer.uid = *uid;
    return peer;
  }
  if (words.size() == first + 2 && words[first] == "vsock") {
    const auto cid = number_from<std::uint32_t>(words[first + 1]);
    if (!cid) return std::nullopt;
    return VsockPeer{*cid, 0, {}};
  }
  if (words.size() != first + 4) return std::nullopt;
  const auto remote = endpoint_from(words[first], words[first + 1]);
  const auto local = endpoint_from(words[first + 2], words[first + 3]);
  if (!remote || !local) return std::nullopt;
  return InetPeer{Transport::tcp, *remote, *local};
}

std::optional<LookupQuestion> question_from(const Words& words) {
  if (words.size() == 3 && words[1] == "names") {
    const auto address = parse_ip(words[2]);
    if (!address) return std::nullopt;
    return NamesQuestion{*address};
  }
  if (words.size() == 3 && words[1] == "addresses") {
    auto host = read_host_name(words[2]);
    if (!host || *host != words[2]) return std::nullopt;
    return AddressesQuestion{std::move(*host)};
  }
  if (words.size() < 5 || words[1] != "hosts_access" || !is_hosts_access_name(words[2]))
    return std::nullopt;
  auto peer = peer_from(words, 3);
  if (!peer) return std::nullopt;
  return HostsAccessQuestion{std::string(words[2]), std::move(*peer)};
}

std::optional<LookupOutcome> addresses_from(const Words& words) {
  if (words.size() > 2 + most_addresses) return std::nullopt;
  HostAddresses all;
  for (std::size_t i = 2; i < words.size(); ++i) {
    const auto address = parse_ip(words[i]);
    if (!address) return std::nullopt;
    all.addresses.push_back(*address);
  }
  return all;
}

std::optional<LookupOutcome> outcome_from(const Words& words) {
  if (words.size() >= 2 && words[1] == "addresses") return addresses_from(words);
  if (words.size() == 2 && words[1] == "failed") return LookupFailed{};
  if (words.size() == 2 && words[1] == "allowed") return HostsVerdict::allowed;
  if (words.size() == 2 && words[1] == "denied") return HostsVerdict::denied;
  if (words.size() < 2 || words.size() > 2 + most_names || words[1] != "names") return std::nullopt;
  ConfirmedNames all;
  for (std::size_t i = 2; i < words.size(); ++i) {
    auto name = read_host_name(words[i]);
    if (!name || *name != words[i]) return std::nullopt;
    all.names.push_back(std::move(*name));
  }
  return all;
}

// libwrap doesn't know of transports.
std::string words_for(const Peer& peer) {
  return std::visit(
      Overloaded{
          [](const InetPeer& inet) { return word_of(inet.remote) + " " + word_of(inet.local); },
          [](const UnixPeer& local) { return "uid " + std::to_string(local.uid); },
          [](const VsockPeer& vsock) { return "vsock " + std::to_string(vsock.cid); },
          [](const UnseenPeer&) { return std::string("unseen"); }},
      peer);
}

std::string to_text(const LookupOutcome& outcome) {
  return std::visit(Overloaded{[](const LookupFailed&) { return std::string("failed"); },
                               [](const ConfirmedNames& all) {
                                 std::string text = "names";
                                 for (const std::string& name : all.names) text += " " + name;
                                 return text;
                               },
                               [](const HostAddresses& all) {
                                 std::string text = "addresses";
                                 for (const IpAddress& one : all.addresses)
                                   text += " " + to_text(one);
                                 return text;
                               },
                               [](HostsVerdict verdict) {
                                 const bool is_in = verdict == HostsVerdict::allowed;
                                 return std::string(is_in ? "allowed" : "denied");
                               }},
                    outcome);
}

}  // namespace

bool is_hosts_access_name(std::string_view name) {
  const auto may_be_in = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("_-.+").find(c) != std::string_view::npos;
  };
  return !name.empty() && name.size() <= longest_daemon_name &&
         std::all_of(name.begin(), name.end(), may_be_in);
}

std::string to_text(const LookupQuestion& question) {
  return std::visit(
      Overloaded{[](const NamesQuestion& names) { return "names " + to_text(names.address); },
                 [](const HostsAccessQuestion& access) {
                   const std::string begin = "hosts_access " + access.daemon + " ";
                   return begin + words_for(access.peer);
                 },
                 [](const AddressesQuestion& host) { return "addresses " + host.host; }},
      question);
}

std::string encode(const LookupRequest& request) {
  return std::to_string(request.id) + " " + to_text(request.question);
}

std::string encode(const LookupAnswer& answer) {
  return std::to_string(answer.id) + " " + to_text(answer.outcome);
}

std::optional<LookupRequest> parse_lookup_request(std::string_view message) {
  const auto words = words_of(message, longest_lookup_request);
  if (!words) return std::nullopt;
  const auto id = number_from<std::uint64_t>(words->front());
  auto question = question_from(*words);
  if (!id || !question) return std::nullopt;
  return LookupRequest{*id, std::move(*question)};
}

std::optional<LookupAnswer> parse_lookup_answer(std::string_view message) {
  const auto words = words_of(message, longest_lookup_answer);
  if (!words) return std::nullopt;
  const auto id = number_from<std::uint64_t>(words->front());
  auto outcome = outcome_from(*words);
  if (!id || !outcome) return std::nullopt;
  return LookupAnswer{*id, std::move(*outcome)};
}

bool has_libwrap() { return SUPERD_HAS_LIBWRAP; }

}  // namespace superd
