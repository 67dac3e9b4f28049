/* The C interface as a C program uses it: values, statuses and texts.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <gradkeep/gradkeep.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static int failures = 0;

static void expect(int holds, const char* what, int line) {
  if (!holds) {
    printf("c_test.c:%d: %s (last error: %s)\n", line, what, gradkeep_last_error());
    ++failures;
  }
}
#define EXPECT(condition) expect(condition, #condition, __LINE__)

static void by_name(void) {
  const float x[3] = {-1, 0, 2};
  float y[3] = {9, 9, 9};
  double wide = 0.5;
  EXPECT(gradkeep_evaluate("relu", GRADKEEP_VALUE, GRADKEEP_F32, GRADKEEP_FAST, x, y, 3) == 0);
  EXPECT(y[0] == 0 && y[1] == 0 && y[2] == 2);
  EXPECT(gradkeep_evaluate("leaky_relu(0.5)", GRADKEEP_SLOPE, GRADKEEP_F32, GRADKEEP_EXACT, x, y,
                           3) == 0);
  EXPECT(y[0] == 0.5f && y[1] == 0.5f && y[2] == 1);
  EXPECT(gradkeep_evaluate("tanh", 0, GRADKEEP_F64, 0, &wide, &wide, 1) == 0);
  EXPECT(fabs(wide - tanh(0.5)) < 1e-15);
  EXPECT(gradkeep_evaluate("tanh", 0, GRADKEEP_F32, 0, NULL, NULL, 0) == 0);
}

static void half_precision(void) {
  const uint16_t one_f16 = 0x3c00, one_bf16 = 0x3f80;
  uint16_t y[2] = {0, 0};
  EXPECT(gradkeep_evaluate("relu", 0, GRADKEEP_F16, GRADKEEP_EXACT, &one_f16, y, 1) == 0);
  EXPECT(gradkeep_evaluate("relu", 0, GRADKEEP_BF16, GRADKEEP_FAST, &one_bf16, y + 1, 1) == 0);
  EXPECT(y[0] == one_f16 && y[1] == one_bf16);
  EXPECT(gradkeep_evaluate("relu", 0, GRADKEEP_F16, 0, (char*)y + 1, y, 1) == GRADKEEP_INVALID);
}

static void wrong_use(void) {
  const float x[4] = {1, 2, 3, 4};
  float y[4] = {7, 7, 7, 7};
  gradkeep_activation* f = NULL;
  EXPECT(gradkeep_evaluate("geluu", 0, 0, 0, x, y, 3) == GRADKEEP_UNKNOWN);
  EXPECT(strstr(gradkeep_last_error(), "geluu") != NULL);
  EXPECT(gradkeep_evaluate(NULL, 0, 0, 0, x, y, 3) == GRADKEEP_INVALID);
  EXPECT(gradkeep_evaluate("elu(beta=1)", 0, 0, 0, x, y, 3) == GRADKEEP_INVALID);
  EXPECT(gradkeep_evaluate("gelu", 3, 0, 0, x, y, 3) == GRADKEEP_UNSUPPORTED);
  EXPECT(gradkeep_evaluate("gelu", -1, 0, 0, x, y, 3) == GRADKEEP_UNSUPPORTED);
  EXPECT(gradkeep_evaluate("gelu", 0, 17, 0, x, y, 3) == GRADKEEP_UNSUPPORTED);
  EXPECT(gradkeep_evaluate("gelu", 0, 0, 2, x, y, 3) == GRADKEEP_UNSUPPORTED);
  EXPECT(gradkeep_evaluate("gelu", 0, 0, 0, NULL, y, 3) == GRADKEEP_INVALID);
  EXPECT(gradkeep_evaluate("gelu", 0, 0, 0, x, NULL, 3) == GRADKEEP_INVALID);
  EXPECT(gradkeep_evaluate("gelu", 0, 0, 0, (const char*)x + 1, y, 3) == GRADKEEP_INVALID);
  EXPECT(strstr(gradkeep_last_error(), "aligned") != NULL);
  EXPECT(gradkeep_evaluate("gelu", 0, 0, 0, y, y + 1, 3) == GRADKEEP_INVALID);
  EXPECT(gradkeep_evaluate("gelu", 0, 0, 0, x, y, SIZE_MAX) == GRADKEEP_INVALID);
  EXPECT(y[0] == 7 && y[3] == 7);
  EXPECT(gradkeep_open("nothing", 0, &f) == GRADKEEP_UNKNOWN && f == NULL);
  EXPECT(gradkeep_open("tanh", 0, NULL) == GRADKEEP_INVALID);
  EXPECT(gradkeep_open("tanh", 2, &f) == GRADKEEP_INVALID && f == NULL);
  EXPECT(gradkeep_apply(NULL, 0, 0, 0, x, y, 3) == GRADKEEP_INVALID);
  EXPECT(gradkeep_parameter_count(NULL) == 0);
  EXPECT(strcmp(gradkeep_text(NULL), "") == 0);
  gradkeep_close(NULL);
}

static void by_handle(void) {
  const double x[5] = {-2, -1, 0, 1, 2};
  double y[5], dy[5], dx[5], slope = 0.5, value = 0;
  gradkeep_activation* f = NULL;
  EXPECT(gradkeep_open("prelu", GRADKEEP_RECOMMENDED, &f) == 0);
  EXPECT(gradkeep_parameter_count(f) == 1);
  EXPECT(strcmp(gradkeep_parameter_name(f, 0), "a") == 0);
  EXPECT(gradkeep_parameter_name(f, 1) == NULL);
  EXPECT(gradkeep_set_parameters(f, &slope, 1, GRADKEEP_ANY) == 0);
  EXPECT(gradkeep_set_parameters(f, &slope, 2, GRADKEEP_ANY) == GRADKEEP_INVALID);
  EXPECT(gradkeep_get_parameters(f, &value, 1) == 0 && value == 0.5);
  EXPECT(gradkeep_get_parameters(f, &value, 0) == GRADKEEP_INVALID);
  EXPECT(strcmp(gradkeep_text(f), "prelu(a=0.5)") == 0);
  EXPECT(gradkeep_has_output_form(f) == 1);
  EXPECT(gradkeep_value_and_slope(f, GRADKEEP_F64, x, y, dy, 5) == 0);
  EXPECT(y[0] == -1 && y[4] == 2 && dy[0] == 0.5 && dy[4] == 1);
  EXPECT(gradkeep_from_output(f, 1, GRADKEEP_F64, y, dx, 5) == 0 && dx[0] == 0.5 && dx[4] == 1);
  EXPECT(gradkeep_from_output(f, 0, GRADKEEP_F64, y, dx, 5) == GRADKEEP_UNSUPPORTED);
  EXPECT(gradkeep_backward(f, GRADKEEP_F64, x, y, dx, 5) == 0 && dx[0] == -0.5 && dx[4] == 2);
  EXPECT(gradkeep_parameter_slope(f, 0, GRADKEEP_F64, x, dx, 5) == 0 && dx[0] == -2 && dx[4] == 0);
  EXPECT(gradkeep_parameter_slope(f, 1, GRADKEEP_F64, x, dx, 5) == GRADKEEP_INVALID);
  gradkeep_close(f);
  EXPECT(gradkeep_open("silu", 0, &f) == 0);
  EXPECT(gradkeep_from_output(f, 1, GRADKEEP_F64, y, dx, 5) == GRADKEEP_UNSUPPORTED);
  gradkeep_close(f);
}

static void arrays(void) {
  const size_t shape[2] = {2, 3};
  const ptrdiff_t columns[2] = {1, 2};
  float x[6] = {0, 0, 0, 0, 0, 0}, y[6] = {9, 9, 9, 9, 9, 9};
  gradkeep_array in = {x, GRADKEEP_F32, 2, shape, NULL}, out = {y, GRADKEEP_F32, 2, shape, columns};
  gradkeep_activation* f = NULL;
  EXPECT(gradkeep_open("sigmoid", 0, &f) == 0);
  EXPECT(gradkeep_apply_array(f, 0, 0, &in, &out) == 0 && y[0] == 0.5f && y[5] == 0.5f);
  EXPECT(gradkeep_backward_array(f, &in, &out, &in) == 0 && x[0] == 0.125f);
  EXPECT(gradkeep_rowwise("softmax", -1, &in, &out) == 0);
  EXPECT(fabsf(y[0] - 1.0f / 3) < 1e-7f);
  EXPECT(gradkeep_rowwise_backward("softmax", -1, &out, &in, &in) == 0 && x[0] == 0);
  EXPECT(gradkeep_rowwise("soft", -1, &in, &out) == GRADKEEP_UNKNOWN);
  EXPECT(gradkeep_rowwise("softmax", 2, &in, &out) == GRADKEEP_INVALID);
  EXPECT(gradkeep_rowwise("softmax", 0, NULL, &out) == GRADKEEP_INVALID);
  out.dtype = GRADKEEP_F64;
  EXPECT(gradkeep_apply_array(f, 0, 0, &in, &out) == GRADKEEP_INVALID);
  in.rank = 9;
  EXPECT(gradkeep_apply_array(f, 0, 0, &in, &in) == GRADKEEP_INVALID);
  in.rank = 1;
  in.shape = NULL;
  EXPECT(gradkeep_apply_array(f, 0, 0, &in, &in) == GRADKEEP_INVALID);
  gradkeep_close(f);
}

static void gates(void) {
  const size_t four[1] = {4}, two[1] = {2};
  float x[4] = {1, 2, 0, 0}, y[2] = {0, 0}, dx[4];
  gradkeep_array in = {x, GRADKEEP_F32, 1, four, NULL}, out = {y, GRADKEEP_F32, 1, two, NULL};
  gradkeep_array back = {dx, GRADKEEP_F32, 1, four, NULL};
  gradkeep_activation* f = NULL;
  EXPECT(gradkeep_open("sigmoid", 0, &f) == 0);
  EXPECT(gradkeep_gated(f, GRADKEEP_GATE_SECOND, 0, &in, &out) == 0 && y[0] == 0.5f && y[1] == 1);
  EXPECT(gradkeep_gated_backward(f, GRADKEEP_GATE_SECOND, 0, &in, &out, &back) == 0);
  EXPECT(dx[0] == 0.25f && dx[2] == 0.125f);
  EXPECT(gradkeep_gated(f, 2, 0, &in, &out) == GRADKEEP_INVALID);
  EXPECT(gradkeep_gated(f, 0, 1, &in, &out) == GRADKEEP_INVALID);
  EXPECT(gradkeep_gated(f, 0, 0, &out, &in) == GRADKEEP_INVALID);
  EXPECT(gradkeep_gated(NULL, 0, 0, &in, &out) == GRADKEEP_INVALID);
  gradkeep_close(f);
}

int main(void) {
  size_t count = 0;
  EXPECT(gradkeep_abi() == GRADKEEP_ABI);
  EXPECT(strlen(gradkeep_version()) >= 5);
  EXPECT(strlen(gradkeep_target()) > 0);
  while (gradkeep_name(count) != NULL) ++count;
  EXPECT(count >= 18 && strcmp(gradkeep_name(0), "algebraic_sigmoid") == 0);
  EXPECT(gradkeep_set_threads(2) == 0 && gradkeep_set_threads(-2) == GRADKEEP_INVALID);
  by_name();
  half_precision();
  wrong_use();
  by_handle();
  arrays();
  gates();
  printf("%d failures\n", failures);
  return failures != 0;
}
