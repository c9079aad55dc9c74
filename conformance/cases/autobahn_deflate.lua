-- Autobahn's groups 12 and 13: messages of all sizes under permessage-deflate,
-- compressed with the window that is agreed, and their echoes, one by one.
--
-- Autobahn sends a thousand of each from five files. Here the octets are made,
-- as compressible as those, and there are as many messages as fill the largest
-- window twice at least; --full: a thousand, where that is more.

local DELIVERED = "7692-6.2-01"
local WINDOW = "7692-7.2.1-15"
local TAKEOVER = "7692-7.2.1-11"

-- Others keep the peer busy meanwhile.
local PATIENT = { timeout = 60 }

-- How long what is made is before it begins again: twice the largest window.
local RING = 65536

-- As many as move 256 KiB, eight at least; but no more than a thousand, unless
-- the ring takes more.
local function count_of(length, full)
  local most = math.max(1000, -(-RING // length))
  return full and most or math.max(8, math.min(most, 262144 // length))
end

local function words(t, count)
  local list = {}
  for i = 1, count do
    local word = t.rng:text(t.rng:int(2, 11)):gsub("[^a-z]", "e")
    list[i] = word
  end
  return list
end

local function filled(make)
  local parts, length = {}, 0
  while length < RING do
    local part = make()
    parts[#parts + 1] = part
    length = length + #part
  end
  return table.concat(parts)
end

local function json_like(t)
  local names = words(t, 24)
  local number = 0
  return filled(function()
    number = number + 1
    return ('   {\n      "case": %d,\n      "name": "%s",\n      "tags": ["%s"'
      .. ', "%s"],\n      "value": %d,\n      "valid": true\n   },\n'):format(
        number, names[t.rng:int(1, 24)], names[t.rng:int(1, 24)],
        names[t.rng:int(1, 24)], t.rng:int(0, 99))
  end)
end

local function html_like(t)
  local names = words(t, 24)
  names[1], names[2], names[3] = "gr\u{F6}\u{DF}e", "\u{20AC} 20", "\u{1D11E}"
  return filled(function()
    local name = names[t.rng:int(1, 24)]
    return ('<tr class="row">\n  <td class="cell"><a href="#%s">%s</a></td>\n'
      .. '  <td class="cell number">%d</td>\n</tr>\n'):format(name, name,
        t.rng:int(0, 999))
  end)
end

local function prose_like(t)
  local vocabulary = words(t, 1500)
  return filled(function()
    return vocabulary[t.rng:int(1, 1500)] .. " "
  end)
end

-- Samples of 7 bits in octets.
local function bitmap_like(t)
  local even = {}
  for octet = 0, 255 do
    even[string.char(octet)] = string.char(octet & 0xFE)
  end
  return (t.rng:bytes(RING):gsub(".", even))
end

-- Streams that are compressed already, between objects that are text.
local function pdf_like(t)
  local number = 0
  return filled(function()
    number = number + 1
    return number .. " 0 obj\n<< /Type /XObject /Subtype /Image /Width 16 "
      .. "/Height 16 /BitsPerComponent 8 /ColorSpace /DeviceRGB /Filter "
      .. "/FlateDecode /Length 768 >>\nstream\n" .. t.rng:bytes(768)
      .. "\nendstream\nendobj\n"
  end)
end

-- Goes round what was made: the next `length` characters with each call.
local function reader(ring, length, is_text)
  local data = ring:rep(length // #ring + 2)
  local at = 1
  return function()
    local behind = is_text and utf8.offset(data, length + 1, at)
      or at + length
    local part = data:sub(at, behind - 1)
    at = (behind - 1) % #ring + 1
    return part
  end
end

-- Cuts what the message became, not the message (7692 6).
local function send(ws, kind, payload, size)
  if size == 0 then
    ws[kind](ws, payload, { deflate = true })
    return
  end
  local octets = ws:deflated(payload)
  ws:cork()
  ws[kind](ws, octets:sub(1, size), { rsv = 4, fin = size >= #octets })
  for at = size + 1, #octets, size do
    ws:continuation(octets:sub(at, at + size - 1), {
      fin = at + size > #octets,
    })
  end
  ws:flush()
end

local function next_data(ws)
  local event = ws:next(PATIENT)
  while event.kind == "ping" or event.kind == "pong" do
    event = ws:next(PATIENT)
  end
  return event
end

-- What matches went back: farthest, and behind the beginning of a message.
local function judge_window(t, ws, distance, reach)
  local agreed = ws.deflate
  if agreed.server_max_window_bits < 15 then
    t:must(WINDOW, distance <= 1 << agreed.server_max_window_bits,
      "matches within " .. (1 << agreed.server_max_window_bits) .. " octets",
      "one of " .. distance)
  end
  if agreed.server_no_context_takeover then
    t:must(TAKEOVER, reach == 0, "matches within the message",
      "one that goes " .. reach .. " octets behind it")
  end
end

local function exchange(t, ws, kind, data, row)
  local read = reader(data, row.length, kind == "text")
  local count = count_of(row.length, t.full)
  local distance, reach = 0, 0
  for i = 1, count do
    local payload = read()
    send(ws, kind, payload, row.fragment)
    local event = next_data(ws)
    if event.kind ~= kind or event.payload ~= payload then
      t:must(DELIVERED, false, "the echo of each message", "message " .. i
        .. " of " .. count .. ": " .. (event.inflate_error or event.kind),
        event.kind == "timeout")
      return
    end
    distance = math.max(distance, event.distance)
    reach = math.max(reach, event.reach)
  end
  t:must(DELIVERED, true, "the echo of each of " .. count .. " messages")
  judge_window(t, ws, distance, reach)
  t:say_autobahn("OK")
end

local rows = {
  { 16 }, { 64 }, { 256 }, { 1024 }, { 4096 }, { 8192 }, { 16384 }, { 32768 },
  { 65536 }, { 131072 }, { 8192, 256 }, { 16384, 256 }, { 32768, 256 },
  { 65536, 256 }, { 131072, 256 }, { 131072, 1024 }, { 131072, 4096 },
  { 131072, 32768 },
}

local function counterparts(group, words_of_data, kind, make, offer)
  for number, entry in ipairs(rows) do
    local row = { length = entry[1], fragment = entry[2] or 0 }
    local id = group .. "." .. number
    case {
      id = "autobahn." .. id,
      title = words_of_data .. " in messages of " .. row.length
        .. (kind == "text" and " characters" or " octets")
        .. (entry[2] and ", in fragments of " .. entry[2] .. "," or "")
        .. " is echoed",
      requirements = { DELIVERED, WINDOW, TAKEOVER },
      autobahn = { id },
      needs = { "echo" },
      tags = { "autobahn", "slow" },
      weight = row.length > RING and 8 or row.length > 4096 and 4 or 1,
      run = function(t)
        local ws = t:open_autobahn({ direct = true }, { extensions = offer },
          PATIENT)
        exchange(t, ws, kind, make(t), row)
      end,
    }
  end
end

local function offered(parameters)
  return "permessage-deflate; client_no_context_takeover; "
    .. "client_max_window_bits" .. parameters
end

local plain = offered("")
counterparts("12.1", "Text like JSON", "text", json_like, plain)
counterparts("12.2", "Data like a bitmap", "binary", bitmap_like, plain)
counterparts("12.3", "Data like prose", "binary", prose_like, plain)
counterparts("12.4", "Text like HTML", "text", html_like, plain)
counterparts("12.5", "Data like a PDF", "binary", pdf_like, plain)

local NO_TAKEOVER = "; server_no_context_takeover"
local BITS = "; server_max_window_bits="
for number, row in ipairs {
  { "without a wish", plain },
  { "without context takeover", offered(NO_TAKEOVER) },
  { "in a window of 9 bits", offered(BITS .. 9) },
  { "in a window of 15 bits", offered(BITS .. 15) },
  { "in 9 bits, without context takeover", offered(NO_TAKEOVER .. BITS .. 9) },
  {
    "in 15 bits, without context takeover",
    offered(NO_TAKEOVER .. BITS .. 15),
  },
  {
    "by the first of three offers",
    offered(NO_TAKEOVER .. BITS .. 9) .. ", " .. offered(NO_TAKEOVER) .. ", "
      .. plain,
  },
} do
  counterparts("13." .. number, "Text like JSON " .. row[1], "text", json_like,
    row[2])
end
