-- Frames that must fail the connection whatever they carry: RFC 6455, sections
-- 5.2, 7.1.7 and 10.7. Fragmentation and control frames have their own files,
-- and so has what is legal but too much: errors_robustness.lua.

local RSV = "6455-5.2-04"
local OPCODE = "6455-5.2-06"
local HELLO = "Hello, world!"

local rsv_names = {
  "RSV3", "RSV2", "RSV2 and RSV3", "RSV1", "RSV1 and RSV3", "RSV1 and RSV2",
  "RSV1, RSV2 and RSV3",
}

local function each_rsv(t, send, opts)
  for rsv, name in ipairs(rsv_names) do
    t:variant(name, function()
      local ws = t:open()
      send(ws, rsv)
      ws:expect_failed(1002, opts)
    end)
  end
end

case {
  id = "errors.rsv-text",
  title = "A text frame with a reserved bit set fails the connection",
  requirements = { RSV },
  since = "1.0",
  run = function(t)
    each_rsv(t, function(ws, rsv)
      ws:text(HELLO .. t.nonce, { rsv = rsv })
    end)
  end,
}

case {
  id = "errors.rsv-binary",
  title = "A binary frame with a reserved bit set fails the connection",
  requirements = { RSV },
  since = "1.0",
  run = function(t)
    each_rsv(t, function(ws, rsv)
      ws:binary(hex("00 FF FE FD FC FB 00 FF") .. t.nonce, { rsv = rsv })
    end)
  end,
}

case {
  id = "errors.rsv-continuation",
  title = "A continuation frame with a reserved bit set fails the connection",
  requirements = { RSV },
  since = "1.0",
  run = function(t)
    each_rsv(t, function(ws, rsv)
      ws:text(t.nonce, { fin = false }):continuation(HELLO, { rsv = rsv })
    end)
  end,
}

case {
  id = "errors.rsv-ping",
  title = "A ping with a reserved bit set fails the connection",
  requirements = { RSV },
  since = "1.0",
  run = function(t)
    each_rsv(t, function(ws, rsv)
      ws:ping(HELLO, { rsv = rsv })
    end)
  end,
}

case {
  id = "errors.rsv-pong",
  title = "A pong with a reserved bit set fails the connection",
  requirements = { RSV },
  since = "1.0",
  run = function(t)
    each_rsv(t, function(ws, rsv)
      ws:pong(HELLO, { rsv = rsv })
    end)
  end,
}

case {
  id = "errors.rsv-close",
  title = "A Close frame with a reserved bit set fails the connection",
  requirements = { RSV },
  since = "1.0",
  run = function(t)
    -- Both readings end the connection: an ordinary answer is non-strict.
    each_rsv(t, function(ws, rsv)
      ws:close(1000, nil, { rsv = rsv })
    end, { probe = false, ordinary_close = "tolerated" })
    t:variant("all, empty body", function()
      local ws = t:open()
      ws:close(nil, nil, { rsv = 7 })
      ws:expect_failed(1002, {
        probe = false,
        ordinary_close = "tolerated",
      })
    end)
  end,
}

case {
  id = "errors.rsv-empty",
  title = "An empty frame with a reserved bit set fails the connection",
  requirements = { RSV },
  since = "1.0",
  run = function(t)
    each_rsv(t, function(ws, rsv)
      ws:text("", { rsv = rsv })
    end)
  end,
}

case {
  id = "errors.rsv-after-message",
  title = "A reserved bit fails the connection also after a valid message",
  requirements = { RSV },
  needs = { "echo" },
  since = "1.0",
  run = function(t)
    local function after_echo(rsv, chop)
      local ws = t:open()
      ws:text(HELLO .. t.nonce)
      ws:expect_text(HELLO .. t.nonce)
      ws:cork():text("again" .. t.nonce, { rsv = rsv }):ping("behind")
      ws:flush(chop)
      ws:expect_failed(1002)
    end
    t:variant("RSV2", after_echo, 2)
    t:variant("RSV2 and RSV3", after_echo, 3)
    t:variant("RSV1, octet by octet", after_echo, 4, 1)
  end,
}

