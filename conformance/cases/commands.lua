-- What a server does of its own will: closing, pings, fragments, an end without
-- a Close. Each case asks for it by a command of the testee contract
-- (docs/testee.md), and is skipped where the server does not implement it.
--
-- An API may refuse what it is asked for: what it must not do is to send it.

local SOON, LATE = 1, 30 -- seconds
local GIVE_UP = 60 -- seconds that a server has to give an unanswered Close up

local function ended(event)
  return event.kind == "fin" or event.kind == "rst"
end

-- The server's Close, or what ended the wait for it.
local function its_close(t, ws)
  local event
  repeat
    event = ws:next { timeout = t.timeout }
  until event.kind == "close" or event.kind == "timeout" or ended(event)
  return event
end

local function told(event)
  if event.kind ~= "close" then
    return event.kind
  elseif #event.payload == 0 then
    return "a Close without a body"
  end
  return "Close " .. event.code
end

-- Asks for a Close and requires one.
local function closed_by_server(t, ws, req, command)
  ws:command(command or "close 1000")
  local event = its_close(t, ws)
  if event.kind == "timeout" then
    t:absent(req, "must", "a Close frame", "no Close, and TCP stays open")
    return nil
  end
  t:must(req, event.kind == "close", "a Close frame", event.kind)
  return event.kind == "close" and event or nil
end

-- Everything up to the end of TCP, counted by kind; `last` is what ended it.
local function drain(t, ws)
  local seen = { text = 0, binary = 0, ping = 0, pong = 0, close = 0 }
  while true do
    local event = ws:next { timeout = t.timeout }
    if not seen[event.kind] then
      seen.last = event.kind
      return seen
    end
    seen[event.kind] = seen[event.kind] + 1
  end
end

-- Closing ----------------------------------------------------------------------

case {
  id = "commands.close",
  title = "A server that closes begins with a Close frame",
  requirements = { "6455-7.3-03", "6455-5.5.1-16" },
  needs = { "do:close" },
  run = function(t)
    local ws = t:open()
    local close = closed_by_server(t, ws, "6455-7.3-03")
    if not close then
      return
    end
    ws:close(1000)
    ws:expect_end { req = "6455-5.5.1-16", within = LATE }
  end,
}

case {
  id = "commands.close-code-and-reason",
  title = "A Close of the server has the status code in network order, and the reason in UTF-8",
  requirements = { "6455-5.5.1-03" },
  needs = { "do:close" },
  run = function(t)
    for _, code in ipairs { 1000, 1001, 1008, 1011, 3000, 3999, 4000, 4999 } do
      t:variant("code " .. code, function()
        local ws = t:open()
        local reason = "gr\u{FC}\u{DF}e " .. t.nonce
        ws:command("close " .. code .. " " .. reason)
        local event = its_close(t, ws)
        if event.kind ~= "close" then
          t:note("6455-5.5.1-03", "the server does not close with " .. code)
          return
        end
        local swapped = (code & 0xFF) << 8 | code >> 8
        t:must("6455-5.5.1-03", event.code ~= swapped,
          "the code in network order", told(event))
        if event.code == code then
          t:must("6455-5.5.1-03",
            event.reason == reason or event.reason == "",
            "the reason behind the code", event.reason)
        else
          t:note("6455-5.5.1-03", "asked for " .. code .. ": " .. told(event))
        end
        ws:close(1000)
      end)
    end
  end,
}

case {
  id = "commands.close-without-code",
  title = "A Close of the server without a code has no body, or a legal code",
  requirements = { "6455-7.4.1-05" },
  needs = { "do:close" },
  run = function(t)
    local ws = t:open()
    ws:command("close")
    local event = its_close(t, ws)
    if event.kind == "timeout" then
      t:absent("6455-7.4.1-05", "must", "a Close frame", "nothing in time")
      return
    end
    local bare = event.kind == "close" and #event.payload == 0
    t:must("6455-7.4.1-05", bare or event.code ~= 1005,
      "no Close with the code 1005", told(event))
    ws:finish()
  end,
}

-- 7.4 binds the endpoint, and leaves open whether its library or its application
-- has to know the codes: what a library lets out is not strict.
for _, entry in ipairs {
  { 0, "6455-7.4.2-01" }, { 999, "6455-7.4.2-01" },
  { 1004, "6455-7.4.1-04" }, { 1005, "6455-7.4.1-05" },
  { 1006, "6455-7.4.1-06" }, { 1015, "6455-7.4.1-12" },
  { 2999, "6455-7.4.2-02" }, { 5000, "6455-7.4.2-05" },
  { 65535, "6455-7.4.2-05" },
} do
  local code, req = table.unpack(entry)
  case {
    id = "commands.close-" .. code .. "-refused",
    title = "A server sends no Close " .. code .. ", even when its application says so",
    requirements = { req },
    needs = { "do:close" },
    run = function(t)
      local ws = t:open()
      ws:command("close " .. code)
      -- An API that refuses says nothing: the fence is a reaction.
      local event
      repeat
        event = ws:next { fence = true }
      until event.kind == "close" or event.kind == "fence"
        or event.kind == "timeout" or ended(event)
      local sent = event.kind == "close" and #event.payload >= 2
        and event.code == code
      t:tolerated(req, not sent, "no Close " .. code, told(event))
      ws:finish()
    end,
  }
