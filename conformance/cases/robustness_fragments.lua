-- Messages of too many fragments, and fragments cut anywhere: classes 16 to 26 of
-- docs/robustness.md.

local REQ = "6455-10.4-01"
local KEY = "\0\0\0\0"

-- `piece` is poured into a message that never ends.
local function endless(t, first, piece, times)
  t:judge_memory(REQ, { slack = 16 << 20, factor = 4 }, function(open)
    local ws = t:open()
    open[#open + 1] = ws
    ws:text(first, { fin = false })
    local sent, all = ws:pour(piece, times)
    if all then
      -- Behind what was sent: its pong says that all of it was read.
      ws:next { fence = true, timeout = 20 }
    end
    return sent
  end)
  t:serves(REQ)
end

case {
  id = "robustness.tiny-fragments",
  title = "A million fragments of one octet do not cost many times their size",
  requirements = { REQ, "6455-5.4-11" },
  tags = { "robustness", "slow", "class:16" },
  since = "1.0",
  weight = 8,
  run = function(t)
    endless(t, "x", ("\0\x81" .. KEY .. "x"):rep(10000), 100)
  end,
}

case {
  id = "robustness.empty-fragments",
  title = "A million empty fragments do not cost many times their size",
  requirements = { REQ, "6455-5.4-11" },
  tags = { "robustness", "slow", "class:17" },
  since = "1.0",
  weight = 8,
  run = function(t)
    endless(t, "", ("\0\x80" .. KEY):rep(10000), 100)
  end,
}

case {
  id = "robustness.endless-message",
  title = "A message of fragments without an end is refused, or read without waste of memory",
  requirements = { REQ },
  tags = { "robustness", "slow", "class:18", "class:19" },
  since = "1.0",
  weight = 8,
  run = function(t)
    local fragment = "\0\xFE\x04\0" .. KEY .. ("x"):rep(1024)
    endless(t, "x", fragment:rep(1024), 24)
  end,
}

case {
  id = "robustness.split-anywhere",
  title = "Frames are read the same however they are cut into segments",
  requirements = { "6455-6.2-01" },
  needs = { "echo" },
  tags = { "robustness", "class:24", "class:25", "class:26" },
  since = "1.0",
  baseline = true,
  run = function(t)
    local ws = t:open()
    local function exchange(label, cut)
      t:variant(label, function()
        ws:cork()
        ws:ping("")
        ws:text("hi " .. t.nonce)
        ws:text("a" .. t.nonce, { fin = false })
        ws:continuation("")
        ws:flush(cut)
        ws:expect_text("hi " .. t.nonce)
        ws:expect_text("a" .. t.nonce)
      end)
    end
    exchange("in one segment", 0)
    for cut = 1, 60 do
      exchange("in segments of " .. cut, cut)
    end
    -- Two frames and half of a third, and then nothing.
    ws:cork()
    ws:ping("")
    ws:text("hi " .. t.nonce)
    ws:send("\x81")
    ws:flush()
    ws:expect_text("hi " .. t.nonce)
    t:judge_idle("6455-6.2-01")
    ws:reset()
    t:serves("6455-6.2-01")
  end,
}
