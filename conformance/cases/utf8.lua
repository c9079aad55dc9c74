-- UTF-8 in text messages: RFC 6455, sections 5.6 and 8.1.
--
-- "When an endpoint is to interpret a byte stream as UTF-8 but finds that the
-- byte stream is not, in fact, a valid UTF-8 stream, that endpoint MUST _Fail
-- the WebSocket Connection_." Nothing says when: failing at the first offending
-- octet and failing at the end of the message both conform.

local VALID = "6455-5.6-05"
local INVALID = "6455-8.1-01"
local KOSME = hex("CE BA E1 BD B9 CF 83 CE BC CE B5")
local GREETING = "Hello-\u{B5}@\u{DF}\u{F6}\u{E4}\u{FC}\u{E0}\u{E1}-UTF-8!!"

local function echo(ws, payload, req)
  ws:text(payload)
  ws:expect_text(payload, { req = req })
end

local function fails(t, send, req)
  local ws = t:open()
  send(ws)
  ws:expect_failed(1007, { offence = "message", req = req })
end

local function fails_as_text(t, payload)
  fails(t, function(ws)
    ws:text(payload)
  end, INVALID)
end

-- One frame for each octet.
local function send_octets(ws, payload)
  ws:text(payload:sub(1, 1), { fin = false })
  for i = 2, #payload - 1 do
    ws:continuation(payload:sub(i, i), { fin = false })
  end
  ws:continuation(payload:sub(-1))
end

-- Sequences that are valid.
local valid_families = {
  {
    slug = "code-points-of-each-length",
    title = "Text of code points of one to four octets arrives intact",
    "68 65 6C 6C 6F 24 77 6F 72 6C 64",
    "68 65 6C 6C 6F C2 A2 77 6F 72 6C 64",
    "68 65 6C 6C 6F E2 82 AC 77 6F 72 6C 64",
    "68 65 6C 6C 6F F0 A4 AD A2 77 6F 72 6C 64",
    "CE BA E1 BD B9 CF 83 CE BC CE B5",
  },
  {
    slug = "whole-prefixes",
    title = "Text cut between two code points arrives intact",
    "CE BA",
    "CE BA E1 BD B9",
    "CE BA E1 BD B9 CF 83",
    "CE BA E1 BD B9 CF 83 CE BC",
    "CE BA E1 BD B9 CF 83 CE BC CE B5",
  },
  {
    slug = "first-of-each-length",
    title = "The first code point of each encoded length is valid text",
    "00",
    "C2 80",
    "E0 A0 80",
    "F0 90 80 80",
  },
  {
    slug = "last-of-each-length",
    title = "The last code point of each encoded length is valid text",
    "7F",
    "DF BF",
    "EF BF BF",
    "F4 8F BF BF",
  },
  {
    slug = "around-surrogates",
    title = "Code points beside the surrogates and the last one are valid text",
    "ED 9F BF",
    "EE 80 80",
    "EF BF BD",
    "F4 8F BF BF",
  },
  {
    slug = "noncharacters",
    title = "Noncharacters of every plane are valid text",
    "EF BF BE", "EF BF BF",
    "F0 9F BF BE", "F0 9F BF BF",
    "F0 AF BF BE", "F0 AF BF BF",
    "F0 BF BF BE", "F0 BF BF BF",
    "F1 8F BF BE", "F1 8F BF BF",
    "F1 9F BF BE", "F1 9F BF BF",
    "F1 AF BF BE", "F1 AF BF BF",
    "F1 BF BF BE", "F1 BF BF BF",
    "F2 8F BF BE", "F2 8F BF BF",
    "F2 9F BF BE", "F2 9F BF BF",
    "F2 AF BF BE", "F2 AF BF BF",
    "F2 BF BF BE", "F2 BF BF BF",
    "F3 8F BF BE", "F3 8F BF BF",
    "F3 9F BF BE", "F3 9F BF BF",
    "F3 AF BF BE", "F3 AF BF BF",
    "F3 BF BF BE", "F3 BF BF BF",
    "F4 8F BF BE", "F4 8F BF BF",
  },
  {
    slug = "specials",
    title = "Interlinear annotations and replacement characters are valid text",
    "EF BF B9", "EF BF BA",
    "EF BF BB", "EF BF BC",
    "EF BF BD", "EF BF BE",
    "EF BF BF",
  },
}

