-- The closing handshake: RFC 6455, 5.5.1, 7.1, 7.4.
--
-- Left out of the table:
--   CL-12  a Close of the server's own will, crossed by ours: commands.lua. Its
--          failure Close is crossed in closing.crossed-by-failure.
--   CL-13  all codes that the peer ever sends: observed.*.
--   CL-14  an orderly stop of the peer: commands.lua.
--   CL-15  close() of a client: needs a client under test and a command.

local EMPTY = 1005 -- stands for a Close without a body

local function ended(event)
  return event.kind == "fin" or event.kind == "rst"
end

-- Everything up to the end of TCP, sorted by kind; `last` is what ended it.
local function drain(t, ws)
  local seen = { text = {}, binary = {}, ping = {}, pong = {}, close = {} }
  while true do
    local event = ws:next { timeout = t.timeout }
    if not seen[event.kind] then
      seen.last = event.kind
      return seen
    end
    event.behind_close = #seen.close > 0
    table.insert(seen[event.kind], event)
  end
end

local function delivered(seen, payload)
  for _, event in ipairs(seen.text) do
    if event.payload:find(payload, 1, true) then
      return true
    end
  end
  return false
end

-- Each code on a connection of its own; `more`: further codes that pass.
local function accepted(t, req, codes, more)
  for _, code in ipairs(codes) do
    t:variant("code " .. code, function()
      local pass = { code, 1000, EMPTY }
      for _, other in ipairs(more or {}) do
        pass[#pass + 1] = other
      end
      local ws = t:open()
      ws:close(code)
      ws:expect_close { req = req, codes = pass }
      ws:finish()
    end)
  end
end

local function each_rejected(t, req, codes)
  for _, code in ipairs(codes) do
    t:variant("code " .. code, function()
      local ws = t:open()
      ws:close(code)
      t:judge_refusal(req, ws:reply(), { 1002 })
    end)
  end
end

-- The reply ------------------------------------------------------------------

case {
  id = "closing.reply",
  title = "A Close is answered with a Close",
  requirements = { "6455-5.5.1-11", "6455-5.5.1-12", "6455-7.4-01" },
  run = function(t)
    local ws = t:open()
    ws:close(1000)
    local close = ws:expect_close { req = "6455-5.5.1-11" }
    if close then
      t:note("6455-5.5.1-12", "Close 1000 is answered with " .. close.code)
      t:note("6455-7.4-01", close.code == EMPTY and "states no code"
        or "states a code")
    end
    ws:finish()
  end,
}

case {
  id = "closing.reply-body",
  title = "The answer is a Close frame, empty or with a code that may be sent",
  requirements = { "6455-5.5.1-03", "6455-5.5.1-01" },
  run = function(t)
    for _, code in ipairs { 1000, 3001 } do
      t:variant("code " .. code, function()
        local ws = t:open()
        ws:close(code, "bye")
        local event = ws:reply()
        local expected = "a frame with opcode 8"
        if event.kind == "timeout" then
          t:absent("6455-5.5.1-01", "must", expected, "nothing")
        elseif ended(event) then
          t:tolerated("6455-5.5.1-01", false, expected, "the end of TCP")
        else
          t:must("6455-5.5.1-01", true, expected)
          t:must("6455-5.5.1-03",
            event.sendable,
            "no body, or a code that may be sent", t:told_reply(event))
        end
      end)
    end
  end,
}

case {
  id = "closing.reply-promptly",
  title = "On an idle connection a Close is answered at once",
  requirements = { "6455-5.5.1-13" },
  run = function(t)
    local ws = t:open()
    ws:close(1000)
    local event = ws:reply()
    local expected = "an answer within the reaction timeout"
    if event.kind == "timeout" then
      t:absent("6455-5.5.1-13", "should", expected, "none")
    else
      t:should("6455-5.5.1-13", true, expected)
    end
  end,
}

case {
  id = "closing.after-message",
  title = "A Close after an echoed message is answered",
  requirements = { "6455-5.5.1-11" },
  needs = { "echo" },
  run = function(t)
    local ws = t:open()
    ws:text(t.nonce)
    ws:expect_text(t.nonce)
    ws:close(1000)
    ws:expect_close { req = "6455-5.5.1-11" }
    ws:finish()
  end,
}

case {
  id = "closing.empty-body",
  title = "A Close without a body is an ordinary Close",
  requirements = { "6455-5.5.1-02", "6455-7.4.1-05" },
  run = function(t)
    t:variant("answered", function()
      local ws = t:open()
      ws:close()
      -- Any code that may be sent will do: the table of 7.4.1 and 7.4.2.
      ws:expect_close {
        req = "6455-5.5.1-02",
        codes = {
          EMPTY, 1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012,
          1013, 1014,
        },
      }
      ws:finish()
    end)
    t:variant("1005 stays off the wire", function()
      local ws = t:open()
      ws:close()
      local event = ws:reply()
      local literal = event.kind == "close" and #event.payload >= 2
        and event.code == EMPTY
      t:must("6455-7.4.1-05", not literal, "no code 1005", "Close 1005")
    end)
  end,
}

case {
  id = "closing.reason",
  title = "A reason of up to 123 octets may follow the code",
  requirements = { "6455-5.5.1-05" },
  run = function(t)
    for _, reason in ipairs { "Hello World!", "\u{E9}", ("*"):rep(123) } do
      t:variant(#reason .. " octets", function()
        local ws = t:open()
        ws:close(1000, reason)
        ws:expect_close()
        ws:finish()
      end)
    end
  end,
}

-- Codes ----------------------------------------------------------------------

case {
  id = "closing.predefined-codes",
  title = "The codes of RFC 6455 close the connection in order",
  requirements = { "6455-7.4.1-01" },
  run = function(t)
    accepted(t, "6455-7.4.1-01",
      { 1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011 })
  end,
}

case {
  id = "closing.registered-codes",
  title = "Codes that IANA registered after the RFC end the connection",
  requirements = { "6455-7.4.2-02" },
  run = function(t)
    accepted(t, "6455-7.4.2-02", { 1012, 1013, 1014 }, { 1002 })
  end,
}

case {
  id = "closing.application-codes",
  title = "The codes of applications and libraries close in order",
  requirements = { "6455-7.4.2-03" },
  run = function(t)
    accepted(t, "6455-7.4.2-03", { 3000, 3001, 3500, 3999 })
  end,
}

case {
  id = "closing.private-codes",
  title = "The codes for private use close in order",
  requirements = { "6455-7.4.2-04" },
  run = function(t)
    accepted(t, "6455-7.4.2-04", { 4000, 4500, 4999 })
  end,
}

-- The codes of 7.4.1 that are never put on the wire, each with its clause.
for _, entry in ipairs {
  { 1004, "6455-7.4.1-04" },
  { 1005, "6455-7.4.1-05" },
  { 1006, "6455-7.4.1-06" },
  { 1015, "6455-7.4.1-12" },
} do
  local code, req = table.unpack(entry)
  case {
    id = "closing.reserved-code-" .. code,
    title = "A Close " .. code .. " is an error, and never echoed",
    requirements = { req },
    run = function(t)
      local ws = t:open()
      ws:close(code)
      t:judge_refusal(req, ws:reply(), { 1002 })
    end,
  }
end

case {
  id = "closing.codes-below-1000",
  title = "A code below 1000 is an error",
  requirements = { "6455-7.4.2-01" },
  run = function(t)
    each_rejected(t, "6455-7.4.2-01", { 0, 1, 999 })
  end,
}

case {
  id = "closing.unregistered-codes",
  title = "An unregistered code from 1016 to 2999 is an error",
  requirements = { "6455-7.4.2-02" },
  run = function(t)
    each_rejected(t, "6455-7.4.2-02", { 1016, 1100, 2000, 2999 })
  end,
}

case {
  id = "closing.codes-from-5000",
  title = "A code of 5000 and above is not returned",
  requirements = { "6455-11.7-01", "6455-7.4.2-05" },
  run = function(t)
    for _, code in ipairs { 5000, 65535 } do
      t:variant("code " .. code, function()
        local ws = t:open()
        ws:close(code)
        local event = ws:reply()
        -- 7.4.2 leaves these codes out, so any end will do; but to send one is
        -- what the registry has no room for (F8).
        t:must("6455-11.7-01",
          event.kind ~= "close" or #event.payload < 2 or event.code < 5000,
          "no code of 5000 and above", t:told_reply(event))
        t:note("6455-7.4.2-05", t:told_reply(event))
      end)
    end
  end,
}

-- Malformed Close frames -----------------------------------------------------

case {
  id = "closing.body-of-one-octet",
  title = "A Close body of one octet is an error",
  requirements = { "6455-5.5.1-04" },
  run = function(t)
    local ws = t:open()
    ws:close(nil, nil, { payload = "\x03" })
    -- A Close without a code is as good as 1002: the code is a SHOULD.
    t:judge_refusal("6455-5.5.1-04", ws:reply(), { 1002, EMPTY })
  end,
}

case {
  id = "closing.body-too-long",
  title = "A Close body of 126 octets is an error",
  requirements = { "6455-5.5-02" },
  run = function(t)
    local ws = t:open()
    ws:close(1000, ("*"):rep(124))
    t:judge_refusal("6455-5.5-02", ws:reply(), { 1002 })
  end,
}

case {
  id = "closing.not-final",
  title = "A Close frame without FIN is an error",
  requirements = { "6455-5.5-03" },
  run = function(t)
    local ws = t:open()
    ws:close(1000, "", { fin = false })
    ws:expect_failed(1002, { ordinary_close = "tolerated" })
  end,
}

case {
  id = "closing.reason-not-utf8",
  title = "A reason that is not UTF-8 is an error",
  requirements = { "6455-5.5.1-06" },
  run = function(t)
    for label, reason in ipairs {
      "\xCE\xBA\xE1\xBD\xB9\xCF\x83\xCE\xBC\xCE\xB5\xED\xA0\x80edited",
      "\xE2",
      "\xC0\x80",
      ("*"):rep(122) .. "\xC3",
    } do
      local names = { "surrogate", "truncated", "overlong", "cut at the end" }
      t:variant(names[label], function()
        local ws = t:open()
        ws:close(1000, reason)
        t:judge_refusal("6455-5.5.1-06", ws:reply(), { 1007, 1002 })
      end)
    end
  end,
}

-- What stands around a Close -------------------------------------------------

case {
  id = "closing.nothing-counts-behind-it",
  title = "What comes behind a Close in one segment has no effect",
  requirements = { "6455-5.5.1-21", "6455-5.5.1-10", "6455-5.5.2-06" },
  run = function(t)
    local ws = t:open()
    ws:cork()
    ws:close(1000)
    ws:text(t.nonce)
    ws:ping("C" .. t.nonce)
    ws:close(1001)
    ws:flush()
    local seen = drain(t, ws)
    t:must("6455-5.5.1-21", not delivered(seen, t.nonce),
      "no echo of the message", "the echo")
    t:must("6455-5.5.1-10", #seen.close <= 1, "one Close",
      #seen.close .. " Close frames")
    local answered = false
    for _, pong in ipairs(seen.pong) do
      answered = answered or pong.payload == "C" .. t.nonce
    end
    t:tolerated("6455-5.5.2-06", not answered, "no pong", "the pong")
  end,
}

case {
  id = "closing.ping-before-it",
  title = "A ping before a Close in one segment is answered",
  requirements = { "6455-5.5.2-03" },
  run = function(t)
    local ws = t:open()
    ws:cork()
    ws:ping("A" .. t.nonce)
    ws:close(1000)
    ws:flush()
    local answered = false
    for _, pong in ipairs(drain(t, ws).pong) do
      answered = answered
        or (pong.payload == "A" .. t.nonce and not pong.behind_close)
    end
    t:tolerated("6455-5.5.2-03", answered, "the pong, then Close",
      "no pong before the Close")
  end,
}

case {
  id = "closing.no-data-behind-reply",
  title = "No data follows the Close of the peer, although echoes are due",
  requirements = {
    "6455-5.5.1-09", "6455-6.1-03", "6455-5.5.1-14", "6455-5.5.1-15",
  },
  needs = { "echo" },
  weight = 4,
  run = function(t)
    local ws = t:open()
    local message = t.nonce .. ("*"):rep(65536 - #t.nonce)
    for _ = 1, 16 do
      ws:binary(message)
    end
    ws:close(1000)
    local seen = drain(t, ws)
    local before, behind = 0, 0
    for _, kind in ipairs { "text", "binary" } do
      for _, event in ipairs(seen[kind]) do
        if event.behind_close then
          behind = behind + 1
        else
          before = before + 1
        end
      end
    end
    local got = behind .. " messages behind the Close"
    t:must("6455-5.5.1-09", behind == 0, "nothing but the end", got)
    t:must("6455-6.1-03", behind == 0, "sending stops with the Close", got)
    t:note("6455-5.5.1-14", before .. " of 16 echoes came before the Close")
    local last = seen.binary[before]
    t:note("6455-5.5.1-15", last and "the last of them in " .. last.frames
      .. " frame(s)" or "none came before the Close")
  end,
}

case {
  id = "closing.inside-fragmented-message",
  title = "A Close inside a fragmented message ends it undelivered",
  requirements = { "6455-5.4-10" },
  run = function(t)
    local ws = t:open()
    ws:text("frag" .. t.nonce, { fin = false })
    ws:close(1000)
    ws:continuation("ment")
    ws:expect_close { req = "6455-5.4-10" }
    t:must("6455-5.4-10", not delivered(drain(t, ws), "frag" .. t.nonce),
      "no message", "the message")
  end,
}

case {
  id = "closing.crossed-by-failure",
  title = "A Close that crosses the Close of a failure is not answered",
  requirements = { "6455-7.1.7-07", "6455-5.5.1-20" },
  run = function(t)
    local ws = t:open()
    ws:cork()
    ws:text(t.nonce, { rsv = 4 })
    ws:close(1000)
    ws:flush()
    local seen = drain(t, ws)
    t:must("6455-7.1.7-07", #seen.close <= 1, "at most one Close",
      #seen.close .. " Close frames")
    if seen.last == "timeout" then
      t:absent("6455-5.5.1-20", "should", "the end of TCP", "it stays open")
    else
      t:should("6455-5.5.1-20", true, "the end of TCP")
    end
  end,
}

case {
  id = "closing.answer-to-failure",
  title = "The Close that answers the Close of a failure is not answered",
  requirements = { "6455-7.1.7-07" },
  run = function(t)
    local ws = t:open()
    ws:text(t.nonce, { rsv = 4 })
    local close = ws:reply()
    if close.kind ~= "close" then
      t:skip("no Close tells of the failure: " .. close.kind)
    end
    ws:close(1002)
    local seen = drain(t, ws)
    t:must("6455-7.1.7-07", #seen.close == 0, "no further Close",
      #seen.close .. " more")
  end,
}
