// SPDX-License-Identifier: MIT
// superctl explain by a table alone: what a visitor would meet at a superd that has just started.
#pragma once

#include "superd/core/admission.hpp"
#include "superd/ctl/request.hpp"

namespace superd {

/// `request`: SERVICE ADDRESS [--at TIME]. Names aren't looked up, nobody is counted, nobody
/// banned. Errors: no such service or address; a sentence.
Result<Explanation> explain_by_table(const Request& request, const ServiceTable& table);

}  // namespace superd
