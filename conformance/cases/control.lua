-- Control frames other than Close: RFC 6455, sections 5.5, 5.5.2 and 5.5.3.

local LONG = "6455-5.5-02"
local FRAGMENTED = "6455-5.5-03"
local PONG = "6455-5.5.2-03"
local SAME = "6455-5.5.3-02"

local function fails(t, send, opts)
  local ws = t:open()
  send(ws)
  ws:expect_failed(1002, opts)
end

case {
  id = "control.ping-is-answered",
  title = "A ping is answered with a pong",
  requirements = {
    "6455-5.2-22", "6455-5.5.2-01", "6455-5.5.2-03", "6455-5.5.3-01",
    "6455-6.2-02",
  },
  since = "1.0",
  run = function(t)
    local ws = t:open()
    local function answered(payload, req)
      ws:ping(payload)
      ws:expect_pong(payload, { req = req })
    end
    -- What more than three absences would say is not waited for.
    t:variant("with a payload", answered, "Hello, world!", PONG)
    t:variant("opcode 10", answered, "opcode 10", "6455-5.5.3-01")
    t:variant("empty", answered, "", "6455-5.2-22")
    t:variant("opcode 9", answered, "opcode 9", "6455-5.5.2-01")
    t:variant("handled when received", answered, "6.2", "6455-6.2-02")
    ws:finish()
  end,
}

case {
  id = "control.pong-payload",
  title = "A pong carries the payload of its ping, for every length",
  requirements = { SAME, "6455-5.5.2-02" },
  since = "1.0",
  weight = 2,
  run = function(t)
    t:variant("random octets", function()
      local ws = t:open()
      for length = 0, 125 do
        local payload = t.rng:bytes(length)
        ws:ping(payload)
        ws:expect_pong(payload, { req = SAME })
      end
      ws:finish()
    end)
    t:variant("octets that are no text", function()
      local ws = t:open()
      for _, payload in ipairs { hex("00 FF FE FD FC FB 00 FF"), "\0",
        ("\xFE"):rep(125), ("\0"):rep(125) } do
        ws:ping(payload)
        ws:expect_pong(payload, { req = "6455-5.5.2-02" })
      end
      ws:finish()
    end)
  end,
}

case {
  id = "control.ping-in-segments",
  title = "A ping that arrives in pieces is answered",
  requirements = { "6455-6.2-01" },
  since = "1.0",
  run = function(t)
    local ws = t:open()
    for _, n in ipairs { 1, 2, 7 } do
      t:variant("segments of " .. n, function()
        local payload = ("\xFE"):rep(124) .. n
        ws:cork():ping(payload):flush(n)
        ws:expect_pong(payload)
      end)
    end
    ws:finish()
  end,
}

-- "If an endpoint receives a Ping frame and has not yet sent Pong frame(s) in
-- response to previous Ping frame(s), the endpoint MAY elect to send a Pong
-- frame for only the most recently processed Ping frame": only the last is due.
local function ten_pings(t, req, chop)
  local ws = t:open()
  ws:cork()
  for i = 0, 9 do
    ws:ping("payload-" .. i)
  end
  ws:flush(chop)
  ws:expect_pong("payload-9", { req = req })
  ws:finish()
end

case {
  id = "control.ten-pings",
  title = "Of many pings in a row at least the last one is answered",
  requirements = { PONG, "6455-5.5.3-03" },
  since = "1.0",
  run = function(t)
    t:variant("one segment", ten_pings, t, PONG)
    t:variant("octet by octet", ten_pings, t, PONG, 1)
    t:variant("segments of 7", ten_pings, t, "6455-5.5.3-03", 7)
  end,
}

case {
  id = "control.same-ping-twice",
  title = "Pings with the same payload are answered again",
  requirements = { PONG },
  since = "1.0",
  run = function(t)
    local ws = t:open()
    for _ = 1, 3 do
      ws:ping("same")
      ws:expect_pong("same")
    end
    ws:finish()
  end,
}

case {
  id = "control.ping-among-messages",
  title = "A ping between two messages is answered and both are delivered",
  requirements = { PONG, "6455-6.2-02" },
  needs = { "echo" },
  since = "1.0",
  run = function(t)
    local ws = t:open()
    ws:cork():text("one" .. t.nonce):ping("between")
    ws:text("two" .. t.nonce):flush()
    ws:expect_text("one" .. t.nonce, { req = "6455-6.2-02" })
    ws:expect_text("two" .. t.nonce, { req = "6455-6.2-02" })
    ws:expect_pong("between", { req = PONG })
    ws:finish()
  end,
}

-- The pong with this payload that comes before a fence; nil, and what ended the
-- wait, when there is none.
local function pong_before_fence(ws, payload)
  while true do
    local event = ws:next { fence = true }
    if event.kind == "pong" and event.payload == payload then
      return event
    elseif event.kind ~= "text" and event.kind ~= "binary"
      and event.kind ~= "ping" and event.kind ~= "pong" then
      return nil, event
    end
  end
