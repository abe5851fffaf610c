// SPDX-License-Identifier: MIT
// The table of the keys at the top of a file.
#include "superd/config/file_keys.hpp"

namespace superd {
namespace {

void note_daemon(const Value& value, FileParts& parts) { parts.daemon.emplace(value); }
void note_defaults(const Value& value, FileParts& parts) { parts.defaults.emplace(value); }
void note_other(const Value& value, FileParts& parts) { parts.others.push_back(value); }

constexpr Key<FileParts> keys[] = {
    {"include", note_other, nullptr, "PATH or list", "",
     "further files of services and defaults; globs, in name order"},
    {"daemon", note_daemon, nullptr, "mapping", "",
     "settings of superd itself; only in the main file"},
    {"defaults", note_defaults, nullptr, "mapping", "",
     "what holds for the services of this file, and of those it includes, where they are silent"},
    {"services", note_other, nullptr, "mapping of NAME: service", "", "the services"},
};

}  // namespace

std::span<const Key<FileParts>> file_keys() { return keys; }

}  // namespace superd
