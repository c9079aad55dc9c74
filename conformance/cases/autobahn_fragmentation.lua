-- Autobahn's group 5: fragments, and what may stand between them.

local JOINED = "6455-5.4-03"
local NO_MESSAGE = "6455-5.4-04"
local OPEN_MESSAGE = "6455-5.4-05"
local BETWEEN = "6455-5.4-10"
local FRAGMENTED_CONTROL = "6455-5.5-03"
local NOT_CONTINUED = "non-continuation payload"
local MORE = { fin = false }

-- How Autobahn sends the frames of one exchange, three cases each.
local styles = {
  {
    words = "",
    send = function(ws, frames)
      frames(ws:cork()):flush()
    end,
  },
  {
    words = ", a segment each",
    send = function(ws, frames)
      frames(ws)
    end,
  },
  {
    words = ", octet by octet",
    send = function(ws, frames)
      frames(ws:cork()):flush(1)
    end,
  },
}

local function counterpart(id, row)
  case {
    id = "autobahn." .. id,
    title = row.title,
    requirements = row.reqs,
    autobahn = { id },
    needs = row.echo and { "echo" } or nil,
    tags = { "autobahn" },
    run = row.run,
  }
end

-- Three cases from 5.`first` on.
local function three(first, row, run)
  for i, style in ipairs(styles) do
    counterpart("5." .. first + i - 1, {
      title = row.title .. style.words,
      reqs = row.reqs,
      echo = row.echo,
      run = function(t)
        run(t, style.send)
      end,
    })
  end
end

local function fails(id, title, req, frames)
  counterpart(id, {
    title = title,
    reqs = { req },
    run = function(t)
      local ws = t:open_autobahn { ending = "failed" }
      frames(ws:cork()):flush()
      ws:expect_failed(1002)
    end,
  })
end

fails("5.1", "A ping in two fragments fails the connection", FRAGMENTED_CONTROL,
  function(ws)
    return ws:ping("fragment1", MORE):continuation("fragment2")
  end)

fails("5.2", "A pong in two fragments fails the connection", FRAGMENTED_CONTROL,
  function(ws)
    return ws:pong("fragment1", MORE):continuation("fragment2")
  end)

three(3, {
  title = "A text message in two fragments is echoed",
  reqs = { JOINED },
  echo = true,
}, function(t, send)
  local ws = t:open_autobahn { events = { { "text", "fragment1fragment2" } } }
  send(ws, function(to)
    return to:text("fragment1", MORE):continuation("fragment2")
  end)
  ws:expect_text("fragment1fragment2")
end)

three(6, {
  title = "A ping between two fragments is answered, the message echoed",
  reqs = { BETWEEN, "6455-5.4-06" },
  echo = true,
}, function(t, send)
  local ws = t:open_autobahn {
    events = { { "pong", "ping payload" }, { "text", "fragment1fragment2" } },
  }
  send(ws, function(to)
    return to:text("fragment1", MORE):ping("ping payload")
      :continuation("fragment2")
  end)
  ws:expect_pong("ping payload", { req = BETWEEN })
  ws:expect_text("fragment1fragment2", { req = "6455-5.4-06" })
end)

for _, row in ipairs { { 9, true }, { 12, false } } do
  local first, fin = table.unpack(row)
  three(first, {
    title = "A continuation " .. (fin and "with" or "without")
      .. " FIN that continues nothing fails the connection",
    reqs = { NO_MESSAGE },
  }, function(t, send)
    local ws = t:open_autobahn { ending = "failed" }
    send(ws, function(to)
      return to:continuation(NOT_CONTINUED, { fin = fin }):text("Hello, world!")
    end)
    ws:expect_failed(1002)
  end)
end

-- Autobahn does not wait for the echo, which may then come or not.
counterpart("5.15", {
  title = "A continuation behind a whole message fails the connection",
  reqs = { NO_MESSAGE, JOINED },
  echo = true,
  run = function(t)
    local ws = t:open_autobahn {
      events = { { "text", "fragment1fragment2" } },
      non_strict = {},
      ending = "failed",
    }
    ws:cork():text("fragment1", MORE):continuation("fragment2"):flush()
    ws:expect_text("fragment1fragment2", { req = JOINED })
    ws:cork():continuation("fragment3", MORE):text("fragment4"):flush()
    ws:expect_failed(1002, { req = NO_MESSAGE })
  end,
})

for number = 16, 17 do
  local fin = number == 17
  fails("5." .. number, "A continuation " .. (fin and "with" or "without")
    .. " FIN before the message fails the connection", NO_MESSAGE, function(ws)
    for _ = 1, 2 do
      ws:continuation("fragment1", { fin = fin }):text("fragment2", MORE)
        :continuation("fragment3")
    end
    return ws
  end)
end

fails("5.18", "A text frame inside a message fails the connection",
  OPEN_MESSAGE, function(ws)
    return ws:text("fragment1", MORE):text("fragment2")
  end)

for number = 19, 20 do
  local style = styles[number - 18]
  counterpart("5." .. number, {
    title = "Pings within a message of five fragments are answered"
      .. style.words,
    reqs = { BETWEEN, JOINED },
    echo = true,
    run = function(t)
      local whole = "fragment1fragment2fragment3fragment4fragment5"
      local ws = t:open_autobahn {
        events = {
          { "pong", "pongme 1!" }, { "pong", "pongme 2!" }, { "text", whole },
        },
      }
      style.send(ws, function(to)
        return to:text("fragment1", MORE):continuation("fragment2", MORE)
          :ping("pongme 1!")
      end)
      t:pause(1)
      style.send(ws, function(to)
        return to:continuation("fragment3", MORE)
          :continuation("fragment4", MORE):ping("pongme 2!")
          :continuation("fragment5")
      end)
      ws:expect_pong("pongme 2!", { req = BETWEEN })
      ws:expect_text(whole, { req = JOINED })
    end,
  })
end
