-- vocabulary.lua: the verbs that are made of other verbs. `T` holds the methods
-- of `t`, `L` those of a connection; what a case sees of them is described in
-- docs/cases.md.

local missing = {
  fin = "the connection was closed without an answer",
  rst = "the connection was reset without an answer",
  timeout = "there was no answer in time",
  ["too-large"] = "the answer has no end",
}

local function octets(t, request)
  return type(request) == "string" and request or t:request(request)
end

local function known(opts, ...)
  for key in pairs(opts) do
    local found = false
    for _, name in ipairs({ ... }) do
      found = found or name == key
    end
    if not found then
      error("unknown option '" .. tostring(key) .. "'", 3)
    end
  end
end

-- Opens leniently: a 101 that is wrong in itself is judged in handshake.*.
function T:open(opts, wait)
  local c = self:dial()
  c:send(octets(self, opts))
  local r, why = c:response(wait)
  if not r then
    self:unmeasured("the opening handshake failed: " .. missing[why])
  elseif r.status ~= 101 then
    self:unmeasured("the opening handshake got status " .. r.status)
  end
  return c:upgrade()
end

-- Rules F2 to F4. Any final status but 101 is a rejection; a bare TCP close is
-- non-strict; what a 101 means is for the case to say.
function T:rejects(req, request, opts)
  opts = opts or {}
  known(opts, "accepted", "expected")
  local accepted = opts.accepted or "fail"
  local expected = opts.expected or "the handshake is refused with an HTTP error"
  local c = self:dial()
  c:send(octets(self, request))
  local r, why = c:response()
  if r and r.status ~= 101 then
    self:must(req, true, expected)
  elseif r and accepted == "info" then
    self:note(req, "the server accepts this handshake")
  elseif r then
    local judge = accepted == "tolerated" and self.tolerated or self.must
    judge(self, req, false, expected, "it was accepted with 101")
  elseif why == "timeout" then
    self:absent(req, accepted == "info" and "tolerated" or "must", expected, missing[why])
  elseif why == "too-large" then
    self:unmeasured(missing[why])
  else
    self:tolerated(req, false, expected, missing[why])
  end
  c:release()
  return r
end

-- A request on a connection of its own: response, or nil and why not, and the
-- connection.
function T:ask(request, wait)
  local c = self:dial()
  c:send(octets(self, request))
  local r, why = c:response(wait)
  return r, why, c
end

-- What came, in words.
function T:told(r, why)
  return r and "status " .. r.status or missing[why]
end

function T:accepts(req, request, opts)
  opts = opts or {}
  known(opts, "refused", "expected")
  local refused = opts.refused or "fail"
  local expected = opts.expected or "the handshake is accepted with 101"
  local bytes = octets(self, request)
  local c = self:dial()
  c:send(bytes)
  local r, why = c:response()
  local judge = refused == "tolerated" and self.tolerated or self.must
  if r and r.status == 101 then
    self:must(req, r:accepted(self, bytes), expected .. " and the right Sec-WebSocket-Accept",
      "it is " .. tostring(r:get("Sec-WebSocket-Accept")))
      return c:upgrade()
  elseif refused == "info" then
    self:note(req, "the server refuses this handshake: " .. (r and "status " .. r.status or missing[why]))
  elseif r then
    judge(self, req, false, expected, "it was refused with status " .. r.status)
  elseif why == "timeout" then
    self:absent(req, refused == "tolerated" and "tolerated" or "must", expected, missing[why])
  else
    judge(self, req, false, expected, missing[why])
  end
  c:release()
  return nil
end

function T:judge_observed(req, check, strength)
  local seen = self:observed(check)
  if seen.count == 0 then
    return false
  end
  local judge = self.must
  if strength == "should" then
    judge = self.should
  elseif strength == "tolerated" then
    judge = self.tolerated
  elseif strength ~= nil and strength ~= "must" then
    error("strength must be 'must', 'should' or 'tolerated'", 2)
  end
  judge(self, req, seen.violations == 0, seen.text,
    seen.violations .. " of " .. seen.count .. " did not; first " .. seen.first)
  return true
end

local ends = { close = true, fin = true, rst = true, timeout = true }

-- The next event of this kind and payload and true, or the event that ended the
-- wait and false. What nobody asked for is passed over (F11).
function L:receive(kind, payload, opts)
  opts = opts or {}
  known(opts, "timeout")
  while true do
    local event = self:next({ timeout = opts.timeout })
    if event.kind == kind and event.payload == payload then
      return event, true
    elseif ends[event.kind] then
      return event, false
    end
  end
end

