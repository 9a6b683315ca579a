// SPDX-License-Identifier: Apache-2.0
// pushforward studio: the pages live in a browser of this machine; one training at a time.
#include <chrono>
#include <thread>

#include <fmt/format.h>

#include "command.hpp"
#include "interrupt.hpp"
#include "output.hpp"
#include "pages/bundle.hpp"
#include "pushforward/error.hpp"
#include "pushforward/spec.hpp"
#include "result_pages.hpp"
#include "studio/latent.hpp"
#include "studio/server.hpp"
#include "studio/things.hpp"
#include "studio/training.hpp"
#include "studio/upload.hpp"
#include "train/places.hpp"

namespace pushforward::cli {
namespace {

using namespace studio;

constexpr std::size_t kPort = 8000, kLastPort = 65535;

struct Request {
  std::vector<std::string> things;
  std::string runs = "runs";
  std::size_t port = kPort;
};

Answer page_answer(const pages::Page& page) { return {page.html(), "text/html"}; }

class Studio {
 public:
  Studio(const Request& request, const Common& common)
      : common_(common), things_(request.things, request.runs, common.seed), server_(token_) {
    common_.quiet = true;
    add_pages(), add_trainings();
    server_.get("/api/decode", [this](const Asked& asked) {
      return latent_.decode(things_.run_path(asked.field("run")), asked.field("z"), asked.field("where"));
    });
    port_ = server_.bind(request.port);
  }

  std::string address() const { return fmt::format("http://127.0.0.1:{}/?token={}", port_, token_); }

  // Until Ctrl-C; then the training is stopped with a checkpoint.
  void run() {
    const std::jthread watcher([this](const std::stop_token& end) {
      while (!interrupt_requested() && !end.stop_requested())
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
      training_.finish();
      server_.stop();
    });
    server_.run();
  }

 private:
  void add_pages() {
    server_.get("/", [](const Asked&) { return Answer{pages::studio_page(), "text/html"}; });
    server_.get("/api/state", [this](const Asked&) {
      Json state = things_.json();
      state["training"] = training_.running();
      return Answer{state.dump(-1, ' ', false, Json::error_handler_t::replace)};
    });
    server_.get("/report", [this](const Asked& asked) {
      RunArguments arguments;
      arguments.run = things_.run_path(asked.field("run"));
      const std::lock_guard lock(computing_);
      return page_answer(report_page(arguments, common_));
    });
    server_.get("/compare", [this](const Asked& asked) {
      std::vector<std::string> runs;
      for (const std::string& name : split(asked.field("runs"), ',')) runs.push_back(things_.run_path(name));
      const std::lock_guard lock(computing_);
      return page_answer(compare_page(runs, things_.data_argument(asked.field("data")), common_));
    });
    server_.post("/api/distance", [this](const Asked& asked) {
      const std::lock_guard lock(computing_);
      return reading_of(asked.files, common_);
    });
  }

  void add_trainings() {
    server_.events("/api/events", [this](std::uint64_t after) { return training_.events_after(after); });
    server_.post("/api/train", [this](const Asked& asked) { return begin(asked.body); });
    server_.post("/api/resume", [this](const Asked& asked) {
      training_.resume(things_.run_path(asked.field("run")));
      return Answer{"{}"};
    });
    server_.post("/api/stop", [this](const Asked&) {
      training_.stop();
      return Answer{"{}"};
    });
  }

  Answer begin(const std::string& body) {
    const Json asked = Json::parse(body, nullptr, false);
    const auto text = [&](const char* key) {
      if (!asked.is_object() || !asked.contains(key) || !asked[key].is_string())
        throw RequestError(
            Complaint{"train", fmt::format("no text called '{}'", key), "name, model and data"});
      return asked[key].get<std::string>();
    };
    Wanted wanted{things_.new_path(text("name")), text("model"), things_.data_argument(text("data"))};
    if (asked.contains("options") && asked["options"].is_object())
      for (const auto& [name, value] : asked["options"].items())
        wanted.options[name] = value.is_string() ? value.get<std::string>() : value.dump();
    // A browser reaches the files that the studio was started with, and no others.
    for (const auto& [name, value] : wanted.options)
      if (names_file(name, value))
        throw RequestError(
            Complaint{"train", fmt::format("--{}", name), "no option that names a file or folder"});
    training_.begin(wanted);
    things_.add_run(wanted.path);
    return {"{}"};
  }

  Common common_;
  std::string token_ = new_token();
  Things things_;
  Training training_{};
  Latent latent_{};
  std::mutex computing_{};  // one page at a time
  Server server_;
  int port_ = 0;
};

void run_studio(const Request& request, const Common& common) {
  catch_interrupts();
  Studio studio(request, common);
  if (common.json)
    print_json({{"address", studio.address()}});
  else
    print_line("The studio is at " + studio.address() +
               "\nCtrl-C closes it; a training is stopped with a checkpoint.");
  studio.run();
  note("the studio is closed", common.quiet);
}

}  // namespace

Command studio_command() {
  return {
      "studio", "Pages live in a browser: train and watch, latent spaces, reports, two files dropped", "Show",
      "  pushforward studio runs/ mnist               then open the address that it prints\n"
      "  pushforward studio vae gan toy:8gaussians --port 0\n"
      "It is served on 127.0.0.1 alone, behind a token, and reads no file that is not named here.\n",
      [](CommandLine& line, const Common& common) {
        auto request = std::make_shared<Request>();
        line.texts("RUN|DATA", request->things,
                   "Runs, folders of runs, and data to train on and compare with");
        line.count("--port", request->port, "Where; 0 takes any that is free",
                   {.least = 0, .most = kLastPort});
        line.text("--runs", request->runs,
                  "Folder for runs that are trained here; made when the first one is", {.type = "FOLDER"});
        return [request, &common] { run_studio(*request, common); };
      }};
}

}  // namespace pushforward::cli
