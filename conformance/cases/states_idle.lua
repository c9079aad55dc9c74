-- What a server may do on a connection on which the client does nothing: RFC
-- 6455, 4.2.2, 5.1, 5.5.2, 7.3. All of it is permitted, none is asked for.

-- Idle for as long as this, in seconds. A keepalive of a minute is not seen.
local IDLE = 1

local function ended(event)
  return event.kind == "fin" or event.kind == "rst" or event.kind == "close"
end

case {
  id = "states.open-greeting",
  title = "What a server sends as soon as the connection is open",
  requirements = { "6455-4.2.2-25" },
  info = true,
  since = "1.0",
  run = function(t)
    local ws = t:open()
    local event = ws:next { fence = true }
    t:note("6455-4.2.2-25", event.kind == "fence" and "nothing" or event.kind)
    ws:finish()
  end,
}

case {
  id = "states.open-idle",
  title = "What a server does of its own accord while nobody sends",
  requirements = { "6455-5.1-11", "6455-5.5.2-05", "6455-7.3-01" },
  info = true,
  tags = { "slow" },
  since = "1.0",
  run = function(t)
    local ws = t:open()
    local count = { text = 0, binary = 0, ping = 0 }
    local event
    t:pause(IDLE)
    repeat
      event = ws:next { fence = true }
      if count[event.kind] then
        count[event.kind] = count[event.kind] + 1
      end
    until event.kind == "fence" or event.kind == "timeout" or ended(event)
    local within = (" within %d s"):format(IDLE)
    t:note("6455-5.1-11", count.text + count.binary .. " messages" .. within)
    t:note("6455-5.5.2-05", count.ping .. " pings" .. within)
    t:note("6455-7.3-01", ended(event) and "it ended the connection" .. within
      or "it kept the connection")
    ws:finish()
  end,
}
