// Dialects: every file can be read and applied to every function; versions and backends choose.
// SPDX-License-Identifier: Apache-2.0
#include "kit/dialect.h"

#include <gtest/gtest.h>

#include <cmath>

#include "kit/row_call.h"

namespace gradkeep::kit {
namespace {

TEST(Dialects, EveryOneAppliesToEveryFunction) {
  EXPECT_FALSE(dialect_names().empty());
  for (const std::string& dialect : dialect_names()) {
    for (const std::string& name : names()) {
      const Rule rule = Dialect(dialect).rule(Activation(name));
      for (const Piece& piece : rule.pieces) EXPECT_NO_THROW(Activation(piece.is)) << dialect;
    }
  }
}

TEST(Dialects, LimitAddsNothing) {
  for (const std::string& name : names()) {
    const Rule rule = Dialect("limit").rule(Activation(name));
    EXPECT_TRUE(rule.conventions.empty() && rule.pieces.empty() && !rule.any_slope_of_nan) << name;
  }
}

const Convention* at(const Rule& rule, double x) {
  for (const Convention& each : rule.conventions) {
    if (each.x == x || (x != x && each.x != each.x)) return &each;
  }
  return nullptr;
}

TEST(Dialects, AVersionAndABackendChoose) {
  const Activation swish("hard_swish"), tanh("hard_tanh"), relu("relu");
  EXPECT_EQ(at(Dialect("torch").rule(swish), 3), nullptr);
  const Rule old = Dialect("torch@2.6.0").rule(swish);
  ASSERT_NE(at(old, 3), nullptr);
  EXPECT_EQ(at(old, 3)->slope, 1.5);
  EXPECT_EQ(at(Dialect("onednn").rule(swish), 3), nullptr);
  EXPECT_EQ(at(Dialect("onednn@3.0").rule(swish), 3)->slope, 0);
  const Rule jax = Dialect("keras/jax").rule(tanh), torch = Dialect("keras/torch").rule(tanh);
  ASSERT_NE(at(jax, 1), nullptr);
  EXPECT_EQ(at(jax, 1)->slope, 1);
  EXPECT_EQ(at(torch, 1), nullptr);
  EXPECT_EQ(at(Dialect("torch").rule(relu), std::nan(""))->slope, 1);
}

TEST(Dialects, AThresholdHoldsForTheDefaults) {
  EXPECT_EQ(Dialect("torch").rule(Activation("softplus")).pieces.at(0).above, 20);
  EXPECT_TRUE(Dialect("torch").rule(Activation("softplus(beta=2)")).pieces.empty());
}

TEST(Dialects, AGateIsTheOneThatTheDialectMeansUnlessItIsSaid) {
  EXPECT_EQ(Dialect("torch").gate("glu"), Gate::second);
  EXPECT_EQ(Dialect("onnx").gate("swiglu"), Gate::first);
  EXPECT_FALSE(Dialect("torch").gate("swiglu"));
  for (const std::string& name : gated_function_names()) {
    EXPECT_EQ(Dialect("limit").gate(name), gated_function(name).gate) << name;
  }
  const Dialect onnx("onnx");
  EXPECT_TRUE(onnx.any_of_nan("hardmax"));
  EXPECT_FALSE(onnx.any_of_nan("softmax"));
  EXPECT_EQ(RowCall::named("swiglu", onnx)->text(), "swiglu(gate=first)");
  EXPECT_EQ(RowCall::named("swiglu(gate=second)", onnx)->text(), "swiglu(gate=second)");
}

TEST(Dialects, AnUnknownOneIsRefusedWithThoseThatAreKnown) {
  try {
    const Dialect klingon("klingon");
    FAIL() << klingon.name();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("limit"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace gradkeep::kit
