// SPDX-License-Identifier: Apache-2.0
// Nothing is allocated in a step once every batch shape has been seen: counted by replacing operator new.
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <new>

#include <gtest/gtest.h>

#include "layers/gradient_penalty.hpp"
#include "pushforward/arena.hpp"
#include "pushforward/critic.hpp"
#include "pushforward/threads.hpp"
#include "unit/models/support.hpp"

#include <dlfcn.h>

namespace {

std::atomic<bool> counting{false};
std::atomic<long> allocations{0};

// Whether the code at `address` belongs to oneDNN, which makes a small map of arguments at every execution.
bool in_onednn(void* address) {
  Dl_info info{};
  return dladdr(address, &info) != 0 && info.dli_fname != nullptr &&
         std::strstr(info.dli_fname, "libdnnl") != nullptr;
}

void* counted(std::size_t size, std::size_t alignment, void* caller) {
  if (counting && !in_onednn(caller)) allocations.fetch_add(1);
  const std::size_t rounded = (std::max<std::size_t>(size, 1) + alignment - 1) / alignment * alignment;
  if (void* p = std::aligned_alloc(alignment, rounded)) return p;
  throw std::bad_alloc();
}

}  // namespace

void* operator new(std::size_t size) {
  return counted(size, __STDCPP_DEFAULT_NEW_ALIGNMENT__, __builtin_return_address(0));
}
void* operator new(std::size_t size, std::align_val_t alignment) {
  return counted(size, static_cast<std::size_t>(alignment), __builtin_return_address(0));
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {  // std::stable_sort's
  try {
    return counted(size, __STDCPP_DEFAULT_NEW_ALIGNMENT__, __builtin_return_address(0));
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}
void operator delete(void* p) noexcept { std::free(p); }
void operator delete(void* p, std::size_t) noexcept { std::free(p); }
void operator delete(void* p, std::align_val_t) noexcept { std::free(p); }
void operator delete(void* p, std::size_t, std::align_val_t) noexcept { std::free(p); }

namespace pushforward {
namespace {

using namespace testing;
using Setting = Settings::value_type;

// Allocations of the third epoch's steps but its first, before which the second epoch's checkpoint is
// written.
long allocations_in_an_epoch(const std::string& model, Settings settings) {
  settings.insert(settings.end(), {{"hidden", "40"},
                                   {"latent", "3"},
                                   {"epochs", "3"},
                                   {"batch", "32"},
                                   {"ema", "0.9"},
                                   {"clip-norm", "1"}});
  Dataset data = grey_data(200, 50);  // six batches of 32 and one of 8
  data.shape = {.height = 10, .width = 5, .channels = 1, .image = true};
  pushforward::Run run = make_run(model, settings, data);
  allocations = 0;
  train(run, data, nullptr, [&](const Progress& p) {
    counting = !p.epoch_end && p.step > 2 * 7 && p.step < 3 * 7;
    return Continue::yes;
  });
  return allocations;
}

TEST(Allocation, IsCounted) {
  counting = true, allocations = 0;
  const auto kept = std::make_unique<Tensor>(3, 3);
  counting = false;
  EXPECT_EQ(allocations, 2);
}

// One step of a critic that holds every kind of layer with a tangent, and of a generator with batch norm.
TEST(Allocation, NoneInAnyLayerAfterTheFirstStep) {
  set_threads(1);
  Network critic = dense_chain(
      {.width = 6},
      {.hidden = {9, 8}, .norm = "layer", .input_dropout = 0.1, .dropout = 0.5, .spectral = true});
  critic.add(parse_spec("maxout:units=1,pieces=3"));
  Network generator = dense_chain({.width = 3}, {.hidden = {7}, .outputs = 6, .norm = "batch"});
  critic.name_parameters("critic"), generator.name_parameters("generator");
  std::vector<Parameter*> all = critic.parameters();
  for (Parameter* p : generator.parameters()) all.push_back(p);
  Arena arena;
  arena.bind(all, Draw{});
  Tensor z(16, 3), dx(16, 6), dy(16, 1);
  fill_normal(z.span(), Draw{});
  Trace of_generator, of_critic;
  PenaltyTrace memory;
  for (std::uint64_t step = 0; step < 4; ++step) {
    counting = step == 3, allocations = 0;
    const Pass pass{.training = true, .draw = Draw{}.at(step)};
    const View<const float> x = generator.forward(z, of_generator, pass);
    critic.forward(x, of_critic, pass);
    critic.backward(of_critic, dy, dx, true, pass);
    gradient_penalty(critic, x, 10, false, memory, pass);
    generator.backward(of_generator, dx, {}, true, pass);
    critic.update(of_critic), generator.update(of_generator);
  }
  counting = false;
  EXPECT_EQ(allocations, 0);
}

TEST(Allocation, NoneInAStepAfterTheFirstEpoch) {
  EXPECT_EQ(allocations_in_an_epoch("vae", {{"threads", "1"}}), 0);
  EXPECT_EQ(allocations_in_an_epoch("vae", {{"threads", "1"}, {"binarize", "yes"}, {"draws", "2"}}), 0);
  EXPECT_EQ(allocations_in_an_epoch("iwae", {{"threads", "1"}, {"likelihood", "gaussian:learned"}}), 0);
  EXPECT_EQ(allocations_in_an_epoch("ae", {{"threads", "1"}, {"center", "yes"}, {"tied", "yes"}}), 0);
  EXPECT_EQ(allocations_in_an_epoch("vae", {{"threads", "2"}}), 0);
  EXPECT_EQ(allocations_in_an_epoch("sae", {{"threads", "1"}, {"dropout", "0.2,0.5"}, {"stage-loss", "bce"}}),
            0);
  const Setting convolutions = {
      "network",
      "conv 4 4x4/2, relu, residual 18, max-pool 2 undo=unpool, group-norm 2, residual 4 2x2 norm=batch"};
  EXPECT_EQ(allocations_in_an_epoch("ae", {{"threads", "1"}, convolutions}), 0);
  EXPECT_EQ(allocations_in_an_epoch("vae", {{"threads", "2"}, convolutions, {"precision", "bf16"}}), 0);
  set_threads(0);
}

// What a closed-form distance allocates is its own affair (a reading has words in it); a critic allocates
// nothing.
TEST(Allocation, NoneInAStepOfAGeneratorAndItsCritic) {
  const Settings critic = {{"threads", "1"}, {"monitor", "none"}, {"critic-hidden", "12,12"}};
  const auto with = [&](Settings more) {
    more.insert(more.begin(), critic.begin(), critic.end());
    return more;
  };
  EXPECT_EQ(allocations_in_an_epoch("wgan", with({})), 0);
  EXPECT_EQ(allocations_in_an_epoch("wgan", with({{"distance", "w1-critic:lipschitz=spectral"}})), 0);
  EXPECT_EQ(
      allocations_in_an_epoch("gan", with({{"norm", "batch"}, {"pack", "2"}, {"instance-noise", "0.1"}})), 0);
  EXPECT_EQ(allocations_in_an_epoch("gan", with({{"distance", "jsd-critic:dropout=0.5,pieces=3"}})), 0);
  EXPECT_EQ(allocations_in_an_epoch("wae", with({{"distance", "hinge-critic"}})), 0);
  set_threads(0);
}

}  // namespace
}  // namespace pushforward
