-- Text and binary messages: RFC 6455, sections 5.6, 6.1 and 6.2.

local function ended(event)
  return event.kind == "close" or event.kind == "fin" or event.kind == "rst"
    or event.kind == "timeout"
end

-- The next message with this payload, of whatever type; nil and the event that
-- ended the wait when none comes. Other data is unsolicited (F11).
local function receive(ws, payload, timeout)
  local event = ws:next { timeout = timeout }
  while not ended(event) do
    if event.payload == payload
      and (event.kind == "text" or event.kind == "binary") then
      return event
    end
    event = ws:next { timeout = timeout }
  end
  return nil, event
end

-- A MUST about an event; a timeout is an absence, which is asked for again.
local function must(t, req, cond, expected, got)
  return t:must(req, cond, expected, got, got == "timeout")
end

case {
  id = "messages.type-is-kept",
  title = "A text message arrives as text and a binary message as binary",
  requirements = { "6455-5.6-01", "6455-6.1-06", "6455-6.1-09" },
  needs = { "echo" },
  since = "1.0",
  run = function(t)
    local ws = t:open()
    -- The same octets under both types: only the opcode tells them apart.
    for i, kind in ipairs { "text", "binary", "binary", "text" } do
      t:variant("message " .. i .. ", " .. kind, function()
        local payload = "message " .. i .. " " .. t.nonce
        ws[kind](ws, payload)
        local event, last = receive(ws, payload)
        if not must(t, "6455-6.1-09", event ~= nil, "an echo",
          last and last.kind) then
          return
        end
        t:must("6455-5.6-01", event.kind == kind, kind, event.kind)
        t:must("6455-6.1-06", event.kind == kind, "opcode of " .. kind,
          "opcode of " .. event.kind)
      end)
    end
    ws:finish()
  end,
}

case {
  id = "messages.one-frame",
  title = "A message in a single frame with FIN is delivered",
  requirements = {
    "6455-5.2-01", "6455-5.2-02", "6455-5.2-16", "6455-5.4-01", "6455-5.4-12",
  },
  needs = { "echo" },
  since = "1.0",
  run = function(t)
    local ws = t:open()
    local function echo(kind, payload, req)
      ws[kind](ws, payload)
      ws["expect_" .. kind](ws, payload, { req = req })
    end
    t:variant("text", echo, "text", "one " .. t.nonce, "6455-5.4-01")
    t:variant("binary", echo, "binary", "two " .. t.nonce, "6455-5.4-01")
    t:variant("fields in their order", echo, "text", "three " .. t.nonce,
      "6455-5.2-01")
    t:variant("first fragment and last", echo, "text", "four " .. t.nonce,
      "6455-5.2-02")
    t:variant("no extension data", echo, "binary", "five " .. t.nonce,
      "6455-5.2-16")
    t:variant("unfragmented", function()
      echo("text", "six " .. t.nonce, "6455-5.4-12")
      ws:text("sev", { fin = false }):continuation("en " .. t.nonce)
      ws:expect_text("seven " .. t.nonce, { req = "6455-5.4-12" })
      echo("binary", "eight " .. t.nonce, "6455-5.4-12")
    end)
    ws:finish()
  end,
}

case {
  id = "messages.empty",
  title = "An empty message arrives as an empty message of its type",
  requirements = { "6455-5.2-22" },
  needs = { "echo" },
  since = "1.0",
  run = function(t)
    local ws = t:open()
    ws:text("")
    ws:expect_text("")
    ws:binary("")
    ws:expect_binary("")
    ws:text(t.nonce)
    ws:expect_text(t.nonce)
    ws:finish()
  end,
}

case {
  id = "messages.nul",
  title = "U+0000 neither ends nor shortens a message",
  requirements = { "6455-5.6-05", "6455-5.6-04" },
  needs = { "echo" },
  since = "1.0",
  run = function(t)
    local ws = t:open()
    for _, payload in ipairs { "\0" .. t.nonce, t.nonce .. "\0",
      t.nonce .. "\0" .. t.nonce, "\0", "\0\0\0\0" } do
      ws:text(payload)
      ws:expect_text(payload, { req = "6455-5.6-05" })
      ws:binary(payload)
      ws:expect_binary(payload, { req = "6455-5.6-04" })
    end
    ws:finish()
  end,
}

