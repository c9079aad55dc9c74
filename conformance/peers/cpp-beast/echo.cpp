// cpp-beast [PORT [CERT KEY]]: an echo server on Boost.Beast, as its manual's
// websocket_server_sync: a thread to a connection.
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/ssl.hpp>
#include <boost/beast/version.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/beast/websocket/ssl.hpp>

#include <cstdlib>
#include <iostream>
#include <string>
#include <thread>
#include <utility>

namespace beast = boost::beast;
namespace websocket = beast::websocket;
namespace net = boost::asio;
using tcp = net::ip::tcp;

namespace {

template <class Stream> void echo(websocket::stream<Stream> &ws) {
  websocket::permessage_deflate deflate;
  deflate.server_enable = true;
  ws.set_option(deflate);
  ws.read_message_max(16 << 20);
  ws.set_option(
      websocket::stream_base::decorator([](websocket::response_type &response) {
        response.set(beast::http::field::server,
                     BOOST_BEAST_VERSION_STRING " websocket-server-sync");
      }));
  ws.accept();
  for (;;) {
    beast::flat_buffer buffer;
    ws.read(buffer);
    ws.text(ws.got_text());
    ws.write(buffer.data());
  }
}

void serve(tcp::socket socket, net::ssl::context *tls) {
  try {
    socket.set_option(tcp::no_delay(true));
    if (tls == nullptr) {
      websocket::stream<tcp::socket> ws{std::move(socket)};
      echo(ws);
    } else {
      websocket::stream<beast::ssl_stream<tcp::socket>> ws{std::move(socket),
                                                           *tls};
      ws.next_layer().handshake(net::ssl::stream_base::server);
      echo(ws);
    }
  } catch (const beast::system_error &error) {
    if (error.code() != websocket::error::closed) {
      std::cerr << error.code().message() << '\n';
    }
  }
}

} // namespace

int main(int argc, char **argv) try {
  const auto port =
      static_cast<unsigned short>(argc > 1 ? std::atoi(argv[1]) : 0);
  net::ssl::context context{net::ssl::context::tls_server};
  net::ssl::context *tls = nullptr;
  if (argc > 3) {
    context.use_certificate_chain_file(argv[2]);
    context.use_private_key_file(argv[3], net::ssl::context::pem);
    tls = &context;
  }
  net::io_context ioc{1};
  tcp::acceptor acceptor{ioc, {net::ip::make_address("127.0.0.1"), port}};
  std::cout << "ready " << acceptor.local_endpoint().port() << std::endl;
  for (;;) {
    tcp::socket socket{ioc};
    acceptor.accept(socket);
    std::thread{serve, std::move(socket), tls}.detach();
  }
} catch (const std::exception &error) {
  std::cerr << "cpp-beast: " << error.what() << '\n';
  return EXIT_FAILURE;
}
