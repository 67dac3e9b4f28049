// How many threads a call may use. One is the default: a library does not know how busy its host is.
// With more, arrays of at least 2^15 elements are divided among the threads of OpenMP's pool; results
// do not depend on the number. A call from inside a parallel region, or while another thread's call
// already has the pool, stays on its own thread.
// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace gradkeep {

// 1 to 1024; 0: as many as OpenMP allows (OMP_NUM_THREADS, else the processors). Holds for the whole
// process and for the functions of strided.h, rows.h, gated.h, rrelu.h, channels.h and fused.h; the
// spans of an Activation are always worked on by the calling thread. Error for any other n.
void set_threads(int n);
int threads();

}  // namespace gradkeep
