/* The C interface: what gradkeep::core computes, for any language that can load a shared library
 * (libgradkeep). Plain C99, no C++ types, no exceptions; every function may be called from several
 * threads at once.
 *
 * A function that can fail returns a status, 0 (GRADKEEP_OK) for success; gradkeep_last_error() then says
 * in one line what was wrong and what was expected, for the calling thread. Outputs are untouched by
 * a call that fails. Enumerations cross the boundary as int32_t, sizes as size_t counts of elements.
 * What stands here keeps its meaning as long as gradkeep_abi() returns GRADKEEP_ABI; later versions add.
 *
 * gradkeep_evaluate is also what the conformance kit asks of a shared object under test: a kernel
 * author defines that one function and returns GRADKEEP_UNSUPPORTED for what is not there.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef GRADKEEP_GRADKEEP_H
#define GRADKEEP_GRADKEEP_H

#include <stddef.h>
#include <stdint.h>

#ifndef GRADKEEP_API
#if defined(_WIN32)
#define GRADKEEP_API
#else
#define GRADKEEP_API __attribute__((visibility("default")))
#endif
#endif

#ifdef __cplusplus
extern "C" {
#endif

#define GRADKEEP_ABI 1

enum { /* statuses */
       GRADKEEP_OK = 0,
       GRADKEEP_INVALID = 1,     /* an argument: null, misaligned, overlapping, out of bounds */
       GRADKEEP_UNKNOWN = 2,     /* no such function name, or a text that is none */
       GRADKEEP_UNSUPPORTED = 3, /* a known function without this order, type, tier or form */
       GRADKEEP_MEMORY = 4,      /* no memory left */
       GRADKEEP_INTERNAL = 5     /* a defect of the library */
};
enum { GRADKEEP_F32 = 0, GRADKEEP_F64 = 1, GRADKEEP_F16 = 2, GRADKEEP_BF16 = 3 }; /* types */
enum { GRADKEEP_FAST = 0, GRADKEEP_EXACT = 1 };                                   /* tiers */
enum { GRADKEEP_RECOMMENDED = 0, GRADKEEP_ANY = 1 };                     /* bounds of parameters */
enum { GRADKEEP_VALUE = 0, GRADKEEP_SLOPE = 1, GRADKEEP_CURVATURE = 2 }; /* orders */

/* ---- the library ---- */

GRADKEEP_API uint32_t gradkeep_abi(void);
GRADKEEP_API const char* gradkeep_version(void); /* "0.1.0" */
GRADKEEP_API const char* gradkeep_target(void);  /* "AVX2"; "" if GRADKEEP_TARGET names none */
/* Of the last call of this thread that failed; "" before one. Valid until the thread's next failure. */
GRADKEEP_API const char* gradkeep_last_error(void);
/* Elementwise functions, ordered by name; NULL from the end on. */
GRADKEEP_API const char* gradkeep_name(size_t index);
/* Threads for the functions that take a gradkeep_array: 1 at first, at most 1024; 0: as many as OpenMP
 * allows. */
GRADKEEP_API int32_t gradkeep_set_threads(int32_t threads);

/* ---- by name ---- */

/* out[i] = f(x[i]), f'(x[i]) or f''(x[i]) by order. `function` is "gelu" or "elu(alpha=0.5)". x and out
 * hold n elements of the type, aligned to it, and may be the same array but not overlap otherwise. */
GRADKEEP_API int32_t gradkeep_evaluate(const char* function, int32_t order, int32_t dtype,
                                       int32_t tier, const void* x, void* out, size_t n);

/* ---- by handle: the name is read once ---- */

typedef struct gradkeep_activation gradkeep_activation;

/* *f becomes a handle for gradkeep_close, or NULL on failure. */
GRADKEEP_API int32_t gradkeep_open(const char* function, int32_t bounds, gradkeep_activation** f);
GRADKEEP_API void gradkeep_close(gradkeep_activation* f); /* NULL is fine */
/* "elu(alpha=0.5)": valid until the handle's parameters change or it is closed. */
GRADKEEP_API const char* gradkeep_text(const gradkeep_activation* f);