local reserved = {
  { opcode = 0x3, name = "opcode 3" }, { opcode = 0x4, name = "opcode 4" },
  { opcode = 0x5, name = "opcode 5" }, { opcode = 0x6, name = "opcode 6" },
  { opcode = 0x7, name = "opcode 7" }, { opcode = 0xB, name = "opcode B" },
  { opcode = 0xC, name = "opcode C" }, { opcode = 0xD, name = "opcode D" },
  { opcode = 0xE, name = "opcode E" }, { opcode = 0xF, name = "opcode F" },
}

local function each_reserved(t, send)
  for _, row in ipairs(reserved) do
    t:variant(row.name, function()
      local ws = t:open()
      send(ws, row.opcode)
      ws:expect_failed(1002)
    end)
  end
end

case {
  id = "errors.reserved-opcode-empty",
  title = "An empty frame of a reserved opcode fails the connection",
  requirements = { OPCODE },
  since = "1.0",
  run = function(t)
    each_reserved(t, function(ws, opcode)
      ws:frame { opcode = opcode, payload = "" }
    end)
  end,
}

case {
  id = "errors.reserved-opcode-payload",
  title = "A frame of a reserved opcode with a payload fails the connection",
  requirements = { OPCODE },
  since = "1.0",
  run = function(t)
    each_reserved(t, function(ws, opcode)
      ws:frame { opcode = opcode, payload = "reserved opcode payload" }
    end)
  end,
}

case {
  id = "errors.reserved-opcode-unfinished",
  title = "A frame of a reserved opcode without FIN fails the connection",
  requirements = { OPCODE },
  since = "1.0",
  run = function(t)
    each_reserved(t, function(ws, opcode)
      ws:frame { opcode = opcode, payload = HELLO, fin = false }
    end)
  end,
}

case {
  id = "errors.reserved-opcode-in-message",
  title = "A reserved opcode between two fragments fails the connection",
  requirements = { OPCODE },
  since = "1.0",
  run = function(t)
    each_reserved(t, function(ws, opcode)
      ws:text(t.nonce, { fin = false })
      ws:frame { opcode = opcode, payload = HELLO }
      ws:continuation("end")
    end)
  end,
}

case {
  id = "errors.reserved-opcode-after-message",
  title = "A reserved opcode fails the connection also after a valid message",
  requirements = { OPCODE },
  needs = { "echo" },
  since = "1.0",
  run = function(t)
    local function after_echo(opcode, payload, chop)
      local ws = t:open()
      ws:text(HELLO .. t.nonce)
      ws:expect_text(HELLO .. t.nonce)
      ws:cork():frame { opcode = opcode, payload = payload }
      ws:ping("behind"):flush(chop)
      ws:expect_failed(1002)
    end
    t:variant("opcode 5, empty", after_echo, 0x5, "")
    t:variant("opcode 6", after_echo, 0x6, HELLO)
    t:variant("opcode 7, octet by octet", after_echo, 0x7, HELLO, 1)
    t:variant("opcode D, empty", after_echo, 0xD, "")
    t:variant("opcode E", after_echo, 0xE, HELLO)
    t:variant("opcode F, octet by octet", after_echo, 0xF, HELLO, 1)
  end,
}

