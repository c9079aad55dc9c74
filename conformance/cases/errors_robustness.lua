-- What is legal but too much, or ends too early, and must not bring a peer
-- down: RFC 6455, sections 10.4 and 10.7.

local function ended(event)
  return event.kind == "close" or event.kind == "fin" or event.kind == "rst"
end

-- Waits until the peer has read what was sent, or ended the connection.
local function fence_or_end(ws, timeout)
  local event
  repeat
    event = ws:next { fence = true, timeout = timeout }
  until ended(event) or event.kind == "fence" or event.kind == "timeout"
  return event
end

-- A MUST about an event; a timeout is an absence, which is asked for again.
local function must(t, req, cond, expected, got)
  return t:must(req, cond, expected, got, got == "timeout")
end

local function serves_another(t, req)
  local ws = t:open()
  must(t, req, ws:alive(), "a new connection is served afterwards", "timeout")
  ws:finish()
end

case {
  id = "errors.endless-message",
  title = "A message that never ends is refused, or read without a crash",
  requirements = { "6455-10.4-01" },
  tags = { "slow", "robustness" },
  since = "1.0",
  weight = 8,
  run = function(t)
    local ws = t:open()
    local mebibyte = ("x"):rep(1048576)
    local event
    ws:text("x", { fin = false })
    for _ = 1, 16 do
      ws:continuation(mebibyte, { fin = false })
      event = fence_or_end(ws, 60)
      if event.kind ~= "fence" then
        break
      end
    end
    must(t, "6455-10.4-01", event.kind ~= "timeout",
      "further octets are read, or the connection ends", event.kind)
    if event.kind == "fence" then
      t:note("6455-10.4-01", "a message of 16 MiB without an end is awaited")
    end
    serves_another(t, "6455-10.4-01")
  end,
}

case {
  id = "errors.many-empty-fragments",
  title = "A message of 10000 empty fragments is served or refused",
  requirements = { "6455-10.4-01" },
  tags = { "slow", "robustness" },
  since = "1.0",
  weight = 4,
  run = function(t)
    local ws = t:open()
    local event
    ws:text("", { fin = false })
    for _ = 1, 10 do
      ws:cork()
      for _ = 1, 1000 do
        ws:continuation("", { fin = false })
      end
      ws:flush()
      event = fence_or_end(ws, 60)
      if event.kind ~= "fence" then
        break
      end
    end
    must(t, "6455-10.4-01", event.kind ~= "timeout",
      "the fragments are read, or the connection ends", event.kind)
    serves_another(t, "6455-10.4-01")
  end,
}

case {
  id = "errors.many-pings",
  title = "10000 pings in a row are served or refused",
  requirements = { "6455-10.4-01" },
  tags = { "slow", "robustness" },
  since = "1.0",
  weight = 4,
  run = function(t)
    local ws = t:open()
    local event
    ws:cork()
    for i = 1, 10000 do
      ws:ping("ping " .. i)
    end
    ws:flush()
    -- One pong for many pings conforms, if it is that of the last (5.5.3).
    repeat
      event = ws:next { timeout = 60 }
    until ended(event) or event.kind == "timeout"
      or event.kind == "pong" and event.payload == "ping 10000"
    must(t, "6455-10.4-01", event.kind ~= "timeout",
      "the pings are answered, or the connection ends", event.kind)
    serves_another(t, "6455-10.4-01")
  end,
}

case {
  id = "errors.lost-in-a-frame",
  title = "A connection lost within a frame does not harm other connections",
  requirements = { "6455-10.7-01" },
  tags = { "robustness" },
  since = "1.0",
  run = function(t)
    local bystander = t:open()
    local unfinished = {
      { "header", hex("82") },
      { "extended length", hex("82 FE 01") },
      { "masking key", hex("82 85 37 FA") },
      { "payload", hex("82 85 37 FA 21 3D 7F 9F") },
      { "ping", hex("89 85 37 FA 21 3D 7F 9F") },
      { "message", hex("01 82 37 FA 21 3D 7F 9F") },
    }
    for _, row in ipairs(unfinished) do
      for _, how in ipairs { "reset", "fin" } do
        t:variant(how .. " within the " .. row[1], function()
          local ws = t:open()
          ws:send(row[2])
          ws[how](ws)
          must(t, "6455-10.7-01", bystander:alive(),
            "another connection is still served", "timeout")
        end)
      end
    end
    serves_another(t, "6455-10.7-01")
    bystander:finish()
  end,
}
