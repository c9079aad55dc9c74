-- Autobahn's group 7: the closing handshake.

local EMPTY = 1005 -- stands for a Close without a body
local REPLY = "6455-5.5.1-11"
local HELLO = "Hello World!"

local function counterpart(id, row)
  case {
    id = "autobahn." .. id,
    title = row.title,
    requirements = row.reqs,
    autobahn = { id },
    needs = row.echo and { "echo" } or nil,
    tags = { "autobahn" },
    info = row.info,
    run = row.run,
  }
end

counterpart("7.1.1", {
  title = "A Close behind an echoed message is answered",
  reqs = { REPLY, "6455-5.2-08" },
  echo = true,
  run = function(t)
    local ws = t:open_autobahn {
      events = { { "text", HELLO } },
      code_counts = true,
    }
    ws:text(HELLO)
    ws:expect_text(HELLO, { req = "6455-5.2-08" })
    ws:close(1000)
    ws:expect_close { req = REPLY }
  end,
})

-- Nothing behind our Close is to be answered. Everything up to the end of TCP;
-- `seen`: numbers of events by kind.
local function drained(ws)
  local seen = { text = 0, binary = 0, ping = 0, pong = 0, close = 0 }
  local event = ws:next()
  while seen[event.kind] do
    seen[event.kind] = seen[event.kind] + 1
    event = ws:next()
  end
  return seen
end

for number, row in ipairs {
  {
    "another Close", "6455-5.5.1-10", "close", 1,
    function(ws)
      ws:close()
    end,
  },
  {
    "a ping", "6455-5.5.2-06", "pong", 0,
    function(ws)
      ws:ping("")
    end,
  },
  {
    "a message", "6455-5.5.1-21", "text", 0,
    function(ws)
      ws:text(HELLO)
    end,
  },
} do
  local words, req, kind, most, behind = table.unpack(row)
  counterpart("7.1." .. 1 + number, {
    title = "A Close with " .. words .. " behind it is answered, not that",
    reqs = { REPLY, req },
    run = function(t)
      local ws = t:open_autobahn { code_counts = true }
      behind(ws:cork():close(1000))
      ws:flush()
      ws:expect_close { req = REPLY }
      local seen = drained(ws)
      -- 5.5.2 is a MUST for pongs "unless it already received a Close frame".
      local judge = kind == "pong" and t.tolerated or t.must
      judge(t, req, seen[kind] <= most, "no answer to " .. words,
        seen[kind] .. " of " .. kind)
    end,
  })
end

counterpart("7.1.5", {
  title = "A Close within a fragmented message is answered",
  reqs = { "6455-5.4-10" },
  run = function(t)
    local ws = t:open_autobahn { code_counts = true }
    ws:cork():text("fragment1", { fin = false }):close(1000)
    ws:continuation("fragment2"):flush()
    ws:expect_close()
    t:must("6455-5.4-10", drained(ws).text == 0, "no message", "a message")
  end,
})

counterpart("7.1.6", {
  title = "How many messages come back when a Close follows them",
  reqs = { "6455-5.5.1-14" },
  info = true,
  run = function(t)
    local ws = t:open_autobahn { info = true }
    ws:text(("BAsd7&jh23"):rep(26215):sub(1, 262144)):text(HELLO)
    ws:close(1000):ping("")
    local seen = drained(ws)
    t:note("6455-5.5.1-14", seen.text .. " of 2 messages, " .. seen.pong
      .. " pongs and " .. seen.close .. " Close frames came")
  end,
})

-- Groups 7.3 and 7.5: what a Close frame may carry.

for _, row in ipairs {
  { "7.3.1", "without a body", "6455-5.5.1-02" },
  { "7.3.3", "with a status code", REPLY, 1000 },
  { "7.3.4", "with a reason", "6455-5.5.1-05", 1000, HELLO },
  {
    "7.3.5", "with a reason of 123 octets", "6455-5.5.1-05", 1000,
    ("*"):rep(123),
  },
} do
  local id, words, req, code, reason = table.unpack(row)
  counterpart(id, {
    title = "A Close " .. words .. " is answered",
    reqs = { req },
    run = function(t)
      local ws = t:open_autobahn { code_counts = true }
      ws:close(code, reason)
      ws:expect_close()
    end,
  })
end

local function refused(id, title, req, codes, send)
  counterpart(id, {
    title = title,
    reqs = { req },
    run = function(t)
      local plan = { ending = "refused" }
      if id == "7.5.1" then
        plan.codes = { 1002, 1007 }
      end
      local ws = t:open_autobahn(plan)
      send(ws)
      t:judge_refusal(req, ws:reply(), codes)
    end,
  })
end

refused("7.3.2", "A Close with a body of one octet is an error",
  "6455-5.5.1-04", { 1002, EMPTY }, function(ws)
    ws:close(nil, nil, { payload = "a" })
  end)

refused("7.3.6", "A Close with a body of 126 octets is an error",
  "6455-5.5-02", { 1002 }, function(ws)
    ws:close(1000, ("*"):rep(124))
  end)

refused("7.5.1", "A Close with a reason that is not UTF-8 is an error",
  "6455-5.5.1-06", { 1007, 1002 }, function(ws)
    ws:close(1000, hex("CE BA E1 BD B9 CF 83 CE BC CE B5 ED A0 80") .. "edited")
  end)

-- Groups 7.7, 7.9 and 7.13: status codes.

local function requirement_of(code)
  return code < 3000 and "6455-7.4.1-01" or code < 4000 and "6455-7.4.2-03"
    or "6455-7.4.2-04"
end

for number, code in ipairs {
  1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999,
} do
  counterpart("7.7." .. number, {
    title = "A Close " .. code .. " is answered with " .. code .. " or 1000",
    reqs = { requirement_of(code) },
    run = function(t)
      local ws = t:open_autobahn { codes = { 1000, code }, code_counts = true }
      ws:close(code)
      ws:expect_close { codes = { code, 1000, EMPTY } }
    end,
  })
end

for number, row in ipairs {
  { 0, "6455-7.4.2-01" }, { 999, "6455-7.4.2-01" }, { 1004, "6455-7.4.1-04" },
  { 1005, "6455-7.4.1-05" }, { 1006, "6455-7.4.1-06" },
  { 1016, "6455-7.4.2-02" }, { 1100, "6455-7.4.2-02" },
  { 2000, "6455-7.4.2-02" }, { 2999, "6455-7.4.2-02" },
} do
  local code, req = table.unpack(row)
  refused("7.9." .. number, "A Close " .. code .. " is an error", req, { 1002 },
    function(ws)
      ws:close(code)
    end)
end

for number, code in ipairs { 5000, 65535 } do
  counterpart("7.13." .. number, {
    title = "What answers a Close " .. code,
    reqs = { "6455-7.4.2-05" },
    info = true,
    run = function(t)
      local ws = t:open_autobahn { info = true }
      ws:close(code)
      t:note("6455-7.4.2-05", t:told_reply(ws:reply()))
    end,
  })
end