-- One violation of each kind that a frame header alone shows.
local violations = {
  {
    name = "reserved bit",
    send = function(ws)
      ws:text(HELLO, { rsv = 4 })
    end,
  },
  {
    name = "reserved opcode",
    send = function(ws)
      ws:frame { opcode = 3, payload = HELLO }
    end,
  },
  {
    name = "reserved control opcode",
    send = function(ws)
      ws:frame { opcode = 11, payload = HELLO }
    end,
  },
  {
    name = "continuation without a message",
    send = function(ws)
      ws:continuation(HELLO)
    end,
  },
  {
    name = "fragmented ping",
    send = function(ws)
      ws:ping(HELLO, { fin = false })
    end,
  },
  {
    name = "ping of 126 octets",
    send = function(ws)
      ws:ping(("x"):rep(126))
    end,
  },
  {
    name = "pong of 126 octets",
    send = function(ws)
      ws:pong(("x"):rep(126))
    end,
  },
  {
    name = "reserved bit of a ping",
    send = function(ws)
      ws:ping(HELLO, { rsv = 2 })
    end,
  },
  {
    name = "message inside a message",
    send = function(ws)
      ws:text(HELLO, { fin = false }):binary(HELLO)
    end,
  },
}

case {
  id = "errors.nothing-after-failure",
  title = "Once the connection has failed, what follows is not processed",
  requirements = { "6455-7.1.7-07" },
  since = "1.0",
  run = function(t)
    for _, violation in ipairs(violations) do
      t:variant(violation.name .. ", then a message", function()
        local ws = t:open()
        ws:cork():ping("before")
        violation.send(ws)
        ws:text("behind" .. t.nonce):binary("behind" .. t.nonce)
        ws:ping("behind"):flush()
        ws:expect_failed(1002)
      end)
    end
  end,
}

case {
  id = "errors.split-violation",
  title = "A violation fails the connection however TCP cuts it into segments",
  requirements = { "6455-6.2-01" },
  since = "1.0",
  run = function(t)
    for _, violation in ipairs(violations) do
      t:variant(violation.name .. ", octet by octet", function()
        local ws = t:open()
        ws:cork()
        violation.send(ws)
        ws:flush(1)
        ws:expect_failed(1002)
      end)
    end
  end,
}

case {
  id = "errors.protocol-error-code",
  title = "A protocol error is reported as 1002 when a code is sent",
  requirements = { "6455-7.4.1-02" },
  since = "1.0",
  run = function(t)
    for _, violation in ipairs(violations) do
      t:variant(violation.name, function()
        local ws = t:open()
        violation.send(ws)
        ws:expect_failed(1002)
      end)
    end
  end,
}

case {
  id = "errors.connection-is-closed",
  title = "A server that fails a connection closes it",
  requirements = { "6455-7.1.7-03" },
  since = "1.0",
  run = function(t)
    local noticed = false
    for _, violation in ipairs(violations) do
      t:variant(violation.name, function()
        local ws = t:open()
        violation.send(ws)
        -- Whether it is noticed at all is judged above.
        if not ws:alive() then
          noticed = true
          ws:expect_end { tolerate = 30 }
        end
      end)
    end
    if not noticed then
      t:skip("the server does not fail the connection")
    end
  end,
}

case {
  id = "errors.not-frames",
  title = "Octets that are no frames at all fail the connection",
  requirements = { "6455-10.7-01" },
  since = "1.0",
  run = function(t)
    -- Read as a frame, each announces no more than it brings: a peer that
    -- judges a frame when it is complete has nothing to wait for.
    local function garbage(bytes)
      local ws = t:open()
      ws:send(bytes)
      ws:expect_failed(1002)
    end
    t:variant("HTTP request", garbage, "GET / HTTP/1.1\r\nHost: example.com\r\n"
      .. "Accept: text/html\r\nAccept-Encoding: gzip\r\n\r\n")
    t:variant("TLS record", garbage,
      hex("16 03 01 00 2F 01 00 00 2B 03 03") .. t.rng:bytes(41))
    t:variant("hixie-76 frame", garbage,
      "\0" .. t.nonce .. (" "):rep(125) .. "\xFF")
    t:variant("64 zero octets", garbage, ("\0"):rep(64))
    t:variant("64 octets FF", garbage, ("\xFF"):rep(64))
    t:variant("noise", garbage, "\x70\x05" .. t.rng:bytes(254))
  end,
}
