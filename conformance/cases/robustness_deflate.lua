-- What compressed messages can become: classes 47, 49 and 50 of
-- docs/robustness.md.

local REQ = "6455-10.4-01"
local STORED = "7692-7.2.1-03"
local SIZE = 16 << 20

-- Inflated, joined and about to be echoed: a few copies are fair.
local limits = { slack = 6 * SIZE, factor = 4 }

local function bomb(slug, title, send)
  case {
    id = "robustness.bomb-" .. slug,
    title = title,
    requirements = { REQ },
    tags = { "robustness", "slow", "class:47" },
    since = "1.0",
    weight = 8,
    run = function(t)
      t:open_deflate():release()
      t:judge_memory(REQ, limits, function(open)
        local ws = t:open_deflate()
        open[#open + 1] = ws
        ws:hold()
        local sent = send(ws)
        ws:left(5)
        -- Nothing tells when it has been inflated.
        t:pause(1)
        return sent
      end)
      t:serves(REQ)
    end,
  }
end

bomb("in-one-frame", "16 KiB that become 16 MiB do not cost many times that", function(ws)
  local octets = ws:deflated(("\0"):rep(SIZE))
  ws:binary(octets, { rsv = 4 })
  return #octets
end)

bomb("in-fragments", "The same in a thousand fragments", function(ws)
  local octets = ws:deflated(("\0"):rep(SIZE))
  local step = #octets // 1000 + 1
  ws:cork()
  ws:binary(octets:sub(1, step), { rsv = 4, fin = false })
  for at = step + 1, #octets, step do
    ws:continuation(octets:sub(at, at + step - 1), { fin = false })
  end
  ws:continuation("")
  ws:flush()
  return #octets
end)

case {
  id = "robustness.stored-lengths",
  title = "Compressed messages of any length arrive, two in a segment",
  requirements = { STORED },
  needs = { "echo" },
  tags = { "robustness", "class:49", "class:50" },
  since = "1.0",
  run = function(t)
    local ws = t:open_deflate()
    local noise = t.rng:text(4110)
    local function pair(len)
      ws:cork()
      ws:text(deflate.stored(noise:sub(1, len)), { rsv = 4 })
      ws:text(deflate.stored(noise:sub(-len - 1)), { rsv = 4 })
      ws:flush()
      ws:expect_text(noise:sub(1, len))
      ws:expect_text(noise:sub(-len - 1))
    end
    for len = 0, 1100, 2 do
      pair(len)
    end
    for len = 4080, 4100 do
      pair(len)
    end
    ws:finish()
  end,
}
