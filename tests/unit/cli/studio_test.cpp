// SPDX-License-Identifier: Apache-2.0
// The studio as a browser and as an enemy sees it: who may ask, what is refused, what a training survives.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <regex>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "support/own_folder.hpp"
#include "support/places.hpp"
#include "support/program.hpp"

namespace pushforward::testing {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

// One TCP connection to 127.0.0.1; what hangs is cut off after a minute, so that a fault fails and does not
// wait.
class Connection {
 public:
  explicit Connection(int port) : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in to{};
    to.sin_family = AF_INET, to.sin_port = htons(static_cast<std::uint16_t>(port));
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const timeval patience{60, 0};
    setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    connected_ = connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0;
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() { close(fd_); }

  bool connected() const { return connected_; }
  bool send(const std::string& bytes) const {
    for (std::size_t at = 0; at < bytes.size();) {
      const ssize_t sent = ::send(fd_, bytes.data() + at, bytes.size() - at, MSG_NOSIGNAL);
      if (sent <= 0) return false;
      at += static_cast<std::size_t>(sent);
    }
    return true;
  }
  // Until `enough` says so, or the other end closes.
  template <class Enough>
  std::string receive(Enough enough) const {
    std::string text;
    char buffer[65536];
    while (!enough(text)) {
      const ssize_t got = recv(fd_, buffer, sizeof buffer, 0);
      if (got <= 0) break;
      text.append(buffer, static_cast<std::size_t>(got));
    }
    return text;
  }

 private:
  int fd_;
  bool connected_ = false;
};

struct Answered {
  int status = 0;
  std::string headers, body;
};

class Studio : public OwnFolder {
 protected:
  ~Studio() override {
    if (child_ > 0) kill(child_, SIGKILL), waitpid(child_, nullptr, 0);
  }

  // Starts `pushforward studio WORDS --port 0` and reads the address that it prints.
  void open(const std::string& words) {
    int out[2];
    ASSERT_EQ(pipe2(out, O_CLOEXEC), 0);
    std::vector<std::string> arguments = {program_path(), "studio", "--port",  "0",
                                          "--json",       "--runs", at("runs")};
    std::istringstream split(words);
    for (std::string word; split >> word;) arguments.push_back(word);
    std::vector<char*> raw;
    for (std::string& argument : arguments) raw.push_back(argument.data());
    raw.push_back(nullptr);
    child_ = fork();
    if (child_ == 0) {
      dup2(out[1], 1);
      execv(raw[0], raw.data());
      _exit(127);
    }
    close(out[1]);
    std::string line;
    for (char c = 0; ::read(out[0], &c, 1) == 1 && c != '\n';) line += c;
    close(out[0]);
    const json said = json::parse(line, nullptr, false);
    ASSERT_TRUE(said.is_object()) << line;
    std::smatch parts;
    const std::string address = said["address"];
    ASSERT_TRUE(std::regex_match(address, parts,
                                 std::regex("http://127\\.0\\.0\\.1:(\\d+)/\\?token=([0-9a-f]{32})")));
    port_ = std::stoi(parts[1]), token_ = parts[2];
  }

  std::string host() const { return fmt::format("127.0.0.1:{}", port_); }

  // A whole request as text; by default one that the studio believes.
  struct Words {
    std::string method = "GET", path = "/", body{}, host{}, more{};
    bool token = true;
  };
  Answered ask(const Words& words) const {
    const Connection connection(port_);
    EXPECT_TRUE(connection.connected());
    const std::string cookie = words.token ? fmt::format("Cookie: pushforward-{}={}\r\n", port_, token_) : "";
    connection.send(
        fmt::format("{} {} HTTP/1.1\r\nHost: {}\r\n{}{}Content-Length: {}\r\nConnection: close\r\n\r\n{}",
                    words.method, words.path, words.host.empty() ? host() : words.host, cookie, words.more,
                    words.body.size(), words.body));
    return answered(connection.receive([](const std::string&) { return false; }));
  }
  static Answered answered(const std::string& text) {
    Answered found;
    const std::size_t end = text.find("\r\n\r\n");
    if (text.size() > 12) found.status = std::atoi(text.c_str() + 9);
    if (end != std::string::npos) found.headers = text.substr(0, end), found.body = text.substr(end + 4);
    return found;
  }
  Answered get(const std::string& path) const { return ask({.path = path}); }
  Answered post(const std::string& path, const std::string& body = "") const {
    return ask({.method = "POST", .path = path, .body = body, .more = "X-Pushforward: 1\r\n"});
  }
  json state() const { return json::parse(get("/api/state").body); }