-- Sequences that are not UTF-8.
local invalid_families = {
  {
    slug = "cut-prefixes",
    title = "Text that ends within a code point fails the connection",
    "CE",
    "CE BA E1",
    "CE BA E1 BD",
    "CE BA E1 BD B9 CF",
    "CE BA E1 BD B9 CF 83 CE",
    "CE BA E1 BD B9 CF 83 CE BC CE",
  },
  {
    slug = "first-of-five-and-six-octets",
    title = "The first sequences of five and six octets fail the connection",
    "F8 88 80 80 80",
    "FC 84 80 80 80 80",
  },
  {
    slug = "last-of-four-to-six-octets",
    title = "The last sequences of four to six octets fail the connection",
    "F7 BF BF BF",
    "FB BF BF BF BF",
    "FD BF BF BF BF BF",
  },
  {
    slug = "above-10ffff",
    title = "Code points above U+10FFFF fail the connection",
    "F4 90 80 80",
    "F4 BF BF BF",
    "F5 80 80 80",
  },
  {
    slug = "lone-continuations",
    title = "Continuation octets without a first octet fail the connection",
    "80",
    "BF",
    "80 BF",
    "80 BF 80",
    "80 BF 80 BF",
    "80 BF 80 BF 80",
    "80 BF 80 BF 80 BF",
    "80 81 82 83 84 85 86 87 88 89 8A 8B 8C 8D 8E 8F"
      .. "90 91 92 93 94 95 96 97 98 99 9A 9B 9C 9D 9E 9F"
      .. "A0 A1 A2 A3 A4 A5 A6 A7 A8 A9 AA AB AC AD AE AF"
      .. "B0 B1 B2 B3 B4 B5 B6 B7 B8 B9 BA BB BC BD BE",
  },
  {
    slug = "lone-first-octets",
    title = "First octets followed by a space fail the connection",
    "C0 20 C1 20 C2 20 C3 20 C4 20 C5 20 C6 20 C7 20"
      .. "C8 20 C9 20 CA 20 CB 20 CC 20 CD 20 CE 20 CF 20"
      .. "D0 20 D1 20 D2 20 D3 20 D4 20 D5 20 D6 20 D7 20"
      .. "D8 20 D9 20 DA 20 DB 20 DC 20 DD 20 DE 20",
    "E0 20 E1 20 E2 20 E3 20 E4 20 E5 20 E6 20 E7 20"
      .. "E8 20 E9 20 EA 20 EB 20 EC 20 ED 20 EE 20",
    "F0 20 F1 20 F2 20 F3 20 F4 20 F5 20 F6 20",
    "F8 20 F9 20 FA 20",
    "FC 20",
    "C2 20",
    "DF 20",
    "EF 20",
    "F4 20",
  },
  {
    slug = "last-octet-missing",
    title = "Sequences whose last octet is missing fail the connection",
    "C0",
    "E0 80",
    "F0 80 80",
    "F8 80 80 80",
    "FC 80 80 80 80",
    "DF",
    "EF BF",
    "F7 BF BF",
    "FB BF BF BF",
    "FD BF BF BF BF",
    "F4 8F BF",
  },
  {
    slug = "incomplete-sequences",
    title = "Incomplete sequences in a row fail the connection",
    "C0 E0 80 F0 80 80 F8 80 80 80 FC 80 80 80 80"
      .. "DF EF BF F7 BF BF FB BF BF BF FD BF BF BF BF",
  },
  {
    slug = "impossible-octets",
    title = "Octets that never occur in UTF-8 fail the connection",
    "FE",
    "FF",
    "FE FE FF FF",
  },
  {
    slug = "overlong-slash",
    title = "Overlong encodings of the slash fail the connection",
    "C0 AF",
    "E0 80 AF",
    "F0 80 80 AF",
    "F8 80 80 80 AF",
    "FC 80 80 80 80 AF",
  },
  {
    slug = "overlong-maximum",
    title = "The highest overlong encoding of each length fails the connection",
    "C1 BF",
    "E0 9F BF",
    "F0 8F BF BF",
    "F8 87 BF BF BF",
    "FC 83 BF BF BF BF",
  },
  {
    slug = "overlong-nul",
    title = "Overlong encodings of U+0000 fail the connection",
    "C0 80",
    "E0 80 80",
    "F0 80 80 80",
    "F8 80 80 80 80",
    "FC 80 80 80 80 80",
  },
  {
    slug = "surrogates",
    title = "Surrogate code points fail the connection",
    "ED A0 80",
    "ED AD BF",
    "ED AE 80",
    "ED AF BF",
    "ED B0 80",
    "ED BE 80",
    "ED BF BF",
  },
  {
    slug = "surrogate-pairs",
    title = "Pairs of surrogate code points fail the connection",
    "ED A0 80 ED B0 80",
    "ED A0 80 ED BF BF",
    "ED AD BF ED B0 80",
    "ED AD BF ED BF BF",
    "ED AE 80 ED B0 80",
    "ED AE 80 ED BF BF",
    "ED AF BF ED B0 80",
    "ED AF BF ED BF BF",
  },
}

