-- The peers of this folder, for `wsspec run -c conformance/peers/all.lua`.
-- `script/bootstrap peers peers-heavy` installs what they need.

local function peer(folder, name)
  implementation {
    name = name,
    start = { folder .. "/serve", "0" },
    ready = "ready {port}",
    url = "ws://127.0.0.1:{port}/",
  }
end

peer("npm-ws", "ws 8.23 (Node.js)")
peer("npm-websocket", "WebSocket-Node 1.0.35 (Node.js)")
peer("py-websockets", "websockets 10.4 (Python)")
peer("py-aiohttp", "aiohttp 3.8 (Python)")
peer("py-tornado", "tornado 6.2 (Python)")
peer("c-libwebsockets", "libwebsockets 4.1.6 (C)")
peer("c-wslay", "wslay 1.1.1 (C)")
peer("cpp-beast", "Boost.Beast 1.74 (C++)")
peer("proxy-nginx", "nginx 1.22 before ws 8.23")
peer("proxy-haproxy", "haproxy 2.6 before ws 8.23")
peer("java-tomcat", "Tomcat 10.1 (Java)")
peer("erl-cowboy", "cowboy 2.8 (Erlang)")