  // The events from the beginning until one of this type.
  std::vector<json> events_until(const std::string& type) const {
    const Connection connection(port_);
    connection.send(fmt::format("GET /api/events?token={} HTTP/1.1\r\nHost: {}\r\n\r\n", token_, host()));
    const std::string text = connection.receive([&](const std::string& so_far) {
      return so_far.find("{\"type\":\"" + type) != std::string::npos && so_far.ends_with("\n\r\n");
    });
    std::vector<json> events;
    for (std::size_t at = text.find("data: "); at != std::string::npos; at = text.find("data: ", at + 6)) {
      const json event = json::parse(text.substr(at + 6, text.find("\n\n", at) - at - 6), nullptr, false);
      if (event.is_object()) events.push_back(event);
    }
    return events;
  }

  int closed() {
    kill(child_, SIGINT);
    int status = 0;
    waitpid(child_, &status, 0);
    child_ = -1;
    return status;
  }
  static std::string long_training(const std::string& name) {
    return json{{"name", name},
                {"model", "generator"},
                {"data", "toy:moons:n=500"},
                {"options",
                 {{"steps", "1000000"}, {"hidden", "16"}, {"distance", "energy"}, {"checkpoint-every", "1"}}}}
        .dump();
  }

  int port_ = 0;
  std::string token_{};
  pid_t child_ = -1;
};

TEST_F(Studio, AnswersOnlyWhoHasItsToken) {
  open("toy:moons:n=100");
  EXPECT_EQ(get("/api/state").status, 200);
  for (const char* path : {"/", "/api/state", "/report?run=x", "/api/events", "/nothing"})
    EXPECT_EQ(ask({.path = path, .token = false}).status, 401) << path;
  EXPECT_EQ(ask({.path = "/?token=" + std::string(32, '0'), .token = false}).status, 401);
  EXPECT_EQ(ask({.path = "/?token=", .token = false}).status, 401);
  const Answered first = ask({.path = "/?token=" + token_, .token = false});
  EXPECT_EQ(first.status, 200);
  EXPECT_NE(first.headers.find("HttpOnly; SameSite=Strict"), std::string::npos) << first.headers;
  EXPECT_NE(first.headers.find("Content-Security-Policy"), std::string::npos);
}

TEST_F(Studio, AnswersOnlyAtItsOwnAddress) {
  open("toy:moons:n=100");
  for (const std::string& other : std::vector<std::string>{"example.org", "127.0.0.1", "127.0.0.1:1",
                                                           fmt::format("example.org:{}", port_)})
    EXPECT_EQ(ask({.host = other}).status, 403) << other;
  EXPECT_EQ(ask({.host = fmt::format("localhost:{}", port_)}).status, 200);
  // What changes something must come from its own page.
  EXPECT_EQ(ask({.method = "POST", .path = "/api/stop"}).status, 403);
  EXPECT_EQ(ask({.method = "POST", .path = "/api/stop", .more = "Origin: http://example.org\r\n"}).status,
            403);
  EXPECT_EQ(ask({.method = "POST", .path = "/api/stop", .more = "Origin: http://" + host() + "\r\n"}).status,
            200);
}

TEST_F(Studio, ReadsNoFileThatWasNotNamed) {
  open("toy:moons:n=100");
  for (const char* path : {"/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "//etc/passwd", "/etc/passwd"})
    EXPECT_EQ(get(path).status, 404) << path;
  for (const char* run : {"../../etc", "%2e%2e%2fruns", "/etc", "", "."}) {
    EXPECT_EQ(get(std::string("/report?run=") + run).status, 400) << run;
    EXPECT_EQ(get(std::string("/api/decode?z=0&run=") + run).status, 400) << run;
  }
  EXPECT_EQ(get("/compare?runs=x&data=/etc/passwd").status, 400);
  const auto train = [&](const json& wanted) { return post("/api/train", wanted.dump()).status; };
  for (const char* name : {"../x", "a/b", ".hidden", "", "a b", "x\n"})
    EXPECT_EQ(train({{"name", name}, {"model", "pca"}, {"data", "toy:moons:n=100"}}), 400) << name;
  EXPECT_EQ(train({{"name", "x"}, {"model", "pca"}, {"data", "/etc/passwd"}}), 400);
  for (const char* option : {"schema", "labels", "validation", "init", "names"})
    EXPECT_EQ(train({{"name", "x"},
                     {"model", "vae"},
                     {"data", "toy:moons:n=100"},
                     {"options", {{option, "/etc/passwd"}}}}),
              400)
        << option;
  EXPECT_FALSE(fs::exists(at("x")));
  for (const char* body : {"", "{", "[]", "{\"name\": 3}", "null"})
    EXPECT_EQ(post("/api/train", body).status, 400) << body;
}

TEST_F(Studio, RefusesAHugeBody) {
  open("toy:moons:n=100");
  // Larger than is taken: refused by its announced length, nothing of it is read.
  const Connection connection(port_);
  connection.send(
      fmt::format("POST /api/train HTTP/1.1\r\nHost: {}\r\nCookie: pushforward-{}={}\r\nX-Pushforward: 1\r\n"
                  "Content-Length: 9000000000\r\n\r\n",
                  host(), port_, token_));
  EXPECT_EQ(answered(connection.receive([](const std::string& text) {
              return text.find("\r\n\r\n") != std::string::npos;
            })).status,
            413);
  EXPECT_EQ(get("/api/state").status, 200);
}

// A body in chunks says no length, and could go on for ever: it is refused before any of it is read.
TEST_F(Studio, RefusesABodyWithoutALength) {
  open("toy:moons:n=100");
  for (const char* how :
       {"Transfer-Encoding: chunked\r\n", "Transfer-Encoding: gzip\r\nContent-Length: 2\r\n", ""}) {
    const Connection connection(port_);
    connection.send(fmt::format(
        "POST /api/train HTTP/1.1\r\nHost: {}\r\nCookie: pushforward-{}={}\r\nX-Pushforward: 1\r\n{}\r\n",
        host(), port_, token_, how));
    EXPECT_EQ(answered(connection.receive([](const std::string& text) {
                return text.find("\r\n\r\n") != std::string::npos;
              })).status,
              411)
        << how;
  }
  EXPECT_EQ(get("/api/state").status, 200);
}

TEST_F(Studio, TrainsStopsAndGoesOn) {
  open("toy:moons:n=500");
  ASSERT_EQ(post("/api/train", long_training("first")).status, 200);
  EXPECT_EQ(post("/api/train", long_training("second")).status, 400);  // one at a time
  const std::vector<json> begun = events_until("epoch");
  ASSERT_FALSE(begun.empty());
  EXPECT_EQ(begun.front()["type"], "begin");
  EXPECT_EQ(begun.front()["model"], "generator");
  EXPECT_EQ(post("/api/stop").status, 200);
  EXPECT_EQ(events_until("end").back()["stopped"], "interrupted");
  // Everyone who follows sees the same.
  EXPECT_EQ(events_until("end"), events_until("end"));
  EXPECT_EQ(state()["training"], false);
  EXPECT_EQ(state()["runs"][0]["goes_on"], true);
  ASSERT_EQ(post("/api/resume?run=first").status, 200);
  EXPECT_FALSE(events_until("epoch").empty());
  // Ctrl-C in the midst of it: the run can be resumed, by the program as well.
  EXPECT_EQ(closed(), 0);
  EXPECT_EQ(run_program("run " + at("runs/first") + " --quiet").status, 0);
  EXPECT_EQ(run_program("evaluate " + at("runs/first") + " toy:moons:n=200 --quiet").status, 0);
}

TEST_F(Studio, SurvivesTwoHundredConnections) {
  open("toy:moons:n=500");
  ASSERT_EQ(post("/api/train", long_training("busy")).status, 200);
  {
    std::vector<std::unique_ptr<Connection>>
        crowd;  // that say nothing, half a request, or follow and go away
    for (int i = 0; i < 200; ++i) {
      crowd.push_back(std::make_unique<Connection>(port_));
      if (i % 3 == 1) crowd.back()->send("GET / HTTP/1.1\r\nHost: ");
      if (i % 3 == 2)
        crowd.back()->send(
            fmt::format("GET /api/events?token={} HTTP/1.1\r\nHost: {}\r\n\r\n", token_, host()));
    }
  }
  const Answered still = get("/api/state");
  EXPECT_EQ(still.status, 200);
  EXPECT_EQ(json::parse(still.body)["training"], true);
  // Who went away is noticed at the next sign of life; until then their places are taken.
  while (events_until("epoch").empty()) usleep(100'000);
  EXPECT_EQ(closed(), 0);
}

TEST_F(Studio, ServesReportsLatentSpacesAndReadings) {
  ASSERT_EQ(run_program("train vae toy:moons:n=300 -o " + at("line") +
                        " --latent 1 --hidden 8 --likelihood gaussian:learned --epochs 2 --quiet")
                .status,
            0);
  open(at("line") + " toy:moons:n=200");
  EXPECT_EQ(state()["runs"][0]["name"], "line");
  EXPECT_NE(get("/report?run=line").body.find("page-data"), std::string::npos);
  EXPECT_NE(get("/compare?runs=line&data=toy:moons:n%3D200").body.find("page-data"), std::string::npos);
  // The program decodes the same code to the same row.
  std::ofstream(at("z.csv")) << "0.5\n";
  ASSERT_EQ(
      run_program("decode " + at("line") + " " + at("z.csv") + " -o " + at("x.csv") + " --quiet").status, 0);
  const json made = json::parse(get("/api/decode?run=line&z=0.5").body);
  const std::string row = read("x.csv");
  const double wanted = std::stod(row.substr(row.find('\n') + 1));
  EXPECT_NEAR(std::stod(made["row"][0].get<std::string>()), wanted, 1e-5 * std::max(1.0, std::abs(wanted)));
  for (const char* z : {"", "1,2", "x", "nan", "1e999"})
    EXPECT_EQ(get(std::string("/api/decode?run=line&z=") + z).status, 400) << z;
  const std::string rows = "a,b\r\n1,2\r\n3,5\r\n2,2\r\n9,1\r\n4,4\r\n5,0\r\n";
  const auto part = [](const std::string& name, const std::string& file, const std::string& text) {
    return fmt::format("--edge\r\nContent-Disposition: form-data; name=\"{}\"; filename=\"{}\"\r\n\r\n{}\r\n",
                       name, file, text);
  };
  const auto drop = [&](const std::string& body) {
    return ask({.method = "POST",
                .path = "/api/distance",
                .body = body,
                .more = "X-Pushforward: 1\r\nContent-Type: multipart/form-data; boundary=edge\r\n"});
  };
  const Answered page = drop(part("x", "one.csv", rows) + part("y", "../../two.csv", rows) + "--edge--\r\n");
  EXPECT_EQ(page.status, 200) << page.body.substr(0, 300);
  EXPECT_NE(page.body.find("one.csv and .._.._two.csv"), std::string::npos);
  EXPECT_EQ(page.body.find("pushforward-"),
            page.body.find("pushforward-theme"));  // where it lay is nobody's business
  EXPECT_EQ(drop(part("x", "one.csv", rows) + "--edge--\r\n").status, 400);
  EXPECT_EQ(
      drop(part("x", "one.csv", rows) + part("y", "two.csv", "not,a\r\n\"number") + "--edge--\r\n").status,
      400);
}

TEST_F(Studio, RefusesAPortThatIsTaken) {
  open("toy:moons:n=100");
  const Ran second = run_program(fmt::format("studio toy:moons:n=100 --port {}", port_));
  EXPECT_EQ(second.status, 2);
  EXPECT_NE(second.err.find("which is taken"), std::string::npos) << second.err;
  EXPECT_EQ(run_program("studio nothing-of-this-name --port 0").status, 2);
}

}  // namespace
}  // namespace pushforward::testing
