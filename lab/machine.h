// Where and when: what a session notes down about the machine, so that a store says where its
// seconds come from.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lab/store.h"

namespace gradkeep::lab {

// A session's started, version, processor, target and cores.
Session describe_machine();

}  // namespace gradkeep::lab
