// SPDX-License-Identifier: MIT
// OpenMetrics: two tables of families, of superd and of its services, each with its help and how
// its samples are written. https://github.com/prometheus/OpenMetrics, specification 1.0.0.
#include "superd/core/open_metrics.hpp"

#include <algorithm>
#include <iterator>
#include <vector>

#include <fmt/compile.h>

#include "superd/base/utf8.hpp"

namespace superd {
namespace {

// ---- values

// Label values may hold anything; bytes that aren't UTF-8 become U+FFFD.
std::string escaped(std::string_view value) {
  std::string text;
  while (!value.empty()) {
    const std::size_t length = first_character(value).length;
    const std::string_view one = value.substr(0, std::max<std::size_t>(length, 1));
    if (length == 0)
      text += "\xEF\xBF\xBD";
    else if (one == "\n")
      text += "\\n";
    else if (one == "\"" || one == "\\")
      text.append("\\").append(one);
    else
      text += one;
    value.remove_prefix(one.size());
  }
  return text;
}

std::string label(std::string_view name, std::string_view value) {
  return fmt::format("{}=\"{}\"", name, escaped(value));
}

std::string seconds(Microseconds time) {
  return fmt::format("{}.{:06}", time.count() / 1'000'000, time.count() % 1'000'000);
}

std::string seconds_since_1970(WallTime time) {
  return seconds(std::chrono::duration_cast<Microseconds>(time.time_since_epoch()));
}

// Canonical: whole numbers with ".0", others with as few digits as tell them apart.
std::string bound_text(const std::optional<Microseconds>& bound) {
  if (!bound) return "+Inf";
  std::string text = fmt::format("{}", static_cast<double>(bound->count()) / 1e6);
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return text;
}

// ---- samples

// Writes the samples of one family.
class Samples {
 public:
  Samples(std::string& text, std::string name) : text_(text), name_(std::move(name)) {}

  // `labels` as they stand between the braces; there are none where they are empty.
  template <class Value>
  void add(std::string_view suffix, std::string_view labels, const Value& value) {
    text_.append(name_).append(suffix);
    if (!labels.empty()) text_.append("{").append(labels).append("}");
    fmt::format_to(std::back_inserter(text_), FMT_COMPILE(" {}\n"), value);
  }

  void add_tally(const std::string& labels, std::string_view name, const Tally& tally) {
    for (const auto& [value, count] : tally)
      add("_total", labels + "," + label(name, value), count);
  }

  void add_histogram(const std::string& labels, const Histogram& histogram) {
    const std::string before = labels.empty() ? "" : labels + ",";
    const auto buckets = histogram.cumulative();
    if (bounds_.empty())
      for (const auto& one : buckets) bounds_.push_back(label("le", bound_text(one.bound)));
    for (std::size_t i = 0; i < buckets.size(); ++i)
      add("_bucket", before + bounds_[i], buckets[i].count);
    add("_count", labels, buckets.back().count);
    add("_sum", labels, seconds(histogram.sum()));
  }

