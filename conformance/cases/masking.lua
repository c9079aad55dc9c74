-- Masking, from the side of a server: RFC 6455, sections 5.1 and 5.3.
--
-- "The server MUST close the connection upon receiving a frame that is not
-- masked." An unmasked frame leaves a lenient parser in step, so the probe ping
-- that follows it is answered exactly when the frame was let through.

local MIXED = hex("37 FA 21 3D")
local keys = {
  { label = "key of zeros", key = hex("00 00 00 00") },
  { label = "key of ones", key = hex("FF FF FF FF") },
  { label = "key of four different octets", key = hex("01 02 03 04") },
}

local function unmasked(t, req, send)
  local ws = t:open()
  send(ws)
  ws:expect_failed(1002, { req = req })
end

case {
  id = "masking.data-unmasked",
  title = "A server closes the connection when a data frame is not masked",
  requirements = { "6455-5.1-03" },
  since = "1.0",
  run = function(t)
    t:variant("text", unmasked, t, "6455-5.1-03", function(ws)
      ws:text("Hello " .. t.nonce, { masked = false })
    end)
    t:variant("binary", unmasked, t, "6455-5.1-03", function(ws)
      ws:binary("Hello " .. t.nonce, { masked = false })
    end)
    t:variant("text of 126 octets", unmasked, t, "6455-5.1-03", function(ws)
      ws:text(t.rng:text(126), { masked = false })
    end)
    t:variant("first fragment", unmasked, t, "6455-5.1-03", function(ws)
      ws:text("Hel", { fin = false, masked = false }):continuation("lo")
    end)
  end,
}

case {
  id = "masking.control-unmasked",
  title = "A server closes the connection when a ping or pong is not masked",
  requirements = { "6455-5.1-04" },
  since = "1.0",
  run = function(t)
    t:variant("ping", unmasked, t, "6455-5.1-04", function(ws)
      ws:ping("x", { masked = false })
    end)
    t:variant("pong", unmasked, t, "6455-5.1-04", function(ws)
      ws:pong("x", { masked = false })
    end)
  end,
}

case {
  id = "masking.empty-unmasked",
  title = "A server closes the connection when an empty frame is not masked",
  requirements = { "6455-5.1-03", "6455-5.1-04" },
  since = "1.0",
  run = function(t)
    t:variant("text", unmasked, t, "6455-5.1-03", function(ws)
      ws:text("", { masked = false })
    end)
    t:variant("binary", unmasked, t, "6455-5.1-03", function(ws)
      ws:binary("", { masked = false })
    end)
    t:variant("ping", unmasked, t, "6455-5.1-04", function(ws)
      ws:ping("", { masked = false })
    end)
    t:variant("pong", unmasked, t, "6455-5.1-04", function(ws)
      ws:pong("", { masked = false })
    end)
  end,
}

case {
  id = "masking.continuation-unmasked",
  title = "A server closes the connection when a later fragment is not masked",
  requirements = { "6455-5.1-05" },
  since = "1.0",
  run = function(t)
    t:variant("last fragment", unmasked, t, "6455-5.1-05", function(ws)
      ws:text("He", { fin = false, key = MIXED })
      ws:continuation("llo", { masked = false })
    end)
    t:variant("middle fragment", unmasked, t, "6455-5.1-05", function(ws)
      ws:text("He", { fin = false, key = MIXED })
      ws:continuation("ll", { fin = false, masked = false })
      ws:continuation("o")
    end)
    t:variant("empty fragment", unmasked, t, "6455-5.1-05", function(ws)
      ws:text("Hello", { fin = false, key = MIXED })
      ws:continuation("", { masked = false })
    end)
  end,
}

case {
  id = "masking.close-unmasked",
  title = "A server ends the connection when a Close frame is not masked",
  requirements = { "6455-5.1-04" },
  since = "1.0",
  run = function(t)
    -- An answer to the Close and a failure look alike: any end conforms.
    local any_end = { 1002, 1000, 1005 }
    t:variant("with a code", function()
      local ws = t:open()
      ws:close(1000, nil, { masked = false })
      ws:expect_failed(any_end)
    end)
    t:variant("empty", function()
      local ws = t:open()
      ws:close(nil, nil, { masked = false })
      ws:expect_failed(any_end)
    end)
  end,
}

case {
  id = "masking.after-masked",
  title = "A server that has read masked frames still refuses an unmasked one",
  requirements = { "6455-5.1-03", "6455-5.1-04" },
  since = "1.0",
  run = function(t)
    local function after_ping(req, send)
      local ws = t:open()
      ws:ping("before")
      ws:expect_pong("before", { req = req })
      send(ws)
      ws:expect_failed(1002, { req = req })
    end
    t:variant("text", after_ping, "6455-5.1-03", function(ws)
      ws:text(t.nonce, { masked = false })
    end)
    t:variant("ping", after_ping, "6455-5.1-04", function(ws)
      ws:ping("x", { masked = false })
    end)
  end,
}

