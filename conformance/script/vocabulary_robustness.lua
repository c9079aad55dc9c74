-- vocabulary_robustness.lua: what the cases tagged robustness share; see
-- docs/cases.md.

local MIB = 1048576

-- A server that works through a flood may keep others waiting: several T.
local PATIENCE = 6

local function knock(t)
  local r, why, c
  for _ = 1, PATIENCE do
    r, why, c = t:ask {}
    if r or why ~= "timeout" then
      break
    end
    c:release()
  end
  return r, why, c
end

-- Waits until the peer accepts connections: what came before may keep it busy.
local function settle(t)
  local r, why, c = knock(t)
  if not r then
    t:unmeasured("a valid handshake before the case failed: " .. t:told(r, why), why == "timeout")
  end
  c:release()
end

-- A new connection gets through the opening handshake and has its ping answered.
function T:serves(req)
  local r, why, c = knock(self)
  if self:must(req, r and r.status == 101, "a new connection is accepted", self:told(r, why), why == "timeout") then
    c:upgrade()
    self:must(req, c:alive(), "a ping on a new connection is answered", "no pong came in time", true)
    c:finish()
  else
    c:release()
  end
end

-- The connection `ws` is beside those that were ill-treated, and has to live.
function L:undisturbed(t, req)
  return t:must(req, self:alive(), "another connection is still served", "no pong came in time", true)
end

-- Sends `piece` as often as `times` says, no faster than the peer reads. Returns
-- the octets that left, and false when it read nothing for a second, took half a
-- minute or ended.
function L:pour(piece, times)
  local sent, slow = 0, 0
  for _ = 1, times do
    self:send(piece)
    local before = #piece
    local gone, rest = self:left(1)
    while not gone and rest < before and slow < 30 do
      before, slow = rest, slow + 1
      gone, rest = self:left(1)
    end
    if not gone then
      return sent + #piece - rest, false
    end
    sent = sent + #piece
  end
  return sent, true
end

local function mebibytes(octets)
  return ("%.1f MiB"):format(octets / MIB)
end

-- How the peer's memory grows while `act` runs, which leaves its connections open
-- and returns the octets it sent. More than `slack`, and more than `factor`
-- times those octets, is too much; when it shows again in a repetition, a
-- warning. `act` is given the connections to be kept, as a list to append to.
function T:judge_memory(req, limits, act)
  settle(self)
  local slack, factor = limits.slack or 32 * MIB, limits.factor
  local before, why = self:process()
  local which = limits.virtual and "vsize" or "rss"
  local function once()
    local open = {}
    local sent = act(open)
    local after = before and self:process()
    local grown = after and math.max(after.rss - before.rss, after[which] - before[which])
    for _, ws in ipairs(open) do
      ws:reset()
    end
    return grown, sent
  end
  local grown, sent = once()
  if not grown then
    self:note(req, "memory is not measured: " .. (why or "its process is gone"))
    return
  end
  local most = math.max(slack, factor * sent)
  if grown > most then
    settle(self)
    grown, sent = once()
    grown, most = grown or 0, math.max(slack, factor * sent)
  end
  self:should(req, grown <= most,
    "the server's memory grows by no more than " .. mebibytes(most) .. " for " .. mebibytes(sent) .. " sent",
    "it grew by " .. mebibytes(grown))
end

-- A second later, with nothing to do, the peer uses next to no CPU.
function T:judge_idle(req)
  local used
  for _ = 1, 3 do
    local before, why = self:process()
    if not before then
      self:note(req, "CPU is not measured: " .. why)
      return
    end
    self:pause(0.5)
    local after = self:process()
    used = after and after.cpu - before.cpu or 0
    if used < 0.25 then
      break
    end
  end
  self:should(req, used < 0.25, "the server is idle when nothing is left to do",
    ("it used %.2f s of CPU in half a second, three times in a row"):format(used))
end

-- The peer gives the descriptors of `act`'s connections back: of `num`, no more
-- than half are left after half a minute: some wait long for the other end.
function T:judge_descriptors(req, num, act)
  local before, why = self:process()
  act()
  local after = before and self:process()
  if not after or not before.fds then
    self:note(req, "descriptors are not counted: " .. (why or "they may not be read"))
    return
  end
  local waited = 0
  while after and after.fds - before.fds > num // 2 and waited < 30 do
    self:pause(0.1)
    waited = waited + 0.1
    after = self:process()
  end
  local left = after and after.fds - before.fds or 0
  self:should(req, left <= num // 2, "the descriptors of connections that have ended are released",
    left .. " of " .. num .. " are still open")
end
