-- vocabulary_autobahn.lua: how the counterparts of the Autobahn Testsuite's cases
-- open and end their one connection; see docs/cases.md.

-- Ways to end that the suite expects, by name.
local endings = {
  -- We close with 1000 when all has come; the peer answers and ends TCP.
  normal = { codes = { 1000 }, clean = true },
  -- The peer fails the connection, with or without a Close frame.
  failed = { codes = { 1002 }, peer_closes = true },
  -- The same for text that is not UTF-8, where it makes the behavior, too.
  invalid = { codes = { 1007 }, peer_closes = true, close_counts = true },
  -- We sent a Close that is wrong in itself.
  refused = { codes = { 1002 }, code_counts = true },
}

local opened = setmetatable({}, { __mode = "k" })

function T:expects_autobahn(plan)
  local full = {}
  for key, value in pairs(endings[plan.ending or "normal"]) do
    full[key] = value
  end
  for key, value in pairs(plan) do
    full[key] = value
  end
  full.ending = nil
  self:plan_autobahn(full)
end

-- `wait`: options of c:response, for who opens while others keep the peer busy.
function T:open_autobahn(plan, request, wait)
  self:expects_autobahn(plan)
  if not (request and request.extensions) then
    opened[self] = self:open(request, wait)
    return opened[self]
  end
  local ws = self:offer_deflate(request, wait)
  opened[self] = ws
  if not ws.deflate then
    self:say_autobahn("UNIMPLEMENTED")
  end
  self:need_deflate(ws, request)
  return ws
end

-- However the script ends: the suite closes each connection and waits for the end
-- of TCP, and has a verdict on that.
function T:run_autobahn(run)
  local good, why = pcall(run, self)
  if opened[self] then
    opened[self]:finish()
  end
  if not good then
    error(why, 0)
  end
end
