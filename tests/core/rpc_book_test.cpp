// SPDX-License-Identifier: MIT
// What is to be done at rpcbind from one change to the next, and what people hear of it.
#include "superd/core/rpc_book.hpp"

#include "tests/catch.hpp"

using namespace superd;

namespace {

const RpcKey first{7, 1, "tcp"}, second{7, 2, "tcp"};

std::string words(const RpcBook& book) { return encode(book.tasks()); }

std::vector<std::string> taken(RpcBook& book, const std::vector<RpcOutcome>& outcomes) {
  std::vector<std::string> said;
  const auto tasks = book.tasks();
  book.begin(tasks);
  for (const Notice& one : book.take(tasks, outcomes)) {
    const std::string level = one.level == LogLevel::info ? "info " : "warning ";
    said.push_back(level + one.service + ": " + one.text);
  }
  return said;
}

using Said = std::vector<std::string>;

}  // namespace

TEST_CASE("rpcbind gets what is wished and loses what isn't any more") {
  RpcBook book;
  CHECK(book.is_blank());
  book.want({{first, {"0.0.0.0.4.1", "x"}}, {second, {"0.0.0.0.4.1", "x"}}});
  CHECK(words(book) == "set 7 1 tcp 0.0.0.0.4.1\nset 7 2 tcp 0.0.0.0.4.1");
  CHECK(taken(book, {RpcDone{}, RpcDone{}}) ==
        Said{"info x: registered with rpcbind: program 7, 2 addresses"});
  CHECK(words(book) == "set 7 1 tcp 0.0.0.0.4.1\nset 7 2 tcp 0.0.0.0.4.1");
  book.want({{second, {"0.0.0.0.4.2", "x"}}});
  CHECK(words(book) ==
        "unset 7 1 tcp 0.0.0.0.4.1\nunset 7 2 tcp 0.0.0.0.4.1\nset 7 2 tcp 0.0.0.0.4.2");
  CHECK(taken(book, {RpcDone{}, RpcDone{}, RpcDone{}}).size() == 1);
  book.want({});
  CHECK(words(book) == "unset 7 2 tcp 0.0.0.0.4.2");
  CHECK(!book.is_blank());
  CHECK(taken(book, {RpcDone{}}).empty());
  CHECK(book.is_blank());
}

TEST_CASE("what may have been registered is taken away, whatever was heard of it") {
  RpcBook book;
  book.want({{first, {"0.0.0.0.4.1", "x"}}});
  book.begin(book.tasks());
  book.want({});
  CHECK(words(book) == "unset 7 1 tcp 0.0.0.0.4.1");
  RpcBook next;
  next.hold(book.held());
  CHECK(words(next) == "unset 7 1 tcp 0.0.0.0.4.1");
}

TEST_CASE("how things stand is said once, and again when it is another") {
  RpcBook book;
  book.want({{first, {"0.0.0.0.4.1", "x"}}, {second, {"0.0.0.0.4.1", "x"}}});
  const RpcTaken other{"127.0.0.1.0.79", "1000"};
  const Said warning{
      "warning x: rpcbind has program 7 version 1, tcp at 127.0.0.1:79, registered by 1000, and "
      "that stays; end that server, or remove what it left: rpcinfo -d 7 1 (and 1 more like this)"};
  CHECK(taken(book, {other, other}) == warning);
  CHECK(book.held().empty());
  CHECK(taken(book, {other, other}).empty());
  CHECK(taken(book, {RpcDone{}, RpcRefused{}}) ==
        Said{"warning x: rpcbind refuses program 7 version 2, tcp: see its own log, and who may "
             "register there"});
  CHECK(taken(book, {RpcDone{}, RpcDone{}}).size() == 1);
  CHECK(taken(book, {RpcDone{}, RpcDone{}}).empty());
  book.forget_what_was_said();
  CHECK(taken(book, {RpcDone{}, RpcDone{}}).size() == 1);
}
