/* A program that the conformance kit can question, in C: softsign for float arrays. The header reads what is
 * asked and writes what is answered; your own function takes the place of softsign.
 *
 *   cc -O2 -I../../core/include target.c -o target -lm
 *   gradkeep check ./target softsign
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <gradkeep/target.h>
#include <math.h>

static int softsign(const gradkeep_question* q, void* data) {
  float* const x = data;
  const int value = !strcmp(q->what, "value"), slope = !strcmp(q->what, "slope");
  if (strcmp(q->function, "softsign") || strcmp(q->type, "f4") || !(value || slope)) return 0;
  for (size_t i = 0; i < q->n; ++i) {
    const double sum = 1 + fabs(x[i]);
    x[i] = (float)(slope ? 1 / (sum * sum) : isinf(x[i]) ? copysign(1, x[i]) : x[i] / sum);
  }
  return 1;
}

int main(void) { return gradkeep_serve("softsign in C", softsign); }

/* Output:
 * softsign in C, dialect limit, tolerance 2 ulp
 * ...
 * softsign  value  f32 ...
 * softsign  slope  f32 ...
 *
 * conforms (2 of 20 rows supported, ...)
 */
