/* A program in C that `gradkeep check` can question: this header reads the questions and writes the answers,
 * so that the program is one function and a line (examples/check/target.c). It needs C99 and no gradkeep, and
 * may be copied beside the program.
 *
 *   static int answer(const gradkeep_question* q, void* x) { ... }
 *   int main(void) { return gradkeep_serve("my kernels", answer); }
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef GRADKEEP_TARGET_H_
#define GRADKEEP_TARGET_H_

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct gradkeep_question {
  const char*
      what; /* "value", "slope", "curvature", "slope_from_output", "parameter_slope_0" ... */
  const char* function; /* "softsign", "elu(alpha=1)": always with all parameters */
  const char* type;     /* "f4", "f8", "f2", or "V2" for bfloat16 */
  size_t n;             /* numbers at x */
} gradkeep_question;

/* Puts the answer in x's place and returns 1, or returns 0 for what it does not have. */
typedef int (*gradkeep_answer)(const gradkeep_question* question, void* x);

/* NumPy's .npy, version 1.0: ten bytes with the header's length, then text such as
 * {'descr': '<f4', 'fortran_order': False, 'shape': (3,), }. Answers with a header's size, type, count of
 * numbers and count of axes; 0 where that is not what stands there. */
static inline int gradkeep_read_header(char* head, size_t* length, char type[3], size_t* n,
                                       int* axes) {
  if (fread(head, 1, 10, stdin) != 10 || memcmp(head, "\x93NUMPY\x01", 7) != 0) return 0;
  const size_t text = (unsigned char)head[8] + ((size_t)(unsigned char)head[9] << 8);
  if (fread(head + 10, 1, text, stdin) != text) return 0;
  *length = 10 + text;
  head[*length] = 0;
  const char* at = strstr(head + 10, "'descr': '");
  const char* extent = strstr(head + 10, "'shape': (");
  if (at == NULL || extent == NULL || strlen(at) < 14 || at[10] != '<') return 0;
  type[0] = at[11], type[1] = at[12], type[2] = 0;
  *n = 1;
  *axes = 0;
  for (extent += 10; *extent >= '0' && *extent <= '9'; ++*axes) {
    char* end;
    const unsigned long long count = strtoull(extent, &end, 10);
    if (count > SIZE_MAX / 16 || (count > 0 && *n > SIZE_MAX / 16 / count)) return 0;
    *n *= (size_t)count;
    extent = end + strspn(end, ", ");
  }
  return *extent == ')' && type[1] >= '1' && type[1] <= '9';
}

/* Answers until the input ends, and returns the status for main: 1 after what is no question. Functions of rows
 * come with two axes, and are said to be unsupported. */
static inline int gradkeep_serve(const char* title, gradkeep_answer answer) {
  char line[4096], head[10 + 65535 + 1], type[3];
  size_t length, n;
  int axes;
  while (fgets(line, sizeof line, stdin) != NULL) {
    char* const blank = strchr(line, ' ');
    char* const end = strchr(line, '\n');
    if (blank == NULL || end == NULL) return 1;
    *blank = *end = 0;
    if (!gradkeep_read_header(head, &length, type, &n, &axes)) return 1;
    const size_t size = (size_t)(type[1] - '0');
    void* const x = malloc(n * size + 1);
    const int whole = x != NULL && fread(x, size, n, stdin) == n;
    const gradkeep_question question = {line, blank + 1, type, n};
    if (whole && strcmp(line, "describe") == 0) {
      printf("%s\n", title);
    } else if (whole && axes == 1 && answer(&question, x)) {
      fwrite(head, 1, length, stdout);
      fwrite(x, size, n, stdout);
    } else if (whole) {
      printf("unsupported no %s of %s in %s\n", line, blank + 1, type);
    }
    free(x);
    if (!whole || fflush(stdout) != 0) return 1;
  }
  return 0;
}

#endif