GRADKEEP_API size_t gradkeep_parameter_count(const gradkeep_activation* f);
GRADKEEP_API const char* gradkeep_parameter_name(const gradkeep_activation* f, size_t index);
GRADKEEP_API int32_t gradkeep_get_parameters(const gradkeep_activation* f, double* values,
                                             size_t count);
/* No other call may use the handle meanwhile. */
GRADKEEP_API int32_t gradkeep_set_parameters(gradkeep_activation* f, const double* values,
                                             size_t count, int32_t bounds);
/* 1 if slope and curvature are functions of y for these parameters, else 0. */
GRADKEEP_API int32_t gradkeep_has_output_form(const gradkeep_activation* f);

GRADKEEP_API int32_t gradkeep_apply(const gradkeep_activation* f, int32_t order, int32_t dtype,
                                    int32_t tier, const void* x, void* out, size_t n);
GRADKEEP_API int32_t gradkeep_value_and_slope(const gradkeep_activation* f, int32_t dtype,
                                              const void* x, void* y, void* dy, size_t n);
/* Order 1 or 2, from y = f(x). */
GRADKEEP_API int32_t gradkeep_from_output(const gradkeep_activation* f, int32_t order,
                                          int32_t dtype, const void* y, void* out, size_t n);
/* dx[i] = dy[i] f'(x[i]); dx may be dy or x. */
GRADKEEP_API int32_t gradkeep_backward(const gradkeep_activation* f, int32_t dtype, const void* x,
                                       const void* dy, void* dx, size_t n);
/* The slope with respect to parameter `index`. */
GRADKEEP_API int32_t gradkeep_parameter_slope(const gradkeep_activation* f, size_t index,
                                              int32_t dtype, const void* x, void* out, size_t n);

/* ---- arrays of several axes ---- */

typedef struct gradkeep_array {
  void* data;
  int32_t dtype;
  int32_t rank;        /* 0 to 8 */
  const size_t* shape; /* rank extents */
  const ptrdiff_t*
      strides; /* rank steps in elements; NULL: in one piece, the last axis innermost */
} gradkeep_array;

/* Arrays of one call have one shape and type. An output may be an input's very view. Inputs are only
 * read. */
GRADKEEP_API int32_t gradkeep_apply_array(const gradkeep_activation* f, int32_t order, int32_t tier,
                                          const gradkeep_array* x, const gradkeep_array* out);
GRADKEEP_API int32_t gradkeep_backward_array(const gradkeep_activation* f, const gradkeep_array* x,
                                             const gradkeep_array* dy, const gradkeep_array* dx);

/* softmax, log_softmax, softmin, hardmax, sparsemax along an axis (negative: from the last), and the
 * vector-Jacobian product from their output. */
GRADKEEP_API int32_t gradkeep_rowwise(const char* function, int32_t axis, const gradkeep_array* x,
                                      const gradkeep_array* y);
GRADKEEP_API int32_t gradkeep_rowwise_backward(const char* function, int32_t axis,
                                               const gradkeep_array* y, const gradkeep_array* dy,
                                               const gradkeep_array* dx);

/* y = value * f(gate), where x's two halves along the axis are value and gate: for glu open "sigmoid", for
 * swiglu "silu". y shares no memory with x. The gradients of both halves go to dx, which may be x's
 * view. */
enum { GRADKEEP_GATE_FIRST = 0, GRADKEEP_GATE_SECOND = 1 };
GRADKEEP_API int32_t gradkeep_gated(const gradkeep_activation* f, int32_t gate, int32_t axis,
                                    const gradkeep_array* x, const gradkeep_array* y);
GRADKEEP_API int32_t gradkeep_gated_backward(const gradkeep_activation* f, int32_t gate,
                                             int32_t axis, const gradkeep_array* x,
                                             const gradkeep_array* dy, const gradkeep_array* dx);

#ifdef __cplusplus
}
#endif

#endif
