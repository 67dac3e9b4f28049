// What is accepted as the name of a function, and what a wrong one is told.
// SPDX-License-Identifier: Apache-2.0
#include <gradkeep/core.h>
#include <gtest/gtest.h>

#include <set>

namespace gradkeep {
namespace {

std::string complaint(std::string_view text, Bounds bounds = Bounds::recommended) {
  try {
    Activation f(text, bounds);
  } catch (const Error& e) {
    return e.what();
  }
  return "";
}

TEST(Parse, NamesAliasesAndCase) {
  EXPECT_EQ(Activation("gelu").text(), "gelu");
  EXPECT_EQ(Activation("  LeakyReLU ( 0.2 ) ").text(), "leaky_relu(negative_slope=0.2)");
  EXPECT_EQ(Activation("LOGISTIC").text(), "sigmoid");
  EXPECT_EQ(Activation("elu").text(), "elu(alpha=1)");
  EXPECT_EQ(Activation("elu()").text(), "elu(alpha=1)");
  EXPECT_EQ(Activation("improved_sigmoid(beta=0.05, alpha=3)").text(),
            "improved_sigmoid(alpha=3, beta=0.05)");
  EXPECT_EQ(Activation("elu(+2)").text(), "elu(alpha=2)");
  EXPECT_EQ(Activation("elu(0x1p-1)").text(), "elu(alpha=0.5)");
  EXPECT_EQ(Activation("prelu(-0x1.8p0)", Bounds::any).text(), "prelu(a=-1.5)");
}

TEST(Parse, TheTextReadsBack) {
  for (const std::string& name : names()) {
    const Activation f(name);
    const Activation again(f.text());
    EXPECT_EQ(f.text(), again.text());
  }
  const Activation odd("leaky_relu(0.10000000000000002)");
  EXPECT_EQ(Activation(odd.text()).parameters()[0], 0.10000000000000002);
}

TEST(Parse, NoTwoFunctionsShareAName) {
  std::set<std::string> seen;
  for (const std::string& name : names()) {
    EXPECT_TRUE(seen.insert(name).second) << name;
    for (const std::string& alias : find_info(name)->aliases) {
      const Info* found = find_info(alias);
      ASSERT_NE(found, nullptr);
      EXPECT_EQ(found->name, name) << "alias " << alias;
    }
  }
}

TEST(Parse, WrongNames) {
  EXPECT_EQ(complaint("gelo"), "unknown activation function 'gelo'; did you mean 'gelu'?");
  EXPECT_EQ(complaint("sigmoyd"), "unknown activation function 'sigmoyd'; did you mean 'sigmoid'?");
  EXPECT_NE(complaint("").find("unknown activation function ''"), std::string::npos);
  EXPECT_NE(complaint("quantum_flux").find("`gradkeep list`"), std::string::npos);
}

TEST(Parse, AnErrorIsOneLineWhateverTheText) {
  EXPECT_EQ(complaint("\x1b[2Jgel\n"),
            "unknown activation function '?[2Jgel?'; expected one of "
            "the names that `gradkeep list` prints");
  EXPECT_EQ(complaint("elu(al\npha=1)"), "elu has no parameter 'al?pha'; did you mean 'alpha'?");
  EXPECT_EQ(complaint("elu(alpha=\r1)"), "elu: parameter alpha is '?1'; expected a number");
  EXPECT_EQ(complaint("elu(\n1"), "'elu(?1': expected a closing ')' at the end");
  EXPECT_EQ(complaint("elu(1,\n2)"), "elu takes 1 parameters; 'elu(1,?2)' gives more");
}

TEST(Parse, NearestCountsASwapOfNeighboursAsOneEdit) {
  const std::vector<std::string> verbs{"list", "show", "eval", "plot", "chain", "study", "doctor"};
  EXPECT_EQ(nearest("shwo", verbs), "show");
  EXPECT_EQ(nearest("polt", verbs), "plot");
  EXPECT_EQ(nearest("Lits", verbs), "list");
  EXPECT_EQ(nearest("tsudy", verbs), "study");
  EXPECT_EQ(nearest("dcotr", verbs), "");      // a swap and a letter missing
  EXPECT_EQ(nearest("itls", {{"list"}}), "");  // not neighbours
  EXPECT_EQ(nearest("dpeth", {{"depth", "data"}}), "depth");
  EXPECT_EQ(nearest("", verbs), "");
  EXPECT_EQ(complaint("gleu"), "unknown activation function 'gleu'; did you mean 'gelu'?");
  EXPECT_EQ(complaint("simgoid"), "unknown activation function 'simgoid'; did you mean 'sigmoid'?");
}

TEST(Parse, WrongParameters) {
  EXPECT_EQ(complaint("elu(alpa=2)"), "elu has no parameter 'alpa'; did you mean 'alpha'?");
  EXPECT_EQ(complaint("elu(aplha=2)"), "elu has no parameter 'aplha'; did you mean 'alpha'?");
  EXPECT_EQ(complaint("elu(alpha=0.5"), "'elu(alpha=0.5': expected a closing ')' at the end");
  EXPECT_EQ(complaint("elu(gamma=1)"), "elu has no parameter 'gamma'; expected alpha");
  EXPECT_EQ(complaint("sigmoid(gamma=1)"), "sigmoid has no parameter 'gamma'; it takes none");
  EXPECT_EQ(complaint("elu(1, 2)"), "elu takes 1 parameters; 'elu(1, 2)' gives more");
  EXPECT_EQ(complaint("elu(alpha=big)"), "elu: parameter alpha is 'big'; expected a number");
  EXPECT_EQ(complaint("elu(--2)"), "elu: parameter alpha is '--2'; expected a number");
  EXPECT_EQ(complaint("elu(alpha=)"), "elu: parameter alpha is ''; expected a number");
  EXPECT_EQ(complaint("elu(alpha=1e999)"), "elu: parameter alpha is '1e999'; expected a number");
  EXPECT_EQ(complaint("hard_tanh(1,)"),
            "'hard_tanh(1,)': expected a parameter at each side of ','");
  EXPECT_EQ(complaint("elu(1, alpha=2)"), "'elu(1, alpha=2)': parameter alpha is given twice");
}

TEST(Parse, Bounds) {
  EXPECT_EQ(complaint("improved_sigmoid(alpha=5)"),
            "improved_sigmoid: parameter alpha is 5; expected a value in (1, 5) "
            "(lifted by --any-parameters, in Python any_parameters=True)");
  EXPECT_EQ(complaint("improved_sigmoid(alpha=5)", Bounds::any), "");
  EXPECT_EQ(complaint("improved_sigmoid(beta=0)", Bounds::any), "");
  EXPECT_EQ(complaint("improved_sigmoid(alpha=0)", Bounds::any),
            "improved_sigmoid: parameter alpha is 0; expected a value in (0, inf)");
  EXPECT_NE(complaint("improved_sigmoid(alpha=inf)", Bounds::any), "");
  EXPECT_NE(complaint("improved_sigmoid(alpha=nan)", Bounds::any), "");
  EXPECT_EQ(complaint("hard_tanh(min=2, max=1)", Bounds::any),
            "hard_tanh: min is above max; expected min <= max");
}

TEST(Target, IsOneOfThoseThatRun) {
  const std::vector<std::string> all = target_names();
  ASSERT_FALSE(all.empty());
  EXPECT_NE(std::find(all.begin(), all.end(), target_name()), all.end());
}

}  // namespace
}  // namespace gradkeep