end

case {
  id = "commands.close-long-reason",
  title = "A Close of the server with a long reason is still a control frame",
  requirements = { "6455-5.5-01", "6455-5.5.1-06" },
  needs = { "do:close" },
  run = function(t)
    local ws = t:open()
    -- 124 octets, of which the last two are a character: one too many.
    ws:command("close 4000 " .. ("x"):rep(122) .. "\u{E9}")
    local event
    repeat
      event = ws:next { fence = true }
    until event.kind == "close" or event.kind == "fence"
      or event.kind == "timeout" or ended(event)
    local expected = "at most 125 octets of payload, or no Close at all"
    local close = event.kind == "close"
    t:must("6455-5.5-01", not close or #event.payload <= 125, expected,
      close and #event.payload .. " octets")
    if close and #event.payload <= 125 then
      t:must("6455-5.5.1-06", utf8.len(event.reason or "") ~= nil,
        "a reason in UTF-8", "half of a character")
    end
    ws:finish()
  end,
}

case {
  id = "commands.close-then-tcp",
  title = "A server that began the closing handshake closes TCP once it is answered",
  requirements = { "6455-5.5.1-17", "6455-7.1.1-05" },
  needs = { "do:close" },
  run = function(t)
    local ws = t:open()
    if not closed_by_server(t, ws, "6455-5.5.1-17") then
      return
    end
    ws:close(1000)
    local took = ws:expect_end {
      req = "6455-5.5.1-17", within = SOON, tolerate = LATE,
    }
    t:should("6455-7.1.1-05", took <= SOON, "the end within a second",
      ("after %.1f s"):format(took))
  end,
}

case {
  id = "commands.close-unanswered",
  title = "A server whose Close nobody answers gives the connection up",
  requirements = { "6455-7.1.1-05" },
  needs = { "do:close" },
  tags = { "slow" },
  info = true,
  run = function(t)
    local ws = t:open()
    ws:command("close 1000")
    local event = its_close(t, ws)
    if event.kind ~= "close" then
      t:note("6455-7.1.1-05", "the server sends no Close: " .. event.kind)
      return
    end
    repeat
      event = ws:next { timeout = GIVE_UP }
    until event.kind == "timeout" or ended(event)
    -- 7.1.1 leaves the time to the server; one that waits for ever can be
    -- held open by anybody.
    t:note("6455-7.1.1-05", event.kind == "timeout"
      and "TCP is still open after " .. GIVE_UP .. " s"
      or "TCP ends without our answer")
  end,
}

case {
  id = "commands.close-crossed",
  title = "A Close of the server and one of ours that cross end the connection",
  requirements = { "6455-5.5.1-20", "6455-5.5.1-10" },
  needs = { "do:close" },
  run = function(t)
    local ws = t:open()
    ws:cork()
    ws:command("close 4000")
    ws:close(1000)
    ws:flush()
    local seen = drain(t, ws)
    t:must("6455-5.5.1-10", seen.close <= 1, "one Close frame",
      seen.close .. " of them")
    if seen.last == "timeout" then
      t:absent("6455-5.5.1-20", "should", "the end of TCP", "TCP stays open")
    else
      t:should("6455-5.5.1-20", true, "the end of TCP")
    end
  end,
}

case {
  id = "commands.close-ends-sending",
  title = "After its Close a server sends no more data",
  requirements = { "6455-5.5.1-09", "6455-6.1-03" },
  needs = { "echo", "do:close" },
  run = function(t)
    local ws = t:open()
    ws:cork()
    ws:command("close 4000")
    ws:text(t.nonce)
    ws:close(1000)
    ws:flush()
    local behind, closed = 0, false
    local event
    repeat
      event = ws:next { timeout = t.timeout }
      closed = closed or event.kind == "close"
      if closed and (event.kind == "text" or event.kind == "binary") then
        behind = behind + 1
      end
    until event.kind == "timeout" or ended(event)
    for _, req in ipairs { "6455-5.5.1-09", "6455-6.1-03" } do
      t:must(req, behind == 0, "no data behind its Close",
        behind .. " messages")
    end
  end,
}

-- Pings ------------------------------------------------------------------------

case {
  id = "commands.ping",
  title = "A ping of the server is one frame of opcode 9, and its pong is taken",
  requirements = { "6455-5.5.2-01" },
  needs = { "do:ping" },
  run = function(t)
    local ws = t:open()
    ws:command("ping " .. t.nonce)
    local event, found = ws:receive("ping", t.nonce)
    if event.kind == "timeout" then
      t:absent("6455-5.5.2-01", "must", "the ping", "no ping in time")
      return
    end
    t:must("6455-5.5.2-01", found, "the ping", event.kind)
    ws:finish()
  end,
}

case {
  id = "commands.ping-too-long",
  title = "A server does not send a ping of more than 125 octets, even when it is told to",
  requirements = { "6455-5.5-01" },
  needs = { "do:ping" },
  run = function(t)
    local ws = t:open()
    ws:command("ping " .. ("x"):rep(126))
    local event
    repeat
      event = ws:next { fence = true }
    until event.kind == "ping" or event.kind == "fence"
      or event.kind == "timeout" or event.kind == "close" or ended(event)
    local len = event.kind == "ping" and #event.payload or 0
    t:must("6455-5.5-01", len <= 125, "at most 125 octets", len .. " octets")
    ws:finish()
  end,
}

case {
  id = "commands.ping-unanswered",
  title = "A pong that answers no ping of the server gets no reply, and harms nothing",
  requirements = { "6455-5.5.3-05" },
  needs = { "do:ping" },
  run = function(t)
    local ws = t:open()
    ws:command("ping " .. t.nonce)
    local event, found = ws:receive("ping", t.nonce)
    if not found then
      t:skip("the server sends no ping: " .. event.kind)
    end
    ws:pong("other " .. t.nonce)
    local answered
    repeat
      event = ws:next { fence = true }
      answered = answered
        or (event.kind == "pong" and event.payload == "other " .. t.nonce)
    until event.kind == "fence" or event.kind == "timeout"
      or event.kind == "close" or ended(event)
    t:must("6455-5.5.3-05", not answered, "no reply to a pong", "a pong")
    if event.kind == "timeout" then
      t:absent("6455-5.5.3-05", "must", "an open connection", "no pong")
    else
      t:must("6455-5.5.3-05", event.kind == "fence", "an open connection",
        event.kind)
    end
    ws:finish()
  end,
}

-- Messages -----------------------------------------------------------------------

case {
  id = "commands.send",
  title = "A message of the server is one text message, whatever came before",
  requirements = { "6455-5.6-01", "6455-5.4-01" },
  needs = { "do:send" },
  run = function(t)
    local ws = t:open()
    local payload = "\u{20AC} " .. t.nonce
    ws:command("send " .. payload)
    ws:expect_text(payload, { req = "6455-5.6-01" })
    ws:command("send " .. payload .. " 2")
    ws:expect_text(payload .. " 2", { req = "6455-5.4-01" })
    ws:finish()
  end,
}

case {
  id = "commands.fragments",
  title = "A fragmented message of the server is begun, continued and ended as 5.4 says",
  requirements = { "6455-5.4-02", "6455-5.4-03", "6455-6.1-07" },
  needs = { "do:fragments" },
  run = function(t)
    local ws = t:open()
    local words = { "one", "two", t.nonce }
    ws:command("fragments " .. table.concat(words, " "))
    local event
    repeat
      event = ws:next { timeout = t.timeout }
    until event.kind == "text" or event.kind == "binary"
      or event.kind == "close" or event.kind == "timeout" or ended(event)
    local whole = table.concat(words)
    if event.kind == "timeout" then
      t:absent("6455-6.1-07", "must", "the end of the message",
        "no message in time")
      return
    end
    t:must("6455-6.1-07", event.kind == "text", "a text message", event.kind)
    local sound = event.kind == "text" and event.payload == whole
    for _, req in ipairs { "6455-5.4-02", "6455-5.4-03" } do
      t:must(req, sound, "one message of all fragments", event.payload)
    end
    if sound and event.frames ~= #words then
      t:note("6455-5.4-02", "the server sent " .. event.frames .. " frames for "
        .. #words .. " words")
    end
    ws:finish()
  end,
}

case {
  id = "commands.fragments-and-ping",
  title = "A server answers a ping that came with the command for fragments",
  requirements = { "6455-5.4-10", "6455-5.4-09" },
  needs = { "do:fragments" },
  run = function(t)
    local ws = t:open()
    ws:cork()
    ws:command("fragments a b " .. t.nonce)
    ws:ping(t.nonce)
    ws:flush()
    local pong, text, event
    repeat
      event = ws:next { timeout = t.timeout }
      pong = pong or (event.kind == "pong" and event.payload == t.nonce)
      text = text or (event.kind == "text" and event.payload == "ab" .. t.nonce)
    until (pong and text) or event.kind == "close"
      or event.kind == "timeout" or ended(event)
    local late = event.kind == "timeout"
    t:must("6455-5.4-10", pong, "the pong", event.kind, late)
    t:must("6455-5.4-09", text, "the message whole", event.kind, late)
    ws:finish()
  end,
}

-- An end without a Close -----------------------------------------------------------

case {
  id = "commands.drop",
  title = "A server that ends TCP without a Close sends no 1006, and serves others",
  requirements = { "6455-7.4.1-06", "6455-4.2.2-01" },
  needs = { "do:drop" },
  run = function(t)
    local ws = t:open()
    ws:command("drop")
    local event = its_close(t, ws)
    if event.kind == "timeout" then
      t:skip("the server does not end TCP")
    end
    t:must("6455-7.4.1-06", event.kind ~= "close" or event.code ~= 1006,
      "no Close 1006", told(event))
    t:accepts("6455-4.2.2-01", {}):finish()
  end,
}
