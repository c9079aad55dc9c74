-- sanity.lua: what frames a campaign. Minimal: TCP connects and a valid opening
-- request gets a 101. Whatever else is wrong with that 101 is for a case.

local function handshake(t)
  local ws = t:open()
  t:fact("agent", ws.handshake:get("Server") or "")
  return ws
end

local function is_data(event)
  return event.kind == "text" or event.kind == "binary"
end

local function ended(event)
  return event.kind == "timeout" or event.kind == "fin" or event.kind == "rst"
end

-- Messages that come before we sent any are greetings (F11). The fence bounds
-- the wait: a greeting is sent at once or it does not disturb. A peer that never
-- stops sending is stopped by the engine's bound on what nobody asked for.
local function listen(t, ws)
  local greets = false
  repeat
    local event = ws:next({ fence = true, timeout = 1 })
    greets = greets or is_data(event)
  until event.kind == "fence" or ended(event)
  t:fact("greets", greets)
end

-- "No echo in any form": not one message came in answer to a text and a binary
-- message. A wrong echo is an echo, and fails where it is judged. But 7.4.1
-- lets a peer "that understands only text data" answer the binary message with
-- Close 1003: what comes behind the first echo tells.
local function data_came(t, ws)
  local first
  repeat
    local event = ws:next()
    if is_data(event) and first then
      return true
    elseif is_data(event) then
      first = event.kind
    elseif event.kind == "close" and event.code == 1003 then
      t:fact("text_only", first == "text")
    end
  until ended(event)
  return first ~= nil
end

-- A peer that does not even answer a ping is late with everything: it gets more
-- time before it is taken for one that does not echo.
local function echoes(t, ws)
  local payload = "wsspec " .. t.nonce .. " is there an echo?"
  ws:text(payload)
  ws:binary(payload)
  return data_came(t, ws) or (not ws:alive() and data_came(t, ws))
end

-- Which commands of the testee contract it implements. A server that echoes the
-- question implements none; so does one that says nothing.
local function commands(t, ws)
  local question = "wsspec:do list"
  ws:text(question)
  local event
  repeat
    event = ws:next {}
  until event.kind == "text" or event.kind == "close" or ended(event)
  local answered = event.kind == "text" and event.payload ~= question
  t:fact("commands", answered and event.payload or "")
end

-- Whether the message of --script-message is answered as it says.
local function answers(t)
  local ws = t:open()
  ws:text(t.message)
  local event
  repeat
    event = ws:next()
  until t:is_answer(event) or event.kind == "close" or ended(event)
  t:fact("answers", event.kind == "text")
end

case {
  id = "sanity.first",
  title = "TCP connects and a valid opening request gets a 101",
  requirements = {},
  info = true,
  run = function(t)
    local ws = handshake(t)
    listen(t, ws)
    if t.commands then
      commands(t, ws)
    end
    if t.echo == "auto" then
      t:fact("echoes", echoes(t, ws))
    else
      t:fact("echoes", t.echo == "yes")
    end
    if t.target.request and not t.echoes then
      answers(t)
    end
    ws:finish()
    t:sane()
  end,
}

case {
  id = "sanity.last",
  title = "TCP still connects and a valid opening request still gets a 101",
  requirements = {},
  info = true,
  run = function(t)
    handshake(t):finish()
    t:sane()
  end,
}
