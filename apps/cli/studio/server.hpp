// SPDX-License-Identifier: Apache-2.0
//
// An HTTP server for one person at this machine: on 127.0.0.1 and nowhere else.
//
//   who may ask   whoever has the token: in the address once, from then on in a cookie that scripts cannot
//   read
//                 and that other sites' pages cannot send; all others get 401
//   Host          must be this address, else 403: another site's name may be made to point here (rebinding)
//   Origin        of what changes something must be this address, too
//   bodies        up to kMostBody bytes, told beforehand (else 411), read only after these checks
//   connections   kThreads at once, others wait; who says nothing for some seconds is cut off
//
// cpp-httplib reads and writes; server.cpp alone includes it.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace pushforward::cli::studio {

inline constexpr std::size_t kMostBody = 64u << 20;

struct Uploaded {
  std::string name, contents;  ///< the name as the browser says it: for people, never for paths
};

struct Asked {
  std::map<std::string, std::string> query{};
  std::string body{};
  std::vector<Uploaded> files{};

  /// The text of a field of the address; "" where it is missing.
  std::string field(const std::string& name) const;
};

struct Answer {
  std::string body;
  std::string type = "application/json";
  int status = 200;
};

/// One of a stream of events (text/event-stream); text is one line.
struct Event {
  std::uint64_t id = 0;
  std::string text;
};
/// The events after this id, waiting for some up to half a second.
using NextEvents = std::function<std::vector<Event>(std::uint64_t after)>;

class Server {
 public:
  explicit Server(std::string token);
  ~Server();

  /// Answers may throw RequestError (400, its text) or any other exception (500).
  void get(const std::string& path, std::function<Answer(const Asked&)> answer);
  void post(const std::string& path, std::function<Answer(const Asked&)> answer);
  void events(const std::string& path, NextEvents next);

  /// Takes `port`, or any that is free for 0, and gives its number; RequestError where it is taken.
  int bind(std::size_t port);
  /// Answers until stop(), which any thread may call.
  void run();
  void stop();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

/// 128 bits that nobody can guess, as 32 digits.
std::string new_token();

}  // namespace pushforward::cli::studio
