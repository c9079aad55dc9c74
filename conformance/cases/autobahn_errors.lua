-- Autobahn's groups 3 and 4: reserved bits and reserved opcodes.
--
-- Autobahn sends the offence right behind a valid message and marks a server
-- down that fails the connection before it echoes; which of them it reads first
-- is for TCP to say. Here the echo is waited for.

local RSV = "6455-5.2-04"
local OPCODE = "6455-5.2-06"
local HELLO = "Hello, world!"
local OCTETS = hex("00 FF FE FD FC FB 00 FF")

local function alone(id, title, req, send, raw_close)
  case {
    id = "autobahn." .. id,
    title = title,
    requirements = { req },
    autobahn = { id },
    tags = { "autobahn" },
    run = function(t)
      local ws = t:open_autobahn { ending = "failed", raw_close = raw_close }
      send(ws)
      -- Both readings of a Close end the connection.
      ws:expect_failed(1002, {
        probe = not raw_close,
        ordinary_close = raw_close and "tolerated" or nil,
      })
    end,
  }
end

-- `style`: nil, one write; "sync", a write each frame; "octets", each octet.
local function behind_message(id, title, req, offend, style)
  case {
    id = "autobahn." .. id,
    title = title,
    requirements = { req, "6455-5.2-08" },
    autobahn = { id },
    needs = { "echo" },
    tags = { "autobahn" },
    run = function(t)
      local ws = t:open_autobahn {
        events = { { "text", HELLO } },
        non_strict = {},
        ending = "failed",
      }
      local chop = style == "octets" and 1 or 0
      ws:cork():text(HELLO):flush(chop)
      ws:expect_text(HELLO, { req = "6455-5.2-08" })
      if style ~= "sync" then
        ws:cork()
      end
      offend(ws)
      ws:ping("")
      if style ~= "sync" then
        ws:flush(chop)
      end
      ws:expect_failed(1002, { req = req })
    end,
  }
end

alone("3.1", "Text with RSV3 set fails the connection", RSV, function(ws)
  ws:text(HELLO, { rsv = 1 })
end)

for _, row in ipairs {
  { rsv = 2, name = "RSV2" },
  { rsv = 3, name = "RSV2 and RSV3", style = "sync" },
  { rsv = 4, name = "RSV1", style = "octets" },
} do
  behind_message("3." .. row.rsv, "Text with " .. row.name
    .. " set fails the connection behind a message, too", RSV, function(ws)
    ws:text(HELLO, { rsv = row.rsv })
  end, row.style)
end

alone("3.5", "Binary with RSV1 and RSV3 set fails the connection", RSV,
  function(ws)
    ws:binary(OCTETS, { rsv = 5 })
  end)

alone("3.6", "Binary with RSV1 and RSV2 set fails the connection", RSV,
  function(ws)
    ws:binary(HELLO, { rsv = 6 })
  end)

alone("3.7", "A Close with all reserved bits set fails the connection", RSV,
  function(ws)
    ws:close(nil, nil, { rsv = 7 })
  end, true)

for group, first in ipairs { 0x3, 0xB } do
  local function id(number)
    return "4." .. group .. "." .. number
  end
  local function title(opcode, words)
    return ("A frame with opcode %X%s fails the connection"):format(opcode,
      words)
  end
  for number, payload in ipairs { "", "reserved opcode payload" } do
    local opcode = first + number - 1
    alone(id(number), title(opcode, payload == "" and ", empty," or ""), OPCODE,
      function(ws)
        ws:frame { opcode = opcode, payload = payload }
      end)
  end
  for number, payload in ipairs { "", HELLO, HELLO } do
    local opcode = first + number + 1
    behind_message(id(number + 2), title(opcode, " behind a message"), OPCODE,
      function(ws)
        ws:frame { opcode = opcode, payload = payload }
      end, number == 3 and "octets" or nil)
  end
end
