-- The end of the TCP connection: RFC 6455, 5.5.1, 7.1.1, 7.1.7.
--
-- We never close first and never half-close before the answer was read (F12),
-- so that an end is the peer's own. The long waits only happen with a peer
-- that is wrong.
--
-- Left out of the table:
--   TC-02, TC-03  the server closes first: commands.lua.
--   TC-04, TC-06  need a client under test.

local SOON, LATE = 1, 30 -- seconds

-- Up to `seconds` for the end of TCP: "fin", "rst" or nil.
local function wait_end(ws, seconds)
  while true do
    local event = ws:next { timeout = seconds }
    if event.kind == "fin" or event.kind == "rst" then
      return event.kind
    elseif event.kind == "timeout" then
      return nil
    end
  end
end

case {
  id = "tcp.server-closes-at-once",
  title = "After the closing handshake the server closes TCP immediately",
  requirements = { "6455-5.5.1-17" },
  run = function(t)
    local ws = t:open()
    ws:close(1000)
    ws:expect_end {
      req = "6455-5.5.1-17", within = SOON, tolerate = LATE,
    }
  end,
}

case {
  id = "tcp.server-closes-first",
  title = "A server does not wait for the client to close TCP",
  requirements = { "6455-7.1.1-03", "6455-7.1.2-02", "6455-5.5.1-16" },
  run = function(t)
    local ws = t:open()
    ws:close(1000)
    local soon = wait_end(ws, t.timeout)
    local expected = "the end of TCP"
    for _, req in ipairs { "6455-7.1.1-03", "6455-7.1.2-02" } do
      if soon then
        t:should(req, true, expected)
      else
        t:absent(req, "should", expected, "TCP stays open")
      end
    end
    if soon or wait_end(ws, LATE) then
      t:must("6455-5.5.1-16", true, expected)
    else
      t:absent("6455-5.5.1-16", "must", expected, "TCP stays open")
    end
  end,
}

case {
  id = "tcp.clean-end",
  title = "After the closing handshake TCP ends in order",
  requirements = { "6455-7.1.1-01" },
  run = function(t)
    local ws = t:open()
    ws:close(1000)
    ws:expect_end {
      clean = true, within = SOON, tolerate = LATE, should = true,
    }
  end,
}

case {
  id = "tcp.close-notify",
  title = "Over TLS a close_notify comes before the end of TCP",
  requirements = { "6455-7.1.1-01" },
  needs = { "tls" },
  run = function(t)
    local ws = t:open()
    ws:close(1000)
    local event
    repeat
      event = ws:next { timeout = t.timeout }
    until event.kind == "fin" or event.kind == "rst" or event.kind == "timeout"
    if event.kind ~= "fin" then
      t:skip("the connection does not end in order: " .. event.kind)
    end
    t:should("6455-7.1.1-01", not event.truncated,
      "a close_notify before the FIN", "a FIN without one")
  end,
}

case {
  id = "tcp.octets-behind-close",
  title = "Octets behind the Close are discarded, TCP still ends in order",
  requirements = { "6455-7.1.1-01" },
  run = function(t)
    local ws = t:open()
    ws:cork()
    ws:close(1000)
    ws:text(("*"):rep(1000))
    ws:flush()
    ws:expect_end {
      clean = true, within = SOON, tolerate = LATE, should = true,
    }
  end,
}

-- What a peer may do that does not see the fault is judged in errors.*: here
-- it is a precondition that the fault was seen.
for _, entry in ipairs {
  { "reserved-bit", { opcode = 1, rsv = 4, payload = "" } },
  { "reserved-opcode", { opcode = 3, payload = "" } },
  { "stray-continuation", { opcode = 0, payload = "" } },
} do
  local slug, offence = table.unpack(entry)
  case {
    id = "tcp.closed-after-" .. slug,
    title = "A server that fails the connection closes TCP: " .. slug,
    requirements = { "6455-7.1.7-03", "6455-7.1.1-05" },
    run = function(t)
      local ws = t:open()
      ws:frame(offence)
      if ws:alive() then
        t:skip("the server does not fail the connection")
      end
      local took = ws:expect_end {
        req = "6455-7.1.7-03", within = SOON, tolerate = LATE,
      }
      t:should("6455-7.1.1-05", took <= SOON, "the end within a second",
        ("after %.1f s"):format(took))
    end,
  }
end

case {
  id = "tcp.half-close",
  title = "Who sees the end of TCP without a Close never sends 1006",
  requirements = { "6455-7.4.1-06" },
  run = function(t)
    local ws = t:open()
    ws:fin()
    local event
    repeat
      event = ws:next { timeout = t.timeout }
    until event.kind ~= "text" and event.kind ~= "binary"
      and event.kind ~= "ping" and event.kind ~= "pong"
    local sent = event.kind == "close" and event.code == 1006
    t:must("6455-7.4.1-06", not sent, "no code 1006", "Close 1006")
    -- A half-close is no subject of the RFC (F12).
    if event.kind == "timeout" then
      t:note("6455-7.4.1-06", "the server keeps a half-closed connection")
    end
  end,
}
