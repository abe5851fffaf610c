// SPDX-License-Identifier: MIT
// Two pages, one with the data and one with the code.
#include "superd/warm/planting.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <memory>

#include "superd/warm/stub.hpp"

namespace superd {
namespace {

constexpr Word page = 4096;
constexpr Word no_file = ~Word{0};

// What the data refers to in itself is at these addresses in the process.
Word address_in(Word data, std::size_t offset) { return data + offset; }

StubCall call(long number, std::initializer_list<Word> arguments) {
  StubCall made;
  made.number = static_cast<Word>(number);
  std::copy(arguments.begin(), arguments.end(), made.arguments);
  return made;
}

StubCall with_connection(StubCall made) {
  made.takes_connection = 1;
  return made;
}

// A read restarts after the handlers of signals for which the program wanted that, and a look at
// what is there (MSG_PEEK) does as it does. After poll and select nothing restarts.
StubCall waiting_call(const Planting& planting, Word data, Word mask) {
  const auto descriptor = static_cast<Word>(planting.waiting.descriptor);
  const bool reads = planting.waiting.call.kind == WaitKind::read && planting.pair.flags == 0;
  if (reads)
    return call(SYS_recvfrom,
                {descriptor, address_in(data, offsetof(StubData, byte)), 1, MSG_PEEK});
  return call(SYS_ppoll, {address_in(data, offsetof(StubData, input)), 1, 0, mask, 8});
}

// The mask that holds while it waits.
Result<Word> mask_of(const Tracee& tracee, const Registers& registers, const WaitCall& how) {
  if (!how.mask) return Word{0};
  const Word given = call_argument(registers, *how.mask);
  return how.kind == WaitKind::select && given != 0 ? tracee.peek(given) : given;
}

// The connection becomes what the pair was, wherever the program has it.
void add_moves(std::vector<StubCall>& moves, StubData& stub, const Planting& planting, Word data) {
  std::size_t at = 0;
  for (const PairOption& option : planting.options) {
    std::memcpy(stub.values + at, option.value.data(), option.value.size());
    moves.push_back(with_connection(call(
        SYS_setsockopt, {0, SOL_SOCKET, static_cast<Word>(option.name),
                         address_in(data, offsetof(StubData, values) + at), option.value.size()})));
    at += 16;
  }
  if (planting.pair.flags != 0)
    moves.push_back(with_connection(call(SYS_fcntl, {0, F_SETFL, O_RDWR | O_NONBLOCK})));
  for (const PairCopy& copy : planting.copies)
    moves.push_back(
        with_connection(call(SYS_dup3, {0, static_cast<Word>(copy.number),
                                        copy.is_closed_on_exec ? Word{O_CLOEXEC} : Word{0}})));
  moves.push_back(with_connection(call(SYS_close, {0})));
}

Result<std::unique_ptr<StubData>> stub_data(const Planting& planting, const Registers& registers,
                                            Word data, Word mask) {
  auto stub = std::make_unique<StubData>();
  const auto pair = static_cast<Word>(planting.waiting.descriptor);
  std::vector<StubCall> moves;
  add_moves(moves, *stub, planting, data);
  if (moves.size() > most_moves) return Error{"it has too many copies of its input", E2BIG};
  save_registers(registers, stub->saved);
  stub->waiting = waiting_call(planting, data, mask);
  stub->receiving = call(SYS_recvmsg, {pair, address_in(data, offsetof(StubData, message)),
                                       MSG_DONTWAIT | MSG_CMSG_CLOEXEC});
  stub->refusing = call(SYS_shutdown, {pair, SHUT_RD});
  stub->leaving = call(SYS_exit_group, {0});
  stub->losing = call(SYS_exit_group, {111});
  std::copy(moves.begin(), moves.end(), stub->moves);
  stub->end_of_moves =
      address_in(data, offsetof(StubData, moves) + moves.size() * sizeof(StubCall));
  const auto pointer = [&](std::size_t offset) {
    return reinterpret_cast<void*>(address_in(data, offset));
  };
  stub->message.msg_iov = static_cast<iovec*>(pointer(offsetof(StubData, buffer)));
  stub->message.msg_iovlen = 1;
  stub->message.msg_control = pointer(offsetof(StubData, control));
  stub->message.msg_controllen = sizeof stub->control;
  stub->buffer = {pointer(offsetof(StubData, byte)), 1};
  stub->input = {planting.waiting.descriptor, POLLIN, 0};
  return as_result(std::move(stub));
}

// Where the stub's jump must not be long: the end of a mapping near the code, with room behind it.
std::optional<Word> room_near(pid_t process, Word instruction, Word reach) {
  const std::string path = "/proc/" + std::to_string(process) + "/maps";
  const std::unique_ptr<FILE, int (*)(FILE*)> maps(fopen(path.c_str(), "re"), fclose);
  if (!maps) return std::nullopt;
  Word before = 0, from = 0, to = 0;
  char line[4400];
  while (fgets(line, sizeof line, maps.get())) {
    if (sscanf(line, "%lx-%lx", &from, &to) != 2) continue;
    const Word distance = before > instruction ? before - instruction : instruction - before;
    if (before != 0 && from - before >= page && distance < reach) return before;
    before = to;
  }
  return std::nullopt;
}

Result<Word> new_page(const Tracee& tracee, const Registers& registers, Word instruction,
                      Word where, int protection) {
  const Word fixed = where == 0 ? 0 : Word{MAP_FIXED_NOREPLACE};
  auto made = tracee.call(registers, instruction, SYS_mmap,
                          {where, page, static_cast<Word>(protection),
                           MAP_PRIVATE | MAP_ANONYMOUS | fixed, no_file, 0});
  if (!made) return Error{"it got no page: " + made.error().text, made.error().number};
  return made;
}

std::span<const char> as_bytes(const StubData& stub) {
  return {reinterpret_cast<const char*>(&stub), sizeof stub};
}

Result<void> lead_into_stub(const Tracee& tracee, const Registers& registers, Word instruction,
                            const Planting& planting) {
  Word near = 0;
  if (const auto reach = reach_of_jumps()) {
    const auto room = room_near(planting.process, instruction, *reach);
    if (!room) return Error{"there is no room near its code", ENOMEM};
    near = *room;
  }
  const auto mask = mask_of(tracee, registers, planting.waiting.call);
  if (!mask) return mask.error();
  const auto data = new_page(tracee, registers, instruction, 0, PROT_READ | PROT_WRITE);
  if (!data) return data.error();
  const auto code = new_page(tracee, registers, instruction, near, PROT_READ | PROT_EXEC);
  if (!code) return code.error();
  const auto stub = stub_data(planting, registers, *data, *mask);
  if (!stub) return stub.error();
  if (auto written = tracee.poke(*data, as_bytes(**stub)); !written) return written;
  if (auto written = tracee.poke(*code, stub_code(*code, instruction)); !written) return written;
  return tracee.set_registers(entering(registers, *code, *data));
}

}  // namespace

Result<void> plant_stub(const Planting& planting, TraceClock::time_point deadline) {
  auto tracee = Tracee::stop(planting.waiting.thread, deadline);
  if (!tracee && tracee.error().number == EINTR) return system_error("it was woken", EAGAIN);
  if (!tracee) return tracee.error();
  auto registers = tracee->registers();
  if (!registers) return registers.error();
  const auto instruction = interrupted_call(*registers, planting.waiting.first_argument);
  if (!instruction || call_number(*registers) != planting.waiting.call.number)
    return system_error("it has gone on", EAGAIN);
  const auto found = tracee->peek(*instruction);
  if (!found) return found.error();
  if (!is_call_instruction(*found))
    return Error{"it calls the kernel in an unusual way", EOPNOTSUPP};
  if (auto put_off = tracee->put_off_signals(); !put_off) return put_off;
  auto led = lead_into_stub(*tracee, *registers, *instruction, planting);
  if (!led) kill(planting.process, SIGKILL);  // before it runs on with what isn't its own
  return led;
}

}  // namespace superd
