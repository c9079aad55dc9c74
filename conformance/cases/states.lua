-- What may come in each state of a connection, and what must not count:
-- RFC 6455, 4.1, 5.1, 5.4, 5.5.1.
--
-- Left out: what an application may call in a state (readyState, send and
-- close of an API) cannot be seen from outside.

-- Everything up to the end of TCP, as a list of events.
local function drain(t, ws)
  local events = {}
  while true do
    local event = ws:next { timeout = t.timeout }
    if event.kind == "fin" or event.kind == "rst" or event.kind == "timeout"
    then
      return events
    end
    events[#events + 1] = event
  end
end

local function count(events, kind, payload)
  local num = 0
  for _, event in ipairs(events) do
    if event.kind == kind and (not payload or event.payload == payload) then
      num = num + 1
    end
  end
  return num
end

-- The closing handshake, our half of it sent, and what follows our Close in the
-- same write: whether a peer reads both at once, and with it what it answers,
-- would else be left to chance.
local function behind_close(t, send)
  local ws = t:open()
  ws:cork()
  ws:close(1000)
  send(ws)
  ws:flush()
  return drain(t, ws)
end

-- CONNECTING -----------------------------------------------------------------

case {
  id = "states.connecting-silent",
  title = "Before the request nothing comes from the server",
  requirements = { "6455-4.2.2-26" },
  tags = { "slow" },
  run = function(t)
    local ws = t:dial():upgrade()
    local event = ws:next { timeout = 0.5 }
    -- Who hangs up on a client that says nothing has not spoken either.
    local silent = event.kind == "timeout" or event.kind == "fin"
      or event.kind == "rst"
    t:must("6455-4.2.2-26", silent, "nothing before the request", event.kind)
  end,
}

case {
  id = "states.connecting-frame",
  title = "A frame instead of a request does not open a connection",
  requirements = { "6455-4.2.1-01" },
  baseline = true,
  run = function(t)
    -- An empty line behind it completes what a reader of HTTP waits for.
    local ping = hex("89 81 37 FA 21 3D 74")
    t:rejects("6455-4.2.1-01", ping .. "\r\n\r\n")
  end,
}

-- OPEN -----------------------------------------------------------------------

case {
  id = "states.open-at-once",
  title = "With the 101 the connection is open and serves control frames",
  requirements = { "6455-5.5.2-03" },
  run = function(t)
    local ws = t:open()
    ws:ping(t.nonce)
    ws:expect_pong(t.nonce)
    ws:finish()
  end,
}

case {
  id = "states.open-pong-ignored",
  title = "In OPEN an unsolicited pong has no effect",
  requirements = { "6455-5.5.3-05" },
  run = function(t)
    local ws = t:open()
    ws:pong("x" .. t.nonce)
    local event, answered
    repeat
      event = ws:next { fence = true }
      answered = answered
        or (event.kind == "pong" and event.payload == "x" .. t.nonce)
    until event.kind == "fence" or event.kind == "timeout"
      or event.kind == "fin" or event.kind == "rst" or event.kind == "close"
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

case {
  id = "states.open-second-request",
  title = "In OPEN a second opening request is read as frames, and fails",
  requirements = { "6455-10.7-01" },
  run = function(t)
    -- "G" is opcode 7 with RSV1, and "E" says that it is not masked: whatever
    -- is looked at first, it is no frame.
    local ws = t:open()
    ws:send(t:request {})
    ws:expect_failed(1002)
  end,
}

-- CLOSING --------------------------------------------------------------------

case {
  id = "states.closing-text",
  title = "A message after our Close is not delivered",
  requirements = { "6455-5.5.1-21" },
  needs = { "echo" },
  run = function(t)
    local events = behind_close(t, function(ws)
      ws:text(t.nonce)
    end)
    t:must("6455-5.5.1-21", count(events, "text", t.nonce) == 0,
      "no echo", "the echo")
  end,
}

case {
  id = "states.closing-ping",
  title = "A ping after our Close needs no pong, and gets none",
  requirements = { "6455-5.5.2-06" },
  run = function(t)
    local events = behind_close(t, function(ws)
      ws:ping(t.nonce)
    end)
    t:tolerated("6455-5.5.2-06", count(events, "pong", t.nonce) == 0,
      "no pong", "the pong")
  end,
}

case {
  id = "states.closing-close",
  title = "A second Close gets no second answer",
  requirements = { "6455-5.5.1-10" },
  run = function(t)
    local events = behind_close(t, function(ws)
      ws:close()
    end)
    local closes = count(events, "close")
    t:must("6455-5.5.1-10", closes <= 1, "at most one Close",
      closes .. " Close frames")
  end,
}

case {
  id = "states.closing-garbage",
  title = "A protocol error after our Close has no effect",
  requirements = { "6455-5.5.1-21", "6455-5.5.1-10" },
  run = function(t)
    local events = behind_close(t, function(ws)
      ws:frame { opcode = 15, rsv = 7, payload = t.nonce }
    end)
    local closes = count(events, "close")
    t:must("6455-5.5.1-10", closes <= 1, "at most one Close",
      closes .. " Close frames")
    for _, event in ipairs(events) do
      if event.kind == "close" then
        t:tolerated("6455-5.5.1-21", event.code ~= 1002,
          "the answer to the Close alone", "Close 1002")
      end
    end
  end,
}

-- CLOSED ---------------------------------------------------------------------

case {
  id = "states.closed-leaves-nothing",
  title = "A broken connection leaves no open message to the next one",
  requirements = { "6455-5.4-04" },
  run = function(t)
    local broken = t:open()
    broken:text("frag", { fin = false })
    broken:reset()
    local ws = t:open()
    ws:continuation("ment")
    ws:expect_failed(1002)
  end,
}

case {
  id = "states.closed-then-new",
  title = "After a closing handshake a new connection serves messages",
  requirements = { "6455-6.1-09" },
  needs = { "answer" },
  run = function(t)
    local first = t:open()
    first:close(1000)
    first:finish()
    local ws = t:open()
    ws:text(t.message)
    t:expect_answer(ws, "6455-6.1-09")
    ws:finish()
  end,
}
