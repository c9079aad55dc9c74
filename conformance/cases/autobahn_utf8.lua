-- Autobahn's group 6: UTF-8 in text messages.

local VALID = "6455-5.6-05"
local INVALID = "6455-8.1-01"
local CUT = "6455-5.6-03"
local GREETING = "Hello-\u{B5}@\u{DF}\u{F6}\u{E4}\u{FC}\u{E0}\u{E1}-UTF-8!!"
local KOSME = hex("CE BA E1 BD B9 CF 83 CE BC CE B5")
local SURROGATE = KOSME .. hex("ED A0 80") .. "edited"
local MORE = { fin = false }

local function counterpart(id, row)
  case {
    id = "autobahn." .. id,
    title = row.title,
    requirements = row.reqs,
    autobahn = { id },
    needs = row.echo and { "echo" } or nil,
    tags = { "autobahn" },
    run = row.run,
  }
end

-- The parts as frames of one message, in one write.
local function send_parts(ws, parts)
  ws:cork()
  ws:text(parts[1], { fin = #parts == 1 })
  for i = 2, #parts do
    ws:continuation(parts[i], { fin = i == #parts })
  end
  ws:flush()
end

local function octets_of(text)
  local octets = {}
  for i = 1, #text do
    octets[i] = text:sub(i, i)
  end
  return octets
end

local function echoed(id, title, req, parts)
  counterpart(id, {
    title = title,
    reqs = { req },
    echo = true,
    run = function(t)
      local text = table.concat(parts)
      local ws = t:open_autobahn { events = { { "text", text } } }
      send_parts(ws, parts)
      ws:expect_text(text)
    end,
  })
end

local function refused(id, title, parts)
  counterpart(id, {
    title = title,
    reqs = { INVALID },
    run = function(t)
      local ws = t:open_autobahn { ending = "invalid" }
      send_parts(ws, parts)
      ws:expect_failed(1007, { offence = "message" })
    end,
  })
end

echoed("6.1.1", "Empty text is echoed", "6455-5.2-22", { "" })
echoed("6.1.2", "Empty text in three fragments is echoed", "6455-5.2-22",
  { "", "", "" })
echoed("6.1.3", "Text between two empty fragments is echoed", "6455-5.2-22",
  { "", "middle frame payload", "" })
echoed("6.2.1", "Text with code points of two octets is echoed", VALID,
  { GREETING })
echoed("6.2.2", "Text in two fragments is echoed", CUT,
  { GREETING:sub(1, 15), GREETING:sub(16) })
echoed("6.2.3", "Text with a fragment for each octet is echoed", CUT,
  octets_of(GREETING))
echoed("6.2.4", "Greek text with a fragment for each octet is echoed", CUT,
  octets_of(KOSME))
refused("6.3.1", "A surrogate amid valid text fails the connection",
  { SURROGATE })
refused("6.3.2", "A surrogate fails the connection, with a fragment an octet",
  octets_of(SURROGATE))

-- Group 6.4: octets that no valid text can have, before the message is
-- complete.

local function ended(event)
  return event.kind == "close" or event.kind == "fin" or event.kind == "rst"
end

-- Lets Autobahn's second go by. True when the peer has ended the connection.
local function wait(t, ws, mark)
  local event = ws:next { timeout = 1 }
  while not ended(event) and event.kind ~= "timeout" do
    event = ws:next { timeout = 1 }
  end
  if not ended(event) then
    t:mark_autobahn(mark)
  end
  return ended(event), event
end

local function judge_early(t, event)
  t:must(INVALID, true, "the connection fails")
  t:should("6455-7.4.1-07",
    event.code == nil or event.code == 1007 or event.code == 1005,
    "status code 1007", "status code " .. tostring(event.code))
end

-- One frame header announces 21 octets, and they come one part after another.
local function whole_frame(parts)
  return {
    function(ws)
      ws:text(parts[1], {
        fin = false,
        length = 21,
        key = hex("00 00 00 00"),
      })
    end,
    function(ws)
      ws:send(parts[2])
    end,
    function(ws)
      ws:send(parts[3]):continuation("")
    end,
  }
end

local function frames(parts)
  return {
    function(ws)
      ws:text(parts[1], MORE)
    end,
    function(ws)
      ws:continuation(parts[2], MORE)
    end,
    function(ws)
      ws:continuation(parts[3])
    end,
  }
end

local at_once = { KOSME, hex("F4 90 80 80"), "edited" }
local by_octet = { KOSME .. "\xF4", "\x90", "\x80\x80edited" }

for number, row in ipairs {
  { "in a fragment", frames(at_once) },
  { "in a fragment, octet by octet,", frames(by_octet) },
  { "in a frame that goes on", whole_frame(at_once) },
  { "in a frame that goes on, octet by octet,", whole_frame(by_octet) },
} do
  local words, steps = table.unpack(row)
  counterpart("6.4." .. number, {
    title = "A code point above U+10FFFF " .. words
      .. " fails the connection, early or late",
    reqs = { INVALID, VALID, "6455-8.1-02", "6455-7.4.1-07" },
    run = function(t)
      local ws = t:open_autobahn {
        events = { { "mark", "A" } },
        non_strict = { { "mark", "A" }, { "mark", "B" } },
        ending = "invalid",
      }
      steps[1](ws)
      local early, event = wait(t, ws, "A")
      t:must(VALID, not early, "nothing yet: what came is valid", event.kind)
      if early then
        return
      end
      steps[2](ws)
      early, event = wait(t, ws, "B")
      if early then
        t:note("6455-8.1-02", "fails at the offending octet")
        judge_early(t, event)
      else
        t:note("6455-8.1-02", "fails at the end of the message")
        steps[3](ws)
        ws:expect_failed(1007, { offence = "message" })
      end
    end,
  })
end

-- Groups 6.5 to 6.23: one frame of text each.

local families = {
  [5] = {
    title = "code points of one to four octets",
    { VALID, "68 65 6C 6C 6F 24 77 6F 72 6C 64" },
    { VALID, "68 65 6C 6C 6F C2 A2 77 6F 72 6C 64" },
    { VALID, "68 65 6C 6C 6F E2 82 AC 77 6F 72 6C 64" },
    { VALID, "68 65 6C 6C 6F F0 A4 AD A2 77 6F 72 6C 64" },
    { VALID, "CE BA E1 BD B9 CF 83 CE BC CE B5" },
  },
  [6] = {
    title = "a prefix of a Greek word",
    { INVALID, "CE" }, { VALID, "CE BA" }, { INVALID, "CE BA E1" },
    { INVALID, "CE BA E1 BD" }, { VALID, "CE BA E1 BD B9" },
    { INVALID, "CE BA E1 BD B9 CF" }, { VALID, "CE BA E1 BD B9 CF 83" },
    { INVALID, "CE BA E1 BD B9 CF 83 CE" },
    { VALID, "CE BA E1 BD B9 CF 83 CE BC" },
    { INVALID, "CE BA E1 BD B9 CF 83 CE BC CE" },
    { VALID, "CE BA E1 BD B9 CF 83 CE BC CE B5" },
  },
  [7] = {
    title = "the first code point of a length",
    { VALID, "00" }, { VALID, "C2 80" }, { VALID, "E0 A0 80" },
    { VALID, "F0 90 80 80" },
  },
  [8] = {
    title = "the first sequence of five and six octets",
    { INVALID, "F8 88 80 80 80" }, { INVALID, "FC 84 80 80 80 80" },
  },
  [9] = {
    title = "the last code point of a length",
    { VALID, "7F" }, { VALID, "DF BF" }, { VALID, "EF BF BF" },
    { VALID, "F4 8F BF BF" },
  },
  [10] = {
    title = "the last sequence of four to six octets",
    { INVALID, "F7 BF BF BF" }, { INVALID, "FB BF BF BF BF" },
    { INVALID, "FD BF BF BF BF BF" },
  },
  [11] = {
    title = "a code point at the border of what is allowed",
    { VALID, "ED 9F BF" }, { VALID, "EE 80 80" }, { VALID, "EF BF BD" },
    { VALID, "F4 8F BF BF" }, { INVALID, "F4 90 80 80" },
  },
  [12] = {
    title = "continuation octets alone",
    { INVALID, "80" }, { INVALID, "BF" }, { INVALID, "80 BF" },
    { INVALID, "80 BF 80" }, { INVALID, "80 BF 80 BF" },
    { INVALID, "80 BF 80 BF 80" }, { INVALID, "80 BF 80 BF 80 BF" },
    {
      INVALID,
      "80 81 82 83 84 85 86 87 88 89 8A 8B 8C 8D 8E 8F 90 91 92 93 "
        .. "94 95 96 97 98 99 9A 9B 9C 9D 9E 9F A0 A1 A2 A3 A4 A5 A6 A7 "
        .. "A8 A9 AA AB AC AD AE AF B0 B1 B2 B3 B4 B5 B6 B7 B8 B9 BA BB "
        .. "BC BD BE",
    },
  },
  [13] = {
    title = "first octets followed by a space",
    {
      INVALID,
      "C0 20 C1 20 C2 20 C3 20 C4 20 C5 20 C6 20 C7 20 C8 20 C9 20 "
        .. "CA 20 CB 20 CC 20 CD 20 CE 20 CF 20 D0 20 D1 20 D2 20 D3 20 "
        .. "D4 20 D5 20 D6 20 D7 20 D8 20 D9 20 DA 20 DB 20 DC 20 DD 20 "
        .. "DE 20",
    },
    {
      INVALID,
      "E0 20 E1 20 E2 20 E3 20 E4 20 E5 20 E6 20 E7 20 E8 20 E9 20 "
        .. "EA 20 EB 20 EC 20 ED 20 EE 20",
    },
    { INVALID, "F0 20 F1 20 F2 20 F3 20 F4 20 F5 20 F6 20" },
    { INVALID, "F8 20 F9 20 FA 20" }, { INVALID, "FC 20" },
  },
  [14] = {
    title = "a sequence without its last octet",
    { INVALID, "C0" }, { INVALID, "E0 80" }, { INVALID, "F0 80 80" },
    { INVALID, "F8 80 80 80" }, { INVALID, "FC 80 80 80 80" },
    { INVALID, "DF" }, { INVALID, "EF BF" }, { INVALID, "F7 BF BF" },
    { INVALID, "FB BF BF BF" }, { INVALID, "FD BF BF BF BF" },
  },
  [15] = {
    title = "sequences without their last octets",
    {
      INVALID,
      "C0 E0 80 F0 80 80 F8 80 80 80 FC 80 80 80 80 DF EF BF F7 BF "
        .. "BF FB BF BF BF FD BF BF BF BF",
    },
  },
  [16] = {
    title = "octets that are never in UTF-8",
    { INVALID, "FE" }, { INVALID, "FF" }, { INVALID, "FE FE FF FF" },
  },
  [17] = {
    title = "an overlong slash",
    { INVALID, "C0 AF" }, { INVALID, "E0 80 AF" }, { INVALID, "F0 80 80 AF" },
    { INVALID, "F8 80 80 80 AF" }, { INVALID, "FC 80 80 80 80 AF" },
  },
  [18] = {
    title = "the largest overlong sequence of a length",
    { INVALID, "C1 BF" }, { INVALID, "E0 9F BF" }, { INVALID, "F0 8F BF BF" },
    { INVALID, "F8 87 BF BF BF" }, { INVALID, "FC 83 BF BF BF BF" },
  },
  [19] = {
    title = "an overlong NUL",
    { INVALID, "C0 80" }, { INVALID, "E0 80 80" }, { INVALID, "F0 80 80 80" },
    { INVALID, "F8 80 80 80 80" }, { INVALID, "FC 80 80 80 80 80" },
  },
  [20] = {
    title = "a single surrogate",
    { INVALID, "ED A0 80" }, { INVALID, "ED AD BF" }, { INVALID, "ED AE 80" },
    { INVALID, "ED AF BF" }, { INVALID, "ED B0 80" }, { INVALID, "ED BE 80" },
    { INVALID, "ED BF BF" },
  },
  [21] = {
    title = "a pair of surrogates",
    { INVALID, "ED A0 80 ED B0 80" }, { INVALID, "ED A0 80 ED BF BF" },
    { INVALID, "ED AD BF ED B0 80" }, { INVALID, "ED AD BF ED BF BF" },
    { INVALID, "ED AE 80 ED B0 80" }, { INVALID, "ED AE 80 ED BF BF" },
    { INVALID, "ED AF BF ED B0 80" }, { INVALID, "ED AF BF ED BF BF" },
  },
  [22] = {
    title = "a noncharacter",
    { VALID, "EF BF BE" }, { VALID, "EF BF BF" }, { VALID, "F0 9F BF BE" },
    { VALID, "F0 9F BF BF" }, { VALID, "F0 AF BF BE" },
    { VALID, "F0 AF BF BF" }, { VALID, "F0 BF BF BE" },
    { VALID, "F0 BF BF BF" }, { VALID, "F1 8F BF BE" },
    { VALID, "F1 8F BF BF" }, { VALID, "F1 9F BF BE" },
    { VALID, "F1 9F BF BF" }, { VALID, "F1 AF BF BE" },
    { VALID, "F1 AF BF BF" }, { VALID, "F1 BF BF BE" },
    { VALID, "F1 BF BF BF" }, { VALID, "F2 8F BF BE" },
    { VALID, "F2 8F BF BF" }, { VALID, "F2 9F BF BE" },
    { VALID, "F2 9F BF BF" }, { VALID, "F2 AF BF BE" },
    { VALID, "F2 AF BF BF" }, { VALID, "F2 BF BF BE" },
    { VALID, "F2 BF BF BF" }, { VALID, "F3 8F BF BE" },
    { VALID, "F3 8F BF BF" }, { VALID, "F3 9F BF BE" },
    { VALID, "F3 9F BF BF" }, { VALID, "F3 AF BF BE" },
    { VALID, "F3 AF BF BF" }, { VALID, "F3 BF BF BE" },
    { VALID, "F3 BF BF BF" }, { VALID, "F4 8F BF BE" },
    { VALID, "F4 8F BF BF" },
  },
  [23] = {
    title = "a code point of the Specials block",
    { VALID, "EF BF B9" }, { VALID, "EF BF BA" }, { VALID, "EF BF BB" },
    { VALID, "EF BF BC" }, { VALID, "EF BF BD" }, { VALID, "EF BF BE" },
    { VALID, "EF BF BF" },
  },
}

for group = 5, 23 do
  for number, row in ipairs(families[group]) do
    local id = "6." .. group .. "." .. number
    local title = "Text with " .. families[group].title
    if row[1] == VALID then
      echoed(id, title .. " is echoed", VALID, { hex(row[2]) })
    else
      refused(id, title .. " fails the connection", { hex(row[2]) })
    end
  end
end
