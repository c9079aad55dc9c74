-- Fragmentation: RFC 6455, section 5.4.

local JOINED = "6455-5.4-03"
local NO_MESSAGE = "6455-5.4-04"
local OPEN_MESSAGE = "6455-5.4-05"

-- Sends the parts as the fragments of one message.
local function send_parts(ws, kind, parts)
  ws[kind](ws, parts[1], { fin = false })
  for i = 2, #parts - 1 do
    ws:continuation(parts[i], { fin = false })
  end
  ws:continuation(parts[#parts])
end

local function echo_parts(t, kind, parts, req, chop)
  local ws = t:open()
  ws:cork()
  send_parts(ws, kind, parts)
  ws:flush(chop)
  ws["expect_" .. kind](ws, table.concat(parts), { req = req })
  ws:finish()
end

local function numbered(t, n)
  local parts = {}
  for i = 1, n do
    parts[i] = "fragment " .. i .. " " .. t.nonce .. ";"
  end
  return parts
end

case {
  id = "fragmentation.any-number",
  title = "A message in any number of fragments is delivered as one message",
  requirements = { "6455-5.4-02", "6455-5.4-12" },
  needs = { "echo" },
  since = "1.0",
  run = function(t)
    for _, n in ipairs { 2, 3, 100 } do
      t:variant(n .. " fragments of text", echo_parts, t, "text",
        numbered(t, n), "6455-5.4-02")
      t:variant(n .. " fragments of binary", echo_parts, t, "binary",
        numbered(t, n), "6455-5.4-12")
    end
  end,
}

case {
  id = "fragmentation.joined-in-order",
  title = "The fragments of a message are put together in their order",
  requirements = { JOINED, "6455-5.4-08", "6455-6.2-04" },
  needs = { "echo" },
  since = "1.0",
  run = function(t)
    local parts = numbered(t, 9)
    t:variant("each in a segment of its own", function()
      local ws = t:open()
      send_parts(ws, "text", parts)
      ws:expect_text(table.concat(parts), { req = JOINED })
      ws:finish()
    end)
    t:variant("in one segment", echo_parts, t, "text", parts, "6455-5.4-08")
    t:variant("octet by octet", echo_parts, t, "text", parts, "6455-6.2-04", 1)
  end,
}

case {
  id = "fragmentation.type-of-the-first",
  title = "A fragmented message has the type of its first fragment",
  requirements = { "6455-5.4-17", "6455-6.2-03" },
  needs = { "echo" },
  since = "1.0",
  run = function(t)
    t:variant("binary", echo_parts, t, "binary", { "looks like ", t.nonce },
      "6455-5.4-17")
    t:variant("text", echo_parts, t, "text", { "looks like ", t.nonce },
      "6455-5.4-17")
    t:variant("binary, all in the last", echo_parts, t, "binary",
      { "", t.nonce }, "6455-6.2-03")
    t:variant("binary that is not UTF-8", echo_parts, t, "binary",
      { t.nonce .. "\xFF", "\xC3", "\xFE" }, "6455-6.2-03")
  end,
}

case {
  id = "fragmentation.any-size",
  title = "Fragments may have any size, zero included",
  requirements = { "6455-5.4-11", "6455-5.2-22" },
  needs = { "echo" },
  since = "1.0",
  weight = 2,
  run = function(t)
    local first = t.nonce
    local empty = {
      ["first"] = { "", "middle", first },
      ["middle"] = { first, "", "last" },
      ["last"] = { first, "middle", "" },
      ["all but one"] = { "", "", first, "", "" },
      ["all"] = { "", "", "" },
    }
    for _, which in ipairs { "first", "middle", "last", "all but one", "all" }
    do
      t:variant("empty: " .. which, echo_parts, t, "text", empty[which],
        "6455-5.2-22")
    end
    for _, size in ipairs { 1, 125, 126, 65535, 65536 } do
      t:variant("fragments of " .. size, echo_parts, t, "binary",
        { t.rng:bytes(size), t.rng:bytes(size), t.rng:bytes(size) },
        "6455-5.4-11")
    end
    t:variant("growing fragments", function()
      local parts = { t.nonce }
      for size = 0, 130, 5 do
        parts[#parts + 1] = t.rng:text(size)
      end
      echo_parts(t, "text", parts, "6455-5.4-11")
    end)
  end,
}

case {
  id = "fragmentation.megabytes",
  title = "A message of 4 MiB in fragments is echoed, or refused as too big",
  requirements = { "6455-5.4-02" },
  needs = { "echo" },
  tags = { "slow" },
  since = "1.0",
  weight = 8,
  run = function(t)
    local function fragments_of(kind, size)
      local ws = t:open()
      local part = (t.nonce .. "0123"):rep(size // 16)
      local count = 4194304 // size
      ws:cork()
      ws[kind](ws, part, { fin = false })
      for _ = 2, count - 1 do
        ws:continuation(part, { fin = false })
      end
      ws:continuation(part):flush()
      local event, echoed = ws:receive(kind, part:rep(count), { timeout = 60 })
      local expected = "the echo of the message, or Close 1009 for a limit"
      if echoed then
        t:must("6455-5.4-02", true, expected)
        ws:finish()
      elseif event.kind == "timeout" then
        t:absent("6455-5.4-02", "must", expected, "nothing in time")
      else
        -- 10.4: limits are the peer's own; it may also end without a Close.
        t:tolerated("6455-5.4-02", event.code == 1009 or event.code == 1008,
          expected, event.code and "Close " .. event.code or event.kind)
      end
    end
    for _, size in ipairs { 256, 65536 } do
      t:variant("text in fragments of " .. size, fragments_of, "text", size)
      t:variant("binary in fragments of " .. size, fragments_of, "binary",
        size)
    end
  end,
}

case {
  id = "fragmentation.borders-do-not-matter",
  title = "The same message arrives alike however frames and segments cut it",
  requirements = { "6455-5.4-18" },
  needs = { "echo" },
  since = "1.0",
  run = function(t)
    local text = t.nonce .. "\u{E9}\u{20AC}\u{1D11E} the same"
    local octets = {}
    for i = 1, #text do
      octets[i] = text:sub(i, i)
    end
    local function whole(chop)
      local ws = t:open()
      ws:cork():text(text):flush(chop)
      ws:expect_text(text)
      ws:finish()
    end
    t:variant("one frame in one segment", whole)
    t:variant("one frame, octet by octet", whole, 1)
    t:variant("one frame in segments of 7", whole, 7)
    t:variant("a fragment for each octet", echo_parts, t, "text", octets)
    t:variant("the same, octet by octet", echo_parts, t, "text", octets, nil, 1)
    t:variant("the same in segments of 7", echo_parts, t, "text", octets, nil,
      7)
  end,
}

case {
  id = "fragmentation.ping-between-fragments",
  title = "A ping between two fragments is answered and the message survives",
  requirements = { "6455-5.4-06", "6455-5.4-10" },
  needs = { "answer" },
  since = "1.0",
  run = function(t)
    local first, second = t.message:sub(1, 4), t.message:sub(5)
    local function between(chop)
      local ws = t:open()
      ws:cork():text(first, { fin = false })
      ws:ping("ping payload"):continuation(second):flush(chop)
      ws:expect_pong("ping payload", { req = "6455-5.4-10" })
      t:expect_answer(ws, "6455-5.4-06")
      ws:finish()
    end
    t:variant("one segment", between)
    t:variant("octet by octet", between, 1)
    t:variant("segments of 7", between, 7)
    t:variant("each frame by itself", function()
      local ws = t:open()
      ws:text(first, { fin = false }):ping("mid")
      ws:continuation(second)
      ws:expect_pong("mid", { req = "6455-5.4-06" })
      t:expect_answer(ws, "6455-5.4-06")
      ws:finish()
    end)
  end,
}

case {
  id = "fragmentation.pong-before-the-end",
  title = "A ping within a message is answered before the message is complete",
  requirements = { "6455-5.4-10", "6455-5.5.2-04" },
  needs = { "echo" },
  since = "1.0",
  run = function(t)
    local ws = t:open()
    ws:text("f1" .. t.nonce, { fin = false })
    ws:continuation("f2", { fin = false }):ping("pongme 1!")
    -- "An endpoint ... SHOULD respond with Pong frame as soon as is practical":
    -- a late pong is judged below, by its message.
    local event = ws:next()
    while event.kind == "text" or event.kind == "binary"
      or event.kind == "ping" do
      event = ws:next()
    end
    if event.kind == "timeout" then
      t:absent("6455-5.5.2-04", "should",
        "a pong while the message is unfinished", "none")
    else
      t:should("6455-5.5.2-04",
        event.kind == "pong" and event.payload == "pongme 1!",
        "a pong while the message is unfinished", event.kind)
    end
    ws:continuation("f3", { fin = false }):continuation("f4", { fin = false })
    ws:ping("pongme 2!"):continuation("f5")
    ws:expect_text("f1" .. t.nonce .. "f2f3f4f5", { req = "6455-5.4-10" })
    ws:expect_pong("pongme 2!", { req = "6455-5.4-10" })
    ws:finish()
  end,
}

case {
  id = "fragmentation.pong-between-fragments",
  title = "A pong between two fragments leaves the message alone",
  requirements = { "6455-5.4-10" },
  needs = { "answer" },
  since = "1.0",
  run = function(t)
    local ws = t:open()
    ws:text(t.message:sub(1, 4), { fin = false }):ping("p"):pong("u")
    ws:continuation("", { fin = false }):pong("")
    ws:continuation(t.message:sub(5))
    ws:expect_pong("p")
    t:expect_answer(ws, "6455-5.4-10")
    ws:finish()
  end,
}

case {
  id = "fragmentation.ping-without-echo",
  title = "A ping is answered while a message is open",
  requirements = { "6455-5.4-10" },
  since = "1.0",
  run = function(t)
    local ws = t:open()
    ws:text("open " .. t.nonce, { fin = false })
    ws:ping("between")
    ws:expect_pong("between")
    ws:continuation("still open", { fin = false })
    ws:ping("again")
    ws:expect_pong("again")
    ws:continuation("closed")
    ws:ping("behind")
    ws:expect_pong("behind")
    ws:finish()
  end,
}

local function fails(t, send, req)
  local ws = t:open()
  send(ws)
  ws:expect_failed(1002, { req = req })
end

case {
  id = "fragmentation.nothing-to-continue",
  title = "A continuation frame without an open message fails the connection",
  requirements = { NO_MESSAGE },
  since = "1.0",
  run = function(t)
    local function first(payload, fin, chop)
      fails(t, function(ws)
        ws:cork():continuation(payload, { fin = fin })
        ws:text("Hello " .. t.nonce):flush(chop)
      end)
    end
    t:variant("last fragment", first, "non-continuation payload", true)
    t:variant("last fragment, octet by octet", first, "payload", true, 1)
    t:variant("middle fragment", first, "non-continuation payload", false)
    t:variant("middle fragment, octet by octet", first, "payload", false, 1)
    t:variant("empty last fragment", first, "", true)
    t:variant("empty middle fragment", first, "", false)
    t:variant("alone", fails, t, function(ws)
      ws:continuation("alone")
    end)
    t:variant("with a message begun behind it, twice", fails, t, function(ws)
      for _ = 1, 2 do
        ws:continuation("fragment1", { fin = false })
        ws:text("fragment2", { fin = false }):continuation("fragment3")
      end
    end)
  end,
}

case {
  id = "fragmentation.continue-then-begin",
  title = "A continuation frame fails the connection whatever follows it",
  requirements = { NO_MESSAGE },
  since = "1.0",
  run = function(t)
    for _, fin in ipairs { true, false } do
      t:variant(fin and "with FIN" or "without FIN", fails, t, function(ws)
        ws:cork()
        for _ = 1, 2 do
          ws:continuation("fragment1", { fin = fin })
          ws:text("fragment2", { fin = false }):continuation("fragment3")
        end
        ws:flush()
      end)
    end
  end,
}

case {
  id = "fragmentation.continued-after-the-end",
  title = "A continuation frame after a completed message fails the connection",
  requirements = { NO_MESSAGE },
  needs = { "echo" },
  since = "1.0",
  run = function(t)
    local function after(begin, fin, payload)
      local ws = t:open()
      begin(ws)
      ws:expect_text("done " .. t.nonce)
      ws:continuation(payload, { fin = fin }):text("behind " .. t.nonce)
      ws:expect_failed(1002)
    end
    local function whole(ws)
      ws:text("done " .. t.nonce)
    end
    local function fragmented(ws)
      ws:text("done ", { fin = false }):continuation(t.nonce)
    end
    t:variant("whole message, FIN", after, whole, true, "x")
    t:variant("whole message, no FIN", after, whole, false, "x")
    t:variant("whole message, empty", after, whole, true, "")
    t:variant("fragmented message, FIN", after, fragmented, true, "x")
    t:variant("fragmented message, no FIN", after, fragmented, false, "x")
    t:variant("fragmented message, empty", after, fragmented, true, "")
  end,
}

case {
  id = "fragmentation.continued-after-control",
  title = "A control frame does not open a message",
  requirements = { NO_MESSAGE },
  since = "1.0",
  run = function(t)
    t:variant("ping", function()
      local ws = t:open()
      ws:ping("whole")
      ws:expect_pong("whole")
      ws:continuation("not a part of it")
      ws:expect_failed(1002)
    end)
    t:variant("pong", fails, t, function(ws)
      ws:pong("whole"):continuation("not a part of it")
    end)
  end,
}

case {
  id = "fragmentation.new-message-inside",
  title = "A data frame inside an open message fails the connection",
  requirements = { OPEN_MESSAGE, "6455-5.4-09" },
  since = "1.0",
  run = function(t)
    for _, outer in ipairs { "text", "binary" } do
      for _, inner in ipairs { "text", "binary" } do
        for _, fin in ipairs { true, false } do
          local label = fin and " inside " or " without FIN inside "
          t:variant(inner .. label .. outer, fails, t, function(ws)
            ws[outer](ws, "outer", { fin = false })
            ws[inner](ws, "inner " .. t.nonce, { fin = fin })
          end, OPEN_MESSAGE)
        end
      end
    end
    t:variant("empty text inside text", fails, t, function(ws)
      ws:text("outer", { fin = false }):text("")
    end, OPEN_MESSAGE)
    t:variant("after a middle fragment", fails, t, function(ws)
      ws:text("outer", { fin = false }):continuation("", { fin = false })
      ws:text("inner " .. t.nonce)
    end, OPEN_MESSAGE)
    t:variant("after an empty first fragment", fails, t, function(ws)
      ws:text("", { fin = false }):text("inner " .. t.nonce)
    end, OPEN_MESSAGE)
    t:variant("two interleaved messages", fails, t, function(ws)
      ws:cork():text("a", { fin = false }):binary("b", { fin = false })
      ws:continuation("a", { fin = false }):continuation("b"):flush()
    end, "6455-5.4-09")
  end,
}
