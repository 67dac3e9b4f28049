/* From C: values and slopes by name, a handle with a parameter, and a softmax over the rows of a matrix.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <gradkeep/gradkeep.h>
#include <stdio.h>

int main(void) {
  const float x[4] = {-5.5f, -1, 0, 3};
  float y[4], dy[4];
  if (gradkeep_evaluate("gelu", GRADKEEP_VALUE, GRADKEEP_F32, GRADKEEP_EXACT, x, y, 4) ||
      gradkeep_evaluate("gelu", GRADKEEP_SLOPE, GRADKEEP_F32, GRADKEEP_EXACT, x, dy, 4)) {
    puts(gradkeep_last_error());
    return 1;
  }
  for (int i = 0; i < 4; ++i) printf("gelu(%g) = %.4g, slope %.4g\n", x[i], y[i], dy[i]);

  gradkeep_activation* elu;
  if (gradkeep_open("elu(alpha=0.5)", GRADKEEP_RECOMMENDED, &elu)) {
    puts(gradkeep_last_error());
    return 1;
  }
  gradkeep_apply(elu, GRADKEEP_VALUE, GRADKEEP_F32, GRADKEEP_FAST, x, y, 4);
  printf("%s at %g: %.4g\n", gradkeep_text(elu), x[1], y[1]);
  gradkeep_close(elu);

  double scores[2][3] = {{1, 2, 3}, {0, 0, 0}};
  const size_t shape[2] = {2, 3};
  const gradkeep_array rows = {scores, GRADKEEP_F64, 2, shape, NULL};
  gradkeep_rowwise("softmax", -1, &rows, &rows);
  printf("softmax: %.4f %.4f %.4f\n", scores[0][0], scores[0][1], scores[0][2]);

  if (gradkeep_evaluate("geluu", GRADKEEP_VALUE, GRADKEEP_F32, GRADKEEP_FAST, x, y, 4)) {
    puts(gradkeep_last_error());
  }
  return 0;
}

/* Output:
 * gelu(-5.5) = -1.044e-07, slope -5.733e-07
 * gelu(-1) = -0.1587, slope -0.08332
 * gelu(0) = 0, slope 0.5
 * gelu(3) = 2.996, slope 1.012
 * elu(alpha=0.5) at -1: -0.3161
 * softmax: 0.0900 0.2447 0.6652
 * unknown activation function 'geluu'; did you mean 'gelu'?
 */
