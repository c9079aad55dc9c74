-- Lengths that are announced and never come: classes 1 to 15 of
-- docs/robustness.md. What is refused, and with which status code, is judged in
-- length.lua; here the server has to survive.

local REQ = "6455-10.4-01"
local KEY = "\0\0\0\0"

local function header(first, length)
  return string.char(first, 0xFF) .. string.pack(">I8", length) .. KEY
end

local lengths = {
  { "2^16", 1 << 16 },
  { "2^31-1", (1 << 31) - 1 },
  { "2^31", 1 << 31 },
  { "2^32-1", (1 << 32) - 1 },
  { "2^32+2", (1 << 32) + 2 },
  { "2^53+1", (1 << 53) + 1 },
  { "2^63-1", math.maxinteger },
  { "2^63", math.mininteger },
  { "2^63+8", math.mininteger + 8 },
  { "2^64-8", -8 },
  { "2^64-4", -4 },
  { "2^64-1", -1 },
}

local kinds = {
  { "text", 0x81 },
  { "binary", 0x82 },
  { "fragment", 0x02 },
  { "continuation", 0x80 },
  { "close", 0x88 },
  { "ping", 0x89 },
  { "reserved", 0x83 },
}

case {
  id = "robustness.declared-lengths",
  title = "Whatever length a frame announces, the server survives",
  requirements = { REQ },
  tags = { "robustness", "class:2", "class:3", "class:4", "class:7", "class:8", "class:9", "class:11" },
  since = "1.0",
  baseline = true,
  run = function(t)
    local bystander = t:open()
    for _, kind in ipairs(kinds) do
      for _, row in ipairs(lengths) do
        for _, tail in ipairs { 0, 64 } do
          t:variant(kind[1] .. ", " .. row[1] .. " announced, " .. tail .. " octets sent", function()
            local ws = t:open()
            ws:send(header(kind[2], row[2]) .. ("x"):rep(tail))
            bystander:undisturbed(t, REQ)
            ws:release()
          end)
        end
      end
    end
    t:judge_idle(REQ)
    t:serves(REQ)
    bystander:finish()
  end,
}

case {
  id = "robustness.sum-of-lengths",
  title = "Fragments whose lengths add up beyond 2^63 do not harm the server",
  requirements = { REQ },
  tags = { "robustness", "class:1", "class:12" },
  since = "1.0",
  baseline = true,
  run = function(t)
    local bystander = t:open()
    for _, row in ipairs { { "2^63-1", math.maxinteger }, { "2^63-16", math.maxinteger - 15 }, { "2^64-1", -1 } } do
      t:variant("1 + " .. row[1], function()
        local ws = t:open()
        ws:text("x", { fin = false })
        ws:send(header(0x80, row[2]) .. ("x"):rep(65536))
        bystander:undisturbed(t, REQ)
        ws:reset()
      end)
    end
    t:judge_idle(REQ)
    t:serves(REQ)
    bystander:finish()
  end,
}

case {
  id = "robustness.declared-memory",
  title = "Memory is not reserved for octets that were only announced",
  requirements = { REQ },
  tags = { "robustness", "class:14" },
  since = "1.0",
  baseline = true,
  run = function(t)
    local announced = (64 << 20) - 1
    -- Connections cost memory too, threads and their stacks: they come first, and
    -- those for a repetition with them.
    local waiting = {}
    for i = 1, 20 do
      waiting[i] = t:open()
      waiting[i]:alive()
    end
    t:judge_memory(REQ, { slack = 5 * announced, factor = 4, virtual = true }, function(open)
      for _ = 1, 10 do
        local ws = table.remove(waiting)
        open[#open + 1] = ws
        ws:send(header(0x82, announced) .. "x")
      end
      t:pause(0.2)
      return 10 * 15
    end)
    t:serves(REQ)
  end,
}

case {
  id = "robustness.endless-frame",
  title = "A frame that is larger than the server takes is refused, or read without waste of memory",
  requirements = { REQ },
  tags = { "robustness", "slow", "class:15" },
  since = "1.0",
  weight = 8,
  run = function(t)
    t:judge_memory(REQ, { factor = 4 }, function(open)
      local ws = t:open()
      open[#open + 1] = ws
      ws:send(header(0x82, 256 << 20))
      local sent = ws:pour(("x"):rep(1 << 20), 32)
      return sent
    end)
    t:serves(REQ)
  end,
}

case {
  id = "robustness.payload-in-two",
  title = "A payload that comes in two segments is put together, wherever it is cut",
  requirements = { "6455-6.2-01", "6455-5.3-05" },
  needs = { "echo" },
  tags = { "robustness", "class:13" },
  since = "1.0",
  baseline = true,
  run = function(t)
    local ws = t:open()
    for cut = 1, 32 do
      local text = t.nonce .. ("%020d"):format(cut)
      t:variant("cut behind octet " .. cut, function()
        ws:cork()
        ws:text(text)
        ws:flush(cut)
        ws:expect_text(text)
      end)
    end
    ws:finish()
  end,
}
