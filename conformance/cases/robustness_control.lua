-- Control frames without end, closing by halves, and connections that break:
-- classes 27 to 40 of docs/robustness.md.

local REQ = "6455-10.4-01"
local VALID = "6455-10.7-01"
local KEY = "\0\0\0\0"

-- Half of what was sent may be kept at most: a server that does not get rid of
-- its answers has to stop reading.
local unread = { slack = 24 << 20, factor = 0.5 }

local function flood(t, piece, times)
  t:judge_memory(REQ, unread, function(open)
    local ws = t:open()
    open[#open + 1] = ws
    ws:hold()
    local sent = ws:pour(piece, times)
    return sent
  end)
  t:serves(REQ)
end

case {
  id = "robustness.pings-unread",
  title = "Pongs that nobody reads do not fill the server's memory",
  requirements = { REQ },
  tags = { "robustness", "slow", "class:37" },
  since = "1.0",
  weight = 8,
  run = function(t)
    local ping = "\x89\xFD" .. KEY .. ("p"):rep(125)
    flood(t, ping:rep(8000), 64)
  end,
}

case {
  id = "robustness.echo-unread",
  title = "Echoes that nobody reads do not fill the server's memory",
  requirements = { REQ },
  needs = { "echo" },
  tags = { "robustness", "slow", "class:38" },
  since = "1.0",
  weight = 8,
  run = function(t)
    local text = "\x81\xFE\x40\0" .. KEY .. ("t"):rep(16384)
    flood(t, text:rep(64), 64)
  end,
}

case {
  id = "robustness.close-by-halves",
  title = "Connections whose client sends Close and nothing more are given up",
  requirements = { VALID },
  tags = { "robustness", "slow", "class:27" },
  since = "1.0",
  weight = 8,
  run = function(t)
    local num = 32
    local waiting = {}
    t:judge_descriptors(VALID, num, function()
      for i = 1, num do
        waiting[i] = t:open()
        waiting[i]:close(1000)
      end
    end)
    t:serves(VALID)
  end,
}

case {
  id = "robustness.octets-after-close",
  title = "Octets without meaning behind a Close do not keep the server busy",
  requirements = { VALID },
  tags = { "robustness", "class:30" },
  since = "1.0",
  baseline = true,
  run = function(t)
    local ws = t:open()
    ws:close(1000)
    ws:pour(t.rng:bytes(65536), 64)
    t:judge_idle(VALID)
    t:serves(VALID)
    ws:reset()
  end,
}

case {
  id = "robustness.many-connections",
  title = "Connections that were closed leave nothing behind",
  requirements = { REQ },
  tags = { "robustness", "slow", "class:28" },
  since = "1.0",
  weight = 8,
  run = function(t)
    local function come_and_go(num)
      for _ = 1, num do
        local ws = t:open()
        ws:close(1000)
        ws:next()
        ws:release()
      end
    end
    come_and_go(200)
    t:judge_memory(REQ, { slack = 24 << 20, factor = 0 }, function()
      come_and_go(1000)
      return 1000 * 200
    end)
    t:serves(REQ)
  end,
}

case {
  id = "robustness.error-at-once",
  title = "A frame that breaks the rules as the first one does not bring the server down",
  requirements = { VALID },
  tags = { "robustness", "class:34" },
  since = "1.0",
  baseline = true,
  run = function(t)
    local bystander = t:open()
    for _, row in ipairs {
      { "RSV2, unmasked", hex("A2 00") },
      { "opcode 3", hex("83 80 00 00 00 00") },
      { "a continuation", hex("80 80 00 00 00 00") },
      { "Close with one octet", hex("88 81 00 00 00 00 03") },
    } do
      t:variant(row[1] .. " behind the request", function()
        local c = t:dial()
        c:send(t:request() .. row[2])
        bystander:undisturbed(t, VALID)
        c:release()
      end)
      t:variant(row[1] .. " behind the 101", function()
        local ws = t:open { protocols = t.target.protocol }
        ws:send(row[2])
        bystander:undisturbed(t, VALID)
        ws:release()
      end)
    end
    t:serves(VALID)
    bystander:finish()
  end,
}

case {
  id = "robustness.lost-anywhere",
  title = "A connection may break at any octet, and the server goes on",
  requirements = { VALID },
  tags = { "robustness", "class:40", "class:68" },
  since = "1.0",
  baseline = true,
  run = function(t)
    local bystander = t:open()
    local frames = hex("82 FE 01 00 37 FA 21 3D") .. ("x"):rep(40)
    local num = 0
    t:judge_descriptors(VALID, 60, function()
      for _, how in ipairs { "reset", "fin" } do
        t:variant(how .. " within the request", function()
          local request = t:request()
          for cut = 0, #request, 16 do
            local c = t:dial()
            c:send(request:sub(1, cut))
            c[how](c)
            num = num + 1
          end
          bystander:undisturbed(t, VALID)
        end)
        t:variant(how .. " behind the request, unread", function()
          for _ = 1, 8 do
            local c = t:dial()
            c:send(t:request())
            c[how](c)
          end
          bystander:undisturbed(t, VALID)
        end)
        t:variant(how .. " within a frame", function()
          for _, cut in ipairs { 1, 2, 3, 4, 5, 7, 8, 9, 20, 48 } do
            local ws = t:open()
            ws:send(frames:sub(1, cut))
            ws[how](ws)
          end
          bystander:undisturbed(t, VALID)
        end)
      end
      -- Whoever saw a FIN may wait for the other end of the connection.
      t:pause(0.2)
    end)
    t:judge_idle(VALID)
    t:serves(VALID)
    bystander:finish()
  end,
}