case {
  id = "messages.every-octet",
  title = "A binary message may hold every octet",
  requirements = { "6455-5.6-04" },
  needs = { "echo" },
  since = "1.0",
  run = function(t)
    local ws = t:open()
    local octets = {}
    for i = 0, 255 do
      octets[#octets + 1] = string.char(i)
    end
    local every = t.nonce .. table.concat(octets)
    t:variant("in order", function()
      ws:binary(every)
      ws:expect_binary(every)
    end)
    t:variant("in reverse", function()
      ws:binary(every:reverse())
      ws:expect_binary(every:reverse())
    end)
    t:variant("random", function()
      local payload = t.rng:bytes(4096)
      ws:binary(payload)
      ws:expect_binary(payload)
    end)
    t:variant("what would be frames", function()
      local payload = t.nonce .. hex("88 02 03 E8 89 00 81 05 48 65 6C 6C 6F")
      ws:binary(payload)
      ws:expect_binary(payload)
    end)
    ws:finish()
  end,
}

case {
  id = "messages.every-ascii",
  title = "A text message may hold every control character",
  requirements = { "6455-5.6-05" },
  needs = { "echo" },
  since = "1.0",
  run = function(t)
    local octets = {}
    for i = 0, 127 do
      octets[#octets + 1] = string.char(i)
    end
    local text = t.nonce .. table.concat(octets) .. "\r\n\n\r \t\0"
    local ws = t:open()
    ws:text(text)
    ws:expect_text(text)
    ws:finish()
  end,
}

-- Twenty messages of mixed type and size, each with its number.
local function series(t)
  local messages = {}
  for i = 1, 20 do
    messages[i] = {
      kind = i % 3 == 0 and "binary" or "text",
      payload = i .. " " .. t.nonce .. t.rng:text(i * i),
    }
  end
  return messages
end

case {
  id = "messages.order",
  title = "Messages keep their order, their types and their borders",
  requirements = { "6455-6.2-05" },
  needs = { "echo" },
  since = "1.0",
  run = function(t)
    local function all_at_once(chop)
      local ws = t:open()
      local messages = series(t)
      ws:cork()
      for _, message in ipairs(messages) do
        ws[message.kind](ws, message.payload)
      end
      ws:flush(chop)
      for _, message in ipairs(messages) do
        ws["expect_" .. message.kind](ws, message.payload)
      end
      ws:finish()
    end
    t:variant("one after another", function()
      local ws = t:open()
      for _, message in ipairs(series(t)) do
        ws[message.kind](ws, message.payload)
        ws["expect_" .. message.kind](ws, message.payload)
      end
      ws:finish()
    end)
    t:variant("all in one write", all_at_once)
    t:variant("in pieces of 1460 octets", all_at_once, 1460)
  end,
}

case {
  id = "messages.fragmented-then-whole",
  title = "After its final fragment a message is over and the next one begins",
  requirements = { "6455-6.2-05" },
  needs = { "echo" },
  since = "1.0",
  run = function(t)
    local ws = t:open()
    ws:cork():text("frag" .. t.nonce, { fin = false }):continuation("ment")
    ws:binary("whole" .. t.nonce)
    ws:binary("again" .. t.nonce, { fin = false }):continuation("", {
      fin = false,
    })
    ws:continuation("frag"):text("last" .. t.nonce):flush()
    ws:expect_text("frag" .. t.nonce .. "ment")
    ws:expect_binary("whole" .. t.nonce)
    ws:expect_binary("again" .. t.nonce .. "frag")
    ws:expect_text("last" .. t.nonce)
    ws:finish()
  end,
}

case {
  id = "messages.segments",
  title = "Frames are read alike however TCP cuts them into segments",
  requirements = { "6455-6.2-01" },
  needs = { "echo" },
  since = "1.0",
  weight = 2,
  run = function(t)
    local ws = t:open()
    local function chopped(kind, size, n)
      local payload = t.nonce .. t.rng:text(size - #t.nonce)
      ws:cork()
      ws[kind](ws, payload)
      ws:flush(n)
      ws["expect_" .. kind](ws, payload)
    end
    for _, size in ipairs { 125, 126, 300 } do
      for _, n in ipairs { 1, 2, 7 } do
        t:variant("text of " .. size .. " in segments of " .. n, chopped,
          "text", size, n)
      end
    end
    t:variant("text of 65536 in segments of 997", chopped, "text", 65536, 997)
    t:variant("binary of 65536 in segments of 997", chopped, "binary", 65536,
      997)
    ws:finish()
  end,
}

case {
  id = "messages.mixed-segments",
  title = "Messages, fragments and pings in one segment are all served",
  requirements = { "6455-6.2-01", "6455-5.5.2-03" },
  needs = { "echo" },
  since = "1.0",
  run = function(t)
    local function mixed(n)
      local ws = t:open()
      ws:cork()
      ws:text("one" .. t.nonce):pong("unasked")
      ws:binary("t" .. t.nonce, { fin = false }):ping("ping")
      ws:continuation("wo"):text(""):text("three" .. t.nonce)
      ws:flush(n)
      ws:expect_text("one" .. t.nonce, { req = "6455-6.2-01" })
      ws:expect_binary("t" .. t.nonce .. "wo", { req = "6455-6.2-01" })
      ws:expect_text("", { req = "6455-6.2-01" })
      ws:expect_text("three" .. t.nonce, { req = "6455-6.2-01" })
      ws:expect_pong("ping", { req = "6455-5.5.2-03" })
      ws:finish()
    end
    t:variant("one segment", mixed)
    t:variant("segments of 1", mixed, 1)
    t:variant("segments of 7", mixed, 7)
  end,
}

case {
  id = "messages.large",
  title = "A message of 1 MiB is echoed in one frame or many, with FIN last",
  requirements = { "6455-5.2-10", "6455-6.1-05", "6455-6.1-07" },
  needs = { "echo" },
  since = "1.0",
  weight = 4,
  run = function(t)
    local function large(kind)
      local ws = t:open()
      local payload = t.nonce .. t.rng:text(4084)
      payload = payload:rep(256)
      ws[kind](ws, payload)
      local event, last = receive(ws, payload, 20)
      if event then
        t:must("6455-5.2-10", true, "the echo")
        t:must("6455-6.1-07", event.kind == kind,
          "a message of the same type that ends with FIN", event.kind)
        t:note("6455-6.1-05", "an echo of 1 MiB comes in "
          .. event.frames .. " frames")
        ws:finish()
      else
        t:judge_limit("6455-5.2-10", last)
      end
    end
    t:variant("text", large, "text")
    t:variant("binary", large, "binary")
  end,
}

case {
  id = "messages.large-segments",
  title = "A message of 1 MiB in small segments is echoed, or is too big",
  requirements = { "6455-6.2-01" },
  needs = { "echo" },
  tags = { "slow" },
  since = "1.0",
  weight = 4,
  run = function(t)
    local function segments(kind, n)
      local ws = t:open()
      local payload = (t.nonce .. t.rng:text(4084)):rep(256)
      ws:cork()
      ws[kind](ws, payload)
      ws:flush(n)
      local event, last = receive(ws, payload, 60)
      if event then
        t:must("6455-6.2-01", event.kind == kind, "the echo of the " .. kind,
          event.kind)
        ws:finish()
      else
        t:judge_limit("6455-6.2-01", last)
      end
    end
    for _, n in ipairs { 256, 2048 } do
      t:variant("text in segments of " .. n, segments, "text", n)
      t:variant("binary in segments of " .. n, segments, "binary", n)
    end
  end,
}

case {
  id = "messages.well-formed",
  title = "The peer sends its messages as well-formed frames",
  requirements = { "6455-6.1-01", "6455-6.1-04", "6455-6.1-07" },
  needs = { "echo" },
  since = "1.0",
  run = function(t)
    local ws = t:open()
    for i, req in ipairs { "6455-6.1-01", "6455-6.1-04", "6455-6.1-07" } do
      local payload = i .. " " .. t.nonce .. t.rng:text(200 * i)
      ws:text(payload)
      ws:expect_text(payload, { req = req })
    end
    ws:finish()
  end,
}

case {
  id = "messages.many",
  title = "A hundred messages in lock step are each echoed once",
  requirements = { "6455-6.1-09" },
  needs = { "echo" },
  since = "1.0",
  weight = 2,
  run = function(t)
    for _, kind in ipairs { "text", "binary" } do
      for _, size in ipairs { 16, 256, 4096 } do
        t:variant(kind .. " of " .. size, function()
          local ws = t:open()
          local filling = t.rng:text(size)
          for i = 1, 100 do
            local payload = i .. t.nonce .. filling
            ws[kind](ws, payload)
            ws["expect_" .. kind](ws, payload)
          end
          ws:finish()
        end)
      end
    end
  end,
}

case {
  id = "messages.binary-refused",
  title = "A server that understands text alone may say so with Close 1003",
  requirements = { "6455-7.4.1-03" },
  info = true,
  since = "1.0",
  run = function(t)
    local ws = t:open()
    ws:binary("binary " .. t.nonce)
    local event
    repeat
      event = ws:next(t.echoes and { timeout = t.timeout } or { fence = true })
    until event.kind ~= "ping" and event.kind ~= "pong"
    local taken = event.kind == "fence" or event.kind == "timeout"
    t:note("6455-7.4.1-03", event.kind == "close" and "Close " .. event.code
      or taken and "no answer" or "answered with: " .. event.kind)
    ws:finish()
  end,
}
