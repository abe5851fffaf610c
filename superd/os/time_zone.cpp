// SPDX-License-Identifier: MIT
// TZif: two blocks, of which the second has 64-bit times, and a line with the rule for the future.
#include "superd/os/time_zone.hpp"

#include <algorithm>
#include <ctime>
#include <fstream>
#include <optional>

namespace superd {
namespace {

constexpr const char* directory = "/usr/share/zoneinfo/";
constexpr std::size_t largest = 1 << 20;
constexpr std::int64_t day_seconds = 86'400;

// Big-endian numbers, one after the other; zero, and not good() any more, beyond the end.
class Bytes {
 public:
  explicit Bytes(std::string_view rest) : rest_(rest) {}

  bool good() const { return good_; }
  std::string_view take(std::size_t count) {
    if (count > rest_.size()) good_ = false;
    const std::string_view taken = rest_.substr(0, good_ ? count : 0);
    rest_.remove_prefix(taken.size());
    return taken;
  }
  std::int64_t number(std::size_t size) {
    const std::string_view bytes = take(size);
    std::uint64_t value = 0;
    for (const char byte : bytes) value = value << 8 | static_cast<unsigned char>(byte);
    if (size == 4) return static_cast<std::int32_t>(static_cast<std::uint32_t>(value));
    return static_cast<std::int64_t>(value);
  }

 private:
  std::string_view rest_;
  bool good_ = true;
};

struct Header {
  char version = 0;
  std::size_t utc_flags = 0, standard_flags = 0, leaps = 0, times = 0, types = 0, letters = 0;

  std::size_t size(std::size_t time_size) const {
    return times * (time_size + 1) + types * 6 + letters + leaps * (time_size + 4) +
           standard_flags + utc_flags;
  }
};

std::optional<Header> read_header(Bytes& bytes) {
  if (bytes.take(4) != "TZif") return std::nullopt;
  Header header;
  header.version = static_cast<char>(bytes.number(1));
  bytes.take(15);
  for (std::size_t* count : {&header.utc_flags, &header.standard_flags, &header.leaps,
                             &header.times, &header.types, &header.letters}) {
    const std::int64_t number = bytes.number(4);
    if (number < 0 || number > static_cast<std::int64_t>(largest)) return std::nullopt;
    *count = static_cast<std::size_t>(number);
  }
  if (!bytes.good() || header.types == 0) return std::nullopt;
  return header;
}

bool is_zone_name(std::string_view name) {
  constexpr std::string_view allowed =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/";
  return !name.empty() && name.front() != '/' && name.back() != '/' &&
         name.find_first_not_of(allowed) == name.npos;
}

}  // namespace

LocalTime local_time(Moment moment) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(moment);
  std::tm local{};
  localtime_r(&seconds, &local);
  return {static_cast<unsigned>(local.tm_wday),
          static_cast<unsigned>(local.tm_hour * 60 + local.tm_min)};
}

Result<TimeZone> TimeZone::load(const std::string& name) {
  const Error unknown{"there is no time zone '" + name + "' in " + directory};
  if (!is_zone_name(name)) return unknown;
  std::ifstream file(directory + name, std::ios::binary);
  std::string bytes(largest, '\0');
  file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (file.gcount() <= 0) return unknown;
  bytes.resize(static_cast<std::size_t>(file.gcount()));
  return parse(bytes);
}

Result<TimeZone> TimeZone::parse(std::string_view text) {
  const Error fault{"it is no file of the tz database"};
  Bytes bytes(text);
  const auto old = read_header(bytes);
  if (!old || old->version < '2') return fault;
  bytes.take(old->size(4));
  const auto header = read_header(bytes);
  if (!header) return fault;

  TimeZone zone;
  for (std::size_t i = 0; i < header->times; ++i) zone.changes_.push_back({bytes.number(8), 0});
  const std::string_view types = bytes.take(header->times);
  std::vector<std::int32_t> offsets;
  for (std::size_t i = 0; i < header->types; ++i) {
    offsets.push_back(static_cast<std::int32_t>(bytes.number(4)));
    bytes.take(2);
  }
  bytes.take(header->letters + header->leaps * 12 + header->standard_flags + header->utc_flags);
  if (!bytes.good()) return fault;
  zone.first_offset_ = offsets.front();
  for (std::size_t i = 0; i < types.size(); ++i) {
    const auto type = static_cast<unsigned char>(types[i]);
    const bool is_later = i == 0 || zone.changes_[i - 1].since < zone.changes_[i].since;
    if (type >= offsets.size() || !is_later) return fault;
    zone.changes_[i].offset = offsets[type];
  }
  std::string rule;
  if (bytes.take(1) != "\n") return fault;
  for (std::string_view c = bytes.take(1); c != "\n"; c = bytes.take(1)) {
    if (!bytes.good()) return fault;
    rule += c;
  }
  // Without a rule the last change holds for ever.
  const std::int32_t last =
      zone.changes_.empty() ? zone.first_offset_ : zone.changes_.back().offset;
  const auto future = rule.empty() ? std::optional(ZoneRule::fixed(last)) : ZoneRule::parse(rule);
  if (!future) return fault;
  zone.rule_ = *future;
  return zone;
}

std::int32_t TimeZone::offset_at(std::int64_t seconds) const {
  const auto after =
      std::upper_bound(changes_.begin(), changes_.end(), seconds,
                       [](std::int64_t time, const Change& change) { return time < change.since; });
  if (after == changes_.end()) return rule_.offset_at(seconds);
  return after == changes_.begin() ? first_offset_ : std::prev(after)->offset;
}

LocalTime TimeZone::at(Moment moment) const {
  const std::int64_t seconds =
      std::chrono::floor<std::chrono::seconds>(moment.time_since_epoch()).count();
  const std::int64_t local = seconds + offset_at(seconds);
  const std::int64_t of_day = (local % day_seconds + day_seconds) % day_seconds;
  const std::int64_t day = (local - of_day) / day_seconds;  // 1970-01-01 was a Thursday
  return {static_cast<unsigned>((day % 7 + 11) % 7), static_cast<unsigned>(of_day / 60)};
}

bool has_zone(const std::string& name) { return TimeZone::load(name).has_value(); }

}  // namespace superd
