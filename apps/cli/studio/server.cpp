// SPDX-License-Identifier: Apache-2.0
#include "server.hpp"

#include <sys/random.h>
#include <sys/socket.h>

#include <atomic>
#include <charconv>

#include <fmt/format.h>
#include <httplib.h>

#include "../output.hpp"
#include "pushforward/error.hpp"
#include "pushforward/spec.hpp"

namespace pushforward::cli::studio {
namespace {

constexpr std::size_t kThreads = 24, kMostStreams = 12;
constexpr time_t kPatience = 5;  // seconds for a request's bytes to come
constexpr const char* kPolicy =
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src 'self' data: blob:; "
    "connect-src 'self'; frame-src 'self' blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'";

// Takes the same time wherever two texts differ.
bool same_secret(const std::string& a, const std::string& b) {
  unsigned difference = a.size() == b.size() ? 0 : 1;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i)
    difference |= static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(b[i]);
  return difference == 0;
}

// The value of `name` in a Cookie header.
std::string cookie_of(const std::string& header, const std::string& name) {
  for (const std::string& part : split(header, ';')) {
    const std::size_t begin = part.find_first_not_of(' '), equals = part.find('=');
    if (begin != std::string::npos && equals != std::string::npos &&
        part.substr(begin, equals - begin) == name)
      return part.substr(equals + 1);
  }
  return "";
}

void say(httplib::Response& response, int status, const std::string& problem) {
  response.status = status;
  response.set_content(Json{{"error", problem}}.dump(-1, ' ', false, Json::error_handler_t::replace),
                       "application/json");
  if (status == 401 || status == 403 || status == 411) response.set_header("Connection", "close");
}

Asked asked_of(const httplib::Request& request) {
  Asked asked;
  for (const auto& [name, value] : request.params) asked.query.emplace(name, value);
  asked.body = request.body;
  for (const auto& [name, file] : request.files) asked.files.push_back({file.filename, file.content});
  return asked;
}

void answer_with(const std::function<Answer(const Asked&)>& answer, const httplib::Request& request,
                 httplib::Response& response) {
  try {
    const Answer made = answer(asked_of(request));
    response.status = made.status;
    response.set_content(made.body, made.type);
  } catch (const RequestError& problem) {
    say(response, 400, problem.what());
  } catch (const std::exception& problem) {
    say(response, 500, problem.what());
  }
}

std::uint64_t number_of(const std::string& text) {
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

}  // namespace

std::string Asked::field(const std::string& name) const {
  const auto found = query.find(name);
  return found == query.end() ? "" : found->second;
}

struct Server::Parts {
  httplib::Server http{};
  std::string token;
  int port = 0;
  std::atomic<bool> stopping{false};
  std::atomic<std::size_t> streams{0};

  explicit Parts(std::string secret) : token(std::move(secret)) {}

  std::string cookie() const { return fmt::format("pushforward-{}", port); }
  bool is_here(const std::string& address) const {
    return address == fmt::format("127.0.0.1:{}", port) || address == fmt::format("localhost:{}", port);
  }
  bool knows(const httplib::Request& request) const {
    return same_secret(cookie_of(request.get_header_value("Cookie"), cookie()), token) ||
           same_secret(request.get_param_value("token"), token);
  }
  bool from_here(const httplib::Request& request) const {
    if (request.method == "GET" || request.method == "HEAD") return true;
    const std::string origin = request.get_header_value("Origin");
    return origin.empty() ? request.has_header("X-Pushforward")
                          : origin.starts_with("http://") && is_here(origin.substr(7));
  }

  // The library measures a body against kMostBody by its length alone: one in chunks would be read for ever.
  static bool endless(const httplib::Request& request) {
    return request.has_header("Transfer-Encoding") ||
           (request.method != "GET" && request.method != "HEAD" && !request.has_header("Content-Length"));
  }

