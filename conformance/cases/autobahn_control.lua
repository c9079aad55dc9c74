-- Autobahn's group 2: pings and pongs.

local SAME = "6455-5.5.3-02"
local UNSOLICITED = "6455-5.5.3-04"

local function counterpart(id, row)
  case {
    id = "autobahn." .. id,
    title = row.title,
    requirements = { row.req },
    autobahn = { id },
    tags = { "autobahn" },
    run = row.run,
  }
end

for number, row in ipairs {
  { payload = "", title = "A ping without payload is answered" },
  { payload = "Hello, world!", title = "A ping with text is answered" },
  {
    payload = hex("00 FF FE FD FC FB 00 FF"),
    title = "A ping with octets that are no text is answered",
  },
  { payload = ("\xFE"):rep(125), title = "A ping of 125 octets is answered" },
  false,
  {
    payload = ("\xFE"):rep(125),
    chop = 1,
    title = "A ping of 125 octets that comes octet by octet is answered",
  },
} do
  if row then
    counterpart("2." .. number, {
      title = row.title,
      req = SAME,
      run = function(t)
        local ws = t:open_autobahn { events = { { "pong", row.payload } } }
        ws:cork():ping(row.payload):flush(row.chop)
        ws:expect_pong(row.payload)
      end,
    })
  end
end

counterpart("2.5", {
  title = "A ping of 126 octets fails the connection",
  req = "6455-5.5-02",
  run = function(t)
    local ws = t:open_autobahn { ending = "failed" }
    ws:ping(("\xFE"):rep(126))
    ws:expect_failed(1002)
  end,
})

for number, payload in ipairs { "", "unsolicited pong payload" } do
  counterpart("2." .. 6 + number, {
    title = "An unsolicited pong " .. (payload == "" and "without" or "with")
      .. " payload leaves the closing handshake as it is",
    req = UNSOLICITED,
    run = function(t)
      local ws = t:open_autobahn {}
      ws:cork():pong(payload):close(1000):flush()
      ws:expect_close()
    end,
  })
end

counterpart("2.9", {
  title = "An unsolicited pong gets no answer, and the ping behind it gets one",
  req = UNSOLICITED,
  run = function(t)
    local ws = t:open_autobahn { events = { { "pong", "ping payload" } } }
    ws:cork():pong("unsolicited pong payload"):ping("ping payload"):flush()
    ws:expect_pong("ping payload")
  end,
})

-- 5.5.3: "the endpoint MAY elect to send a Pong frame for only the most
-- recently processed Ping frame". Autobahn counts ten; the last is due (F10).
for number, chop in ipairs { 0, 1 } do
  counterpart("2." .. 9 + number, {
    title = "Of ten pings" .. (chop == 1 and " that come octet by octet" or "")
      .. " at least the last is answered",
    req = "6455-5.5.3-03",
    run = function(t)
      local pongs = {}
      for i = 0, 9 do
        pongs[i + 1] = { "pong", "payload-" .. i }
      end
      local ws = t:open_autobahn { events = pongs }
      ws:cork()
      for i = 0, 9 do
        ws:ping("payload-" .. i)
      end
      ws:flush(chop)
      ws:expect_pong("payload-9")
    end,
  })
end