for _, family in ipairs(valid_families) do
  case {
    id = "utf8." .. family.slug,
    title = family.title,
    requirements = { VALID },
    needs = { "echo" },
    since = "1.0",
    run = function(t)
      local ws = t:open()
      for _, row in ipairs(family) do
        -- A sequence that the peer refused must not fail those behind it.
        if not ws:alive() then
          ws = t:open()
        end
        t:variant(row, echo, ws, hex(row), VALID)
      end
      ws:finish()
    end,
  }
end

for _, family in ipairs(invalid_families) do
  case {
    id = "utf8." .. family.slug,
    title = family.title,
    requirements = { INVALID },
    since = "1.0",
    run = function(t)
      for _, row in ipairs(family) do
        t:variant(row, fails_as_text, t, hex(row))
      end
    end,
  }
end

case {
  id = "utf8.empty",
  title = "Empty text, in one frame or in three, arrives as empty text",
  requirements = { "6455-5.2-22", VALID },
  needs = { "echo" },
  since = "1.0",
  run = function(t)
    local ws = t:open()
    echo(ws, "", "6455-5.2-22")
    ws:text("", { fin = false }):continuation("", { fin = false })
    ws:continuation("")
    ws:expect_text("", { req = "6455-5.2-22" })
    ws:text("", { fin = false })
    ws:continuation("middle " .. t.nonce, { fin = false }):continuation("")
    ws:expect_text("middle " .. t.nonce, { req = VALID })
    ws:finish()
  end,
}

case {
  id = "utf8.fragmented",
  title = "Text may be cut into fragments anywhere, also within a code point",
  requirements = { "6455-5.6-03" },
  needs = { "echo" },
  since = "1.0",
  run = function(t)
    local ws = t:open()
    echo(ws, GREETING)
    ws:text(GREETING:sub(1, 15), { fin = false })
    ws:continuation(GREETING:sub(16))
    ws:expect_text(GREETING)
    local every_length = "a\u{E9}\u{20AC}\u{1D11E}\u{10FFFF}"
    for _, text in ipairs { GREETING, KOSME, every_length } do
      send_octets(ws, text)
      ws:expect_text(text)
    end
    ws:finish()
  end,
}

case {
  id = "utf8.split-code-point",
  title = "A code point survives empty fragments and a ping in its middle",
  requirements = { "6455-5.6-03" },
  needs = { "echo" },
  since = "1.0",
  run = function(t)
    local ws = t:open()
    ws:text("\xC3", { fin = false }):ping("p"):continuation("", { fin = false })
    ws:continuation("\xA9")
    ws:expect_pong("p")
    ws:expect_text("\u{E9}")
    ws:finish()
  end,
}

