/* A kernel to hold against the truth: sigmoid for float arrays, with mistakes that nobody sees in a plot.
 *
 *   cc -O2 -shared -fPIC -I../../core/include kernel.c -o kernel.so -lm
 *   gradkeep check ./kernel.so sigmoid
 *
 * A kernel of your own takes its place: define gradkeep_evaluate, and return GRADKEEP_UNSUPPORTED for
 * what is not there. A function with parameters is asked for with all of them, as "softplus(beta=1)".
 * SPDX-License-Identifier: Apache-2.0
 */
#include <gradkeep/gradkeep.h>
#include <math.h>
#include <string.h>

static float sigmoid(float x) {
  if (x < -18) return 0; /* "it is 0 there anyway": it is 1.5e-8 */
  return 1 / (1 + expf(-x));
}

static float slope(float x) {
  const float y = sigmoid(x);
  return y * (1 - y); /* 0 as soon as y has rounded to 1, from x = 16.6 */
}

int32_t gradkeep_evaluate(const char* function, int32_t order, int32_t dtype, int32_t tier,
                          const void* x, void* out, size_t n) {
  (void)tier; /* one kernel for both */
  if (strcmp(function, "sigmoid") != 0) return GRADKEEP_UNKNOWN;
  if (dtype != GRADKEEP_F32 || order > GRADKEEP_SLOPE) return GRADKEEP_UNSUPPORTED;
  for (size_t i = 0; i < n; ++i) {
    const float v = ((const float*)x)[i];
    ((float*)out)[i] = order == GRADKEEP_VALUE ? sigmoid(v) : slope(v);
  }
  return GRADKEEP_OK;
}

/* Output:
 * ...kernel.so, dialect limit, tolerance 2 ulp
 *
 * function  what   type  ...  max ulp ...
 * sigmoid   value  f32   ...   1.68e7 ... ✗
 *     zero where the result is representable: ...
 *     at -18.000002 (0xc1900001) got 0, want 1.522995e-08 (8.57e6 ulp)
 * sigmoid   slope  f32   ...   1.68e7 ... ✗
 *     ...
 *     zero where the result is representable: ...
 *     at 16.635532 (0x41851592) got 0, want 5.9604634e-08 (1.68e7 ulp)
 *
 * 2 rows do not conform (2 of 20 rows supported, ...)
 */