case {
  id = "masking.nothing-after-unmasked",
  title = "Nothing that follows an unmasked frame in its segment is processed",
  requirements = { "6455-5.1-03", "6455-7.1.7-07" },
  since = "1.0",
  run = function(t)
    t:variant("ping behind it", function()
      local ws = t:open()
      ws:cork():ping("A"):text("Hello", { masked = false }):ping("C"):flush()
      ws:expect_failed(1002, { req = "6455-5.1-03" })
    end)
    t:variant("message behind it", function()
      local ws = t:open()
      ws:cork():ping("A"):text("Hello", { masked = false })
      ws:text(t.nonce):flush()
      ws:expect_failed(1002, { req = "6455-7.1.7-07" })
    end)
  end,
}

case {
  id = "masking.failure-told",
  title = "A server may say with Close 1002 that a frame was not masked",
  requirements = { "6455-5.1-06" },
  info = true,
  since = "1.0",
  run = function(t)
    local ws = t:open()
    ws:ping("x", { masked = false })
    local event
    repeat
      event = ws:next { timeout = t.timeout }
    until event.kind == "close" or event.kind == "fin" or event.kind == "rst"
      or event.kind == "timeout"
    t:note("6455-5.1-06", event.kind == "close" and "Close " .. event.code
      or "no Close: " .. event.kind)
    ws:finish()
  end,
}

local function pings_of_every_length(t, key)
  local ws = t:open()
  for length = 0, 125 do
    local payload = t.rng:bytes(length)
    ws:ping(payload, { key = key })
    ws:expect_pong(payload, { req = "6455-5.3-05" })
  end
  ws:finish()
end

case {
  id = "masking.unmasks-every-length",
  title = "A server unmasks payloads of every length with any masking key",
  requirements = { "6455-5.3-05" },
  since = "1.0",
  weight = 2,
  run = function(t)
    for _, row in ipairs(keys) do
      t:variant(row.label, pings_of_every_length, t, row.key)
    end
  end,
}

case {
  id = "masking.unmasks-across-segments",
  title = "A server unmasks a payload that arrives one octet at a time",
  requirements = { "6455-5.3-05", "6455-5.3-06" },
  since = "1.0",
  weight = 2,
  run = function(t)
    local lengths = { 0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 125 }
    for _, row in ipairs(keys) do
      t:variant(row.label, function()
        local ws = t:open()
        for _, length in ipairs(lengths) do
          local payload = t.rng:bytes(length)
          ws:cork():ping(payload, { key = row.key }):flush(1)
          ws:expect_pong(payload, { req = "6455-5.3-05" })
        end
        -- Cut once, at every place.
        local payload = t.rng:bytes(9)
        for first = 1, 14 do
          ws:cork():ping(payload, { key = row.key }):flush(first)
          ws:expect_pong(payload, { req = "6455-5.3-05" })
        end
        -- Two pings in one stream of octets: a key or a payload counted wrong
        -- leaves the second without its header.
        ws:cork():ping("one"):ping("another"):flush(1)
        ws:expect_pong("another", { req = "6455-5.3-06" })
        ws:finish()
      end)
    end
  end,
}

case {
  id = "masking.key-begins-with-each-frame",
  title = "Each fragment is unmasked with its own key, from its first octet on",
  requirements = { "6455-5.2-07", "6455-5.3-05" },
  needs = { "echo" },
  since = "1.0",
  run = function(t)
    local parts = { "a", "bc", "def", "ghijk", "lmnopqr", "stuvwxyz0" }
    local whole = t.nonce .. table.concat(parts) .. "end"
    t:variant("a key for each fragment", function()
      local ws = t:open()
      ws:text(t.nonce, { fin = false, key = MIXED })
      for i, part in ipairs(parts) do
        ws:continuation(part, {
          fin = false,
          key = string.char(i, 0x40 + i, 0x80 + i, 0xC0 + i),
        })
      end
      ws:continuation("end", { key = hex("00 00 00 00") })
      ws:expect_text(whole, { req = "6455-5.2-07" })
      ws:finish()
    end)
    t:variant("one key for all fragments", function()
      local ws = t:open()
      ws:text(t.nonce, { fin = false, key = MIXED })
      for _, part in ipairs(parts) do
        ws:continuation(part, { fin = false, key = MIXED })
      end
      ws:continuation("end", { key = MIXED })
      ws:expect_text(whole, { req = "6455-5.3-05" })
      ws:finish()
    end)
  end,
}

case {
  id = "masking.message-is-unmasked",
  title = "A server hands masked messages on as the octets before masking",
  requirements = { "6455-6.2-08" },
  needs = { "echo" },
  since = "1.0",
  run = function(t)
    local ws = t:open()
    for _, row in ipairs(keys) do
      t:variant(row.label .. ", text", function()
        local payload = "Hello " .. t.nonce .. row.label
        ws:text(payload, { key = row.key })
        ws:expect_text(payload)
      end)
      t:variant(row.label .. ", binary", function()
        local payload = t.nonce .. t.rng:bytes(117)
        ws:binary(payload, { key = row.key })
        ws:expect_binary(payload)
      end)
    end
    ws:finish()
  end,
}
