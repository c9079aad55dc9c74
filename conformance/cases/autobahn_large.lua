-- Autobahn's group 9: large messages and many messages. Autobahn compares type
-- and length of an echo; here its octets count.

local SIZE = "6455-5.2-10"
local FRAGMENTS = "6455-5.4-02"
local KIB, MIB = 1024, 1048576
local TEXT, BINARY = "BAsd7&jh23", hex("00 FE 23 FA F0")
local PATIENT = { timeout = 100 } -- others keep the peer busy meanwhile

-- `weight`: of the octets that are in memory at once.
local function counterpart(id, row)
  case {
    id = "autobahn." .. id,
    title = row.title,
    requirements = { row.req },
    autobahn = { id },
    needs = { "echo" },
    tags = { "autobahn", "slow" },
    weight = row.weight,
    run = row.run,
  }
end

local function weight_of(size)
  return math.max(1, math.min(16, 2 * size // MIB))
end

local function filled(unit, size)
  return unit:rep(size // #unit + 1):sub(1, size)
end

-- The echo, or what the peer has instead: limits are its own (10.4), on octets
-- (1009) as on fragments (1008), and who has one may end without saying so.
local function judge_echo(t, req, ws, kind, payload)
  local event = ws:next(PATIENT)
  while event.kind == "ping" or event.kind == "pong" do
    event = ws:next(PATIENT)
  end
  if event.kind == kind then
    local same = event.payload == payload
    t:must(req, same, "the echo of " .. #payload .. " octets",
      #event.payload .. " octets" .. (same and "" or ", which differ"))
  elseif event.code == 1008 or event.code == 1009 then
    t:skip("a limit of the peer: Close " .. event.code)
  else
    t:judge_limit(req, event)
  end
end

local function size_name(size)
  return size < MIB and size // KIB .. " KiB" or size // MIB .. " MiB"
end

for group, kind in ipairs { "text", "binary" } do
  local unit = kind == "text" and TEXT or BINARY
  for number, size in ipairs { 64 * KIB, 256 * KIB, MIB, 4 * MIB, 8 * MIB,
    16 * MIB } do
    counterpart("9." .. group .. "." .. number, {
      title = "A " .. kind .. " message of " .. size_name(size) .. " is echoed",
      req = SIZE,
      weight = weight_of(size),
      run = function(t)
        local ws = t:open_autobahn({ events = { { kind, size } } }, nil,
          PATIENT)
        local payload = filled(unit, size)
        ws[kind](ws, payload)
        judge_echo(t, SIZE, ws, kind, payload)
      end,
    })
  end
end

-- Autobahn's message ends with an empty fragment wherever its length is a
-- multiple of the fragments'.
local function send_fragments(ws, kind, payload, size)
  ws:cork()
  ws[kind](ws, payload:sub(1, size), { fin = size >= #payload })
  for at = size + 1, #payload, size do
    ws:continuation(payload:sub(at, at + size - 1), { fin = false })
  end
  if size < #payload then
    ws:continuation("")
  end
  ws:flush()
end

for group, kind in ipairs { "text", "binary" } do
  for number, size in ipairs { 64, 256, KIB, 4 * KIB, 16 * KIB, 64 * KIB,
    256 * KIB, MIB, 4 * MIB } do
    local octet = kind == "binary" and number == 1 and "\xFE" or "*"
    counterpart("9." .. 2 + group .. "." .. number, {
      title = "A " .. kind .. " message of 4 MiB in fragments of " .. size
        .. " is echoed",
      req = FRAGMENTS,
      weight = weight_of(4 * MIB),
      run = function(t)
        local ws = t:open_autobahn({ events = { { kind, 4 * MIB } } }, nil,
          PATIENT)
        local payload = octet:rep(4 * MIB)
        send_fragments(ws, kind, payload, size)
        judge_echo(t, FRAGMENTS, ws, kind, payload)
      end,
    })
  end
  for number, size in ipairs { 64, 128, 256, 512, 1024, 2048 } do
    counterpart("9." .. 4 + group .. "." .. number, {
      title = "A " .. kind .. " message of 1 MiB in segments of " .. size
        .. " is echoed",
      req = SIZE,
      weight = weight_of(MIB),
      run = function(t)
        local ws = t:open_autobahn({ events = { { kind, MIB } } }, nil, PATIENT)
        local payload = filled(kind == "text" and TEXT or BINARY, MIB)
        ws:cork()
        ws[kind](ws, payload):flush(size)
        judge_echo(t, SIZE, ws, kind, payload)
      end,
    })
  end
  for number, size in ipairs { 0, 16, 64, 256, 1024, 4096 } do
    counterpart("9." .. 6 + group .. "." .. number, {
      title = "1000 " .. kind .. " messages of " .. size
        .. " octets are echoed, one by one",
      req = "6455-6.2-05",
      run = function(t)
        local ws = t:open_autobahn({
          events = { { kind, size } },
          times = 1000,
        }, nil, PATIENT)
        local payload = (kind == "text" and "*" or "\xFE"):rep(size)
        for i = 1, 1000 do
          ws[kind](ws, payload)
          local event, echoed = ws:receive(kind, payload, PATIENT)
          if not echoed then
            t:must("6455-6.2-05", false, "the echo of each message",
              "message " .. i .. ": " .. event.kind, event.kind == "timeout")
            return
          end
        end
        t:must("6455-6.2-05", true, "the echo of each message")
      end,
    })
  end
end
