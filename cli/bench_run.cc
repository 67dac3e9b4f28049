// SPDX-License-Identifier: Apache-2.0
#include "cli/bench_run.h"

#include <gradkeep/strided.h>
#include <gradkeep/threads.h>
#include <sched.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <type_traits>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "check/ranks.h"
#include "check/samples.h"
#include "check/stopwatch.h"
#include "cli/bench_rest.h"
#include "data/random.h"

namespace gradkeep::cli {
namespace {

// Inputs repeat after so many; the errors are measured in pieces of so many.
constexpr std::size_t kPiece = 65536;
// One float in so many of all bit patterns is looked at; a prime, so that no digit repeats.
constexpr std::uint64_t kStride = 1597;
// How many calls make up a turn is told by the quickest of so many: one may have been held up.
constexpr int kTrials = 3;

template <class Call>
auto timed(Call call) {
  return [call](long calls) {
    call();
    const check::Stopwatch watch;
    for (long i = 0; i < calls; ++i) call();
    return watch.seconds();
  };
}

// What a pass has to move and no more: forward reads one array and writes one, backward reads two.
void copy_plainly(const char* x, const char* dy, char* out, std::size_t begin, std::size_t end) {
  if (!dy) {
    std::memcpy(out + begin, x + begin, end - begin);
    return;
  }
  for (std::size_t i = begin; i < end; ++i) out[i] = static_cast<char>(x[i] ^ dy[i]);
}

#if defined(__SSE2__)
// The same with stores that go around the caches.
void copy_streaming(const char* x, const char* dy, char* out, std::size_t begin, std::size_t end) {
  constexpr std::size_t kVector = sizeof(__m128i);
  std::size_t i = begin;
  for (; i + kVector <= end; i += kVector) {
    __m128i v = _mm_loadu_si128(reinterpret_cast<const __m128i*>(x + i));
    if (dy) v = _mm_xor_si128(v, _mm_loadu_si128(reinterpret_cast<const __m128i*>(dy + i)));
    _mm_stream_si128(reinterpret_cast<__m128i*>(out + i), v);
  }
  _mm_sfence();
  copy_plainly(x, dy, out, i, end);
}
#endif

template <class T>
constexpr check::Format format_of() {
  if constexpr (std::is_same_v<T, Float16>) return check::kBinary16;
  if constexpr (std::is_same_v<T, BFloat16>) return check::kBfloat16;
  return check::kFormatOf<T>;
}

// Finite inputs at which errors are measured.
template <class T>
std::vector<T> sample() {
  std::vector<T> x;
  if constexpr (sizeof(T) == sizeof(double)) {
    x = check::common_samples<T>(check::full_size<T>());
  } else {
    using Bits = std::conditional_t<sizeof(T) == sizeof(float), std::uint32_t, std::uint16_t>;
    const std::uint64_t stride = sizeof(T) == sizeof(float) ? kStride : 1;
    for (std::uint64_t bits = 0; bits <= std::numeric_limits<Bits>::max(); bits += stride) {
      x.push_back(std::bit_cast<T>(static_cast<Bits>(bits)));
    }
  }
  std::erase_if(x, [](T v) { return !std::isfinite(static_cast<double>(v)); });
  return x;
}

// Truth as far as an error in units in the last place needs it: the ball of two doubles where that is
// narrow enough, which way it rounds being no matter here.
check::Reference reference(const check::Truth& truth, check::Ask ask, double x,
                           const check::Format& format) {
  try {
    const check::DoubleBall ball = truth.in_doubles(ask, x);
    const double middle = ball.low() + (ball.high() - ball.low()) / 2;
    const double unit = check::ulp(middle, format), rounded = check::round_to(middle, format);
    if (std::isfinite(rounded) && ball.high() - ball.low() < unit / 128) {
      return {.rounded = rounded, .offset = (middle - rounded) / unit, .unit = unit};
    }
  } catch (const check::Undecided&) {
    // A comparison inside the formula needs more than two doubles.
  }
  return truth.at(ask, x, format);
}

// The claim's unit where one with a scale holds, 0 (the last place of the result) elsewhere.
double unit_at(double x, std::span<const check::Band> bands, const check::Format& format) {
  for (const check::Band& band : bands) {
    if (band.low <= x && x <= band.high) return check::ulp(band.scale, format);
  }
  return 0;
}

template <class T>
std::vector<check::Band> scaled_bands(const Activation& f, int order) {
  std::vector<check::Band> bands;
  if (sizeof(T) < sizeof(float)) return bands;
  const Type type = sizeof(T) == sizeof(float) ? Type::f32 : Type::f64;
  for (const Claim& claim : f.claims()) {
    if (claim.type == type && claim.order == order && claim.scale > 0) {
      bands.push_back(check::band_of(claim));
    }
  }
  return bands;
}

}  // namespace

std::string name(Pass pass) {
  switch (pass) {
    case Pass::forward:
      return "forward";
    case Pass::backward:
      return "backward";
    case Pass::backward_from_output:
      break;
  }
  return "backward_from_output";
}

std::vector<double> Entry::work() const {
  std::vector<double> out;
  for (const double s : seconds) out.push_back(std::max(s - call, s / 2));
  return out;
}

double Entry::elements_per_second(std::size_t elements) const {
  return static_cast<double>(elements) / check::median(work());
}

void stay_on_one_core() {
  cpu_set_t set;
  CPU_ZERO(&set);
  const int core = ::sched_getcpu();
  if (core < 0) return;
  CPU_SET(core, &set);
  ::sched_setaffinity(0, sizeof set, &set);  // where it is refused, all still take turns
}

Bench::Bench(const BenchSetting& setting, const std::vector<std::string>& guests)
    : setting_(setting),
      arrays_(std::max(setting.elements, kPiece) * sizeof(double)),
      team_(setting.threads) {
  set_threads(setting.threads);
  for (const std::string& command : guests) {
    guests_.push_back(std::make_unique<Guest>(command, arrays_, setting.threads));
  }
}

std::vector<std::pair<std::string, std::string>> Bench::versions() const {
  std::vector<std::pair<std::string, std::string>> all;
  for (const auto& guest : guests_) {
    all.insert(all.end(), guest->versions().begin(), guest->versions().end());
  }
  return all;
}

BenchResult Bench::measure(const Activation& f, Pass pass) {
  if (setting_.type == "f64") return measure_as<double>(f, pass);
  if (setting_.type == "f16") return measure_as<Float16>(f, pass);
  if (setting_.type == "bf16") return measure_as<BFloat16>(f, pass);
  return measure_as<float>(f, pass);
}

template <class T>
BenchResult Bench::measure_as(const Activation& f, Pass pass) {
  BenchResult result{f, pass, {}};
  for (const Contender& c : contenders<T>(f, pass, setting_.elements)) {
    result.entries.push_back({c.peer, c.how, {}, 0, 0, {}});
  }
  if (setting_.speed) measure_speed<T>(f, pass, result.entries);
  if (setting_.errors) measure_errors<T>(f, pass, result.entries);
  return result;
}

template <class T>
void Bench::measure_speed(const Activation& f, Pass pass, std::vector<Entry>& entries) {
  fill<T>(f, pass);
  const auto seconds =
      race(contenders<T>(f, pass, setting_.elements), setting_.rounds, setting_.turn_seconds);
  for (std::size_t k = 0; k < seconds.size(); ++k) entries[k].seconds = seconds[k];
  const auto calls = race(contenders<T>(f, pass, 1), 5, setting_.turn_seconds / 10);
  for (std::size_t k = 0; k < calls.size(); ++k) entries[k].call = check::median(calls[k]);
  std::vector<Contender> own;
  add_own<T>(own, f, pass, 64);
  const auto short_calls = race(own, 5, setting_.turn_seconds / 10);
  for (std::size_t k = 0; k < own.size(); ++k) {
    entries[k].call_64 = check::median(short_calls[k]);
  }
}

template <class T>
void Bench::fill(const Activation& f, Pass pass) {
  const std::size_t n = setting_.elements, piece = std::min(n, kPiece);
  T *in = arrays_.in<T>(), *dy = arrays_.dy<T>();
  data::Random random(1);
  std::vector<T> x(piece);
  for (std::size_t i = 0; i < piece; ++i) {
    x[i] = static_cast<T>(3 * random.normal());
    dy[i] = static_cast<T>(random.normal());
  }
  if (pass == Pass::backward_from_output) f.value<T>(x, x, Tier::exact);
  std::copy(x.begin(), x.end(), in);
  for (std::size_t i = piece; i < n; i += piece) {
    std::copy_n(in, std::min(piece, n - i), in + i);
    std::copy_n(dy, std::min(piece, n - i), dy + i);
  }
}

template <class T>
std::vector<Bench::Contender> Bench::contenders(const Activation& f, Pass pass,
                                                std::size_t elements) {
  std::vector<Contender> list;
  add_own<T>(list, f, pass, elements);
  for (const auto& guest : guests_) {
    const auto rows = guest->prepare(f, name(pass), setting_.type, elements, setting_.threads);
    for (std::size_t row = 0; row < rows.size(); ++row) {
      list.push_back({rows[row].peer, rows[row].how, [&guest = *guest, row](long calls) {
                        return guest.turn(static_cast<int>(row), calls);
                      }});
    }
  }
  add_copies<T>(list, pass, elements);
  return list;
}

// One thread calls the spans of Activation, several the arrays of gradkeep/strided.h, which the library
// divides among its threads.
template <class T>
void Bench::add_own(std::vector<Contender>& list, const Activation& f, Pass pass,
                    std::size_t elements) {
  const std::span<const T> x(arrays_.in<T>(), elements), dy(arrays_.dy<T>(), elements);
  const std::span<T> out(arrays_.out<T>(), elements);
  const auto add = [&](const char* how, auto call) {
    list.push_back({"gradkeep", how, timed(call)});
  };
  const auto add_value = [&](const char* how, Tier tier) {
    if (setting_.threads == 1) {
      add(how, [=] { f.value<T>(x, out, tier); });
    } else {
      add(how, [=] { evaluate<T>(f, 0, x, Strided<T>(out), tier); });
    }
  };
  if (pass == Pass::forward) {
    add_value("fast", Tier::fast);
    if (setting_.type != "f64") add_value("exact", Tier::exact);
  } else if (pass == Pass::backward_from_output) {
    add("fast", [=] { f.backward_from_output<T>(x, dy, out); });
  } else if (setting_.threads == 1) {
    add("fast", [=] { f.backward<T>(x, dy, out); });
  } else {
    add("fast", [=] { backward<T>(f, x, dy, Strided<T>(out)); });
  }
}

template <class T>
void Bench::add_copies(std::vector<Contender>& list, Pass pass, std::size_t elements) {
  const char* x = arrays_.in<char>();
  const char* dy = pass == Pass::forward ? nullptr : arrays_.dy<char>();
  char* out = arrays_.out<char>();
  const auto add = [&](const char* how, auto copy) {
    const Team::Work slices = [=](std::size_t begin, std::size_t end) {
      copy(x, dy, out, begin * sizeof(T), end * sizeof(T));
    };
    list.push_back(
        {"plain copy", how, timed([this, slices, elements] { team_.run(elements, slices); })});
  };
  add("usual stores", copy_plainly);
#if defined(__SSE2__)
  add("streaming stores", copy_streaming);
#endif
}

std::vector<std::vector<double>> Bench::race(const std::vector<Contender>& list, int rounds,
                                             double turn_seconds) const {
  std::vector<pid_t> guest_processes;
  for (const auto& guest : guests_) guest_processes.push_back(guest->process());
  const auto take_turn = [&](std::size_t k, long calls) {
    if (setting_.threads > 1) wait_until_they_sleep(guest_processes);
    return list[k].turn(calls) / static_cast<double>(calls);
  };
  std::vector<long> calls;
  for (std::size_t k = 0; k < list.size(); ++k) {
    double one = take_turn(k, 1);
    for (int trial = 1; trial < kTrials; ++trial) one = std::min(one, take_turn(k, 1));
    one = std::max(one, 1e-9);
    calls.push_back(std::clamp(std::lround(std::ceil(turn_seconds / one)), 1L, 100000L));
  }
  std::vector<std::vector<double>> seconds(list.size());
  for (int round = 0; round < rounds; ++round) {
    // Whoever follows a certain other is not always the same one.
    for (std::size_t turn = 0; turn < list.size(); ++turn) {
      const std::size_t k = (turn + static_cast<std::size_t>(round)) % list.size();
      seconds[k].push_back(take_turn(k, calls[k]));
    }
  }
  return seconds;
}

template <class T>
void Bench::measure_errors(const Activation& f, Pass pass, std::vector<Entry>& entries) {
  const std::vector<T> x = sample<T>();
  const int order = pass == Pass::forward ? 0 : 1;
  const check::Format format = format_of<T>();
  const check::Truth truth(f);
  const auto bands = scaled_bands<T>(f, order);
  const auto everybody = contenders<T>(f, pass, kPiece);
  std::vector<T> in(kPiece);
  std::vector<check::Reference> wanted(kPiece);
  for (std::size_t first = 0; first < x.size(); first += kPiece) {
    const std::size_t n = std::min(kPiece, x.size() - first);
    std::fill(in.begin(), in.end(), T(0));
    std::copy_n(x.begin() + static_cast<std::ptrdiff_t>(first), n, in.begin());
    for (std::size_t i = 0; i < n; ++i) {
      const auto at = static_cast<double>(in[i]);
      wanted[i] = reference(truth, check::ask_order(order), at, format);
      if (pass == Pass::backward_from_output)
        in[i] = T(reference(truth, check::ask_order(0), at, format).rounded);
    }
    std::copy(in.begin(), in.end(), arrays_.in<T>());
    std::fill_n(arrays_.dy<T>(), kPiece, T(1));
    for (std::size_t k = 0; k < everybody.size(); ++k) {
      if (everybody[k].peer == "plain copy") continue;
      everybody[k].turn(1);
      check::Tally tally;
      for (std::size_t i = 0; i < n; ++i) {
        const auto at = static_cast<double>(x[first + i]);
        tally.add(at, static_cast<double>(arrays_.out<T>()[i]), wanted[i],
                  unit_at(at, bands, format));
      }
      std::optional<check::Tally>& errors = entries[k].errors;
      if (errors) {
        errors->merge(tally);
      } else {
        errors = tally;
      }
    }
  }
}

}  // namespace gradkeep::cli