case {
  id = "utf8.broken-code-point",
  title = "A code point that the next fragment breaks fails the connection",
  requirements = { INVALID },
  since = "1.0",
  run = function(t)
    t:variant("broken by the last fragment", fails, t, function(ws)
      ws:text("\xC3", { fin = false }):ping("p")
      ws:continuation("", { fin = false }):continuation("(")
    end)
    t:variant("broken by an empty last fragment", fails, t, function(ws)
      ws:text("\xC3", { fin = false }):continuation("")
    end)
    t:variant("overlong across fragments", fails, t, function(ws)
      ws:text("\xE0", { fin = false }):continuation("\x80\xAF")
    end)
    t:variant("surrogate across fragments", fails, t, function(ws)
      ws:text("\xED", { fin = false }):continuation("\xA0\x80")
    end)
    t:variant("above U+10FFFF across fragments", fails, t, function(ws)
      ws:text("\xF4", { fin = false }):continuation("\x90\x80\x80")
    end)
  end,
}

case {
  id = "utf8.invalid-in-text",
  title = "A surrogate amid valid text fails the connection",
  requirements = { INVALID },
  since = "1.0",
  run = function(t)
    local text = KOSME .. hex("ED A0 80") .. "edited"
    t:variant("one frame", fails_as_text, t, text)
    t:variant("a frame for each octet", fails, t, function(ws)
      ws:cork()
      send_octets(ws, text)
      ws:flush()
    end)
  end,
}

local function ended(event)
  return event.kind == "close" or event.kind == "fin" or event.kind == "rst"
end

-- Waits a second for the peer to fail a message that is not finished yet.
local function failed_early(ws)
  local event = ws:next { timeout = 1 }
  while not ended(event) and event.kind ~= "timeout" do
    event = ws:next { timeout = 1 }
  end
  return ended(event), event
end

local function invalid_before_the_end(t, send, finish)
  local ws = t:open()
  send(ws)
  local early, event = failed_early(ws)
  if early then
    t:note("6455-8.1-02", "fails at the offending octet")
    t:must(INVALID, true, "the connection fails")
    t:should("6455-7.4.1-07",
      event.code == nil or event.code == 1007 or event.code == 1005,
      "status code 1007", "status code " .. tostring(event.code))
  else
    t:note("6455-8.1-02", "fails at the end of the message")
    finish(ws)
    ws:expect_failed(1007, { offence = "message" })
  end
end

case {
  id = "utf8.before-the-end",
  title = "Invalid octets fail the connection at once or with the message",
  requirements = { INVALID, "6455-8.1-02", "6455-7.4.1-07" },
  tags = { "slow" },
  since = "1.0",
  run = function(t)
    t:variant("a fragment ends behind them", invalid_before_the_end, t,
      function(ws)
        ws:text(KOSME, { fin = false })
        ws:continuation(hex("F4 90 80 80"), { fin = false })
      end,
      function(ws)
        ws:continuation("edited")
      end)
    t:variant("a fragment ends at the offending octet",
      invalid_before_the_end, t,
      function(ws)
        ws:text(KOSME .. "\xF4", { fin = false })
        ws:continuation("\x90", { fin = false })
      end,
      function(ws)
        ws:continuation("\x80\x80edited")
      end)
    t:variant("the frame goes on behind them", invalid_before_the_end, t,
      function(ws)
        ws:text(KOSME .. hex("F4 90 80 80"), {
          fin = false,
          length = 21,
          key = hex("00 00 00 00"),
        })
      end,
      function(ws)
        ws:send("edited"):continuation("")
      end)
    t:variant("the frame goes on behind the offending octet",
      invalid_before_the_end, t,
      function(ws)
        ws:text(KOSME .. hex("F4 90"), {
          fin = false,
          length = 21,
          key = hex("00 00 00 00"),
        })
      end,
      function(ws)
        ws:send(hex("80 80") .. "edited"):continuation("")
      end)
  end,
}

case {
  id = "utf8.ends-within-code-point",
  title = "A code point does not continue in the next message",
  requirements = { INVALID },
  since = "1.0",
  run = function(t)
    t:variant("the next message holds the rest", fails, t, function(ws)
      ws:cork():text("\xC3"):text("\xA9"):flush()
    end)
    t:variant("the next message is valid", fails, t, function(ws)
      ws:cork():text("\xE2\x82"):text("valid " .. t.nonce):flush()
    end)
  end,
}