  // Before anything is routed, and before a body is read.
  httplib::Server::HandlerResponse gate(const httplib::Request& request, httplib::Response& response) const {
    using Handled = httplib::Server::HandlerResponse;
    response.set_header("Cache-Control", "no-store");
    response.set_header("X-Content-Type-Options", "nosniff");
    response.set_header("Referrer-Policy", "no-referrer");
    response.set_header("Content-Security-Policy", kPolicy);
    if (!is_here(request.get_header_value("Host")))
      return say(response, 403, "not this address"), Handled::Handled;
    if (!knows(request)) return say(response, 401, "no token, or a wrong one"), Handled::Handled;
    if (!from_here(request)) return say(response, 403, "from another site"), Handled::Handled;
    if (endless(request)) return say(response, 411, "a body that does not say its length"), Handled::Handled;
    if (request.has_param("token"))
      response.set_header("Set-Cookie",
                          fmt::format("{}={}; HttpOnly; SameSite=Strict; Path=/", cookie(), token));
    return Handled::Unhandled;
  }

  // Sends what comes, and a sign of life in between, which tells when the browser has gone.
  bool send(const NextEvents& next, std::uint64_t& last, httplib::DataSink& sink) const {
    if (stopping) return sink.done(), true;
    std::string text;
    for (const Event& event : next(last)) {
      text += fmt::format("id: {}\ndata: {}\n\n", event.id, event.text);
      last = event.id;
    }
    if (text.empty()) text = ": still here\n\n";
    return sink.write(text.data(), text.size());
  }
};

Server::Server(std::string token) : parts_(std::make_unique<Parts>(std::move(token))) {
  httplib::Server& http = parts_->http;
  http.new_task_queue = [] { return new httplib::ThreadPool(kThreads); };
  http.set_socket_options([](int socket) {  // its own would let a second server take the same port
    const int yes = 1;
    setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  });
  http.set_payload_max_length(kMostBody);
  http.set_read_timeout(kPatience).set_write_timeout(kPatience).set_keep_alive_timeout(1);
  http.set_pre_routing_handler(
      [parts = parts_.get()](const httplib::Request& request, httplib::Response& response) {
        return parts->gate(request, response);
      });
}

Server::~Server() = default;

void Server::get(const std::string& path, std::function<Answer(const Asked&)> answer) {
  parts_->http.Get(path, [answer = std::move(answer)](const auto& request, auto& response) {
    answer_with(answer, request, response);
  });
}

void Server::post(const std::string& path, std::function<Answer(const Asked&)> answer) {
  parts_->http.Post(
      path, [answer = std::move(answer)](const httplib::Request& request, httplib::Response& response) {
        answer_with(answer, request, response);
      });
}

void Server::events(const std::string& path, NextEvents next) {
  parts_->http.Get(path, [parts = parts_.get(), next = std::move(next)](const auto& request, auto& response) {
    if (++parts->streams > kMostStreams) {
      --parts->streams;
      return say(response, 503, "too many pages follow already");
    }
    auto last = std::make_shared<std::uint64_t>(number_of(request.get_header_value("Last-Event-ID")));
    response.set_chunked_content_provider(
        "text/event-stream",
        [parts, next, last](std::size_t, httplib::DataSink& sink) { return parts->send(next, *last, sink); },
        [parts](bool) { --parts->streams; });
  });
}

int Server::bind(std::size_t port) {
  if (port == 0) {
    parts_->port = parts_->http.bind_to_any_port("127.0.0.1");
  } else if (parts_->http.bind_to_port("127.0.0.1", static_cast<int>(port))) {
    parts_->port = static_cast<int>(port);
  }
  if (parts_->port <= 0)
    throw RequestError(Complaint{"--port", fmt::format("{}, which is taken", port), "a free port",
                                 "0 takes any that is free"});
  return parts_->port;
}

void Server::run() { parts_->http.listen_after_bind(); }

void Server::stop() {
  parts_->stopping = true;
  parts_->http.stop();
}

std::string new_token() {
  unsigned char bytes[16];
  if (getrandom(bytes, sizeof bytes, 0) != static_cast<ssize_t>(sizeof bytes))
    throw WorkError("studio: the system gives no random bytes");
  std::string text;
  for (const unsigned char byte : bytes) text += fmt::format("{:02x}", byte);
  return text;
}

}  // namespace pushforward::cli::studio
