// What the doctor prescribes: for each cause the changes that theory recommends, and what the store
// can show about them. A cure is measured when the store holds runs that differ from the patient in
// exactly that one key; its number is the mean over the seeds.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "lab/doctor.h"

namespace gradkeep::lab {

std::vector<Cure> propose(const Run& patient, const Diagnosis& diagnosis);

// Puts the store's numbers to the proposals, adds what worked without having been proposed, and
// puts the best first.
void measure_cures(const Store& store, const std::vector<Run>& runs, const Run& patient,
                   Diagnosis& diagnosis);

}  // namespace gradkeep::lab
