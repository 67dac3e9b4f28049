// Programs as targets: right ones, and all that a broken or hostile one may do, which must come back as
// one line about that target, soon.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <cmath>
#include <csignal>
#include <fstream>
#include <string>

#include "kit/message.h"
#include "kit/target.h"

namespace gradkeep::kit {
namespace {

// A Python program that gets each question as `line` and `array` (bytes), and writes with say(bytes).
std::string program(const std::string& body) {
  const std::string file = ::testing::TempDir() + "target_" + std::to_string(::getpid()) + ".py";
  std::ofstream(file) << R"(
import os, signal, struct, sys, time
def say(data):
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()
def npy(data, code, n):
    head = "{'descr': '%s', 'fortran_order': False, 'shape': (%d,), }" % (code, n)
    head += ' ' * (63 - (10 + len(head)) % 64) + '\n'
    return b'\x93NUMPY\x01\x00' + struct.pack('<H', len(head)) + head.encode() + data
while True:
    line = sys.stdin.buffer.readline()
    if not line:
        break
    fixed = sys.stdin.buffer.read(10)
    head = sys.stdin.buffer.read(struct.unpack('<H', fixed[8:])[0]).decode()
    n = int(head.split('(')[1].split(',')[0])
    code = head.split("'descr': '")[1].split("'")[0]
    array = sys.stdin.buffer.read(n * int(code[2:]))
)" << body;
  return "python3 " + file;
}

const Question kQuestion{"relu", {Quantity::value}, Number::f32};
const std::vector<double> kX{1, -2, 3};

std::string failure(const std::string& body, double timeout = 20) {
  const auto target = open_target(program(body), timeout);
  try {
    target->ask(kQuestion, kX);
  } catch (const TargetFailure& failed) {
    return failed.what();
  }
  return "";
}

TEST(Conversation, GoesThereAndBack) {
  const auto target = open_target(program("    say(npy(array, code, n))\n"), 20);
  for (const NumberType& type : number_types()) {
    const Answer answer = target->ask({"identity", {Quantity::value}, type.number}, kX);
    EXPECT_EQ(answer.out, kX) << type.name;
  }
  // More than a pipe holds, and nothing at all.
  const std::vector<double> many(300000, -1.5), none;
  EXPECT_EQ(target->ask(kQuestion, many).out, many);
  EXPECT_EQ(target->ask(kQuestion, none).out, none);
}

TEST(Conversation, AFunctionIsOneWordWhateverItsParameters) {
  const Question question{"hard_tanh(min=-1, max=1)", {Quantity::slope}, Number::f32};
  const std::string message = question_message(question, kX, {.offset = 3, .in_place = true});
  EXPECT_EQ(message.substr(0, message.find('\n')),
            "slope hard_tanh(min=-1,max=1) offset=3 in_place");
}

TEST(Conversation, ATargetMayLackAQuestionAndTellItsName) {
  const auto target = open_target(program("    say(b'Mine 1.2\\n' if line.startswith(b'describe') "
                                          "else b'unsupported no relu\\n')\n"),
                                  20);
  EXPECT_EQ(target->description(), "Mine 1.2");
  const Answer answer = target->ask(kQuestion, kX);
  EXPECT_FALSE(answer.supported);
  EXPECT_EQ(answer.reason, "no relu");
}

TEST(Conversation, WhateverABrokenTargetDoesIsItsFailure) {
  EXPECT_EQ(failure("    sys.exit(3)\n"), "ended with status 3");
  EXPECT_EQ(failure("    raise ValueError('no such thing')\n"),
            "ended with status 1: ValueError: no such thing");
  EXPECT_EQ(failure("    os.kill(os.getpid(), signal.SIGSEGV)\n"),
            "was killed by signal 11 (Segmentation fault)");
  EXPECT_EQ(failure("    say(b'error out of luck\\n')\n"), "said: out of luck");
  EXPECT_EQ(failure("    say(b'hello\\n')\n"),
            "answered 'hello', expected an array, or 'unsupported' or 'error' with a reason");
  EXPECT_EQ(failure("    say(npy(array[:8], code, 2))\n"), "answered 2 numbers, expected 3");
  EXPECT_EQ(failure("    say(npy(array, '<i4', n))\n"),
            "answered an array of type <i4, expected <f4");
  EXPECT_EQ(failure("    say(b'\\x93NUMPY' + bytes(200))\n"),
            "answered neither a line of text nor an array in .npy format 1.0");
  EXPECT_EQ(failure("    say(b'x' * 100000)\n"),
            "answered neither a line of text nor an array in .npy format 1.0");
  EXPECT_EQ(failure("    say(npy(array, code, 10**12))\n"),
            "answered 1000000000000 numbers, expected 3");
  EXPECT_EQ(failure("    say(npy(array, '>f4', n))\n"),
            "sent a wrong array: the answer: it is big endian (>f4), expected little endian");
}

TEST(Conversation, AHangEndsAtTheTimeout) {
  for (const char* body :
       {"    time.sleep(1000)\n", "    while True: sys.stderr.write('x' * 1000)\n",
        "    say(npy(array, code, n)[:-1])\n    time.sleep(1000)\n"}) {
    const auto start = std::chrono::steady_clock::now();
    EXPECT_EQ(failure(body, 0.5), "gave no answer within 0.5 s");
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
  }
}

TEST(Conversation, TheNextQuestionStartsItAnew) {
  const auto target = open_target(
      program(
          "    if n == 3: os.kill(os.getpid(), signal.SIGKILL)\n    say(npy(array, code, n))\n"),
      20);
  EXPECT_THROW(target->ask(kQuestion, kX), TargetFailure);
  EXPECT_EQ(target->ask(kQuestion, std::vector<double>{5}).out, std::vector<double>{5});
}

TEST(Conversation, ACommandThatIsNotThereSaysSo) {
  const auto target = open_target("/no/such/program", 20);
  try {
    target->ask(kQuestion, kX);
    FAIL();
  } catch (const TargetFailure& failed) {
    EXPECT_TRUE(std::string(failed.what()).starts_with("ended with status 127: ")) << failed.what();
  }
  EXPECT_THROW(open_target("/no/such/file.so", 20), Error);
}

}  // namespace
}  // namespace gradkeep::kit