case {
  id = "utf8.tail-of-any-length",
  title = "An invalid octet is found behind or before any number of others",
  requirements = { INVALID },
  since = "1.0",
  weight = 2,
  run = function(t)
    -- Whatever the width at which vector code changes over to its tail.
    for n = 0, 130 do
      t:variant(n .. " ASCII octets, then FF", fails_as_text, t,
        ("a"):rep(n) .. "\xFF")
    end
    for _, n in ipairs { 1, 15, 31, 63, 130 } do
      t:variant("FF, then " .. n .. " ASCII octets", fails_as_text, t,
        "\xFF" .. ("a"):rep(n))
    end
    for _, n in ipairs { 14, 30, 62, 126 } do
      t:variant(n .. " ASCII octets, then E2 82", fails_as_text, t,
        ("a"):rep(n) .. "\xE2\x82")
    end
  end,
}

case {
  id = "utf8.straddling-offsets",
  title = "A code point may lie across any offset of a payload",
  requirements = { "6455-5.6-03" },
  needs = { "echo" },
  since = "1.0",
  weight = 2,
  run = function(t)
    local ws = t:open()
    for _, offset in ipairs { 16, 32, 64, 126, 1024, 4096, 65536 } do
      t:variant("two octets across " .. offset, echo, ws,
        ("a"):rep(offset - 1) .. "\u{E9}" .. t.nonce, "6455-5.6-03")
      for before = 1, 3 do
        t:variant(before .. " of four octets before " .. offset, echo, ws,
          ("a"):rep(offset - before) .. "\u{1D11E}" .. t.nonce, "6455-5.6-03")
      end
    end
    ws:finish()
  end,
}

case {
  id = "utf8.across-segments",
  title = "A code point may lie across TCP segments",
  requirements = { "6455-6.2-01" },
  needs = { "echo" },
  since = "1.0",
  run = function(t)
    local ws = t:open()
    local text = ("a\u{E9}\u{20AC}\u{1D11E}"):rep(11) .. t.nonce
    for _, n in ipairs { 1, 2, 3, 7 } do
      t:variant("segments of " .. n, function()
        ws:cork():text(text .. n):flush(n)
        ws:expect_text(text .. n)
      end)
    end
    ws:finish()
  end,
}

case {
  id = "utf8.byte-order-mark",
  title = "U+FEFF at the start of a text message is part of the text",
  requirements = { VALID },
  needs = { "echo" },
  since = "1.0",
  run = function(t)
    local ws = t:open()
    echo(ws, "\u{FEFF}" .. t.nonce, VALID)
    echo(ws, "\u{FEFF}", VALID)
    ws:finish()
  end,
}

case {
  id = "utf8.binary-is-not-text",
  title = "Binary messages are not checked for UTF-8",
  requirements = { "6455-8.1-04" },
  needs = { "echo" },
  since = "1.0",
  run = function(t)
    local ws = t:open()
    echo(ws, "valid \u{E9} " .. t.nonce)
    local payload = hex("FF FE") .. t.nonce
    ws:binary(payload)
    ws:expect_binary(payload)
    ws:ping(hex("FF FE"))
    ws:expect_pong(hex("FF FE"))
    echo(ws, "valid again \u{E9} " .. t.nonce)
    ws:finish()
  end,
}

case {
  id = "utf8.ping-is-not-text",
  title = "Ping payloads are not checked for UTF-8",
  requirements = { "6455-8.1-04" },
  since = "1.0",
  run = function(t)
    local ws = t:open()
    for _, payload in ipairs { "FF FE", "C3", "ED A0 80", "00 FF FE FD 00 FF" }
    do
      t:variant(payload, function()
        ws:ping(hex(payload))
        ws:expect_pong(hex(payload))
      end)
    end
    -- Within a text message, whose own octets must still be put together.
    ws:text("\xC3", { fin = false }):ping(hex("80 80"))
    ws:expect_pong(hex("80 80"))
    ws:continuation("\xA9")
    ws:ping("after")
    ws:expect_pong("after")
    ws:finish()
  end,
}

case {
  id = "utf8.failure-code",
  title = "Invalid text is reported as 1007 when a code is sent",
  requirements = { "6455-7.4.1-07" },
  since = "1.0",
  run = function(t)
    for _, payload in ipairs { "FF", "C0 80", "ED A0 80", "E2 82" } do
      t:variant(payload, fails, t, function(ws)
        ws:text(hex(payload))
      end, "6455-7.4.1-07")
    end
  end,
}
