-- permessage-deflate: what a server sends (RFC 7692, sections 6.1 and 7.2.1),
-- shown by its echo. Our inflater measures how far each match goes back: zlib
-- does not, it copies what it still holds.

local function sends(c)
  c.needs = { "echo" }
  c.since = "1.0"
  case(c)
end

-- A connection on which the offer is agreed to, or nil. For variants, each of
-- which the server may decline.
local function agreed(t, offer)
  local r, why, ws = t:ask { extensions = offer }
  if r and r.status == 101 then
    ws:upgrade()
    return ws.deflate and ws
  end
end

-- The echo, as an event. Many servers compress only what answers something
-- compressed: whoever judges what is compressed sends with { deflate = true }.
local function echo(t, ws, req, text, opts)
  ws:text(text, opts)
  local event, found = ws:receive("text", text)
  t:must(req, found, "the echo of " .. #text .. " octets", event.kind,
    event.kind == "timeout")
  return found and event
end

sends {
  id = "deflate.echo-inflates",
  title = "The messages of a compressing server inflate to what was meant",
  requirements = { "7692-6.1-01", "7692-7.2.1-01" },
  run = function(t)
    local ws = t:open_deflate()
    for _, len in ipairs { 5, 20, 125, 126, 1000, 20000, 66000 } do
      local text = (t.nonce .. t.rng:text(20)):rep(len // 32 + 1):sub(1, len)
      local event = echo(t, ws, "7692-7.2.1-01", text, { deflate = true })
      if not event then
        return
      end
      t:must("7692-7.2.1-01", not event.inflate_error, "data that inflate",
        event.inflate_error)
    end
    for _ = 1, 3 do
      ws:text("again " .. t.nonce, { deflate = true })
      ws:expect_text("again " .. t.nonce, { req = "7692-6.1-01" })
    end
    ws:finish()
  end,
}

sends {
  id = "deflate.echo-of-uncompressed",
  title = "What a server sends compressed says so by RSV1",
  requirements = { "7692-6.1-01" },
  run = function(t)
    local ws = t:open_deflate()
    for i = 1, 3 do
      local text = (i .. " " .. t.nonce .. " "):rep(20)
      ws:text(text)
      ws:expect_text(text, { req = "7692-6.1-01" })
    end
    ws:finish()
  end,
}

sends {
  id = "deflate.echo-keeps-type",
  title = "A compressed message has the type of the message it stands for",
  requirements = { "7692-6.1-06" },
  run = function(t)
    local ws = t:open_deflate()
    local text = ("type " .. t.nonce):rep(4)
    ws:text(text, { deflate = true })
    ws:expect_text(text, { req = "7692-6.1-06" })
    ws:binary(text, { deflate = true })
    ws:expect_binary(text, { req = "7692-6.1-06" })
    ws:finish()
  end,
}

-- Nobody has to compress what would only become longer.
sends {
  id = "deflate.echo-uncompressed",
  title = "What a server does not compress travels as it is, with RSV1 clear",
  requirements = { "7692-6.1-02" },
  run = function(t)
    local ws = t:open_deflate()
    for _, text in ipairs { "a", "xyz", "Hello", t.nonce } do
      for _, compressed in ipairs { true, false } do
        ws:text(text, { deflate = compressed })
        ws:expect_text(text, { req = "7692-6.1-02" })
      end
    end
    ws:finish()
  end,
}

sends {
  id = "deflate.control-frames",
  title = "Control frames are never compressed",
  requirements = { "7692-6-01" },
  run = function(t)
    local ws = t:open_deflate()
    local payload = ("ping " .. t.nonce .. " "):rep(5)
    ws:ping(payload)
    ws:expect_pong(payload, { req = "7692-6-01" })
    ws:text(payload, { deflate = true })
    ws:expect_text(payload, { req = "7692-6-01" })
    ws:ping(payload)
    ws:expect_pong(payload, { req = "7692-6-01" })
    ws:finish()
  end,
}

sends {
  id = "deflate.echo-of-empty",
  title = "An empty message that is compressed has an octet",
  requirements = { "7692-7.2.3.6-01" },
  run = function(t)
    local ws = t:open_deflate()
    for _, compressed in ipairs { true, false } do
      local event = echo(t, ws, "7692-7.2.3.6-01", "",
        { deflate = compressed })
      if event then
        t:must("7692-7.2.3.6-01", not event.compressed or event.wire_len > 0,
          "an octet, or no RSV1", "RSV1 and no octets")
      end
    end
    ws:finish()
  end,
}

-- 7.2.1: the four octets leave the end of the message, not of each fragment.
sends {
  id = "deflate.echo-in-fragments",
  title = "The fragments of a compressed message make one stream",
  requirements = { "7692-7.2.1-06" },
  run = function(t)
    local ws = t:open_deflate()
    local text = t.rng:text(70000)
    local frames = 1
    for _, part in ipairs { text:sub(1, 200), text } do
      local event = echo(t, ws, "7692-7.2.1-06", part, { deflate = true })
      if not event then
        return
      end
      frames = math.max(frames, event.frames)
    end
    t:note("7692-7.2.1-06", "messages of up to " .. frames .. " frames")
    ws:finish()
  end,
}

-- Text in which nothing repeats but what is far away: a window of 2^bits octets
-- does not reach the first half from the second. Another message reaches back
-- into the one before.
local function judge_window(t, ws, bits)
  local limit = 1 << bits
  for _, distance in ipairs { limit + 50, limit * 2 - 300 } do
    local part = t.rng:text(distance)
    for _, text in ipairs { part .. part, part } do
      local event = echo(t, ws, "7692-7.2.1-15", text, { deflate = true })
      if not event then
        return
      end
      local agreed_to = "matches within " .. limit .. " octets"
      local got = "a match " .. event.distance .. " octets back"
      t:must("7692-7.2.1-15", event.distance <= limit, agreed_to, got)
      t:must("7692-5-08", event.distance <= limit, agreed_to, got)
      if not event.compressed then
        t:note("7692-7.2.1-15", #text .. " octets leave uncompressed")
      end
    end
  end
end

sends {
  id = "deflate.server-window",
  title = "No match goes back further than the agreed server_max_window_bits",
  requirements = { "7692-5-08", "7692-7.2.1-15" },
  run = function(t)
    local judged = false
    for bits = 8, 14 do
      t:variant("server_max_window_bits=" .. bits, function()
        local ws = agreed(t, "permessage-deflate; server_max_window_bits=" .. bits)
        if ws then
          judged = true
          judge_window(t, ws, ws.deflate.server_max_window_bits)
          ws:finish()
        end
      end)
    end
    if not judged then
      t:skip("no server_max_window_bits is agreed to")
    end
  end,
}

sends {
  id = "deflate.server-no-takeover",
  title = "With server_no_context_takeover each message begins with an empty window",
  requirements = { "7692-7.2.1-11" },
  run = function(t)
    local ws = t:open_deflate("permessage-deflate; server_no_context_takeover")
    if not ws.deflate.server_no_context_takeover then
      t:skip("server_no_context_takeover is not agreed to")
    end
    local text = t.nonce .. t.rng:text(500)
    for _ = 1, 3 do
      local event = echo(t, ws, "7692-7.2.1-11", text, { deflate = true })
      if not event then
        return
      end
      t:must("7692-7.2.1-11", event.reach == 0,
        "no match into the message before",
        "a match " .. event.reach .. " octets into it")
    end
    ws:finish()
  end,
}

sends {
  id = "deflate.server-takeover",
  title = "Without server_no_context_takeover a server may keep its window",
  requirements = { "7692-7.2.1-12" },
  info = true,
  run = function(t)
    local ws = t:open_deflate()
    local text = t.nonce .. t.rng:text(500)
    local reach = 0
    for _ = 1, 2 do
      ws:text(text, { deflate = true })
      local event, found = ws:receive("text", text)
      reach = found and event.reach or 0
    end
    t:note("7692-7.2.1-12", reach > 0 and "messages refer to the one before"
      or "no message refers to the one before")
    ws:finish()
  end,
}