end

case {
  id = "control.unsolicited-pong",
  title = "An unsolicited pong is accepted and gets no answer",
  requirements = { "6455-5.5.3-04", "6455-5.5.3-05" },
  since = "1.0",
  run = function(t)
    local function unsolicited(payload)
      local ws = t:open()
      ws:pong(payload)
      local answer, last = pong_before_fence(ws, payload)
      t:must("6455-5.5.3-05", answer == nil, "no answer to a pong",
        "a pong with its payload")
      if not answer then
        t:must("6455-5.5.3-04", last.kind == "fence",
          "the connection stays in use", last.kind)
      end
      ws:finish()
    end
    t:variant("with a payload", unsolicited, "unsolicited pong payload")
    t:variant("of 125 octets", unsolicited, t.rng:bytes(125))
    t:variant("empty", function()
      -- An empty pong may be the peer's own heartbeat: its absence is not
      -- judged.
      local ws = t:open()
      ws:pong("")
      ws:ping("behind")
      ws:expect_pong("behind", { req = "6455-5.5.3-04" })
      ws:finish()
    end)
    t:variant("followed by a ping", function()
      local ws = t:open()
      ws:pong("unsolicited pong payload"):ping("ping payload")
      ws:expect_pong("ping payload", { req = "6455-5.5.3-04" })
      ws:finish()
    end)
    t:variant("many", function()
      local ws = t:open()
      ws:cork()
      for i = 1, 100 do
        ws:pong("unsolicited " .. i)
      end
      ws:ping("ping payload"):flush()
      ws:expect_pong("ping payload", { req = "6455-5.5.3-04" })
      ws:finish()
    end)
  end,
}

case {
  id = "control.too-long",
  title = "A control frame of more than 125 octets fails the connection",
  requirements = { LONG },
  since = "1.0",
  run = function(t)
    local long = ("\xFE"):rep(126)
    t:variant("ping of 126", fails, t, function(ws)
      ws:ping(long)
    end)
    t:variant("pong of 126", fails, t, function(ws)
      ws:pong(long)
    end)
    t:variant("ping of 126, 64-bit length", fails, t, function(ws)
      ws:ping(long, { form = 64 })
    end)
    t:variant("pong of 126, 64-bit length", fails, t, function(ws)
      ws:pong(long, { form = 64 })
    end)
    t:variant("ping of 65535", fails, t, function(ws)
      ws:ping(("x"):rep(65535))
    end)
    t:variant("ping of 65536", fails, t, function(ws)
      ws:ping(("x"):rep(65536))
    end)
    t:variant("ping of 126 within a message", fails, t, function(ws)
      ws:text("open", { fin = false }):ping(long):continuation("end")
    end)
  end,
}

case {
  id = "control.too-long-close",
  title = "A Close frame of more than 125 octets fails the connection",
  requirements = { LONG },
  since = "1.0",
  run = function(t)
    -- Both readings end the connection: an ordinary answer is non-strict.
    local opts = { probe = false, ordinary_close = "tolerated" }
    t:variant("reason of 124", fails, t, function(ws)
      ws:close(1000, ("*"):rep(124))
    end, opts)
    t:variant("reason of 65534", fails, t, function(ws)
      ws:close(1000, ("*"):rep(65534))
    end, opts)
  end,
}

case {
  id = "control.fragmented",
  title = "A control frame without FIN fails the connection",
  requirements = { FRAGMENTED },
  since = "1.0",
  run = function(t)
    for _, kind in ipairs { "ping", "pong" } do
      t:variant(kind .. " in two fragments", fails, t, function(ws)
        ws[kind](ws, "fragment1", { fin = false }):continuation("fragment2")
      end)
      t:variant(kind .. " that is never finished", fails, t, function(ws)
        ws[kind](ws, "fragment1", { fin = false })
      end)
      t:variant(kind .. ", empty", fails, t, function(ws)
        ws[kind](ws, "", { fin = false })
      end)
      t:variant(kind .. " within a message", fails, t, function(ws)
        ws:text("open", { fin = false })
        ws[kind](ws, "fragment1", { fin = false }):continuation("end")
      end)
    end
  end,
}

case {
  id = "control.fragmented-close",
  title = "A Close frame without FIN fails the connection",
  requirements = { FRAGMENTED },
  since = "1.0",
  run = function(t)
    local opts = { probe = false, ordinary_close = "tolerated" }
    t:variant("with a code", fails, t, function(ws)
      ws:close(1000, nil, { fin = false })
    end, opts)
    t:variant("empty", fails, t, function(ws)
      ws:close(nil, nil, { fin = false })
    end, opts)
    t:variant("in two fragments", fails, t, function(ws)
      ws:cork():close(1000, nil, { fin = false }):continuation("bye"):flush()
    end, opts)
  end,
}