-- True when `text` is like `pattern`, in which '*' stands for any octets. Each
-- part is looked for once, behind the one before: a long text costs no more.
local function is_like(text, pattern)
  local parts = {}
  for part in (pattern .. "*"):gmatch("([^*]*)%*") do
    parts[#parts + 1] = part
  end
  local first, last = parts[1], parts[#parts]
  if #parts == 1 then
    return text == pattern
  elseif text:sub(1, #first) ~= first then
    return false
  end
  local at = #first + 1
  for i = 2, #parts - 1 do
    local _, stop = text:find(parts[i], at, true)
    if not stop then
      return false
    end
    at = stop + 1
  end
  return #text - #last + 1 >= at and text:sub(#text - #last + 1) == last
end

-- True when the event says that `t.message` was delivered.
function T:is_answer(event)
  if event.kind ~= "text" then
    return false
  elseif self.echoes then
    return event.payload == self.message
  end
  return is_like(event.payload, self.target.answer)
end

-- What shows that the server took `t.message`: its echo, or the answer of
-- --script-message.
function T:expect_answer(ws, req)
  if self.echoes then
    return ws:expect_text(self.message, { req = req })
  end
  local expected = "the answer to the message of --script-message"
  local event
  repeat
    event = ws:next()
  until ends[event.kind] or self:is_answer(event)
  if event.kind == "timeout" then
    self:absent(req, "must", expected, "none in time")
  else
    self:must(req, not ends[event.kind], expected, event.kind)
  end
end

-- A command of the testee contract (docs/testee.md).
function L:command(text)
  return self:text("wsspec:do " .. text)
end

-- What came in place of the echo of a large message. Close 1009 is a limit of
-- the peer (10.4), and who has one may end without saying so (7.1.7).
function T:judge_limit(req, event)
  local expected = "the echo, or Close 1009 for a size limit"
  if event.kind == "close" and event.code == 1009 then
    self:note(req, "the message is too big: Close 1009")
  elseif event.kind == "timeout" then
    self:absent(req, "must", expected, "nothing in time")
  elseif event.kind == "close" then
    self:tolerated(req, false, expected, "Close " .. event.code)
  elseif ends[event.kind] then
    self:tolerated(req, false, expected, event.kind)
  else
    self:must(req, false, expected, event.kind)
  end
end

-- What answers a Close: the first Close, the end of TCP, or a timeout. Whatever
-- was under way before it is passed over; a flood ends the case.
function L:reply()
  while true do
    local event = self:next()
    if ends[event.kind] then
      return event
    end
  end
end

-- Such an answer in words.
function T:told_reply(event)
  if event.kind ~= "close" then
    return event.kind
  elseif #event.payload == 0 then
    return "a Close without a body"
  elseif #event.payload == 1 then
    return "a Close with a body of 1 octet"
  end
  return "Close " .. event.code
end

-- Grades what answers a Close that is a protocol error. A fitting code (1005: an
-- empty body) or a bare end passes, an ordinary reply and another legal code are
-- not strict (7.1.7), a code that may not be sent or no answer at all fail.
function T:judge_refusal(req, event, codes)
  local words = table.concat(codes, " or "):gsub("1005", "an empty one")
  local expected = "Close " .. words .. ", or the end"
  local fits = event.kind == "fin" or event.kind == "rst"
  for _, code in ipairs(codes) do
    fits = fits or (event.sendable and event.code == code)
  end
  if event.kind == "timeout" then
    self:absent(req, "must", expected, "no Close, and TCP stays open")
  elseif fits then
    self:must(req, true, expected)
  elseif event.sendable then
    self:tolerated(req, false, expected, self:told_reply(event))
  else
    self:must(req, false, expected, self:told_reply(event))
  end
end

-- F1: a valid opening handshake, on a connection of its own.
local function baseline(t)
  local bytes = t:request()
  local c = t:dial()
  c:send(bytes)
  local r, why = c:response()
  c:release()
  if r and r.status == 101 then
    return
  end
  t:skip("the valid handshake beside the case got " .. (r and "status " .. r.status or "no answer: " .. missing[why]))
end

set_runner(function(run, t)
  local with_baseline, needs_echo, of_autobahn, needs_tls, needs_answer, spared, missing_command = t:preconditions()
  if spared then
    t:skip(spared)
  end
  if needs_answer and not t.echoes and not t.answers then
    t:skip("the peer does not echo messages, and no --script-message stands in")
  end
  if needs_tls and not t.target.secure then
    t:skip("the connection is not over TLS")
  end
  if missing_command and not t.commands then
    t:skip("needs --commands, for 'wsspec:do " .. missing_command .. "'")
  elseif missing_command then
    t:skip("the server does not implement 'wsspec:do " .. missing_command .. "'")
  end
  if needs_echo and not t.echoes then
    t:skip("the peer does not echo messages")
  end
  if with_baseline then
    baseline(t)
  end
  if of_autobahn then
    t:run_autobahn(run)
  else
    run(t)
  end
  if with_baseline then
    baseline(t)
  end
end)
