-- The head of an opening request, as it may be written and as it may arrive:
-- fields in general, Origin, segments, and requests that are none. RFC 6455,
-- 4.2, 8.1, 10.2, 10.7. What the request has to say is in handshake.lua.

local ERROR = "an HTTP error status"
local ANY_END = "an HTTP error status or the end of the connection"

-- A MUST about a response; one that did not come in time rests on absence.
local function must(t, req, cond, expected, r, why)
  local late = why == "timeout"
  return t:must(req, cond and not late, expected, t:told(r, why), late)
end

-- A masked frame with a payload below 126 octets, for what has to share a
-- write with the request.
local function frame(first, payload)
  local key = hex("37 FA 21 3D")
  local masked = payload:gsub("()(.)", function(at, octet)
    return string.char(octet:byte() ~ key:byte((at - 1) % 4 + 1))
  end)
  return string.char(first, 0x80 | #payload) .. key .. masked
end

local function finish(ws)
  if ws then
    ws:finish()
  end
end

-- Fields in general ----------------------------------------------------------

case {
  id = "handshake.field-name-letter-case",
  title = "The letter case of field names does not matter",
  requirements = { "6455-4.2.1-21" },
  run = function(t)
    local req = "6455-4.2.1-21"
    for _, names in ipairs { "lower", "upper" } do
      t:variant(names, function()
        finish(t:accepts(req, { names = names }))
      end)
    end
    t:variant("mixed", function()
      local request = t:request {}
      request = request:gsub("Sec%-WebSocket%-", "sEC-wEBsOCKET-")
      request = request:gsub("\r\nUpgrade:", "\r\nuPGRADE:")
      finish(t:accepts(req, request))
    end)
  end,
}

case {
  id = "handshake.field-order",
  title = "The order of the fields does not matter",
  requirements = { "6455-4.2.1-20" },
  run = function(t)
    finish(t:accepts("6455-4.2.1-20", { order = "reverse" }))
  end,
}

case {
  id = "handshake.unknown-fields",
  title = "Unknown fields are ignored",
  requirements = { "6455-4.2.1-19" },
  run = function(t)
    local req = "6455-4.2.1-19"
    for _, field in ipairs {
      { "X-Foo", "bar" }, { "Sec-WebSocket-Bogus", "1" },
    } do
      t:variant(field[1], function()
        finish(t:accepts(req, { add = { field } }))
      end)
    end
    t:variant("a cookie of 2 KiB", function()
      local cookie = { "Cookie", "wsspec=" .. ("c"):rep(2048) }
      local r, why = t:ask { add = { cookie } }
      local ended = not r and why ~= "timeout"
      if r and r.status == 431 then
        t:note(req, "431: the server limits its request head to less")
      elseif ended then
        -- A limit too, though HTTP has a status for it (RFC 6585 5).
        t:tolerated(req, false, "status 101 or 431", t:told(r, why))
      else
        must(t, req, r and r.status == 101, "status 101", r, why)
      end
    end)
  end,
}

case {
  id = "handshake.field-not-utf8",
  title = "What the server says to a field value that is not UTF-8",
  requirements = { "6455-8.1-03" },
  info = true,
  run = function(t)
    local r, why = t:ask { add = { { "X-Foo", "\xFF\xFE" } } }
    t:note("6455-8.1-03", t:told(r, why))
  end,
}

-- Origin ---------------------------------------------------------------------

local function from(origin)
  return { drop = { "Origin" }, add = origin and { { "Origin", origin } } }
end

case {
  id = "handshake.no-origin",
  title = "What the server says to a request without Origin",
  requirements = { "6455-4.2.1-16" },
  info = true,
  run = function(t)
    local r, why = t:ask(from(nil))
    t:note("6455-4.2.1-16", t:told(r, why))
  end,
}

case {
  id = "handshake.foreign-origin",
  title = "An origin that is refused gets 403, not an open connection",
  requirements = { "6455-4.2.2-07", "6455-4.2.2-06", "6455-10.2-02" },
  baseline = true,
  run = function(t)
    local req = "6455-4.2.2-07"
    local r, why, c = t:ask(from("http://evil.invalid"))
    if not r then
      local expected = "101, or an HTTP error status"
      if why == "timeout" then
        must(t, req, false, expected, r, why)
      else
        t:tolerated(req, false, expected, t:told(r, why))
      end
      return
    end
    t:note("6455-4.2.2-06", t:told(r))
    if r.status ~= 101 then
      t:must(req, r.status >= 300, ERROR, t:told(r))
      t:should("6455-10.2-02", r.status == 403, "status 403", t:told(r))
      return
    end
    c:upgrade()
    local event = c:next { fence = true, timeout = t.timeout }
    local closed = event.kind == "close" and event.code == 1008
    t:tolerated(req, not closed, "refused before the 101, or accepted",
      "101, then Close 1008")
    c:finish()
  end,
}

-- Segments -------------------------------------------------------------------

case {
  id = "handshake.octet-by-octet",
  title = "A request that comes octet by octet is a request",
  requirements = { "6455-4.2.1-22", "6455-4.2.2-26" },
  tags = { "slow" },
  run = function(t)
    local c = t:dial()
    for octet in t:request({}):gmatch(".") do
      c:send(octet)
      t:pause(0.005)
    end
    local r, why = c:response()
    if r then
      t:must("6455-4.2.2-26", r.head:find("^HTTP/"),
        "nothing before the response", r.head:sub(1, 16))
    end
    if r and r.status == 408 then
      t:note("6455-4.2.1-22", "408: the server limits the time of a request")
    elseif r or why == "timeout" then
      must(t, "6455-4.2.1-22", r and r.status == 101, "status 101", r, why)
    else
      t:tolerated("6455-4.2.1-22", false, "status 101", t:told(r, why))
    end
  end,
}

-- Sends a request and a frame in one write, looks for what answers it and for
-- the health of the connection behind it. 4.1 makes a client wait for the
-- response, so a server that loses the frame is only not strict.
local function early(t, octets, wait, answered)
  local req = "6455-4.2.1-22"
  local r, why, c = t:ask(t:request {} .. octets)
  if not r or r.status ~= 101 then
    t:tolerated(req, false, "101, then the frame is served", t:told(r, why))
    return
  end
  c:upgrade()
  local event
  repeat
    event = c:next(wait)
  until answered(event) or event.kind == "fence" or event.kind == "timeout"
    or event.kind == "close" or event.kind == "fin" or event.kind == "rst"
  if answered(event) then
    t:tolerated(req, true, "the frame is served")
  else
    t:absent(req, "tolerated", "the frame is served", event.kind)
  end
  if event.kind == "timeout" or event.kind == "fence" or answered(event) then
    if c:alive() then
      t:must(req, true, "a connection that works")
    else
      t:absent(req, "must", "a connection that works", "no pong")
    end
    c:finish()
  end
end

case {
  id = "handshake.ping-in-same-segment",
  title = "A ping in the segment of the request is answered after the 101",
  requirements = { "6455-4.2.1-22" },
  run = function(t)
    local wait = { fence = true, timeout = t.timeout }
    early(t, frame(0x89, t.nonce), wait, function(event)
      return event.kind == "pong" and event.payload == t.nonce
    end)
  end,
}

case {
  id = "handshake.text-in-same-segment",
  title = "A message in the segment of the request is served after the 101",
  requirements = { "6455-4.2.1-22" },
  needs = { "answer" },
  run = function(t)
    local wait = { timeout = t.timeout }
    early(t, frame(0x81, t.message), wait, function(event)
      return t:is_answer(event)
    end)
  end,
}

-- Hostile requests -----------------------------------------------------------

-- A 101 is recorded: RFC 9112 lets a recipient be lenient in most of these.
local function reacts(t, request)
  local r, why = t:ask(request)
  must(t, "6455-10.7-04", true, ANY_END, r, why)
  if r and r.status == 101 then
    t:note("6455-10.7-04", "accepted with 101")
  end
end

-- Each is complete under any reading of its line ends: who waits for more has
-- not understood that it has ended.
local hostile = {
  { "garbage", function()
    return hex("00 01 02 FF FE 80 81 82") .. "\r\n\r\n"
  end },
  { "words behind the version", function(t)
    return (t:request({}):gsub(" HTTP/1%.1\r\n", " HTTP/1.1 or so\r\n", 1))
  end },
  { "NUL in a value", function(t)
    return t:request { add = { { "X-Foo", "a\0b" } } }
  end },
  { "bare LF", function(t)
    return (t:request({ eol = "\n" }):gsub("\n\n$", "\r\n\r\n"))
  end },
  { "line folding", function(t)
    return t:request { add = { { "X-Foo", "a\r\n b" } } }
  end },
  { "space before a colon", function(t)
    return t:request { add = { { "X-Foo ", "bar" } } }
  end },
  { "a line without a colon", function(t)
    return (t:request({}):gsub("\r\n\r\n$", "\r\nX-Foo\r\n\r\n"))
  end },
}

case {
  id = "handshake.malformed-head",
  title = "A malformed request head is answered or ends the connection",
  requirements = { "6455-10.7-04" },
  baseline = true,
  run = function(t)
    for _, entry in ipairs(hostile) do
      t:variant(entry[1], function()
        reacts(t, entry[2](t))
      end)
    end
  end,
}

case {
  id = "handshake.oversized-head",
  title = "A request head of 64 KiB is answered or ends the connection",
  requirements = { "6455-10.7-04" },
  baseline = true,
  run = function(t)
    local long = ("a"):rep(65536)
    t:variant("request line", function()
      reacts(t, t:request { target = "/" .. long })
    end)
    t:variant("field", function()
      reacts(t, t:request { add = { { "X-Foo", long } } })
    end)
  end,
}
