// SPDX-License-Identifier: MIT
// cmsg(3).
#include "superd/os/sent_descriptors.hpp"

#include <cstring>

namespace superd {

std::vector<UniqueFd> descriptors_in(const cmsghdr& note) {
  std::vector<UniqueFd> sent;
  if (note.cmsg_level != SOL_SOCKET || note.cmsg_type != SCM_RIGHTS) return sent;
  const std::size_t count = (note.cmsg_len - CMSG_LEN(0)) / sizeof(int);
  for (std::size_t i = 0; i < count; ++i) {
    int descriptor = -1;
    std::memcpy(&descriptor, CMSG_DATA(&note) + i * sizeof descriptor, sizeof descriptor);
    sent.emplace_back(descriptor);
  }
  return sent;
}

}  // namespace superd
