-- The peers of this folder, for `wsspec run -c conformance/peers/all.lua`.
-- `script/bootstrap peers` installs what they need.

local function peer(folder, name)
  implementation {
    name = name,
    start = { folder .. "/serve", "0" },
    ready = "ready {port}",
    url = "ws://127.0.0.1:{port}/",
  }
end

peer("npm-ws", "ws 8.23 (Node.js)")
peer("py-websockets", "websockets 10.4 (Python)")
peer("py-aiohttp", "aiohttp 3.8 (Python)")
peer("py-tornado", "tornado 6.2 (Python)")
