-- Payload length: RFC 6455, section 5.2.
--
-- "Note that in all cases, the minimal number of bytes MUST be used to encode
-- the length": a MUST for who sends. That who receives must refuse another form
-- follows from 10.7 alone, so that reading it is non-strict.

local LENGTH_SIZES = {
  ["6455-5.2-08"] = { 0, 1, 125 },
  ["6455-5.2-09"] = { 126, 127, 128, 255, 256, 32767, 32768, 65535 },
}

local KEY = hex("37 FA 21 3D")
local FORM_16 = "6455-5.2-13"
local FORM_64 = "6455-5.2-14"

-- A MUST about an event; a timeout is an absence, which is asked for again.
local function must(t, req, cond, expected, got)
  return t:must(req, cond, expected, got, got == "timeout")
end

local function echo_sizes(t, req)
  local ws = t:open()
  for _, size in ipairs(LENGTH_SIZES[req]) do
    local text = t.rng:text(size)
    ws:text(text)
    ws:expect_text(text, { req = req })
    local binary = t.rng:bytes(size)
    ws:binary(binary)
    ws:expect_binary(binary, { req = req })
  end
  ws:finish()
end

case {
  id = "length.seven-bit",
  title = "Messages of 0 to 125 octets announce their length in 7 bits",
  requirements = { "6455-5.2-08" },
  needs = { "echo" },
  since = "1.0",
  run = function(t)
    echo_sizes(t, "6455-5.2-08")
  end,
}

case {
  id = "length.sixteen-bit",
  title = "Messages of 126 to 65535 octets announce their length in 16 bits",
  requirements = { "6455-5.2-09" },
  needs = { "echo" },
  since = "1.0",
  run = function(t)
    echo_sizes(t, "6455-5.2-09")
  end,
}

local function echo_or_too_big(t, kind, size, timeout)
  local req = "6455-5.2-10"
  local ws = t:open()
  local payload = kind == "text" and t.rng:text(size) or t.rng:bytes(size)
  ws[kind](ws, payload)
  local event, echoed = ws:receive(kind, payload, { timeout = timeout })
  if echoed then
    t:must(req, true, "the echo of " .. size .. " octets")
    ws:finish()
  else
    t:judge_limit(req, event)
  end
end

case {
  id = "length.sixty-four-bit",
  title = "Messages of more than 65535 octets announce their length in 64 bits",
  requirements = { "6455-5.2-10" },
  needs = { "echo" },
  since = "1.0",
  weight = 2,
  run = function(t)
    for _, size in ipairs { 65536, 65537 } do
      t:variant("text of " .. size, echo_or_too_big, t, "text", size)
      t:variant("binary of " .. size, echo_or_too_big, t, "binary", size)
    end
  end,
}

