/* A program that the conformance kit can question, in C: softsign for float arrays. A question is a line
 * "value softsign" and an array in NumPy's .npy format; the answer is an array of the same kind, and so
 * its header is the question's, sent back.
 *
 *   cc -O2 target.c -o target -lm
 *   gradkeep check ./target softsign
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(void) {
  char line[200], head[65546];
  while (fgets(line, sizeof line, stdin) && fread(head, 1, 10, stdin) == 10) {
    const size_t length = (unsigned char)head[8] + 256u * (unsigned char)head[9];
    if (fread(head + 10, 1, length, stdin) != length) return 1;
    head[10 + length] = 0;
    const char* type = strchr(strstr(head + 10, "descr") + 7, '\'') + 1; /* <f4 */
    const size_t n = strtoul(strchr(strstr(head + 10, "shape"), '(') + 1, NULL, 10);
    const size_t size = strtoul(type + 2, NULL, 10);
    float* x = malloc(n * size + 1);
    if (x == NULL || fread(x, size, n, stdin) != n) return 1;

    const int value = !strcmp(line, "value softsign\n"), slope = !strcmp(line, "slope softsign\n");
    if (!strcmp(line, "describe -\n")) {
      puts("softsign in C");
    } else if ((!value && !slope) || strncmp(type, "<f4", 3)) {
      puts("unsupported only values and slopes of softsign in float32");
    } else {
      for (size_t i = 0; i < n; ++i) {
        const double sum = 1 + fabs(x[i]);
        x[i] = (float)(slope ? 1 / (sum * sum) : isinf(x[i]) ? copysign(1, x[i]) : x[i] / sum);
      }
      fwrite(head, 1, 10 + length, stdout);
      fwrite(x, size, n, stdout);
    }
    fflush(stdout);
    free(x);
  }
  return 0;
}

/* Output:
 * softsign in C, dialect limit, tolerance 2 ulp
 * ...
 * softsign  value  f32 ...
 * softsign  slope  f32 ...
 *
 * conforms (2 of 20 rows supported, ...)
 */
