-- Autobahn's groups 1 and 10: messages of every length form, whole, in segments
-- and in fragments.

local function requirement_of(length)
  return length < 126 and "6455-5.2-08"
    or length < 65536 and "6455-5.2-09"
    or "6455-5.2-10"
end

local rows = {
  { 0 }, { 125 }, { 126 }, { 127 }, { 128 }, { 65535 }, { 65536 },
  { 65536, 997 },
}

for group, kind in ipairs { "text", "binary" } do
  for number, row in ipairs(rows) do
    local length, chop = row[1], row[2]
    local id = "1." .. group .. "." .. number
    local req = requirement_of(length)
    case {
      id = "autobahn." .. id,
      title = "A " .. kind .. " message of " .. length .. " octets"
        .. (chop and " in segments of " .. chop or "") .. " is echoed",
      requirements = { req },
      autobahn = { id },
      needs = { "echo" },
      tags = { "autobahn" },
      run = function(t)
        local payload = (kind == "text" and "*" or "\xFE"):rep(length)
        local ws = t:open_autobahn { events = { { kind, payload } } }
        ws:cork()
        ws[kind](ws, payload):flush(chop)
        ws["expect_" .. kind](ws, payload, { req = req })
      end,
    }
  end
end

case {
  id = "autobahn.10.1.1",
  title = "A text message of 65536 octets in fragments of 1300 is echoed",
  requirements = { "6455-5.4-02" },
  autobahn = { "10.1.1" },
  needs = { "echo" },
  tags = { "autobahn" },
  run = function(t)
    local payload = ("*"):rep(65536)
    local ws = t:open_autobahn { events = { { "text", payload } } }
    ws:cork():text(payload:sub(1, 1300), { fin = false })
    for at = 1301, #payload, 1300 do
      local fin = at + 1300 > #payload
      ws:continuation(payload:sub(at, at + 1299), { fin = fin })
    end
    ws:flush()
    ws:expect_text(payload)
  end,
}