case {
  id = "length.megabytes",
  title = "A message of 16 MiB is echoed, or refused as too big",
  requirements = { "6455-5.2-10" },
  needs = { "echo" },
  tags = { "slow" },
  since = "1.0",
  weight = 8,
  run = function(t)
    local MIB = 1048576
    local unit = t.rng:text(4096)
    local function echo(kind, size)
      local ws = t:open()
      local payload = unit:rep(size // #unit)
      ws[kind](ws, payload)
      local event, echoed = ws:receive(kind, payload, { timeout = 60 })
      if echoed then
        t:must("6455-5.2-10", true, "the echo of the message")
        ws:finish()
      else
        t:judge_limit("6455-5.2-10", event)
      end
    end
    t:variant("binary of 4 MiB", echo, "binary", 4 * MIB)
    t:variant("text of 16 MiB", echo, "text", 16 * MIB)
  end,
}

case {
  id = "length.payload-only",
  title = "The length counts the payload alone, so that frames stay in step",
  requirements = { "6455-5.2-15", "6455-5.3-06" },
  since = "1.0",
  run = function(t)
    -- A payload that looks like frames would be read as such by a peer that
    -- takes a wrong number of octets for the header or the key.
    local decoy = hex("89 81 00 00 00 00 78"):rep(17)
    local ws = t:open()
    ws:cork():pong(decoy):ping("first"):pong(decoy):flush()
    ws:ping("second")
    ws:expect_pong("second", { req = "6455-5.2-15" })
    ws:cork():pong(""):pong("1"):pong(decoy):ping("third"):flush()
    ws:expect_pong("third", { req = "6455-5.3-06" })
    ws:finish()
  end,
}

local function overlong(t, req, send)
  local ws = t:open()
  send(ws)
  ws:expect_failed(1002, { req = req, accepted = "tolerated" })
end

case {
  id = "length.overlong-16-bit",
  title = "A 16-bit length below 126 is not processed as a frame",
  requirements = { FORM_16 },
  since = "1.0",
  run = function(t)
    for _, size in ipairs { 0, 5, 125 } do
      t:variant("text of " .. size, overlong, t, FORM_16, function(ws)
        ws:text(t.rng:text(size), { form = 16 })
      end)
    end
    t:variant("binary of 125", overlong, t, FORM_16, function(ws)
      ws:binary(t.rng:bytes(125), { form = 16 })
    end)
    for _, size in ipairs { 0, 5, 125 } do
      t:variant("ping of " .. size, overlong, t, FORM_16, function(ws)
        ws:ping(t.rng:text(size), { form = 16 })
      end)
    end
    t:variant("continuation of 5", overlong, t, FORM_16, function(ws)
      ws:text("frag", { fin = false }):continuation("ments", { form = 16 })
    end)
  end,
}

case {
  id = "length.overlong-64-bit",
  title = "A 64-bit length below 65536 is not processed as a frame",
  requirements = { FORM_64 },
  since = "1.0",
  run = function(t)
    t:variant("text of 5", overlong, t, FORM_64, function(ws)
      ws:text("Hello", { form = 64 })
    end)
    for _, size in ipairs { 0, 126, 65535 } do
      t:variant("binary of " .. size, overlong, t, FORM_64, function(ws)
        ws:binary(t.rng:bytes(size), { form = 64 })
      end)
    end
    t:variant("ping of 5", overlong, t, FORM_64, function(ws)
      ws:ping("Hello", { form = 64 })
    end)
  end,
}

-- A peer that takes the frame has to take all of it: a message that was cut, or
-- a ping behind it that was not found, shows that it is out of step.
local function in_step(t, req, form, size)
  local payload = t.nonce .. ("x"):rep(size - #t.nonce)
  local ws = t:open()
  ws:cork():binary(payload, { form = form }):ping("C"):flush()
  local echoed, answered
  repeat
    local event = ws:next { timeout = t.timeout }
    local ended = event.kind == "close" or event.kind == "fin"
      or event.kind == "rst"
    if ended then
      t:must(req, true, "the frame is refused, or read right")
      return
    elseif event.kind == "timeout" then
      t:absent(req, "tolerated", "the frame is refused, or read right",
        "nothing more came")
      return
    elseif event.kind == "pong" then
      answered = answered or event.payload == "C"
    elseif event.payload and event.payload:find(t.nonce:sub(1, 8), 1, true)
    then
      echoed = true
      t:must(req, event.payload == payload, "the message as it was sent",
        #event.payload .. " octets of " .. size)
    end
  until echoed and answered
  ws:finish()
end

case {
  id = "length.overlong-in-step",
  title = "A frame whose length is not minimal is refused, or read right",
  requirements = { FORM_16, FORM_64 },
  needs = { "echo" },
  since = "1.0",
  run = function(t)
    for _, size in ipairs { 12, 125 } do
      t:variant(size .. " in 16 bits", in_step, t, FORM_16, 16, size)
    end
    for _, size in ipairs { 12, 126, 65535 } do
      t:variant(size .. " in 64 bits", in_step, t, FORM_64, 64, size)
    end
  end,
}

case {
  id = "length.top-bit",
  title = "A 64-bit length whose most significant bit is set is refused",
  requirements = { "6455-5.2-11" },
  since = "1.0",
  run = function(t)
    local body = KEY .. hex("7F 9F 4D 51 58")
    local function announced(length)
      local ws = t:open()
      ws:send(hex("82 FF") .. hex(length) .. body)
      ws:expect_failed({ 1002, 1009 }, { req = "6455-5.2-11" })
    end
    t:variant("2^63 + 5", announced, "80 00 00 00 00 00 00 05")
    t:variant("2^64 - 1", announced, "FF FF FF FF FF FF FF FF")
    t:variant("2^64 - 5", announced, "FF FF FF FF FF FF FF FB")
  end,
}

case {
  id = "length.huge",
  title = "A frame announced with 2^62 octets is refused or patiently awaited",
  requirements = { "6455-10.4-01" },
  since = "1.0",
  weight = 2,
  run = function(t)
    local function announced(opening, length)
      local ws = t:open()
      ws:send(hex(opening) .. hex(length) .. KEY)
      ws:send(KEY:rep(16384)) -- 64 KiB of U+0000, masked
      ws:expect_failed({ 1009, 1002, 1008 }, { patient = true, probe = false })
      -- The octets may bring the whole peer down, not only this connection.
      local after = t:open()
      must(t, "6455-10.4-01", after:alive(),
        "the peer serves a new connection afterwards", "timeout")
      after:finish()
    end
    t:variant("binary of 2^62", announced, "82 FF", "40 00 00 00 00 00 00 00")
    t:variant("text of 2^63 - 1", announced, "81 FF", "7F FF FF FF FF FF FF FF")
    t:variant("fragment of 2^62", announced, "02 FF", "40 00 00 00 00 00 00 00")
  end,
}

local function form_of_echo(t, size, form)
  local ws = t:open()
  local payload = t.rng:bytes(size)
  ws:binary(payload)
  local event, echoed = ws:receive("binary", payload)
  local too_big = event.kind == "close" and event.code == 1009
  if must(t, "6455-5.6-01", echoed or too_big, "the echo", event.kind)
    and echoed then
    -- The lengths of fragments are the peer's choice; `observed.length-minimal`
    -- watches their forms.
    t:must("6455-5.2-12", event.frames > 1 or event.form == form,
      form .. "-bit length for " .. size .. " octets",
      tostring(event.form) .. "-bit length")
    ws:finish()
  end
end

case {
  id = "length.sender-minimal-echo",
  title = "A peer announces the length of its messages in the fewest octets",
  requirements = { "6455-5.2-12", "6455-5.6-01" },
  needs = { "echo" },
  since = "1.0",
  run = function(t)
    t:variant("0 octets", form_of_echo, t, 0, 7)
    t:variant("125 octets", form_of_echo, t, 125, 7)
    t:variant("126 octets", form_of_echo, t, 126, 16)
    t:variant("65535 octets", form_of_echo, t, 65535, 16)
    t:variant("65536 octets", form_of_echo, t, 65536, 64)
  end,
}

case {
  id = "length.sender-minimal-pong",
  title = "A peer announces the length of its pongs in 7 bits",
  requirements = { "6455-5.2-12", "6455-5.5.2-03" },
  since = "1.0",
  run = function(t)
    local ws = t:open()
    for _, size in ipairs { 0, 1, 124, 125 } do
      local payload = t.rng:bytes(size)
      ws:ping(payload)
      local event, answered = ws:receive("pong", payload)
      if must(t, "6455-5.5.2-03", answered, "a pong of " .. size .. " octets",
        event.kind) then
        t:must("6455-5.2-12", event.form == 7, "7-bit length",
          tostring(event.form) .. "-bit length")
      end
    end
    ws:finish()
  end,
}