 private:
  std::string& text_;
  std::string name_;
  std::vector<std::string> bounds_;  // as labels; a family's histograms have one scale
};

// ---- families

struct Family {
  const char* name;  // without "superd_"; ends with its unit, where it has one
  const char* type;
  const char* unit;  // "": none
  const char* help;
};

struct DaemonFamily {
  Family family;
  void (*write)(Samples&, const Metrics&, const DaemonState&);
};

constexpr DaemonFamily daemon_families[] = {
    {{"build", "info", "", "The superd that runs."},
     [](Samples& out, const Metrics&, const DaemonState& state) {
       out.add("_info", label("version", state.version), 1);
     }},
    {{"start_time_seconds", "gauge", "seconds", "When superd was started, since 1970."},
     [](Samples& out, const Metrics&, const DaemonState& state) {
       out.add("", "", seconds_since_1970(state.started));
     }},
    {{"uptime_seconds", "gauge", "seconds", "How long superd has been running."},
     [](Samples& out, const Metrics&, const DaemonState& state) {
       const auto uptime = std::max(state.now - state.started, WallTime::duration(0));
       out.add("", "", seconds(std::chrono::duration_cast<Microseconds>(uptime)));
     }},
    {{"services", "gauge", "", "Services in the table."},
     [](Samples& out, const Metrics&, const DaemonState& state) {
       out.add("", "", state.services);
     }},
    {{"listeners", "gauge", "", "Sockets that superd listens on."},
     [](Samples& out, const Metrics&, const DaemonState& state) {
       out.add("", "", state.listeners);
     }},
    {{"listeners_paused", "gauge", "", "1 while no listener accepts, for want of something."},
     [](Samples& out, const Metrics&, const DaemonState& state) {
       out.add("", "", state.is_paused ? 1 : 0);
     }},
    {{"listener_pauses", "counter", "", "Times that all listeners stopped accepting for a while."},
     [](Samples& out, const Metrics& metrics, const DaemonState&) {
       out.add("_total", "", metrics.daemon().pauses);
     }},
    {{"connections", "counter", "", "Connections accepted."},
     [](Samples& out, const Metrics& metrics, const DaemonState&) {
       out.add("_total", "", metrics.daemon().connections);
     }},
    {{"launch_latency_seconds", "histogram", "seconds",
      "From accepting a connection to the exec of its handler; failed launches don't count."},
     [](Samples& out, const Metrics& metrics, const DaemonState&) {
       out.add_histogram("", metrics.launch_latency());
     }},
    {{"reloads", "counter", "", "Reloads of the table, by result."},
     [](Samples& out, const Metrics& metrics, const DaemonState&) {
       out.add("_total", label("result", "ok"), metrics.daemon().reloads);
       out.add("_total", label("result", "failed"), metrics.daemon().failed_reloads);
     }},
    {{"upgrades", "counter", "", "Upgrades of superd in place."},
     [](Samples& out, const Metrics& metrics, const DaemonState&) {
       out.add("_total", "", metrics.daemon().upgrades);
     }},
    {{"dropped_log_lines", "counter", "", "Log lines lost because nobody took them fast enough."},
     [](Samples& out, const Metrics& metrics, const DaemonState&) {
       out.add("_total", "", metrics.dropped_lines());
     }},
    {{"cpu_seconds", "counter", "seconds", "CPU time of superd itself, without its handlers."},
     [](Samples& out, const Metrics&, const DaemonState& state) {
       out.add("_total", "", seconds(state.cpu));
     }},
    {{"resident_memory_bytes", "gauge", "bytes", "Memory of superd itself, without its handlers."},
     [](Samples& out, const Metrics&, const DaemonState& state) {
       out.add("", "", state.resident_memory);
     }},
    {{"open_descriptors", "gauge", "", "File descriptors that superd has open."},
     [](Samples& out, const Metrics&, const DaemonState& state) {
       out.add("", "", state.open_descriptors);
     }},
    {{"descriptor_limit", "gauge", "", "The most file descriptors that superd may open."},
     [](Samples& out, const Metrics&, const DaemonState& state) {
       out.add("", "", state.descriptor_limit);
     }},
};

// Of each service; `labels` is its name as a label.
struct ServiceFamily {
  Family family;
  void (*write)(Samples&, const std::string& labels, const ServiceMetrics&);
};

constexpr ServiceFamily service_families[] = {
    {{"starts", "counter", "", "Handlers started; those that failed before exec are among them."},
     [](Samples& out, const std::string& labels, const ServiceMetrics& service) {
       out.add("_total", labels, service.started);
     }},
    {{"launch_failures", "counter", "", "Handlers that never got to run, by the step that failed."},
     [](Samples& out, const std::string& labels, const ServiceMetrics& service) {
       out.add_tally(labels, "step", service.launch_failures);
     }},
    {{"ends", "counter", "",
      "Handlers ended, by status: fine is exit 0, failed another exit, signal a signal."},
     [](Samples& out, const std::string& labels, const ServiceMetrics& service) {
       out.add("_total", labels + "," + label("status", "fine"), service.fine);
       out.add("_total", labels + "," + label("status", "failed"), service.failed);
       out.add("_total", labels + "," + label("status", "signal"), service.by_signal);
     }},
    {{"stops", "counter", "", "Of the handlers ended, those that superd stopped, by its reason."},
     [](Samples& out, const std::string& labels, const ServiceMetrics& service) {
       out.add_tally(labels, "reason", service.stops);
     }},
    {{"forward_ends", "counter", "", "Of the handlers ended, forwarded connections, by how."},
     [](Samples& out, const std::string& labels, const ServiceMetrics& service) {
       out.add_tally(labels, "end", service.forward_ends);
     }},
    {{"forwarded_bytes", "counter", "bytes",
      "Bytes of forwarded connections that have ended, from clients (in) and to them (out)."},
     [](Samples& out, const std::string& labels, const ServiceMetrics& service) {
       if (service.forward_ends.empty()) return;
       out.add("_total", labels + "," + label("direction", "in"), service.bytes_in);
       out.add("_total", labels + "," + label("direction", "out"), service.bytes_out);
     }},
    {{"refusals", "counter", "", "Connections refused, by reason."},
     [](Samples& out, const std::string& labels, const ServiceMetrics& service) {
       out.add_tally(labels, "reason", service.refusals);
     }},
    {{"running", "gauge", "", "Handlers running."},
     [](Samples& out, const std::string& labels, const ServiceMetrics& service) {
       out.add("", labels, service.running);
     }},
    {{"last_used_timestamp_seconds", "gauge", "seconds",
      "When a handler last started, ended or failed to start, since 1970."},
     [](Samples& out, const std::string& labels, const ServiceMetrics& service) {
       if (service.last_used) out.add("", labels, seconds_since_1970(*service.last_used));
     }},
    {{"run_duration_seconds", "histogram", "seconds", "How long handlers ran."},
     [](Samples& out, const std::string& labels, const ServiceMetrics& service) {
       out.add_histogram(labels, service.durations);
     }},
};

Samples begin(std::string& text, const Family& family) {
  const std::string name = std::string("superd_") + family.name;
  const auto out = std::back_inserter(text);
  fmt::format_to(out, "# TYPE {} {}\n", name, family.type);
  if (*family.unit) fmt::format_to(out, "# UNIT {} {}\n", name, family.unit);
  fmt::format_to(out, "# HELP {} {}\n", name, family.help);
  return Samples(text, name);
}

struct Row {
  std::string labels;
  const ServiceMetrics* service;
};

std::vector<Row> sorted(const Metrics::Services& services) {
  std::vector<Row> rows;
  rows.reserve(services.size());
  for (const auto& [name, service] : services) rows.push_back({label("service", name), &service});
  std::sort(rows.begin(), rows.end(),
            [](const Row& a, const Row& b) { return a.labels < b.labels; });
  return rows;
}

}  // namespace

std::string to_open_metrics(const Metrics& metrics, const DaemonState& state) {
  std::string text;
  for (const DaemonFamily& one : daemon_families) {
    Samples samples = begin(text, one.family);
    one.write(samples, metrics, state);
  }
  const auto rows = sorted(metrics.services());
  for (const ServiceFamily& one : service_families) {
    Samples samples = begin(text, one.family);
    for (const Row& row : rows) one.write(samples, row.labels, *row.service);
  }
  return text += "# EOF\n";
}

}  // namespace superd
